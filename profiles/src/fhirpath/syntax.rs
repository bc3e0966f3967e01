//! The compiled form of an expression.

use regex::Regex;

use super::function::Function;
use super::value::Value;

/// An expression.
#[derive(Debug)]
pub(super) enum Expr {
    /// `{}`.
    Empty,
    /// A value that was written out.
    Literal(Value<'static>),
    /// A variable from outside, without its `%`.
    Variable(Box<str>),
    /// A start and what follows it, each behind a point or in square brackets.
    Path(Path),
    /// `-` before an expression.
    Negate(Box<Expr>),
    /// `+` before an expression.
    Plus(Box<Expr>),
    /// An operator between two expressions.
    Binary(Operator, Box<(Expr, Expr)>),
    /// `is` or `as` behind an expression.
    Type {
        /// `is`, rather than `as`.
        test: bool,
        /// What stands before it.
        operand: Box<Expr>,
        /// The type behind it.
        specifier: TypeSpecifier,
    },
}

/// A chain of steps.
#[derive(Debug)]
pub(super) struct Path {
    /// Where it starts.
    pub(super) start: Start,
    /// What follows, at least one unless the start is a special.
    pub(super) steps: Box<[Step]>,
}

/// Where a path starts.
#[derive(Debug)]
pub(super) enum Start {
    /// The item that is looked at, written `$this` or left out. The first name may then be that of its type.
    This,
    /// Its index in the collection that is gone through.
    Index,
    /// The running total of `aggregate`.
    Total,
    /// Another expression.
    Expr(Box<Expr>),
}

/// A step of a path.
#[derive(Debug)]
pub(super) struct Step {
    /// Byte offset in the text.
    pub(super) at: usize,
    /// What it does.
    pub(super) kind: StepKind,
}

/// What a step does.
#[derive(Debug)]
pub(super) enum StepKind {
    /// Goes to the children of this name; or stays, where it is the first name and that of the type.
    First(Box<str>),
    /// Goes to the children of this name.
    Member(Box<str>),
    /// Takes the item at an index.
    Index(Expr),
    /// Calls a function.
    Call(Box<Call>),
}

/// A function with its arguments.
#[derive(Debug)]
pub(super) struct Call {
    /// Which.
    pub(super) function: Function,
    /// Its arguments; for a function of types none.
    pub(super) arguments: Box<[Expr]>,
    /// The type that a function of types is given.
    pub(super) specifier: Option<TypeSpecifier>,
    /// Its pattern, when that is written out.
    pub(super) pattern: Option<Regex>,
}

/// The name of a type.
#[derive(Debug, Clone)]
pub(super) struct TypeSpecifier {
    /// `System`, `FHIR` or the like, when given.
    pub(super) namespace: Option<Box<str>>,
    /// Its name.
    pub(super) name: Box<str>,
    /// Byte offset in the text.
    pub(super) at: usize,
}

/// An operator between two expressions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Implies,
    Or,
    Xor,
    And,
    In,
    Contains,
    Equal,
    NotEqual,
    Equivalent,
    NotEquivalent,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Union,
    Add,
    Subtract,
    Concatenate,
    Multiply,
    Divide,
    WholeDivide,
    Modulo,
}

/// How tightly `is` and `as` bind, among the operators of [`Operator::from_text`].
pub(super) const TYPE_PRECEDENCE: u8 = 8;

impl Operator {
    /// The operator of a token, and how tightly it binds (FHIRPath N1, 6.8).
    pub(super) fn from_text(text: &str) -> Option<(u8, Operator)> {
        Some(match text {
            "implies" => (1, Operator::Implies),
            "or" => (2, Operator::Or),
            "xor" => (2, Operator::Xor),
            "and" => (3, Operator::And),
            "in" => (4, Operator::In),
            "contains" => (4, Operator::Contains),
            "=" => (5, Operator::Equal),
            "!=" => (5, Operator::NotEqual),
            "~" => (5, Operator::Equivalent),
            "!~" => (5, Operator::NotEquivalent),
            "<" => (6, Operator::Less),
            "<=" => (6, Operator::LessOrEqual),
            ">" => (6, Operator::Greater),
            ">=" => (6, Operator::GreaterOrEqual),
            "|" => (7, Operator::Union),
            "+" => (9, Operator::Add),
            "-" => (9, Operator::Subtract),
            "&" => (9, Operator::Concatenate),
            "*" => (10, Operator::Multiply),
            "/" => (10, Operator::Divide),
            "div" => (10, Operator::WholeDivide),
            "mod" => (10, Operator::Modulo),
            _ => return None,
        })
    }
}
