//! The simulated country as a whole.

use std::collections::BTreeSet;

use samenhang_profiles::Bsn;
use serde_json::Value;

use super::Testbed;
use crate::holder::{HolderSpec, TestbedConfig};
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
