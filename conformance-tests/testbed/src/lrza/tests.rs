//! The directory over HTTP.

use serde_json::{Value, json};

use super::{DataEndpoint, Listing, Lrza};
use crate::clock::SimClock;
use crate::faults::ServiceId;
use crate::holder::{HolderAuthorization, TestbedConfig};
use crate::net::{Shared, bind};
use crate::testing;
use samenhang_profiles::FhirVersion;

fn listings(count: usize) -> Vec<Listing> {
    (0..count)
        .map(|at| Listing {
            ura: format!("007007{at:02}").parse().unwrap(),
            name: format!("Holder {at}"),
            facility_type: "Z3".to_owned(),
            endpoints: vec![DataEndpoint {
                fhir: FhirVersion::R4,
                base: format!("http://127.0.0.1:1/{at}"),
                xml: false,
            }],
            authorization: HolderAuthorization::SmartBackend,
            authorization_server: Some(format!("http://127.0.0.1:2/{at}")),
            off: at == 2,
        })
        .collect()
}

async fn start() -> (Shared, Lrza, String) {
    let shared = Shared::new(&TestbedConfig {
        tls: false,
        clock: SimClock::frozen("2026-09-01T08:00:00Z".parse().unwrap()),
        ..TestbedConfig::default()
    })
    .unwrap();
    let bound = bind(ServiceId::Lrza, &shared).await.unwrap();
    let lrza = Lrza::new(&shared, bound.url());
    lrza.fill(&listings(7));
    let served = bound.serve(lrza.router());
    (shared, lrza, served.url)
}

async fn get(shared: &Shared, url: &str) -> (u16, Value) {
    let answer = testing::client(shared).get(url).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

/// Every resource of a load, page by page.
async fn load(shared: &Shared, url: &str) -> Vec<Value> {
    let mut found = Vec::new();
    let mut next = Some(url.to_owned());
    while let Some(url) = next {
        let (status, page) = get(shared, &url).await;
        assert_eq!(status, 200);
        found.extend(
            page["entry"]
                .as_array()
                .unwrap()
                .iter()
                .map(|entry| entry["resource"].clone()),
        );
        next = page["link"]
            .as_array()
            .unwrap()
            .iter()
            .find(|link| link["relation"] == "next")
            .and_then(|link| link["url"].as_str().map(str::to_owned));
    }
    found
}

#[tokio::test]
async fn everything_is_loaded_in_pages_and_nothing_is_matched() {
    let (shared, _, url) = start().await;
    let organizations = load(&shared, &format!("{url}/Organization")).await;
    assert_eq!(organizations.len(), 16);
    let endpoints = load(&shared, &format!("{url}/Endpoint")).await;
    assert_eq!(
        endpoints
            .iter()
            .filter(|endpoint| endpoint["status"] == "off")
            .count(),
        2
    );
    assert!(
        endpoints
            .iter()
            .any(|endpoint| endpoint["period"]["end"].is_string())
    );
    assert_eq!(
        endpoints
            .iter()
            .filter(|endpoint| endpoint["address"] == "http://127.0.0.1:1/1")
            .count(),
        2
    );
    assert_eq!(
        get(&shared, &format!("{url}/Organization?identifier=x")).await.0,
        400
    );
    assert_eq!(get(&shared, &format!("{url}/Patient")).await.0, 404);
    shared.stop().await;
}

#[tokio::test]
async fn history_gives_what_changed_since() {
    let (shared, lrza, url) = start().await;
    let since = "2026-09-01T08:00:00Z";
    let changes = format!("{url}/Endpoint/_history?_since={since}&_count=1");
    assert!(load(&shared, &changes).await.is_empty());
    lrza.patch("Endpoint", "ep-00700700-r4", &json!({"status": "off"}))
        .unwrap();
    lrza.patch(
        "Endpoint",
        "ep-00700700-r4",
        &json!({"status": "active", "period": null}),
    )
    .unwrap();
    let versions = load(&shared, &changes).await;
    let statuses: Vec<&str> = versions
        .iter()
        .filter_map(|version| version["status"].as_str())
        .collect();
    assert_eq!(statuses, ["active", "off"], "newest first");
    assert_eq!(versions[0]["meta"]["versionId"], "3");
    assert!(versions[0].get("period").is_none());
    let (_, page) = get(&shared, &changes).await;
    assert_eq!(page["entry"][0]["response"]["etag"], "W/\"3\"");
    shared.stop().await;
}

#[tokio::test]
async fn a_change_can_come_during_a_load() {
    let (shared, lrza, url) = start().await;
    lrza.patch_during_load("Organization", "org-00700700", &json!({"name": "Changed"}))
        .unwrap();
    let loaded = load(&shared, &format!("{url}/Organization")).await;
    assert_eq!(loaded[0]["name"], "Holder 0");
    let changed = load(
        &shared,
        &format!("{url}/Organization/_history?_since=2026-09-01T08:00:00Z"),
    )
    .await;
    assert_eq!(changed[0]["name"], "Changed");
    shared.stop().await;
}

#[tokio::test]
async fn an_update_demands_the_current_version() {
    let (shared, _, url) = start().await;
    let http = testing::client(&shared);
    let target = format!("{url}/Organization/org-00700700");
    let (_, mut resource) = get(&shared, &target).await;
    resource["name"] = json!("New name");
    let put = async |tag: Option<&str>| {
        let mut request = http.put(&target).body(resource.to_string());
        if let Some(tag) = tag {
            request = request.header("if-match", tag);
        }
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(put(None).await, 412);
    assert_eq!(put(Some("W/\"9\"")).await, 412);
    assert_eq!(put(Some("W/\"1\"")).await, 200);
    assert_eq!(put(Some("W/\"1\"")).await, 412);
    assert_eq!(get(&shared, &target).await.1["name"], "New name");
    assert_eq!(http.delete(&target).send().await.unwrap().status().as_u16(), 405);
    shared.stop().await;
}
