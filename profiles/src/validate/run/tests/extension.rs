//! Extensions: their parts, their urls, and the places that their contexts name.

use serde_json::{Value, json};

use super::{HL7, outcome, patient};
use crate::validate::Budget;

/// An extension with one part, `part`, for a context.
fn complex(context: &str) -> Value {
    json!({
        "resourceType": "StructureDefinition", "url": "http://example.nl/e", "name": "e", "kind": "complex-type",
        "abstract": false, "type": "Extension", "baseDefinition": format!("{HL7}Extension"),
        "derivation": "constraint", "context": [{"type": "element", "expression": context}],
        "differential": {"element": [
            {"id": "Extension.extension:part", "path": "Extension.extension", "sliceName": "part"},
            {"id": "Extension.extension:part.url", "path": "Extension.extension.url", "fixedUri": "part"},
        ]},
    })
}

/// The rules that a Patient with this extension breaks.
fn broken(context: &str, url: &str, part: &str) -> Vec<&'static str> {
    let resource =
        patient(&json!({"extension": [{"url": url, "extension": [{"url": part, "valueString": "x"}]}]}));
    let outcome = outcome(&[complex(context)], &resource, &[], Budget::default());
    outcome.findings.iter().map(|finding| finding.rule.code).collect()
}

#[test]
fn a_part_is_one_of_the_definition() {
    assert_eq!(broken("Patient", "http://example.nl/e", "part"), [""; 0]);
    assert_eq!(
        broken("Patient", "http://example.nl/e", "other"),
        ["extension-part-unknown"]
    );
}

#[test]
fn the_url_of_an_extension_has_no_version() {
    assert_eq!(
        broken("Patient", "http://example.nl/e|1", "part"),
        ["extension-url-version"]
    );
}

#[test]
fn a_context_may_name_a_profile() {
    let url = "http://example.nl/e";
    let own = format!("{HL7}Patient#Patient");
    assert_eq!(broken(&own, url, "part"), [""; 0]);
    assert_eq!(
        broken("http://example.nl/none#Patient", url, "part"),
        ["extension-context"]
    );
    assert_eq!(broken("Organization", url, "part"), ["extension-context"]);
}
