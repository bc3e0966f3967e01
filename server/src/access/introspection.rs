//! Access tokens that are bound to a patient: an authorisation server of the organisation issues them, and says on the
//! back channel whose they are (RFC 7662).
//!
//! The token tells nothing here and the number of the patient travels in no address, header or token: it is in the
//! answer of that one server, which was configured, and in nothing else that is received. Whatever is not clearly right
//! about an answer (inactive, expired, for another server, of a client that is not registered, bound to a key that
//! cannot be checked) is no token. A token without a patient is refused. Decision 24.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use samenhang_gather::clock::Random;
use samenhang_gather::http::Http;
use samenhang_gather::query::Asker;
use samenhang_gather::token::ClientKey;
use samenhang_profiles::Bsn;
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;
use tokio::time::Duration;
use zeroize::Zeroizing;

use crate::access::client_key;
use crate::access::config::PatientTokensConfig;
use crate::access::context::Context;
use crate::access::error::AccessError;
use crate::access::introspected::{CheckError, Introspected, Issuer, is_token};
use crate::access::systems::{ASSERTION_TYPE, asker_of};

/// How long one call may take.
const PATIENCE: Duration = Duration::from_secs(3);
/// Most questions to the server at once.
const MOST_AT_ONCE: usize = 32;
/// Most answers that are kept.
const MOST_KEPT: usize = 10_000;
/// Longest that an answer may be kept, in seconds: a token that was withdrawn is refused after that.
const LONGEST_KEPT: u32 = 300;

/// The server that issues tokens for patients.
pub(super) struct Introspection {
    server: Issuer,
    issuer: String,
    audiences: Vec<String>,
    key: ClientKey,
    /// The clients, and whether patients themselves use each.
    clients: HashMap<String, (Arc<Asker>, bool)>,
    keep: i64,
    kept: Mutex<HashMap<[u8; 32], Kept>>,
    places: Semaphore,
    random: Arc<dyn Random>,
}

/// What an answer came to; without a context the token is none of that server's.
#[derive(Clone)]
struct Kept {
    context: Option<Context>,
    until: i64,
}

impl Introspection {
    /// Prepares to ask the configured server. `base` is the address of this server.
    pub(super) fn new(
        config: &PatientTokensConfig,
        base: &str,
        http: Http,
        random: Arc<dyn Random>,
    ) -> Result<Self, AccessError> {
        let setting = |key, reason| AccessError::Setting { key, reason };
        let server = Issuer::new(http, &config.introspection_url, PATIENCE).map_err(|reason| {
            AccessError::Address {
                key: "access.patient_tokens.introspection_url",
                reason,
            }
        })?;
        if config.keep_s > LONGEST_KEPT {
            return Err(setting("access.patient_tokens.keep_s", "at most 300 seconds"));
        }
        if config.clients.is_empty() {
            return Err(setting("access.patient_tokens.clients", "nobody is registered"));
        }
        let mut clients = HashMap::new();
        for client in &config.clients {
            let known = (asker_of(client)?, client.used_by_patients);
            if clients.insert(client.client_id.clone(), known).is_some() {
                return Err(setting(
                    "access.patient_tokens.clients.client_id",
                    "it is used twice",
                ));
            }
        }
        let audiences = if config.audiences.is_empty() {
            vec![
                base.to_owned(),
                format!("{base}/fhir/R4"),
                format!("{base}/fhir/STU3"),
            ]
        } else {
            config.audiences.clone()
        };
        Ok(Introspection {
            server,
            issuer: config.issuer.clone(),
            audiences,
            key: client_key::read(&config.client_id, &config.key_file, &config.key_id)?,
            clients,
            keep: i64::from(config.keep_s),
            kept: Mutex::default(),
            places: Semaphore::new(MOST_AT_ONCE),
            random,
        })
    }

    /// Who a token stands for, and which patient; `None` when it is not one of that server's.
    pub(super) async fn find(&self, token: &str, now: Timestamp) -> Result<Option<Context>, AccessError> {
        if !is_token(token) {
            return Ok(None);
        }
        let place: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        if let Some(kept) = self.kept_at(&place, now) {
            return Ok(kept.context);
        }
        let answer = self.ask(token, now).await?;
        let until = answer.exp.unwrap_or(i64::MAX).min(now.as_second() + self.keep);
        let context = self.judge(answer, &place, now)?;
        self.keep(
            place,
            Kept {
                context: context.clone(),
                until,
            },
            now,
        );
        Ok(context)
    }

    fn kept_at(&self, place: &[u8; 32], now: Timestamp) -> Option<Kept> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(place)
            .filter(|kept| now.as_second() < kept.until)
            .cloned()
    }

    fn keep(&self, place: [u8; 32], answer: Kept, now: Timestamp) {
        if answer.until <= now.as_second() {
            return;
        }
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST_KEPT {
            kept.retain(|_, kept| now.as_second() < kept.until);
        }
        if kept.len() < MOST_KEPT {
            kept.insert(place, answer);
        }
    }

    /// Asks the server about a token.
    async fn ask(&self, token: &str, now: Timestamp) -> Result<Introspected, AccessError> {
        let _place = self.places.try_acquire().map_err(|_| AccessError::Full)?;
        let assertion = self
            .key
            .assertion(&self.issuer, &*self.random, now)
            .map_err(|_| CheckError::Assertion)?;
        let proof = [
            ("client_assertion_type", ASSERTION_TYPE),
            ("client_assertion", &assertion),
        ];
        Ok(self.server.ask(token, &proof).await?)
    }

    /// What an answer comes to.
    fn judge(
        &self,
        answer: Introspected,
        place: &[u8; 32],
        now: Timestamp,
    ) -> Result<Option<Context>, AccessError> {
        if !answer.active {
            return Ok(None);
        }
        if let Some(fault) = self.fault(&answer, now) {
            tracing::warn!(code = "SAM-ACC-003", fault, "a token for a patient was refused");
            return Err(AccessError::Token);
        }
        let client = answer.client_id.as_deref().and_then(|id| self.clients.get(id));
        let (asker, used_by_patients) = client.ok_or(AccessError::Token)?;
        let scopes: BTreeSet<String> = answer.scopes().map(str::to_owned).collect();
        let patient = answer
            .patient_bsn
            .map(Zeroizing::new)
            .and_then(|number| Bsn::parse(&number).ok())
            .ok_or(AccessError::Unbound)?;
        let until = answer.exp.and_then(|exp| Timestamp::from_second(exp).ok());
        let context = Context::of_patient(Arc::clone(asker), Arc::new(scopes), patient, place).until(until);
        Ok(Some(if *used_by_patients {
            context.by_patient()
        } else {
            context
        }))
    }

    /// What is wrong with an active token, in fixed words.
    fn fault(&self, answer: &Introspected, now: Timestamp) -> Option<&'static str> {
        let known = |id: &String| self.clients.contains_key(id);
        answer.fault(now).or_else(|| {
            Some(match answer {
                Introspected { iss: Some(iss), .. } if *iss != self.issuer => "its issuer is another",
                answer if !self.audiences.iter().any(|own| answer.is_for(own)) => "it is for another server",
                answer if !answer.client_id.as_ref().is_some_and(known) => "its client is not registered",
                _ => return None,
            })
        })
    }
}
