//! One endpoint of one holder: what can be asked of it, and what came back.
//!
//! [`SourceApi`] is the seam: the scheduler knows nothing of HTTP, so it can be tested with a source in memory and
//! a paused clock. [`http::HttpSource`] is the real one. Asking is reading: nothing here can change a holder's data.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use samenhang_profiles::{Bsn, FhirVersion, RawResource, Ura};
use tokio::time::Instant;

use crate::http::HttpError;
use crate::query::Question;
use crate::token::{Token, TokenError};

pub mod capabilities;
pub mod content;
pub mod http;
pub mod paging;
pub mod reference;
pub mod subject;
pub mod version;

/// One request to an endpoint. Every one is a read and may be repeated.
#[derive(Clone, Copy)]
pub enum Ask<'a> {
    /// `GET metadata`, without a token.
    Capabilities,
    /// `POST Patient/_search` with the BSN in the body.
    FindPatient(&'a Bsn),
    /// `POST Patient/$match` with the BSN in the body, for a source that offers nothing else.
    MatchPatient(&'a Bsn),
    /// `GET` of a planned search: path and query relative to the base.
    Search(&'a str),
    /// `GET` of a next link, as sent.
    Next(&'a str),
    /// `GET {type}/{id}`.
    Read(&'a str),
    /// `GET Binary/{id}`, as it is rather than as FHIR.
    Document(&'a str),
}

/// What an endpoint answered, whatever its status.
#[derive(Debug, Clone)]
pub struct Reply {
    /// Status code.
    pub status: u16,
    /// Body.
    pub body: Bytes,
    /// Media type in lower case, without parameters.
    pub media_type: Option<String>,
    /// How long the source asks to wait.
    pub retry_after: Option<Duration>,
    /// Whether the source asks for the same request once more, with the nonce that it sent along (RFC 9449, section 9).
    pub challenged: bool,
}

/// Whether a token was there, or had to be asked for.
#[derive(Clone)]
pub enum Authorisation {
    /// The endpoint asks for no token.
    NotNeeded,
    /// A token from an earlier call.
    Kept(Arc<Token>),
    /// A token that was asked for now.
    Issued(Arc<Token>),
}

impl Authorisation {
    /// The token.
    #[must_use]
    pub fn token(&self) -> Option<&Arc<Token>> {
        match self {
            Authorisation::NotNeeded => None,
            Authorisation::Kept(token) | Authorisation::Issued(token) => Some(token),
        }
    }
}

/// One endpoint of one holder.
#[async_trait]
pub trait SourceApi: Send + Sync {
    /// `host:port`, for the ledger.
    fn label(&self) -> String;

    /// `host:port` of its authorisation server, for the ledger.
    fn authorisation_label(&self) -> String;

    /// Base address without a trailing slash.
    fn base(&self) -> &str;

    /// The version of FHIR that the directory promises.
    fn version(&self) -> FhirVersion;

    /// A token for the asker of a question. `renew` names a token that was refused.
    ///
    /// # Errors
    /// [`TokenError`].
    async fn authorise(
        &self,
        question: &Question,
        renew: Option<&Arc<Token>>,
        deadline: Instant,
    ) -> Result<Authorisation, TokenError>;

    /// Sends one request and reads the whole answer of at most `max_bytes`.
    ///
    /// # Errors
    /// [`HttpError`]; a status of 4xx or 5xx is a [`Reply`].
    async fn send(
        &self,
        question: &Question,
        ask: Ask<'_>,
        token: Option<&Token>,
        max_bytes: usize,
        deadline: Instant,
    ) -> Result<Reply, HttpError>;
}

/// Checks whether a holder's Patient is the person that was asked for. Implemented by reconciliation.
pub trait IdentityCheck: Send + Sync {
    /// Compares what the holder found with the question.
    fn check(&self, question: &Question, holder: &Ura, patients: &[RawResource]) -> IdentityVerdict;
}

/// The verdict on a holder's Patient (reconciliation notes, section 5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IdentityVerdict {
    /// It is the person.
    Accept {
        /// Logical id at the holder.
        patient_id: String,
        /// A demographic deviates, which is told to the asker.
        warning: bool,
    },
    /// The number is equal, but the date of birth differs: shown only when the asker confirms.
    Hold,
    /// The number is equal, but too much differs: nothing of this holder is shown.
    Quarantine,
    /// The holder's Patient carries no verified BSN.
    NotLinked,
    /// More than one Patient, and none can be chosen.
    Ambiguous,
    /// Another number: a mix-up at the holder.
    Reject,
    /// The holder does not know the patient.
    Unknown,
}
