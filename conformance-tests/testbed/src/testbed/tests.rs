//! The simulated country as a whole.

use std::collections::BTreeSet;

use samenhang_profiles::Bsn;
use serde_json::{Value, json};

use super::Testbed;
use crate::holder::{HolderSpec, TestbedConfig};
use crate::keys::base64url;
use crate::prs::oprf::{Blind, Element, personal_input};
use crate::testing;
use crate::{Generation, patients};

#[tokio::test]
async fn the_demo_country_starts_with_tls_and_stops() {
    let testbed = Testbed::start(TestbedConfig::default()).await.unwrap();
    let holders: BTreeSet<&str> = testbed
        .reports()
        .iter()
        .map(|report| report.ura.as_str())
        .collect();
    assert_eq!(holders.len(), patients::holders().len());
    assert!(
        testbed
            .addresses()
            .sources
            .iter()
            .all(|source| source.base.starts_with("https://"))
    );
    assert!(testbed.addresses().dezi.starts_with("http://"));
    for (number, known) in [(patients::P1, true), (patients::P5, true), (patients::P6, false)] {
        assert_eq!(
            testbed.patients().contains(&Bsn::parse(number).unwrap()),
            known,
            "{number}"
        );
    }
    // Every source answers its CapabilityStatement over TLS.
    let http = testing::client(&testbed.shared);
    for source in &testbed.addresses().sources {
        let answer = http
            .get(format!("{}/metadata", source.base))
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status().as_u16(), 200);
    }
    let off = format!("{}/Endpoint", testbed.addresses().lrza);
    let page: Value = http.get(off).send().await.unwrap().json().await.unwrap();
    assert_eq!(page["type"], "searchset");
    assert_eq!(
        testbed.services().lrza.get("Endpoint", "ep-00700706-r4").unwrap()["status"],
        "off",
        "P5"
    );
    let address = testbed.addresses().nvi.trim_start_matches("https://").to_owned();
    testbed.stop().await;
    assert!(
        tokio::net::TcpStream::connect(address).await.is_err(),
        "nothing listens any more"
    );
}

#[tokio::test]
async fn a_patient_is_localised_over_mutual_tls() {
    let testbed = Testbed::start(TestbedConfig::default()).await.unwrap();
    let http = testing::client(&testbed.shared);
    let at = testbed.addresses();
    let token = async |scope: &str, organisation: &str, audience: &str| {
        let form = [
            ("grant_type", "client_credentials"),
            ("scope", scope),
            ("organization_id", organisation),
            ("target_audience", audience),
        ];
        let asked = http
            .post(format!("{}/oauth/token", at.oauth))
            .form(&form)
            .send()
            .await
            .unwrap();
        let answer: Value = asked.json().await.unwrap();
        answer["access_token"].as_str().unwrap().to_owned()
    };
    let input = personal_input(patients::P1, "oin:00000099000000001000|nvi|v1").unwrap();
    let blind = Blind::random(&mut crate::keys::rng(1, "test"));
    let blinded = Element::hash(&input).unwrap().times(&blind);
    let evaluated: Value = http
        .post(format!("{}/oprf/eval", at.prs))
        .bearer_auth(token("prs:read", &testbed.client().oin, &at.prs).await)
        .json(&json!({"encryptedPersonalId": base64url(&blinded.to_bytes()),
            "recipientOrganization": "oin:00000099000000001000", "recipientScope": "nvi"}))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let found: Value = http
        .post(format!("{}/localize", at.nvi))
        .bearer_auth(token("nvi:localize", "00900900", &at.nvi).await)
        .json(&json!({"pseudonym": evaluated["jwe"], "oprf_key": base64url(&blind.to_bytes())}))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let holders = found.as_array().unwrap();
    assert!(holders.len() >= 4, "P1 has at least four holders");
    assert!(testbed.journal().heads_with(patients::P1).is_empty());
    assert!(testbed.journal().bodies_with(patients::P1).is_empty());
    testbed.stop().await;
}

#[tokio::test]
async fn the_index_leaves_out_who_did_not_register() {
    let testbed = Testbed::start(TestbedConfig {
        tls: false,
        ..TestbedConfig::default()
    })
    .await
    .unwrap();
    let registered: usize = testbed.reports().iter().map(|report| report.registered).sum();
    assert_eq!(testbed.services().nvi.registrations(), registered);
    let bridge = testbed
        .reports()
        .iter()
        .find(|report| report.ura.as_str() == patients::UNREGISTERED)
        .unwrap();
    let before = testbed.services().nvi.registrations();
    testbed.services().nvi.forget(&bridge.ura);
    assert_eq!(before - testbed.services().nvi.registrations(), bridge.registered);
    testbed.stop().await;
}

#[tokio::test]
async fn the_same_seed_gives_the_same_country() {
    let start = async |seed| {
        let testbed = Testbed::start(TestbedConfig {
            seed,
            tls: false,
            own_patients: false,
            generation: Generation::B,
            holders: vec![HolderSpec::new("00700799".parse().unwrap(), "Leeg", "Z3")],
            ..TestbedConfig::default()
        })
        .await
        .unwrap();
        let material = testbed.client().clone();
        testbed.stop().await;
        material
    };
    let (first, second, other) = (start(7).await, start(7).await, start(8).await);
    assert_eq!(first.client_cert_pem, second.client_cert_pem);
    assert_eq!(first.signing_key_es256_pem, second.signing_key_es256_pem);
    assert_eq!(first.smart_key_es384_pem, second.smart_key_es384_pem);
    assert_ne!(first.client_cert_pem, other.client_cert_pem);
}

#[tokio::test]
async fn a_port_that_is_taken_is_said_and_leaves_nothing_behind() {
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let started = Testbed::start(TestbedConfig {
        tls: false,
        own_patients: false,
        first_port: Some(taken.local_addr().unwrap().port()),
        ..TestbedConfig::default()
    })
    .await;
    assert_eq!(started.err().map(|error| error.code()), Some("SAM-TST-001"));
}
