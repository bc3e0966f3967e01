//! A code as an instance carries it.

/// A code as an instance carries it, borrowed from there.
///
/// Source: FHIR R4 2.24.0.4 (Coding). `userSelected` says nothing about what the code means and is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Coding<'a> {
    /// Uri of the code system. `None` is an element of type `code`, whose system follows from the value set; a
    /// `Coding` that came without a system is the caller's to judge.
    pub system: Option<&'a str>,
    /// Version of the code system that the instance names.
    pub version: Option<&'a str>,
    /// The code, as written.
    pub code: &'a str,
    /// The display that the instance gives. Never decides membership.
    pub display: Option<&'a str>,
}

impl<'a> Coding<'a> {
    /// A code of a system.
    #[must_use]
    pub fn new(system: &'a str, code: &'a str) -> Self {
        Coding {
            system: Some(system),
            code,
            ..Coding::default()
        }
    }

    /// The value of an element of type `code`.
    #[must_use]
    pub fn bare(code: &'a str) -> Self {
        Coding {
            code,
            ..Coding::default()
        }
    }
}
