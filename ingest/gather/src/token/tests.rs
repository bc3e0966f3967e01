use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::RawQuery;
use axum::http::StatusCode;
use axum::routing::{get, post};
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use p256::pkcs8::{EncodePrivateKey as _, EncodePublicKey as _, LineEnding};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::time::Instant;

use super::{Authorisation, ClientKeys, NutsKeys, Protocol, SmartKeys, Token, TokenError, Tokens};
use crate::clock::{ManualClock, SeededRandom};
use crate::config::EgressConfig;
use crate::fixtures::{question, soon};
use crate::http::{Http, HttpError, TlsMaterial};

mod bound;

const NOW: &str = "2026-09-01T08:00:00Z";

/// Forms as they came in.
type Forms = Arc<Mutex<Vec<Vec<(String, String)>>>>;

/// An authorisation server that keeps the forms it gets.
struct Server {
    base: String,
    forms: Forms,
}

/// What the server answers with.
#[derive(Clone)]
struct Answers {
    metadata: Value,
    token: (u16, Value),
    definition: Option<Value>,
}

async fn server(answers: impl FnOnce(&str) -> Answers) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/oauth2/oost", listener.local_addr().unwrap());
    let Answers {
        metadata,
        token: (status, token),
        definition,
    } = answers(&base);
    let forms: Forms = Arc::default();
    let seen = Arc::clone(&forms);
    let router = Router::new()
        .route(
            "/.well-known/oauth-authorization-server/oauth2/oost",
            get(async move || metadata.to_string()),
        )
        .route(
            "/oauth2/oost/pd",
            get(async move |RawQuery(query): RawQuery| {
                assert_eq!(query.as_deref(), Some("scope=360-graden"));
                definition.map_or((StatusCode::NOT_FOUND, String::new()), |pd| {
                    (StatusCode::OK, pd.to_string())
                })
            }),
        )
        .route(
            "/oauth2/oost/token",
            post(async move |body: String| {
                let form = url::form_urlencoded::parse(body.as_bytes())
                    .into_owned()
                    .collect();
                seen.lock().unwrap().push(form);
                (StatusCode::from_u16(status).unwrap(), token.to_string())
            }),
        );
    tokio::spawn(async move { axum::serve(listener, router).await });
    Server { base, forms }
}

fn issued() -> (u16, Value) {
    (
        200,
        json!({"access_token": "abc", "token_type": "Bearer", "expires_in": 300}),
    )
}

fn metadata(base: &str) -> Value {
    json!({
        "issuer": base,
        "token_endpoint": format!("{base}/token"),
        "presentation_definition_endpoint": format!("{base}/pd"),
    })
}

fn descriptor(id: &str, kind: &str) -> Value {
    json!({"id": id, "constraints": {"fields": [{"path": ["$.type"], "filter": {"type": "string", "const": kind}}]}})
}

struct Keys {
    nuts: p256::SecretKey,
    smart: p384::SecretKey,
}

fn keys() -> Keys {
    Keys {
        nuts: p256::SecretKey::from_slice(&[7; 32]).unwrap(),
        smart: p384::SecretKey::from_slice(&[9; 48]).unwrap(),
    }
}

fn tokens(http: &Http) -> Arc<Tokens> {
    let keys = keys();
    let nuts = keys.nuts.to_pkcs8_pem(LineEnding::LF).unwrap();
    let smart = keys.smart.to_pkcs8_pem(LineEnding::LF).unwrap();
    let keys = ClientKeys {
        nuts: Some(NutsKeys::new("did:web:west.example", &nuts, "did:web:west.example#0", "x.y.z").unwrap()),
        smart: Some(SmartKeys::new("west", &smart, "kid-1").unwrap()),
    };
    let clock = Arc::new(ManualClock::new(NOW.parse().unwrap()));
    Arc::new(Tokens::new(
        http.clone(),
        keys,
        clock,
        Arc::new(SeededRandom::new(1)),
    ))
}

fn http() -> Http {
    Http::new(&EgressConfig::loopback(), &TlsMaterial::default()).unwrap()
}

async fn ask(server: &Server, protocol: Protocol) -> Result<Authorisation, TokenError> {
    let http = http();
    let tokens = tokens(&http);
    let holder = "00700700".parse().unwrap();
    let authoriser = tokens.at(&holder, http.peer(&server.base).unwrap(), protocol);
    authoriser.authorise(&question(), None, soon()).await
}

