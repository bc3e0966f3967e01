use samenhang_profiles::FhirVersion;

use super::{Search, SearchError};
use crate::source::fixtures::shared_data;
use crate::source::folder::load;
use crate::source::json::Json;
use crate::source::store::{Resource, Store};

fn store() -> Store {
    let mut store = Store::default();
    for text in [
        r#"{"resourceType":"Patient","id":"p1","identifier":[{"system":"b","value":"1"}],"generalPractitioner":[{"reference":"PractitionerRole/r1"}]}"#,
        r#"{"resourceType":"Patient","id":"p2","identifier":[{"system":"b","value":"2"}]}"#,
        r#"{"resourceType":"PractitionerRole","id":"r1","practitioner":{"reference":"Practitioner/d1"},"organization":{"reference":"Organization/o1"}}"#,
        r#"{"resourceType":"Practitioner","id":"d1"}"#,
        r#"{"resourceType":"Organization","id":"o1"}"#,
        r#"{"resourceType":"Observation","id":"w1","status":"final","category":[{"coding":[{"system":"s","code":"vital"}]}],"code":{"coding":[{"system":"l","code":"w"}]},"subject":{"reference":"Patient/p1"},"effectiveDateTime":"2020-01-01"}"#,
        r#"{"resourceType":"Observation","id":"w2","status":"final","category":[{"coding":[{"system":"s","code":"vital"}]}],"code":{"coding":[{"system":"l","code":"w"}]},"subject":{"reference":"Patient/p1"},"effectiveDateTime":"2021-03"}"#,
        r#"{"resourceType":"Observation","id":"h1","meta":{"profile":["http://x/H"]},"status":"amended","code":{"coding":[{"system":"l","code":"h"}]},"subject":{"reference":"Patient/p1"},"effectivePeriod":{"start":"2019-05-01","end":"2019-05-03"},"hasMember":[{"reference":"Observation/h2"}]}"#,
        r#"{"resourceType":"Observation","id":"h2","status":"final","code":{"text":"other"},"subject":{"reference":"Patient/p2"},"hasMember":[{"reference":"Observation/w1"}]}"#,
        r#"{"resourceType":"Provenance","id":"v1","target":[{"reference":"Observation/w2"}]}"#,
    ] {
        store.add(
            Resource::new(Json::parse(text.as_bytes()).unwrap(), None).unwrap(),
            None,
        );
    }
    store
}

fn pairs(query: &str) -> Vec<(String, String)> {
    url::form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect()
}

fn ids(store: &Store, found: &[usize]) -> Vec<String> {
    found
        .iter()
        .map(|index| store.get(*index).unwrap().id().to_owned())
        .collect()
}

fn find(kind: &str, query: &str) -> Vec<String> {
    let store = store();
    let search = Search::read(FhirVersion::R4, kind, &pairs(query), false).unwrap();
    ids(&store, &search.run(&store))
}

fn includes(kind: &str, query: &str) -> Vec<String> {
    let store = store();
    let search = Search::read(FhirVersion::R4, kind, &pairs(query), false).unwrap();
    ids(&store, &search.include(&store, &search.run(&store)))
}

#[test]
fn selects_by_every_kind_of_parameter() {
    for (query, expected) in [
        ("", vec!["w1", "w2", "h1", "h2"]),
        ("_id=w1,h2", vec!["w1", "h2"]),
        ("patient=Patient/p1", vec!["w1", "w2", "h1"]),
        ("subject=p2", vec!["h2"]),
        ("subject:Patient=p2", vec!["h2"]),
        ("patient.identifier=b|1", vec!["w1", "w2", "h1"]),
        ("patient:identifier=b|2", vec![]),
        ("category=s|vital&code=l|w,l|h", vec!["w1", "w2"]),
        ("category=vital&category=other", vec![]),
        ("date=ge2020", vec!["w1", "w2"]),
        ("date=ge2019-05&date=lt2020-06", vec!["w1", "h1"]),
        ("status:not=final", vec!["h1"]),
        ("category:missing=true", vec!["h1", "h2"]),
        ("_profile=http://x/H,http://x/I", vec!["h1"]),
        ("_sort=-date&patient=p1", vec!["w2", "w1", "h1"]),
        ("subject.organization=o9", vec![]),
    ] {
        assert_eq!(find("Observation", query), expected, "{query}");
    }
    assert_eq!(find("Patient", "identifier=b|2"), ["p2"]);
}

