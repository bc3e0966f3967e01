//! One document of one holder, when somebody opens it: the same way as every call to a holder (its own peer and certificate,
//! token, breaker, budget, limits, ledger), and only at the endpoint that gave the record that points at it.
//!
//! What comes back is a PDF or plain text by its own first bytes, whatever the holder calls it, or it is refused.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use samenhang_profiles::Ura;
use samenhang_terminology::Category;
use serde::Deserialize;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::breaker::Admission;
use super::call::{Caller, Purpose};
use super::problem::Problem;
use super::{Closed, FanOut, HolderJob};
use crate::ledger::Step;
use crate::query::Question;
use crate::source::reference::at_endpoint;
use crate::source::{Ask, Reply};

/// Bytes of a document at most.
pub const MAX_DOCUMENT: usize = 20 << 20;
/// What a PDF begins with (ISO 32000-1, 7.5.2).
const PDF: &[u8] = b"%PDF-";

/// What a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Media {
    /// A PDF, PDF/A or other.
    Pdf,
    /// Plain text in UTF-8.
    Text,
}

/// A document.
#[derive(Clone)]
pub struct Document {
    /// Its bytes, as the holder sent them.
    pub bytes: Bytes,
    /// What they are.
    pub media: Media,
}

impl Document {
    /// Bytes as a document, by what they are. `said` is what the holder calls them: text has no mark of its own.
    ///
    /// # Errors
    /// [`DocumentError::NotADocument`] and [`DocumentError::TooLarge`].
    pub fn of(bytes: Bytes, said: Option<&str>) -> Result<Self, DocumentError> {
        if bytes.len() > MAX_DOCUMENT {
            return Err(DocumentError::TooLarge);
        }
        let is_text = || {
            let said = said.and_then(|said| said.split(';').next()).map(str::trim);
            said.is_some_and(|said| said.eq_ignore_ascii_case("text/plain"))
                && std::str::from_utf8(&bytes).is_ok_and(|text| !text.contains('\0'))
        };
        let media = match () {
            () if bytes.starts_with(PDF) => Media::Pdf,
            () if is_text() => Media::Text,
            () => return Err(DocumentError::NotADocument),
        };
        Ok(Document { bytes, media })
    }

    /// Bytes in base64 (`Attachment.data`) as a document.
    ///
    /// # Errors
    /// As [`Document::of`].
    pub fn of_base64(text: &str, said: Option<&str>) -> Result<Self, DocumentError> {
        if text.len() / 4 * 3 > MAX_DOCUMENT {
            return Err(DocumentError::TooLarge);
        }
        let bytes = STANDARD.decode(text).map_err(|_| DocumentError::NotADocument)?;
        Document::of(bytes.into(), said)
    }
}

/// Where a document is.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// Base address of the endpoint that gave the record.
    pub endpoint: &'a str,
    /// Where the record says that the document is.
    pub url: &'a str,
    /// The category of the record.
    pub category: Category,
}

/// Why a document could not be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DocumentError {
    /// Neither a PDF nor plain text.
    #[error("what is there is neither a PDF nor plain text")]
    NotADocument,
    /// It is elsewhere than where the record came from, or no `Binary`.
    #[error("the record points at a place that is not asked")]
    Elsewhere,
    /// The holder may not be asked for this category, or cannot be.
    #[error("the holder is not asked for this")]
    NotAsked,
    /// The circuit breaker of the holder is open.
    #[error("the holder failed repeatedly and is not asked for a moment")]
    Paused,
    /// Larger than the limit.
    #[error("the document is larger than the limit")]
    TooLarge,
    /// The audit ledger is closed.
    #[error("the audit ledger is closed")]
    LedgerClosed,
    /// The holder did not give it; the code says why.
    #[error("the holder did not give it ({0})")]
    Holder(&'static str),
}

impl DocumentError {
    /// The stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            DocumentError::NotADocument => "SAM-GAT-226",
            DocumentError::Elsewhere => "SAM-GAT-227",
            DocumentError::NotAsked => "SAM-GAT-228",
            DocumentError::Paused => "SAM-GAT-229",
            DocumentError::TooLarge => Problem::TooMuch.code(),
            DocumentError::LedgerClosed => Problem::LedgerClosed.code(),
            DocumentError::Holder(code) => code,
        }
    }
}

impl From<Problem> for DocumentError {
    fn from(problem: Problem) -> Self {
        match problem {
            Problem::TooMuch => DocumentError::TooLarge,
            Problem::LedgerClosed => DocumentError::LedgerClosed,
            problem => DocumentError::Holder(problem.code()),
        }
    }
}

/// A `Binary` in JSON, as a source without raw answers gives it.
#[derive(Deserialize)]
struct Binary {
    #[serde(rename = "resourceType")]
    resource_type: String,
    #[serde(rename = "contentType")]
    content_type: Option<String>,
    /// R4.
    data: Option<String>,
    /// STU3.
    content: Option<String>,
}

