mod identity;
mod reference;

use crate::document::Document;
use crate::validate::collect::Findings;
use crate::{FhirVersion, Limits};

/// Codes and places of what the base rules find in a resource of R4 in JSON.
fn found(text: &str) -> Vec<String> {
    let document = Document::from_json(text.as_bytes(), FhirVersion::R4, &Limits::default()).unwrap();
    of(&document)
}

/// The same for a document.
fn of(document: &Document<'_>) -> Vec<String> {
    let mut findings = Findings::new(100);
    super::check(&super::reference::Index::of(document), &mut findings);
    let found = findings.finish(document.root()).into_iter();
    found
        .map(|finding| format!("{} {}", finding.rule.code, finding.expression))
        .collect()
}

fn patient(inner: &str) -> Vec<String> {
    found(&format!("{{\"resourceType\":\"Patient\",\"id\":\"p\",{inner}}}"))
}

#[test]
fn elements_are_judged_by_themselves() {
    for (inner, expected) in [
        (
            r#""identifier":[{"system":"http://x","value":"1"},{"system":"urn:oid:1.2"},{"value":"a b"}]"#,
            None,
        ),
        (
            r#""identifier":[{"system":"x"}]"#,
            Some("system-relative Patient.identifier[0].system"),
        ),
        (
            r#""identifier":[{"system":"urn:ietf:rfc:3986","value":"urn:uuid:x"}]"#,
            None,
        ),
        (
            r#""identifier":[{"system":"urn:ietf:rfc:3986","value":"1"}]"#,
            Some("system-relative Patient.identifier[0].value"),
        ),
        (
            r#""maritalStatus":{"coding":[{"system":"http://x","code":"y"}]}"#,
            None,
        ),
        (
            r#""maritalStatus":{"coding":[{"system":"Patient/1","code":"y"}]}"#,
            Some("system-relative Patient.maritalStatus.coding[0].system"),
        ),
        (
            r#""photo":[{"data":"YWJj","size":3,"hash":"qZk+NkcGgWq6PiVxeFDCbJzQ2J0="}]"#,
            None,
        ),
        (r#""photo":[{"data":"YW Jj","size":3}]"#, None),
        (r#""photo":[{"url":"http://x","size":3,"hash":"AAAA"}]"#, None),
        (
            r#""photo":[{"data":"YWJj","size":4}]"#,
            Some("attachment-size Patient.photo[0].size"),
        ),
        (
            r#""photo":[{"data":"YWJj","hash":"AAAA"}]"#,
            Some("attachment-hash Patient.photo[0].hash"),
        ),
        (
            r#""text":{"div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">x</div>"}"#,
            None,
        ),
        (
            r#""text":{"div":"<div>x</div>"}"#,
            Some("narrative-namespace Patient.text.div"),
        ),
        (
            r#""text":{"div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><script/>x</div>"}"#,
            Some("narrative-element Patient.text.div"),
        ),
        (
            r#""text":{"div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"/>"}"#,
            Some("narrative-empty Patient.text.div"),
        ),
        (
            r#""text":{"div":"<div"}"#,
            Some("narrative-malformed Patient.text.div"),
        ),
    ] {
        assert_eq!(patient(inner), Vec::from_iter(expected), "{inner}");
    }
}

#[test]
fn a_narrative_in_xml_is_judged_alike() {
    let text = "<Patient xmlns='http://hl7.org/fhir' xmlns:h='http://www.w3.org/1999/xhtml'><text><status value='generated'/>\
        <h:div><h:p onclick='x'>a</h:p></h:div></text></Patient>";
    let document = Document::from_xml(text.as_bytes(), FhirVersion::Stu3, &Limits::default()).unwrap();
    assert_eq!(of(&document), ["narrative-attribute Patient.text.div"]);
}

#[test]
fn ids_are_unique_within_a_resource() {
    for (inner, expected) in [
        (r#""name":[{"id":"a"},{"id":"b"}]"#, None),
        (r#""name":[{"id":"p"}]"#, None),
        (
            r#""name":[{"id":"a"},{"id":"a"}]"#,
            Some("duplicate-id Patient.name[1]"),
        ),
        (
            r#""contained":[{"resourceType":"Basic","id":"b","code":{"id":"a"}}],"name":[{"id":"a"}]"#,
            None,
        ),
        (
            r#""contained":[{"resourceType":"Basic","id":"b"},{"resourceType":"Group","id":"b"}]"#,
            Some("contained-duplicate Patient.contained[1]"),
        ),
        (
            r##""managingOrganization":{"reference":"#x"}"##,
            Some("reference-local Patient.managingOrganization"),
        ),
        (
            r##""contained":[{"resourceType":"Organization","id":"x"}],"managingOrganization":{"reference":"#x"}"##,
            None,
        ),
        (
            r##""contained":[{"resourceType":"Basic","id":"x","subject":{"reference":"#"}}]"##,
            None,
        ),
    ] {
        assert_eq!(patient(inner), Vec::from_iter(expected), "{inner}");
    }
}

#[test]
fn links_within_a_narrative_lead_somewhere() {
    let with = |link: &str| {
        patient(&format!(
            r##""text":{{"div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><a name=\"here\" href=\"{link}\">x</a></div>"}},"name":[{{"id":"n"}}]"##
        ))
    };
    for link in ["#here", "#n", "#p", "#", "http://x/#y"] {
        assert_eq!(with(link), Vec::<String>::new(), "{link}");
    }
    assert_eq!(with("#nowhere"), ["narrative-target Patient.text.div"]);
}

/// A Bundle of a type with these entries and what else.
fn bundle(kind: &str, entries: &str, more: &str) -> Vec<String> {
    found(&format!(
        "{{\"resourceType\":\"Bundle\",\"type\":\"{kind}\",\"entry\":[{entries}]{more}}}"
    ))
}

#[test]
fn entries_are_what_they_say() {
    let patient = |url: &str| format!(r#"{{{url}"resource":{{"resourceType":"Patient","id":"1"}}}}"#);
    for (url, expected) in [
        (r#""fullUrl":"http://x/Patient/1","#, None),
        (
            r#""fullUrl":"urn:uuid:c757873d-ec9a-4326-a141-556f43239520","#,
            None,
        ),
        (r#""fullUrl":"http://x/something","#, None),
        (
            r#""fullUrl":"http://x/Patient/2","#,
            Some("bundle-full-url-mismatch Bundle.entry[0]"),
        ),
        (
            r#""fullUrl":"http://x/Group/1","#,
            Some("bundle-full-url-mismatch Bundle.entry[0]"),
        ),
        (
            r#""fullUrl":"Patient/1","#,
            Some("bundle-full-url-relative Bundle.entry[0]"),
        ),
        ("", Some("bundle-full-url-missing Bundle.entry[0]")),
    ] {
        assert_eq!(
            bundle("collection", &patient(url), ""),
            Vec::from_iter(expected),
            "{url}"
        );
    }
    assert!(bundle("transaction", &patient(""), "").is_empty());
}

#[test]
fn references_into_a_bundle_fit_their_target() {
    let target = r#"{"fullUrl":"http://x/Group/1","resource":{"resourceType":"Group","id":"1"}}"#;
    let from = |reference: &str| {
        format!(
            r#"{{"fullUrl":"http://x/Basic/b","resource":{{"resourceType":"Basic","id":"b","subject":{{"reference":"{reference}"}}}}}}"#
        )
    };
    let with = |reference: &str, more: &str| {
        bundle("collection", &format!("{},{target}{more}", from(reference)), "")
    };
    assert!(with("Group/1", "").is_empty());
    assert!(with("Patient/2", "").is_empty());
    assert_eq!(
        with("Group-1", ""),
        ["reference-form Bundle.entry[0].resource.subject"]
    );
    assert_eq!(
        with("Group/1", &format!(",{target}")),
        ["reference-ambiguous Bundle.entry[0].resource.subject"]
    );
    let other = target.replace(r#""Group","id""#, r#""Patient","id""#);
    let found = bundle("collection", &format!("{},{other}", from("Group/1")), "");
    assert_eq!(
        found,
        [
            "reference-other-type Bundle.entry[0].resource.subject",
            "bundle-full-url-mismatch Bundle.entry[1]"
        ]
    );
}

#[test]
fn links_of_a_bundle_fit_its_type() {
    let link = |relation: &str, url: &str| format!(r#"{{"relation":"{relation}","url":"{url}"}}"#);
    let with = |kind: &str, links: &[String]| bundle(kind, "", &format!(",\"link\":[{}]", links.join(",")));
    let (own, next, sheet) = (
        link("self", "http://x"),
        link("next", "http://x"),
        link("stylesheet", "Binary/1"),
    );
    assert!(with("searchset", &[own.clone(), next.clone()]).is_empty());
    assert_eq!(
        with("collection", std::slice::from_ref(&next)),
        ["bundle-link-prohibited Bundle.link[0]"]
    );
    assert_eq!(
        with("searchset", &[own.clone(), own]),
        ["bundle-link-repeated Bundle.link[1]"]
    );
    assert_eq!(
        with("document", &[sheet]),
        ["bundle-first-entry Bundle", "bundle-stylesheet Bundle.link[0]"]
    );
}

#[test]
fn what_a_search_found_has_an_id() {
    let entry = |mode: &str, resource: &str| {
        format!(r#"{{"fullUrl":"urn:x:{mode}","search":{{"mode":"{mode}"}}{resource}}}"#)
    };
    let one = |mode, resource| bundle("searchset", &entry(mode, resource), "");
    assert!(one("match", r#","resource":{"resourceType":"Patient","id":"1"}"#).is_empty());
    assert!(one("outcome", r#","resource":{"resourceType":"OperationOutcome"}"#).is_empty());
    assert_eq!(
        one("match", r#","resource":{"resourceType":"Patient"}"#),
        ["bundle-search-id Bundle.entry[0].resource"]
    );
    assert_eq!(
        one("outcome", r#","resource":{"resourceType":"Patient"}"#),
        ["bundle-search-outcome Bundle.entry[0].resource"]
    );
    assert_eq!(one("match", ""), ["bundle-search-resource Bundle.entry[0]"]);
}

#[test]
fn a_document_starts_with_its_composition_and_holds_together() {
    let composition = |inner: &str| {
        format!(
            r#"{{"fullUrl":"http://x/Composition/c","resource":{{"resourceType":"Composition","id":"c"{inner}}}}}"#
        )
    };
    let patient = r#"{"fullUrl":"http://x/Patient/1","resource":{"resourceType":"Patient","id":"1"}}"#;
    let provenance = r#"{"fullUrl":"http://x/Provenance/v","resource":{"resourceType":"Provenance","id":"v","target":[{"reference":"Composition/c"}]}}"#;
    let subject = composition(r#","subject":{"reference":"Patient/1"}"#);
    assert!(bundle("document", &format!("{subject},{patient},{provenance}"), "").is_empty());
    assert_eq!(
        bundle("document", &format!("{},{patient}", composition("")), ""),
        ["bundle-entry-unreached Bundle.entry[1]"]
    );
    assert_eq!(
        bundle("document", &subject, ""),
        ["reference-not-in-bundle Bundle.entry[0].resource.subject"]
    );
    assert_eq!(
        bundle("document", patient, ""),
        ["bundle-first-entry Bundle.entry[0].resource"]
    );
    let section = composition(r#","section":[{"section":[{"entry":[{"reference":"Patient/2"}]}]}]"#);
    assert_eq!(
        bundle("document", &section, ""),
        ["reference-not-in-bundle Bundle.entry[0].resource.section[0].section[0].entry[0]"]
    );
    assert_eq!(
        bundle("message", patient, ""),
        ["bundle-first-entry Bundle.entry[0].resource"]
    );
    let header = r#"{"fullUrl":"urn:uuid:c757873d-ec9a-4326-a141-556f43239520","resource":{"resourceType":"MessageHeader","focus":[{"reference":"http://x/Patient/1"}]}}"#;
    assert!(bundle("message", &format!("{header},{patient}"), "").is_empty());
    assert_eq!(
        bundle("message", header, ""),
        ["reference-not-in-bundle Bundle.entry[0].resource.focus[0]"]
    );
}
