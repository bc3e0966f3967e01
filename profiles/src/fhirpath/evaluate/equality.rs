//! Equality and equivalence of items and collections (FHIRPath N1, 6.1).

use std::cmp::Ordering;
use std::collections::HashSet;
use std::ops::Range;

use super::{Evaluator, Outcome, Truth};
use crate::document::Node;
use crate::fhirpath::decimal::Decimal;
use crate::fhirpath::quantity::{Quantity, Unit};
use crate::fhirpath::tree;
use crate::fhirpath::value::Value;

/// Deeper than this no two trees are compared: no reader builds such a tree.
const MAX_DEPTH: usize = 256;

/// From this many items on, texts are compared by their hash.
const MANY: usize = 16;

/// A number, whatever its type.
pub(super) fn number(value: &Value<'_>) -> Option<Decimal> {
    match value {
        Value::Integer(value) => Some(Decimal::from(i64::from(*value))),
        Value::Decimal(value) => Some(*value),
        _ => None,
    }
}

/// A quantity, or a number as one without unit.
pub(super) fn quantity(value: &Value<'_>) -> Option<Quantity> {
    match value {
        Value::Quantity(quantity) => Some((**quantity).clone()),
        other => number(other).map(|value| Quantity {
            value,
            unit: Unit::one(),
        }),
    }
}

/// Order of two `System` values: `Err` when they have none, `Ok(None)` when it is not known.
pub(super) fn order(left: &Value<'_>, right: &Value<'_>) -> Result<Option<Ordering>, ()> {
    if let (Some(left), Some(right)) = (number(left), number(right)) {
        return Ok(Some(left.cmp(&right)));
    }
    match (left, right) {
        (Value::String(left), Value::String(right)) => Ok(Some(left.cmp(right))),
        (Value::Temporal(left), Value::Temporal(right)) if left.comparable(right) => Ok(left.compare(right)),
        (Value::Quantity(_), _) | (_, Value::Quantity(_)) => {
            let (left, right) = quantity(left).zip(quantity(right)).ok_or(())?;
            Ok(left.compare(&right))
        }
        _ => Err(()),
    }
}

/// Equality of two `System` values.
fn equal_values(left: &Value<'_>, right: &Value<'_>) -> Truth {
    match (left, right) {
        (Value::Boolean(left), Value::Boolean(right)) => Some(left == right),
        (Value::Type(left), Value::Type(right)) => Some(left == right),
        (Value::String(left), Value::String(right)) => Some(left == right),
        // A date in a tree may be compared with text, as the reference implementation does.
        (Value::String(text), Value::Temporal(value)) | (Value::Temporal(value), Value::String(text)) => {
            Some(**text == *value.to_string())
        }
        _ => match order(left, right) {
            Ok(order) => order.map(Ordering::is_eq),
            Err(()) => Some(false),
        },
    }
}

fn equivalent_values(left: &Value<'_>, right: &Value<'_>) -> bool {
    if let (Some(left), Some(right)) = (number(left), number(right)) {
        return left.equivalent(right);
    }
    match (left, right) {
        (Value::String(left), Value::String(right)) => equivalent_texts(left, right),
        (Value::Temporal(left), Value::Temporal(right)) => left.comparable(right) && left.equivalent(right),
        (Value::Quantity(_), _) | (_, Value::Quantity(_)) => quantity(left)
            .zip(quantity(right))
            .is_some_and(|(left, right)| left.equivalent(&right)),
        _ => equal_values(left, right) == Some(true),
    }
}

/// The same text but for case and white space.
fn equivalent_texts(left: &str, right: &str) -> bool {
    let normal = |text: &str| {
        let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
        words.join(" ")
    };
    left == right || normal(left) == normal(right)
}

