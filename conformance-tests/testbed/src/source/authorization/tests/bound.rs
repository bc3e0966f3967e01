//! Tokens that are bound to a key, the grant of GFI-004, and who a holder says that it is.

use jsonwebtoken::Algorithm;
use samenhang_profiles::FhirVersion;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{nuts, service, sign, start};
use crate::faults::{Fault, ServiceId};
use crate::holder::HolderAuthorization;
use crate::keys::{EcKey, base64url};
use crate::source::fixtures::Holder;
use crate::source::quirk::Quirk;

/// A client with a key of its own.
struct Prover(EcKey);

impl Prover {
    fn new(purpose: &str) -> Self {
        Prover(EcKey::from_seed(7, purpose).unwrap())
    }

    fn proof(
        &self,
        holder: &Holder,
        method: &str,
        url: &str,
        token: Option<&str>,
        change: impl FnOnce(&mut Value),
    ) -> String {
        let mut claims =
            json!({"jti": "p1", "htm": method, "htu": url, "iat": holder.shared.clock().seconds()});
        if let Some(token) = token {
            claims["ath"] = json!(base64url(&Sha256::digest(token.as_bytes())));
        }
        change(&mut claims);
        self.0
            .sign(&claims, |header| {
                header.typ = Some("dpop+jwt".to_owned());
                header.jwk = serde_json::from_value(self.0.jwk()).unwrap();
            })
            .unwrap()
    }
}

/// The form of GFI-004.
fn form(
    holder: &Holder,
    issuer: &str,
    jti: &str,
    change: impl FnOnce(&mut Value),
) -> Vec<(&'static str, String)> {
    let client = holder.shared.client();
    let now = holder.shared.clock().seconds();
    let es256 = |claims: &Value| {
        sign(
            &client.signing_key_es256_pem,
            Algorithm::ES256,
            &client.signing_kid,
            claims,
        )
    };
    let user = es256(
        &json!({"iss": client.did, "sub": client.did, "nbf": now, "exp": now + 5,
        "vc": {"type": ["VerifiableCredential", "NutsEmployeeCredential"],
            "credentialSubject": {"roleName": "01.015", "identifier": "900000009"}}}),
    );
    let presentation = |jti: &str, credentials: Value| {
        json!({"iss": client.did, "aud": issuer, "iat": now, "exp": now + 5, "jti": jti,
            "vp": {"verifiableCredential": credentials}})
    };
    let mut assertion = presentation(jti, json!([client.x509_credential, user]));
    change(&mut assertion);
    let own = presentation(&format!("{jti} client"), json!([client.x509_credential]));
    vec![
        (
            "grant_type",
            "urn:ietf:params:oauth:grant-type:jwt-bearer".to_owned(),
        ),
        ("scope", "360-graden".to_owned()),
        (
            "client_assertion_type",
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer".to_owned(),
        ),
        ("assertion", es256(&assertion)),
        ("client_assertion", es256(&own)),
    ]
}

