//! Earlier and later values of one specimen and test: which is a version of which, and when that cannot be told.

use serde_json::{Value, json};

use super::{GP, HOSPITAL, LAB, at, base, found, with};

/// A result: holder, number, specimen, stage and value.
type Row = (
    &'static str,
    Option<&'static str>,
    Option<&'static str>,
    &'static str,
    f64,
);

/// The sets that must be joined, each by the places of the rows.
type Sets<'s> = &'s [&'s [usize]];

const NURSING: &str = "00700702";

fn result((_, number, specimen, stage, value): &Row) -> Value {
    let numbered = |value: &Option<&str>, system: &str| match value {
        Some(value) => json!({"system": system, "value": value}),
        None => Value::Null,
    };
    // As a person writes it: a round number without decimals.
    let value: Value = serde_json::from_str(&value.to_string()).unwrap_or_else(|e| panic!("{e}"));
    let mut json = with(base("laboratory"), "valueQuantity/value", value);
    json["status"] = json!(stage);
    if number.is_some() {
        json["identifier"] = json!([numbered(number, "urn:oid:2.999.7.1")]);
    }
    if specimen.is_some() {
        json["specimen"] = json!({"identifier": numbered(specimen, "urn:oid:2.999.7.2")});
    }
    json
}

/// The sets of rows that are joined, each by the places of the rows.
fn joined(rows: &[Row]) -> Vec<Vec<usize>> {
    let items = rows.iter().enumerate().map(|(place, row)| {
        let json = with(
            result(row),
            "note",
            json!([{"text": format!("opmerking {place}")}]),
        );
        at(row.0, &format!("r{place}"), &json)
    });
    let (items, found) = found(items.collect());
    let place = |index: &usize| -> usize {
        let id = items[*index].resource.id().unwrap_or_default();
        id.trim_start_matches('r')
            .parse()
            .unwrap_or_else(|_| panic!("{id}"))
    };
    let clusters = found.clusters.iter().map(|cluster| {
        let mut members: Vec<usize> = cluster.members.iter().map(place).collect();
        members.sort_unstable();
        members
    });
    let mut clusters: Vec<Vec<usize>> = clusters.collect();
    clusters.sort_unstable();
    clusters
}

#[test]
fn a_version_is_joined_only_with_the_one_result_that_it_can_be_of() {
    let s = Some("S1");
    let n = Some("N1");
    let (early, last) = ("preliminary", "final");
    let cases: [(&str, &[Row], Sets<'_>); 15] = [
        (
            "an earlier value of one specimen",
            &[(LAB, None, s, last, 91.0), (GP, None, s, early, 94.0)],
            &[&[0, 1]],
        ),
        (
            "and one that was corrected",
            &[(LAB, None, s, "corrected", 91.0), (GP, None, s, last, 94.0)],
            &[&[0, 1]],
        ),
        (
            "without the specimen's number it is another result",
            &[(LAB, None, s, last, 91.0), (GP, None, None, early, 94.0)],
            &[],
        ),
        (
            "of another specimen too",
            &[(LAB, None, s, last, 91.0), (GP, None, Some("S2"), early, 94.0)],
            &[],
        ),
        (
            "with two final values it is of neither",
            &[
                (LAB, None, s, last, 91.0),
                (HOSPITAL, None, s, last, 98.0),
                (GP, None, s, early, 94.0),
            ],
            &[],
        ),
        (
            "a final value is joined with its copy beside an earlier value of neither",
            &[
                (LAB, None, s, last, 91.0),
                (NURSING, None, s, last, 91.0),
                (HOSPITAL, None, s, last, 98.0),
                (GP, None, s, early, 94.0),
            ],
            &[&[0, 1]],
        ),
        (
            "a result with copies of two stages hides no other that it may be of",
            &[
                (LAB, n, s, last, 91.0),
                (NURSING, n, s, early, 91.0),
                (HOSPITAL, None, s, last, 98.0),
                (GP, None, s, early, 94.0),
            ],
            &[&[0, 1]],
        ),
        (
            "nor when those copies say two values",
            &[
                (LAB, n, s, last, 91.0),
                (NURSING, n, s, early, 94.0),
                (HOSPITAL, None, s, last, 98.0),
                (GP, None, s, early, 95.0),
            ],
            &[&[0, 1]],
        ),
        (
            "a result that does not tell its specimen may be the one",
            &[
                (LAB, None, None, last, 91.0),
                (HOSPITAL, None, s, last, 98.0),
                (GP, None, s, early, 94.0),
            ],
            &[],
        ),
        (
            "one number with two final values does not tell of which the earlier one is",
            &[
                (LAB, n, s, last, 91.0),
                (HOSPITAL, n, s, last, 98.0),
                (GP, n, s, early, 94.0),
            ],
            &[],
        ),
        (
            "what says the same value is joined by that number all the same",
            &[
                (LAB, n, s, last, 91.0),
                (HOSPITAL, n, s, last, 98.0),
                (GP, n, s, early, 91.0),
            ],
            &[&[0, 2]],
        ),
        (
            "a round number is the same value with the same number",
            &[(LAB, n, s, last, 91.4), (GP, n, s, last, 91.0)],
            &[&[0, 1]],
        ),
        (
            "a rounded value is of neither of two with the same number",
            &[
                (LAB, n, s, last, 0.27),
                (HOSPITAL, n, s, last, 0.34),
                (GP, n, s, last, 0.3),
            ],
            &[],
        ),
        (
            "another round number is not",
            &[(LAB, n, s, last, 91.6), (GP, n, s, last, 91.0)],
            &[],
        ),
        (
            "one number with one final value is enough",
            &[
                (LAB, n, s, last, 91.0),
                (HOSPITAL, n, s, last, 91.0),
                (GP, n, s, early, 94.0),
            ],
            &[&[0, 1, 2]],
        ),
    ];
    let mut wrong = Vec::new();
    for (name, rows, expected) in cases {
        // The order in which they stand in the answer plays no part either.
        for turn in 0..rows.len() {
            let mut turned = rows.to_vec();
            turned.rotate_left(turn);
            let place = |at: usize| (at + turn) % rows.len();
            let mut got: Vec<Vec<usize>> = joined(&turned)
                .into_iter()
                .map(|set| {
                    let mut set: Vec<usize> = set.into_iter().map(place).collect();
                    set.sort_unstable();
                    set
                })
                .collect();
            got.sort_unstable();
            if got != expected.iter().map(|set| set.to_vec()).collect::<Vec<_>>() {
                wrong.push(format!("{name}, turned {turn}: {got:?}, not {expected:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
