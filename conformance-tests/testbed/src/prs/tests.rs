//! The pseudonym service over HTTP.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::oprf::{Blind, Element, personal_input};
use super::{Prs, recipient, recipient_key};
use crate::client::client_key;
use crate::holder::Generation;
use crate::jwe;
use crate::keys::{RsaKey, base64_any, base64url};
use crate::testing::National;

const NUMBER: &str = "999990019";

#[tokio::test]
async fn a_blinded_number_is_evaluated_and_sealed_for_the_recipient() {
    let national = National::start(Generation::C).await;
    let (sealed, blind) = national.pseudonym(NUMBER).await;
    let key = recipient_key(national.shared.seed()).unwrap();
    let (header, payload) = jwe::decrypt(&sealed, &key).unwrap();
    assert_eq!(
        header,
        json!({"kid": key.kid(), "alg": "RSA-OAEP", "enc": "A256GCM", "cty": "application/json"})
    );
    let claims: Value = serde_json::from_slice(&payload).unwrap();
    assert_eq!(claims["aud"], "oin:00000099000000001000");
    assert_eq!(
        (&claims["scope"], &claims["version"]),
        (&json!("nvi"), &json!("1.1"))
    );
    assert_eq!(
        claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(),
        300
    );
    let evaluated = claims["subject"]
        .as_str()
        .unwrap()
        .strip_prefix("pseudonym:eval:")
        .unwrap();
    let unblinded = Element::read(&base64_any(evaluated).unwrap())
        .unwrap()
        .times(&Blind::read(&base64_any(&blind).unwrap()).unwrap().inverse());
    let bsn = samenhang_profiles::Bsn::parse(NUMBER).unwrap();
    assert_eq!(Some(unblinded.to_bytes()), national.prs.pseudonym(&bsn));
    assert!(national.shared.journal().heads_with(NUMBER).is_empty());
    assert!(national.shared.journal().bodies_with(NUMBER).is_empty());
    national.shared.stop().await;
}

#[tokio::test]
async fn wrong_questions_are_refused_as_the_reference_does() {
    let national = National::start(Generation::C).await;
    let input = personal_input(NUMBER, "oin:00000099000000001000|nvi|v1").unwrap();
    let blinded = Element::hash(&input).unwrap().to_bytes();
    let question = |number: String, organisation: &str, scope: &str| json!({"encryptedPersonalId": number, "recipientOrganization": organisation, "recipientScope": scope});
    let good = "oin:00000099000000001000";
    // Both alphabets are read.
    assert_eq!(
        national
            .evaluate(&question(STANDARD.encode(blinded), good, "nvi"))
            .await
            .0,
        200
    );
    let (status, answer) = national
        .evaluate(&question(base64url(&[0xff; 32]), good, "nvi"))
        .await;
    assert_eq!(
        (status, answer),
        (400, json!({"error": "Unable to evaluate blind"}))
    );
    for (organisation, scope, expected) in [
        ("oin:00000099000000003000", "nvi", 404),
        (good, "else", 404),
        ("ura:90000901", "nvi", 422),
        ("oin:123", "nvi", 422),
    ] {
        let asked = question(base64url(&blinded), organisation, scope);
        assert_eq!(
            national.evaluate(&asked).await.0,
            expected,
            "{organisation} {scope}"
        );
    }
    assert_eq!(national.evaluate(&json!({})).await.0, 422);
    let anonymous = national
        .http
        .post(format!("{}/oprf/eval", national.prs_url))
        .send()
        .await
        .unwrap();
    assert_eq!(anonymous.status().as_u16(), 401);
    national.shared.stop().await;
}

#[tokio::test]
async fn a_new_version_of_the_secret_carries_the_older_ones() {
    let national = National::start(Generation::C).await;
    let key = recipient_key(national.shared.seed()).unwrap();
    let extra = |sealed: &str| -> Value {
        let (_, payload) = jwe::decrypt(sealed, &key).unwrap();
        serde_json::from_slice::<Value>(&payload).unwrap()["extra_versions"].clone()
    };
    assert_eq!(extra(&national.pseudonym(NUMBER).await.0), json!({}));
    national.prs.rotate();
    assert!(extra(&national.pseudonym(NUMBER).await.0)["1"].is_string());
    national.shared.stop().await;
}

#[test]
fn recipients_have_a_secret_each() {
    let shared = crate::net::Shared::new(&crate::holder::TestbedConfig {
        tls: false,
        ..crate::holder::TestbedConfig::default()
    })
    .unwrap();
    let gate = crate::oauth::Oauth::new(&shared, "http://oauth.invalid", Vec::new())
        .unwrap()
        .gate("http://prs.invalid");
    let prs = Prs::new(&shared, gate).unwrap();
    let element = Element::hash(b"the same input").unwrap();
    let newest = |organisation: &str| {
        prs.with_secret(organisation, |versions| {
            versions.last().unwrap().evaluate(&element).to_bytes()
        })
    };
    let (index, other) = ("oin:00000099000000001000", "oin:00000099000000002000");
    let before = (newest(index), newest(other));
    assert_ne!(before.0, before.1);
    assert_eq!(prs.rotate_for(other), 2);
    assert_eq!(
        newest(index),
        before.0,
        "another recipient's secret is not touched"
    );
    assert_ne!(newest(other), before.1);
}

