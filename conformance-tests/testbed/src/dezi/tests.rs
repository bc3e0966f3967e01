//! A login, step by step.

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::{Certificates, Dezi, DeziForm, DeziMode, DeziUser, UserinfoForm};
use crate::client::client_key;
use crate::faults::ServiceId;
use crate::holder::TestbedConfig;
use crate::jwe;
use crate::keys::base64url;
use crate::net::{Shared, bind};
use crate::testing::{self, claims};

const VERIFIER: &str = "a-verifier-that-is-long-enough-for-the-standard";
const BACK: &str = "http://127.0.0.1:1/login/callback";

async fn start() -> (Shared, Dezi, String) {
    let shared = Shared::new(&TestbedConfig {
        tls: true,
        ..TestbedConfig::default()
    })
    .unwrap();
    let bound = bind(ServiceId::Dezi, &shared).await.unwrap();
    let dezi = Dezi::new(&shared, bound.url()).unwrap();
    let served = bound.serve(dezi.router());
    assert!(served.url.starts_with("http://"), "a browser comes here");
    (shared, dezi, served.url)
}

/// Where `/authorize` sends the browser.
async fn authorize(shared: &Shared, url: &str, hint: &str) -> url::Url {
    let challenge = base64url(&Sha256::digest(VERIFIER.as_bytes()));
    let answer = testing::client(shared)
        .get(format!("{url}/authorize"))
        .query(&[
            ("response_type", "code"),
            ("client_id", shared.client().dezi_client_id.as_str()),
            ("redirect_uri", BACK),
            ("scope", "openid"),
            ("state", "s1"),
            ("nonce", "n1"),
            ("code_challenge", challenge.as_str()),
            ("code_challenge_method", "S256"),
            ("login_hint", hint),
        ])
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status().as_u16(), 302);
    answer.headers()["location"].to_str().unwrap().parse().unwrap()
}

