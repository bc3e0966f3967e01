//! Everything that can go wrong towards an asker, as one type with a stable code and a text that says what to do.
//!
//! A [`Problem`] is what leaves the server; how it is written (OperationOutcome under `/fhir`, RFC 9457 elsewhere)
//! is decided in [`crate::fhir::outcome`] and [`crate::http::problem`]. Texts are fixed: nothing that an asker or a
//! source sent is ever repeated in an error, because it may be patient data (P9).

mod catalogue;
mod convert;

pub use catalogue::{CATALOGUE, Kind};

use std::borrow::Cow;
use std::ops::{Deref, DerefMut};

use http::StatusCode;

/// A language in which the server can speak to a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Language {
    /// Dutch.
    Dutch,
    /// English.
    English,
}

impl Language {
    /// The BCP 47 tag.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Language::Dutch => "nl",
            Language::English => "en",
        }
    }
}

/// A text in both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// Dutch.
    pub nl: Cow<'static, str>,
    /// English.
    pub en: Cow<'static, str>,
}

impl Text {
    /// A text that is known when the program is built.
    #[must_use]
    pub const fn fixed(nl: &'static str, en: &'static str) -> Self {
        Text {
            nl: Cow::Borrowed(nl),
            en: Cow::Borrowed(en),
        }
    }

    /// The text in a language.
    #[must_use]
    pub fn in_language(&self, language: Language) -> &str {
        match language {
            Language::Dutch => &self.nl,
            Language::English => &self.en,
        }
    }
}

/// What is told to an asker when a request cannot be served. Its parts are those of [`Facts`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {}", .0.code, .0.text.en)]
pub struct Problem(Box<Facts>);

/// The parts of a [`Problem`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Stable code, `SAM-<AREA>-<NNN>`.
    pub code: &'static str,
    /// HTTP status.
    pub status: StatusCode,
    /// Code of the FHIR `issue-type` value set.
    pub issue: &'static str,
    /// What is wrong.
    pub text: Text,
    /// What to do about it.
    pub hint: Text,
    /// Where in the request, as `FHIRPath`.
    pub expression: Option<Cow<'static, str>>,
    /// Seconds after which it makes sense to try again.
    pub retry_after: Option<u32>,
    /// Value of `WWW-Authenticate`, for a 401.
    pub challenge: Option<Cow<'static, str>>,
}

impl Problem {
    /// A problem of the catalogue.
    #[must_use]
    pub fn new(kind: Kind) -> Self {
        let entry = kind.entry();
        Problem(Box::new(Facts {
            code: entry.code,
            status: StatusCode::from_u16(entry.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            issue: entry.issue,
            text: Text::fixed(entry.nl, entry.en),
            hint: Text::fixed(entry.hint_nl, entry.hint_en),
            expression: None,
            retry_after: entry.retry_after,
            challenge: (entry.status == 401).then_some(Cow::Borrowed("Bearer realm=\"samenhang\"")),
        }))
    }

    /// Says where in the request it is.
    #[must_use]
    pub fn at(mut self, expression: impl Into<Cow<'static, str>>) -> Self {
        self.expression = Some(expression.into());
        self
    }

    /// Replaces what to do about it by something more exact.
    #[must_use]
    pub fn hint(mut self, nl: impl Into<Cow<'static, str>>, en: impl Into<Cow<'static, str>>) -> Self {
        self.hint = Text {
            nl: nl.into(),
            en: en.into(),
        };
        self
    }

    /// Replaces the stable code by that of the area in which it went wrong.
    #[must_use]
    pub fn code(mut self, code: &'static str) -> Self {
        self.code = code;
        self
    }
}

impl Deref for Problem {
    type Target = Facts;

    fn deref(&self) -> &Facts {
        &self.0
    }
}

impl DerefMut for Problem {
    fn deref_mut(&mut self) -> &mut Facts {
        &mut self.0
    }
}

impl From<Kind> for Problem {
    fn from(kind: Kind) -> Self {
        Problem::new(kind)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{CATALOGUE, Kind, Problem};

    #[test]
    fn every_entry_has_its_own_code_and_says_what_to_do_in_both_languages() {
        let codes: BTreeSet<_> = CATALOGUE.iter().map(|(_, entry)| entry.code).collect();
        assert_eq!(codes.len(), CATALOGUE.len());
        for (_, entry) in CATALOGUE {
            assert!(entry.code.starts_with("SAM-SRV-"), "{}", entry.code);
            for text in [entry.nl, entry.en, entry.hint_nl, entry.hint_en] {
                assert!(text.len() > 10 && text.ends_with('.'), "{}: {text}", entry.code);
            }
        }
    }

    #[test]
    fn a_failed_localisation_says_that_it_is_not_no_data() {
        let problem = Problem::new(Kind::LocalisationFailed);
        assert_eq!(problem.status.as_u16(), 503);
        assert!(problem.text.en.contains("does not mean that there is no data"));
        assert!(
            problem
                .text
                .nl
                .contains("betekent niet dat er geen gegevens zijn")
        );
    }
}
