use std::io::Write as _;

use super::*;

const REPORT: &str = r#"{"source":"umc","provider":"00000001","since":"2026-11-01T10:00:00Z","made":"2026-11-22T06:00:00Z",
"score":91.25,"dimensions":[{"aspect":"conformity","weight":30,"score":87.5,"parts":[{"rule":"resources-without-errors",
"good":7,"asked":8}],"lines":[]},{"aspect":"loss","weight":10,"score":null,"parts":[],"lines":[]}],"profiles":[],"leaves":[],
"quirks":[]}"#;

fn told(text: &str) -> (tempfile::NamedTempFile, StationReport) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    let told = StationReport {
        source: "ehr west/1".to_owned(),
        report_file: "held.jsonl".into(),
        quality_file: Some(file.path().to_owned()),
    };
    (file, told)
}

#[test]
fn a_report_is_told_in_numbers_with_its_age() {
    let (_file, told) = told(REPORT);
    let of = summary(&told, "2026-11-22T10:00:00Z".parse().unwrap());
    let QualityTold::Report(report) = of.told else {
        panic!("a report: {of:?}");
    };
    assert_eq!(
        (&*report.age, &*report.provider, report.score),
        ("4 h", "00000001", Percent::of(91.3))
    );
    assert_eq!(report.address, "/operator/quality/ehr%20west%2F1");
    let [conformity, loss] = report.dimensions.as_slice() else {
        panic!("two dimensions: {report:?}");
    };
    assert_eq!(conformity.score, Percent::of(87.5));
    assert_eq!((conformity.parts[0].good, conformity.parts[0].asked), (7, 8));
    assert_eq!((loss.score, loss.parts.len()), (None, 0));
}

#[test]
fn what_is_no_report_is_told_and_never_looks_like_a_score() {
    let other = [
        String::new(),
        "{}".to_owned(),
        REPORT[..300].to_owned(),
        REPORT.replace("conformity", "beauty"),
        REPORT.replace("2026-11-22T06", "yesterday"),
        format!("{REPORT}{}", " ".repeat(usize::try_from(LONGEST).unwrap())),
        "[".repeat(100_000),
    ];
    for text in other {
        let (_file, told) = told(&text);
        let of = summary(&told, Timestamp::UNIX_EPOCH);
        assert_eq!(
            of.told,
            QualityTold::Unreadable,
            "{}",
            &text[..text.len().min(200)]
        );
    }
    let (_file, gone) = told(REPORT);
    let at = |file: Option<&str>| StationReport {
        quality_file: file.map(Into::into),
        ..gone.clone()
    };
    let said = |told: &StationReport| summary(told, Timestamp::UNIX_EPOCH).told;
    assert_eq!(said(&at(Some("/nowhere/at/all"))), QualityTold::Unreadable);
    assert_eq!(said(&at(None)), QualityTold::NotConfigured);
    let (_file, beyond) = told(&REPORT.replace("91.25", "9125"));
    let QualityTold::Report(report) = said(&beyond) else {
        panic!("a report");
    };
    assert_eq!(report.score, None, "no score beyond a hundred");
}

#[test]
fn a_page_may_use_its_own_style_and_nothing_else() {
    let (_file, told) = told(REPORT);
    let response = page(&read(&told).unwrap(), "ehr", samenhang_viewer::Language::English);
    let policy = response.headers()[CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(
        policy.starts_with("default-src 'none'; style-src 'sha256-"),
        "{policy}"
    );
    assert!(!policy.contains("unsafe"), "{policy}");
}
