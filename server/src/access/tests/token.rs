//! The token endpoint, and what its tokens are good for.

use axum::body::Body;
use http::Request;
use jiff::SignedDuration;
use serde_json::Value;

use super::fixture::{BASE, Gate, SCOPE, assertion, client, es256, form, gate, text};
use crate::access::{AccessConfig, AccessError, Context, Kind, RateConfig};

struct Setting {
    gate: Gate,
    signer: super::fixture::Signer,
}

async fn setting() -> Setting {
    let signer = es256("k1");
    let gate = gate(|folder| AccessConfig {
        clients: vec![client(folder, &[&signer], &["ES256"])],
        rate: RateConfig {
            burst: 20,
            per_minute: 20,
        },
        ..AccessConfig::default()
    })
    .await;
    Setting { gate, signer }
}

async fn bearer(gate: &Gate, value: &str) -> Result<Context, AccessError> {
    let request = Request::post("/fhir/R4/Patient/$overview")
        .header("authorization", value)
        .body(())
        .unwrap();
    gate.access.authenticate(&request.into_parts().0).await
}

#[tokio::test]
async fn a_system_gets_a_token_that_lasts_five_minutes() {
    let Setting { gate, signer } = setting().await;
    let (status, answer) = gate.token(&form(&signer.sign(&assertion("1")), SCOPE)).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer["token_type"], "Bearer");
    assert_eq!(answer["scope"], SCOPE);
    assert!(answer["expires_in"].as_i64().unwrap() <= 600);
    let token = format!("Bearer {}", answer["access_token"].as_str().unwrap());
    let context = bearer(&gate, &token).await.unwrap();
    assert_eq!(context.kind(), Kind::System);
    assert_eq!(context.asker().client_id, "portal");
    assert!(context.role().is_none() && context.session().is_none());
    assert!(context.require(SCOPE).is_ok());
    let missing = context.require("system/Patient.read").unwrap_err();
    assert_eq!(missing.status(), 403);
    assert!(missing.challenge().unwrap().contains("insufficient_scope"));
    gate.clock.advance(SignedDuration::from_secs(300));
    assert_eq!(bearer(&gate, &token).await.unwrap_err().code(), "SAM-ACC-003");
    assert_eq!(gate.logged().await, [("system-token".to_owned(), "0".to_owned())]);
}

#[tokio::test]
async fn a_used_assertion_is_refused_and_both_uses_are_logged() {
    let Setting { gate, signer } = setting().await;
    let form = form(&signer.sign(&assertion("once")), SCOPE);
    assert_eq!(gate.token(&form).await.0, 200);
    let (status, answer) = gate.token(&form).await;
    assert_eq!((status, &answer["error"]), (401, &Value::from("invalid_client")));
    assert!(
        answer["error_description"]
            .as_str()
            .unwrap()
            .contains("SAM-ACC-010")
    );
    let logged = gate.logged().await;
    assert_eq!(logged[1], ("system-token".to_owned(), "4".to_owned()));
}

#[tokio::test]
async fn a_request_that_is_not_one_is_told_what_is_wrong() {
    let Setting { gate, signer } = setting().await;
    let good = form(&signer.sign(&assertion("2")), SCOPE);
    for (request, error) in [
        (String::new(), "unsupported_grant_type"),
        (
            good.replace("client_credentials", "password"),
            "unsupported_grant_type",
        ),
        (good.replace("jwt-bearer", "saml2-bearer"), "invalid_request"),
        (good.replace("client_assertion=", "nothing="), "invalid_request"),
        (format!("{good}&scope=system%2F*.read"), "invalid_request"),
        (good.replace("&scope=", "&nothing="), "invalid_scope"),
        (good.replace("read", "write"), "invalid_scope"),
    ] {
        let (status, answer) = gate.token(&request).await;
        assert_eq!(
            (status, answer["error"].as_str()),
            (400, Some(error)),
            "{request}"
        );
    }
    let json = Request::post("/oauth/token")
        .header("content-type", "application/json")
        .body(Body::from("{}"))
        .unwrap();
    assert_eq!(gate.send(json).await.status().as_u16(), 400);
    let (status, _) = gate.token(&"x".repeat(30_000)).await;
    assert_eq!(status, 400, "a huge request");
    let response = gate.get("/.well-known/smart-configuration", None).await;
    assert_eq!(response.status().as_u16(), 200);
    let configuration: Value = serde_json::from_str(&text(response).await).unwrap();
    assert_eq!(configuration["token_endpoint"], format!("{BASE}/oauth/token"));
}

#[tokio::test]
async fn a_flood_of_token_requests_is_slowed_down() {
    let Setting { gate, .. } = setting().await;
    let request = form("a.b.c", SCOPE);
    let mut last = 0;
    for _ in 0..21 {
        last = gate.token(&request).await.0;
    }
    assert_eq!(last, 429);
}

#[tokio::test]
async fn a_token_that_cannot_be_recorded_is_not_given() {
    let Setting { gate, signer } = setting().await;
    std::fs::remove_file(gate.log.path()).unwrap();
    let (status, answer) = gate.token(&form(&signer.sign(&assertion("3")), SCOPE)).await;
    assert_eq!(status, 503);
    assert!(answer.get("access_token").is_none());
}

#[tokio::test]
async fn what_looks_like_a_token_is_none() {
    let Setting { gate, .. } = setting().await;
    let huge = format!("Bearer {}", "A".repeat(20_000));
    let jwt = "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJwb3J0YWwifQ.";
    for value in [
        "Bearer ",
        "Bearer x",
        "Basic cG9ydGFsOng=",
        "bearer",
        "DPoP x",
        &huge,
        jwt,
    ] {
        let refused = bearer(&gate, value).await.unwrap_err();
        assert_eq!(refused.code(), "SAM-ACC-003");
        assert_eq!(refused.status(), 401);
        assert!(refused.challenge().unwrap().contains("invalid_token"));
    }
}
