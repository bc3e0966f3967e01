use super::Quantity;
use std::cmp::Ordering;

fn quantity(text: &str) -> Quantity {
    Quantity::parse(text).unwrap()
}

#[test]
fn order_needs_units_of_one_kind() {
    let compare = |left: &str, right: &str| quantity(left).compare(&quantity(right));
    assert_eq!(compare("4.0000 'g'", "4000.0 'mg'"), Some(Ordering::Equal));
    assert_eq!(compare("7 days", "1 'wk'"), Some(Ordering::Equal));
    assert_eq!(compare("6 days", "1 week"), Some(Ordering::Less));
    assert_eq!(compare("1 year", "12 months"), Some(Ordering::Equal));
    assert_eq!(compare("1 year", "1 'a'"), None);
    assert_eq!(compare("1 'mo'", "1 month"), None);
    assert_eq!(compare("1 'cm'", "1 's'"), None);
    assert_eq!(compare("2 'tablet'", "1 'tablet'"), Some(Ordering::Greater));
}

#[test]
fn equivalence_looks_at_the_lesser_precision() {
    assert!(quantity("4 'g'").equivalent(&quantity("4040 'mg'")));
    assert!(quantity("4040 'mg'").equivalent(&quantity("4 'g'")));
    assert!(!quantity("4 'g'").equivalent(&quantity("5000 'mg'")));
    assert!(quantity("1 year").equivalent(&quantity("1 'a'")));
    assert!(!quantity("1 'cm'").equivalent(&quantity("1 's'")));
}

#[test]
fn arithmetic_carries_the_units() {
    let area = quantity("2.0 'cm'").times(&quantity("2.0 'm'")).unwrap();
    assert_eq!(area.compare(&quantity("0.040 'm2'")), Some(Ordering::Equal));
    let density = quantity("4.0 'g'").divided_by(&quantity("2.0 'm'")).unwrap();
    assert_eq!(density.compare(&quantity("2 'g/m'")), Some(Ordering::Equal));
    let ratio = quantity("1.0 'm'").divided_by(&quantity("1.0 'm'")).unwrap();
    assert_eq!(ratio.to_string(), "1 '1'");
    let sum = quantity("1 'm'").plus(&quantity("5 'cm'")).unwrap();
    assert_eq!(sum.compare(&quantity("1.05 'm'")), Some(Ordering::Equal));
    assert!(quantity("1 'm'").plus(&quantity("5 's'")).is_none());
}

#[test]
fn text() {
    for text in ["1 'wk'", "1 week", "2.50 'mg'", "3 days"] {
        assert_eq!(quantity(text).to_string(), text);
    }
    assert_eq!(quantity("1").to_string(), "1 '1'");
    for text in ["1 wk", "1.a", "", "'mg'", "1 'mg", "1 ''"] {
        assert!(Quantity::parse(text).is_none(), "{text}");
    }
}
