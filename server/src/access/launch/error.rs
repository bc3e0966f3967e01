//! Why a launch came to nothing. The texts are fixed: they go to the reader and into the audit log.

use samenhang_gather::http::HttpError;

use crate::access::jwt::JwtError;

/// Why a launch came to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LaunchError {
    /// The record system is not one that is registered here, or the request names none.
    #[error("the record system that started this is not registered here")]
    Stranger,
    /// The launch was used before, or what it led to is no longer kept.
    #[error("the launch was used before or took too long, start again from the record")]
    Used,
    /// The browser came back with something that was not begun in it.
    #[error("the launch was not begun in this browser, start again from the record")]
    State,
    /// The record system refused.
    #[error("the record system refused the launch")]
    Refused,
    /// The record system did not answer.
    #[error("the record system did not answer: {0}")]
    Remote(HttpError),
    /// The answer of the record system cannot be used.
    #[error("the answer of the record system cannot be used: {0}")]
    Answer(&'static str),
    /// A token of the record system is not accepted.
    #[error("a token of the record system is not accepted: {0}")]
    Token(#[from] JwtError),
    /// The patient has no number, or more than one.
    #[error("the patient in the record system has not exactly one valid citizen service number")]
    Number,
    /// The patient that was read is another than the one of the launch.
    #[error("the record system gave another patient than that of the launch")]
    OtherPatient,
    /// Who logged in is another person than the user of the record system.
    #[error("who is logged in here is another person than the user of the record system")]
    OtherPerson,
}

impl LaunchError {
    /// The stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            LaunchError::Stranger => "SAM-ACC-029",
            LaunchError::Used => "SAM-ACC-023",
            LaunchError::State => "SAM-ACC-024",
            LaunchError::Refused
            | LaunchError::Remote(_)
            | LaunchError::Answer(_)
            | LaunchError::Token(_) => "SAM-ACC-025",
            LaunchError::Number => "SAM-ACC-026",
            LaunchError::OtherPatient => "SAM-ACC-027",
            LaunchError::OtherPerson => "SAM-ACC-028",
        }
    }

    /// The reason in fixed words, for the audit log.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            LaunchError::Stranger => "a record system that is not registered",
            LaunchError::Used => "a launch that was used or has expired",
            LaunchError::State => "a launch that was not begun in this browser",
            LaunchError::Refused => "refused by the record system",
            LaunchError::Remote(_) => "the record system did not answer",
            LaunchError::Answer(reason) => reason,
            LaunchError::Token(_) => "a token of the record system is not accepted",
            LaunchError::Number => "the patient has not exactly one valid number",
            LaunchError::OtherPatient => "another patient than that of the launch",
            LaunchError::OtherPerson => "another person than the user of the record system",
        }
    }

    /// What is wrong and what to do, in Dutch.
    #[must_use]
    pub fn hint_nl(self) -> &'static str {
        match self {
            LaunchError::Stranger => {
                "Het dossiersysteem waaruit dit is gestart, is hier niet bekend. Waarschuw de beheerder."
            }
            LaunchError::Used => {
                "Deze start is al gebruikt of duurde te lang. Start opnieuw vanuit het dossier."
            }
            LaunchError::State => {
                "Deze start is niet in deze browser begonnen. Start opnieuw vanuit het dossier."
            }
            LaunchError::Refused
            | LaunchError::Remote(_)
            | LaunchError::Answer(_)
            | LaunchError::Token(_) => {
                "Het dossiersysteem gaf geen bruikbaar antwoord. Start opnieuw vanuit het dossier; blijft het zo, geef \
                 de beheerder de code."
            }
            LaunchError::Number => {
                "De patiënt heeft in het dossiersysteem niet precies één geldig burgerservicenummer. Er is niets gevraagd."
            }
            LaunchError::OtherPatient => {
                "Het dossiersysteem gaf een andere patiënt dan die van het dossier. Er is niets gevraagd."
            }
            LaunchError::OtherPerson => {
                "Wie zich hier aanmeldde, is een ander dan de gebruiker van het dossiersysteem. Meld u aan als uzelf."
            }
        }
    }
}
