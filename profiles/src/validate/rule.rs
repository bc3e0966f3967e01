//! The rules that a resource is held to: one static each, with a stable code and its words.
//!
//! Codes are part of the interface: a code is never reused for another meaning. The words stand here and nowhere
//! else; [`super::text`] fills them in. A template has `{0}`, `{1}` for the arguments, and `[...]` around what is
//! left out when an argument in it may not be shown.

pub mod binding;
pub mod bundle;
pub mod narrative;
pub mod primitive;
pub mod profile;
pub mod shape;
pub mod slicing;
pub mod structure;
pub mod unchecked;
pub mod value;

/// How bad it is that a rule is broken. In order of weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Information,
    /// Allowed, but probably not meant.
    Warning,
    /// Not conformant.
    Error,
}

impl Severity {
    /// The code of `OperationOutcome.issue.severity`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Severity::Information => "information",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// One text in both languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words {
    /// English.
    pub en: &'static str,
    /// Dutch.
    pub nl: &'static str,
}

/// One thing that a resource is held to.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its stable code, for example `minimum`.
    pub code: &'static str,
    /// How bad breaking it is, unless a profile says otherwise (invariants do).
    pub severity: Severity,
    /// The code of `OperationOutcome.issue.code` (value set `issue-type`).
    pub issue_type: &'static str,
    /// Whether it says that something was left unchecked, instead of that something is wrong.
    pub unchecked: bool,
    /// What is the matter; a template.
    pub text: Words,
    /// What to do about it.
    pub hint: Words,
}

/// Every rule, in the order of the catalogue.
#[must_use]
pub fn all() -> Vec<&'static Rule> {
    let groups = [
        shape::RULES,
        primitive::RULES,
        structure::RULES,
        narrative::RULES,
        bundle::RULES,
        value::RULES,
        slicing::RULES,
        binding::RULES,
        profile::RULES,
        unchecked::RULES,
    ];
    groups.concat()
}

/// Declares the rules of a group as statics, and lists them.
macro_rules! rules {
    ($($(#[$doc:meta])* $name:ident = $code:literal $severity:ident $kind:literal
        $en:literal / $nl:literal hint $hint_en:literal / $hint_nl:literal;)+) => {
        $(
            $(#[$doc])*
            pub static $name: $crate::validate::rule::Rule = $crate::validate::rule::Rule {
                code: $code,
                severity: $crate::validate::rule::Severity::$severity,
                issue_type: $kind,
                unchecked: false,
                text: $crate::validate::rule::Words { en: $en, nl: $nl },
                hint: $crate::validate::rule::Words { en: $hint_en, nl: $hint_nl },
            };
        )+
        /// The rules of this group.
        pub const RULES: &[&$crate::validate::rule::Rule] = &[$(&$name),+];
    };
}
pub(crate) use rules;
