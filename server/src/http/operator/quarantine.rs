//! What a station holds, from the file that its own command wrote.

use std::collections::BTreeMap;

use jiff::Timestamp;
use samenhang_viewer::moment::moment;
use samenhang_viewer::operator::{Held, Station, age};
use serde::Deserialize;

use super::file::read;
use crate::config::StationReport;

/// Longest report of a station that is read, in bytes.
const LONGEST: u64 = 1 << 20;
/// Most problems of a station that are shown.
const MOST: usize = 100;

/// A line of `samenhang station quarantine list`, as far as it is shown.
#[derive(Deserialize)]
struct Problem {
    stage: String,
    rule: String,
    code: String,
    state: String,
    messages: u64,
    since: Timestamp,
}

/// What the report of a station says; without problems when it cannot be read, which is told.
pub(super) fn station(report: &StationReport, now: Timestamp) -> Station {
    let (at, problems) = read(&report.report_file, LONGEST).map_or((None, None), |(at, text)| {
        (Some(at), text.and_then(|text| problems(&text)))
    });
    // Equal problems at several places are one line: the place is the station's business.
    let mut held: BTreeMap<(String, String, String, String), (u64, Timestamp)> = BTreeMap::new();
    for problem in problems.iter().flatten() {
        let key = (
            problem.code.clone(),
            problem.stage.clone(),
            problem.rule.clone(),
            problem.state.clone(),
        );
        let (count, since) = held.entry(key).or_insert((0, problem.since));
        *count = count.saturating_add(problem.messages);
        *since = (*since).min(problem.since);
    }
    let lines = held.into_iter().take(MOST);
    Station {
        source: report.source.clone(),
        told: at.map(moment),
        is_readable: problems.is_some(),
        held: lines
            .map(|((code, stage, rule, state), (count, since))| Held {
                code,
                stage,
                rule,
                state,
                count,
                age: age(now.duration_since(since)),
            })
            .collect(),
    }
}

fn problems(text: &str) -> Option<Vec<Problem>> {
    let problems = serde_json::Deserializer::from_str(text).into_iter::<Problem>();
    problems.collect::<Result<_, _>>().ok()
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn report(text: &str) -> (tempfile::NamedTempFile, StationReport) {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let report = StationReport {
            source: "ehr".to_owned(),
            report_file: file.path().to_owned(),
            quality_file: None,
        };
        (file, report)
    }

    const LINE: &str = r#"{"fingerprint":"f","stage":"map","rule":"r","path":"a.b","code":"SAM-MAP-101","state":"new","messages":3,"first":9,"since":"2026-11-21T10:00:00Z"}"#;

    #[test]
    fn the_problems_of_a_station_are_counted_by_code_with_the_oldest_moment() {
        let older = LINE.replace("11-21", "11-20").replace("a.b", "a.c");
        let (_file, report) = report(&format!("{LINE}\n{older}\n"));
        let now = "2026-11-22T10:00:00Z".parse().unwrap();
        let told = station(&report, now);
        assert!(told.is_readable && told.told.is_some());
        let [held] = told.held.as_slice() else {
            panic!("one line: {told:?}");
        };
        assert_eq!((held.code.as_str(), held.count), ("SAM-MAP-101", 6));
        assert_eq!(
            held.age,
            age(now.duration_since("2026-11-20T10:00:00Z".parse().unwrap()))
        );
    }

    #[test]
    fn what_is_no_report_is_told_and_never_looks_like_nothing_held() {
        for text in ["no json", "{\"stage\":1}", &LINE[..40]] {
            let (_file, report) = report(text);
            let told = station(&report, Timestamp::UNIX_EPOCH);
            assert!(!told.is_readable && told.held.is_empty(), "{text}");
        }
        let (_file, empty) = report("");
        assert!(
            station(&empty, Timestamp::UNIX_EPOCH).is_readable,
            "nothing is held"
        );
        let gone = StationReport {
            source: "gone".to_owned(),
            report_file: "/nowhere/at/all".into(),
            quality_file: None,
        };
        assert!(!station(&gone, Timestamp::UNIX_EPOCH).is_readable);
        let (_file, large) = report(&LINE.repeat(10_000));
        assert!(!station(&large, Timestamp::UNIX_EPOCH).is_readable, "too large");
    }
}
