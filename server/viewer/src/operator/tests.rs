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
        stations: Vec::new(),
        ..page(Language::English)
    }
    .render()
    .unwrap();
    assert!(html.contains("No station is connected"), "{html}");
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
