//! Units of Dutch lab and vital-sign results, and what is none.

use std::cmp::Ordering;

use proptest::prelude::*;

use super::{Magnitude, UnitError, canonical, comparable, compare, convert, is_unit};

#[test]
fn units_in_use_are_units() {
    for unit in [
        "mm[Hg]",
        "kg",
        "cm",
        "mmol/L",
        "10*9/L",
        "/min",
        "Cel",
        "[IU]/L",
        "%",
        "mL/min/{1.73_m2}",
        "1",
        "[pH]",
        "{score}",
        "[arb'U]",
    ] {
        assert!(is_unit(unit), "{unit}");
    }
}

#[test]
fn what_is_no_unit() {
    for unit in [
        "",
        "mmhg",
        "graad",
        "m m",
        "m//s",
        "µg",
        "10+9",
        "(m",
        &"m.".repeat(200),
        &"(".repeat(200),
    ] {
        assert!(!is_unit(unit), "{unit}");
    }
}

#[test]
fn conversion_is_decimal() {
    let cases = [
        ("1", "[in_i]", "cm", "2.54"),
        ("120", "mm[Hg]", "kPa", "15.998640"),
        ("37.0", "Cel", "K", "310.15"),
        ("0.1", "g", "mg", "100"),
        ("4.70", "10*9/L", "10*12/L", "0.0047"),
        ("1", "kg", "g", "1000"),
    ];
    for (value, from, to, expected) in cases {
        let got = convert(value, from, to).unwrap();
        assert_eq!(
            got,
            Magnitude::parse(expected).unwrap(),
            "{value} {from} is {got} {to}"
        );
    }
    assert_eq!(convert("98.6", "[degF]", "Cel").unwrap().to_string(), "37");
}

#[test]
fn what_cannot_be_compared_is_refused() {
    assert_eq!(comparable("kg", "m"), Ok(false));
    assert_eq!(comparable("kg", "mg"), Ok(true));
    assert_eq!(comparable("kg", "kilo"), Err(UnitError::Unit));
    assert_eq!(convert("1", "kg", "m"), Err(UnitError::Incomparable));
    assert_eq!(convert("one", "kg", "g"), Err(UnitError::Value));
    assert_eq!(canonical("7.4", "[pH]"), Err(UnitError::NotLinear));
    assert_eq!(compare(("1", "mol"), ("1", "kg")), Err(UnitError::Incomparable));
    assert_eq!(compare(("1000", "mg"), ("1", "g")), Ok(Ordering::Equal));
    assert_eq!(compare(("999.9", "mg"), ("1", "g")), Ok(Ordering::Less));
}

#[test]
fn the_canonical_form_is_one_for_all_that_measure_the_same() {
    assert_eq!(canonical("1", "kg").unwrap(), canonical("1000", "g").unwrap());
    assert_eq!(canonical("1", "N").unwrap(), canonical("1", "kg.m/s2").unwrap());
}

proptest! {
    #[test]
    fn there_and_back_is_the_same(value in -1_000_000i64..1_000_000, pair in prop::sample::select(vec![("kg", "mg"), ("m", "km"), ("Cel", "K"), ("L", "dL"), ("h", "min")])) {
        let there = convert(&value.to_string(), pair.0, pair.1).unwrap();
        let back = convert(&there.to_string(), pair.1, pair.0).unwrap();
        let wanted = Magnitude::parse(&value.to_string()).unwrap();
        let off = back.0.checked_sub(wanted.0).unwrap().abs();
        prop_assert!(Magnitude(off) < Magnitude::parse("0.000000000000000001").unwrap(), "{there} {back}");
    }

    #[test]
    fn no_text_ends_a_judgement(value in "[-+.0-9eE]{0,20}", unit in "[-a-zA-Z0-9\\[\\]{}()./*'^%]{0,40}") {
        let _ = (is_unit(&unit), canonical(&value, &unit), convert(&value, &unit, "m"));
    }
}
