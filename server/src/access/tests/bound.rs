//! Tokens that another server bound to a patient: whose they are is asked there, and nowhere else.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::routing::post;
use http::{Request, StatusCode};
use jiff::SignedDuration;
use samenhang_gather::query::Purpose;
use samenhang_profiles::Bsn;
use samenhang_terminology::Category;
use serde_json::{Value, json};

use super::fixture::{BASE, Gate, SCOPE, es256, es384, gate, now, question};
use crate::access::config::ResponsibleConfig;
use crate::access::{AccessConfig, AccessError, BoundClientConfig, Context, Kind, PatientTokensConfig};

const ISSUER: &str = "https://as.example";
const TOKEN: &str = "opaque-token-of-a-patient";

/// An authorisation server that answers as it is told.
struct Server {
    url: String,
    answer: Mutex<(u16, String)>,
    forms: Mutex<Vec<Vec<(String, String)>>>,
}

impl Server {
    async fn start() -> Arc<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Arc::new(Server {
            url: format!("http://{}/introspect", listener.local_addr().unwrap()),
            answer: Mutex::new((200, told().to_string())),
            forms: Mutex::default(),
        });
        let state = Arc::clone(&server);
        let router = Router::new().route(
            "/introspect",
            post(async move |body: String| {
                let form = url::form_urlencoded::parse(body.as_bytes())
                    .into_owned()
                    .collect();
                state.forms.lock().unwrap().push(form);
                let (status, body) = state.answer.lock().unwrap().clone();
                (StatusCode::from_u16(status).unwrap(), body)
            }),
        );
        tokio::spawn(async move { axum::serve(listener, router).await });
        server
    }

    fn answer(&self, status: u16, body: impl std::fmt::Display) {
        *self.answer.lock().unwrap() = (status, body.to_string());
    }

    fn asked(&self) -> usize {
        self.forms.lock().unwrap().len()
    }
}

/// What the server tells about a token with which everything is right.
fn told() -> Value {
    json!({"active": true, "iss": ISSUER, "client_id": "pgo", "aud": format!("{BASE}/fhir/STU3"), "scope":
        "openid patient/*.read", "exp": now().as_second() + 600, "token_type": "Bearer", "patient": "p-1",
        "patient_bsn": "999990019"})
}

fn config(folder: &std::path::Path, server: &Server) -> PatientTokensConfig {
    let key_file = folder.join("introspection.key");
    std::fs::write(&key_file, es384("k").pem).unwrap();
    PatientTokensConfig {
        issuer: ISSUER.to_owned(),
        introspection_url: server.url.clone(),
        client_id: "samenhang".to_owned(),
        key_file,
        key_id: "k".to_owned(),
        audiences: Vec::new(),
        keep_s: 30,
        clients: vec![BoundClientConfig {
            client_id: "pgo".to_owned(),
            organisation: "00900901".parse().unwrap(),
            organisation_name: "PGO".to_owned(),
            organisation_type: "Z3".to_owned(),
            responsible: Some(ResponsibleConfig {
                number: "900000009".to_owned(),
                role: "01.015".to_owned(),
                name: "A.B. Voorbeeld".to_owned(),
            }),
            used_by_patients: true,
        }],
    }
}

async fn start() -> (Arc<Server>, Gate) {
    let server = Server::start().await;
    let gate = gate(|folder| AccessConfig {
        patient_tokens: Some(config(folder, &server)),
        ..AccessConfig::default()
    })
    .await;
    (server, gate)
}

async fn enter(gate: &Gate, token: &str) -> Result<Context, AccessError> {
    let request = Request::get("/fhir/STU3/Condition").header("authorization", format!("Bearer {token}"));
    let request = request.body(()).unwrap();
    gate.access.authenticate(&request.into_parts().0).await
}

fn bsn(number: &str) -> Bsn {
    Bsn::parse(number).unwrap()
}

