//! The quality report of a source: every number from a count, no value of a message, valid as FHIR.

use std::sync::Arc;

use samenhang_profiles::document::Document;
use samenhang_profiles::validate::{Request, Settings, Severity, Validator};
use samenhang_profiles::{FhirVersion, Limits, pack};
use samenhang_station::Format;
use samenhang_station::lift::ByFormat;
use samenhang_station::quality::{Aspect, Dimension, Language, Link, QualityReport, html, measure_report};
use samenhang_terminology::Builder;

use crate::mapped::stu3;
use crate::scene::{Scene, accept, bsn, observation, umc};

fn dimension(report: &QualityReport, aspect: Aspect) -> &Dimension {
    report.dimensions.iter().find(|one| one.aspect == aspect).unwrap()
}

/// A source with a message that passes, one with leaves that nothing takes, one with a wrong code, and one of nobody.
async fn report() -> QualityReport {
    let scene = Scene::new();
    let station = scene.open_with(Arc::new(ByFormat::default())).await;
    let scope = station.scope(&umc()).unwrap();
    let wrong = r#"{"resourceType":"Condition","id":"c2","subject":{"reference":"Patient/p1"},
        "clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"secret-code"}]},
        "code":{"text":"secret-text"}}"#;
    let messages = [
        ("m1", Format::FhirStu3, stu3("")),
        (
            "m2",
            Format::FhirStu3,
            stu3(r#""localRemark":"secret-value<b>","#),
        ),
        ("m3", Format::FhirR4, wrong.to_owned()),
        ("m4", Format::FhirR4, observation(9, "x", 1, None)),
    ];
    for (name, format, text) in messages {
        accept(&station, name, format, &text, None).await;
    }
    station.work(&umc()).await.unwrap();
    station.quality(&scope).await.unwrap()
}

#[tokio::test]
async fn each_dimension_is_counted_and_traced_to_rules() {
    let report = report().await;
    let part = |aspect: Aspect, at: usize| {
        let part = &dimension(&report, aspect).parts[at];
        (part.good, part.asked)
    };
    // Patient, c1 and c2 are there; c2 has an error.
    assert_eq!(part(Aspect::Conformity, 0), (2, 3));
    assert_eq!(part(Aspect::Completeness, 0), (2, 27));
    let (given, asked) = part(Aspect::Completeness, 1);
    assert!(given <= asked && asked > 0);
    // One of the four messages is of nobody known.
    assert_eq!(part(Aspect::Identity, 0), (3, 4));
    let identity = &dimension(&report, Aspect::Identity).lines;
    assert!(
        identity
            .iter()
            .any(|line| line.rule == "unknown-patient" && line.count == 1)
    );
    let (accounted, leaves) = part(Aspect::Loss, 0);
    assert_eq!(leaves - accounted, 1);
    let loss = &dimension(&report, Aspect::Loss).lines;
    let unmapped = |line: &&samenhang_station::quality::Line| line.rule == "unmapped";
    let unmapped: Vec<_> = loss.iter().filter(unmapped).collect();
    assert_eq!(unmapped.len(), 1);
    assert_eq!(
        (&*unmapped[0].path, unmapped[0].count),
        ("Condition.localRemark", 1)
    );
    let terminology = dimension(&report, Aspect::Terminology);
    assert!(terminology.parts[0].good < terminology.parts[0].asked);
    assert!(
        terminology
            .lines
            .iter()
            .any(|line| line.path.starts_with("Condition.clinicalStatus")),
        "{:?}",
        terminology.lines
    );
    let problems = report
        .profiles
        .iter()
        .find(|one| one.section == "Problems")
        .unwrap();
    assert_eq!(problems.resources, 2);
    assert!(
        problems
            .elements
            .iter()
            .any(|one| one.path == "Condition.subject" && one.required && one.given == 2)
    );
    let weights: u32 = report.dimensions.iter().map(|one| one.weight).sum();
    assert_eq!(weights, 100);
    let sum: f64 = report
        .dimensions
        .iter()
        .filter_map(|one| Some(one.score? * f64::from(one.weight)))
        .sum();
    let weight: u32 = report
        .dimensions
        .iter()
        .filter(|one| one.score.is_some())
        .map(|one| one.weight)
        .sum();
    assert!((report.score.unwrap() - sum / f64::from(weight)).abs() < 0.1);
}

#[tokio::test]
async fn a_report_is_a_valid_measure_report_and_a_page_and_holds_no_value() {
    let report = report().await;
    let fhir = measure_report(&report);
    let json = serde_json::to_string(&report).unwrap();
    let page = html(&report, &Language::ALL, &[]);
    for text in [&fhir, &json, &page] {
        for secret in ["secret", "22298006", "1961-02", &bsn(1), "<b>", "Patient/p1"] {
            assert!(!text.contains(secret), "{secret}");
        }
    }
    assert!(
        page.contains("<section id=\"nl\" lang=\"nl\">") && page.contains("<section id=\"en\" lang=\"en\">")
    );
    assert!(!page.contains("http-equiv") && !page.contains("<script") && !page.contains("src="));
    let mut builder = Builder::new();
    let terminology = pack::embedded_terminology(FhirVersion::R4).unwrap();
    terminology.add_to(&mut builder).unwrap();
    let library = pack::embedded(FhirVersion::R4).unwrap();
    let validator = Validator::new(library, Arc::new(builder.build()), Settings::default());
    let errors = |text: &str| {
        let document = Document::from_json(text.as_bytes(), FhirVersion::R4, &Limits::default()).unwrap();
        let outcome = validator.validate(&document, &Request::default());
        let errors = outcome
            .findings
            .iter()
            .filter(|finding| finding.severity == Severity::Error);
        errors
            .map(|finding| finding.expression.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(errors(&fhir), Vec::<String>::new());
    // The validator knows the type: a wrong status is found.
    let broken = fhir.replace("\"complete\"", "\"made-up\"");
    assert_eq!(errors(&broken), ["MeasureReport.status"]);
}

#[tokio::test]
async fn a_source_without_messages_has_no_score() {
    let scene = Scene::new();
    let station = scene.open().await;
    let report = station.quality(&station.scope(&umc()).unwrap()).await.unwrap();
    assert_eq!(report.score, None);
    assert!(measure_report(&report).contains("MeasureReport"));
    assert!(html(&report, &Language::ALL, &[]).contains("nothing to measure"));
}

#[tokio::test]
async fn a_report_is_read_back_as_it_was_and_its_page_escapes_what_a_file_could_say() {
    let report = report().await;
    let json = serde_json::to_string(&report).unwrap();
    let back: QualityReport = serde_json::from_str(&json).unwrap();
    assert_eq!(back, report);
    assert_eq!(measure_report(&back), measure_report(&report));
    let hostile: QualityReport =
        serde_json::from_str(&json.replace("resources-without-errors", "<script>\\\"")).unwrap();
    let link = Link {
        address: "/?a=1&b=2",
        text: "<back>",
        language: Some(Language::English),
    };
    let page = html(&hostile, &[Language::English], &[link]);
    assert!(!page.contains("<script") && page.contains("&lt;script&gt;&quot;"));
    assert!(page.contains("<a href=\"/?a=1&amp;b=2\" lang=\"en\" hreflang=\"en\">&lt;back&gt;</a>"));
    assert!(page.contains("<html lang=\"en\">") && !page.contains("lang=\"nl\""));
    assert!(page.contains("codings without remarks"));
}
