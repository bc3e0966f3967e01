//! CDA: what is read can be lifted, and every value of it is accounted for.

use samenhang_conform::{Context, shipped};
use samenhang_profiles::Limits;
use samenhang_profiles::document::Document;

pub(crate) fn run(data: &[u8]) {
    let Ok(text) = samenhang_profiles::xml::decode(data) else {
        return;
    };
    let limits = Limits {
        max_nodes: 5_000,
        ..Limits::default()
    };
    let Ok(source) = Document::from_cda(&text, &limits) else {
        return;
    };
    assert!(source.len() <= limits.max_nodes, "the limit on values holds");
    let Some(pack) = shipped("cda-lab-3.0.0-to-r4") else {
        panic!("the pack is shipped");
    };
    let ledger = pack.lift(&source, &Context::default()).ledger;
    assert_eq!(
        ledger.mapped() + ledger.ignored() + ledger.unmapped(),
        ledger.total(),
        "the ledger balances"
    );
}
