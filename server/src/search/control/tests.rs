//! The parameters that say how the matches are given, hostile ones among them.

use std::num::NonZeroUsize;

use samenhang_profiles::FhirVersion::{self, R4, Stu3};
use samenhang_profiles::document::Document;
use samenhang_profiles::{Limits, document::Node};

use super::{Control, Key, Rank, sortable};
use crate::search::query::Fault;

fn take(version: FhirVersion, kind: &str, pairs: &[(&str, &str)]) -> Option<Control> {
    let mut control = Control::default();
    for (name, value) in pairs {
        control
            .take(version, kind, (name, value))
            .expect("one of these")
            .ok()?;
    }
    Some(control)
}

#[test]
fn a_count_is_a_number_that_may_be_larger_than_any_answer() {
    let of = |value: &str| {
        take(R4, "Condition", &[("_count", value)]).map(|control| (control.count, control.total_only))
    };
    assert_eq!(of("1"), Some((NonZeroUsize::new(1), false)));
    assert_eq!(of("0"), Some((None, true)), "only how many");
    assert_eq!(
        of("1000000000000"),
        Some((NonZeroUsize::new(1_000_000_000_000), false))
    );
    assert_eq!(
        of("99999999999999999999"),
        Some((NonZeroUsize::new(usize::MAX), false))
    );
    for wrong in ["", "-1", "+1", "1.0", "1e9", "all", " 1", "999999999999999999999"] {
        assert_eq!(of(wrong), None, "{wrong}");
    }
    assert_eq!(
        take(R4, "Condition", &[("_count", "2"), ("_count", "3")]),
        None,
        "twice"
    );
}

#[test]
fn copies_are_shown_when_they_are_asked_for() {
    let of =
        |value: &str| take(R4, "Condition", &[("_reconciled", value)]).map(|control| control.shows_copies);
    assert_eq!((of("true"), of("false")), (Some(false), Some(true)));
    for wrong in ["", "no", "FALSE", "0"] {
        assert_eq!(of(wrong), None, "{wrong}");
    }
    let twice = [("_reconciled", "true"), ("_reconciled", "false")];
    assert_eq!(take(R4, "Condition", &twice), None);
}

#[test]
fn only_a_count_is_a_summary() {
    let of = |value: &str| take(Stu3, "Condition", &[("_summary", value)]).map(|control| control.total_only);
    assert_eq!((of("count"), of("false")), (Some(true), Some(false)));
    for wrong in ["true", "text", "data", "", "COUNT"] {
        assert_eq!(of(wrong), None, "{wrong}");
    }
    assert_eq!(take(Stu3, "Condition", &[("_elements", "id")]), None);
    let other = Control::default().take(Stu3, "Condition", ("_sort:asc", "date"));
    assert!(other.is_none(), "not one of these: an unknown parameter");
}

#[test]
fn the_order_is_by_the_dates_of_the_type_and_its_version() {
    let keys =
        |version, kind, value| take(version, kind, &[("_sort", value)]).map(|control| control.sort.len());
    for (version, kind, value, expected) in [
        (R4, "Condition", "-recorded-date,onset-date,_id", Some(3)),
        (Stu3, "Condition", "-asserted-date", Some(1)),
        (R4, "Condition", "asserted-date", None),
        (Stu3, "Condition", "recorded-date", None),
        (R4, "Observation", "code", None),
        (R4, "Observation", "", None),
        (R4, "Observation", "--date", None),
        (R4, "Observation", "date,", None),
    ] {
        assert_eq!(keys(version, kind, value), expected, "{kind} {value}");
    }
    let (eight, nine) = (["date"; 8].join(","), ["date"; 9].join(","));
    assert_eq!(keys(R4, "Observation", &eight), Some(8));
    assert_eq!(keys(R4, "Observation", &nine), None);
    let many = ["date"; 100].join(",");
    match Control::default().take(R4, "Observation", ("_sort", &many)) {
        Some(Err(Fault::Hint(_, en))) => {
            assert!(en.contains("date, _id") || en.contains("_id, date"), "{en}");
        }
        _ => panic!("a hundred keys are refused"),
    }
}

fn ranks(is_descending: bool, bodies: &[&str]) -> Vec<usize> {
    let parameter = sortable(R4, "Observation")
        .find(|parameter| parameter.name == "date")
        .unwrap();
    let key = Key {
        parameter,
        is_descending,
    };
    let documents: Vec<Document<'_>> = bodies
        .iter()
        .map(|body| Document::from_json(body.as_bytes(), R4, &Limits::default()).unwrap())
        .collect();
    let rank = |root: Node<'_>| Rank(key.value(root), is_descending);
    let mut order: Vec<usize> = (0..bodies.len()).collect();
    order.sort_by_cached_key(|index| rank(documents[*index].root()));
    order
}

#[test]
fn what_has_no_date_comes_last_in_either_direction() {
    let bodies = [
        r#"{"resourceType":"Observation","id":"a"}"#,
        r#"{"resourceType":"Observation","id":"b","effectiveDateTime":"2024-05"}"#,
        r#"{"resourceType":"Observation","id":"c","effectivePeriod":{"start":"2023-01-01"}}"#,
        r#"{"resourceType":"Observation","id":"d","effectiveDateTime":"2024-05-02T10:00:00+02:00"}"#,
        r#"{"resourceType":"Observation","id":"e","effectiveDateTime":"soon"}"#,
    ];
    assert_eq!(ranks(false, &bodies), [2, 1, 3, 0, 4]);
    assert_eq!(ranks(true, &bodies), [3, 1, 2, 0, 4]);
}