async fn ask(
    holder: &Holder,
    issuer: &str,
    form: &[(&'static str, String)],
    proof: Option<String>,
) -> (u16, Value, Option<String>) {
    let mut request = holder.client.post(format!("{issuer}/token")).form(form);
    if let Some(proof) = proof {
        request = request.header("dpop", proof);
    }
    let response = request.send().await.unwrap();
    let nonce = response
        .headers()
        .get("dpop-nonce")
        .map(|nonce| nonce.to_str().unwrap().to_owned());
    (response.status().as_u16(), response.json().await.unwrap(), nonce)
}

/// Status and challenge of a search with these headers.
async fn search(
    holder: &Holder,
    authorization: &str,
    proof: Option<String>,
) -> (u16, String, Option<String>) {
    let mut request = holder
        .client
        .get(format!("{}/Condition?patient=p1", holder.base))
        .header("authorization", authorization);
    if let Some(proof) = proof {
        request = request.header("dpop", proof);
    }
    let response = request.send().await.unwrap();
    let header = |name: &str| {
        response
            .headers()
            .get(name)
            .map(|value| value.to_str().unwrap().to_owned())
    };
    let challenge = header("www-authenticate").unwrap_or_default();
    let error = challenge.split('"').nth(1).unwrap_or(&challenge).to_owned();
    (response.status().as_u16(), error, header("dpop-nonce"))
}

#[tokio::test]
async fn gfi_004_gives_a_token_for_two_presentations_and_a_proof() {
    let (holder, issuer) = start(HolderAuthorization::GenericFunctions).await;
    let prover = Prover::new("prover");
    let url = format!("{issuer}/token");
    let proof =
        |jti: &str| Some(prover.proof(&holder, "POST", &url, None, |claims| claims["jti"] = json!(jti)));
    let refused = ask(&holder, &issuer, &form(&holder, &issuer, "a", |_| {}), None).await;
    assert_eq!(
        (refused.0, &refused.1["error"]),
        (400, &json!("invalid_dpop_proof"))
    );
    let now = holder.shared.clock().seconds();
    let changes = [
        ("/aud", json!("https://elsewhere.invalid")),
        ("/exp", json!(now + 6)),
        ("/iat", json!(now + 60)),
        ("/iss", json!("did:web:stranger.example")),
        ("/jti", json!("")),
        (
            "/vp/verifiableCredential",
            json!([holder.shared.client().x509_credential]),
        ),
    ];
    for (number, (pointer, value)) in changes.into_iter().enumerate() {
        let form = form(&holder, &issuer, "a", |claims| {
            *claims.pointer_mut(pointer).unwrap() = value;
        });
        let refused = ask(&holder, &issuer, &form, proof(&format!("r{number}"))).await;
        assert_eq!(
            (refused.0, &refused.1["error"]),
            (400, &json!("invalid_grant")),
            "{pointer}"
        );
    }
    let mut without = form(&holder, &issuer, "a", |_| {});
    without.pop();
    assert_eq!(
        ask(&holder, &issuer, &without, proof("w")).await.1["error"],
        "invalid_client"
    );

    let good = form(&holder, &issuer, "a", |_| {});
    let given = ask(&holder, &issuer, &good, proof("g")).await;
    assert_eq!(
        (given.0, &given.1["token_type"]),
        (200, &json!("DPoP")),
        "{given:?}"
    );
    let again = ask(&holder, &issuer, &good, proof("h")).await;
    assert_eq!(again.0, 401, "the presentation of the client was used before");
    let token = given.1["access_token"].as_str().unwrap();
    let request = holder
        .client
        .post(format!("{issuer}/introspect"))
        .form(&[("token", token)]);
    let found: Value = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(found["cnf"]["jkt"], prover.0.kid());
    let did = &holder.shared.client().did;
    assert_eq!(found["assertions"][did]["user_id"][0]["value"], "900000009");
    assert_eq!(
        found["client_assertions"][did]["organization_ura"][0]["value"],
        "00900900"
    );
    holder.shared.stop().await;
}

#[tokio::test]
async fn a_bound_token_is_of_no_use_without_its_key() {
    let (holder, issuer) = start(HolderAuthorization::Nuts).await;
    let (own, other) = (Prover::new("prover"), Prover::new("thief"));
    let form = nuts(&holder, &issuer, |_| {});
    let proof = own.proof(&holder, "POST", &format!("{issuer}/token"), None, |_| {});
    let given = ask(&holder, &issuer, &form, Some(proof)).await;
    let token = given.1["access_token"].as_str().unwrap().to_owned();
    let url = format!("{}/Condition", holder.base);
    let made = |prover: &Prover, jti: &str, change: &dyn Fn(&mut Value)| {
        Some(prover.proof(&holder, "GET", &url, Some(&token), |claims| {
            claims["jti"] = json!(jti);
            change(claims);
        }))
    };
    let (bound, bearer) = (format!("DPoP {token}"), format!("Bearer {token}"));
    let now = holder.shared.clock().seconds();
    assert_eq!(search(&holder, &bearer, None).await.1, "invalid_token");
    assert_eq!(
        search(&holder, &bearer, made(&own, "b", &|_| {})).await.1,
        "invalid_token"
    );
    assert_eq!(search(&holder, &bound, None).await.1, "invalid_dpop_proof");
    assert_eq!(
        search(&holder, &bound, made(&other, "o", &|_| {})).await.1,
        "invalid_token"
    );
    let changes: [(&str, Value); 6] = [
        ("htm", json!("POST")),
        ("htu", json!(format!("{}/Observation", holder.base))),
        ("ath", json!("other")),
        ("iat", json!(now - 61)),
        ("iat", json!(now + 61)),
        ("jti", json!("")),
    ];
    for (name, value) in changes {
        let proof = made(&own, "c", &|claims| claims[name] = value.clone());
        assert_eq!(
            search(&holder, &bound, proof).await.1,
            "invalid_dpop_proof",
            "{name} {value}"
        );
    }
    let good = made(&own, "d", &|_| {});
    assert_eq!(search(&holder, &bound, good.clone()).await.0, 200);
    assert_eq!(
        search(&holder, &bound, good).await.1,
        "invalid_dpop_proof",
        "replayed"
    );
    holder.shared.stop().await;
}

#[tokio::test]
async fn a_nonce_is_given_and_asked_for() {
    let (holder, issuer) = start(HolderAuthorization::Nuts).await;
    let source = ServiceId::Source(holder.started.addresses[0].ura.clone());
    for service in [service(&holder), source.clone()] {
        holder.shared.faults().set(service, Fault::DpopNonce);
    }
    let own = Prover::new("prover");
    let place = format!("{issuer}/token");
    let asked = |jti: &str, nonce: Option<String>| {
        Some(own.proof(&holder, "POST", &place, None, |claims| {
            claims["jti"] = json!(jti);
            if let Some(nonce) = nonce {
                claims["nonce"] = json!(nonce);
            }
        }))
    };
    let form = nuts(&holder, &issuer, |_| {});
    let (status, body, nonce) = ask(&holder, &issuer, &form, asked("1", None)).await;
    assert_eq!((status, &body["error"]), (400, &json!("use_dpop_nonce")));
    let (_, body, _) = ask(&holder, &issuer, &form, asked("1", Some("guess".to_owned()))).await;
    assert_eq!(body["error"], "use_dpop_nonce");
    let (status, body, _) = ask(&holder, &issuer, &form, asked("1", nonce)).await;
    assert_eq!(status, 200, "{body}");
    let token = body["access_token"].as_str().unwrap();
    let bound = format!("DPoP {token}");
    let url = format!("{}/Condition", holder.base);
    let made = |nonce: Option<&str>| {
        Some(own.proof(&holder, "GET", &url, Some(token), |claims| {
            claims["nonce"] = json!(nonce);
        }))
    };
    let (status, error, nonce) = search(&holder, &bound, made(None)).await;
    assert_eq!((status, error.as_str()), (401, "use_dpop_nonce"));
    assert_eq!(search(&holder, &bound, made(nonce.as_deref())).await.0, 200);
    // After two periods the nonce is another one.
    holder.shared.clock().advance(std::time::Duration::from_secs(120));
    assert_eq!(
        search(&holder, &bound, made(nonce.as_deref())).await.1,
        "use_dpop_nonce"
    );
    holder.shared.faults().set(source, Fault::NonceLoop);
    let (_, error, nonce) = search(&holder, &bound, made(None)).await;
    assert_eq!(error, "use_dpop_nonce");
    assert_eq!(
        search(&holder, &bound, made(nonce.as_deref())).await.1,
        "use_dpop_nonce"
    );
    holder.shared.stop().await;
}

#[tokio::test]
async fn a_holder_says_who_it_is_and_where() {
    let (holder, issuer) = start(HolderAuthorization::Nuts).await;
    let (root, ura) = issuer.split_once("/oauth2/").unwrap();
    let get = async |url: String| -> (u16, Value) {
        let response = holder.client.get(url).send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    };
    let (_, document) = get(format!("{root}/iam/{ura}/did.json")).await;
    let host = root.split_once("://").unwrap().1.replace(':', "%3A");
    assert_eq!(document["id"], format!("did:web:{host}:iam:{ura}"));
    assert_eq!(document["verificationMethod"][0]["publicKeyJwk"]["crv"], "P-256");
    let service = format!("{root}/internal/discovery/v1/360-graden");
    let (_, found) = get(format!("{service}?organization_ura={ura}")).await;
    assert_eq!(found[0]["credential_subject_id"], document["id"]);
    assert_eq!(
        found[0]["registrationParameters"],
        json!({"authServerURL": issuer, "fhir_base_url_r4": holder.base})
    );
    assert_eq!(
        get(format!("{service}?organization_ura=00000001")).await.1,
        json!([])
    );
    assert_eq!(get(format!("{root}/internal/discovery/v1/other")).await.0, 404);
    holder.shared.stop().await;
    // A server of another protocol is no Nuts node.
    let (smart, issuer) = start(HolderAuthorization::SmartBackend).await;
    let url = format!("{issuer}/internal/discovery/v1/360-graden");
    assert_eq!(smart.client.get(url).send().await.unwrap().status(), 404);
    assert!(smart.shared.discovery().find(None).is_empty());
    smart.shared.stop().await;
}

#[tokio::test]
async fn without_tokens_the_source_wants_our_certificate() {
    let (holder, _) = start(HolderAuthorization::Nuts).await;
    let open = Holder::start(FhirVersion::R4, Quirk::Clean, HolderAuthorization::None).await;
    let source = |holder: &Holder| ServiceId::Source(holder.started.addresses[0].ura.clone());
    let wants = |holder: &Holder| holder.shared.wants_certificate(&source(holder));
    assert_eq!((wants(&holder), wants(&open)), (false, true));
    holder.shared.stop().await;
    open.shared.stop().await;
}
