//! The operators of assertions (value set `assert-operator-codes`).

use crate::testscript::expression::{Item, told};

/// Compares a text with what is expected.
///
/// # Errors
/// What was found, when it is not so.
pub(super) fn compare(found: Option<&str>, operator: Option<&str>, wanted: &str) -> Result<(), String> {
    let text = found.unwrap_or_default();
    let list = || wanted.split(',').map(str::trim);
    let order = || match (text.parse::<f64>(), wanted.parse::<f64>()) {
        (Ok(text), Ok(wanted)) => text.partial_cmp(&wanted),
        _ => Some(text.cmp(wanted)),
    };
    let holds = match operator.unwrap_or("equals") {
        "equals" => found == Some(wanted),
        "notEquals" => found != Some(wanted),
        "in" => found.is_some() && list().any(|one| one == text),
        "notIn" => list().all(|one| one != text),
        "greaterThan" => found.is_some() && order().is_some_and(std::cmp::Ordering::is_gt),
        "lessThan" => found.is_some() && order().is_some_and(std::cmp::Ordering::is_lt),
        "empty" => text.is_empty(),
        "notEmpty" => !text.is_empty(),
        "contains" => found.is_some_and(|text| text.contains(wanted)),
        "notContains" => !text.contains(wanted),
        other => return Err(format!("the operator {other} is not known")),
    };
    if holds {
        Ok(())
    } else {
        Err(found.map_or_else(|| "nothing".to_owned(), |text| format!("'{text}'")))
    }
}

/// Compares what two expressions gave.
///
/// # Errors
/// What was found, when it is not so.
pub(super) fn compare_lists(found: &[Item], operator: Option<&str>, wanted: &[Item]) -> Result<(), String> {
    let texts = |items: &[Item]| items.iter().map(|item| item.text.clone()).collect::<Vec<_>>();
    let (own, other) = (texts(found), texts(wanted));
    let holds = match operator.unwrap_or("equals") {
        "equals" => own == other,
        "notEquals" => own != other,
        "in" => own.iter().all(|one| other.contains(one)) && !own.is_empty(),
        "notIn" => own.iter().all(|one| !other.contains(one)),
        "contains" => other.iter().all(|one| own.contains(one)),
        "notContains" => other.iter().all(|one| !own.contains(one)),
        other => return Err(format!("the operator {other} does not compare two lists")),
    };
    if holds {
        Ok(())
    } else {
        Err(format!("{}, against {}", told(found), told(wanted)))
    }
}

#[cfg(test)]
mod tests {
    use super::compare;

    #[test]
    fn operators_compare_texts() {
        for (found, operator, wanted, holds) in [
            (Some("200"), Some("in"), "200,201", true),
            (Some("20"), Some("in"), "200, 201", false),
            (None, Some("in"), "200", false),
            (Some("a"), None, "a", true),
            (Some("a"), None, "b", false),
            (Some("a"), Some("notEquals"), "b", true),
            (Some("10"), Some("greaterThan"), "9", true),
            (Some("b"), Some("lessThan"), "a", false),
            (None, Some("empty"), "", true),
            (Some("x"), Some("notEmpty"), "", true),
            (Some("abc"), Some("contains"), "b", true),
            (None, Some("notContains"), "b", true),
            (Some("a"), Some("looksLike"), "a", false),
        ] {
            assert_eq!(
                compare(found, operator, wanted).is_ok(),
                holds,
                "{found:?} {operator:?} {wanted}"
            );
        }
    }
}
