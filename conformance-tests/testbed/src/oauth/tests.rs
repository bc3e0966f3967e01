//! Tokens of both generations, asked over HTTP.

use jsonwebtoken::Algorithm;
use serde_json::{Value, json};

use super::Oauth;
use crate::client::client_key;
use crate::faults::{Fault, ServiceId};
use crate::holder::{Generation, TestbedConfig};
use crate::net::{Shared, bind};
use crate::testing::{self, claims};

const NVI: &str = "https://nvi.example";

async fn start(generation: Generation, tls: bool) -> (Shared, String) {
    let shared = Shared::new(&TestbedConfig {
        generation,
        tls,
        ..TestbedConfig::default()
    })
    .unwrap();
    let bound = bind(ServiceId::Oauth, &shared).await.unwrap();
    let oauth = Oauth::new(&shared, bound.url(), vec![NVI.to_owned()]).unwrap();
    let served = bound.serve(oauth.router());
    (shared, served.url)
}

async fn ask(shared: &Shared, url: &str, form: &[(&str, &str)]) -> (u16, Value) {
    let answer = testing::client(shared)
        .post(format!("{url}/oauth/token"))
        .form(form)
        .send()
        .await
        .unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[tokio::test]
async fn generation_c_gives_a_token_for_one_scope_over_mutual_tls() {
    let (shared, url) = start(Generation::C, true).await;
    let form = |scope, organisation| {
        [
            ("grant_type", "client_credentials"),
            ("scope", scope),
            ("target_audience", NVI),
            ("organization_id", organisation),
            ("source_id", "epd-1"),
        ]
    };
    let (status, answer) = ask(&shared, &url, &form("nvi:localize", "00900900")).await;
    assert_eq!((status, &answer["expires_in"]), (200, &json!(600)));
    let token = claims(answer["access_token"].as_str().unwrap());
    assert_eq!(token["sub"], "00900900");
    assert_eq!(
        token["act"],
        json!({"sub": "00000099000000002000", "cn": "west.example"})
    );
    assert_eq!(token["source_id"], "epd-1");
    assert_eq!(
        token["exp"].as_i64().unwrap() - token["iat"].as_i64().unwrap(),
        600
    );

    for scope in ["epd:read", "nvi:localize nvi:read", ""] {
        let (status, answer) = ask(&shared, &url, &form(scope, "00900900")).await;
        assert_eq!((status, &answer["error"]), (400, &json!("invalid_scope")));
    }
    assert_eq!(ask(&shared, &url, &form("prs:read", "00900900")).await.0, 400);
    assert_eq!(
        ask(&shared, &url, &form("prs:read", "00000099000000002000"))
            .await
            .0,
        200
    );
    shared.stop().await;
}

#[tokio::test]
async fn faulty_tokens_are_expired_or_of_another_time() {
    let (shared, url) = start(Generation::C, false).await;
    let form = [
        ("grant_type", "client_credentials"),
        ("scope", "nvi:localize"),
        ("target_audience", NVI),
        ("organization_id", "00900900"),
    ];
    shared.faults().set(ServiceId::Oauth, Fault::ExpiredToken);
    let (_, answer) = ask(&shared, &url, &form).await;
    let token = claims(answer["access_token"].as_str().unwrap());
    assert!(token["exp"].as_i64() < token["iat"].as_i64());
    shared.faults().set(ServiceId::Oauth, Fault::ClockSkew(3600));
    let (_, answer) = ask(&shared, &url, &form).await;
    let token = claims(answer["access_token"].as_str().unwrap());
    assert!(token["nbf"].as_i64().unwrap() > shared.clock().seconds() + 3000);
    shared.stop().await;
}

#[tokio::test]
async fn generation_b_demands_an_assertion_that_is_bound_to_the_certificate() {
    let (shared, url) = start(Generation::B, true).await;
    let fingerprint = shared.client().client_cert_fingerprint.clone();
    let key = client_key(shared.seed()).unwrap();
    let now = shared.clock().seconds();
    let assertion = |number: &str, bound: &str, audience: &str| {
        let claims = json!({"iss": "00900900", "sub": "00900900", "aud": [audience], "iat": now, "exp": now + 60,
            "jti": number, "cnf": {"x5t#S256": bound}, "scope": "epd:read epd:write", "target_audience": NVI});
        key.sign(Algorithm::RS256, &claims, |header| {
            header.kid = Some(fingerprint.clone());
        })
        .unwrap()
    };
    let request = async |assertion: &str, scope: &str| {
        let form = [
            ("grant_type", "client_credentials"),
            ("scope", scope),
            ("target_audience", NVI),
            (
                "client_assertion_type",
                "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            ),
            ("client_assertion", assertion),
        ];
        ask(&shared, &url, &form).await
    };
    let endpoint = format!("{url}/oauth/token");
    let good = assertion("1", &fingerprint, &endpoint);
    let (status, answer) = request(&good, "epd:read epd:write").await;
    assert_eq!((status, &answer["scope"]), (200, &json!("epd:read epd:write")));
    assert_eq!(request(&good, "epd:read epd:write").await.0, 401, "used twice");
    assert_eq!(
        request(&assertion("2", "other", &endpoint), "epd:read epd:write")
            .await
            .0,
        401
    );
    assert_eq!(
        request(
            &assertion("3", &fingerprint, "https://else"),
            "epd:read epd:write"
        )
        .await
        .0,
        401
    );
    assert_eq!(
        request(&assertion("4", &fingerprint, &endpoint), "prs:read")
            .await
            .0,
        401,
        "scope differs"
    );
    assert_eq!(
        request(&assertion("5", &fingerprint, &endpoint), "nvi:localize")
            .await
            .0,
        400
    );
    shared.stop().await;
}

#[tokio::test]
async fn the_keys_are_published() {
    let (shared, url) = start(Generation::C, false).await;
    let keys: Value = testing::client(&shared)
        .get(format!("{url}/.well-known/jwks.json"))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(keys["keys"][0]["crv"], "P-256");
    shared.stop().await;
}