impl<'d> Evaluator<'d, '_> {
    /// Whether two items are equal; `None` when that is not known.
    pub(super) fn equal_items(&mut self, left: &Value<'d>, right: &Value<'d>) -> Outcome<Truth> {
        self.pay(1)?;
        if let (Value::Node(left), Value::Node(right)) = (left, right) {
            if left == right {
                return Ok(Some(true));
            }
            if !left.is_primitive() && !right.is_primitive() && tree::quantity(*left).is_none() {
                return self.equal_trees(*left, *right, false, 0).map(Some);
            }
        }
        Ok(match (left.system(), right.system()) {
            (Some(left), Some(right)) => equal_values(&left, &right),
            _ => Some(false),
        })
    }

    /// Whether two items are equivalent.
    fn equivalent_items(&mut self, left: &Value<'d>, right: &Value<'d>) -> Outcome<bool> {
        self.pay(1)?;
        if let (Value::Node(left), Value::Node(right)) = (left, right) {
            if left == right {
                return Ok(true);
            }
            if !left.is_primitive() && !right.is_primitive() && tree::quantity(*left).is_none() {
                return self.equal_trees(*left, *right, true, 0);
            }
        }
        Ok(match (left.system(), right.system()) {
            (Some(left), Some(right)) => equivalent_values(&left, &right),
            _ => false,
        })
    }

    /// Whether two trees have the same children: by name and place among those of the same name.
    fn equal_trees(&mut self, left: Node<'d>, right: Node<'d>, loose: bool, depth: usize) -> Outcome<bool> {
        self.pay(1)?;
        if left == right {
            return Ok(true);
        }
        let value = |node: Node<'d>| Value::Node(node).system().filter(|_| node.primitive().is_some());
        let same = match (value(left), value(right)) {
            (None, None) => left.primitive() == right.primitive(),
            (Some(left), Some(right)) if loose => equivalent_values(&left, &right),
            (Some(left), Some(right)) => equal_values(&left, &right) == Some(true),
            _ => false,
        };
        if !same || depth > MAX_DEPTH {
            return Ok(false);
        }
        // Equivalence of complex values leaves out their identity.
        let counts = |node: Node<'d>| {
            node.children()
                .filter(|child| !loose || depth > 0 || child.name() != "id")
                .count()
        };
        if counts(left) != counts(right) {
            return Ok(false);
        }
        for child in left.children() {
            if loose && depth == 0 && child.name() == "id" {
                continue;
            }
            let mut partner = None;
            for other in right.children() {
                self.pay(1)?;
                if other.name() == child.name() && other.index() == child.index() {
                    partner = Some(other);
                    break;
                }
            }
            let Some(partner) = partner else {
                return Ok(false);
            };
            if !self.equal_trees(child, partner, loose, depth + 1)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether the items from `base` to `middle` equal those above, in order.
    pub(super) fn equal_collections(&mut self, base: usize, middle: usize) -> Outcome<Truth> {
        let end = self.stack.len();
        if base == middle || middle == end {
            return Ok(None);
        }
        if middle - base != end - middle {
            return Ok(Some(false));
        }
        let mut all = Some(true);
        for (left, right) in (base..middle).zip(middle..end) {
            let (left, right) = (self.item(left)?, self.item(right)?);
            match self.equal_items(&left, &right)? {
                Some(true) => {}
                Some(false) => return Ok(Some(false)),
                None => all = None,
            }
        }
        Ok(all)
    }

    /// Whether the items from `base` to `middle` are equivalent to those above, in any order.
    pub(super) fn equivalent_collections(&mut self, base: usize, middle: usize) -> Outcome<bool> {
        let end = self.stack.len();
        if middle - base != end - middle {
            return Ok(false);
        }
        let mut free: Vec<usize> = (middle..end).collect();
        for left in base..middle {
            let left = self.item(left)?;
            let mut found = None;
            for (place, at) in free.iter().enumerate() {
                let right = self.item(*at)?;
                if self.equivalent_items(&left, &right)? {
                    found = Some(place);
                    break;
                }
            }
            match found {
                Some(place) => free.swap_remove(place),
                None => return Ok(false),
            };
        }
        Ok(true)
    }

    /// Whether the item at `at` equals one of those in a range.
    pub(super) fn holds_equal(&mut self, at: usize, range: Range<usize>) -> Outcome<bool> {
        let item = self.item(at)?;
        for other in range {
            let other = self.item(other)?;
            if self.equal_items(&item, &other)? == Some(true) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The texts of the items from `base` on, when all are plain strings and there are many.
    fn many_texts(&mut self, base: usize) -> Outcome<Option<Vec<Value<'d>>>> {
        let items = self.stack.get(base..).unwrap_or_default();
        if items.len() < MANY {
            return Ok(None);
        }
        let texts: Vec<Value<'d>> = items.iter().filter_map(Value::system).collect();
        let plain = texts.len() == items.len() && texts.iter().all(|text| matches!(text, Value::String(_)));
        self.pay(texts.len())?;
        Ok(plain.then_some(texts))
    }

    /// Whether no two items from `base` on are equal.
    pub(super) fn is_distinct(&mut self, base: usize) -> Outcome<bool> {
        if let Some(texts) = self.many_texts(base)? {
            let mut seen = HashSet::with_capacity(texts.len());
            return Ok(texts.iter().all(|text| match text {
                Value::String(text) => seen.insert(&**text),
                _ => true,
            }));
        }
        for at in base..self.stack.len() {
            if self.holds_equal(at, base..at)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Removes items from `base` on that equal an earlier one.
    pub(super) fn make_distinct(&mut self, base: usize) -> Outcome<()> {
        if let Some(texts) = self.many_texts(base)? {
            let mut seen = HashSet::with_capacity(texts.len());
            let mut first = texts.iter().map(|text| match text {
                Value::String(text) => seen.insert(text.to_string()),
                _ => true,
            });
            let mut at = 0;
            self.stack.retain(|_| {
                at += 1;
                at <= base || first.next().unwrap_or(true)
            });
            return Ok(());
        }
        let mut kept = base;
        for at in base..self.stack.len() {
            if !self.holds_equal(at, base..kept)? {
                self.stack.swap(kept, at);
                kept += 1;
            }
        }
        self.stack.truncate(kept);
        Ok(())
    }
}
