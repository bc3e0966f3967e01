use bytes::Bytes;

use super::Page;
use crate::limits::Limits;
use crate::raw::ReadError;

const PAGE: &str = r#"{
  "type": "searchset", "total": 2, "meta": {"lastUpdated": "2026-01-01T00:00:00Z"},
  "link": [{"relation": "self", "url": "s?x=1"}, {"relation": "next", "url": "https:\/\/h.example/n"}],
  "entry": [
    {"fullUrl": "https://h.example/Observation/1", "search": {"mode": "match"},
     "resource": {"resourceType": "Observation", "id": "1", "subject": {"reference": "Patient/p"}}},
    {"resource": {"id": "o", "resourceType": "Organization", "partOf": {"reference": "Organization/q"}}},
    {"fullUrl": "urn:uuid:0"}
  ],
  "resourceType": "Bundle"
}"#;

fn read(text: &str) -> Result<Page, ReadError> {
    Page::read(Bytes::copy_from_slice(text.as_bytes()), &Limits::default())
}

#[test]
fn resources_are_slices_of_the_page() {
    let body = Bytes::from_static(PAGE.as_bytes());
    let page = Page::read(body.clone(), &Limits::default()).unwrap();
    assert_eq!(&*page.kind, "searchset");
    assert_eq!(page.total, Some(2));
    assert_eq!(page.last_updated.as_deref(), Some("2026-01-01T00:00:00Z"));
    assert_eq!(page.self_link.as_deref(), Some("s?x=1"));
    assert_eq!(page.next.as_deref(), Some("https://h.example/n"));
    assert_eq!(page.entries.len(), 3);
    let first = page.entries[0].resource.as_ref().unwrap();
    assert_eq!(page.entries[0].mode.as_deref(), Some("match"));
    assert_eq!(
        page.entries[0].full_url.as_deref(),
        Some("https://h.example/Observation/1")
    );
    assert_eq!((first.resource_type(), first.id()), ("Observation", Some("1")));
    assert!(
        body.as_ptr_range().contains(&first.body().as_ptr()),
        "a slice, not a copy"
    );
    // References belong to the resource that they stand in.
    assert_eq!(*first.keys().references, [Box::from("Patient/p")]);
    let second = page.entries[1].resource.as_ref().unwrap();
    assert_eq!(*second.keys().references, [Box::from("Organization/q")]);
    assert!(page.entries[2].resource.is_none());
}

#[test]
fn only_a_bundle_is_a_page() {
    assert_eq!(read("{}").err(), Some(ReadError::Unexpected("not a Bundle")));
    assert_eq!(
        read("[]").err(),
        Some(ReadError::Unexpected("a Bundle is an object"))
    );
    assert_eq!(
        read(r#"{"resourceType":"Patient"}"#).err(),
        Some(ReadError::Unexpected("not a Bundle"))
    );
    assert_eq!(
        read(r#"{"resourceType":"Bundle","entry":[{"resource":{"id":"1"}}]}"#).err(),
        Some(ReadError::Unexpected("a resource without a resourceType"))
    );
    assert_eq!(
        read(r#"{"resourceType":"Bundle","entry":[{"resource":null}]}"#).err(),
        Some(ReadError::Unexpected("a resource is an object"))
    );
    assert_eq!(
        read(r#"{"resourceType":"Bundle","entry":[null]}"#).err(),
        Some(ReadError::Unexpected("an entry is an object"))
    );
}

#[test]
fn entries_are_limited() {
    let body = Bytes::from_static(PAGE.as_bytes());
    let limits = Limits {
        max_entries: 2,
        ..Limits::default()
    };
    let error = Page::read(body.clone(), &limits).err();
    assert!(matches!(
        error,
        Some(ReadError::Limit {
            what: "entries in a Bundle",
            limit: 2,
            ..
        })
    ));
    assert!(
        Page::read(
            body,
            &Limits {
                max_entries: 3,
                ..limits
            }
        )
        .is_ok()
    );
}

#[test]
fn a_resource_of_two_patients_is_set_aside_alone() {
    let of = |subject: &str| format!(r#"{{"resource":{{"resourceType":"Observation",{subject}}}}}"#);
    let good = of(r#""subject":{"reference":"Patient/1"}"#);
    let bad = of(r#""subject":{"reference":"Patient/1"},"patient":{"reference":"Patient/2"}"#);
    let body = format!(r#"{{"resourceType":"Bundle","type":"searchset","entry":[{good},{bad},{good}]}}"#);
    let page = Page::read(Bytes::from(body), &Limits::default()).unwrap();
    let kept: Vec<bool> = page
        .entries
        .iter()
        .map(|entry| entry.resource.is_some())
        .collect();
    assert_eq!((kept, page.set_aside), (vec![true, false, true], 1));
}
