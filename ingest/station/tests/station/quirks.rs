//! What a source does in its own way is put right before it is lifted or judged, counted in the report, and kept as sent.

use std::sync::Arc;

use samenhang_station::Format;
use samenhang_station::lift::ByFormat;
use samenhang_station::quality::{Language, QualityReport, html, measure_report};

use crate::mapped::stu3;
use crate::scene::{Scene, accept, body, bsn, umc};

/// A patient and a problem in R4, as a source of R4 sends them with quirks.
fn quirky() -> String {
    format!(
        "\u{feff}{}",
        r#"{"resourceType":"Bundle","type":"collection","entry":[
{"fullUrl":"http://umc.test/Patient/p1","resource":{"resourceType":"Patient","id":"p1","identifier":{"system":"urn:oid:2.16.840.1.113883.2.4.6.3","value":"BSN"},"gender":"FEMALE","active":"true"}},
{"fullUrl":"http://umc.test/Condition/c1","resource":{"resourceType":"Condition","id":"c1","subject":{"reference":"http://umc.test/Patient/p1"},"note":[{"text":""}],
"clinicalStatus":{"coding":[{"system":"urn:oid:2.16.840.1.113883.4.642.3.1372","code":"active"}]},"code":{"text":"secret-text"}}}]}"#
            .replace("BSN", &bsn(1))
    )
}

fn counted(report: &QualityReport) -> Vec<(&str, &str, u64)> {
    let lines = report.quirks.iter();
    lines
        .map(|quirk| (&*quirk.id, &*quirk.rule, quirk.count))
        .collect()
}

#[tokio::test]
async fn quirks_are_put_right_counted_and_kept_as_sent() {
    let scene = Scene::new();
    let station = scene.open_with(Arc::new(ByFormat::default())).await;
    let scope = station.scope(&umc()).unwrap();
    accept(&station, "m1", Format::FhirR4, &quirky(), None).await;
    let done = station.work(&umc()).await.unwrap();
    assert_eq!((done.held, done.versions), (0, 2));
    let patient = body(&station, &scope, "Patient", "p1").await.unwrap();
    assert!(
        patient.contains(r#""identifier":[{"system":"http://fhir.nl/fhir/NamingSystem/bsn""#),
        "{patient}"
    );
    assert!(
        patient.contains(r#""gender":"female""#) && patient.contains(r#""active":true"#),
        "{patient}"
    );
    let condition = body(&station, &scope, "Condition", "c1").await.unwrap();
    assert!(condition.contains("CodeSystem/condition-clinical"), "{condition}");
    assert!(
        condition.contains(r#""reference":"Patient/p1""#) && !condition.contains("note"),
        "{condition}"
    );
    assert!(
        condition.contains(r#""code":{"text":"secret-text"}"#),
        "no code is made up: {condition}"
    );

    let report = station.quality(&scope).await.unwrap();
    let expected = [
        ("SAM-QRK-001", "repair", 1),
        ("SAM-QRK-002", "repair", 1),
        ("SAM-QRK-003", "repair", 1),
        ("SAM-QRK-006", "repair", 1),
        ("SAM-QRK-019", "repair", 1),
        ("SAM-QRK-022", "repair", 1),
        ("SAM-QRK-028", "repair", 1),
        ("SAM-QRK-039", "repair", 1),
        ("SAM-QRK-041", "tolerate", 1),
        ("SAM-QRK-043", "tolerate", 1),
    ];
    assert_eq!(counted(&report), expected);
    let status = &report.quirks[4];
    assert_eq!(
        status.places.keys().collect::<Vec<_>>(),
        ["Condition.clinicalStatus.coding.system"]
    );
    let json = serde_json::to_string(&report).unwrap();
    let (fhir, page) = (measure_report(&report), html(&report, &Language::ALL, &[]));
    for text in [&json, &fhir, &page] {
        assert!(text.contains("SAM-QRK-019") && !text.contains("secret-text") && !text.contains(&bsn(1)));
    }
    // A quirk is a line of its own section only.
    assert!(
        !report
            .dimensions
            .iter()
            .flat_map(|one| &one.lines)
            .any(|line| line.rule == "quirk")
    );
}

#[tokio::test]
async fn quirks_of_stu3_are_put_right_in_json_and_in_xml() {
    let scene = Scene::new();
    let station = scene.open_with(Arc::new(ByFormat::default())).await;
    let scope = station.scope(&umc()).unwrap();
    let json = stu3("")
        .replace("Patient/p1\"}", "/Patient/p1\"}")
        .replace("1961-02", "19610228");
    accept(&station, "m1", Format::FhirStu3, &json, None).await;
    let xml = format!(
        r#"<Patient xmlns="http://hl7.org/fhir"><id value="p1"/><identifier><system value="urn:oid:2.16.840.1.113883.2.4.6.3"/>
<value value="{}"/></identifier><birthDate value="1961-02-28T00:00:00"/></Patient>"#,
        bsn(1)
    );
    accept(&station, "m2", Format::FhirStu3, &xml, None).await;
    let done = station.work(&umc()).await.unwrap();
    assert_eq!((done.held, done.messages), (0, 2));
    let patient = body(&station, &scope, "Patient", "p1").await.unwrap();
    assert!(patient.contains(r#""birthDate":"1961-02-28""#), "{patient}");
    let report = station.quality(&scope).await.unwrap();
    let expected = [
        ("SAM-QRK-011", "repair", 1),
        ("SAM-QRK-013", "repair", 1),
        ("SAM-QRK-022", "repair", 1),
        ("SAM-QRK-030", "repair", 1),
    ];
    assert_eq!(counted(&report), expected);
}

#[tokio::test]
async fn a_source_without_quirks_has_none_in_its_report() {
    let scene = Scene::new();
    let station = scene.open_with(Arc::new(ByFormat::default())).await;
    let scope = station.scope(&umc()).unwrap();
    accept(&station, "m1", Format::FhirStu3, &stu3(""), None).await;
    station.work(&umc()).await.unwrap();
    let report = station.quality(&scope).await.unwrap();
    assert_eq!(counted(&report), []);
    assert!(
        !html(&report, &Language::ALL, &[]).contains("SAM-QRK")
            && !measure_report(&report).contains("quirks")
    );
}