#[test]
fn includes_follow_references_once_or_again() {
    assert_eq!(
        includes("Observation", "_id=h1&_include=Observation:has-member"),
        ["h2"]
    );
    assert_eq!(
        includes("Observation", "_id=h1&_include:iterate=Observation:has-member"),
        ["w1", "h2"]
    );
    assert_eq!(
        includes("Observation", "_id=h1&_include=Observation:subject:Group"),
        [""; 0]
    );
    assert_eq!(
        includes(
            "Patient",
            "_id=p1&_include=Patient:general-practitioner&_include:iterate=PractitionerRole:practitioner\
             &_include:recurse=PractitionerRole:organization"
        ),
        ["r1", "d1", "o1"]
    );
    assert_eq!(
        includes("Observation", "_id=w1,w2&_revinclude=Provenance:target"),
        ["v1"]
    );
    assert_eq!(
        includes("Observation", "_id=w1,h2&_include=Observation:*"),
        ["p1", "p2"]
    );
}

#[test]
fn lastn_keeps_the_latest_of_each_code() {
    let store = store();
    let search = Search::read(FhirVersion::R4, "Observation", &pairs("patient=p1"), false).unwrap();
    assert_eq!(ids(&store, &search.run_lastn(&store)), ["w2", "h1"]);
    let search = Search::read(FhirVersion::R4, "Observation", &pairs("patient=p1&max=2"), false).unwrap();
    assert_eq!(ids(&store, &search.run_lastn(&store)), ["w2", "w1", "h1"]);
}

#[test]
fn what_is_not_known_is_refused_or_ignored() {
    let read = |query: &str, lenient| {
        Search::read(FhirVersion::R4, "Observation", &pairs(query), lenient).map(|_| ())
    };
    let code = |query: &str| read(query, false).err().map(|error: SearchError| error.code());
    assert_eq!(code("profile=x"), Some("SAM-TST-111"));
    assert_eq!(code("_include=Observation:related-target"), Some("SAM-TST-111"));
    assert_eq!(code("code:in=x"), Some("SAM-TST-112"));
    assert_eq!(code("date=soon"), Some("SAM-TST-113"));
    assert_eq!(code("code="), Some("SAM-TST-113"));
    assert_eq!(read("profile=x", true), Ok(()));
    assert_eq!(read("_format=json&_count=10", false), Ok(()));
}

#[test]
fn commas_can_be_escaped() {
    assert_eq!(super::split(r"a\,b,c"), ["a,b", "c"]);
}

/// Whatever says whose it is must be found by that patient: a source that cannot find its own data loses it.
#[test]
fn every_resource_of_a_patient_in_the_shared_sets_is_found_by_patient() {
    for (set, version) in [
        ("bgz-stu3", FhirVersion::Stu3),
        ("nl-core-r4-examples", FhirVersion::R4),
    ] {
        let Some(path) = shared_data(set) else { return };
        let loaded = load(&path, version, &[]).unwrap_or_else(|error| panic!("{error}"));
        let mut of_patients = 0;
        for (index, resource) in loaded.store.iter() {
            let subject = ["subject", "patient", "beneficiary"]
                .iter()
                .find_map(|name| resource.json().get(name)?.str("reference"));
            let Some(subject) = subject.filter(|subject| subject.starts_with("Patient/")) else {
                continue;
            };
            of_patients += 1;
            let names = ["patient", "beneficiary"];
            let found = names.iter().any(|name| {
                let pairs = [((*name).to_owned(), subject.to_owned())];
                Search::read(version, resource.kind(), &pairs, false)
                    .is_ok_and(|search| search.run(&loaded.store).contains(&index))
            });
            assert!(found, "{set} {}", resource.local());
        }
        assert!(of_patients > 50, "{set} {of_patients}");
    }
}
