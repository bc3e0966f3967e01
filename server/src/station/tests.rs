use std::sync::Arc;

use axum::body::{Body, to_bytes};
use http::Request;
use samenhang_gather::clock::SystemClock;
use samenhang_profiles::{FhirVersion, Limits, xml};
use samenhang_station::config::SourceConfig;
use samenhang_station::lift::ByFormat;
use samenhang_station::seal::SourceKey;
use samenhang_station::surroundings::System;
use samenhang_station::{Config, Format, Incoming, Station};
use tower::ServiceExt as _;

use super::{Gate, router};

const NUMBER: &str = "http%3A%2F%2Ffhir.nl%2Ffhir%2FNamingSystem%2Fbsn%7C999990019";

/// A station with one message of a source.
async fn station(format: Format, body: String) -> (tempfile::TempDir, axum::Router) {
    let folder = tempfile::tempdir().unwrap();
    let mut source = SourceConfig::new("umc".parse().unwrap(), "00000001".parse().unwrap());
    source.key_file = "umc.key".into();
    SourceKey::create(&folder.path().join("umc.key"), &System).unwrap();
    let config = Config {
        sources: vec![source],
        folder: folder.path().to_owned(),
        ..Config::default()
    };
    let station = Station::open(&config, Arc::new(ByFormat::default()), Arc::new(System))
        .await
        .unwrap();
    let incoming = Incoming {
        external: "m".to_owned(),
        format,
        body: body.into(),
        clock: None,
    };
    let source = "umc".parse().unwrap();
    station.accept(&source, incoming).await.unwrap();
    station.work(&source).await.unwrap();
    let clock = Arc::new(SystemClock);
    (folder, router(Arc::new(station), Gate::Open, "http://s", clock))
}

