//! What functions take and result in.

use super::{Checker, Scope, Type, TypeSet, fault, system_type};
use crate::fhirpath::error::{CompileError, SemanticFault};
use crate::fhirpath::function::Function;
use crate::fhirpath::syntax::{Call, Expr};
use crate::fhirpath::tree::Primitive;

/// Whether a possible type has a text: a string, or any primitive in a tree.
fn has_text(kind: Type) -> bool {
    match kind {
        Type::System(name) => name == "String",
        Type::Fhir(_) => system_type(kind).is_some(),
    }
}

/// Whether a function takes text only.
fn takes_text(function: Function) -> bool {
    use Function as F;
    matches!(
        function,
        F::StartsWith
            | F::EndsWith
            | F::Contains
            | F::Matches
            | F::MatchesFull
            | F::ReplaceMatches
            | F::Replace
            | F::IndexOf
            | F::LastIndexOf
            | F::Substring
            | F::Upper
            | F::Lower
            | F::Length
            | F::ToChars
            | F::Trim
            | F::Split
            | F::Encode
            | F::Decode
            | F::Escape
            | F::Unescape
    )
}

/// The one type that a function always results in.
fn result(function: Function) -> Option<&'static str> {
    use Function as F;
    if function.is_predicate() {
        return Some("Boolean");
    }
    Some(match function {
        F::ToBoolean
        | F::ConvertsToBoolean
        | F::ConvertsToInteger
        | F::ConvertsToDecimal
        | F::ConvertsToDate
        | F::ConvertsToDateTime
        | F::ConvertsToTime
        | F::ConvertsToQuantity
        | F::ConvertsToText => "Boolean",
        F::Count | F::ToInteger | F::IndexOf | F::LastIndexOf | F::Length | F::PrecisionOf => "Integer",
        F::YearOf | F::MonthOf | F::DayOf | F::HourOf | F::MinuteOf | F::SecondOf | F::MillisecondOf => {
            "Integer"
        }
        F::ToDecimal | F::TimezoneOffsetOf | F::Sqrt | F::Ln | F::Log | F::Exp => "Decimal",
        F::ToDate | F::Today | F::DateOf => "Date",
        F::ToDateTime | F::Now => "DateTime",
        F::ToTime | F::TimeOfDay | F::TimeOf => "Time",
        F::ToQuantity => "Quantity",
        F::ToText
        | F::Substring
        | F::Upper
        | F::Lower
        | F::Replace
        | F::ReplaceMatches
        | F::Trim
        | F::Join
        | F::Encode
        | F::Decode
        | F::Escape
        | F::Unescape
        | F::ToChars
        | F::Split => "String",
        _ => return None,
    })
}

impl Checker {
    /// The types that a call results in.
    pub(super) fn call(
        &self,
        at: usize,
        call: &Call,
        types: TypeSet,
        scope: Scope<'_>,
    ) -> Result<TypeSet, CompileError> {
        use Function as F;
        if let Some(specifier) = &call.specifier {
            self.known(specifier)?;
            return Ok(match call.function {
                F::Is => TypeSet::system("Boolean"),
                _ => self.narrowed(&types, specifier),
            });
        }
        if takes_text(call.function) && !types.may(has_text) {
            return Err(fault(at, SemanticFault::OperandType));
        }
        let item = types.clone().single();
        let inner = Scope { this: &item, ..scope };
        match (call.function, &*call.arguments) {
            (F::First | F::Last | F::Tail | F::Skip | F::Take, arguments) => {
                self.needs_order(at, &types)?;
                self.arguments(arguments, scope)?;
                let one = matches!(call.function, F::First | F::Last);
                Ok(if one { types.single() } else { types })
            }
            (F::Where, [criteria]) | (F::All | F::Exists, [criteria]) => {
                self.expr(criteria, inner)?;
                Ok(match call.function {
                    F::Where => types,
                    _ => TypeSet::system("Boolean"),
                })
            }
            (F::Select, [projection]) => {
                let projected = self.expr(projection, inner)?;
                Ok(TypeSet {
                    many: types.many || projected.many,
                    ordered: types.ordered && projected.ordered,
                    ..projected
                })
            }
            (F::Repeat, [projection]) => self.repeat(projection, inner),
            (F::Sort, keys) => {
                for key in keys {
                    self.expr(key, inner)?;
                }
                Ok(TypeSet {
                    ordered: true,
                    ..types
                })
            }
            (F::Iif, [criteria, yes, no @ ..]) => self.iif(at, criteria, yes, no.first(), inner),
            (F::Aggregate, arguments) => {
                self.arguments(arguments, inner)?;
                Ok(TypeSet::open())
            }
            (F::Trace | F::DefineVariable, arguments) => {
                self.arguments(arguments, inner)?;
                Ok(types)
            }
            (F::Union | F::Combine, [other]) => {
                let joined = types.join(self.expr(other, scope)?);
                Ok(TypeSet { many: true, ..joined })
            }
            (F::Coalesce, arguments) => {
                let mut joined = TypeSet::none();
                for argument in arguments {
                    joined = joined.join(self.expr(argument, scope)?);
                }
                Ok(joined)
            }
            (F::Children | F::Descendants, _) => Ok(TypeSet {
                ordered: false,
                ..TypeSet::open()
            }),
            (F::Type, _) => Ok(TypeSet {
                types: vec![Type::System("TypeInfo")],
                open: false,
                ..types
            }),
            (F::Extension, [url]) => {
                self.expr(url, scope)?;
                self.member(at, "extension", &types)
            }
            (function, arguments) => {
                self.arguments(arguments, scope)?;
                let many = matches!(function, F::ToChars | F::Split);
                Ok(match (result(function), function) {
                    (Some(name), _) => TypeSet {
                        many,
                        ..TypeSet::system(name)
                    },
                    (None, F::Single) => types.single(),
                    (None, F::Distinct | F::Intersect | F::Exclude) => types,
                    _ => TypeSet::open(),
                })
            }
        }
    }

    fn arguments(&self, arguments: &[Expr], scope: Scope<'_>) -> Result<(), CompileError> {
        arguments
            .iter()
            .try_for_each(|argument| self.expr(argument, scope).map(drop))
    }

    /// What a projection gives, and gives of that: types that are new at the second turn leave the result open.
    fn repeat(&self, projection: &Expr, scope: Scope<'_>) -> Result<TypeSet, CompileError> {
        let first = self.expr(projection, scope)?;
        let item = first.clone().single();
        // What the first turn gives need not have the element that leads on.
        let second = self.expr(projection, Scope { this: &item, ..scope });
        let second = second.unwrap_or_else(|_| TypeSet::none());
        let more = second.types.iter().any(|kind| !first.types.contains(kind));
        let joined = first.join(second);
        Ok(TypeSet {
            open: joined.open || more,
            many: true,
            ..joined
        })
    }

    fn iif(
        &self,
        at: usize,
        criteria: &Expr,
        yes: &Expr,
        no: Option<&Expr>,
        scope: Scope<'_>,
    ) -> Result<TypeSet, CompileError> {
        let condition = self.expr(criteria, scope)?;
        let other = |kind: Type| system_type(kind).is_some_and(|kind| kind != Primitive::Boolean);
        if condition.must(other) {
            return Err(fault(at, SemanticFault::OperandType));
        }
        let yes = self.expr(yes, scope)?;
        match no {
            Some(no) => Ok(yes.join(self.expr(no, scope)?)),
            None => Ok(yes),
        }
    }
}
