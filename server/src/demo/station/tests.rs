use serde_json::Value;

use super::*;
use crate::demo::{Demo, DemoOptions};
use crate::telemetry::Metrics;

async fn get(demo: &Demo, path: &str) -> (u16, String, String) {
    let response = reqwest::get(format!("http://{}{path}", demo.internal()))
        .await
        .unwrap();
    let media = response.headers()["content-type"].to_str().unwrap().to_owned();
    (response.status().as_u16(), media, response.text().await.unwrap())
}

/// The numbers of the own patients, and what their names begin with.
fn nothing_about_a_patient(text: &str) {
    for number in patients::ALL {
        assert!(!text.contains(number), "a number of a patient");
    }
    assert!(!text.contains("Voorbeeld"), "a name of a patient");
}

/// A demonstration whose station has reported.
pub(in crate::demo) async fn with_reports() -> Demo {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let options = DemoOptions {
        log: "error".to_owned(),
        station: true,
        ..DemoOptions::default()
    };
    let mut demo = Box::pin(Demo::start(options, Metrics::default())).await.unwrap();
    demo.reported().await.unwrap();
    demo
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_sees_what_a_real_station_reports_in_every_form() {
    let demo = with_reports().await;
    let (status, _, page) = get(&demo, "/operator?lang=en").await;
    assert_eq!(status, 200);
    nothing_about_a_patient(&page);
    for word in [
        "Quality by source",
        "ziekenhuis-oost",
        "URA 00700700",
        "sections of the BgZ",
        "values with a place",
        "/operator/quality/ziekenhuis%2Doost?lang=en",
    ] {
        assert!(page.contains(word), "{word}: {page}");
    }
    let at = "/operator/quality/ziekenhuis%2Doost";
    let (status, media, html) = get(&demo, &format!("{at}?lang=nl")).await;
    assert_eq!((status, &*media), (200, "text/html; charset=utf-8"));
    assert!(html.contains("<html lang=\"nl\">") && html.contains("Basisgegevensset Zorg"));
    let (status, media, json) = get(&demo, &format!("{at}?format=json")).await;
    assert_eq!((status, &*media), (200, "application/json"));
    let report: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(report["provider"], "00700700");
    assert_eq!(report["dimensions"].as_array().unwrap().len(), 6);
    let counted = |at: usize| report["dimensions"][at]["parts"][0]["asked"].as_u64().unwrap();
    assert!(counted(0) > 10 && counted(5) > 100, "{json}");
    let (status, media, fhir) = get(&demo, &format!("{at}?format=fhir")).await;
    assert_eq!((status, &*media), (200, "application/fhir+json"));
    let measured: Value = serde_json::from_str(&fhir).unwrap();
    assert_eq!(
        (
            &measured["resourceType"],
            &measured["reporter"]["identifier"]["value"]
        ),
        (&"MeasureReport".into(), &"00700700".into())
    );
    for text in [&html, &json, &fhir] {
        nothing_about_a_patient(text);
    }
    for (path, expected) in [
        ("/operator/quality/nobody", 404),
        ("/operator/quality/ziekenhuis%2Doost?format=csv", 400),
    ] {
        let (status, media, _) = get(&demo, path).await;
        assert_eq!(
            (status, &*media),
            (expected, "application/problem+json"),
            "{path}"
        );
    }
    // Askers cannot reach it.
    let public = reqwest::get(format!("{}{at}", demo.base())).await.unwrap();
    assert_eq!(public.status(), 404);
    assert!(!demo.folder.0.join("station").exists(), "the station is gone");
    demo.stop().await;
}
