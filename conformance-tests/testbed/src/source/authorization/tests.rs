use jsonwebtoken::{Algorithm, EncodingKey, Header};
use samenhang_profiles::FhirVersion;
use serde_json::{Value, json};

use crate::faults::{Fault, ServiceId};
use crate::holder::HolderAuthorization;
use crate::source::fixtures::Holder;
use crate::source::pep::Pep;
use crate::source::quirk::Quirk;

use super::{NUTS_SCOPE, Nonces, Shown, Token, Tokens};

mod bound;

async fn start(kind: HolderAuthorization) -> (Holder, String) {
    let holder = Holder::start(FhirVersion::R4, Quirk::Clean, kind).await;
    let issuer = holder.started.addresses[0].authorization_server.clone().unwrap();
    (holder, issuer)
}

fn service(holder: &Holder) -> ServiceId {
    ServiceId::Authorization(holder.started.addresses[0].ura.clone())
}

fn sign(pem: &str, algorithm: Algorithm, kid: &str, claims: &Value) -> String {
    let mut header = Header::new(algorithm);
    header.kid = Some(kid.to_owned());
    jsonwebtoken::encode(
        &header,
        claims,
        &EncodingKey::from_ec_pem(pem.as_bytes()).unwrap(),
    )
    .unwrap()
}

fn smart(holder: &Holder, issuer: &str, change: impl FnOnce(&mut Value)) -> Vec<(&'static str, String)> {
    let client = holder.shared.client();
    let now = holder.shared.clock().seconds();
    let mut claims = json!({"iss": client.smart_client_id, "sub": client.smart_client_id, "aud": format!("{issuer}/token"),
        "exp": now + 60, "iat": now, "jti": "a"});
    change(&mut claims);
    let assertion = sign(
        &client.smart_key_es384_pem,
        Algorithm::ES384,
        &client.smart_kid,
        &claims,
    );
    vec![
        ("grant_type", "client_credentials".to_owned()),
        ("scope", "system/*.read".to_owned()),
        (
            "client_assertion_type",
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer".to_owned(),
        ),
        ("client_assertion", assertion),
    ]
}

fn nuts(holder: &Holder, issuer: &str, change: impl FnOnce(&mut Value)) -> Vec<(&'static str, String)> {
    let client = holder.shared.client();
    let now = holder.shared.clock().seconds();
    let employee = json!({"type": ["VerifiableCredential", "NutsEmployeeCredential"],
        "credentialSubject": {"name": "A.B. Voorbeeld", "roleName": "01.015", "identifier": "900000009"}});
    let mut claims = json!({"iss": client.did, "sub": client.did, "aud": issuer, "nbf": now, "exp": now + 5, "jti": "j",
        "nonce": "n", "vp": {"verifiableCredential": [client.x509_credential, employee]}});
    change(&mut claims);
    let assertion = sign(
        &client.signing_key_es256_pem,
        Algorithm::ES256,
        &client.signing_kid,
        &claims,
    );
    vec![
        ("grant_type", "vp_token-bearer".to_owned()),
        ("client_id", client.did.clone()),
        ("scope", "360-graden".to_owned()),
        ("assertion", assertion),
        (
            "presentation_submission",
            r#"{"id":"1","definition_id":"360-graden","descriptor_map":[]}"#.to_owned(),
        ),
    ]
}

