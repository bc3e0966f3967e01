use super::*;

fn page(language: Language) -> OperatorPage {
    let holder = |name: &str, breaker| HolderLine {
        name: name.to_owned(),
        ura: "00700700".to_owned(),
        breaker,
        since: (breaker != "closed").then(|| "22-11-2026 09:58".to_owned()),
        calls: 120,
        failures: 3,
        latency_ms: (breaker != "held").then_some([12, 80, 240]),
        last_success: Some("22-11-2026 09:59".to_owned()),
        last_failure: (breaker != "closed").then(|| ("22-11-2026 09:58".to_owned(), "SAM-GAT-205")),
    };
    let station = |source: &str, told: bool, held| Station {
        source: source.to_owned(),
        told: told.then(|| "22-11-2026 09:30".to_owned()),
        is_readable: told,
        held,
    };
    OperatorPage {
        language,
        demo: true,
        made_at: "22-11-2026 10:00".to_owned(),
        version: "0.1.0",
        waiting: vec!["audit"],
        directory: Some("22-11-2026 08:00".to_owned()),
        organisations: 12,
        endpoints: 9,
        holders: vec![
            holder("Ziekenhuis <Oost>", "closed"),
            holder("Apotheek", "open"),
            holder("Laboratorium", "half-open"),
            holder("Kliniek", "held"),
        ],
        quirks: vec![QuirkLine {
            holder: "Ziekenhuis <Oost>".to_owned(),
            id: "SAM-QRK-101",
            name: "pages that repeat",
            rule: "repair",
            count: 12,
        }],
        quality: quality(),
        stations: vec![
            station(
                "ehr",
                true,
                vec![Held {
                    code: "SAM-MAP-101".to_owned(),
                    stage: "map".to_owned(),
                    rule: "r".to_owned(),
                    state: "new".to_owned(),
                    count: 6,
                    age: "2 d".to_owned(),
                }],
            ),
            station("empty", true, Vec::new()),
            station("gone", false, Vec::new()),
        ],
    }
}

/// A source with a report, one without messages yet, one of which the report is not there, and one without.
fn quality() -> Vec<QualityOfSource> {
    let part = |rule: &str, good, asked| Counted {
        rule: rule.to_owned(),
        good,
        asked,
    };
    let measured = |aspect, weight, score: Option<f64>, parts| Measured {
        aspect,
        weight,
        score: score.and_then(Percent::of),
        parts,
    };
    let summary = |score: Option<f64>, dimensions| QualitySummary {
        made: "22-11-2026 06:00".to_owned(),
        age: "4 h".to_owned(),
        since: "01-11-2026 08:15".to_owned(),
        provider: "00700700".to_owned(),
        score: score.and_then(Percent::of),
        dimensions,
        address: "/operator/quality/ehr%3Cwest%3E".to_owned(),
    };
    let whole = vec![
        measured(
            "conformity",
            30,
            Some(87.5),
            vec![part("resources-without-errors", 7, 8)],
        ),
        measured(
            "completeness",
            20,
            Some(62.04),
            vec![
                part("sections-given", 9, 27),
                part("required-elements-given", 29, 30),
            ],
        ),
        measured(
            "terminology",
            20,
            Some(90.0),
            vec![part("codings-without-remarks", 18, 20)],
        ),
        measured(
            "identity",
            10,
            Some(100.0),
            vec![part("messages-of-a-certain-patient", 3, 3)],
        ),
        measured("timeliness", 10, None, vec![part("resources-within-a-day", 0, 0)]),
        measured(
            "loss",
            10,
            Some(99.9),
            vec![part("leaves-accounted-for", 999, 1000), part("later-rule", 1, 2)],
        ),
    ];
    let of = |source: &str, told| QualityOfSource {
        source: source.to_owned(),
        told,
    };
    vec![
        of("ehr<west>", QualityTold::Report(summary(Some(85.0), whole))),
        of("new", QualityTold::Report(summary(None, Vec::new()))),
        of("gone", QualityTold::Unreadable),
        of("none", QualityTold::NotConfigured),
    ]
}

#[test]
fn a_score_is_from_nothing_to_a_hundred() {
    let text = |score| Percent::of(score).map(|percent| percent.text(Language::Dutch));
    assert_eq!(text(99.94), Some("99,9 %".to_owned()));
    assert_eq!(text(0.0), Some("0,0 %".to_owned()));
    assert_eq!(text(100.0), Some("100,0 %".to_owned()));
    for wrong in [-0.1, 100.1, f64::NAN, f64::INFINITY, 1e300] {
        assert_eq!(Percent::of(wrong), None, "{wrong}");
    }
}

#[test]
fn the_page_for_the_operator_in_both_languages() {
    for language in Language::ALL {
        let html = page(language).render().unwrap();
        insta::assert_snapshot!(
            format!("operator-{}", language.tag()),
            crate::assets::tests::unversioned(&html)
        );
        assert!(!html.contains("<script") && !html.contains("http-equiv"));
    }
}

#[test]
fn nothing_that_is_not_connected_looks_like_nothing_that_is_held() {
    let html = OperatorPage {
        holders: Vec::new(),
        quirks: Vec::new(),
        quality: Vec::new(),
        stations: Vec::new(),
        ..page(Language::English)
    }
    .render()
    .unwrap();
    assert!(html.contains("No station is connected"), "{html}");
    assert!(
        html.contains("No station is configured (server.stations)"),
        "{html}"
    );
    assert!(html.contains("No holder was asked since the start"), "{html}");
}

#[test]
fn ages_have_one_unit() {
    let told = |seconds| age(SignedDuration::from_secs(seconds));
    assert_eq!(told(-5), "< 1 min");
    assert_eq!(told(59), "< 1 min");
    assert_eq!(told(60), "1 min");
    assert_eq!(told(7_200), "2 h");
    assert_eq!(told(200_000), "2 d");
}
