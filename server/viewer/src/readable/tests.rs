use samenhang_profiles::{Bsn, Limits, RawResource};

use super::Reading;

fn raw(json: &str) -> RawResource {
    RawResource::read(bytes(json), &Limits::default()).unwrap()
}

fn bytes(json: &str) -> bytes::Bytes {
    bytes::Bytes::copy_from_slice(json.as_bytes())
}

#[test]
fn every_value_is_there_and_no_number_of_a_citizen() {
    let patient = Bsn::parse("999990019").unwrap();
    let resource = raw(
        r#"{"resourceType":"Patient","id":"p","identifier":[{"system":"http://fhir.nl/fhir/NamingSystem/bsn","value":"999990019"},{"system":"urn:oid:2.16.840.1.113883.2.4.6.3","value":"999990020"}],"name":[{"text":"P \"Proef\" 999990019"}],"multipleBirthInteger":1.50,"active":true}"#,
    );
    let read = Reading::new(&patient).read(&resource);
    assert!(read.is_masked && !read.is_short);
    for number in ["999990019", "999990020"] {
        assert!(!read.json.contains(number));
        assert!(read.values.iter().all(|(_, value)| !value.contains(number)));
    }
    let value = |place: &str| {
        let found = read.values.iter().find(|(of, _)| of == place);
        found.map(|(_, value)| value.as_str())
    };
    assert_eq!(value("multipleBirthInteger"), Some("1.50"), "digits stay");
    assert_eq!(value("name[1].text"), Some("P \"Proef\" •••••••••"));
    assert_eq!(value("active"), Some("true"));
    assert!(read.json.contains("\"multipleBirthInteger\": 1.50"));
}

#[test]
fn what_is_very_large_is_cut_off_and_says_so() {
    let patient = Bsn::parse("999990019").unwrap();
    let many: Vec<String> = (0..20_000).map(|at| format!("\"a{at}\"")).collect();
    let resource = raw(&format!(
        r#"{{"resourceType":"Basic","id":"b","x":[{}]}}"#,
        many.join(",")
    ));
    let read = Reading::new(&patient).read(&resource);
    assert!(read.is_short && read.values.len() <= 400 && read.json.len() < 50 * 1024);
}

#[test]
fn elements_are_compared_as_a_person_reads_them() {
    let patient = Bsn::parse("999990019").unwrap();
    let resource = raw(
        r#"{"resourceType":"Observation","id":"o","subject":{"reference":"Patient/p"},"code":{"coding":[{"system":"s","code":"1","display":"HbA1c"}]},"valueQuantity":{"value":61.0,"unit":"mmol/mol"},"note":[{"text":"a"},{"text":"b"}]}"#,
    );
    let elements = Reading::new(&patient).elements(&resource);
    let elements: Vec<(&str, &str)> = elements
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    assert_eq!(
        elements,
        [
            ("code", "HbA1c"),
            ("valueQuantity", "61.0 mmol/mol"),
            ("note", "a; b")
        ]
    );
}
