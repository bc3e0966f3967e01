//! The least and the largest value that a profile allows.
//!
//! Source: FHIR R4 `ElementDefinition.minValue[x]`: a value of the element's own type, or for a date a duration, which
//! counts back from now for the least and forward for the largest value.

use std::cmp::Ordering;
use std::sync::Arc;

use crate::definition::TypedValue;
use crate::document::Node;
use crate::fhirpath::{CalendarUnit, Decimal, Quantity, Temporal, Unit};
use crate::validate::finding::Argument;
use crate::validate::program::{Program, ValueRule};
use crate::validate::rule::{unchecked, value as rules};

use super::Run;
use super::value::Shown;

impl<'d> Run<'_, 'd> {
    /// Holds a value to its least and largest value.
    pub(super) fn bounds(&mut self, node: Node<'d>, program: &Arc<Program>, limits: &ValueRule) {
        let sides = [
            (&limits.min, Ordering::Less, &rules::MIN_VALUE),
            (&limits.max, Ordering::Greater, &rules::MAX_VALUE),
        ];
        for (bound, wrong, rule) in sides {
            let Some(bound) = bound else { continue };
            let found = node.primitive().or_else(|| node.text("value"));
            let Some(found) = found else { continue };
            let mut arguments = vec![Argument::name(Shown(&bound.value)), Argument::name(&program.url)];
            match self.compare(node, bound, wrong == Ordering::Less) {
                Some(order) if order == wrong => {
                    arguments.push(Argument::value(found));
                    self.broken(rule, node, program, arguments);
                }
                Some(_) => {}
                None => self.findings.add(&unchecked::BOUND, node, arguments),
            }
        }
    }

    /// How a value stands to a limit; nothing when they cannot be compared.
    fn compare(&self, node: Node<'d>, bound: &TypedValue, least: bool) -> Option<Ordering> {
        let limit = bound.value.as_str().or_else(|| bound.value.as_number());
        match node.fhir_type() {
            "date" | "dateTime" | "instant" => {
                let value = Temporal::parse_date_time(node.primitive()?)?;
                let limit = match limit {
                    Some(limit) => Temporal::parse_date_time(limit)?,
                    None => self.relative(bound, least)?,
                };
                value.date_time()?.compare(&limit)
            }
            "time" => Temporal::parse_time(node.primitive()?)?.compare(&Temporal::parse_time(limit?)?),
            _ if node.is_primitive() => {
                Some(Decimal::parse(node.primitive()?)?.cmp(&Decimal::parse(limit?)?))
            }
            _ => quantity(node, bound),
        }
    }

    /// A duration from now: back for the least value, forward for the largest.
    fn relative(&self, bound: &TypedValue, least: bool) -> Option<Temporal> {
        let amount = Decimal::parse(bound.value.get("value")?.as_number()?)?;
        let unit = match bound.value.text("code")? {
            // Limits count in calendar years and months, whatever UCUM means by them.
            "a" => CalendarUnit::Year,
            "mo" => CalendarUnit::Month,
            code => CalendarUnit::from_ucum(code)?,
        };
        let amount = if least { amount.negated()? } else { amount };
        self.now?.plus(amount, unit).ok()
    }
}

/// How a quantity stands to another; units are converted where they differ.
fn quantity(node: Node<'_>, bound: &TypedValue) -> Option<Ordering> {
    let value = Decimal::parse(node.text("value")?)?;
    let limit = Decimal::parse(bound.value.get("value")?.as_number()?)?;
    let asked = bound.value.text("code");
    let found = node.text("code");
    match (found, asked) {
        (_, None) => Some(value.cmp(&limit)),
        (Some(found), Some(asked)) if found == asked => Some(value.cmp(&limit)),
        (Some(found), Some(asked)) => {
            let of = |value, code| Quantity {
                value,
                unit: Unit::quoted(code),
            };
            of(value, found).compare(&of(limit, asked))
        }
        (None, Some(_)) => None,
    }
}
