use std::cmp::Ordering::{self, Equal, Greater, Less};

use super::{ArithmeticError, CalendarUnit, Temporal};
use crate::fhirpath::decimal::Decimal;
use proptest::prelude::*;

fn literal(text: &str) -> Temporal {
    let (value, length) = Temporal::literal(text).unwrap();
    assert_eq!(length, text.len(), "{text}");
    value
}

#[test]
fn text_is_kept_as_written() {
    for text in [
        "2015",
        "2015-02",
        "2015-02-04",
        "2015-02-04T14:34:28.123",
        "2015-02-04T14:34Z",
        "2015-02-04T14:34:28+10:00",
    ] {
        assert_eq!(literal(text).to_string(), text);
    }
    assert_eq!(literal("T14:34").to_string(), "14:34");
    for text in [
        "2015-13",
        "2015-02-30",
        "15",
        "2015-2-1",
        "0000",
        "2015-02T10",
        "T25",
        "T10:60",
        "-",
    ] {
        assert!(Temporal::literal(text).is_none(), "{text}");
    }
}

#[test]
fn order_is_known_only_where_the_known_parts_decide_it() {
    let cases: [(&str, &str, Option<Ordering>); 13] = [
        ("2018-03", "2018-03-01", None),
        ("2018-03", "2018-04-01", Some(Less)),
        ("2018-03-01T10:30", "2018-03-01T10:30:00", None),
        ("2018-03-01T10:30:00", "2018-03-01T10:30:00.0", Some(Equal)),
        ("2012-04-15T15:00:00Z", "2012-04-15T10:00:00", None),
        (
            "2012-04-15T15:00:00+02:00",
            "2012-04-15T16:00:00+03:00",
            Some(Equal),
        ),
        (
            "2017-11-05T01:30:00.0-04:00",
            "2017-11-05T01:15:00.0-05:00",
            Some(Less),
        ),
        ("2012-04-15", "2012-04-15T10:00:00", None),
        ("1974-12-25", "1974-12-25T12:34:00Z", None),
        ("1974-12-25", "1974-12-28T12:34:00Z", Some(Less)),
        ("2012-01-02", "2011-12-31T00:00:00Z", Some(Greater)),
        ("T10:30", "T10:30:00", None),
        ("T10:30", "2012", None),
    ];
    for (left, right, expected) in cases {
        let (left, right) = (literal(left), literal(right));
        assert_eq!(left.compare(&right), expected, "{left} {right}");
        assert_eq!(
            right.compare(&left),
            expected.map(Ordering::reverse),
            "{right} {left}"
        );
    }
}

#[test]
fn amounts_are_added_at_the_precision_that_is_there() {
    let cases = [
        ("1973-12-25", "7.7", CalendarUnit::Day, "1974-01-01"),
        ("2012-02-29", "1", CalendarUnit::Year, "2013-02-28"),
        ("2019-01-31", "1", CalendarUnit::Month, "2019-02-28"),
        ("2014", "24", CalendarUnit::Month, "2016"),
        ("2014", "400", CalendarUnit::Day, "2015"),
        ("2014-01", "-31", CalendarUnit::Day, "2013-12"),
        ("2014-01-01", "25", CalendarUnit::Hour, "2014-01-02"),
        (
            "1973-12-25T00:00:00.000+10:00",
            "10",
            CalendarUnit::Millisecond,
            "1973-12-25T00:00:00.010+10:00",
        ),
        ("T23:30:00", "1", CalendarUnit::Hour, "00:30:00"),
        ("T00:30", "-45", CalendarUnit::Minute, "23:45"),
    ];
    for (start, amount, unit, expected) in cases {
        let sum = literal(start)
            .plus(Decimal::parse(amount).unwrap(), unit)
            .unwrap();
        assert_eq!(sum.to_string(), expected, "{start}");
    }
    let one = Decimal::from(1);
    assert_eq!(
        literal("T10").plus(one, CalendarUnit::Day),
        Err(ArithmeticError::Unit)
    );
    assert_eq!(
        literal("9999").plus(one, CalendarUnit::Year),
        Err(ArithmeticError::Range)
    );
}

#[test]
fn boundaries() {
    let low = |text: &str, digits| literal(text).low_boundary(digits).map(|value| value.to_string());
    let high = |text: &str, digits| literal(text).high_boundary(digits).map(|value| value.to_string());
    assert_eq!(low("2014", 6).as_deref(), Some("2014-01"));
    assert_eq!(high("2014", 6).as_deref(), Some("2014-12"));
    assert_eq!(high("2014-02", 8).as_deref(), Some("2014-02-28"));
    assert_eq!(
        low("2014-01-01T08", 17).as_deref(),
        Some("2014-01-01T08:00:00.000+14:00")
    );
    assert_eq!(
        high("2014-01-01T08", 17).as_deref(),
        Some("2014-01-01T08:00:59.999-12:00")
    );
    assert_eq!(low("2014-01-01T08", 8).as_deref(), Some("2014-01-01"));
    assert_eq!(high("T10:30", 9).as_deref(), Some("10:30:59.999"));
    assert_eq!(low("2014", 17), None);
    assert_eq!(low("2014", 5), None);
}

proptest! {
    #[test]
    fn no_text_panics(text in "[0-9T:.+Z-]{0,30}") {
        let _ = (Temporal::literal(&text), Temporal::parse_time(&text));
        if let Some(value) = Temporal::parse_date_time(&text) {
            let _ = (value.low_boundary(17), value.high_boundary(8), value.in_utc());
            prop_assert_eq!(Temporal::parse_date_time(&value.to_string()).is_some(), true);
        }
    }

    #[test]
    fn adding_never_panics(year in 1_i32..10_000, amount in any::<i64>(), which in 0_usize..8) {
        let units = ["millisecond", "second", "minute", "hour", "day", "week", "month", "year"];
        let unit = CalendarUnit::from_word(units[which]).unwrap();
        for text in [format!("{year:04}"), format!("{year:04}-06-30T10:00:00Z")] {
            let _ = literal(&text).plus(Decimal::from(amount), unit);
        }
    }
}