fn claims(token: &str, algorithm: Algorithm, key: &str) -> Value {
    let mut validation = Validation::new(algorithm);
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let key = DecodingKey::from_ec_pem(key.as_bytes()).unwrap();
    jsonwebtoken::decode(token, &key, &validation).unwrap().claims
}

fn field<'a>(form: &'a [(String, String)], name: &str) -> &'a str {
    form.iter()
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.as_str())
        .unwrap()
}

#[tokio::test]
async fn nuts_proves_the_organisation_and_the_user_for_five_seconds() {
    let server = server(|base| Answers {
        metadata: metadata(base),
        token: issued(),
        definition: Some(json!({"id": "pd-1", "input_descriptors": [
            descriptor("org", "X509Credential"), descriptor("user", "NutsEmployeeCredential"),
        ]})),
    })
    .await;
    let authorisation = ask(&server, Protocol::Nuts).await.unwrap();
    assert_eq!(
        authorisation
            .token()
            .map(|token| token.expose().to_owned())
            .as_deref(),
        Some("abc")
    );

    let form = server.forms.lock().unwrap()[0].clone();
    assert_eq!(field(&form, "grant_type"), "vp_token-bearer");
    assert_eq!(field(&form, "scope"), "360-graden");
    let submission: Value = serde_json::from_str(field(&form, "presentation_submission")).unwrap();
    assert_eq!(submission["definition_id"], "pd-1");
    assert_eq!(submission["descriptor_map"][1]["id"], "user");
    assert_eq!(
        submission["descriptor_map"][1]["path"],
        "$.verifiableCredential[1]"
    );

    let public = keys()
        .nuts
        .public_key()
        .to_public_key_pem(LineEnding::LF)
        .unwrap();
    let claims = claims(field(&form, "assertion"), Algorithm::ES256, &public);
    let now = NOW.parse::<Timestamp>().unwrap().as_second();
    assert_eq!((&claims["nbf"], &claims["exp"]), (&json!(now), &json!(now + 5)));
    assert_eq!(claims["aud"], server.base);
    assert!(claims["nonce"].as_str().is_some_and(|nonce| nonce.len() == 36));
    let credentials = &claims["vp"]["verifiableCredential"];
    assert_eq!(credentials[0], "x.y.z");
    let user = &credentials[1]["credentialSubject"];
    assert_eq!(
        (&user["identifier"], &user["roleName"]),
        (&json!("900000009"), &json!("01.015"))
    );
}

#[tokio::test]
async fn nuts_gives_no_credential_that_is_not_ours_to_give() {
    let wants = |kind: &'static str| {
        server(move |base| Answers {
            metadata: metadata(base),
            token: issued(),
            definition: Some(json!({"id": "pd", "input_descriptors": [descriptor("x", kind)]})),
        })
    };
    for kind in ["PatientEnrollmentCredential", "DeziUserCredential"] {
        let server = wants(kind).await;
        let error = ask(&server, Protocol::Nuts).await.err().unwrap();
        assert_eq!(
            error.code(),
            "SAM-GAT-243",
            "the question has no signed statement: {kind}"
        );
        assert!(server.forms.lock().unwrap().is_empty(), "nothing was sent");
    }
}

#[tokio::test]
async fn smart_signs_for_the_token_endpoint() {
    let server = server(|base| Answers {
        metadata: metadata(base),
        token: issued(),
        definition: None,
    })
    .await;
    ask(&server, Protocol::SmartBackend).await.unwrap();
    let form = server.forms.lock().unwrap()[0].clone();
    assert_eq!(field(&form, "grant_type"), "client_credentials");
    assert_eq!(field(&form, "scope"), "system/*.read");
    let public = keys()
        .smart
        .public_key()
        .to_public_key_pem(LineEnding::LF)
        .unwrap();
    let claims = claims(field(&form, "client_assertion"), Algorithm::ES384, &public);
    assert_eq!(claims["aud"], format!("{}/token", server.base));
    assert_eq!((&claims["iss"], &claims["sub"]), (&json!("west"), &json!("west")));
}

