//! Tokens that are bound to a key (RFC 9449), and the two presentations of GFI-004.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Response};
use axum::routing::{get, post};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::{Forms, claims, field, http, issued, keys, metadata, tokens};
use crate::fixtures::{question, soon};
use crate::http::{Answer, Outgoing, Target};
use crate::token::config::DpopUse;
use crate::token::{Authorisation, ClientKeys, Protocol, Token, TokenError, Tokens};
use p256::pkcs8::{EncodePrivateKey as _, EncodePublicKey as _, LineEnding};

/// What a server that binds tokens got.
#[derive(Clone, Default)]
struct Seen {
    forms: Forms,
    proofs: Arc<Mutex<Vec<Option<String>>>>,
}

/// A server with this metadata, which wants a nonce so many times before it answers.
async fn server(change: fn(&mut Value), kind: &'static str, challenges: usize) -> (String, Seen) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/oauth2/oost", listener.local_addr().unwrap());
    let mut about = metadata(&base);
    about
        .as_object_mut()
        .unwrap()
        .remove("presentation_definition_endpoint");
    change(&mut about);
    let seen = Seen::default();
    let noted = seen.clone();
    let router = Router::new()
        .route(
            "/.well-known/oauth-authorization-server/oauth2/oost",
            get(async move || about.to_string()),
        )
        .route(
            "/oauth2/oost/token",
            post(async move |headers: HeaderMap, body: String| {
                let form = url::form_urlencoded::parse(body.as_bytes())
                    .into_owned()
                    .collect();
                let proof = headers
                    .get("dpop")
                    .map(|proof| proof.to_str().unwrap().to_owned());
                let number = {
                    noted.forms.lock().unwrap().push(form);
                    let mut proofs = noted.proofs.lock().unwrap();
                    proofs.push(proof);
                    proofs.len()
                };
                let (status, mut body) = issued();
                body["token_type"] = json!(kind);
                let response = Response::builder().header("dpop-nonce", format!("nonce-{number}"));
                if number <= challenges {
                    let refusal = json!({"error": "use_dpop_nonce"});
                    return response
                        .status(400)
                        .body(Body::from(refusal.to_string()))
                        .unwrap();
                }
                response
                    .status(status)
                    .body(Body::from(body.to_string()))
                    .unwrap()
            }),
        );
    tokio::spawn(async move { axum::serve(listener, router).await });
    (base, seen)
}

fn binds(metadata: &mut Value) {
    metadata["dpop_signing_alg_values_supported"] = json!(["RS256", "ES256"]);
}

async fn ask(base: &str, protocol: Protocol) -> Result<Arc<Token>, TokenError> {
    let http = http();
    ask_with(&tokens(&http), base, protocol).await
}

async fn ask_with(tokens: &Arc<Tokens>, base: &str, protocol: Protocol) -> Result<Arc<Token>, TokenError> {
    let authoriser = tokens.at(&"00700700".parse().unwrap(), http().peer(base).unwrap(), protocol);
    let given: Authorisation = authoriser.authorise(&question(), None, soon()).await?;
    Ok(Arc::clone(given.token().unwrap()))
}

/// The key and the claims of a proof.
fn proof(text: &str) -> (Jwk, Value) {
    let header = jsonwebtoken::decode_header(text).unwrap();
    assert_eq!(header.typ.as_deref(), Some("dpop+jwt"));
    let key = header.jwk.unwrap();
    let mut validation = jsonwebtoken::Validation::new(Algorithm::ES256);
    validation.validate_exp = false;
    validation.required_spec_claims.clear();
    let claims = jsonwebtoken::decode(text, &DecodingKey::from_jwk(&key).unwrap(), &validation);
    (key, claims.unwrap().claims)
}

fn public() -> String {
    keys()
        .nuts
        .public_key()
        .to_public_key_pem(LineEnding::LF)
        .unwrap()
}

#[tokio::test]
async fn gfi_004_presents_the_organisation_and_the_client_and_binds_the_token() {
    let (base, seen) = server(binds, "DPoP", 0).await;
    let token = ask(&base, Protocol::GenericFunctions).await.unwrap();
    let form = seen.forms.lock().unwrap()[0].clone();
    assert_eq!(
        field(&form, "grant_type"),
        "urn:ietf:params:oauth:grant-type:jwt-bearer"
    );
    let of = |name: &str| claims(field(&form, name), Algorithm::ES256, &public());
    let (assertion, client) = (of("assertion"), of("client_assertion"));
    for presentation in [&assertion, &client] {
        assert_eq!(presentation["aud"], base);
        let life = presentation["exp"].as_i64().unwrap() - presentation["iat"].as_i64().unwrap();
        assert_eq!(life, 5);
    }
    assert_ne!(assertion["jti"], client["jti"]);
    assert_eq!(client["vp"]["verifiableCredential"], json!(["x.y.z"]));
    let user = assertion["vp"]["verifiableCredential"][1].as_str().unwrap();
    let user = claims(user, Algorithm::ES256, &public());
    assert_eq!(user["vc"]["credentialSubject"]["identifier"], "900000009");

    let asked = seen.proofs.lock().unwrap()[0].clone().unwrap();
    let (key, said) = proof(&asked);
    assert_eq!(
        (&said["htm"], &said["htu"]),
        (&json!("POST"), &json!(format!("{base}/token")))
    );
    assert_eq!(said.get("ath"), None);

    // With the token goes a proof of the same key, for one address without its query.
    let peer = http().peer("http://127.0.0.1:9/fhir").unwrap();
    let outgoing = Outgoing::get(Target::Path("Condition?patient=p1"));
    let outgoing = token.put_on(outgoing, &peer).unwrap();
    assert_eq!(outgoing.headers["authorization"], "DPoP abc");
    let (same, said) = proof(outgoing.headers["dpop"].to_str().unwrap());
    assert_eq!(same, key);
    assert_eq!(
        (&said["htm"], &said["htu"]),
        (&json!("GET"), &json!("http://127.0.0.1:9/fhir/Condition"))
    );
    // base64url of SHA-256 of `abc`.
    assert_eq!(said["ath"], "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0");
}

