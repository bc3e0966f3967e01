//! The pseudonym service: evaluates blinded numbers for a recipient and never sees the number (section 1.4).

mod administration;
pub mod oprf;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::routing::{get, post, put};
use http::{Extensions, HeaderMap, Response};
use samenhang_profiles::Bsn;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::answer;
use crate::error::TestbedError;
use crate::faults::{Fault, ServiceId};
use crate::holder::Generation;
use crate::jwe;
use crate::keys::{RsaKey, base64_any, base64url};
use crate::net::Shared;
use crate::oauth::Gate;
use administration::RecipientKey;
use oprf::{Element, ServerKey};

/// OIN of the NVI, recipient of pseudonyms in generation C.
pub const NVI_OIN: &str = "00000099000000001000";
/// URA of the NVI, recipient of pseudonyms in generation B.
pub const NVI_URA: &str = "90000901";

/// Seconds that an evaluated number may be used.
pub const LIFETIME: i64 = 300;

/// Organisation and scope of the recipient, as the client names them.
#[must_use]
pub fn recipient(generation: Generation) -> (String, &'static str) {
    match generation {
        Generation::C => (format!("oin:{NVI_OIN}"), "nvi"),
        Generation::B => (format!("ura:{NVI_URA}"), "nationale-verwijsindex"),
    }
}

/// The key with which the NVI opens what PRS sends it.
///
/// # Errors
/// [`TestbedError::Key`] when it cannot be made.
pub fn recipient_key(seed: u64) -> Result<RsaKey, TestbedError> {
    RsaKey::from_seed(seed, "nvi decryption")
}

struct Inner {
    shared: Shared,
    gate: Gate,
    recipients: Mutex<Vec<RecipientKey>>,
    /// The versions of each recipient's own secret, by its organisation; a first one is made when it is needed.
    secrets: Mutex<BTreeMap<String, Vec<ServerKey>>>,
    answers: Mutex<u64>,
}

/// The pseudonym service.
#[derive(Clone)]
pub struct Prs(Arc<Inner>);

impl Prs {
    /// A pseudonym service with one version of its secret.
    ///
    /// # Errors
    /// [`TestbedError::Key`] when keys cannot be made.
    pub fn new(shared: &Shared, gate: Gate) -> Result<Self, TestbedError> {
        let index = recipient_key(shared.seed())?;
        let (organisation, scope) = recipient(shared.generation());
        let index = RecipientKey {
            id: uuid::Uuid::nil(),
            organisation,
            domains: vec![scope.to_owned()],
            jwk: index.jwk("enc", "RSA-OAEP"),
            kid: index.kid().to_owned(),
            key: index.private().to_public_key(),
        };
        Ok(Prs(Arc::new(Inner {
            recipients: Mutex::new(vec![index]),
            secrets: Mutex::default(),
            answers: Mutex::default(),
            shared: shared.clone(),
            gate,
        })))
    }

