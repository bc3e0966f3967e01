use super::contained_is_used;
use crate::document::Document;
use crate::{FhirVersion, Limits};

/// Whether what this Patient contains is used; a, b and c are contained, with a reference each.
fn used(own: &str, references: [&str; 3]) -> bool {
    let contained: Vec<String> = ["a", "b", "c"]
        .iter()
        .zip(references)
        .map(|(id, to)| format!(r#"{{"resourceType":"Basic","id":"{id}","subject":{{"reference":"{to}"}}}}"#))
        .collect();
    let text = format!(
        r#"{{"resourceType":"Patient","contained":[{}],{own}}}"#,
        contained.join(",")
    );
    let document = Document::from_json(text.as_bytes(), FhirVersion::R4, &Limits::default()).unwrap();
    contained_is_used(document.root())
}

#[test]
fn what_is_contained_is_reached_from_what_contains_it_or_refers_to_that() {
    let own = r##""managingOrganization":{"reference":"#a"}"##;
    assert!(used(own, ["#b", "#c", "Basic/1"]));
    assert!(!used(own, ["#b", "Basic/1", "#b"]));
    assert!(used(own, ["#b", "Basic/1", "#"]));
    // Those that refer to each other and to nothing else are not reached.
    assert!(!used(own, ["Basic/1", "#c", "#b"]));
    assert!(!used(own, ["#b", "Basic/1", "#c"]));
}

#[test]
fn a_link_of_the_narrative_is_a_use() {
    let own = r##""text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><a href=\"#a\">x</a></div>"}"##;
    assert!(used(own, ["#b", "#c", "Basic/1"]));
    assert!(!used(r#""active":true"#, ["#b", "#c", "Basic/1"]));
}