#[tokio::test]
async fn a_nonce_is_fetched_once_with_a_fresh_presentation() {
    let (base, seen) = server(binds, "DPoP", 1).await;
    ask(&base, Protocol::Nuts).await.unwrap();
    let proofs: Vec<Value> = seen
        .proofs
        .lock()
        .unwrap()
        .iter()
        .flatten()
        .map(|text| proof(text).1)
        .collect();
    assert_eq!(proofs.len(), 2);
    assert_eq!(
        (proofs[0].get("nonce"), &proofs[1]["nonce"]),
        (None, &json!("nonce-1"))
    );
    assert_ne!(proofs[0]["jti"], proofs[1]["jti"]);
    {
        let forms = seen.forms.lock().unwrap();
        assert_ne!(field(&forms[0], "assertion"), field(&forms[1], "assertion"));
    }

    let (base, seen) = server(binds, "DPoP", usize::MAX).await;
    assert_eq!(
        ask(&base, Protocol::Nuts).await.err(),
        Some(TokenError::Refused(400))
    );
    assert_eq!(
        seen.proofs.lock().unwrap().len(),
        2,
        "a server that never has enough"
    );
}

#[tokio::test]
async fn a_bearer_token_is_no_answer_to_a_proof() {
    for protocol in [Protocol::Nuts, Protocol::GenericFunctions] {
        let (base, _) = server(binds, "Bearer", 0).await;
        assert_eq!(ask(&base, protocol).await.err().unwrap().code(), "SAM-GAT-242");
    }
}

#[tokio::test]
async fn fapi_wants_tokens_that_are_bound_to_something() {
    let (base, seen) = server(|_| {}, "Bearer", 0).await;
    let error = ask(&base, Protocol::GenericFunctions).await.err().unwrap();
    assert_eq!(error.code(), "SAM-GAT-242");
    assert!(seen.forms.lock().unwrap().is_empty(), "nothing was sent");
    let by_certificate = |metadata: &mut Value| {
        metadata["tls_client_certificate_bound_access_tokens"] = json!(true);
    };
    let (base, seen) = server(by_certificate, "Bearer", 0).await;
    let token = ask(&base, Protocol::GenericFunctions).await.unwrap();
    assert_eq!(seen.proofs.lock().unwrap()[0], None);
    let peer = http().peer("http://127.0.0.1:9/fhir").unwrap();
    let outgoing = token
        .put_on(Outgoing::get(Target::Path("metadata")), &peer)
        .unwrap();
    assert_eq!(outgoing.headers["authorization"], "Bearer abc");
}

#[tokio::test]
async fn smart_and_who_turned_it_off_keep_bearer_tokens() {
    let (base, seen) = server(binds, "Bearer", 0).await;
    ask(&base, Protocol::SmartBackend).await.unwrap();
    let http = http();
    let pem = keys().nuts.to_pkcs8_pem(LineEnding::LF).unwrap();
    let mut nuts = crate::token::NutsKeys::new("did:web:west.example", &pem, "k", "x.y.z").unwrap();
    nuts.dpop = DpopUse::Never;
    let keys = ClientKeys {
        nuts: Some(nuts),
        smart: None,
    };
    let other = tokens(&http);
    let never = Arc::new(Tokens::new(
        http,
        keys,
        Arc::clone(&other.clock),
        Arc::clone(&other.random),
    ));
    ask_with(&never, &base, Protocol::Nuts).await.unwrap();
    assert_eq!(*seen.proofs.lock().unwrap(), [None, None]);
}

#[tokio::test]
async fn a_source_is_sent_the_nonce_that_it_gave_and_no_other() {
    let (base, _) = server(binds, "DPoP", 0).await;
    let token = ask(&base, Protocol::Nuts).await.unwrap();
    let [one, two] =
        ["http://127.0.0.1:9/one", "http://127.0.0.1:9/two"].map(|base| http().peer(base).unwrap());
    let answer = |status, pairs: &[(&'static str, &str)]| Answer {
        status,
        headers: pairs
            .iter()
            .map(|(name, value)| (::http::HeaderName::from_static(name), value.parse().unwrap()))
            .collect(),
        body: bytes::Bytes::new(),
    };
    let wants = ("www-authenticate", r#"DPoP error="use_dpop_nonce""#);
    assert!(
        !token.is_challenged(&one, &answer(401, &[wants])),
        "without a nonce there is nothing to send"
    );
    assert!(!token.is_challenged(&one, &answer(401, &[("dpop-nonce", "a b"), wants])));
    assert!(token.is_challenged(&one, &answer(401, &[("dpop-nonce", "n1"), wants])));
    assert!(
        !token.is_challenged(&one, &answer(200, &[("dpop-nonce", "n2")])),
        "kept, and no challenge"
    );
    let nonce = |peer| {
        let outgoing = token
            .put_on(Outgoing::get(Target::Path("metadata")), peer)
            .unwrap();
        proof(outgoing.headers["dpop"].to_str().unwrap())
            .1
            .get("nonce")
            .cloned()
    };
    assert_eq!((nonce(&one), nonce(&two)), (Some(json!("n2")), None));
}