#[tokio::test]
async fn a_token_stands_for_its_client_and_one_patient() {
    let (server, gate) = start().await;
    let context = enter(&gate, TOKEN).await.unwrap();
    assert_eq!(context.kind(), Kind::System);
    assert_eq!(context.asker().client_id, "pgo");
    assert_eq!(context.asker().person().unwrap().number, "900000009");
    assert!(context.patient() == Some(&bsn("999990019")));
    assert!(context.require(SCOPE).is_ok());
    assert!(context.may_name(&bsn("999990019")).is_ok());
    let refused = context.may_name(&bsn("999990020"));
    assert_eq!(refused.unwrap_err().code(), "SAM-ACC-018");
    let about = question(context.asker(), Purpose::Treatment, &[Category::Condition]);
    assert!(
        gate.access
            .authorise(&context, about.clone(), Default::default())
            .await
            .is_ok()
    );
    let mut other = about;
    other.patient = bsn("999990020");
    let refused = gate.access.authorise(&context, other, Default::default()).await;
    assert_eq!(refused.err().unwrap().code(), "SAM-ACC-018");

    // We prove ourselves, and the token goes in the body.
    let forms = server.forms.lock().unwrap();
    let [form] = forms.as_slice() else {
        panic!("one question")
    };
    let value = |name: &str| {
        form.iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    };
    assert_eq!(value("token"), Some(TOKEN));
    let assertion = value("client_assertion").unwrap();
    let payload = assertion.split('.').nth(1).unwrap();
    let claims: Value = serde_json::from_slice(
        &base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, payload).unwrap(),
    )
    .unwrap();
    assert_eq!(claims["iss"], "samenhang");
    assert_eq!(claims["sub"], "samenhang");
    assert_eq!(claims["aud"], ISSUER);
    assert_eq!(claims["exp"], json!(now().as_second() + 60));
}

#[tokio::test]
async fn an_answer_is_kept_for_half_a_minute_and_never_beyond_the_token() {
    let (server, gate) = start().await;
    for _ in 0..3 {
        enter(&gate, TOKEN).await.unwrap();
    }
    assert_eq!(server.asked(), 1);
    gate.clock.advance(SignedDuration::from_secs(30));
    server.answer(200, json!({"active": false}));
    assert_eq!(
        enter(&gate, TOKEN).await.unwrap_err().code(),
        "SAM-ACC-003",
        "withdrawn"
    );
    assert_eq!(enter(&gate, TOKEN).await.unwrap_err().code(), "SAM-ACC-003");
    assert_eq!(server.asked(), 2, "a refusal is kept too");
    let mut short = told();
    short["exp"] = json!(now().as_second() + 40);
    server.answer(200, short);
    enter(&gate, "another").await.unwrap();
    gate.clock.advance(SignedDuration::from_secs(10));
    assert_eq!(
        enter(&gate, "another").await.unwrap_err().code(),
        "SAM-ACC-003",
        "it has expired"
    );
}

