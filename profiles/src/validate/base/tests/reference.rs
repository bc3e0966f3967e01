use crate::document::{Document, Node};
use crate::validate::base::reference::{Index, Reason, Resolution};
use crate::{FhirVersion, Limits};

const BUNDLE: &str = r##"{"resourceType":"Bundle","entry":[
    {"fullUrl":"http://a/fhir/Observation/o","resource":{"resourceType":"Observation","id":"o",
        "contained":[{"resourceType":"Device","id":"d","patient":{"reference":"#"}}]}},
    {"fullUrl":"http://a/fhir/Patient/1","resource":{"resourceType":"Patient","id":"1"}},
    {"fullUrl":"http://b/fhir/Patient/2","resource":{"resourceType":"Patient","id":"2"}},
    {"fullUrl":"urn:uuid:c757873d-ec9a-4326-a141-556f43239520","resource":{"resourceType":"Patient"}},
    {"fullUrl":"http://a/fhir/Group/g","resource":{"resourceType":"Group","id":"g","meta":{"versionId":"1"}}},
    {"fullUrl":"http://a/fhir/Group/g","resource":{"resourceType":"Group","id":"g","meta":{"versionId":"2"}}},
    {"resource":{"resourceType":"Basic","id":"b"}},
    {"fullUrl":"urn:uuid:d757873d-ec9a-4326-a141-556f43239520","resource":{"resourceType":"Basic","id":"u"}},
    {"resource":{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Basic","id":"inner"}}]}}]}"##;

/// Where a reference leads that stands in the resource of an entry.
#[track_caller]
fn lead(entry: usize, reference: &str) -> Result<String, Resolution<'static>> {
    let document: &'static Document<'static> = Box::leak(Box::new(
        Document::from_json(BUNDLE.as_bytes(), FhirVersion::R4, &Limits::default()).unwrap(),
    ));
    let index: &'static Index<'static> = Box::leak(Box::new(Index::of(document)));
    let from: Node<'static> = document
        .root()
        .children_named("entry")
        .nth(entry)
        .unwrap()
        .child("resource")
        .unwrap();
    match index.resolve_text(from, reference) {
        Resolution::Found(node) => Ok(node.path().trim_start_matches("Bundle.").to_owned()),
        other => Err(other),
    }
}

#[test]
fn references_are_resolved_in_the_order_of_the_specification() {
    for (entry, reference, target) in [
        (0, "#d", "entry[0].resource.contained[0]"),
        (0, "#", "entry[0].resource"),
        (0, "#o", "entry[0].resource"),
        (0, "http://a/fhir/Patient/1", "entry[1].resource"),
        (0, "Patient/1", "entry[1].resource"),
        (0, "http://b/fhir/Patient/2", "entry[2].resource"),
        (
            0,
            "urn:uuid:c757873d-ec9a-4326-a141-556f43239520",
            "entry[3].resource",
        ),
        (0, "Group/g/_history/2", "entry[5].resource"),
        (0, "http://a/fhir/Group/g/_history/1", "entry[4].resource"),
        (0, "Patient/1/_history/7", "entry[1].resource"),
        // Without a fullUrl there is no base, and the type and id are all there is.
        (6, "Patient/2", "entry[2].resource"),
        (6, "Basic/b", "entry[6].resource"),
        (
            7,
            "Patient/c757873d-ec9a-4326-a141-556f43239520",
            "entry[3].resource",
        ),
    ] {
        assert_eq!(
            lead(entry, reference),
            Ok(target.to_owned()),
            "{entry} {reference}"
        );
    }
}

#[test]
fn what_leads_nowhere_says_why() {
    for (entry, reference, reason) in [
        (0, "#x", Some(Reason::NotContained)),
        (0, "Patient/2", Some(Reason::OtherBase)),
        (7, "Patient/1", Some(Reason::OtherBase)),
        (0, "Group/g", Some(Reason::Ambiguous)),
        (0, "Group/g/_history/3", Some(Reason::OtherVersion)),
        (
            7,
            "Basic/c757873d-ec9a-4326-a141-556f43239520",
            Some(Reason::OtherType),
        ),
        (0, "nonsense", Some(Reason::Form)),
        (0, "a/b/c/d", Some(Reason::Form)),
        (0, "Patient/3", None),
        (0, "http://a/fhir/Patient/9", None),
        (0, "Patient?identifier=x", None),
        // A Bundle within is a world of its own.
        (0, "Basic/inner", None),
    ] {
        let expected = reason.map_or(Resolution::NotInDocument, Resolution::Broken);
        assert_eq!(lead(entry, reference), Err(expected), "{entry} {reference}");
    }
}