#[tokio::test]
async fn a_token_is_kept_per_holder_and_user_and_renewed_when_refused() {
    let server = server(|base| Answers {
        metadata: metadata(base),
        token: issued(),
        definition: None,
    })
    .await;
    let http = http();
    let tokens = tokens(&http);
    let asked = || server.forms.lock().unwrap().len();
    let at = |holder: &str| {
        tokens.at(
            &holder.parse().unwrap(),
            http.peer(&server.base).unwrap(),
            Protocol::SmartBackend,
        )
    };
    let mut question = question();
    let first = at("00700700").authorise(&question, None, soon()).await.unwrap();
    assert!(matches!(first, Authorisation::Issued(_)));
    let again = at("00700700").authorise(&question, None, soon()).await.unwrap();
    assert!(matches!(again, Authorisation::Kept(_)));
    assert_eq!(asked(), 1);
    at("00700701").authorise(&question, None, soon()).await.unwrap();
    assert_eq!(asked(), 2, "another holder");
    let mut asker = (*question.asker).clone();
    asker.user = None;
    question.asker = Arc::new(asker);
    at("00700700").authorise(&question, None, soon()).await.unwrap();
    assert_eq!(asked(), 3, "another user");
    let kept = again.token().unwrap();
    let question = crate::fixtures::question();
    let renewed = at("00700700")
        .authorise(&question, Some(kept), soon())
        .await
        .unwrap();
    assert!(matches!(renewed, Authorisation::Issued(_)));
    let late = at("00700700")
        .authorise(&question, Some(kept), soon())
        .await
        .unwrap();
    assert!(
        matches!(late, Authorisation::Kept(_)),
        "somebody else renewed it already"
    );
    assert_eq!(asked(), 4);
}

#[tokio::test]
async fn refusals_and_strange_answers_are_told_apart() {
    let bad = |status: u16, token: Value| {
        server(move |base| Answers {
            metadata: metadata(base),
            token: (status, token),
            definition: None,
        })
    };
    let error = ask(
        &bad(400, json!({"error": "invalid_grant"})).await,
        Protocol::SmartBackend,
    )
    .await
    .err();
    assert_eq!(error, Some(TokenError::Refused(400)));
    let error = ask(&bad(503, json!({})).await, Protocol::SmartBackend)
        .await
        .err()
        .unwrap();
    assert!(error.is_transient());
    for token in [
        json!([]),
        json!({"access_token": "a", "token_type": "DPoP"}),
        json!({"access_token": "a\r\nb", "token_type": "Bearer"}),
        json!({"access_token": "", "token_type": "Bearer"}),
    ] {
        let error = ask(&bad(200, token).await, Protocol::SmartBackend)
            .await
            .err()
            .unwrap();
        assert_eq!(error.code(), "SAM-GAT-242");
    }
}

#[tokio::test]
async fn c41_metadata_cannot_lead_the_proof_elsewhere() {
    let with = |change: fn(&mut Value)| {
        server(move |base| {
            let mut metadata = metadata(base);
            change(&mut metadata);
            Answers {
                metadata,
                token: issued(),
                definition: None,
            }
        })
    };
    let elsewhere = with(|metadata| metadata["token_endpoint"] = json!("http://127.0.0.1:1/token")).await;
    let error = ask(&elsewhere, Protocol::SmartBackend).await.err();
    assert!(
        matches!(error, Some(TokenError::Unreachable(HttpError::OffPin(_)))),
        "{error:?}"
    );
    let other = with(|metadata| metadata["issuer"] = json!("https://evil.example")).await;
    assert_eq!(
        ask(&other, Protocol::SmartBackend)
            .await
            .err()
            .map(|error| error.code()),
        Some("SAM-GAT-242")
    );
}

#[tokio::test]
async fn no_keys_means_no_token() {
    let http = http();
    let clock = Arc::new(ManualClock::new(NOW.parse().unwrap()));
    let tokens = Arc::new(Tokens::new(
        http.clone(),
        ClientKeys::default(),
        clock,
        Arc::new(SeededRandom::new(1)),
    ));
    let peer = http.peer("http://127.0.0.1:1/oauth2/x").unwrap();
    let authoriser = tokens.at(&"00700700".parse().unwrap(), peer, Protocol::Nuts);
    let deadline = Instant::now() + Duration::from_secs(1);
    let error = authoriser.authorise(&question(), None, deadline).await.err();
    assert!(matches!(error, Some(TokenError::NoCredentials(_))));
    assert_eq!(Token::new("t".to_owned()).expose(), "t");
}