    /// Its pages.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/oprf/eval", post(evaluate))
            .route(
                "/administration/keys",
                get(administration::list).post(administration::register),
            )
            .route(
                "/administration/keys/{id}",
                put(administration::replace).delete(administration::remove),
            )
            .route("/administration/key-versions", post(administration::new_version))
            .with_state(self.clone())
    }

    /// Starts a new version of the secret of the index; evaluations for it then carry the older versions too. Gives its
    /// number.
    pub fn rotate(&self) -> usize {
        let (organisation, _) = recipient(self.0.shared.generation());
        self.rotate_for(&organisation)
    }

    /// Starts a new version of the secret of one recipient.
    fn rotate_for(&self, organisation: &str) -> usize {
        self.with_secret(organisation, |versions| {
            let number = versions.len() + 1;
            versions.push(self.secret(organisation, number));
            number
        })
    }

    /// Works with the versions of a recipient's secret, of which there is one at least. Recipients have a secret each
    /// (label `oin-<oin>-v<n>` at the reference), so that their pseudonyms cannot be joined.
    fn with_secret<T>(&self, organisation: &str, work: impl FnOnce(&mut Vec<ServerKey>) -> T) -> T {
        let mut secrets = self.0.secrets.lock().unwrap_or_else(PoisonError::into_inner);
        let versions = secrets
            .entry(organisation.to_owned())
            .or_insert_with(|| vec![self.secret(organisation, 1)]);
        work(versions)
    }

    fn secret(&self, organisation: &str, version: usize) -> ServerKey {
        ServerKey::random(&mut self.0.shared.rng(&format!("prs secret {organisation} {version}")))
    }

    /// The pseudonym of a number for the NVI, with the newest version of the secret: what a holder registers.
    #[must_use]
    pub fn pseudonym(&self, bsn: &Bsn) -> Option<[u8; 32]> {
        let (organisation, scope) = recipient(self.0.shared.generation());
        let info = format!("{organisation}|{scope}|v1");
        let input = oprf::personal_input(bsn.expose(), &info)?;
        let element = Element::hash(&input)?;
        self.with_secret(&organisation, |versions| {
            Some(versions.last()?.evaluate(&element).to_bytes())
        })
    }

    fn recipients(&self) -> std::sync::MutexGuard<'_, Vec<RecipientKey>> {
        self.0.recipients.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer(&self, blinded: &Element, recipient: &RecipientKey, scope: &str) -> Option<Response<Body>> {
        let shared = &self.0.shared;
        let (newest, extra) = self.with_secret(&recipient.organisation, |versions| {
            let (newest, older) = versions.split_last()?;
            let extra: Map<String, Value> = older
                .iter()
                .enumerate()
                .map(|(place, key)| {
                    let value = base64url(&key.evaluate(blinded).to_bytes());
                    ((place + 1).to_string(), Value::String(value))
                })
                .collect();
            Some((base64url(&newest.evaluate(blinded).to_bytes()), extra))
        })?;
        let number = {
            let mut answers = self.0.answers.lock().unwrap_or_else(PoisonError::into_inner);
            *answers += 1;
            *answers
        };
        let path = "/oprf/eval";
        let now = shared.clock().seconds() + shared.faults().clock_skew(&ServiceId::Prs, path);
        let expired = shared.faults().is_on(&ServiceId::Prs, path, &Fault::ExpiredToken);
        let claims = json!({
            "subject": format!("pseudonym:eval:{newest}"), "aud": recipient.organisation, "scope": scope, "version": "1.1",
            "iat": now, "exp": if expired { now - 1 } else { now + LIFETIME }, "extra_versions": extra,
        });
        let header = json!({"kid": recipient.kid, "alg": "RSA-OAEP", "enc": "A256GCM",
            "cty": "application/json"});
        let rng = shared.rng(&format!("prs answer {number}"));
        let token = jwe::encrypt(&header, claims.to_string().as_bytes(), &recipient.key, rng).ok()?;
        Some(answer::json(200, &json!({"jwe": token})))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Question {
    encrypted_personal_id: String,
    recipient_organization: String,
    recipient_scope: String,
}

async fn evaluate(
    State(prs): State<Prs>,
    headers: HeaderMap,
    extensions: Extensions,
    body: Bytes,
) -> Response<Body> {
    let claims = match prs.0.gate.check(&headers, &extensions) {
        Ok(claims) => claims,
        Err(refused) => return *refused,
    };
    let error = |status, text: &str| answer::json(status, &json!({"error": text}));
    if !claims.has("prs:read") {
        return error(403, "scope prs:read is missing");
    }
    let Ok(question) = serde_json::from_slice::<Question>(&body) else {
        return error(422, "the body has not the right fields");
    };
    let generation = prs.0.shared.generation();
    if !well_formed(&question.recipient_organization, generation) {
        return error(422, "recipientOrganization has not the right form");
    }
    let (organisation, scope) = (&question.recipient_organization, &question.recipient_scope);
    let Some(recipient) = prs.recipient_key(organisation, scope) else {
        let known = organisation.ends_with(&prs.0.shared.client().oin)
            || prs
                .recipients()
                .iter()
                .any(|key| key.organisation == *organisation);
        return error(
            404,
            if known {
                "no public key for this scope"
            } else {
                "organization is not known"
            },
        );
    };
    base64_any(&question.encrypted_personal_id)
        .and_then(|bytes| Element::read(&bytes))
        .and_then(|blinded| prs.answer(&blinded, &recipient, scope))
        .unwrap_or_else(|| error(400, "Unable to evaluate blind"))
}

/// `oin:` and 20 characters, the last three or four zeros; or in generation B `ura:` and digits.
fn well_formed(organisation: &str, generation: Generation) -> bool {
    match generation {
        Generation::B => organisation
            .strip_prefix("ura:")
            .is_some_and(|ura| !ura.is_empty() && ura.bytes().all(|byte| byte.is_ascii_digit())),
        Generation::C => organisation.strip_prefix("oin:").is_some_and(|oin| {
            oin.len() == 20
                && oin.bytes().take(8).all(|byte| byte.is_ascii_digit())
                && oin.bytes().all(|byte| byte.is_ascii_alphanumeric())
                && oin.ends_with("000")
        }),
    }
}