fn part(url: &url::Url, name: &str) -> Option<String> {
    url.query_pairs()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

async fn exchange(shared: &Shared, url: &str, code: &str, verifier: &str) -> (u16, Value) {
    let answer = testing::client(shared)
        .post(format!("{url}/token"))
        .form(&[
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", BACK),
            ("code_verifier", verifier),
        ])
        .send()
        .await
        .unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

async fn userinfo(shared: &Shared, url: &str, hint: &str) -> String {
    let code = part(&authorize(shared, url, hint).await, "code").unwrap();
    let (status, token) = exchange(shared, url, &code, VERIFIER).await;
    assert_eq!(status, 200);
    assert_eq!(claims(token["id_token"].as_str().unwrap())["nonce"], "n1");
    testing::client(shared)
        .get(format!("{url}/userinfo"))
        .bearer_auth(token["access_token"].as_str().unwrap())
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap()
}

#[tokio::test]
async fn a_user_logs_in_and_is_declared() {
    let (shared, _, url) = start().await;
    let sealed = userinfo(&shared, &url, "").await;
    let (header, signed) = jwe::decrypt(&sealed, &client_key(shared.seed()).unwrap()).unwrap();
    assert_eq!(header["cty"], "JWT");
    let envelope = claims(std::str::from_utf8(&signed).unwrap());
    assert_eq!(envelope["aud"], shared.client().dezi_client_id.as_str());
    let declaration = envelope["verklaring"].as_str().unwrap();
    let declared = claims(declaration);
    assert_eq!(declared["dezi_nummer"], "900000009");
    assert_eq!(declared["abonnee_nummer"], "00900900");
    assert_eq!(declared["rol_code"], "01.015");
    let header = jsonwebtoken::decode_header(declaration).unwrap();
    assert_eq!(header.jku, Some(format!("{url}/dezi/jwks.json")));
    let status: Value = testing::client(&shared)
        .get(declared["status_uri"].as_str().unwrap())
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(status["valid"], true);
    shared.stop().await;
}

#[tokio::test]
async fn a_code_is_used_once_and_only_by_who_asked_for_it() {
    let (shared, _, url) = start().await;
    let back = authorize(&shared, &url, "").await;
    assert_eq!(part(&back, "state").as_deref(), Some("s1"));
    let code = part(&back, "code").unwrap();
    assert_eq!(exchange(&shared, &url, &code, "another verifier").await.0, 400);
    assert_eq!(exchange(&shared, &url, &code, VERIFIER).await.0, 400);
    let anonymous = testing::client(&shared)
        .get(format!("{url}/userinfo"))
        .send()
        .await
        .unwrap();
    assert_eq!(anonymous.status().as_u16(), 401);
    shared.stop().await;
}

#[tokio::test]
async fn what_can_go_wrong_with_a_declaration() {
    let (shared, dezi, url) = start().await;
    dezi.set_form(UserinfoForm::Signed);
    let declaration = async || {
        let envelope = claims(&userinfo(&shared, &url, "").await);
        envelope["verklaring"].as_str().unwrap().to_owned()
    };
    dezi.set_mode(DeziMode::WrongJku);
    let header = jsonwebtoken::decode_header(declaration().await).unwrap();
    assert!(!header.jku.unwrap().starts_with(&url));
    dezi.set_mode(DeziMode::Expired);
    assert!(claims(&declaration().await)["exp"].as_i64().unwrap() < shared.clock().seconds());
    dezi.set_mode(DeziMode::Revoked);
    let status_uri = claims(&declaration().await)["status_uri"]
        .as_str()
        .unwrap()
        .to_owned();
    let status = testing::client(&shared)
        .get(status_uri)
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(status.contains("revoked"));
    dezi.set_mode(DeziMode::Denied);
    assert_eq!(
        part(&authorize(&shared, &url, "").await, "error").as_deref(),
        Some("access_denied")
    );
    shared.stop().await;
}

#[tokio::test]
async fn in_2024_all_relations_of_a_user_are_told() {
    let (shared, dezi, url) = start().await;
    dezi.set_form(UserinfoForm::Signed);
    let told = async |certificates, status| {
        dezi.speak(DeziForm::Of2024 { certificates, status });
        let token = userinfo(&shared, &url, "").await;
        let header = jsonwebtoken::decode_header(&token).unwrap();
        assert_eq!(header.jku, None);
        assert_eq!(header.kid.as_deref(), Some(dezi.0.key.kid()));
        claims(&token)
    };
    let plain = told(Certificates::Recipient, false).await;
    assert_eq!(plain["uzi_id"], "900000009");
    assert_eq!(plain["relations"][0]["roles"], serde_json::json!(["01.015"]));
    assert!(plain["x5c"].is_string() && plain.get("status_uri").is_none());
    let chain = told(Certificates::Signer, true).await;
    assert_eq!(chain["x5c"].as_array().unwrap().len(), 2);
    assert!(chain["status_uri"].as_str().unwrap().starts_with(&url));
    assert_ne!(
        told(Certificates::Foreign, true).await["x5c"][1],
        chain["x5c"][1],
        "another authority"
    );
    for (mode, relations, roles) in [
        (DeziMode::NoRelation, 1, 1),
        (DeziMode::TwoRelations, 2, 1),
        (DeziMode::SameRelationTwice, 2, 1),
        (DeziMode::SeveralRoles, 1, 3),
    ] {
        dezi.set_mode(mode);
        let told = told(Certificates::Recipient, false).await;
        assert_eq!(told["relations"].as_array().unwrap().len(), relations, "{mode:?}");
        assert_eq!(told["relations"][0]["roles"].as_array().unwrap().len(), roles);
    }
    dezi.set_form(UserinfoForm::Encrypted);
    dezi.speak(DeziForm::default());
    assert!(userinfo(&shared, &url, "").await.split('.').count() == 5);
    shared.stop().await;
}

#[tokio::test]
async fn other_users_can_log_in() {
    let (shared, dezi, url) = start().await;
    dezi.set_form(UserinfoForm::Signed);
    let number = async |hint: &str| {
        let envelope = claims(&userinfo(&shared, &url, hint).await);
        claims(envelope["verklaring"].as_str().unwrap())["dezi_nummer"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(number("900000010").await, DeziUser::pharmacist().number);
    dezi.log_in_as(DeziUser::stranger());
    assert_eq!(number("").await, DeziUser::stranger().number);
    shared.stop().await;
}
