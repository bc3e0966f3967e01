//! HL7 version 2: what is read can be lifted and answered, and every value of it is accounted for.

use samenhang_conform::hl7v2::{Acknowledgement, Header, acknowledge, decode, read};
use samenhang_conform::{Charset, Context, shipped};
use samenhang_profiles::Limits;

pub(crate) fn run(data: &[u8]) {
    let limits = Limits {
        max_nodes: 5_000,
        ..Limits::default()
    };
    let Ok(text) = decode(data, Some(Charset::Latin1)) else {
        return;
    };
    let Ok(source) = read(&text, &limits) else {
        return;
    };
    let Some(pack) = shipped("hl7v2-to-r4") else {
        panic!("the pack is shipped");
    };
    let ledger = pack.lift(&source, &Context::default()).ledger;
    assert_eq!(
        ledger.mapped() + ledger.ignored() + ledger.unmapped(),
        ledger.total(),
        "the ledger balances"
    );
    let Ok(header) = Header::of(&text) else {
        panic!("what is read has a header");
    };
    let answer = acknowledge(&header, Acknowledgement::Error, "1", "2026", Some("SAM-CNF-201"));
    assert!(read(&answer, &limits).is_ok(), "the answer is a message");
}