#[tokio::test]
async fn what_is_not_clearly_right_is_no_token() {
    let (server, gate) = start().await;
    let now = now().as_second();
    let cases: &[(&str, Value, &str)] = &[
        ("active", json!(false), "SAM-ACC-003"),
        ("iss", json!("https://other.example"), "SAM-ACC-003"),
        ("client_id", json!("stranger"), "SAM-ACC-003"),
        ("client_id", Value::Null, "SAM-ACC-003"),
        ("aud", json!("https://other.example/fhir"), "SAM-ACC-003"),
        ("aud", json!([]), "SAM-ACC-003"),
        ("aud", Value::Null, "SAM-ACC-003"),
        ("exp", json!(now), "SAM-ACC-003"),
        ("exp", Value::Null, "SAM-ACC-003"),
        ("nbf", json!(now + 120), "SAM-ACC-003"),
        ("token_type", json!("DPoP"), "SAM-ACC-003"),
        ("cnf", json!({"jkt": "x"}), "SAM-ACC-003"),
        ("patient_bsn", Value::Null, "SAM-ACC-021"),
        ("patient_bsn", json!("999990018"), "SAM-ACC-021"),
        ("patient_bsn", json!("p-1"), "SAM-ACC-021"),
        ("active", Value::Null, "SAM-ACC-020"),
        ("active", json!("true"), "SAM-ACC-020"),
        ("patient_bsn", json!(999_990_019), "SAM-ACC-020"),
    ];
    for (index, (name, value, code)) in cases.iter().enumerate() {
        let mut answer = told();
        answer[*name] = value.clone();
        server.answer(200, answer);
        let refused = enter(&gate, &format!("token-{index}")).await.unwrap_err();
        assert_eq!(refused.code(), *code, "{name} {value}");
    }
    for (status, body) in [
        (500, told().to_string()),
        (401, told().to_string()),
        (302, told().to_string()),
        (200, "not JSON".to_owned()),
        (200, "[".repeat(100_000)),
        (200, format!("{}{}", " ".repeat(70_000), told())),
    ] {
        server.answer(status, body);
        let refused = enter(&gate, &format!("broken-{status}")).await.unwrap_err();
        assert_eq!(
            (refused.code(), refused.status()),
            ("SAM-ACC-020", 503),
            "{status}"
        );
    }
    let before = server.asked();
    for token in ["", "with space", "new\u{e9}", &"x".repeat(5000)] {
        if let Ok(request) = Request::get("/")
            .header("authorization", format!("Bearer {token}"))
            .body(())
        {
            let refused = gate
                .access
                .authenticate(&request.into_parts().0)
                .await
                .unwrap_err();
            assert_eq!(refused.code(), "SAM-ACC-003", "{token}");
        }
    }
    assert_eq!(
        server.asked(),
        before,
        "what cannot be a token is not asked about"
    );
}

#[tokio::test]
async fn a_token_needs_a_scope_of_the_patient() {
    let (server, gate) = start().await;
    for (scope, passes) in [
        ("patient/*.read", true),
        ("launch patient/*.rs", true),
        ("system/*.read", false),
        ("patient/Condition.read", false),
        ("", false),
    ] {
        let mut answer = told();
        answer["scope"] = json!(scope);
        server.answer(200, answer);
        let context = enter(&gate, &format!("token-{}", scope.len())).await.unwrap();
        assert_eq!(context.require(SCOPE).is_ok(), passes, "{scope}");
    }
}

#[tokio::test]
async fn each_token_has_requests_of_its_own() {
    let (_, gate) = start().await;
    let (one, other) = (
        enter(&gate, "one").await.unwrap(),
        enter(&gate, "other").await.unwrap(),
    );
    for _ in 0..30 {
        assert!(gate.access.admit(&one).is_ok());
    }
    assert!(gate.access.admit(&one).is_err());
    assert!(
        gate.access.admit(&other).is_ok(),
        "the same system for another patient"
    );
}

#[tokio::test]
async fn a_server_that_cannot_be_used_is_refused_at_the_start() {
    let server = Server::start().await;
    let folder = tempfile::tempdir().unwrap();
    let refused = |change: &dyn Fn(&mut PatientTokensConfig)| {
        let mut config = config(folder.path(), &server);
        change(&mut config);
        let http = super::fixture::http();
        let random = Arc::new(samenhang_gather::clock::SystemRandom);
        crate::access::introspection::Introspection::new(&config, BASE, http, random)
            .err()
            .map(|error| error.code())
    };
    assert_eq!(refused(&|_| {}), None);
    assert_eq!(refused(&|config| config.keep_s = 301), Some("SAM-ACC-015"));
    assert_eq!(refused(&|config| config.clients.clear()), Some("SAM-ACC-015"));
    assert_eq!(
        refused(&|config| config.clients.push(config.clients[0].clone())),
        Some("SAM-ACC-015")
    );
    assert_eq!(
        refused(&|config| config.introspection_url = "ftp://as.example".to_owned()),
        Some("SAM-ACC-014")
    );
    let wrong = folder.path().join("p256.key");
    std::fs::write(&wrong, es256("k").pem).unwrap();
    assert_eq!(
        refused(&|config| config.key_file = wrong.clone()),
        Some("SAM-ACC-013")
    );
}
