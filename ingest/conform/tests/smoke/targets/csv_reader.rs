//! Rows: what is read can be lifted, and every value of it is accounted for; what is cut in parts has each value once, in
//! the same place. The bytes are two files, cut at a zero.

use samenhang_conform::csv::{Table, cut, read};
use samenhang_conform::{Charset, Context, shipped};
use samenhang_profiles::Limits;
use samenhang_profiles::document::Document;

pub(crate) fn run(data: &[u8]) {
    let Ok(text) = Charset::Windows1252.decode(data) else {
        return;
    };
    let limits = Limits {
        max_nodes: 5_000,
        ..Limits::default()
    };
    let (patients, observations) = text.split_once('\0').unwrap_or((&text, ""));
    let tables = [
        Table::new("patients", patients),
        Table::new("observations", observations),
    ];
    let Some(pack) = shipped("csv-example") else {
        panic!("the pack is shipped");
    };
    let Ok(source) = read(&tables, pack.tables(), &limits) else {
        return;
    };
    let ledger = pack.lift(&source, &Context::default()).ledger;
    assert_eq!(
        ledger.mapped() + ledger.ignored() + ledger.unmapped(),
        ledger.total(),
        "the ledger balances"
    );
    let Ok(parts) = cut(&tables, pack.tables(), &limits) else {
        panic!("what can be read can be cut");
    };
    let mut apart = Vec::new();
    for part in &parts {
        let tables: Vec<Table<'_>> = part
            .tables
            .iter()
            .map(|table| Table {
                name: &table.name,
                text: &table.text,
                numbers: &table.numbers,
            })
            .collect();
        let Ok(part) = read(&tables, pack.tables(), &limits) else {
            panic!("a part can be read");
        };
        apart.extend(leaves(&part));
    }
    apart.sort_unstable();
    let mut whole = leaves(&source);
    whole.sort_unstable();
    assert_eq!(apart, whole, "every value is in one part");
}

/// Every value with its place in the files.
fn leaves(source: &Document<'_>) -> Vec<(String, String)> {
    let nodes = (0..source.len()).filter_map(|id| source.node(id));
    let leaf = nodes.filter_map(|node| Some((node.origin()?.to_owned(), node.primitive()?.to_owned())));
    leaf.collect()
}
