//! What is wrong with a pack. A pack holds no patient data, so what it says may be repeated.

use std::fmt;

use samenhang_profiles::fhirpath::CompileError;

/// Where in a pack something stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Name of the file.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
    /// Map and number of the rule, as `map:number`; a nested rule has a number for each level.
    pub rule: Option<String>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)?;
        match &self.rule {
            Some(rule) => write!(f, " ({rule})"),
            None => Ok(()),
        }
    }
}

/// One thing that is wrong with a pack.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {fault}")]
pub struct PackError {
    /// Where.
    pub place: Place,
    /// What.
    pub fault: Fault,
}

/// What can be wrong with a pack.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// Not YAML, not of the language, or larger than a limit.
    #[error("{0}")]
    Yaml(String),
    /// The pack does not say what it is, or says it twice.
    #[error("{0}")]
    Pack(&'static str),
    /// A name or key that another part of the pack has too.
    #[error("{0} is there twice")]
    Twice(String),
    /// Keys of a rule that do not go together.
    #[error("{0}")]
    Rule(&'static str),
    /// Not FHIRPath, or FHIRPath that cannot be right for its source.
    #[error("{0}")]
    Expression(CompileError),
    /// A path that the target does not have.
    #[error("{0}")]
    Path(String),
    /// A type that does not go to the type of the target.
    #[error("{0}")]
    Type(String),
    /// More than fits.
    #[error("{0}")]
    Cardinality(String),
    /// A constant that the profile of the target does not fix.
    #[error("{0}")]
    Constant(String),
    /// A code that is outside of what the target requires.
    #[error("{0}")]
    Binding(String),
    /// A name that nothing has.
    #[error("{0}")]
    Unknown(String),
    /// A reason, or a code of a table, that somebody has yet to give.
    #[error("TODO is still to be filled in: until then the rule, or the code of the table, does nothing")]
    Undecided,
}

impl PackError {
    /// The stable code of the error, as in the error catalogue.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self.fault {
            Fault::Yaml(_) => "SAM-MAP-001",
            Fault::Pack(_) => "SAM-MAP-002",
            Fault::Twice(_) => "SAM-MAP-003",
            Fault::Rule(_) => "SAM-MAP-004",
            Fault::Expression(_) => "SAM-MAP-005",
            Fault::Path(_) => "SAM-MAP-006",
            Fault::Type(_) => "SAM-MAP-007",
            Fault::Cardinality(_) => "SAM-MAP-008",
            Fault::Constant(_) => "SAM-MAP-009",
            Fault::Binding(_) => "SAM-MAP-011",
            Fault::Unknown(_) => "SAM-MAP-010",
            Fault::Undecided => "SAM-MAP-012",
        }
    }
}

/// Something in a pack that is of no use, though not wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {notice}")]
pub struct Warning {
    /// Where.
    pub place: Place,
    /// What.
    pub notice: Notice,
}

/// What can be of no use in a pack.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Notice {
    /// A rule that never does anything.
    #[error("{0}")]
    Unreachable(String),
    /// A map or table that nothing uses.
    #[error("{0}")]
    Unused(String),
    /// Something that a person has yet to decide.
    #[error("to do: {0}")]
    Todo(String),
    /// An element that the profile requires and that nothing gives.
    #[error("the profile requires {0}, and no rule gives it")]
    Required(String),
}

impl Warning {
    /// The stable code of the warning, as in the error catalogue.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self.notice {
            Notice::Unreachable(_) => "SAM-MAP-101",
            Notice::Unused(_) => "SAM-MAP-102",
            Notice::Todo(_) => "SAM-MAP-103",
            Notice::Required(_) => "SAM-MAP-104",
        }
    }
}
