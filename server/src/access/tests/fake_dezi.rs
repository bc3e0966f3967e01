//! A small Dezi on loopback that does as it is told.

use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::Algorithm;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::fixture::{Signer, now, rsa, rsa_key};
use super::sealed::{seal, seal_cbc};

pub(super) const CLIENT: &str = "samenhang-west";

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Twist {
    Nothing,
    SignedOnly,
    Nonce,
    IdTokenAudience,
    IdTokenExpired,
    EnvelopeIssuer,
    EnvelopeAudience,
    EnvelopeForeign,
    EnvelopePlain,
    KeyAddress,
    NoKeyAddress,
    Signature,
    Expired,
    WithinTolerance,
    Early,
    Issuer,
    Level,
    Organisation,
    OtherDeclaration,
    Symmetric,
    StatusAddress,
    Revoked,
    StatusBroken,
    UserinfoFails,
}

pub(super) struct Dezi {
    pub base: String,
    pub twist: Mutex<Twist>,
    pub challenge: Mutex<String>,
    pub nonce: Mutex<String>,
    pub status_asked: Mutex<usize>,
    /// A statement of 2024, which `/userinfo` gives instead of an envelope.
    pub statement: Mutex<Option<String>>,
    pub signer: Signer,
    pub stranger: Signer,
}

fn locked<T>(value: &Mutex<T>) -> MutexGuard<'_, T> {
    value.lock().unwrap()
}

impl Dezi {
    pub(super) async fn start() -> Arc<Dezi> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let dezi = Arc::new(Dezi {
            base,
            twist: Mutex::new(Twist::Nothing),
            challenge: Mutex::default(),
            nonce: Mutex::default(),
            status_asked: Mutex::default(),
            statement: Mutex::default(),
            signer: rsa("d1", 0, Algorithm::RS256),
            stranger: rsa("d1", 1, Algorithm::RS256),
        });
        let router = Router::new()
            .route("/token", post(token))
            .route("/userinfo", get(userinfo))
            .route("/dezi/jwks.json", get(keys))
            .route("/status/v1/verklaring/{id}", get(status))
            .with_state(Arc::clone(&dezi));
        tokio::spawn(async move { axum::serve(listener, router).await });
        dezi
    }

    pub(super) fn twist(&self, twist: Twist) {
        *locked(&self.twist) = twist;
    }

    fn is(&self, twist: Twist) -> bool {
        *locked(&self.twist) == twist
    }

    fn declaration(&self) -> String {
        let now = now().as_second();
        let (from, until) = match *locked(&self.twist) {
            Twist::Expired => (now - 900, now - 61),
            Twist::WithinTolerance => (now + 59, now - 59),
            Twist::Early => (now + 61, now + 900),
            _ => (now - 60, now + 900),
        };
        let pick = |twist: Twist, wrong: &str, right: &str| {
            if self.is(twist) {
                wrong.to_owned()
            } else {
                right.to_owned()
            }
        };
        let claims = json!({
            "iss": pick(Twist::Issuer, "https://other.example", &self.base), "jti": "j", "nbf": from, "exp": until,
            "loa_dezi": pick(Twist::Level, "http://eidas.europa.eu/LoA/low", "http://eidas.europa.eu/LoA/high"),
            "verklaring_id": "v1", "dezi_nummer": "900000009", "voorletters": "A.B.", "voorvoegsel": null,
            "achternaam": "Voorbeeld", "abonnee_nummer": pick(Twist::Organisation, "00700700", "00900900"),
            "abonnee_naam": "Huisartsenpraktijk West", "rol_code": "01.015", "rol_naam": "Huisarts",
            "status_uri": pick(
                Twist::StatusAddress,
                "http://127.0.0.1:1/status/v1/verklaring/v1",
                &format!("{}/status/v1/verklaring/v1", self.base),
            ),
        });
        let mut header = json!({"alg": "RS256", "typ": "JWT", "kid": "d1"});
        if !self.is(Twist::NoKeyAddress) {
            header["jku"] = pick(
                Twist::KeyAddress,
                "http://127.0.0.1:1/dezi/jwks.json",
                &format!("{}/dezi/jwks.json", self.base),
            )
            .into();
        }
        if self.is(Twist::Symmetric) {
            header["alg"] = "HS256".into();
        }
        let signer = if self.is(Twist::Signature) {
            &self.stranger
        } else {
            &self.signer
        };
        signer.sign_parts(&header, &claims)
    }
}

