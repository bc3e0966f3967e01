//! Keys, a gate, and requests to it.

use std::path::Path;
use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::body::Body;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{Request, Response};
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, EncodingKey};
use p256::elliptic_curve::sec1::ToEncodedPoint;
use p256::pkcs8::EncodePrivateKey;
use rsa::traits::PublicKeyParts;
use samenhang_gather::clock::{ManualClock, SeededRandom, SystemRandom};
use samenhang_gather::config::EgressConfig;
use samenhang_gather::http::{Http, TlsMaterial};
use samenhang_gather::query::{Asker, Purpose, Question};
use samenhang_profiles::Bsn;
use samenhang_terminology::Category;
use samenhang_testbed::keys::RsaKey;
use serde_json::{Value, json};
use tower::ServiceExt;
use uuid::Uuid;

use crate::access::{Access, AccessConfig, AccessParts, ClientConfig, Context, demo_context, login_routes};
use crate::audit::{Key, Log};
use crate::session::Sessions;

pub(super) const BASE: &str = "http://127.0.0.1:8080";
pub(super) const SCOPE: &str = "system/*.read";

/// A key pair that signs.
#[derive(Clone)]
pub(super) struct Signer {
    pub jwk: Value,
    pub algorithm: Algorithm,
    pub key: EncodingKey,
    pub pem: String,
}

fn b64(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(super) fn es256(kid: &str) -> Signer {
    let secret = p256::SecretKey::random(&mut rand_core::OsRng);
    let point = secret.public_key().to_encoded_point(false);
    let pem = secret.to_pkcs8_pem(Default::default()).unwrap().to_string();
    Signer {
        jwk: json!({"kty": "EC", "crv": "P-256", "kid": kid, "alg": "ES256", "use": "sig",
            "x": b64(point.x().unwrap()), "y": b64(point.y().unwrap())}),
        algorithm: Algorithm::ES256,
        key: EncodingKey::from_ec_pem(pem.as_bytes()).unwrap(),
        pem,
    }
}

pub(super) fn es384(kid: &str) -> Signer {
    let secret = p384::SecretKey::random(&mut rand_core::OsRng);
    let point = secret.public_key().to_encoded_point(false);
    let pem = secret.to_pkcs8_pem(Default::default()).unwrap().to_string();
    Signer {
        jwk: json!({"kty": "EC", "crv": "P-384", "kid": kid, "use": "sig",
            "x": b64(point.x().unwrap()), "y": b64(point.y().unwrap())}),
        algorithm: Algorithm::ES384,
        key: EncodingKey::from_ec_pem(pem.as_bytes()).unwrap(),
        pem,
    }
}

static RSA: LazyLock<[rsa::RsaPrivateKey; 2]> = LazyLock::new(|| {
    ["access tests, first", "access tests, second"]
        .map(|purpose| RsaKey::from_seed(1, purpose).unwrap().private().clone())
});

pub(super) fn rsa_key(index: usize) -> rsa::RsaPrivateKey {
    RSA[index].clone()
}

/// RSA keys take long to make: two that are kept serve all tests.
pub(super) fn rsa(kid: &str, index: usize, algorithm: Algorithm) -> Signer {
    let secret = &RSA[index];
    let pem = secret.to_pkcs8_pem(Default::default()).unwrap().to_string();
    Signer {
        jwk: json!({"kty": "RSA", "kid": kid, "n": b64(&secret.n().to_bytes_be()), "e": b64(&secret.e().to_bytes_be())}),
        algorithm,
        key: EncodingKey::from_rsa_pem(pem.as_bytes()).unwrap(),
        pem,
    }
}

impl Signer {
    pub(super) fn kid(&self) -> &str {
        self.jwk["kid"].as_str().unwrap()
    }

    pub(super) fn sign_parts(&self, header: &Value, claims: &Value) -> String {
        let signed = format!(
            "{}.{}",
            b64(header.to_string().as_bytes()),
            b64(claims.to_string().as_bytes())
        );
        let signature = jsonwebtoken::crypto::sign(signed.as_bytes(), &self.key, self.algorithm).unwrap();
        format!("{signed}.{signature}")
    }

    pub(super) fn header(&self) -> Value {
        json!({"alg": format!("{:?}", self.algorithm), "typ": "JWT", "kid": self.kid()})
    }

    pub(super) fn sign(&self, claims: &Value) -> String {
        self.sign_parts(&self.header(), claims)
    }
}

pub(super) fn now() -> Timestamp {
    "2026-09-01T08:15:02Z".parse().unwrap()
}

/// A registered client with these keys.
pub(super) fn client(folder: &Path, keys: &[&Signer], algorithms: &[&str]) -> ClientConfig {
    let file = folder.join("client.jwks.json");
    let keys: Vec<&Value> = keys.iter().map(|signer| &signer.jwk).collect();
    std::fs::write(&file, json!({"keys": keys}).to_string()).unwrap();
    ClientConfig {
        client_id: "portal".to_owned(),
        keys_file: file,
        algorithms: algorithms.iter().map(|&name| name.to_owned()).collect(),
        scopes: vec![SCOPE.to_owned(), "system/Patient.read".to_owned()],
        organisation: "00900901".parse().unwrap(),
        organisation_name: "Portaal Midden".to_owned(),
        organisation_type: "Z3".to_owned(),
        responsible: None,
    }
}

/// A valid assertion's claims.
pub(super) fn assertion(jti: &str) -> Value {
    let now = now().as_second();
    json!({"iss": "portal", "sub": "portal", "aud": format!("{BASE}/oauth/token"),
        "iat": now, "exp": now + 240, "jti": jti})
}

/// A gate with everything around it.
pub(super) struct Gate {
    pub access: Access,
    pub clock: Arc<ManualClock>,
    pub sessions: Arc<Sessions>,
    pub log: Log,
    pub folder: tempfile::TempDir,
}

pub(super) fn http() -> Http {
    Http::new(&EgressConfig::loopback(), &TlsMaterial::default()).unwrap()
}

pub(super) async fn gate(config: impl FnOnce(&Path) -> AccessConfig) -> Gate {
    gate_with(config, None).await
}

pub(super) async fn gate_with(config: impl FnOnce(&Path) -> AccessConfig, demo: Option<Context>) -> Gate {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::new(now()));
    let sessions = Arc::new(Sessions::new(clock.clone(), Arc::new(SystemRandom)));
    let log = Log::open(
        folder.path().join("audit.sqlite"),
        Key::new(&[3; 32]).unwrap(),
        "00900900".parse().unwrap(),
        clock.clone(),
    )
    .await
    .unwrap();
    let parts = AccessParts {
        base: BASE.to_owned(),
        organisation: "00900900".parse().unwrap(),
        organisation_name: "Huisartsenpraktijk West".to_owned(),
        organisation_type: "Z3".to_owned(),
        http: http(),
        log: log.clone(),
        sessions: Arc::clone(&sessions),
        clock: clock.clone(),
        random: Arc::new(SeededRandom::new(42)),
    };
    let config = config(folder.path());
    let access = match demo {
        Some(context) => Access::for_demo(&config, parts, context).unwrap(),
        None => Access::new(&config, parts).unwrap(),
    };
    Gate {
        access,
        clock,
        sessions,
        log,
        folder,
    }
}

