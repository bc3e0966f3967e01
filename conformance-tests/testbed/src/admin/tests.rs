//! The control interface of a whole testbed.

use serde_json::{Value, json};

use crate::{Testbed, TestbedConfig};

async fn start() -> (Testbed, reqwest::Client, String) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let testbed = Testbed::start(TestbedConfig {
        tls: false,
        own_patients: false,
        ..TestbedConfig::default()
    })
    .await
    .unwrap();
    let admin = format!("{}/admin", testbed.addresses().admin);
    let http = reqwest::Client::builder()
        .no_proxy()
        .tls_certs_only([])
        .build()
        .unwrap();
    (testbed, http, admin)
}

#[tokio::test]
async fn faults_clock_and_journal_are_reached_from_outside() {
    let (testbed, http, admin) = start().await;
    let post = async |page: &str, body: Value| {
        let answer = http
            .post(format!("{admin}/{page}"))
            .json(&body)
            .send()
            .await
            .unwrap();
        answer.status().as_u16()
    };
    let get = async |page: &str| -> Value {
        http.get(format!("{admin}/{page}"))
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap()
    };
    assert_eq!(
        post("faults", json!({"service": "nvi", "fault": "status:503"})).await,
        204
    );
    assert_eq!(
        post(
            "faults",
            json!({"service": "nvi", "fault": "latency:1", "add": true})
        )
        .await,
        204
    );
    assert_eq!(
        post("faults", json!({"service": "nvi", "fault": "else"})).await,
        400
    );
    assert_eq!(get("faults").await.as_array().unwrap().len(), 2);
    let health = format!("{}/health", testbed.addresses().nvi);
    assert_eq!(http.get(&health).send().await.unwrap().status().as_u16(), 503);
    assert_eq!(
        http.delete(format!("{admin}/faults?service=nvi"))
            .send()
            .await
            .unwrap()
            .status()
            .as_u16(),
        204
    );
    assert_eq!(http.get(&health).send().await.unwrap().status().as_u16(), 200);
    let journal = get("journal?service=nvi&path=health").await;
    assert_eq!(
        (&journal["total"], &journal["entries"][0]["status"]),
        (&json!(2), &json!(503))
    );
    assert_eq!(
        post(
            "clock",
            json!({"set": "2031-01-01T00:00:00Z", "advance_seconds": 60})
        )
        .await,
        200
    );
    assert!(testbed.clock().now().to_string().starts_with("2031-01-01T00:01"));
    assert_eq!(get("addresses").await["nvi"], testbed.addresses().nvi.as_str());
    assert_eq!(get("client").await["ura"], "00900900");
    testbed.stop().await;
}

#[tokio::test]
async fn national_services_are_changed_from_outside() {
    let (testbed, http, admin) = start().await;
    let post = async |page: &str, body: Value| {
        let answer = http
            .post(format!("{admin}/{page}"))
            .json(&body)
            .send()
            .await
            .unwrap();
        answer.status().as_u16()
    };
    assert_eq!(post("mitz", json!({"behaviour": "soap-fault"})).await, 204);
    assert_eq!(post("mitz", json!({"behaviour": "else"})).await, 400);
    let rule = json!({"patient": "999990019", "category": "GGC013", "decision": "Deny"});
    assert_eq!(post("mitz/rules", rule).await, 204);
    assert_eq!(
        post("mitz/rules", json!({"patient": "123", "decision": "Deny"})).await,
        400
    );
    let nobody = json!({"patient": "999990019", "permitted": false});
    assert_eq!(post("mitz/notify", nobody).await, 400, "nobody subscribed");
    let change = json!({"type": "Organization", "id": "org-ended", "members": {"active": true}});
    assert_eq!(post("lrza", change).await, 200);
    let stored = testbed.services().lrza.get("Organization", "org-ended").unwrap();
    assert_eq!(
        (&stored["active"], &stored["meta"]["versionId"]),
        (&json!(true), &json!("2"))
    );
    assert_eq!(
        post("lrza", json!({"type": "Organization", "id": "none"})).await,
        400
    );
    assert_eq!(
        post(
            "dezi",
            json!({"mode": "revoked", "user": "stranger", "userinfo": "signed"})
        )
        .await,
        204
    );
    assert_eq!(
        post("nvi", json!({"enforce_exp": false, "single_use": false})).await,
        204
    );
    assert_eq!(post("prs/rotate", json!({})).await, 200);
    testbed.stop().await;
}