async fn ask(holder: &Holder, issuer: &str, form: &[(&'static str, String)]) -> (u16, Value) {
    let response = holder
        .client
        .post(format!("{issuer}/token"))
        .form(form)
        .send()
        .await
        .unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

async fn conditions(holder: &Holder, token: &str) -> u16 {
    let request = holder
        .client
        .get(format!("{}/Condition?patient=p1", holder.base))
        .bearer_auth(token);
    request.send().await.unwrap().status().as_u16()
}

fn token(answer: &(u16, Value)) -> String {
    assert_eq!(answer.0, 200, "{answer:?}");
    answer.1["access_token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn smart_gives_tokens_once_per_assertion() {
    let (holder, issuer) = start(HolderAuthorization::SmartBackend).await;
    assert_eq!(holder.get("metadata").await.status, 200);
    assert_eq!(holder.get("Condition?patient=p1").await.status, 401);
    assert_eq!(conditions(&holder, "guess").await, 401);
    for place in [issuer.as_str(), holder.base.as_str()] {
        let url = format!("{place}/.well-known/smart-configuration");
        let found: Value = holder.client.get(url).send().await.unwrap().json().await.unwrap();
        assert_eq!(found["token_endpoint"], format!("{issuer}/token"));
    }
    let form = smart(&holder, &issuer, |_| {});
    let access = token(&ask(&holder, &issuer, &form).await);
    assert_eq!(conditions(&holder, &access).await, 200);
    let again = ask(&holder, &issuer, &form).await;
    assert_eq!((again.0, &again.1["error"]), (401, &json!("invalid_client")));
    holder.shared.clock().advance(std::time::Duration::from_secs(301));
    assert_eq!(conditions(&holder, &access).await, 401);
    holder.shared.stop().await;
}

#[tokio::test]
async fn smart_refuses_what_does_not_fit() {
    let (holder, issuer) = start(HolderAuthorization::SmartBackend).await;
    let now = holder.shared.clock().seconds();
    for (name, value) in [
        ("aud", json!("https://elsewhere.invalid/token")),
        ("exp", json!(now + 600)),
        ("exp", json!(now - 60)),
        ("iss", json!("stranger")),
        ("jti", json!("")),
    ] {
        let form = smart(&holder, &issuer, |claims| claims[name] = value.clone());
        assert_eq!(ask(&holder, &issuer, &form).await.0, 401, "{name} {value}");
    }
    let mut form = smart(&holder, &issuer, |_| {});
    form[1].1 = "system/*.write".to_owned();
    assert_eq!(ask(&holder, &issuer, &form).await.1["error"], "invalid_scope");
    holder.shared.stop().await;
}

#[tokio::test]
async fn nuts_checks_presentation_and_credentials() {
    let (holder, issuer) = start(HolderAuthorization::Nuts).await;
    let (root, tenant) = issuer.split_once("/oauth2/").unwrap();
    let url = format!("{root}/.well-known/oauth-authorization-server/oauth2/{tenant}");
    let metadata: Value = holder.client.get(url).send().await.unwrap().json().await.unwrap();
    assert_eq!(metadata["issuer"], issuer);
    let url = format!("{issuer}/presentation_definition?scope=360-graden");
    let definition: Value = holder.client.get(url).send().await.unwrap().json().await.unwrap();
    assert_eq!(
        definition["input_descriptors"][0]["constraints"]["fields"][0]["filter"]["const"],
        "X509Credential"
    );

    let now = holder.shared.clock().seconds();
    let credential = json!([holder.shared.client().x509_credential]);
    for (pointer, value) in [
        ("/aud", json!("https://elsewhere.invalid")),
        ("/exp", json!(now + 6)),
        ("/nbf", json!(now + 60)),
        ("/iss", json!("did:web:stranger.example")),
        ("/nonce", json!("")),
        ("/vp/verifiableCredential", json!([])),
        ("/vp/verifiableCredential", credential),
    ] {
        let form = nuts(&holder, &issuer, |claims| {
            *claims.pointer_mut(pointer).unwrap() = value.clone();
        });
        let refused = ask(&holder, &issuer, &form).await;
        assert_eq!(
            (refused.0, &refused.1["error"]),
            (400, &json!("invalid_grant")),
            "{pointer}"
        );
    }
    let form = nuts(&holder, &issuer, |_| {});
    let access = token(&ask(&holder, &issuer, &form).await);
    assert_eq!(conditions(&holder, &access).await, 200);
    assert_eq!(
        ask(&holder, &issuer, &form).await.1["error_description"],
        "the nonce was used before"
    );
    let request = holder
        .client
        .post(format!("{issuer}/introspect"))
        .form(&[("token", &access)]);
    let found: Value = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(
        (&found["active"], &found["organization_ura"], &found["user_id"]),
        (&json!(true), &json!("00900900"), &json!("900000009"))
    );
    holder.shared.stop().await;
}

#[tokio::test]
async fn nuts_accepts_a_dezi_statement_of_the_same_organisation() {
    let (holder, issuer) = start(HolderAuthorization::Nuts).await;
    let seed = holder.shared.seed();
    let (dezi, other) = (
        crate::dezi::signing_key(seed).unwrap(),
        crate::client::client_key(seed).unwrap(),
    );
    let with = |ura: &str, nonce: &str, key: &crate::keys::RsaKey| {
        let statement = json!({"dezi_nummer": "900000009", "rol_code": "01.015", "abonnee_nummer": ura});
        let jwt = key.sign(Algorithm::RS256, &statement, |_| {}).unwrap();
        let dezi = json!({"type": ["VerifiableCredential", "DeziUserCredential"],
            "proof": {"type": "DeziIDJWT07", "jwt": jwt}});
        nuts(&holder, &issuer, |claims| {
            claims["nonce"] = json!(nonce);
            claims["vp"]["verifiableCredential"][1] = dezi;
        })
    };
    let mut given = Vec::new();
    for form in [
        with("00900900", "1", &dezi),
        with("00900901", "2", &dezi),
        with("00900900", "3", &other),
    ] {
        given.push(ask(&holder, &issuer, &form).await.0);
    }
    assert_eq!(given, [200, 400, 400]);
    // The form of 2024: the role that is claimed must be one of that organisation.
    let related = |ura: &str, role: &str, nonce: &str| {
        let statement = json!({"uzi_id": "900000009", "relations": [
            {"ura": "00700799", "roles": ["01.041"]}, {"ura": ura, "roles": ["30.000", "01.015"]}]});
        let jwt = dezi.sign(Algorithm::RS256, &statement, |_| {}).unwrap();
        let credential = json!({"type": ["VerifiableCredential", "DeziUserCredential"],
            "credentialSubject": {"roleName": role}, "proof": {"type": "DeziIDJWT2024", "jwt": jwt}});
        nuts(&holder, &issuer, |claims| {
            claims["nonce"] = json!(nonce);
            claims["vp"]["verifiableCredential"][1] = credential;
        })
    };
    let mut given = Vec::new();
    for form in [
        related("00900900", "01.015", "4"),
        related("00900901", "01.015", "5"),
        related("00900900", "01.041", "6"),
    ] {
        given.push(ask(&holder, &issuer, &form).await.0);
    }
    assert_eq!(given, [200, 400, 400]);
    holder.shared.stop().await;
}

#[tokio::test]
async fn issuers_can_be_late_or_give_dead_tokens() {
    let (holder, issuer) = start(HolderAuthorization::SmartBackend).await;
    holder.shared.faults().set(service(&holder), Fault::ExpiredToken);
    let access = token(&ask(&holder, &issuer, &smart(&holder, &issuer, |_| {})).await);
    assert_eq!(conditions(&holder, &access).await, 401);
    holder
        .shared
        .faults()
        .set(service(&holder), Fault::ClockSkew(-3600));
    let form = smart(&holder, &issuer, |claims| claims["jti"] = json!("b"));
    assert_eq!(ask(&holder, &issuer, &form).await.0, 401);
    holder.shared.stop().await;
}

#[test]
fn the_pep_lets_only_its_own_tokens_pass() {
    let clock = crate::clock::SimClock::frozen("2026-11-22T10:00:00Z".parse().unwrap());
    let now = clock.seconds();
    let tokens = Tokens::new(crate::keys::rng(1, "tokens"));
    let pep = Pep::new(tokens.clone(), clock, "https://us".to_owned(), NUTS_SCOPE);
    let status = |scope: &str, audience: &str, expires: i64| {
        let token = tokens.issue(Token {
            client: "c".to_owned(),
            scope: scope.to_owned(),
            audience: audience.to_owned(),
            expires,
            issued: now,
            user: None,
            key: None,
        });
        let mut headers = http::HeaderMap::new();
        headers.insert("authorization", format!("bearer {token}").parse().unwrap());
        let shown = Shown {
            method: "GET",
            address: "https://us/fhir/Condition",
            headers: &headers,
        };
        pep.check(&shown, Nonces::NotAsked)
            .err()
            .map(|refusal| refusal.status.as_u16())
    };
    assert_eq!(status("other 360-graden", "https://us", now + 1), None);
    assert_eq!(status("other", "https://us", now + 1), Some(403));
    assert_eq!(status("360-graden", "https://them", now + 1), Some(401));
    assert_eq!(status("360-graden", "https://us", now), Some(401));
}
