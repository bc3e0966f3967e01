//! Results of a laboratory beyond value and moment: the property that a unit tells, the specimen, and what is in a panel.

use samenhang_profiles::Received;
use serde_json::{Value, json};

use super::{GP, HOSPITAL, at, base, found, outcome, with};

const UCUM: &str = "http://unitsofmeasure.org";

fn quantity(value: f64, unit: &str) -> Value {
    json!({"value": value, "unit": unit, "system": UCUM, "code": unit})
}

/// A result with a specimen that has this type and was collected like this.
fn of_specimen(kind: &Value, collection: &Value) -> Value {
    let mut json = base("laboratory");
    let mut specimen = json!({"resourceType": "Specimen", "id": "monster", "type": kind});
    if !collection.is_null() {
        specimen["collection"] = collection.clone();
    }
    json["contained"] = json!([specimen]);
    json["specimen"] = json!({"reference": "#monster"});
    json
}

fn codes(list: &[&str]) -> Value {
    let codings = list
        .iter()
        .map(|code| json!({"system": "http://snomed.info/sct", "code": code}));
    json!({"coding": codings.collect::<Vec<_>>()})
}

#[test]
fn one_loinc_code_with_the_unit_of_another_property_is_another_result() {
    // Each pair has one LOINC code, one moment and mostly one number.
    let cases = [
        (
            "substance and substance",
            5.4,
            "mmol/L",
            5.4,
            "mmol/L",
            "same fact",
        ),
        (
            "the same in another unit",
            5.4,
            "mmol/L",
            5400.0,
            "umol/L",
            "same fact",
        ),
        ("litre in both ways", 5.4, "mmol/L", 5.4, "mmol/l", "same fact"),
        ("mass and substance", 5.4, "mmol/L", 5.4, "g/L", "apart"),
        ("activity and mass", 40.0, "U/L", 40.0, "ug/L", "apart"),
        (
            "activity and international units",
            40.0,
            "U/L",
            40.0,
            "[IU]/L",
            "apart",
        ),
        ("number and volume fraction", 0.4, "10*12/L", 0.4, "L/L", "apart"),
        ("fraction and percentage", 0.4, "L/L", 40.0, "%", "same fact"),
        ("rate and amount", 5.4, "mmol/L", 5.4, "mmol/(24.h)", "apart"),
        ("case of the prefix", 5.4, "mg/L", 5.4, "Mg/L", "apart"),
    ];
    let mut wrong = Vec::new();
    for (name, value, unit, other, other_unit, expected) in cases {
        let one = with(base("laboratory"), "valueQuantity", quantity(value, unit));
        let two = with(base("laboratory"), "valueQuantity", quantity(other, other_unit));
        for (a, b) in [(&one, &two), (&two, &one)] {
            let got = outcome(a, b);
            if got != expected {
                wrong.push(format!("{name}: {got}, not {expected}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_specimen_tells_results_apart() {
    let serum = codes(&["119364003"]);
    let fasting = |code: &str| {
        let system = "http://terminology.hl7.org/CodeSystem/v2-0916";
        json!({"fastingStatusCodeableConcept": {"coding": [{"system": system, "code": code}]}})
    };
    let none = Value::Null;
    let hours = json!({"fastingStatusDuration": {"value": 8, "system": UCUM, "code": "h"}});
    let minutes = json!({"fastingStatusDuration": {"value": 480, "system": UCUM, "code": "min"}});
    let cases = [
        (
            "both fasting",
            &serum,
            fasting("F"),
            &serum,
            fasting("F"),
            "same fact",
        ),
        (
            "fasting and not fasting",
            &serum,
            fasting("F"),
            &serum,
            fasting("NF"),
            "apart",
        ),
        (
            "one does not say",
            &serum,
            fasting("F"),
            &serum,
            none,
            "same fact",
        ),
        ("as long", &serum, hours.clone(), &serum, minutes, "same fact"),
        ("in another way", &serum, hours, &serum, fasting("F"), "apart"),
    ];
    let organisms = [
        ("one microorganism", ["119364003", "112283007"], "same fact"),
        ("two microorganisms", ["119364003", "3092008"], "apart"),
    ];
    let mut wrong = Vec::new();
    let mut check = |name: &str, one: &Value, two: &Value, expected: &str| {
        for (a, b) in [(one, two), (two, one)] {
            let got = outcome(a, b);
            if got != expected {
                wrong.push(format!("{name}: {got}, not {expected}"));
            }
        }
    };
    for (name, kind, collection, other, other_collection, expected) in cases {
        let one = of_specimen(kind, &collection);
        check(name, &one, &of_specimen(other, &other_collection), expected);
    }
    let one = of_specimen(&codes(&["119364003", "112283007"]), &Value::Null);
    for (name, both, expected) in organisms {
        check(name, &one, &of_specimen(&codes(&both), &Value::Null), expected);
    }
    check(
        "only the material",
        &one,
        &of_specimen(&serum, &Value::Null),
        "same fact",
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The results of a panel: code and value.
type Results<'r> = &'r [(&'r str, f64)];

/// A panel of a holder with its results.
fn panel(holder: &str, results: Results<'_>) -> Vec<Received> {
    let mut panel = base("laboratory");
    panel["code"] = json!({"coding": [{"system": "http://loinc.org", "code": "24323-8"}]});
    if let Some(fields) = panel.as_object_mut() {
        fields.remove("valueQuantity");
    }
    panel["note"] = json!([{"text": holder}]);
    let ids = (0..results.len()).map(|place| format!("r{place}"));
    let members = ids
        .clone()
        .map(|id| json!({"reference": format!("Observation/{id}")}));
    panel["hasMember"] = members.collect();
    let mut items = vec![at(holder, "panel", &panel)];
    for (id, (code, value)) in ids.zip(results) {
        let mut result = with(base("laboratory"), "valueQuantity/value", json!(value));
        result["code"] = json!({"coding": [{"system": "http://loinc.org", "code": code}]});
        result["note"] = json!([{"text": holder}]);
        items.push(at(holder, &id, &result));
    }
    items
}

#[test]
fn two_panels_are_one_when_their_results_are() {
    let two = [("2160-0", 91.0), ("2823-3", 4.1)];
    let cases: [(&str, Results<'_>, bool, bool); 5] = [
        ("the same", &two, true, false),
        (
            "in another order",
            &[("2823-3", 4.1), ("2160-0", 91.0)],
            true,
            false,
        ),
        (
            "another value of one",
            &[("2160-0", 91.0), ("2823-3", 4.4)],
            false,
            false,
        ),
        ("one less", &[("2160-0", 91.0)], false, true),
        (
            "one more",
            &[("2160-0", 91.0), ("2823-3", 4.1), ("2951-2", 140.0)],
            false,
            true,
        ),
    ];
    let mut wrong = Vec::new();
    for (name, results, joins, looks_alike) in cases {
        let mut items = panel(GP, &two);
        items.extend(panel(HOSPITAL, results));
        let (items, found) = found(items);
        let is_panel = |index: &usize| items[*index].resource.id() == Some("panel");
        let is_joined = found
            .clusters
            .iter()
            .any(|cluster| cluster.members.iter().all(is_panel));
        let is_possible = found.possible.iter().any(|possible| is_panel(&possible.record));
        if (is_joined, is_possible) != (joins, looks_alike) {
            wrong.push(format!(
                "{name}: joined {is_joined}, possible duplicate {is_possible}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
