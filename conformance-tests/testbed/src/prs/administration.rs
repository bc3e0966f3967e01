//! The keys of recipients: to which key an evaluation is sealed (`/administration/keys`, section 1.4).
//!
//! A recipient proves that it holds a key by signing with it. An organisation has one key for a scope, or one for all
//! scopes (`*`); it manages its own keys only.

use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use http::{Extensions, HeaderMap, Response};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use rsa::{BigUint, RsaPublicKey};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::Prs;
use crate::answer;
use crate::keys::base64_any;
use crate::oauth::Claims;

/// Seconds that a proof of a key may be used.
const PROOF_LIFETIME: i64 = 3600;
/// Members of a JWK that must stay at home.
const PRIVATE: [&str; 6] = ["d", "p", "q", "dp", "dq", "qi"];

type Answer = Result<Response<Body>, Box<Response<Body>>>;

/// A public key of a recipient.
#[derive(Clone)]
pub(super) struct RecipientKey {
    pub(super) id: Uuid,
    /// `oin:` or `ura:` and the number.
    pub(super) organisation: String,
    /// Scopes that it is for; `*` is all that have no key of their own.
    pub(super) domains: Vec<String>,
    pub(super) jwk: Value,
    pub(super) kid: String,
    pub(super) key: RsaPublicKey,
}