async fn token(State(dezi): State<Arc<Dezi>>, body: Bytes) -> impl IntoResponse {
    let form: std::collections::HashMap<_, _> = url::form_urlencoded::parse(&body).into_owned().collect();
    let verifier = form.get("code_verifier").map(String::as_str).unwrap_or_default();
    let proven = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)) == *locked(&dezi.challenge);
    if !proven || form.get("code").map(String::as_str) != Some("c1") {
        return (
            StatusCode::BAD_REQUEST,
            axum::Json(json!({"error": "invalid_grant"})),
        );
    }
    let nonce = if dezi.is(Twist::Nonce) {
        "other".to_owned()
    } else {
        locked(&dezi.nonce).clone()
    };
    let expires = now().as_second() + if dezi.is(Twist::IdTokenExpired) { -61 } else { 300 };
    let audience = if dezi.is(Twist::IdTokenAudience) {
        "other"
    } else {
        CLIENT
    };
    let id_token = dezi
        .signer
        .sign(&json!({"iss": dezi.base, "aud": audience, "exp": expires, "nonce": nonce}));
    let answer = json!({"access_token": "at", "token_type": "Bearer", "id_token": id_token});
    (StatusCode::OK, axum::Json(answer))
}

async fn userinfo(State(dezi): State<Arc<Dezi>>, headers: HeaderMap) -> impl IntoResponse {
    if headers["authorization"] != "Bearer at" || dezi.is(Twist::UserinfoFails) {
        return (StatusCode::UNAUTHORIZED, String::new());
    }
    if let Some(statement) = &*locked(&dezi.statement) {
        return (StatusCode::OK, seal_cbc(statement, &rsa_key(1)));
    }
    let issuer = if dezi.is(Twist::EnvelopeIssuer) {
        "https://other.example"
    } else {
        dezi.base.as_str()
    };
    let audience = if dezi.is(Twist::EnvelopeAudience) {
        "other"
    } else {
        CLIENT
    };
    let id = if dezi.is(Twist::OtherDeclaration) {
        "v2"
    } else {
        "v1"
    };
    let envelope = json!({"iss": issuer, "aud": [audience], "exp": now().as_second() + 300, "jti": "j",
        "verklaring_id": id, "verklaring": dezi.declaration()});
    if dezi.is(Twist::EnvelopePlain) {
        return (StatusCode::OK, envelope.to_string());
    }
    let signer = if dezi.is(Twist::EnvelopeForeign) {
        &dezi.stranger
    } else {
        &dezi.signer
    };
    let signed = signer.sign(&envelope);
    if dezi.is(Twist::SignedOnly) {
        return (StatusCode::OK, signed);
    }
    let header = json!({"alg": "RSA-OAEP", "enc": "A256GCM", "cty": "JWT", "kid": "west"});
    (StatusCode::OK, seal(&header, &signed, &rsa_key(1)))
}

async fn keys(State(dezi): State<Arc<Dezi>>) -> axum::Json<Value> {
    let mut jwk = dezi.signer.jwk.clone();
    jwk["alg"] = "RS256".into();
    axum::Json(json!({"keys": [jwk]}))
}

async fn status(State(dezi): State<Arc<Dezi>>, Path(id): Path<String>) -> impl IntoResponse {
    *locked(&dezi.status_asked) += 1;
    if dezi.is(Twist::StatusBroken) {
        return (StatusCode::INTERNAL_SERVER_ERROR, axum::Json(Value::Null));
    }
    let valid = !dezi.is(Twist::Revoked);
    let status = if valid { "valid" } else { "revoked" };
    let answer = json!({"verklaring_id": id, "status": status, "valid": valid});
    (StatusCode::OK, axum::Json(answer))
}
