//! What is the same fact and what never is, case by case: a base record, a change, and what must follow.

mod laboratory;
mod moments;
mod versions;

use proptest::prelude::*;
use samenhang_profiles::Received;
use serde_json::{Value, json};

use crate::cluster::{Found, Relation, find};
use crate::engine::Reason;
use crate::fixtures::received;
use crate::maps::Maps;
use crate::order;
use crate::policy::{Policy, SHIPPED};

const GP: &str = "00700701";
const HOSPITAL: &str = "00700700";
const LAB: &str = "00700703";

/// The base record of each kind: complete, dated and coded.
fn base(kind: &str) -> Value {
    let concept = |code: &str| json!({"coding": [{"system": "http://snomed.info/sct", "code": code}]});
    let mut json = match kind {
        "problem" => {
            json!({"resourceType": "Condition", "code": concept("73211009"), "onsetDateTime": "2019-04-02",
            "clinicalStatus": concept("active"), "verificationStatus": {"coding": [{"code": "confirmed"}]},
            "category": [concept("282291009")],
            "bodySite": [{"coding": [{"system": "http://snomed.info/sct", "code": "72696002"}],
                "extension": [{"url": "http://nictiz.nl/fhir/StructureDefinition/ext-AnatomicalLocation.Laterality",
                    "valueCodeableConcept": concept("7771000")}]}]})
        }
        "allergy" => json!({"resourceType": "AllergyIntolerance", "code": concept("764146007"),
            "clinicalStatus": {"coding": [{"code": "active"}]}, "verificationStatus": {"coding": [{"code": "confirmed"}]},
            "criticality": "low"}),
        "laboratory" => json!({"resourceType": "Observation", "status": "final",
            "category": [{"coding": [{"code": "laboratory"}]}],
            "code": {"coding": [{"system": "http://loinc.org", "code": "2160-0"}]},
            "effectiveDateTime": "2026-10-06T08:15:00+02:00",
            "valueQuantity": {"value": 91.0, "unit": "umol/L", "system": "http://unitsofmeasure.org", "code": "umol/L"}}),
        "vaccination" => {
            json!({"resourceType": "Immunization", "status": "completed", "vaccineCode": concept("871875004"),
            "occurrenceDateTime": "2021-05-04", "lotNumber": "AB12"})
        }
        "procedure" => {
            json!({"resourceType": "Procedure", "status": "completed", "code": concept("179344006"),
            "performedDateTime": "2018-02-09"})
        }
        "alert" => json!({"resourceType": "Flag", "status": "active", "code": concept("60631000146100"),
            "period": {"start": "2020-01-01"}}),
        other => panic!("{other} is no kind"),
    };
    json["subject"] = json!({"reference": "Patient/p"});
    json
}

/// Sets what stands at a path, or takes it away when it is null.
fn with(mut json: Value, path: &str, value: Value) -> Value {
    let mut at = &mut json;
    let steps: Vec<&str> = path.split('/').collect();
    let (last, way) = steps.split_last().unwrap_or_else(|| panic!("no path"));
    for step in way {
        at = match step.parse::<usize>() {
            Ok(index) => &mut at[index],
            Err(_) => &mut at[*step],
        };
    }
    match at.as_object_mut() {
        Some(object) if value.is_null() => drop(object.remove(*last)),
        Some(object) => drop(object.insert((*last).to_owned(), value)),
        None => panic!("{path} leads nowhere"),
    }
    json
}

fn at(holder: &str, id: &str, json: &Value) -> Received {
    let mut json = json.clone();
    json["id"] = json!(id);
    received(holder, &json.to_string())
}

fn found(mut items: Vec<Received>) -> (Vec<Received>, Found) {
    order::sort(&mut items);
    let found = find(&items, Policy::shipped(), &[], Maps::none());
    (items, found)
}

