//! Ids, labels and urls: what stands once, and what means the same everywhere.

use super::{found, patient};

#[test]
fn what_a_resource_is_known_by_is_judged() {
    for (inner, expected) in [
        (
            r#""meta":{"security":[{"system":"http://x","code":"a"},{"system":"http://x","code":"b"},{"code":"a"}]}"#,
            None,
        ),
        (
            r#""meta":{"security":[{"system":"http://x","code":"a"},{"system":"http://x","code":"a","display":"A"}]}"#,
            Some("security-label-repeated Patient.meta.security[1]"),
        ),
        (
            r#""contained":[{"resourceType":"Basic"}]"#,
            Some("contained-without-id Patient.contained[0]"),
        ),
        (
            r#""contained":[{"resourceType":"ValueSet","id":"v","url":"http://x"}]"#,
            None,
        ),
        (
            r#""contained":[{"resourceType":"ValueSet","id":"v","url":"x/y"}]"#,
            Some("canonical-url-relative Patient.contained[0].url"),
        ),
        (
            r#""managingOrganization":{"reference":"Organization/a b"}"#,
            Some("reference-white-space Patient.managingOrganization"),
        ),
        (
            r#""managingOrganization":{"reference":"Organization?identifier=http://x|1&active=true"}"#,
            None,
        ),
        (
            r#""managingOrganization":{"reference":"Organization?identifier"}"#,
            Some("reference-query Patient.managingOrganization"),
        ),
    ] {
        assert_eq!(patient(inner), Vec::from_iter(expected), "{inner}");
    }
}

#[test]
fn a_canonical_that_is_not_contained_is_found_too() {
    let text = r##"{"resourceType":"Bundle","type":"collection","entry":[{"fullUrl":"urn:uuid:8f0c7b0c-3b0f-4a49-a9d1-63a2e1a4b0d0",
        "resource":{"resourceType":"QuestionnaireResponse","questionnaire":"#q","subject":{"reference":"#p"}}}]}"##;
    assert_eq!(
        found(text),
        [
            "reference-local Bundle.entry[0].resource",
            "reference-local Bundle.entry[0].resource.subject"
        ]
    );
}

/// What is found in a search result of one Organization, with this link `self`, mode and further entry.
fn search(link: &str, mode: &str) -> Vec<String> {
    found(&format!(
        r#"{{"resourceType":"Bundle","type":"searchset","link":[{{"relation":"self","url":"{link}"}}],"entry":[{{
           "fullUrl":"http://x/Organization/o","resource":{{"resourceType":"Organization","id":"o"}},"search":{{"mode":"{mode}"}}}}]}}"#
    ))
}

#[test]
fn a_match_is_of_a_type_that_was_asked_for() {
    let wrong = ["bundle-search-type Bundle.entry[0].resource"];
    assert_eq!(search("http://x/Organization?name=a", "match"), [""; 0]);
    assert_eq!(search("http://x/Patient?name=a", "match"), wrong);
    assert_eq!(search("http://x/Patient?name=a", "include"), [""; 0]);
    assert_eq!(search("http://x?_type=Patient,Organization", "match"), [""; 0]);
    assert_eq!(search("http://x?_type=Patient", "match"), wrong);
    assert_eq!(search("http://x/anything", "match"), [""; 0]);
}

#[test]
fn the_canonical_of_a_definition_is_no_address_of_it() {
    for (url, expected) in [
        ("http://x/ValueSet/v", None),
        (
            "http://x/values",
            Some("bundle-full-url-canonical Bundle.entry[0]"),
        ),
        ("http://hl7.org/fhir/v3/values", None),
    ] {
        let text = format!(
            r#"{{"resourceType":"Bundle","type":"collection","entry":[{{"fullUrl":"{url}",
               "resource":{{"resourceType":"ValueSet","id":"v","url":"{url}"}}}}]}}"#
        );
        assert_eq!(found(&text), Vec::from_iter(expected), "{url}");
    }
}
