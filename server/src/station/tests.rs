use std::sync::Arc;

use axum::body::{Body, to_bytes};
use http::Request;
use samenhang_station::config::SourceConfig;
use samenhang_station::lift::AsSent;
use samenhang_station::seal::SourceKey;
use samenhang_station::surroundings::System;
use samenhang_station::{Config, Format, Incoming, Station};
use tower::ServiceExt as _;

use super::router;

const NUMBER: &str = "http%3A%2F%2Ffhir.nl%2Ffhir%2FNamingSystem%2Fbsn%7C999990019";

async fn scene() -> (tempfile::TempDir, axum::Router) {
    let folder = tempfile::tempdir().unwrap();
    let mut source = SourceConfig::new("umc".parse().unwrap(), "00000001".parse().unwrap());
    source.key_file = "umc.key".into();
    SourceKey::create(&folder.path().join("umc.key"), &System).unwrap();
    let config = Config {
        sources: vec![source],
        folder: folder.path().to_owned(),
        ..Config::default()
    };
    let station = Station::open(&config, Arc::new(AsSent::default()), Arc::new(System))
        .await
        .unwrap();
    let observation = |id: &str, code: &str| {
        format!(
            r#"{{"resource":{{"resourceType":"Observation","id":"{id}","status":"final","code":{{"coding":[{{"system":"http://loinc.org","code":"{code}"}}]}},"subject":{{"reference":"Patient/p"}}}}}}"#
        )
    };
    let body = format!(
        r#"{{"resourceType":"Bundle","type":"collection","entry":[{{"resource":{{"resourceType":"Patient","id":"p","identifier":[{{"system":"http://fhir.nl/fhir/NamingSystem/bsn","value":"999990019"}}]}}}},{},{},{}]}}"#,
        observation("a", "2951-2"),
        observation("b", "2823-3"),
        observation("c", "2951-2"),
    );
    let incoming = Incoming {
        external: "m".to_owned(),
        format: Format::FhirR4,
        body: body.into(),
        clock: None,
    };
    let source = "umc".parse().unwrap();
    station.accept(&source, incoming).await.unwrap();
    station.work(&source).await.unwrap();
    (folder, router(Arc::new(station)))
}

async fn ask(router: &axum::Router, request: Request<Body>) -> (u16, String) {
    let answer = router.clone().oneshot(request).await.unwrap();
    let status = answer.status().as_u16();
    let body = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

fn get(path: &str) -> Request<Body> {
    Request::get(path).body(Body::empty()).unwrap()
}

fn post(path: &str, form: &str) -> Request<Body> {
    Request::post(path)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(form.to_owned()))
        .unwrap()
}

/// The ids in a Bundle, in order.
fn ids(body: &str) -> Vec<String> {
    let bundle: serde_json::Value = serde_json::from_str(body).unwrap();
    let entries = bundle["entry"].as_array().cloned().unwrap_or_default();
    entries
        .iter()
        .map(|entry| entry["resource"]["id"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_patients_resources_are_found_by_number_and_by_record() {
    let (_folder, router) = scene().await;
    let (status, body) = ask(
        &router,
        post("/umc/fhir/R4/Patient/_search", &format!("identifier={NUMBER}")),
    )
    .await;
    assert_eq!((status, ids(&body)), (200, vec!["p".to_owned()]));
    let cases = [
        (format!("patient.identifier={NUMBER}"), vec!["a", "b", "c"]),
        ("patient=Patient/p".to_owned(), vec!["a", "b", "c"]),
        (
            "patient=p&code=http%3A%2F%2Floinc.org%7C2951-2".to_owned(),
            vec!["a", "c"],
        ),
        ("patient=p&code=2823-3&status=final".to_owned(), vec!["b"]),
        ("patient=p&status=amended".to_owned(), vec![]),
        ("patient=p&_id=c".to_owned(), vec!["c"]),
        ("patient=q".to_owned(), vec![]),
    ];
    for (form, expected) in cases {
        let (status, body) = ask(&router, post("/umc/fhir/R4/Observation/_search", &form)).await;
        assert_eq!(
            (status, ids(&body)),
            (200, expected.into_iter().map(str::to_owned).collect()),
            "{form}"
        );
    }
}

#[tokio::test]
async fn pages_follow_each_other_without_a_number_in_their_address() {
    let (_folder, router) = scene().await;
    let form = format!("patient.identifier={NUMBER}&_count=2");
    let (_, body) = ask(&router, post("/umc/fhir/R4/Observation/_search", &form)).await;
    assert_eq!(ids(&body), ["a", "b"]);
    let bundle: serde_json::Value = serde_json::from_str(&body).unwrap();
    let next = bundle["link"][0]["url"].as_str().unwrap();
    assert!(!next.contains("999990019"));
    let (status, body) = ask(&router, get(next)).await;
    assert_eq!((status, ids(&body)), (200, vec!["c".to_owned()]));
    assert!(!body.contains("\"link\""));
}

#[tokio::test]
async fn what_is_not_understood_is_refused() {
    let (_folder, router) = scene().await;
    let by_number = format!("/umc/fhir/R4/Patient?identifier={NUMBER}");
    for (request, expected) in [
        (get(&by_number), 400),
        (get("/umc/fhir/R4/Observation"), 400),
        (get("/umc/fhir/R4/Observation?patient=p&_has=x"), 400),
        (get("/umc/fhir/R4/Observation?patient=p&patient=q"), 400),
        (get("/umc/fhir/R4/Observation/zz"), 404),
        (get("/other/fhir/R4/Patient/p"), 404),
        (get("/umc/fhir/R4/Patient/p"), 200),
        (get("/umc/fhir/R4/Patient/p/_history/1"), 200),
        (get("/umc/fhir/R4/Patient/p/_history/2"), 404),
        (get("/umc/fhir/R4/metadata"), 200),
    ] {
        let path = request.uri().path().to_owned();
        let (status, body) = ask(&router, request).await;
        assert_eq!(status, expected, "{path}");
        assert!(status == 200 || !body.contains("999990019"));
    }
}
