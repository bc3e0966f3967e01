use samenhang_profiles::Received;
use serde_json::{Value, json};

use crate::Reconciled;
use crate::cluster::Relation;
use crate::engine::Tier;
use crate::fixtures::received;

const OWN: &str = "00700700";
const OTHER: &str = "00700701";

/// A diagnosis: at a holder, with a text that differs, and the rest.
fn diagnosis(holder: &str, id: &str, rest: &str) -> Received {
    received(
        holder,
        &format!(
            r#"{{"resourceType":"Condition","id":"{id}","clinicalStatus":{{"coding":[{{"code":"active"}}]}},"note":[{{"text":"{id}"}}]{rest}}}"#
        ),
    )
}

/// What a holder says of the origin of its records.
fn origin(holder: &str, role: &str, targets: &[&str], entities: &[&str]) -> Received {
    let list = |of: &[&str], before: &str, after: &str| -> String {
        let parts: Vec<String> = of
            .iter()
            .map(|to| format!(r#"{before}{{"reference":"{to}"}}{after}"#))
            .collect();
        parts.join(",")
    };
    received(
        holder,
        &format!(
            r#"{{"resourceType":"Provenance","id":"p","target":[{}],"entity":[{}]}}"#,
            list(targets, "", ""),
            list(entities, &format!(r#"{{"role":"{role}","what":"#), "}")
        ),
    )
}

const SNOMED: &str = r#","code":{"coding":[{"system":"http://snomed.info/sct","code":"44054006"}]}"#;
const ICPC: &str = r#","code":{"coding":[{"system":"http://hl7.org/fhir/sid/icpc-1-nl","code":"T90.02"}]}"#;
const ONSET: &str = r#","onsetDateTime":"2019-04-02""#;
const THERE: &str = "https://00700700.example/r4/Condition/a";

/// The relations of the clusters, and how many possible duplicates and contradictions there are.
fn told(items: Vec<Received>) -> (Vec<(Relation, Tier)>, usize, usize) {
    let mut turned = items.clone();
    turned.reverse();
    let tell = |items: Vec<Received>| {
        let found = Reconciled::new(items);
        let of = found.clusters().iter().flat_map(|cluster| {
            let tier = cluster.tier();
            cluster
                .relations
                .iter()
                .map(move |(_, relation)| (*relation, tier))
        });
        (
            of.collect::<Vec<_>>(),
            found.possible().len(),
            found.conflicts().len(),
        )
    };
    let first = tell(items);
    assert_eq!(tell(turned), first, "the order of arrival plays no part");
    first
}

#[test]
fn a_declared_copy_is_joined_when_something_corroborates_it() {
    // Two code systems and no map: only what is declared can tell.
    let own = || diagnosis(OWN, "a", &format!("{SNOMED}{ONSET}"));
    let copy = |rest: &str| diagnosis(OTHER, "b", &format!("{ICPC}{rest}"));
    let by = |role: &str| origin(OTHER, role, &["Condition/b"], &[THERE]);
    assert_eq!(
        told(vec![own(), copy(ONSET)]),
        (vec![], 0, 0),
        "nothing is declared"
    );
    for role in ["source", "quotation", "derivation"] {
        let (clusters, ..) = told(vec![own(), copy(ONSET), by(role)]);
        assert_eq!(clusters.len(), 1, "{role}");
        assert_eq!(clusters[0].1, Tier::Declared);
        assert!(Tier::Identifier < Tier::Declared && Tier::Declared < Tier::Fact);
        assert!(matches!(clusters[0].0, Relation::Declared { .. }), "{role}");
    }
    let (clusters, ..) = told(vec![own(), copy(ONSET), by("removal")]);
    assert!(clusters.is_empty(), "another role declares no copy");
    let (clusters, possible, _) = told(vec![own(), copy(""), by("source")]);
    assert_eq!((clusters, possible), (vec![], 1), "nothing corroborates it");
}

#[test]
fn the_number_of_one_thing_and_the_moment_of_recording_corroborate() {
    let vaccine = |holder: &str, id: &str, rest: &str| {
        let json = format!(
            r#"{{"resourceType":"Immunization","id":"{id}","status":"completed","note":[{{"text":"{id}"}}],"vaccineCode":{{"coding":[{{"system":"http://www.whocc.no/atc","code":"J07BC01"}}]}}{rest}}}"#
        );
        received(holder, &json)
    };
    let document = |holder: &str, id: &str, rest: &str| {
        let json = format!(
            r#"{{"resourceType":"DocumentReference","id":"{id}","status":"current","description":"{id}","type":{{"coding":[{{"system":"http://loinc.org","code":"18748-4"}}]}}{rest}}}"#
        );
        received(holder, &json)
    };
    let hash = |value: &str| format!(r#","content":[{{"attachment":{{"hash":"{value}"}}}}]"#);
    let day = r#","occurrenceDateTime":"2016-09-10""#;
    let lot = |value: &str| format!(r#","lotNumber":"{value}""#);
    let recorded = |value: &str| format!(r#","recordedDate":"{value}""#);
    let (early, late) = ("2008-11-11T09:56:50+01:00", "2008-11-11T09:56:51+01:00");
    type Build<'b> = &'b dyn Fn(&str, &str, &str) -> Received;
    let cases: [(&str, Build<'_>, String, String, bool); 8] = [
        ("Immunization", &vaccine, day.to_owned(), String::new(), false),
        (
            "Immunization",
            &vaccine,
            format!("{day}{}", lot("A1")),
            lot("A1"),
            true,
        ),
        (
            "Immunization",
            &vaccine,
            format!("{day}{}", lot("A1")),
            lot("A2"),
            false,
        ),
        (
            "DocumentReference",
            &document,
            String::new(),
            String::new(),
            false,
        ),
        (
            "DocumentReference",
            &document,
            hash("b3Bub21l"),
            hash("b3Bub21l"),
            true,
        ),
        (
            "DocumentReference",
            &document,
            hash("b3Bub21l"),
            hash("YW5kZXJz"),
            false,
        ),
        (
            "Condition",
            &diagnosis,
            format!("{SNOMED}{}", recorded(early)),
            format!("{SNOMED}{}", recorded(early)),
            true,
        ),
        (
            "Condition",
            &diagnosis,
            format!("{SNOMED}{}", recorded(early)),
            format!("{SNOMED}{}", recorded(late)),
            false,
        ),
    ];
    for (kind, build, own, copy, is_joined) in cases {
        let there = format!("https://{OWN}.example/r4/{kind}/a");
        let of = origin(OTHER, "source", &[&format!("{kind}/b")], &[&there]);
        let (clusters, ..) = told(vec![build(OWN, "a", &own), build(OTHER, "b", &copy), of]);
        let declared = clusters.iter().any(|(_, tier)| *tier == Tier::Declared);
        assert_eq!(declared, is_joined, "{kind}{own} and {copy}");
    }
}

#[test]
fn the_source_of_a_record_declares_it_too() {
    let own = diagnosis(OWN, "a", &format!("{SNOMED}{ONSET}"));
    let meta = format!(r#"{ICPC}{ONSET},"meta":{{"source":"{THERE}#1"}}"#);
    let (clusters, ..) = told(vec![own.clone(), diagnosis(OTHER, "b", &meta)]);
    assert_eq!(clusters.len(), 1);
    let elsewhere = meta.replace("Condition/a", "Condition/z");
    let (clusters, ..) = told(vec![own, diagnosis(OTHER, "b", &elsewhere)]);
    assert!(clusters.is_empty(), "of a record that was not received");
}

#[test]
fn what_is_declared_never_joins_what_contradicts() {
    let side = |code: &str| {
        format!(
            r#"{ONSET},"bodySite":[{{"coding":[{{"system":"http://snomed.info/sct","code":"{code}"}}]}}]"#
        )
    };
    let (clusters, _, conflicts) = told(vec![
        diagnosis(OWN, "a", &format!("{SNOMED}{}", side("7771000"))),
        diagnosis(OTHER, "b", &format!("{SNOMED}{}", side("24028007"))),
        origin(OTHER, "source", &["Condition/b"], &[THERE]),
    ]);
    assert_eq!((clusters, conflicts), (vec![], 1));
    let (clusters, ..) = told(vec![
        diagnosis(OWN, "a", &format!("{SNOMED}{ONSET}")),
        diagnosis(
            OTHER,
            "b",
            &format!("{}{ONSET}", SNOMED.replace("44054006", "38341003")),
        ),
        origin(OTHER, "source", &["Condition/b"], &[THERE]),
    ]);
    assert!(clusters.is_empty(), "another diagnosis");
}

#[test]
fn which_was_made_from_which_must_be_told() {
    let (clusters, ..) = told(vec![
        diagnosis(OWN, "a", &format!("{SNOMED}{ONSET}")),
        diagnosis(OTHER, "b", &format!("{ICPC}{ONSET}")),
        diagnosis(OTHER, "c", &format!("{ICPC}{ONSET}")),
        origin(OTHER, "source", &["Condition/b", "Condition/c"], &[THERE]),
    ]);
    assert!(clusters.is_empty());
}

#[test]
fn a_document_that_replaces_another_is_its_newer_version() {
    let document = |id: &str, rest: &str| {
        let json = format!(
            r#"{{"resourceType":"DocumentReference","id":"{id}","status":"current","description":"{id}"{rest}}}"#
        );
        received(OWN, &json)
    };
    let relates = |code: &str| {
        format!(r#","relatesTo":[{{"code":"{code}","target":{{"reference":"DocumentReference/old"}}}}]"#)
    };
    let items = vec![document("old", ""), document("new", &relates("replaces"))];
    let found = Reconciled::new(items.clone());
    assert_eq!(told(items).0, [(Relation::OlderVersion, Tier::Declared)]);
    let cluster = &found.clusters()[0];
    assert_eq!(found.items()[cluster.representative].resource.id(), Some("new"));
    assert!(!cluster.conflict, "a version does not contradict the one before");
    let (clusters, ..) = told(vec![document("old", ""), document("new", &relates("appends"))]);
    assert!(clusters.is_empty(), "an appendix is another document");
}

#[test]
fn an_order_that_replaces_another_shows_it_as_an_earlier_version() {
    let order = |id: &str, change: &[(&str, Value)]| {
        let mut json = json!({
            "resourceType": "ServiceRequest", "id": id, "status": "active", "intent": "order",
            "code": { "coding": [{ "system": "http://snomed.info/sct", "code": "391000" }] },
            "note": [{ "text": id }]
        });
        for (name, value) in change {
            json[*name] = value.clone();
        }
        received(OWN, &json.to_string())
    };
    let of = |id: &str| json!([{ "reference": format!("ServiceRequest/{id}") }]);
    let items = vec![order("old", &[]), order("new", &[("replaces", of("old"))])];
    let found = Reconciled::new(items.clone());
    assert_eq!(told(items).0, [(Relation::OlderVersion, Tier::Declared)]);
    let cluster = &found.clusters()[0];
    assert_eq!(found.items()[cluster.representative].resource.id(), Some("new"));
    let other = json!({ "coding": [{ "system": "http://snomed.info/sct", "code": "2" }] });
    let cases: [(&str, &[(&str, Value)]); 5] = [
        ("it only builds on the other", &[("basedOn", of("old"))]),
        ("of a record that was not received", &[("replaces", of("gone"))]),
        ("another care", &[("replaces", of("old")), ("code", other)]),
        (
            "a plan is no order",
            &[("replaces", of("old")), ("intent", json!("plan"))],
        ),
        (
            "what is not to be done",
            &[("replaces", of("old")), ("doNotPerform", json!(true))],
        ),
    ];
    for (name, change) in cases {
        let (clusters, ..) = told(vec![order("old", &[]), order("new", change)]);
        assert!(clusters.is_empty(), "{name}");
    }
}

#[test]
fn an_agreement_that_follows_another_is_another_agreement() {
    let agreement = |id: &str, rest: &str| {
        let json = format!(
            r#"{{"resourceType":"MedicationRequest","id":"{id}","status":"active","intent":"order","note":[{{"text":"{id}"}}],"medicationCodeableConcept":{{"coding":[{{"system":"urn:oid:2.16.840.1.113883.2.4.4.10","code":"1245"}}]}}{rest}}}"#
        );
        received(OWN, &json)
    };
    for names in ["priorPrescription", "basedOn"] {
        let to = r#"{"reference":"MedicationRequest/old"}"#;
        let to = if names == "basedOn" {
            format!("[{to}]")
        } else {
            to.to_owned()
        };
        let (clusters, ..) = told(vec![
            agreement("old", ""),
            agreement("new", &format!(r#","{names}":{to}"#)),
        ]);
        assert!(clusters.is_empty(), "{names}");
    }
}
