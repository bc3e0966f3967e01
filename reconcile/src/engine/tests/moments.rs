//! One number and two moments: when the later one is the same moment, worked out in another time zone.

use serde_json::{Value, json};

use super::{GP, HOSPITAL, at, base, found, with};

fn numbered(kind: &str, path: &str, time: &str) -> Value {
    let record = match kind {
        "agreement" => json!({"resourceType": "MedicationRequest", "status": "active", "intent": "order",
            "category": [{"coding": [{"system": "http://snomed.info/sct", "code": "33633005"}]}],
            "medicationCodeableConcept": {"coding": [{"system": "urn:oid:2.16.840.1.113883.2.4.4.10", "code": "1245"}]},
            "extension": [{"url": "http://nictiz.nl/fhir/StructureDefinition/ext-TimeInterval.Period", "valuePeriod": {}}]}),
        other => base(other),
    };
    let mut json = with(record, path, json!(time));
    json["identifier"] = json!([{"system": "urn:oid:2.999.7.1", "value": "N1"}]);
    json
}

#[test]
fn under_one_number_the_next_day_is_the_same_day_and_another_moment_is_not() {
    let cases = [
        ("problem", "onsetDateTime", "2019-04-02", "2019-04-03", true),
        ("problem", "onsetDateTime", "2019-03-31", "2019-03-30", true),
        ("problem", "onsetDateTime", "2019-04-02", "2019-04-04", false),
        ("problem", "onsetDateTime", "2019-04", "2019-05", false),
        (
            "problem",
            "onsetDateTime",
            "2019-04-02T10:00:00+02:00",
            "2019-04-03T10:00:00+02:00",
            false,
        ),
        ("procedure", "performedDateTime", "2019-04-02", "2019-04-03", true),
        (
            "procedure",
            "performedDateTime",
            "2019-04-02",
            "2019-05-02",
            false,
        ),
        (
            "laboratory",
            "effectiveDateTime",
            "2019-04-02T10:00:00+02:00",
            "2019-04-02T13:00:00+02:00",
            false,
        ),
        (
            "agreement",
            "extension/0/valuePeriod/start",
            "2019-04-02",
            "2019-04-02",
            true,
        ),
        (
            "agreement",
            "extension/0/valuePeriod/start",
            "2019-04-02",
            "2019-04-03",
            false,
        ),
    ];
    for (kind, path, one, other, is_joined) in cases {
        let of = |holder: &str, time: &str| {
            at(
                holder,
                "a",
                &with(numbered(kind, path, time), "note", json!([{"text": holder}])),
            )
        };
        let (_, found) = found(vec![of(GP, one), of(HOSPITAL, other)]);
        assert_eq!(
            found.clusters.len(),
            usize::from(is_joined),
            "{kind}: {one} and {other}"
        );
    }
}
