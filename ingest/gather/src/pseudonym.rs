//! Pseudonyms: the referral index is asked about a patient without learning the number (sections 1.3 and 1.4).
//!
//! The number is written down canonically, hashed for one recipient, blinded with a fresh random scalar and evaluated
//! by the pseudonym service (PRS), which sees neither the number nor the hash. A pseudonym is used once and never
//! kept. This module never unblinds.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use zeroize::Zeroizing;

use crate::clock::{Clock, Random};
use crate::config::IndexServices;
use crate::error::{GatherError, Service};
use crate::http::{Answer, Http, Outgoing, Peer, Target};
use crate::ledger::{About, Call, Ledger, Outcome, Step};
use crate::oauth::{Bearer, NationalTokens, Wanted, pin};

mod blind;

use blind::Recipient;

/// Bytes of the answer of the pseudonym service.
const MAX_ANSWER: usize = 64 << 10;

/// A pseudonym for one call to the referral index. No `Debug`, no `Clone`: it is used once.
pub struct Pseudonym {
    evaluated: Zeroizing<String>,
    blind: Zeroizing<String>,
}

impl Pseudonym {
    /// The body of `POST /localize` and `POST /registrations`.
    ///
    /// # Errors
    /// [`GatherError::Answer`] when it cannot be written.
    pub fn body(&self) -> Result<Vec<u8>, GatherError> {
        #[derive(Serialize)]
        struct Body<'a> {
            pseudonym: &'a str,
            oprf_key: &'a str,
        }
        write(&Body {
            pseudonym: &self.evaluated,
            oprf_key: &self.blind,
        })
    }

    /// The parameters of `DELETE /registrations`. Single use, and still not for any log.
    #[must_use]
    pub fn parameters(&self) -> Zeroizing<String> {
        let text = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("pseudonym", &self.evaluated)
            .append_pair("oprf_key", &self.blind)
            .finish();
        Zeroizing::new(text)
    }

    /// The value of `subject.identifier`: base64url without padding.
    ///
    /// # Errors
    /// [`GatherError::Answer`] when it cannot be written.
    pub fn token(&self) -> Result<String, GatherError> {
        #[derive(Serialize)]
        struct Token<'a> {
            evaluated_output: &'a str,
            blind_factor: &'a str,
        }
        let text = write(&Token {
            evaluated_output: &self.evaluated,
            blind_factor: &self.blind,
        })?;
        Ok(URL_SAFE_NO_PAD.encode(text))
    }
}

fn write<T: Serialize>(value: &T) -> Result<Vec<u8>, GatherError> {
    serde_json::to_vec(value).map_err(|_| GatherError::Answer {
        service: Service::Prs,
        what: "the pseudonym cannot be written",
    })
}

/// Client of the pseudonym service.
pub struct Prs {
    http: Http,
    peer: Peer,
    wanted: Wanted,
    tokens: Arc<NationalTokens>,
    recipient: Recipient,
    timeout: Duration,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    ledger: Arc<dyn Ledger>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EvalRequest<'a> {
    encrypted_personal_id: &'a str,
    recipient_organization: &'a str,
    recipient_scope: &'a str,
}

#[derive(Deserialize)]
struct EvalAnswer {
    jwe: String,
}

impl Prs {
    /// Sets up for one pseudonym service.
    ///
    /// # Errors
    /// [`GatherError`] when its address cannot be used.
    pub fn new(
        http: Http,
        config: IndexServices<'_>,
        tokens: Arc<NationalTokens>,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        ledger: Arc<dyn Ledger>,
    ) -> Result<Self, GatherError> {
        let peer = pin(&http, &config.prs.url, Service::Prs)?;
        let audience = config
            .prs
            .audience
            .clone()
            .unwrap_or_else(|| config.prs.url.clone());
        Ok(Prs {
            http,
            peer,
            wanted: tokens.for_prs(audience),
            tokens,
            recipient: Recipient {
                organisation: config.prs.recipient_organisation(config.generation).to_owned(),
                scope: config.prs.recipient_scope(config.generation).to_owned(),
            },
            timeout: Duration::from_millis(config.prs.timeout_ms),
            clock,
            random,
            ledger,
        })
    }