impl Gate {
    pub(super) fn router(&self) -> Router {
        login_routes(self.access.clone())
    }

    pub(super) async fn send(&self, request: Request<Body>) -> Response<Body> {
        self.router().oneshot(request).await.unwrap()
    }

    pub(super) async fn get(&self, uri: &str, cookie: Option<&str>) -> Response<Body> {
        let mut request = Request::get(uri);
        if let Some(cookie) = cookie {
            request = request.header("cookie", cookie);
        }
        self.send(request.body(Body::empty()).unwrap()).await
    }

    pub(super) async fn token(&self, form: &str) -> (u16, Value) {
        let request = Request::post("/oauth/token")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(form.to_owned()))
            .unwrap();
        let response = self.send(request).await;
        let status = response.status().as_u16();
        let body = text(response).await;
        (status, serde_json::from_str(&body).unwrap_or(Value::String(body)))
    }

    /// The activities and outcomes in the log.
    pub(super) async fn logged(&self) -> Vec<(String, String)> {
        use sqlx::{ConnectOptions, Row};
        let mut connection = sqlx::sqlite::SqliteConnectOptions::new()
            .filename(self.log.path())
            .connect()
            .await
            .unwrap();
        sqlx::query("SELECT event FROM audit_event ORDER BY sequence")
            .fetch_all(&mut connection)
            .await
            .unwrap()
            .into_iter()
            .map(|row| {
                let event: Value = serde_json::from_slice(row.get(0)).unwrap();
                let activity = event["subtype"].as_array().unwrap().last().unwrap()["code"].clone();
                (
                    activity.as_str().unwrap().to_owned(),
                    event["outcome"].as_str().unwrap().to_owned(),
                )
            })
            .collect()
    }
}

pub(super) async fn text(response: Response<Body>) -> String {
    let bytes = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

pub(super) fn form(assertion: &str, scope: &str) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "client_credentials")
        .append_pair(
            "client_assertion_type",
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        )
        .append_pair("client_assertion", assertion)
        .append_pair("scope", scope)
        .finish()
}

pub(super) fn system() -> Arc<Asker> {
    Arc::new(Asker {
        organisation: "00900901".parse().unwrap(),
        organisation_name: "Portaal Midden".to_owned(),
        organisation_type: "Z3".to_owned(),
        client_id: "portal".to_owned(),
        user: None,
        responsible: None,
    })
}

pub(super) fn person(role: &str) -> Arc<Asker> {
    let user = samenhang_gather::query::User {
        number: "900000009".to_owned(),
        role: role.to_owned(),
        name: "A.B. Voorbeeld".to_owned(),
        declaration: None,
    };
    Arc::new(Asker {
        client_id: "viewer".to_owned(),
        user: Some(user),
        responsible: None,
        ..(*system()).clone()
    })
}

pub(super) fn question(asker: &Arc<Asker>, purpose: Purpose, categories: &[Category]) -> Question {
    Question {
        patient: Bsn::parse("999990019").unwrap(),
        categories: categories.iter().copied().collect(),
        purpose,
        asker: Arc::clone(asker),
        correlation: Uuid::from_u128(1),
        birth_date: None,
        family_name: None,
        confirmed_identity: Default::default(),
    }
}

pub(super) fn demo() -> Context {
    demo_context(
        person("01.015"),
        [Bsn::parse("111222333").unwrap()].into(),
        Default::default(),
    )
}
