//! Rows: what is read can be lifted, and every value of it is accounted for. The bytes are two files, cut at a zero.

use samenhang_conform::csv::{Table, read};
use samenhang_conform::{Charset, Context, shipped};
use samenhang_profiles::Limits;

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
        Table {
            name: "patients",
            text: patients,
        },
        Table {
            name: "observations",
            text: observations,
        },
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
}
