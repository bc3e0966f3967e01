use axum::Router;
use axum::extract::Form;
use axum::routing::post;
use jiff::Timestamp;
use samenhang_gather::config::EgressConfig;
use samenhang_gather::http::{Http, TlsMaterial};
use serde_json::{Value, json};

use super::super::config::IntrospectionConfig;
use super::Introspection;
use crate::access::AccessError;

const AUDIENCE: &str = "https://node.example/oauth2/umc";

/// A node that says of the token `t` what is given, and knows no other.
async fn node(said: Value) -> Introspection {
    let introspect = move |Form(form): Form<Vec<(String, String)>>| async move {
        let known = form.iter().any(|(name, value)| name == "token" && value == "t");
        axum::Json(if known { said } else { json!({"active": false}) })
    };
    let router = Router::new().route("/introspect", post(introspect));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    let http = Http::new(&EgressConfig::loopback(), &TlsMaterial::default()).unwrap();
    let config: IntrospectionConfig = serde_json::from_value(json!({
        "source": "umc", "url": format!("http://{address}/introspect"), "audience": AUDIENCE
    }))
    .unwrap();
    Introspection::new(http, &config).unwrap()
}

fn good() -> Value {
    json!({
        "active": true, "iss": AUDIENCE, "client_id": "regio", "scope": "other 360-graden", "exp": 2_000,
        "organization_ura": "00900900", "organization_name": "West", "user_id": "900000009", "user_role": "01.015"
    })
}

#[tokio::test]
async fn who_a_token_stands_for_is_told_by_where_it_was_issued() {
    let now = Timestamp::from_second(1_000).unwrap();
    let node = node(good()).await;
    let asker = node.ask("t", now).await.unwrap();
    assert_eq!(asker.organisation.as_str(), "00900900");
    let user = asker.user.as_ref().unwrap();
    assert_eq!(
        (user.number.as_str(), user.role.as_str()),
        ("900000009", "01.015")
    );
    for unknown in ["u", "", &"t".repeat(20_000)] {
        let refused = node.ask(unknown, now).await;
        assert!(matches!(refused, Err(AccessError::Token)));
    }
}

#[tokio::test]
async fn a_token_that_is_not_for_us_now_is_refused() {
    let now = Timestamp::from_second(1_000).unwrap();
    let cases: [(&str, Value); 7] = [
        ("active", json!(false)),
        ("exp", json!(1_000)),
        ("exp", Value::Null),
        ("aud", json!("https://node.example/oauth2/other")),
        ("iss", json!("https://node.example/oauth2/other")),
        ("organization_ura", Value::Null),
        // Its proof cannot be checked here.
        ("cnf", json!({"jkt": "x"})),
    ];
    for (member, value) in cases {
        let mut said = good();
        said[member] = value;
        let refused = node(said).await.ask("t", now).await;
        assert!(matches!(refused, Err(AccessError::Token)), "{member}");
    }
    let mut said = good();
    said["scope"] = json!("another");
    let refused = node(said).await.ask("t", now).await;
    assert!(matches!(refused, Err(AccessError::Scope(_))));
    let mut said = good();
    said["aud"] = json!([AUDIENCE, "x"]);
    assert!(node(said).await.ask("t", now).await.is_ok());
}
