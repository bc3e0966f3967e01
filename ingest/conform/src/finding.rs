//! What was found while lifting, besides where values went. A finding says places and names of rules, never a value.

use std::fmt;
use std::sync::Arc;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Nothing is lost; someone may want to know.
    Information,
    /// Something is lost, or was put in that the source did not say.
    Warning,
}

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// No map takes this, and the target has no type of this name.
    NoMap,
    /// A value that the type of the target cannot hold.
    Conversion,
    /// A code that the table of the rule does not have.
    Code,
    /// More than fits: something else is there already.
    Occupied,
    /// A map put in what the source did not say.
    Assumed,
    /// A map said that something required is not there.
    Absent,
    /// An expression has no answer here.
    Expression,
    /// A limit was passed; the rest of this was left.
    Limit,
    /// What the target profile fixes does not go with what the source says.
    Constant,
    /// The source says the same thing twice, and not the same of it.
    Differs,
    /// The target has no place for it: it is kept in an extension.
    Beside,
    /// A system or type has another name in the target, and the way back gives it the usual one.
    Renamed,
}

impl Kind {
    /// The stable code, as in the error catalogue.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Kind::NoMap => "SAM-CNF-101",
            Kind::Conversion => "SAM-CNF-102",
            Kind::Code => "SAM-CNF-103",
            Kind::Occupied => "SAM-CNF-104",
            Kind::Assumed => "SAM-CNF-105",
            Kind::Absent => "SAM-CNF-106",
            Kind::Expression => "SAM-CNF-107",
            Kind::Limit => "SAM-CNF-108",
            Kind::Constant => "SAM-CNF-109",
            Kind::Differs => "SAM-CNF-110",
            Kind::Beside => "SAM-CNF-111",
            Kind::Renamed => "SAM-CNF-112",
        }
    }

    /// How bad it is.
    #[must_use]
    pub fn severity(self) -> Severity {
        match self {
            Kind::Absent | Kind::Beside | Kind::Renamed => Severity::Information,
            _ => Severity::Warning,
        }
    }

    /// What it is, in words.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Kind::NoMap => "no map takes this, and the target has no such type",
            Kind::Conversion => "the type of the target cannot hold this value",
            Kind::Code => "the table of the rule does not have this code",
            Kind::Occupied => "something else is there already",
            Kind::Assumed => "put in, as the source does not say it",
            Kind::Absent => "required, and the source does not have it",
            Kind::Expression => "an expression of the rule has no answer here",
            Kind::Limit => "a limit was passed, and the rest was left",
            Kind::Constant => "what the profile fixes does not go with what the source says",
            Kind::Differs => "said twice in the source, and differently: both were made",
            Kind::Beside => "the target has no place for it: kept in an extension",
            Kind::Renamed => "the system or type has another name in the target, and had an unusual one",
        }
    }
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What.
    pub kind: Kind,
    /// The rule, as `file:map:number`; none for what no rule did.
    pub rule: Option<Arc<str>>,
    /// Number of the node in the source.
    pub node: usize,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind.code(), self.kind.text())?;
        match &self.rule {
            Some(rule) => write!(f, " ({rule})"),
            None => Ok(()),
        }
    }
}
