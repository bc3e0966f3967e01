//! What validation, `FHIRPath` and mapping ask of terminology.

use crate::answer::{DisplayCheck, Membership, Subsumption, Translation, Unknown};
use crate::coding::Coding;

/// What validation, `FHIRPath` and mapping ask of terminology.
///
/// Synchronous and without I/O. Where a terminology server is configured, what is not known locally is answered
/// [`Unknown::Deferred`]: the caller collects those questions, has them asked in one batch, and asks again.
///
/// Canonicals may carry a version behind `|`. Every method is total: there is no input that makes it fail.
pub trait Terminology: Send + Sync {
    /// Whether `coding` is in the value set with the canonical `value_set`.
    fn member(&self, value_set: &str, coding: Coding<'_>) -> Membership;

    /// Whether the code system of `coding` has its code. Without a system the answer is unknown.
    fn code(&self, coding: Coding<'_>) -> Membership;

    /// How two codes of `system` stand to each other.
    fn subsumes(&self, system: &str, first: &str, second: &str) -> Subsumption;

    /// Whether the display of `coding` is one of the names of its concept. `language` is a BCP-47 tag, and says
    /// which name a caller prefers to be told.
    fn display(&self, coding: Coding<'_>, language: Option<&str>) -> DisplayCheck;

    /// What `coding` becomes by the concept map with the canonical `map`.
    fn translate(&self, map: &str, coding: Coding<'_>) -> Translation;
}

/// Terminology that knows nothing: for callers that check structure only.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoTerminology;

impl Terminology for NoTerminology {
    fn member(&self, _value_set: &str, _coding: Coding<'_>) -> Membership {
        Membership::Unknown(Unknown::ValueSetUnknown)
    }

    fn code(&self, _coding: Coding<'_>) -> Membership {
        Membership::Unknown(Unknown::SystemContentAbsent)
    }

    fn subsumes(&self, _system: &str, _first: &str, _second: &str) -> Subsumption {
        Subsumption::Unknown(Unknown::SystemContentAbsent)
    }

    fn display(&self, _coding: Coding<'_>, _language: Option<&str>) -> DisplayCheck {
        DisplayCheck::Unknown
    }

    fn translate(&self, _map: &str, _coding: Coding<'_>) -> Translation {
        Translation::Unknown
    }
}

impl<T: Terminology + ?Sized> Terminology for std::sync::Arc<T> {
    fn member(&self, value_set: &str, coding: Coding<'_>) -> Membership {
        (**self).member(value_set, coding)
    }

    fn code(&self, coding: Coding<'_>) -> Membership {
        (**self).code(coding)
    }

    fn subsumes(&self, system: &str, first: &str, second: &str) -> Subsumption {
        (**self).subsumes(system, first, second)
    }

    fn display(&self, coding: Coding<'_>, language: Option<&str>) -> DisplayCheck {
        (**self).display(coding, language)
    }

    fn translate(&self, map: &str, coding: Coding<'_>) -> Translation {
        (**self).translate(map, coding)
    }
}