fn read(reply: &Reply) -> Result<Document, DocumentError> {
    let said = reply.media_type.as_deref();
    if !said.is_some_and(|said| said.ends_with("json")) {
        return Document::of(reply.body.clone(), said);
    }
    let binary: Binary = serde_json::from_slice(&reply.body).map_err(|_| DocumentError::NotADocument)?;
    let data = binary.data.or(binary.content);
    match data {
        Some(data) if binary.resource_type == "Binary" => {
            Document::of_base64(&data, binary.content_type.as_deref())
        }
        _ => Err(DocumentError::NotADocument),
    }
}

impl FanOut {
    /// Fetches a document that a record of a holder points at.
    ///
    /// # Errors
    /// [`DocumentError`].
    pub async fn document(
        &self,
        question: Arc<Question>,
        job: &HolderJob,
        place: Place<'_>,
        deadline: Instant,
    ) -> Result<Document, DocumentError> {
        if !job.permits.contains_key(&place.category) {
            return Err(DocumentError::NotAsked);
        }
        let mut endpoints = job.endpoints.iter();
        let endpoint = endpoints.find(|endpoint| endpoint.api.base() == place.endpoint);
        let endpoint = endpoint.ok_or(DocumentError::NotAsked)?;
        let target = match at_endpoint(place.url, place.endpoint) {
            Some(("Binary", id)) => format!("Binary/{id}"),
            _ => return Err(DocumentError::Elsewhere),
        };
        let gate = self.gate(&job.holder);
        // One document is no probe: whether a holder is back, the next question finds out.
        if gate.breaker().admit(Instant::now()) != Admission::Ask {
            return Err(DocumentError::Paused);
        }
        let caller = self.caller(&job.holder, question, deadline);
        let purpose = Purpose {
            step: Step::Read,
            category: Some(place.category),
        };
        let ask = Ask::Document(&target);
        // What the bytes are is judged apart: a document of another kind does not make a holder fail.
        let reply = caller.call(&*endpoint.api, purpose, ask, |reply| Ok((reply.clone(), 1)));
        read(&Box::pin(reply).await?)
    }

    fn caller(&self, holder: &Ura, question: Arc<Question>, deadline: Instant) -> Caller {
        let stop = CancellationToken::new();
        let most = || AtomicUsize::new(MAX_DOCUMENT);
        Caller {
            question,
            holder: holder.clone(),
            config: Arc::clone(&self.config),
            clock: Arc::clone(&self.clock),
            ledger: Arc::clone(&self.ledger),
            gate: self.gate(holder),
            deadline,
            closed: Closed::new(&CancellationToken::new(), &stop),
            stop,
            question_bytes: Arc::new(most()),
            holder_bytes: most(),
            quirks: Arc::clone(&self.quirks),
            later: Arc::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::{Document, DocumentError, Media, read};
    use crate::source::Reply;

    fn reply(media: &str, body: &'static [u8]) -> Reply {
        Reply {
            status: 200,
            body: Bytes::from_static(body),
            media_type: Some(media.to_owned()),
            retry_after: None,
            challenged: false,
        }
    }

    #[test]
    fn a_document_is_what_its_first_bytes_say() {
        let kind = |media, body| read(&reply(media, body)).map(|document| document.media);
        for said in [
            "application/pdf",
            "application/octet-stream",
            "text/html",
            "text/plain",
        ] {
            assert_eq!(kind(said, b"%PDF-1.4\n"), Ok(Media::Pdf), "{said}");
        }
        assert_eq!(kind("text/plain", b"een brief"), Ok(Media::Text));
        let not = Err(DocumentError::NotADocument);
        for (said, body) in [
            ("application/pdf", &b"<html><script>"[..]),
            ("text/html", b"<html>"),
            ("text/plain", b"a\0b"),
            ("text/plain", b"\xff\xfe"),
            ("image/svg+xml", b"<svg/>"),
            ("application/pdf", b""),
            ("application/fhir+json", b"{"),
            (
                "application/fhir+json",
                br#"{"resourceType":"Patient","data":"JVBERi0="}"#,
            ),
            (
                "application/fhir+json",
                br#"{"resourceType":"Binary","data":"PGh0bWw+"}"#,
            ),
            (
                "application/fhir+json",
                br#"{"resourceType":"Binary","data":"*"}"#,
            ),
            ("application/fhir+json", br#"{"resourceType":"Binary"}"#),
        ] {
            assert_eq!(kind(said, body), not, "{said}");
        }
        let binary = br#"{"resourceType":"Binary","contentType":"application/pdf","data":"JVBERi0xLjQ="}"#;
        assert_eq!(kind("application/fhir+json", binary), Ok(Media::Pdf));
        let older = br#"{"resourceType":"Binary","contentType":"application/pdf","content":"JVBERi0xLjQ="}"#;
        assert_eq!(kind("application/fhir+json", older), Ok(Media::Pdf));
    }

    #[test]
    fn a_document_has_a_size_that_it_may_not_pass() {
        let large = Bytes::from(vec![b' '; super::MAX_DOCUMENT + 1]);
        let of = |bytes| Document::of(bytes, Some("text/plain")).map(|document| document.media);
        assert_eq!(of(large.clone()), Err(DocumentError::TooLarge));
        assert_eq!(of(large.slice(1..)), Ok(Media::Text));
    }
}
