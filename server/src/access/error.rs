//! Why a request gets in no further. The texts say what to do and hold nothing of what was sent.

use std::borrow::Cow;

use samenhang_gather::http::HttpError;
use samenhang_gather::query::Refusal;

use crate::access::dezi::LoginError;
use crate::access::introspected::CheckError;
use crate::access::jwt::JwtError;
use crate::access::launch::LaunchError;
use crate::access::policy::PolicyError;
use crate::audit::AuditError;

/// Why a request gets in no further.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum AccessError {
    /// Neither a session nor a token came with the request.
    #[error("the request carries neither a session nor an access token")]
    Anonymous,
    /// The session is not known, or it has ended.
    #[error("the session has ended, log in again")]
    Session,
    /// The access token is not known, has expired, or is not one of ours.
    #[error("the access token is not valid, ask for a new one")]
    Token,
    /// A session and a token came together: it is not clear who asks.
    #[error("the request carries both a session and an access token, send one of them")]
    Ambiguous,
    /// The request came from another site.
    #[error("the request does not come from a page of this server")]
    CrossSite,
    /// The token does not cover the request.
    #[error("the access token does not have the scope {0}")]
    Scope(&'static str),
    /// Too many requests.
    #[error("too many requests, try again in {0} s")]
    Limited(u64),
    /// A demonstration asked about a number outside the test range.
    #[error("the demonstration answers for numbers of the public test range only")]
    RealPatient,
    /// The token of the request is bound to another patient.
    #[error("the access token is bound to another patient")]
    OtherPatient,
    /// The token of the request is bound to no patient, where only such tokens are taken.
    #[error("the access token is bound to no patient")]
    Unbound,
    /// Whoever asks is not a patient in a client for patients, where only they get in.
    #[error("this is for a patient who comes from a PGO or portal that is registered for patients")]
    NotForPatients,
    /// The server that issued the token could not tell about it.
    #[error("the access token could not be checked, try again later: {0}")]
    Unchecked(#[from] CheckError),
    /// The access policy refuses the question.
    #[error("{0}")]
    Refused(#[from] Refusal),
    /// Too many sessions or tokens at once.
    #[error("too many sessions or tokens at once, try again later")]
    Full,
    /// The login failed.
    #[error("failed to log in: {0}")]
    Login(#[from] LoginError),
    /// A launch from a record system came to nothing.
    #[error("failed to open the record: {0}")]
    Launch(#[from] LaunchError),
    /// A system's assertion was not accepted.
    #[error("failed to accept the client assertion: {0}")]
    Assertion(#[from] JwtError),
    /// The token request is not one that this server serves.
    #[error("{0}")]
    TokenRequest(&'static str),
    /// The audit log could not be written: nobody gets in.
    #[error("failed to record the access: {0}")]
    Audit(#[from] AuditError),
    /// The policy file cannot be used.
    #[error("failed to read the access policy: {0}")]
    Policy(#[from] PolicyError),
    /// A key file cannot be used.
    #[error("failed to use the key file {file}: {reason}")]
    KeyFile {
        /// The file.
        file: String,
        /// Why.
        reason: &'static str,
    },
    /// A configured address cannot be used.
    #[error("failed to use the address in {key}: {reason}")]
    Address {
        /// The configuration key.
        key: &'static str,
        /// Why.
        reason: HttpError,
    },
    /// A setting cannot be used.
    #[error("failed to use the setting {key}: {reason}")]
    Setting {
        /// The configuration key.
        key: &'static str,
        /// Why.
        reason: &'static str,
    },
}

impl AccessError {
    /// The stable code, explained in the error catalogue.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            AccessError::Anonymous => "SAM-ACC-001",
            AccessError::Session => "SAM-ACC-002",
            AccessError::Token => "SAM-ACC-003",
            AccessError::Ambiguous => "SAM-ACC-004",
            AccessError::CrossSite => "SAM-ACC-005",
            AccessError::Scope(_) => "SAM-ACC-006",
            AccessError::Limited(_) => "SAM-ACC-007",
            AccessError::RealPatient => "SAM-ACC-008",
            AccessError::OtherPatient => "SAM-ACC-018",
            AccessError::Unchecked(_) => "SAM-ACC-020",
            AccessError::Unbound => "SAM-ACC-021",
            AccessError::NotForPatients => "SAM-ACC-022",
            AccessError::Login(LoginError::Undecided(_)) => "SAM-ACC-019",
            AccessError::Login(_) => "SAM-ACC-009",
            AccessError::Launch(error) => error.code(),
            AccessError::Assertion(_) => "SAM-ACC-010",
            AccessError::TokenRequest(_) => "SAM-ACC-011",
            AccessError::Audit(error) => error.code(),
            AccessError::Policy(_) => "SAM-ACC-012",
            AccessError::KeyFile { .. } => "SAM-ACC-013",
            AccessError::Address { .. } => "SAM-ACC-014",
            AccessError::Setting { .. } => "SAM-ACC-015",
            AccessError::Refused(_) => "SAM-ACC-016",
            AccessError::Full => "SAM-ACC-017",
        }
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            AccessError::Anonymous
            | AccessError::Session
            | AccessError::Token
            | AccessError::Assertion(_) => 401,
            AccessError::Ambiguous | AccessError::TokenRequest(_) => 400,
            AccessError::CrossSite
            | AccessError::Scope(_)
            | AccessError::RealPatient
            | AccessError::OtherPatient
            | AccessError::Unbound
            | AccessError::NotForPatients
            | AccessError::Refused(_)
            | AccessError::Launch(_)
            | AccessError::Login(_) => 403,
            AccessError::Limited(_) => 429,
            AccessError::Audit(_) | AccessError::Full | AccessError::Unchecked(_) => 503,
            AccessError::Policy(_)
            | AccessError::KeyFile { .. }
            | AccessError::Address { .. }
            | AccessError::Setting { .. } => 500,
        }
    }

    /// What is wrong and what to do, in Dutch, for a person. Fixed words; the code tells the rest.
    #[must_use]
    pub fn hint_nl(&self) -> Cow<'static, str> {
        let fixed = match self {
            AccessError::Anonymous => {
                "Het verzoek heeft geen sessie en geen toegangstoken. Meld u aan via /auth/login."
            }
            AccessError::Session => "De sessie is afgelopen. Meld u opnieuw aan.",
            AccessError::Token => "Het toegangstoken is niet geldig. Vraag een nieuw token.",
            AccessError::Ambiguous => {
                "Het verzoek heeft een sessie en een toegangstoken. Stuur een van beide."
            }
            AccessError::CrossSite => "Het verzoek komt niet van een pagina van deze server.",
            AccessError::Scope(scope) => {
                return format!("Het toegangstoken heeft de scope {scope} niet.").into();
            }
            AccessError::Limited(seconds) => {
                return format!("Te veel verzoeken. Probeer het over {seconds} s opnieuw.").into();
            }
            AccessError::Unbound => "Het toegangstoken hoort niet bij een patiënt.",
            AccessError::NotForPatients => {
                "Dit is voor een patiënt. Open deze pagina vanuit uw PGO of het portaal van uw zorgverlener."
            }
            AccessError::Unchecked(_) => {
                "Het toegangstoken kan nu niet worden gecontroleerd. Probeer het later opnieuw."
            }
            AccessError::OtherPatient => "Het toegangstoken hoort bij een andere patiënt.",
            AccessError::RealPatient => {
                "De demonstratie antwoordt alleen voor nummers uit de openbare testreeks."
            }
            AccessError::Refused(refusal) => {
                return format!(
                    "Regel {} van toegangsbeleid {} staat dit niet toe. Rol en doel moeten bij het beleid passen; \
                     vraag de beheerder.",
                    refusal.rule, refusal.policy
                )
                .into();
            }
            AccessError::Full => "Te veel sessies of tokens tegelijk. Probeer het later opnieuw.",
            AccessError::Login(_) => {
                "Het aanmelden is niet gelukt. Probeer het opnieuw; blijft het zo, geef de beheerder de code."
            }
            AccessError::Launch(error) => error.hint_nl(),
            AccessError::Assertion(_) => {
                "De client_assertion is niet aanvaard. Controleer sleutel, ontvanger en tijd."
            }
            AccessError::TokenRequest(_) => {
                "Dit tokenverzoek wordt niet bediend. De Engelse tekst zegt waarom."
            }
            AccessError::Audit(_) => {
                "De toegang kan niet worden vastgelegd, daarom wordt niets gegeven. Waarschuw de beheerder."
            }
            AccessError::Policy(_)
            | AccessError::KeyFile { .. }
            | AccessError::Address { .. }
            | AccessError::Setting { .. } => "De server is niet goed ingesteld. Geef de beheerder de code.",
        };
        fixed.into()
    }

    /// The value of `WWW-Authenticate` (RFC 6750), for 401 and for a scope that is missing.
    #[must_use]
    pub fn challenge(&self) -> Option<String> {
        match self {
            AccessError::Anonymous | AccessError::Session => Some("Bearer realm=\"samenhang\"".to_owned()),
            AccessError::Token => Some("Bearer realm=\"samenhang\", error=\"invalid_token\"".to_owned()),
            AccessError::Scope(scope) => Some(format!(
                "Bearer realm=\"samenhang\", error=\"insufficient_scope\", scope=\"{scope}\""
            )),
            _ => None,
        }
    }

    /// Seconds after which it is worth trying again.
    #[must_use]
    pub fn retry_after(&self) -> Option<u64> {
        match self {
            AccessError::Limited(seconds) => Some(*seconds),
            AccessError::Audit(_) | AccessError::Full | AccessError::Unchecked(_) => Some(5),
            _ => None,
        }
    }
}
