//! Filtering, projection, subsets and combinations of collections (FHIRPath N1, 5.2 to 5.4).

use std::cmp::Ordering;

use super::equality::order;
use super::{Evaluator, Frame, Outcome};
use crate::fhirpath::error::EvaluateError;
use crate::fhirpath::function::Function;
use crate::fhirpath::syntax::{Call, Expr, TypeSpecifier};
use crate::fhirpath::types;
use crate::fhirpath::value::Value;

impl<'d> Evaluator<'d, '_> {
    /// Replaces the items above `base` by what a function of collections makes of them.
    pub(super) fn collection(&mut self, call: &'d Call, base: usize, frame: Frame<'_, 'd>) -> Outcome<()> {
        use Function as F;
        let count = self.stack.len() - base;
        match (call.function, &*call.arguments) {
            (F::Count, _) => {
                self.stack.truncate(base);
                self.stack
                    .push(Value::Integer(i32::try_from(count).unwrap_or(i32::MAX)));
                Ok(())
            }
            (F::Where, [criteria]) => self.filter(criteria, base, frame),
            (F::Select, [projection]) => self.project(projection, base, frame),
            (F::Repeat, [projection]) => self.repeat(projection, base, frame),
            (F::Aggregate, arguments) => self.aggregate(arguments, base, frame),
            (F::Sort, keys) => self.sort(keys, base, frame),
            (F::Iif, arguments) => self.iif(arguments, base, frame),
            (F::Trace, arguments) => self.trace(arguments, base, frame),
            (F::DefineVariable, arguments) => self.define(arguments, base, frame),
            (F::OfType, _) => self.of_type(base, call.specifier.as_ref()),
            (F::As, _) => match &call.specifier {
                Some(specifier) => self.cast(base, specifier),
                None => Ok(()),
            },
            (F::Distinct, _) => self.make_distinct(base),
            (F::Single, _) if count > 1 => Err(EvaluateError::NotSingle("single")),
            (F::First, _) => {
                self.stack.truncate(base + 1);
                Ok(())
            }
            (F::Last, _) => {
                self.skip(base, count.saturating_sub(1));
                Ok(())
            }
            (F::Tail, _) => {
                self.skip(base, 1);
                Ok(())
            }
            (F::Skip | F::Take, [number]) => self.part_of(call.function, number, base, frame),
            (F::Intersect | F::Exclude, [other]) => self.against(call.function, other, base, frame),
            (F::Union | F::Combine, [other]) => {
                self.eval(other, frame)?;
                if call.function == F::Union {
                    self.make_distinct(base)?;
                }
                Ok(())
            }
            (F::Coalesce, others) => {
                self.stack.truncate(base);
                for other in others {
                    self.eval(other, frame)?;
                    if self.stack.len() > base {
                        break;
                    }
                }
                Ok(())
            }
            (F::Children, _) => self.descend(base, false),
            (F::Descendants, _) => self.descend(base, true),
            (F::Type, _) => {
                for value in self.stack.iter_mut().skip(base) {
                    *value = Value::Type(value.type_name());
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn skip(&mut self, base: usize, count: usize) {
        let end = base.saturating_add(count).min(self.stack.len());
        self.stack.drain(base..end);
    }

    fn filter(&mut self, criteria: &'d Expr, base: usize, frame: Frame<'_, 'd>) -> Outcome<()> {
        let end = self.stack.len();
        let mut kept = base;
        for at in base..end {
            let item = self.item(at)?;
            if self.truth(criteria, frame.item(&item, at - base))? == Some(true) {
                self.stack.swap(kept, at);
                kept += 1;
            }
        }
        self.stack.truncate(kept);
        Ok(())
    }

    fn project(&mut self, projection: &'d Expr, base: usize, frame: Frame<'_, 'd>) -> Outcome<()> {
        let end = self.stack.len();
        for at in base..end {
            let item = self.item(at)?;
            self.eval(projection, frame.item(&item, at - base))?;
        }
        self.stack.drain(base..end);
        Ok(())
    }

    /// All that the projection gives, and gives of that, and so on; each once. The budget ends what would not end.
    fn repeat(&mut self, projection: &'d Expr, base: usize, frame: Frame<'_, 'd>) -> Outcome<()> {
        let first = self.stack.len();
        let mut next = base;
        while next < self.stack.len() {
            let item = self.item(next)?;
            let start = self.stack.len();
            self.eval(projection, frame.item(&item, next - base))?;
            let mut kept = start;
            for at in start..self.stack.len() {
                if !self.holds_equal(at, first..kept)? {
                    self.stack.swap(kept, at);
                    kept += 1;
                }
            }
            self.stack.truncate(kept);
            next += 1;
        }
        self.stack.drain(base..first);
        Ok(())
    }

    fn aggregate(&mut self, arguments: &'d [Expr], base: usize, frame: Frame<'_, 'd>) -> Outcome<()> {
        let [aggregator, start @ ..] = arguments else {
            return Ok(());
        };
        let end = self.stack.len();
        if let Some(start) = start.first() {
            self.eval(start, frame)?;
        }
        let mut total: Vec<Value<'d>> = self.stack.split_off(end);
        for at in base..end {
            let item = self.item(at)?;
            let inner = Frame {
                total: &total,
                ..frame.item(&item, at - base)
            };
            self.eval(aggregator, inner)?;
            total = self.stack.split_off(end);
        }
        self.stack.truncate(base);
        self.stack.append(&mut total);
        Ok(())
    }

    /// Sorts by keys, the first that differs deciding; `-` before a key turns its order. No key means the items
    /// themselves; what has no key comes last, or first where the order is turned.
    fn sort(&mut self, keys: &'d [Expr], base: usize, frame: Frame<'_, 'd>) -> Outcome<()> {
        let end = self.stack.len();
        let mut rows = Vec::with_capacity(end - base);
        for at in base..end {
            let item = self.item(at)?;
            let mut row = Vec::with_capacity(keys.len());
            for key in keys {
                let (key, downwards) = match key {
                    Expr::Negate(key) => (&**key, true),
                    key => (key, false),
                };
                let value = self.argument(key, frame.item(&item, at - base), "sort")?;
                row.push((value.and_then(|value| value.system()), downwards));
            }
            if keys.is_empty() {
                row.push((item.system(), false));
            }
            rows.push((row, item));
        }
        let compared = rows.len().checked_ilog2().unwrap_or(0) as usize + 1;
        self.pay(rows.len() * compared)?;
        let mut failed = false;
        rows.sort_by(|(left, _), (right, _)| {
            for ((left, downwards), (right, _)) in left.iter().zip(right) {
                let order = match (left, right) {
                    (Some(left), Some(right)) => order(left, right).unwrap_or_else(|()| {
                        failed = true;
                        None
                    }),
                    (left, right) => Some(left.is_none().cmp(&right.is_none())),
                };
                match order {
                    None | Some(Ordering::Equal) => {}
                    Some(order) if *downwards => return order.reverse(),
                    Some(order) => return order,
                }
            }
            Ordering::Equal
        });
        if failed {
            return Err(EvaluateError::Type("sort"));
        }
        self.stack.truncate(base);
        self.stack.extend(rows.into_iter().map(|(_, item)| item));
        Ok(())
    }

    fn iif(&mut self, arguments: &'d [Expr], base: usize, frame: Frame<'_, 'd>) -> Outcome<()> {
        let [criteria, yes, no @ ..] = arguments else {
            return Ok(());
        };
        let item = self.single(base, "iif")?;
        let inner = Frame {
            this: item.as_slice(),
            ..frame
        };
        if self.truth(criteria, inner)? == Some(true) {
            self.eval(yes, inner)
        } else if let Some(no) = no.first() {
            self.eval(no, inner)
        } else {
            Ok(())
        }
    }

    /// Gives the items back. What is traced goes nowhere: it may be a patient's data.
    fn trace(&mut self, arguments: &'d [Expr], base: usize, frame: Frame<'_, 'd>) -> Outcome<()> {
        let end = self.stack.len();
        if let [_, projection] = arguments {
            for at in base..end {
                let item = self.item(at)?;
                self.eval(projection, frame.item(&item, at - base))?;
                self.stack.truncate(end);
            }
        }
        Ok(())
    }

    fn of_type(&mut self, base: usize, specifier: Option<&TypeSpecifier>) -> Outcome<()> {
        self.pay(self.stack.len() - base)?;
        let mut at = 0;
        self.stack.retain(|value| {
            at += 1;
            at <= base || specifier.is_some_and(|specifier| types::is_taken(value, specifier))
        });
        Ok(())
    }

    /// `as`: the item when it is of the type.
    pub(super) fn cast(&mut self, base: usize, specifier: &TypeSpecifier) -> Outcome<()> {
        if self.stack.len() > base + 1 && !self.as_filters {
            return Err(EvaluateError::NotSingle("as"));
        }
        self.of_type(base, Some(specifier))
    }

    fn part_of(
        &mut self,
        function: Function,
        number: &'d Expr,
        base: usize,
        frame: Frame<'_, 'd>,
    ) -> Outcome<()> {
        let name = function.name();
        let number = self.integer_argument(number, frame, name)?;
        let number = number.ok_or(EvaluateError::Type(name))?;
        let number = usize::try_from(number).unwrap_or(0);
        if function == Function::Skip {
            self.skip(base, number);
        } else {
            self.stack.truncate(base.saturating_add(number));
        }
        Ok(())
    }

    /// `intersect` and `exclude`.
    fn against(
        &mut self,
        function: Function,
        other: &'d Expr,
        base: usize,
        frame: Frame<'_, 'd>,
    ) -> Outcome<()> {
        let middle = self.stack.len();
        self.eval(other, frame)?;
        let end = self.stack.len();
        let wanted = function == Function::Intersect;
        let mut kept = base;
        for at in base..middle {
            if self.holds_equal(at, middle..end)? == wanted {
                // The items stay in order: what was dropped before is behind.
                self.stack.swap(kept, at);
                kept += 1;
            }
        }
        self.stack.truncate(kept);
        if wanted {
            self.make_distinct(base)?;
        }
        Ok(())
    }

    /// Replaces the items by their children, or by all that is below them, level by level.
    fn descend(&mut self, base: usize, deep: bool) -> Outcome<()> {
        let end = self.stack.len();
        let mut at = base;
        while at < if deep { self.stack.len() } else { end } {
            if let Some(node) = self.stack[at].node() {
                for child in node.children() {
                    self.pay(1)?;
                    self.stack.push(Value::Node(child));
                }
            }
            at += 1;
        }
        self.stack.drain(base..end);
        Ok(())
    }
}
