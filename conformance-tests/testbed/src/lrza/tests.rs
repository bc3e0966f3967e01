//! The directory over HTTP.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::{Value, json};

use super::provenance::canonical;
use super::{DataEndpoint, Listing, Lrza};
use crate::client::client_key;
use crate::clock::SimClock;
use crate::faults::ServiceId;
use crate::holder::{HolderAuthorization, TestbedConfig};
use crate::keys::{base64_any, base64url};
use crate::net::{Shared, bind};
use crate::testing;
use crate::tls::uzi_server_name;
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
    lrza.fill(&listings(7)).unwrap();
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

/// Whether a Provenance is signed over a resource, with the key of the client, by who it says.
fn fits(shared: &Shared, origin: &Value, resource: &Value) -> bool {
    let signature = &origin["signature"][0];
    assert_eq!(signature["who"], origin["agent"][0]["who"]);
    let data = STANDARD.decode(signature["data"].as_str().unwrap()).unwrap();
    let jws = String::from_utf8(data).unwrap();
    let (head, seal) = jws.split_once("..").unwrap();
    let header: Value = serde_json::from_slice(&base64_any(head).unwrap()).unwrap();
    assert_eq!(
        header["canon"],
        "http://hl7.org/fhir/canonicalization/json#static"
    );
    assert_eq!(
        (&header["sigT"], &origin["recorded"]),
        (&signature["when"], &signature["when"])
    );
    let certificate = STANDARD.decode(header["x5c"][0].as_str().unwrap()).unwrap();
    let ura = signature["who"]["identifier"]["value"].as_str().unwrap();
    let name = uzi_server_name(ura);
    assert!(
        certificate
            .windows(name.len())
            .any(|part| part == name.as_bytes())
    );
    let message = format!("{head}.{}", base64url(canonical(resource).as_bytes()));
    let key = client_key(shared.seed()).unwrap().jwk("sig", "RS256");
    let key = DecodingKey::from_rsa_components(key["n"].as_str().unwrap(), key["e"].as_str().unwrap());
    jsonwebtoken::crypto::verify(seal, message.as_bytes(), &key.unwrap(), Algorithm::RS256).unwrap()
}

#[tokio::test]
async fn every_holder_has_signed_its_mandate() {
    let (shared, lrza, url) = start().await;
    let origins = load(&shared, &format!("{url}/Provenance")).await;
    assert_eq!(origins.len(), 7);
    for origin in &origins {
        let target = origin["target"][0]["reference"].as_str().unwrap();
        let (status, mandate) = get(&shared, &format!("{url}/{target}")).await;
        assert_eq!(status, 200);
        assert!(fits(&shared, origin, &mandate), "{target}");
    }
    // A change of a mandate is signed too, and both histories show it.
    lrza.patch(
        "OrganizationAffiliation",
        "aff-00700700",
        &json!({"active": false}),
    )
    .unwrap();
    let changed = async |kind: &str| {
        load(
            &shared,
            &format!("{url}/{kind}/_history?_since=2026-09-01T08:00:00Z"),
        )
        .await
    };
    let (mandates, signed) = (
        changed("OrganizationAffiliation").await,
        changed("Provenance").await,
    );
    assert_eq!((mandates.len(), signed.len()), (1, 1));
    assert_eq!(signed[0]["meta"]["versionId"], "2");
    assert!(fits(&shared, &signed[0], &mandates[0]));
    assert!(
        !fits(&shared, &origins[0], &mandates[0]),
        "the older one does not fit"
    );
    // What is not a mandate is not signed.
    lrza.patch("Endpoint", "ep-00700700-r4", &json!({"status": "off"}))
        .unwrap();
    assert_eq!(changed("Provenance").await.len(), 1);
    shared.stop().await;
}

#[test]
fn what_is_signed_has_no_meta_and_no_narrative() {
    let resource = json!({"resourceType": "Organization", "id": "a", "meta": {"versionId": "1"}, "active": true,
        "text": {"status": "generated", "div": "<div/>"}, "type": [{"text": "zorg"}]});
    assert_eq!(
        canonical(&resource),
        r#"{"active":true,"id":"a","resourceType":"Organization","type":[{"text":"zorg"}]}"#
    );
}
