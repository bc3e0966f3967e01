//! Why an expression could not be compiled or evaluated. Texts name places, rules and limits, never data.

use std::fmt;

/// Why the text of an expression is none, or one that cannot be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{fault} at byte {at} of the expression")]
pub struct CompileError {
    /// Byte offset in the text of the expression.
    pub at: usize,
    /// What is wrong.
    pub fault: CompileFault,
}

/// What is wrong with the text of an expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CompileFault {
    /// Not in the grammar of FHIRPath.
    #[error("expected {0}")]
    Syntax(&'static str),
    /// A function that is not known.
    #[error("unknown function")]
    UnknownFunction,
    /// A known function with too few or too many arguments.
    #[error("wrong number of arguments, {least} to {most} are expected")]
    Arguments {
        /// Fewest.
        least: usize,
        /// Most.
        most: usize,
    },
    /// A limit was passed.
    #[error("more than {limit} {what}")]
    Limit {
        /// Name of the limit.
        what: &'static str,
        /// Its value.
        limit: usize,
    },
    /// A pattern that is no regular expression, or one that only a backtracking engine can run.
    #[error("not a regular expression that runs in linear time")]
    Pattern,
    /// A check against the types found a path, a type or an operand that cannot be right.
    #[error("{0}")]
    Semantic(SemanticFault),
}

/// What a check against the types of FHIR found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SemanticFault {
    /// The type has no such element.
    UnknownElement,
    /// No type has this name.
    UnknownType,
    /// An operand or argument of a type that the operator or function does not take.
    OperandType,
    /// A function that relies on order is called on what has none.
    Unordered,
}

impl fmt::Display for SemanticFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SemanticFault::UnknownElement => "no element of this name",
            SemanticFault::UnknownType => "no type of this name",
            SemanticFault::OperandType => "an operand of a type that is not taken here",
            SemanticFault::Unordered => "an order where there is none",
        })
    }
}

impl CompileError {
    /// The stable code of the error, as in the error catalogue.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self.fault {
            CompileFault::Syntax(_) => "SAM-FHP-001",
            CompileFault::UnknownFunction => "SAM-FHP-002",
            CompileFault::Arguments { .. } => "SAM-FHP-003",
            CompileFault::Limit { .. } => "SAM-FHP-004",
            CompileFault::Pattern => "SAM-FHP-005",
            CompileFault::Semantic(_) => "SAM-FHP-006",
        }
    }
}

/// Why an expression has no result for a certain input.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EvaluateError {
    /// One item is expected, and there are several.
    #[error("{0} expects one item and there are several")]
    NotSingle(&'static str),
    /// An item of a type that the operator or function does not take.
    #[error("{0} is not defined for an item of this type")]
    Type(&'static str),
    /// A limit was passed.
    #[error("more than {limit} {what}")]
    Budget {
        /// Name of the limit.
        what: &'static str,
        /// Its value.
        limit: u64,
    },
    /// A variable that is not defined, or defined twice.
    #[error("a variable is not defined, or defined twice")]
    Variable,
    /// The caller gave no time for `now()`, `today()` or `timeOfDay()`.
    #[error("no time was given to evaluate at")]
    Clock,
    /// A unit that cannot be added to a date or time.
    #[error("{0} does not take this unit")]
    Unit(&'static str),
    /// A pattern that is no regular expression, or one that only a backtracking engine can run.
    #[error("not a regular expression that runs in linear time")]
    Pattern,
    /// What was asked of terminology, profiles or the resolver is not known, so neither yes nor no would be right.
    #[error("{0} is not known")]
    Unknown(&'static str),
}

impl EvaluateError {
    /// The stable code of the error, as in the error catalogue.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            EvaluateError::NotSingle(_) => "SAM-FHP-101",
            EvaluateError::Type(_) => "SAM-FHP-102",
            EvaluateError::Budget { .. } => "SAM-FHP-103",
            EvaluateError::Variable => "SAM-FHP-104",
            EvaluateError::Clock => "SAM-FHP-105",
            EvaluateError::Unit(_) => "SAM-FHP-106",
            EvaluateError::Pattern => "SAM-FHP-107",
            EvaluateError::Unknown(_) => "SAM-FHP-108",
        }
    }
}