impl RecipientKey {
    fn json(&self) -> Value {
        json!({"id": self.id, "domains": self.domains, "jwk": self.jwk})
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Registration {
    domains: Vec<String>,
    jws: String,
}

#[derive(Deserialize)]
struct Proof {
    iat: i64,
    oin: String,
}

fn refuse(status: u16, text: &str) -> Box<Response<Body>> {
    Box::new(answer::json(status, &json!({"detail": text})))
}

pub(super) async fn register(
    State(prs): State<Prs>,
    headers: HeaderMap,
    extensions: Extensions,
    body: Bytes,
) -> Response<Body> {
    prs.register(&headers, &extensions, None, &body)
        .unwrap_or_else(|refused| *refused)
}

pub(super) async fn replace(
    State(prs): State<Prs>,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
    extensions: Extensions,
    body: Bytes,
) -> Response<Body> {
    prs.register(&headers, &extensions, Some(id), &body)
        .unwrap_or_else(|refused| *refused)
}

pub(super) async fn list(
    State(prs): State<Prs>,
    headers: HeaderMap,
    extensions: Extensions,
) -> Response<Body> {
    let claims = match prs.0.gate.check(&headers, &extensions) {
        Ok(claims) => claims,
        Err(refused) => return *refused,
    };
    let own = organisation(&claims);
    let keys: Vec<Value> = prs
        .recipients()
        .iter()
        .filter(|key| key.organisation == own)
        .map(RecipientKey::json)
        .collect();
    answer::json(200, &Value::Array(keys))
}

pub(super) async fn remove(
    State(prs): State<Prs>,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
    extensions: Extensions,
) -> Response<Body> {
    let claims = match prs.0.gate.check(&headers, &extensions) {
        Ok(claims) => claims,
        Err(refused) => return *refused,
    };
    let own = organisation(&claims);
    let mut keys = prs.recipients();
    let before = keys.len();
    keys.retain(|key| key.id != id || key.organisation != own);
    if keys.len() == before {
        return *refuse(403, "forbidden");
    }
    answer::json(200, &json!({"message": "key deleted"}))
}

pub(super) async fn new_version(
    State(prs): State<Prs>,
    headers: HeaderMap,
    extensions: Extensions,
) -> Response<Body> {
    match prs.0.gate.check(&headers, &extensions) {
        Ok(claims) => {
            let version = prs.rotate_for(&organisation(&claims));
            answer::json(201, &json!({"version": version}))
        }
        Err(refused) => *refused,
    }
}

/// The organisation of a token for this service, as recipients are named.
fn organisation(claims: &Claims) -> String {
    format!("oin:{}", claims.sub)
}

impl Prs {
    /// Takes in a key, or another in the place of one.
    fn register(
        &self,
        headers: &HeaderMap,
        extensions: &Extensions,
        place: Option<Uuid>,
        body: &[u8],
    ) -> Answer {
        let claims = self.0.gate.check(headers, extensions)?;
        let asked: Registration =
            serde_json::from_slice(body).map_err(|_| refuse(422, "the body has not the right fields"))?;
        let own = organisation(&claims);
        let (jwk, kid, key) = proven(&asked.jws, &claims.sub, self.0.shared.clock().seconds())
            .map_err(|reason| refuse(400, reason))?;
        let fresh = {
            let mut bytes = [0; 16];
            rand_core::RngCore::fill_bytes(
                &mut self.0.shared.rng(&format!("prs key {kid} {:?}", asked.domains)),
                &mut bytes,
            );
            uuid::Builder::from_random_bytes(bytes).into_uuid()
        };
        let mut keys = self.recipients();
        let taken = keys.iter().any(|key| {
            key.organisation == own
                && Some(key.id) != place
                && key.domains.iter().any(|domain| asked.domains.contains(domain))
        });
        if taken {
            return Err(refuse(409, "key for this org/scope already exists"));
        }
        let registered = RecipientKey {
            id: place.unwrap_or(fresh),
            organisation: own.clone(),
            domains: asked.domains,
            jwk,
            kid,
            key,
        };
        let answer = registered.json();
        let Some(id) = place else {
            keys.push(registered);
            return Ok(answer::json(201, &answer));
        };
        let held = keys
            .iter_mut()
            .find(|key| key.id == id && key.organisation == own)
            .ok_or_else(|| refuse(404, "public key not found"))?;
        *held = registered;
        Ok(answer::json(200, &answer))
    }

    /// The key to which an evaluation for a recipient is sealed.
    pub(super) fn recipient_key(&self, organisation: &str, scope: &str) -> Option<RecipientKey> {
        let keys = self.recipients();
        [scope, "*"].into_iter().find_map(|domain| {
            keys.iter()
                .find(|key| key.organisation == organisation && key.domains.iter().any(|held| held == domain))
                .cloned()
        })
    }
}

/// The key that a signature was made with, when the signature proves that this organisation holds it now.
fn proven(jws: &str, oin: &str, now: i64) -> Result<(Value, String, RsaPublicKey), &'static str> {
    let head = jws.split('.').next().and_then(base64_any);
    let header: Value = head
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .ok_or("JWS invalid")?;
    let jwk = header.get("jwk").ok_or("missing 'jwk' in header")?;
    if PRIVATE.iter().any(|name| jwk.get(name).is_some()) {
        return Err("'jwk' contains private components");
    }
    let text = |name: &str| jwk[name].as_str().ok_or("'jwk' is missing a member");
    let kid = text("kid")?.to_owned();
    let (modulus, exponent) = (text("n")?, text("e")?);
    let number = |text: &str| base64_any(text).map(|bytes| BigUint::from_bytes_be(&bytes));
    let key = number(modulus)
        .zip(number(exponent))
        .and_then(|(modulus, exponent)| RsaPublicKey::new(modulus, exponent).ok())
        .ok_or("'jwk' is no RSA key")?;
    let verifier = DecodingKey::from_rsa_components(modulus, exponent).map_err(|_| "'jwk' is no RSA key")?;
    let mut validation = Validation::new(Algorithm::RS256);
    validation.algorithms = vec![Algorithm::RS256, Algorithm::PS256];
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    let proof = jsonwebtoken::decode::<Proof>(jws, &verifier, &validation)
        .map_err(|_| "verification of jws failed")?
        .claims;
    if proof.iat.saturating_add(PROOF_LIFETIME) < now {
        return Err("JWS expired");
    }
    if proof.oin != oin {
        return Err("not authorized for this oin");
    }
    Ok((jwk.clone(), kid, key))
}
