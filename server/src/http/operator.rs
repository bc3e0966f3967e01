//! `GET /operator` on the internal listener: how the holders do, in what ways they differ from the specification, and what a
//! station holds. Numbers and codes; nothing about a patient can come in here.

use std::collections::{BTreeMap, HashMap};
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use samenhang_gather::fanout::HolderHealth;
use samenhang_profiles::Ura;
use samenhang_viewer::moment::moment;
use samenhang_viewer::operator::{Held, HolderLine, OperatorPage, QuirkLine, Station, age};
use serde::Deserialize;

use crate::app::App;
use crate::config::StationReport;
use crate::error::Language;
use crate::fhir::language;
use crate::http::viewer::{chosen, respond_in};

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

/// `GET /operator`.
pub async fn page(
    State(app): State<Arc<App>>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    let now = app.clock().now();
    let language = chosen(&query, || language::preferred(&headers, Language::Dutch));
    let fan_out = app.gather().fan_out_part();
    let holders = fan_out.health();
    let holders = holders.iter().map(|health| holder(&app, health));
    let quirks = fan_out.quirks().into_iter().map(|(ura, quirk, count)| {
        let entry = quirk.entry();
        QuirkLine {
            holder: name(&app, &ura),
            id: entry.id,
            name: language.pick(entry.name_nl, entry.name_en),
            rule: entry.action.code(),
            count,
        }
    });
    let reports = app.config().stations.clone();
    let stations = tokio::task::spawn_blocking(move || {
        let read = |report: &StationReport| station(report, now);
        reports.iter().map(read).collect()
    });
    let directory = app.gather().directory();
    let (organisations, endpoints) = directory.size();
    let page = OperatorPage {
        language,
        demo: app.is_demo(),
        made_at: moment(now),
        version: env!("CARGO_PKG_VERSION"),
        waiting: app.not_ready().await,
        directory: directory.updated_at().map(moment),
        organisations,
        endpoints,
        holders: holders.collect(),
        quirks: quirks.collect(),
        stations: stations.await.unwrap_or_default(),
    };
    respond_in(StatusCode::OK, language, page.render())
}

fn name(app: &App, ura: &Ura) -> String {
    app.holder_name(ura).unwrap_or_else(|| format!("URA {ura}"))
}

fn holder(app: &App, health: &HolderHealth) -> HolderLine {
    HolderLine {
        name: name(app, &health.holder),
        ura: health.holder.to_string(),
        breaker: health.breaker,
        since: health.since.map(moment),
        calls: health.calls,
        failures: health.failures,
        latency_ms: health.latency_ms,
        last_success: health.last_success.map(moment),
        last_failure: health.last_failure.map(|(at, code)| (moment(at), code)),
    }
}

/// What the report of a station says; without problems when it cannot be read, which is told.
fn station(report: &StationReport, now: Timestamp) -> Station {
    let (at, problems) =
        read(&report.report_file).map_or((None, None), |(at, problems)| (Some(at), problems));
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

/// When a report was written, and its problems if it is one.
fn read(path: &Path) -> Option<(Timestamp, Option<Vec<Problem>>)> {
    let file = std::fs::File::open(path).ok()?;
    let at = file.metadata().ok()?.modified().ok()?;
    let at = Timestamp::try_from(at).ok()?;
    let mut text = String::new();
    let whole = file.take(LONGEST + 1).read_to_string(&mut text).ok();
    if whole.is_none_or(|read| u64::try_from(read).unwrap_or(u64::MAX) > LONGEST) {
        return Some((at, None));
    }
    let problems = serde_json::Deserializer::from_str(&text).into_iter::<Problem>();
    Some((at, problems.collect::<Result<_, _>>().ok()))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn report(text: &str) -> (tempfile::NamedTempFile, StationReport) {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let report = StationReport {
            source: "ehr".to_owned(),
            report_file: file.path().to_owned(),
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
        };
        assert!(!station(&gone, Timestamp::UNIX_EPOCH).is_readable);
        let (_file, large) = report(&LINE.repeat(10_000));
        assert!(!station(&large, Timestamp::UNIX_EPOCH).is_readable, "too large");
    }
}