/// What becomes of two records at two holders.
fn outcome(a: &Value, b: &Value) -> &'static str {
    // What differs must not be equal content.
    let b = with(b.clone(), "note", json!([{"text": "elders"}]));
    let (_, found) = found(vec![at(GP, "a", a), at(HOSPITAL, "b", &b)]);
    match (
        found.clusters.first(),
        found.conflicts.len(),
        found.possible.len(),
    ) {
        (Some(cluster), ..) => match cluster.relations[0].1 {
            Relation::Declared { .. } => "declared",
            Relation::SameFact { translated: false } => "same fact",
            Relation::SameFact { translated: true } => "same fact by map",
            _ => "same record",
        },
        (None, 1.., _) => "conflict",
        (None, 0, 1..) => "possible",
        (None, 0, 0) => "apart",
    }
}

#[test]
fn the_shipped_policy_can_be_read() {
    let policy = Policy::read(&SHIPPED).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(&policy, Policy::shipped());
}

#[test]
fn one_change_at_a_time() {
    let code = |system: &str, code: &str| json!({"coding": [{"system": system, "code": code}]});
    let sct = |value: &str| code("http://snomed.info/sct", value);
    let cases: Vec<(&str, &str, Value, &str)> = vec![
        // Problem.
        ("problem", "language", json!("nl"), "same fact"),
        ("problem", "onsetDateTime", json!("2019-04"), "same fact"),
        ("problem", "onsetDateTime", Value::Null, "same fact"),
        ("problem", "onsetDateTime", json!("2019-04-03"), "possible"),
        ("problem", "onsetDateTime", json!("2023-04-02"), "apart"),
        ("problem", "code", sct("44054006"), "apart"),
        (
            "problem",
            "clinicalStatus",
            json!({"coding": [{"code": "resolved"}]}),
            "same fact",
        ),
        (
            "problem",
            "verificationStatus",
            json!({"coding": [{"code": "refuted"}]}),
            "conflict",
        ),
        (
            "problem",
            "verificationStatus",
            json!({"coding": [{"code": "entered-in-error"}]}),
            "conflict",
        ),
        (
            "problem",
            "verificationStatus",
            json!({"coding": [{"code": "unconfirmed"}]}),
            "same fact",
        ),
        ("problem", "category", json!([sct("409586006")]), "apart"),
        ("problem", "bodySite", Value::Null, "same fact"),
        (
            "problem",
            "bodySite/0/extension/0/valueCodeableConcept",
            sct("24028007"),
            "apart",
        ),
        (
            "problem",
            "modifierExtension",
            json!([{"url": "u", "valueBoolean": true}]),
            "apart",
        ),
        (
            "problem",
            "meta",
            json!({"security": [{"system": "s", "code": "R"}]}),
            "apart",
        ),
        ("problem", "code", json!({"text": "diabetes mellitus"}), "apart"),
        // Allergy.
        ("allergy", "criticality", json!("high"), "same fact"),
        ("allergy", "onsetDateTime", json!("2001"), "same fact"),
        (
            "allergy",
            "verificationStatus",
            json!({"coding": [{"code": "refuted"}]}),
            "conflict",
        ),
        (
            "allergy",
            "clinicalStatus",
            json!({"coding": [{"code": "resolved"}]}),
            "conflict",
        ),
        ("allergy", "code", sct("373270004"), "apart"),
        // Laboratory.
        (
            "laboratory",
            "effectiveDateTime",
            json!("2026-10-06T06:15:00Z"),
            "same fact",
        ),
        (
            "laboratory",
            "effectiveDateTime",
            json!("2026-10-06"),
            "same fact",
        ),
        (
            "laboratory",
            "effectiveDateTime",
            json!("2026-10-06T12:15:00+02:00"),
            "possible",
        ),
        ("laboratory", "effectiveDateTime", Value::Null, "possible"),
        ("laboratory", "valueQuantity/value", json!(91), "same fact"),
        ("laboratory", "valueQuantity/value", json!(92.0), "apart"),
        ("laboratory", "valueQuantity/comparator", json!("<"), "apart"),
        (
            "laboratory",
            "valueQuantity",
            json!({"value": 0.091, "system": "http://unitsofmeasure.org", "code": "mmol/L"}),
            "same fact",
        ),
        (
            "laboratory",
            "valueQuantity",
            json!({"value": 91.0, "unit": "µmol/l"}),
            "same fact",
        ),
        (
            "laboratory",
            "valueQuantity",
            json!({"value": 91.0, "unit": "eenheden"}),
            "possible",
        ),
        (
            "laboratory",
            "valueQuantity",
            json!({"value": 91.0, "system": "http://unitsofmeasure.org", "code": "mg/dL"}),
            "apart",
        ),
        ("laboratory", "valueQuantity", Value::Null, "apart"),
        ("laboratory", "status", json!("entered-in-error"), "conflict"),
        ("laboratory", "method", sct("1"), "same fact"),
        // Vaccination.
        ("vaccination", "lotNumber", Value::Null, "same fact"),
        ("vaccination", "lotNumber", json!("XY9"), "apart"),
        ("vaccination", "status", json!("not-done"), "conflict"),
        (
            "vaccination",
            "occurrenceDateTime",
            json!("2021-05-05"),
            "possible",
        ),
        ("vaccination", "occurrenceDateTime", json!("2021-08-05"), "apart"),
        // Procedure and alert.
        ("procedure", "status", json!("not-done"), "conflict"),
        ("procedure", "performedDateTime", Value::Null, "possible"),
        (
            "procedure",
            "performedDateTime",
            json!("2018-02-09T10:00:00+01:00"),
            "same fact",
        ),
        ("alert", "status", json!("inactive"), "conflict"),
        ("alert", "period", json!({"start": "2021-01-01"}), "same fact"),
    ];
    let mut wrong = Vec::new();
    for (kind, path, value, expected) in cases {
        let base = base(kind);
        let changed = with(base.clone(), path, value.clone());
        for (a, b) in [(&base, &changed), (&changed, &base)] {
            let got = outcome(a, b);
            if got != expected {
                wrong.push(format!("{kind} {path} = {value}: {got}, not {expected}"));
            }
        }
    }
    wrong.dedup();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_fits_two_facts_is_joined_with_neither() {
    let first = base("problem");
    let later = with(first.clone(), "onsetDateTime", json!("2023-01-01"));
    let undated = with(first.clone(), "onsetDateTime", Value::Null);
    let (items, found) = found(vec![
        at(GP, "first", &first),
        at(GP, "later", &later),
        at(HOSPITAL, "undated", &undated),
    ]);
    assert!(found.clusters.is_empty());
    let [possible] = &found.possible[..] else {
        panic!("{:?}", found.possible)
    };
    assert_eq!(items[possible.record].resource.id(), Some("undated"));
    assert_eq!((possible.like.len(), possible.reason), (2, Reason::Ambiguous));
}

#[test]
fn no_chain_joins_what_does_not_fit() {
    // Without a side it fits both, which do not fit each other.
    let side = "bodySite/0/extension/0/valueCodeableConcept";
    let left = base("problem");
    let right = with(
        left.clone(),
        side,
        json!({"coding": [{"system": "http://snomed.info/sct", "code": "24028007"}]}),
    );
    let neither = with(left.clone(), "bodySite/0/extension", Value::Null);
    let (_, found) = found(vec![
        at(GP, "l", &left),
        at(LAB, "n", &neither),
        at(HOSPITAL, "r", &right),
    ]);
    assert!(found.clusters.is_empty());
}

#[test]
fn one_source_tells_its_own_records_apart() {
    let one = base("laboratory");
    let two = with(one.clone(), "note", json!([{"text": "nogmaals"}]));
    let (_, both) = found(vec![at(LAB, "1", &one), at(LAB, "2", &two)]);
    assert!(both.clusters.is_empty());
    let copy = with(one.clone(), "language", json!("nl"));
    let (_, three) = found(vec![at(LAB, "1", &one), at(LAB, "2", &two), at(GP, "3", &copy)]);
    assert!(
        three.clusters.is_empty(),
        "of which of the two it is the copy cannot be told"
    );
}

#[test]
fn equal_content_is_a_copy_only_when_it_says_which_it_is_of() {
    // A kind that is known by its number, and one of which the policy wants to know when.
    let kinds = [
        ("ServiceRequest", "40701008", "occurrenceDateTime"),
        ("Procedure", "52734007", "performedDateTime"),
    ];
    let number = json!([{"system": "urn:oid:2.999.1", "value": "17"}]);
    for (kind, code, when) in kinds {
        for (name, change, joins) in [
            ("neither when nor a number", None, false),
            ("when", Some((when, json!("2025-08-31"))), true),
            ("a number", Some(("identifier", number.clone())), true),
        ] {
            let mut one = json!({"resourceType": kind, "status": "active", "intent": "order",
                "code": {"coding": [{"system": "http://snomed.info/sct", "code": code}]}});
            if let Some((member, value)) = change {
                one[member] = value;
            }
            let (_, found) = found(vec![at(GP, "a", &one), at(HOSPITAL, "b", &one)]);
            let told = (found.clusters.len(), found.possible.len());
            assert_eq!(told, if joins { (1, 0) } else { (0, 1) }, "{kind}: {name}");
        }
    }
}

#[test]
fn many_are_cheap() {
    let one = base("laboratory");
    let mut items: Vec<Received> = (0..600)
        .map(|index| {
            let note = with(one.clone(), "note", json!([{"text": format!("{index}")}]));
            at(
                LAB,
                &format!("o{index}"),
                &with(note, "valueQuantity/value", json!(index)),
            )
        })
        .collect();
    items.extend((0..600).map(|index| {
        at(
            GP,
            &format!("g{index}"),
            &with(
                one.clone(),
                "effectiveDateTime",
                json!(format!(
                    "2026-10-06T08:{:02}:{:02}+02:00",
                    index / 60 % 60,
                    index % 60
                )),
            ),
        )
    }));
    let count = items.len();
    let (items, _) = found(items);
    assert_eq!(items.len(), count);
}

/// Changes that may be made to a record, as places in lists.
type Row = (usize, usize, usize, usize);

fn records(rows: &[Row]) -> Vec<Received> {
    let mut items = Vec::new();
    for (index, &(holder, kind, day, other)) in rows.iter().enumerate() {
        let holder = [GP, HOSPITAL, LAB, "00700702"][holder];
        let (kind, when) = [("problem", "onsetDateTime"), ("laboratory", "effectiveDateTime")][kind];
        let date: [Value; 5] = [
            json!("2024"),
            json!("2024-02-01"),
            json!("2024-02-01T10:00:00+01:00"),
            json!("2024-03-01"),
            Value::Null,
        ];
        let base = with(base(kind), when, date[day % date.len()].clone());
        let changed = match other {
            0 => base,
            1 => with(
                base,
                "verificationStatus",
                json!({"coding": [{"code": "refuted"}]}),
            ),
            2 => with(base, "category", Value::Null),
            _ => with(
                base,
                "identifier",
                json!([{"system": "urn:oid:2.999.1", "value": format!("{date:?}").len().to_string()}]),
            ),
        };
        items.push(at(
            holder,
            &format!("r{index}"),
            &with(changed, "note", json!([{"text": index.to_string()}])),
        ));
    }
    items
}

fn shape(items: Vec<Received>) -> (Vec<Vec<String>>, Vec<(String, String)>) {
    let (items, found) = found(items);
    let name = |index: &usize| items[*index].full_url.to_string();
    (
        found
            .clusters
            .iter()
            .map(|cluster| cluster.members.iter().map(name).collect())
            .collect(),
        found
            .conflicts
            .iter()
            .map(|conflict| (name(&conflict.a), name(&conflict.b)))
            .collect(),
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arrival_does_not_matter_and_every_cluster_is_complete(
        rows in prop::collection::vec((0usize..4, 0usize..2, 0usize..5, 0usize..4), 0..24), turn in any::<prop::sample::Index>(),
    ) {
        let items = records(&rows);
        let first = shape(items.clone());
        let mut turned = items.clone();
        if !turned.is_empty() {
            let middle = turn.index(turned.len());
            turned.rotate_left(middle);
            turned.reverse();
        }
        prop_assert_eq!(&shape(turned), &first);
        // Any two members of a cluster would also be joined, or at least not be kept apart, on their own.
        let by_name = |name: &String| items.iter().find(|item| *item.full_url == **name).cloned();
        for members in &first.0 {
            for (at, a) in members.iter().enumerate() {
                for b in &members[at + 1..] {
                    let pair: Vec<Received> = [a, b].into_iter().filter_map(by_name).collect();
                    prop_assert_eq!(shape(pair).1.len(), 0, "{} and {} contradict each other", a, b);
                }
            }
        }
    }
}
