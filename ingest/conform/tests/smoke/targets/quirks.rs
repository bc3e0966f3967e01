//! Quirks: what can be read is put right or left, can be read again, and then has no more to put right than before. The
//! first byte chooses the version.

use samenhang_conform::quirks::{Action, mend};
use samenhang_profiles::document::Document;
use samenhang_profiles::{FhirVersion, Limits};

pub(crate) fn run(data: &[u8]) {
    let Some((first, body)) = data.split_first() else {
        return;
    };
    let version = match first % 2 {
        0 => FhirVersion::Stu3,
        _ => FhirVersion::R4,
    };
    let limits = Limits {
        max_nodes: 5_000,
        ..Limits::default()
    };
    let readable = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let can_be_read = Document::from_json(readable, version, &limits).is_ok();
    let Ok(once) = mend(body, version, &Limits::default()) else {
        assert!(!can_be_read, "what can be read stays so");
        return;
    };
    let Ok(again) = mend(&once.body, version, &Limits::default()) else {
        panic!("what was put right can be read");
    };
    let left =
        |met: &samenhang_conform::quirks::Met| -> usize { met.only(Action::Repair).counts().values().sum() };
    assert!(
        !once.is_changed() || left(&again.met) <= left(&once.met),
        "it becomes no worse"
    );
}