/// Signs with a key that it is the asker's, and brings the public half along.
fn proof(key: &RsaKey, claims: &Value, change: impl FnOnce(&mut Value)) -> String {
    let mut jwk = key.jwk("sig", "RS256");
    change(&mut jwk);
    let header = json!({"alg": "RS256", "jwk": jwk});
    let signed = format!(
        "{}.{}",
        base64url(header.to_string().as_bytes()),
        base64url(claims.to_string().as_bytes())
    );
    let signer = jsonwebtoken::EncodingKey::from_rsa_pem(key.pem().as_bytes()).unwrap();
    let signature = jsonwebtoken::crypto::sign(signed.as_bytes(), &signer, jsonwebtoken::Algorithm::RS256);
    format!("{signed}.{}", signature.unwrap())
}

#[tokio::test]
async fn a_recipient_registers_its_key_and_replaces_it() {
    let national = National::start(Generation::C).await;
    let (old, new) = (
        client_key(national.shared.seed()).unwrap(),
        recipient_key(national.shared.seed()).unwrap(),
    );
    let oin = national.shared.client().oin.clone();
    let claims = json!({"iat": national.shared.clock().seconds(), "oin": oin});
    let call = async |method: reqwest::Method, id: &str, body: Value| {
        let answer = national
            .http
            .request(method, format!("{}/administration/keys{id}", national.prs_url))
            .bearer_auth(national.token("prs:read").await)
            .json(&body)
            .send()
            .await
            .unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    let (post, put) = (reqwest::Method::POST, reqwest::Method::PUT);
    let (get, delete) = (reqwest::Method::GET, reqwest::Method::DELETE);
    let input = personal_input(NUMBER, &format!("oin:{oin}|ward|v1")).unwrap();
    let blinded = base64url(&Element::hash(&input).unwrap().to_bytes());
    let question = json!({"encryptedPersonalId": blinded, "recipientOrganization": format!("oin:{oin}"),
        "recipientScope": "ward"});
    let evaluated_for = async |key: &RsaKey| {
        let (status, answer) = national.evaluate(&question).await;
        let (header, _) = jwe::decrypt(answer["jwe"].as_str().unwrap_or_default(), key)?;
        (status == 200 && header["kid"] == key.kid()).then_some(())
    };
    assert_eq!(national.evaluate(&question).await.0, 404, "no key yet");
    let with = |jws: String| json!({"domains": ["ward"], "jws": jws});
    for (jws, why) in [
        ("x.y.z".to_owned(), "no token"),
        (proof(&old, &json!({"oin": oin}), |_| {}), "no time"),
        (proof(&old, &json!({"iat": 1, "oin": oin}), |_| {}), "too old"),
        (
            proof(&old, &json!({"iat": claims["iat"], "oin": "x"}), |_| {}),
            "another",
        ),
        (
            proof(&old, &claims, |jwk| {
                jwk["n"] = new.jwk("sig", "RS256")["n"].clone();
            }),
            "another key",
        ),
        (
            proof(&old, &claims, |jwk| {
                jwk["d"] = json!("x");
            }),
            "a secret",
        ),
        (
            proof(&old, &claims, |jwk| {
                jwk["kid"] = Value::Null;
            }),
            "no kid",
        ),
    ] {
        assert_eq!(call(post.clone(), "", with(jws)).await.0, 400, "{why}");
    }
    assert_eq!(call(post.clone(), "", json!({"domains": []})).await.0, 422);
    let (status, held) = call(post.clone(), "", with(proof(&old, &claims, |_| {}))).await;
    assert_eq!((status, &held["domains"]), (201, &json!(["ward"])));
    assert_eq!(call(post, "", with(proof(&new, &claims, |_| {}))).await.0, 409);
    assert_eq!(evaluated_for(&old).await, Some(()));
    let place = format!("/{}", held["id"].as_str().unwrap());
    let (status, replaced) = call(put, &place, with(proof(&new, &claims, |_| {}))).await;
    assert_eq!((status, &replaced["id"]), (200, &held["id"]));
    assert_eq!(call(get, "", Value::Null).await.1, json!([replaced]));
    assert_eq!(evaluated_for(&old).await, None);
    assert_eq!(evaluated_for(&new).await, Some(()));
    // The key of the index is not the caller's to take away.
    let index = format!("/{}", uuid::Uuid::nil());
    assert_eq!(call(delete.clone(), &index, Value::Null).await.0, 403);
    assert_eq!(call(delete, &place, Value::Null).await.0, 200);
    assert_eq!(national.evaluate(&question).await.0, 404);
    national.shared.stop().await;
}

#[test]
fn recipients_differ_by_generation() {
    assert_eq!(
        recipient(Generation::C),
        ("oin:00000099000000001000".to_owned(), "nvi")
    );
    assert_eq!(
        recipient(Generation::B),
        ("ura:90000901".to_owned(), "nationale-verwijsindex")
    );
}