    /// A fresh pseudonym of a patient.
    ///
    /// A refused token is renewed once; a call that failed on the way is made once more, with a fresh blind.
    ///
    /// # Errors
    /// [`GatherError`]; the caller must not take it for "nothing known".
    pub async fn pseudonym(&self, about: &About, deadline: Instant) -> Result<Pseudonym, GatherError> {
        let mut token = self.tokens.token(&self.wanted, deadline).await?;
        let mut renewed = false;
        let mut retried = false;
        loop {
            match self.evaluate(about, &token, deadline).await {
                Err(GatherError::Status { status: 401, .. }) if !renewed => {
                    renewed = true;
                    token = self.tokens.renew(&self.wanted, &token, deadline).await?;
                }
                Err(error) if error.is_transient() && !retried && Instant::now() < deadline => retried = true,
                other => return other,
            }
        }
    }

    async fn evaluate(
        &self,
        about: &About,
        token: &Bearer,
        deadline: Instant,
    ) -> Result<Pseudonym, GatherError> {
        let blinded = self
            .recipient
            .blind(about.patient.expose(), &*self.random)
            .ok_or(GatherError::Answer {
                service: Service::Prs,
                what: "the number cannot be blinded",
            })?;
        let body = write(&EvalRequest {
            encrypted_personal_id: &URL_SAFE.encode(&blinded.element),
            recipient_organization: &self.recipient.organisation,
            recipient_scope: &self.recipient.scope,
        })?;
        let outgoing = Outgoing::post(Target::Path("oprf/eval"), "application/json", body)
            .accept("application/json")
            .at_most(MAX_ANSWER)
            .bearer(token.expose());
        let call = Call::about(&*self.clock, about.clone(), Step::Pseudonymise, self.peer.label());
        let result = match outgoing {
            Ok(outgoing) => {
                let deadline = deadline.min(Instant::now() + self.timeout);
                self.http.send(&self.peer, outgoing, deadline).await
            }
            Err(error) => Err(error),
        };
        let result = result
            .map_err(|source| GatherError::Unreachable {
                service: Service::Prs,
                source,
            })
            .and_then(|answer| read(&answer))
            .map(|evaluated| Pseudonym {
                evaluated,
                blind: Zeroizing::new(URL_SAFE.encode(&*blinded.blind)),
            });
        call.end(&*self.ledger, outcome_of(&result), None).await?;
        result
    }
}

/// How the ledger notes a result.
pub(crate) fn outcome_of<T>(result: &Result<T, GatherError>) -> Outcome {
    match result {
        Ok(_) => Outcome::Success,
        Err(GatherError::Status {
            status: 401 | 403, ..
        }) => Outcome::Refused,
        Err(error) => Outcome::Failed(error.cause_code()),
    }
}

fn read(answer: &Answer) -> Result<Zeroizing<String>, GatherError> {
    if !answer.is_success() {
        return Err(GatherError::Status {
            service: Service::Prs,
            status: answer.status,
        });
    }
    let wrong = |what| GatherError::Answer {
        service: Service::Prs,
        what,
    };
    let read: EvalAnswer =
        serde_json::from_slice(&answer.body).map_err(|_| wrong("it is not an evaluation"))?;
    let parts: Vec<_> = read.jwe.split('.').collect();
    let base64url = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let plain = parts.len() == 5
        && parts
            .iter()
            .all(|part| !part.is_empty() && part.bytes().all(base64url));
    if plain {
        Ok(Zeroizing::new(read.jwe))
    } else {
        Err(wrong("the evaluation is not a compact jwe"))
    }
}
