//! Narratives: bounded, and judged the same when what is around them differs.

use samenhang_profiles::narrative::{Entities, Fault, Narrative, has_content, is_allowed};

pub(crate) fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let read = Narrative::read(&text, Entities::Html);
    assert!(read.faults.len() <= 100);
    if is_allowed(&text, Entities::Xml) {
        assert!(
            is_allowed(&text, Entities::Html),
            "the entities of XML are of HTML too"
        );
        let lower = text.to_ascii_lowercase();
        assert!(!lower.contains("<script") || lower.contains("<!--") || lower.contains("<![cdata["));
    }
    let empty = read.faults.contains(&Fault::Empty);
    assert_eq!(has_content(&text, Entities::Html), !empty);
}
