//! Transport faults seen from a client.

use std::time::Duration;

use axum::Router;
use axum::routing::get;

use super::{ClientCertificate, Shared, serve};
use crate::faults::{Fault, ServiceId};
use crate::holder::TestbedConfig;
use crate::testing;

async fn start(tls: bool) -> (Shared, String) {
    let shared = Shared::new(&TestbedConfig {
        tls,
        ..TestbedConfig::default()
    })
    .unwrap();
    let body = format!(r#"{{"a":"{}"}}"#, "x".repeat(200));
    let router = Router::new().route("/x", get(move || async move { body })).route(
        "/who",
        get(async |certificate: Option<axum::Extension<ClientCertificate>>| {
            certificate.map(|found| found.0.fingerprint).unwrap_or_default()
        }),
    );
    let served = serve(ServiceId::Nvi, router, &shared).await.unwrap();
    (shared, served.url)
}

#[tokio::test]
async fn a_client_certificate_is_demanded_and_shown() {
    let (shared, url) = start(true).await;
    let client = testing::client(&shared);
    let who = client
        .get(format!("{url}/who"))
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert_eq!(who, shared.client().client_cert_fingerprint);
    let anonymous = testing::client_without_certificate(&shared);
    assert!(anonymous.get(format!("{url}/who")).send().await.is_err());
    shared.stop().await;
}

#[tokio::test]
async fn faults_of_the_transport_are_applied_and_journalled() {
    let (shared, url) = start(false).await;
    let client = testing::client(&shared);
    let target = format!("{url}/x?q=1");
    let ask = async |fault: Fault| {
        shared.faults().set(ServiceId::Nvi, fault);
        client.get(&target).send().await
    };

    let answer = ask("status:429:7".parse().unwrap()).await.unwrap();
    assert_eq!(
        (
            answer.status().as_u16(),
            answer.headers()["retry-after"].to_str().unwrap()
        ),
        (429, "7")
    );
    assert!(ask(Fault::Reset).await.is_err());
    assert!(ask(Fault::Truncate).await.unwrap().bytes().await.is_err());
    let malformed = ask(Fault::Malformed).await.unwrap().text().await.unwrap();
    assert!(serde_json::from_str::<serde_json::Value>(&malformed).is_err());
    let html = ask(Fault::HtmlPage).await.unwrap();
    assert!(
        html.headers()["content-type"]
            .to_str()
            .unwrap()
            .starts_with("text/html")
    );
    let away = ask("redirect:http://192.0.2.1/".parse().unwrap()).await.unwrap();
    assert_eq!(
        (
            away.status().as_u16(),
            away.headers()["location"].to_str().unwrap()
        ),
        (302, "http://192.0.2.1/")
    );
    assert!(
        ask(Fault::EmptyBody)
            .await
            .unwrap()
            .bytes()
            .await
            .unwrap()
            .is_empty()
    );
    let bomb = ask(Fault::GzipBomb).await.unwrap();
    assert_eq!(bomb.headers()["content-encoding"], "gzip");
    assert!(bomb.bytes().await.unwrap().len() < 1 << 20);
    assert!(ask(Fault::Latency(1)).await.unwrap().status().is_success());

    let journal = shared.journal().of(&ServiceId::Nvi);
    assert_eq!(journal.len(), 9);
    assert_eq!(
        (journal[0].status, journal[0].fault.as_str()),
        (429, "status:429:7")
    );
    assert_eq!((journal[1].status, journal[1].query.as_str()), (0, "q=1"));
    shared.stop().await;
}

#[tokio::test]
async fn a_reset_ends_a_shared_connection_too() {
    let (shared, url) = start(true).await;
    let client = testing::client(&shared);
    let target = format!("{url}/x");
    assert_eq!(
        client.get(&target).send().await.unwrap().version(),
        reqwest::Version::HTTP_2
    );
    shared
        .faults()
        .set(ServiceId::Nvi, "reset*1".parse::<crate::FaultSpec>().unwrap());
    assert!(client.get(&target).send().await.is_err());
    assert!(client.get(&target).send().await.unwrap().status().is_success());
    shared.stop().await;
}

#[tokio::test]
async fn a_hanging_service_lets_go_when_the_testbed_stops() {
    let (shared, url) = start(false).await;
    shared.faults().set(ServiceId::Nvi, Fault::Hang);
    let client = testing::client(&shared);
    let waiting = tokio::spawn(client.get(format!("{url}/x")).send());
    while shared.journal().last() == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    shared.stop().await;
    assert!(waiting.await.unwrap().is_err());
}

#[tokio::test]
async fn endless_bodies_start_and_can_be_left() {
    let (shared, url) = start(false).await;
    let client = testing::client(&shared);
    for fault in [Fault::HugeBody, Fault::SlowLoris] {
        shared.faults().set(ServiceId::Nvi, fault);
        let mut answer = client.get(format!("{url}/x")).send().await.unwrap();
        assert!(answer.chunk().await.unwrap().is_some());
    }
    shared.stop().await;
}
