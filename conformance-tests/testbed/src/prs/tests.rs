//! The pseudonym service over HTTP.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::oprf::{Blind, Element, personal_input};
use super::{recipient, recipient_key};
use crate::holder::Generation;
use crate::jwe;
use crate::keys::{base64_any, base64url};
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
