use samenhang_profiles::Received;
use serde_json::{Value, json};

use crate::Reconciled;
use crate::engine::Tier;
use crate::fixtures::received;

const OWN: &str = "00700700";
const COPIER: &str = "00700701";
const THIRD: &str = "00700702";
const NICTIZ: &str = "http://nictiz.nl/fhir/StructureDefinition";

/// Members that a case changes.
type Change<'c> = &'c [(&'c str, Value)];

/// What a statement of use has: holder, number, and the mark.
type Use<'c> = (&'c str, Option<&'c str>, Option<bool>);

/// A statement of use of the treatment of one patient, with a text of its own and what a case changes.
fn used((holder, number, mark): Use<'_>, id: &str, change: Change<'_>) -> Received {
    let mut extensions = vec![json!({
        "url": format!("{NICTIZ}/ext-PharmaceuticalTreatment.Identifier"),
        "valueIdentifier": { "system": "urn:oid:2.999.77.1.1", "value": "MBH-1" }
    })];
    if let Some(mark) = mark {
        extensions.push(json!({ "url": format!("{NICTIZ}/ext-CopyIndicator"), "valueBoolean": mark }));
    }
    let mut json = json!({
        "resourceType": "MedicationStatement", "id": id, "status": "active",
        "extension": extensions,
        "category": { "coding": [{ "system": "http://snomed.info/sct", "code": "422979000" }] },
        "medicationCodeableConcept": { "coding": [{ "system": "urn:oid:2.16.840.1.113883.2.4.4.10", "code": "1245" }] },
        "subject": { "reference": "Patient/p" },
        "effectivePeriod": { "start": "2026-03-01T08:00:00+01:00" },
        "dateAsserted": "2026-03-02",
        "dosage": [{ "text": "1 x per dag 1 tablet" }],
        "note": [{ "text": id }]
    });
    if let Some(number) = number {
        json["identifier"] = json!([{ "system": "urn:oid:2.999.77.2.1", "value": number,
            "assigner": { "identifier": { "system": "http://fhir.nl/fhir/NamingSystem/ura", "value": OWN } } }]);
    }
    for (name, value) in change {
        json[*name] = value.clone();
    }
    received(holder, &json.to_string())
}

/// Who stands for whom, the evidence, and how many possible duplicates there are.
fn told(items: Vec<Received>) -> (Option<(String, usize, Tier)>, usize) {
    let tell = |items: Vec<Received>| {
        let found = Reconciled::new(items);
        let cluster = found.clusters().first().map(|cluster| {
            let first = &found.items()[cluster.representative];
            let id = first.resource.id().unwrap_or_default().to_owned();
            (id, cluster.members.len(), cluster.tier())
        });
        (cluster, found.possible().len())
    };
    let mut turned = items.clone();
    turned.reverse();
    let first = tell(items);
    assert_eq!(tell(turned), first, "the order of arrival plays no part");
    first
}

#[test]
fn a_copy_that_lost_its_number_finds_its_original_by_all_that_it_says() {
    let own = (OWN, Some("1"), None);
    let copy = (COPIER, None, Some(true));
    let cases: [(&str, Use<'_>, Change<'_>, bool); 9] = [
        ("the very same", copy, &[], true),
        ("not marked", (COPIER, None, None), &[], false),
        ("marked as an original", (COPIER, None, Some(false)), &[], false),
        (
            "another dose",
            copy,
            &[("dosage", json!([{ "text": "2 x per dag 1 tablet" }]))],
            false,
        ),
        (
            "another begin",
            copy,
            &[("effectivePeriod", json!({ "start": "2026-03-05T08:00:00+01:00" }))],
            false,
        ),
        ("less", copy, &[("dosage", Value::Null)], false),
        (
            "another treatment",
            copy,
            &[(
                "extension",
                json!([
                    { "url": format!("{NICTIZ}/ext-PharmaceuticalTreatment.Identifier"),
                      "valueIdentifier": { "system": "urn:oid:2.999.77.1.1", "value": "MBH-2" } },
                    { "url": format!("{NICTIZ}/ext-CopyIndicator"), "valueBoolean": true }
                ]),
            )],
            false,
        ),
        (
            "without a treatment the drug and the day are no identity",
            copy,
            &[(
                "extension",
                json!([{ "url": format!("{NICTIZ}/ext-CopyIndicator"), "valueBoolean": true }]),
            )],
            false,
        ),
        (
            "with another number of the same source",
            (COPIER, Some("2"), Some(true)),
            &[],
            false,
        ),
    ];
    let mut wrong = Vec::new();
    for (name, copy, change, joins) in cases {
        let (cluster, _) = told(vec![used(own, "own", &[]), used(copy, "copy", change)]);
        let expected = joins.then(|| ("own".to_owned(), 2, Tier::Declared));
        if cluster != expected {
            wrong.push(format!("{name}: {cluster:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_copy_that_may_be_of_two_is_joined_with_neither() {
    let two = vec![
        used((OWN, Some("1"), None), "one", &[]),
        used((THIRD, Some("2"), None), "two", &[]),
        used((COPIER, None, Some(true)), "copy", &[]),
    ];
    assert_eq!(told(two), (None, 1));
    // Two with one number are one original.
    let one = vec![
        used((OWN, Some("1"), None), "one", &[]),
        used((THIRD, Some("1"), None), "two", &[]),
        used((COPIER, None, Some(true)), "copy", &[]),
    ];
    let (cluster, possible) = told(one);
    assert_eq!((cluster.map(|(_, members, _)| members), possible), (Some(3), 0));
    // Two copies do not make an original.
    let copies = vec![
        used((THIRD, None, Some(true)), "one", &[]),
        used((COPIER, None, Some(true)), "two", &[]),
    ];
    assert_eq!(told(copies), (None, 0));
}

#[test]
fn a_copy_never_stands_for_its_original() {
    // The copy says more and later; it is a copy all the same.
    let later = [
        ("dateAsserted", json!("2026-03-09")),
        ("reasonCode", json!([{ "text": "x" }])),
    ];
    for (id, other) in [("a-copy", "b-own"), ("b-copy", "a-own")] {
        let (cluster, _) = told(vec![
            used((COPIER, Some("1"), Some(true)), id, &later),
            used((THIRD, Some("1"), None), other, &[]),
        ]);
        assert_eq!(cluster.map(|(first, ..)| first).as_deref(), Some(other));
    }
}
