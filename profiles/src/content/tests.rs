use bytes::Bytes;

use super::content_hash;
use crate::limits::Limits;
use crate::raw::RawResource;

fn hash(text: &str) -> [u8; 32] {
    let limits = Limits {
        max_depth: 1_000,
        ..Limits::default()
    };
    content_hash(&RawResource::read(Bytes::copy_from_slice(text.as_bytes()), &limits).unwrap())
}

#[test]
fn storage_and_notation_do_not_count() {
    let one = hash(
        r#"{"resourceType":"Observation","id":"1","meta":{"versionId":"1"},"text":{"div":"x"},
            "status":"final","valueQuantity":{"value":1.0,"unit":"é"}}"#,
    );
    let other = hash(
        r#"{"valueQuantity" : {"unit":"\u00e9", "value":1.0}, "status":"final","resourceType":"Observation","id":"2"}"#,
    );
    assert_eq!(one, other);
}

#[test]
fn content_counts() {
    let all = [
        r#"{"resourceType":"Observation"}"#,
        r#"{"resourceType":"Observation","v":1.0}"#,
        r#"{"resourceType":"Observation","v":1.00}"#,
        r#"{"resourceType":"Observation","v":"1.0"}"#,
        r#"{"resourceType":"Observation","v":null}"#,
        r#"{"resourceType":"Observation","v":[]}"#,
        r#"{"resourceType":"Observation","v":{}}"#,
        r#"{"resourceType":"Observation","v":[1,2]}"#,
        r#"{"resourceType":"Observation","v":[2,1]}"#,
        r#"{"resourceType":"Observation","v":["a","b"]}"#,
        r#"{"resourceType":"Observation","v":["ab",""]}"#,
        r#"{"resourceType":"Observation","v":{"id":"1"}}"#,
        r#"{"resourceType":"Observation","v":{"text":"1"}}"#,
        r#"{"resourceType":"Observation","v":true}"#,
        r#"{"resourceType":"Observation","v":false}"#,
    ];
    let hashes: std::collections::HashSet<_> = all.iter().map(|text| hash(text)).collect();
    assert_eq!(hashes.len(), all.len());
}

#[test]
fn what_is_too_deep_for_a_tree_still_has_a_hash() {
    let deep = |n: usize| format!(r#"{{"resourceType":"X","v":{}{}}}"#, "[".repeat(n), "]".repeat(n));
    assert_eq!(hash(&deep(500)), hash(&deep(500)));
    assert_ne!(hash(&deep(500)), hash(&deep(501)));
}
