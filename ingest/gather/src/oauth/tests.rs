use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::extract::Form;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::config::Generation;
use crate::error::{GatherError, Service};
use crate::fixtures::{Bench, soon};
use crate::http::TlsMaterial;
use crate::oauth::NationalTokens;

type Forms = Arc<Mutex<Vec<BTreeMap<String, String>>>>;

/// An OAuth server that counts, and that answers the calls named in `failing` with 503.
fn server(forms: &Forms, failing: &'static [usize]) -> Router {
    let forms = forms.clone();
    let count = Arc::new(AtomicUsize::new(0));
    Router::new().route(
        "/oauth/token",
        post(move |Form(form): Form<BTreeMap<String, String>>| async move {
            let number = count.fetch_add(1, Ordering::SeqCst);
            forms.lock().unwrap().push(form);
            if failing.contains(&number) {
                return Err(StatusCode::SERVICE_UNAVAILABLE);
            }
            Ok(Json(
                json!({"access_token": format!("token-{number}"), "token_type": "Bearer", "expires_in": 600}),
            ))
        }),
    )
}

#[tokio::test]
async fn a_token_is_kept_until_shortly_before_it_expires() {
    let forms = Forms::default();
    let bench = Bench::new(server(&forms, &[])).await;
    let tokens = bench.tokens();
    let wanted = tokens.for_localising("https://nvi.example".to_owned());
    let (one, two) = tokio::join!(tokens.token(&wanted, soon()), tokens.token(&wanted, soon()));
    assert_eq!(
        (one.unwrap().expose(), two.unwrap().expose()),
        ("token-0", "token-0")
    );
    bench.clock.advance(SignedDuration::from_secs(500));
    assert_eq!(tokens.token(&wanted, soon()).await.unwrap().expose(), "token-0");
    bench.clock.advance(SignedDuration::from_secs(80));
    let kept = tokens.token(&wanted, soon()).await.unwrap();
    assert_eq!(kept.expose(), "token-1");
    // A refused token is replaced; who comes later with the same complaint gets the replacement.
    let renewed = tokens.renew(&wanted, &kept, soon()).await.unwrap();
    assert_eq!(renewed.expose(), "token-2");
    assert_eq!(
        tokens.renew(&wanted, &kept, soon()).await.unwrap().expose(),
        "token-2"
    );
    // Another scope or audience has its own token.
    let prs = tokens.for_prs("https://prs.example".to_owned());
    assert_eq!(tokens.token(&prs, soon()).await.unwrap().expose(), "token-3");
    let forms = forms.lock().unwrap();
    assert_eq!(forms.len(), 4);
    assert_eq!(
        serde_json::to_value(&forms[0]).unwrap(),
        json!({"grant_type": "client_credentials", "scope": "nvi:localize", "target_audience": "https://nvi.example",
            "organization_id": "00900900", "source_id": "west-1"})
    );
    assert_eq!(forms[3]["organization_id"], "00000099000000002000");
}

#[tokio::test]
async fn a_server_error_is_tried_once_more() {
    let forms = Forms::default();
    let bench = Bench::new(server(&forms, &[0])).await;
    let tokens = bench.tokens();
    let wanted = tokens.for_localising("a".to_owned());
    assert_eq!(tokens.token(&wanted, soon()).await.unwrap().expose(), "token-1");
    let bench = Bench::new(server(&forms, &[0, 1])).await;
    let error = bench.tokens().token(&wanted, soon()).await.err();
    assert_eq!(
        error,
        Some(GatherError::Status {
            service: Service::OAuth,
            status: 503
        })
    );
}

#[tokio::test]
async fn only_a_token_is_taken_for_a_token() {
    for answer in [
        json!([]),
        json!({"access_token": ""}),
        json!({"access_token": "a b"}),
        json!({"access_token": "a", "token_type": "mac"}),
        json!({"access_token": "a".repeat(20_000)}),
        json!({"error": "x"}),
    ] {
        let router = Router::new().route("/oauth/token", post(move || async move { Json(answer) }));
        let tokens = Bench::new(router).await.tokens();
        let error = tokens.token(&tokens.for_prs("a".to_owned()), soon()).await.err();
        assert!(matches!(error, Some(GatherError::Answer { .. })), "{error:?}");
    }
}

/// A key pair for the test alone, and a text in the place of its certificate, of which only the digest is used.
fn material() -> TlsMaterial {
    use p256::pkcs8::EncodePrivateKey as _;
    let key = p256::SecretKey::from_slice(&[7; 32]).unwrap();
    TlsMaterial {
        ca_pem: None,
        client_certificate_pem: Some(
            "-----BEGIN CERTIFICATE-----\nAQIDBA==\n-----END CERTIFICATE-----\n".to_owned(),
        ),
        client_key_pem: Some(
            key.to_pkcs8_pem(p256::pkcs8::LineEnding::LF)
                .unwrap()
                .to_string()
                .into(),
        ),
    }
}

#[tokio::test]
async fn generation_b_signs_an_assertion() {
    let forms = Forms::default();
    let mut bench = Bench::new(server(&forms, &[])).await;
    bench.config.generation = Generation::B;
    let tokens = NationalTokens::new(
        bench.http.clone(),
        bench.config.index(),
        &bench.own,
        &material(),
        bench.clock.clone(),
        bench.random.clone(),
    )
    .unwrap();
    let wanted = tokens.for_localising("https://nvi.example".to_owned());
    tokens.token(&wanted, soon()).await.unwrap();
    let form = forms.lock().unwrap().remove(0);
    assert_eq!(form["scope"], "epd:read");
    assert_eq!(
        form["client_assertion_type"],
        "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    );
    assert!(!form.contains_key("organization_id"));
    let header = jsonwebtoken::decode_header(&form["client_assertion"]).unwrap();
    let payload = form["client_assertion"].split('.').nth(1).unwrap();
    let payload = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, payload).unwrap();
    let claims: Value = serde_json::from_slice(&payload).unwrap();
    assert_eq!(
        (claims["iss"].as_str(), claims["sub"].as_str()),
        (Some("00900900"), Some("00900900"))
    );
    assert_eq!(
        claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(),
        60
    );
    assert_eq!(claims["cnf"]["x5t#S256"].as_str(), header.kid.as_deref());
    assert_eq!(claims["aud"][0].as_str().unwrap(), bench.config.oauth.token_url);
}
