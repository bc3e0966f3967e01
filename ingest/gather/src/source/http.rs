//! A source over HTTP.

use std::sync::Arc;

use ::http::HeaderName;
use async_trait::async_trait;
use bytes::Bytes;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use samenhang_profiles::{Bsn, FhirVersion};
use samenhang_terminology::naming;
use tokio::time::Instant;

use super::{Ask, Authorisation, Reply, SourceApi};
use crate::clock::{Clock, Random, random_uuid};
use crate::http::{Http, HttpError, Outgoing, Peer, Target};
use crate::query::Question;
use crate::token::{Authoriser, Token, TokenError};

/// Documents: as they are, or else as a `Binary` in JSON.
const DOCUMENT: &str = "application/pdf, text/plain;q=0.9, application/fhir+json;q=0.5";
/// Bytes of a CapabilityStatement.
const MAX_STATEMENT: usize = 5 << 20;

/// A source over HTTP.
pub struct HttpSource {
    http: Http,
    peer: Peer,
    version: FhirVersion,
    json: bool,
    authoriser: Arc<dyn Authoriser>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl HttpSource {
    /// A source at a peer of the directory; `json` when it speaks JSON, else it speaks XML only.
    #[must_use]
    pub fn new(
        http: Http,
        peer: Peer,
        version: FhirVersion,
        json: bool,
        authoriser: Arc<dyn Authoriser>,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Self {
        HttpSource {
            http,
            peer,
            version,
            json,
            authoriser,
            clock,
            random,
        }
    }

    fn accept(&self) -> &'static str {
        match (self.version, self.json) {
            (FhirVersion::R4, true) => "application/fhir+json; fhirVersion=4.0",
            (FhirVersion::R4, false) => "application/fhir+xml; fhirVersion=4.0",
            (FhirVersion::Stu3, true) => {
                "application/fhir+json; fhirVersion=3.0, application/fhir+json;q=0.9"
            }
            (FhirVersion::Stu3, false) => "application/fhir+xml; fhirVersion=3.0, application/fhir+xml;q=0.9",
        }
    }
}

#[async_trait]
impl SourceApi for HttpSource {
    fn label(&self) -> String {
        self.peer.label()
    }

    fn authorisation_label(&self) -> String {
        self.authoriser.label()
    }

    fn base(&self) -> &str {
        self.peer.base()
    }

    fn version(&self) -> FhirVersion {
        self.version
    }

    async fn authorise(
        &self,
        question: &Question,
        renew: Option<&Arc<Token>>,
        deadline: Instant,
    ) -> Result<Authorisation, TokenError> {
        self.authoriser.authorise(question, renew, deadline).await
    }

    async fn send(
        &self,
        question: &Question,
        ask: Ask<'_>,
        token: Option<&Token>,
        max_bytes: usize,
        deadline: Instant,
    ) -> Result<Reply, HttpError> {
        let mut outgoing = match ask {
            Ask::Capabilities => {
                Outgoing::get(Target::Path("metadata")).at_most(max_bytes.min(MAX_STATEMENT))
            }
            Ask::FindPatient(bsn) => Outgoing::post(
                Target::Path("Patient/_search"),
                "application/x-www-form-urlencoded",
                find_body(bsn),
            )
            .at_most(max_bytes),
            Ask::MatchPatient(bsn) => Outgoing::post(
                Target::Path("Patient/$match"),
                "application/fhir+json",
                match_body(bsn),
            )
            .at_most(max_bytes),
            Ask::Search(target) | Ask::Read(target) | Ask::Document(target) => {
                Outgoing::get(Target::Path(target)).at_most(max_bytes)
            }
            Ask::Next(link) => Outgoing::get(Target::Link(link)).at_most(max_bytes),
        }
        .accept(match ask {
            Ask::Document(_) => DOCUMENT,
            _ => self.accept(),
        });
        if !matches!(ask, Ask::Capabilities) {
            // A session and a request can be found back in the holder's log by these, without naming the patient.
            let request = random_uuid(&*self.random).to_string();
            outgoing = outgoing
                .header(
                    HeaderName::from_static("x-correlation-id"),
                    &question.correlation.to_string(),
                )?
                .header(HeaderName::from_static("x-request-id"), &request)?;
        }
        if let Some(token) = token {
            outgoing = token.put_on(outgoing, &self.peer)?;
        }
        let answer = Box::pin(self.http.send(&self.peer, outgoing, deadline)).await?;
        Ok(Reply {
            challenged: token.is_some_and(|token| token.is_challenged(&self.peer, &answer)),
            status: answer.status,
            media_type: answer.media_type(),
            retry_after: answer.retry_after(self.clock.now()),
            body: answer.body,
        })
    }
}

/// The form of a lookup. The BSN is in the body and never in an address.
fn find_body(bsn: &Bsn) -> Bytes {
    let identifier = format!("{}|{}", naming::BSN, bsn.expose());
    Bytes::from(format!(
        "identifier={}",
        utf8_percent_encode(&identifier, NON_ALPHANUMERIC)
    ))
}

/// The Parameters of a `$match`. The number passes the 11-proef, so it needs no escaping.
fn match_body(bsn: &Bsn) -> Bytes {
    Bytes::from(format!(
        concat!(
            r#"{{"resourceType":"Parameters","parameter":[{{"name":"resource","resource":{{"resourceType":"Patient","#,
            r#""identifier":[{{"system":"{}","value":"{}"}}]}}}},{{"name":"onlyCertainMatches","valueBoolean":true}}]}}"#
        ),
        naming::BSN,
        bsn.expose()
    ))
}

#[cfg(test)]
mod tests;
