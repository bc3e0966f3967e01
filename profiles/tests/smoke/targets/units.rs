//! Units: whatever the text, it is a unit or none, and a unit compares with itself.

use std::cmp::Ordering;

use samenhang_terminology::ucum::{UnitError, canonical, comparable, compare, convert, is_unit};

pub(crate) fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut lines = text.lines();
    let mut next = || lines.next().unwrap_or_default();
    let (value, unit, other) = (next(), next(), next());
    if !is_unit(unit) {
        assert_eq!(comparable(unit, unit), Err(UnitError::Unit));
        return;
    }
    assert_eq!(
        comparable(unit, unit),
        Ok(true),
        "a unit measures what it measures"
    );
    let _ = convert(value, unit, other);
    if canonical(value, unit).is_ok() {
        let same = compare((value, unit), (value, unit));
        assert!(
            matches!(same, Ok(Ordering::Equal) | Err(UnitError::NotLinear)),
            "{same:?}"
        );
    }
}
