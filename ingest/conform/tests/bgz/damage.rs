//! Fixtures with one value taken out, blanked or replaced: there is always an answer, and its ledger balances.

use serde_json::{Value, json};

use super::*;

/// Of all places in all fixtures, one in so many is damaged: they are thousands, and the kinds of damage rotate.
const EVERY: usize = 5;

fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    let mut each = |key: String, inner: &Value| {
        let pointer = format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
        pointers(inner, &pointer, found);
        found.push(pointer);
    };
    match value {
        Value::Object(entries) => entries.iter().for_each(|(key, inner)| each(key.clone(), inner)),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .for_each(|(at, inner)| each(at.to_string(), inner)),
        _ => {}
    }
}

#[test]
fn a_damaged_fixture_has_an_answer_that_balances() {
    let pack = pack();
    let mut number = 0;
    for fixture in fixtures() {
        let whole: Value = serde_json::from_slice(&fixture.body).unwrap();
        let mut places = Vec::new();
        pointers(&whole, "", &mut places);
        for place in places {
            number += 1;
            if number % EVERY != 0 {
                continue;
            }
            let mut damaged = whole.clone();
            let into = damaged.pointer_mut(&place).unwrap();
            *into = match number / EVERY % 4 {
                0 => Value::Null,
                1 => json!(""),
                2 => json!([into.clone(), into.clone()]),
                _ => json!({ "url": "x", "extension": [into.clone()] }),
            };
            let body = serde_json::to_vec(&damaged).unwrap();
            let Ok(document) = Document::from_json(&body, FhirVersion::Stu3, &Limits::default()) else {
                continue;
            };
            let ledger = lift(&pack, &document).ledger;
            let sum = ledger.mapped() + ledger.ignored() + ledger.unmapped();
            assert_eq!(sum, ledger.total(), "{} {place}", fixture.name);
        }
    }
}
