//! FHIRPath: the language of invariants and mappings, over the tree of a document.
//!
//! An expression is compiled once and evaluated often. Every evaluation ends: it has a budget of steps, its depth is
//! that of the expression, which is bounded, and patterns run in linear time. It gives the same for the same input:
//! the clock is injected, and nothing depends on an address or a hash. What a service does not know
//! ([`EvaluateError::Unknown`]) is neither yes nor no.
//!
//! Sources: FHIRPath N1 (version 2.0.0) with the drafts that its tests have; FHIR R4 2.1.9.1 and STU3 for what FHIR
//! adds. Not in it: `Long`, and `elementDefinition()`, `slice()`, which need the definition of the element.

mod check;
mod decimal;
mod environment;
mod error;
mod evaluate;
mod function;
mod lexer;
mod parser;
mod quantity;
mod syntax;
mod temporal;
mod tree;
mod types;
mod value;

pub use check::TypeSet;
pub use decimal::Decimal;
pub use environment::{Conformance, DEFAULT_STEPS, Environment, Resolve, Unassisted};
pub use error::{CompileError, CompileFault, EvaluateError, SemanticFault};
pub use quantity::{Quantity, Unit};
pub use temporal::{ArithmeticError, CalendarUnit, Precision, Temporal, TemporalKind};
pub use value::{TypeName, Value};

use std::fmt;

use crate::version::FhirVersion;

/// A compiled expression.
pub struct Expression {
    root: syntax::Expr,
    text: Box<str>,
    as_filters: bool,
}

impl Expression {
    /// Compiles an expression of FHIRPath N1.
    ///
    /// # Errors
    /// [`CompileError`] when the text is no expression, names a function that is not known, or passes a limit.
    pub fn compile(text: &str) -> Result<Expression, CompileError> {
        Ok(Expression {
            root: parser::parse(text)?,
            text: text.into(),
            as_filters: false,
        })
    }

    /// Compiles an invariant of FHIR R4 or STU3. These were written when `as` took what fits out of several items;
    /// by the standard it takes one item only.
    ///
    /// # Errors
    /// As [`Expression::compile`].
    pub fn invariant(text: &str) -> Result<Expression, CompileError> {
        Ok(Expression {
            as_filters: true,
            ..Expression::compile(text)?
        })
    }

    /// The text it was compiled from.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The items that it gives for `focus`.
    ///
    /// # Errors
    /// [`EvaluateError`] when there is no result: a wrong type, several items for one, or a limit.
    pub fn evaluate<'d>(
        &'d self,
        focus: &[Value<'d>],
        env: &Environment<'d>,
    ) -> Result<Vec<Value<'d>>, EvaluateError> {
        evaluate::Evaluator::new(env, self.as_filters).items(&self.root, focus)
    }

    /// Whether it holds for `focus`, as an invariant: one boolean is itself, nothing is no, and anything else that is
    /// there is yes. So the reference validator reads it.
    ///
    /// # Errors
    /// As [`Expression::evaluate`].
    pub fn holds<'d>(&'d self, focus: &[Value<'d>], env: &Environment<'d>) -> Result<bool, EvaluateError> {
        evaluate::Evaluator::new(env, self.as_filters).holds(&self.root, focus)
    }

    /// Checks it against the types of a version, for a focus of the type `context` (`Patient`, `Patient.contact`,
    /// `HumanName`; a path of a profiled element is none). Gives the types that it can result in.
    ///
    /// # Errors
    /// [`CompileError`] with a [`SemanticFault`] for what can never be right, at the place where it stands.
    pub fn check(&self, context: &str, version: FhirVersion) -> Result<TypeSet, CompileError> {
        check::check(&self.root, context, version, self.as_filters)
    }
}

impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Expression").field(&self.text).finish()
    }
}