async fn scene() -> (tempfile::TempDir, axum::Router) {
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
    station(Format::FhirR4, body).await
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

fn strict(path: &str) -> Request<Body> {
    Request::get(path)
        .header("prefer", "handling=strict")
        .body(Body::empty())
        .unwrap()
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
        (get("/umc/fhir/R4/Observation?patient=p&_has=x"), 200),
        (strict("/umc/fhir/R4/Observation?patient=p&_has=x"), 400),
        (get("/umc/fhir/R5/Patient/p"), 404),
        (get("/umc/fhir/R4/Nonsense?patient=p"), 404),
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

/// As a source of STU3 wrote it, with blanks that no map would make.
const ALLERGY: &str = r#"{"resourceType":  "AllergyIntolerance","id":"a","clinicalStatus":"active","verificationStatus":"confirmed","code":{"coding":[{"system":"http://snomed.info/sct","code":"373270004"}]},"patient":{"reference":"Patient/p"}}"#;

async fn scene_of_stu3(is_xml: bool) -> (tempfile::TempDir, axum::Router) {
    let bundle = format!(
        r#"{{"resourceType":"Bundle","type":"collection","entry":[{{"resource":{{"resourceType":"Patient","id":"p","identifier":[{{"system":"http://fhir.nl/fhir/NamingSystem/bsn","value":"999990019"}}]}}}},{{"resource":{ALLERGY}}},{{"resource":{{"resourceType":"ProcedureRequest","id":"r","status":"active","intent":"order","code":{{"coding":[{{"system":"http://snomed.info/sct","code":"40617009"}}]}},"subject":{{"reference":"Patient/p"}}}}}}]}}"#
    );
    let body = if is_xml {
        xml::from_json(bundle.as_bytes(), FhirVersion::Stu3, &Limits::default()).unwrap()
    } else {
        bundle
    };
    station(Format::FhirStu3, body).await
}

#[tokio::test]
async fn a_client_of_the_source_s_own_version_gets_what_the_source_sent() {
    let (_folder, router) = scene_of_stu3(false).await;
    let (status, body) = ask(&router, get("/umc/fhir/STU3/AllergyIntolerance/a")).await;
    assert_eq!((status, body.as_str()), (200, ALLERGY));
    let (status, body) = ask(&router, get("/umc/fhir/STU3/AllergyIntolerance?patient=p")).await;
    assert_eq!((status, ids(&body)), (200, vec!["a".to_owned()]));
    assert!(body.contains(ALLERGY), "{body}");
    let (_, lifted) = ask(&router, get("/umc/fhir/R4/AllergyIntolerance/a")).await;
    assert!(
        lifted.contains("allergyintolerance-clinical") && !lifted.contains("\"clinicalStatus\":\"active\""),
        "{lifted}"
    );
    // What has another name in R4 has its own in STU3.
    for (version, kind, other) in [
        ("STU3", "ProcedureRequest", "ServiceRequest"),
        ("R4", "ServiceRequest", "ProcedureRequest"),
    ] {
        let (status, body) = ask(&router, get(&format!("/umc/fhir/{version}/{kind}/r"))).await;
        assert_eq!(status, 200, "{body}");
        assert!(body.contains(kind));
        let (_, body) = ask(&router, get(&format!("/umc/fhir/{version}/{kind}?patient=p"))).await;
        assert_eq!(ids(&body), ["r"]);
        let (status, _) = ask(&router, get(&format!("/umc/fhir/{version}/{other}/r"))).await;
        assert_eq!(status, 404, "{version} {other}");
    }
    let (_folder_of_xml, of_xml) = scene_of_stu3(true).await;
    let (status, body) = ask(&of_xml, get("/umc/fhir/STU3/AllergyIntolerance/a")).await;
    let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    assert_eq!((status, read(&body)), (200, read(ALLERGY)));
}

#[tokio::test]
async fn what_came_in_r4_is_made_stu3_and_read_in_xml_too() {
    let (_folder, router) = scene().await;
    let (status, body) = ask(&router, get("/umc/fhir/STU3/Observation?patient=p&_count=2")).await;
    assert_eq!((status, ids(&body)), (200, vec!["a".to_owned(), "b".to_owned()]));
    let bundle: serde_json::Value = serde_json::from_str(&body).unwrap();
    let next = bundle["link"][0]["url"].as_str().unwrap();
    let (_, body) = ask(&router, get(next)).await;
    assert_eq!(ids(&body), ["c"]);
    let asked = Request::get("/umc/fhir/R4/Observation/a").header("accept", "application/fhir+xml");
    let (status, body) = ask(&router, asked.body(Body::empty()).unwrap()).await;
    assert_eq!(status, 200);
    assert!(body.starts_with("<Observation"), "{body}");
}

#[tokio::test]
async fn what_is_referred_to_comes_along_and_the_latest_are_told_from_the_others() {
    let observation = |id: &str, day: u8| {
        format!(
            r#"{{"resource":{{"resourceType":"Observation","id":"{id}","status":"final","code":{{"coding":[{{"system":"http://loinc.org","code":"2951-2"}}]}},"effectiveDateTime":"2026-01-0{day}","subject":{{"reference":"Patient/p"}},"performer":[{{"reference":"Practitioner/d"}}]}}}}"#
        )
    };
    let body = format!(
        r#"{{"resourceType":"Bundle","type":"collection","entry":[{{"resource":{{"resourceType":"Patient","id":"p","identifier":[{{"system":"http://fhir.nl/fhir/NamingSystem/bsn","value":"999990019"}}]}}}},{{"resource":{{"resourceType":"Practitioner","id":"d","name":[{{"family":"Arts"}}]}}}},{},{},{{"resource":{{"resourceType":"Provenance","id":"v","target":[{{"reference":"Observation/b"}}],"recorded":"2026-01-02T10:00:00Z","agent":[{{"who":{{"reference":"Practitioner/d"}}}}]}}}}]}}"#,
        observation("a", 1),
        observation("b", 2)
    );
    let (_folder, router) = station(Format::FhirR4, body).await;
    let cases = [
        ("/umc/fhir/R4/Observation/$lastn?patient=p", vec!["b"]),
        ("/umc/fhir/R4/Observation?patient=p", vec!["a", "b"]),
        (
            "/umc/fhir/R4/Observation?patient=p&_include=Observation:performer",
            vec!["a", "b", "d"],
        ),
        (
            "/umc/fhir/R4/Observation?patient=p&_revinclude=Provenance:target&_count=1&_after=a",
            vec!["b", "v"],
        ),
        ("/umc/fhir/R4/Observation?patient=p&date=gt2026-01-01", vec!["b"]),
    ];
    for (path, expected) in cases {
        let (status, body) = ask(&router, get(path)).await;
        let expected: Vec<String> = expected.into_iter().map(str::to_owned).collect();
        assert_eq!((status, ids(&body)), (200, expected), "{path}: {body}");
    }
}
