//! The quality of what sources sent, from the files that a station's own command wrote: in numbers for the page, and
//! `GET /operator/quality/{source}` for the whole report.
//!
//! A file is read as a report and written anew: what is no part of a report does not come out of it.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};
use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use samenhang_station::quality::{
    Dimension, Language, Link, Part, QualityReport, STYLE, html, measure_report,
};
use samenhang_viewer::moment::moment;
use samenhang_viewer::operator::{
    Counted, Measured, Percent, QualityOfSource, QualitySummary, QualityTold, age,
};
use sha2::{Digest, Sha256};

use super::file;
use crate::app::App;
use crate::config::StationReport;
use crate::error::{Kind, Language as Spoken};
use crate::fhir::language;
use crate::http::problem;
use crate::http::viewer::chosen;

/// Longest report that is read, in bytes. The leaves of every place of a source are in it.
const LONGEST: u64 = 4 << 20;
/// Most dimensions and most parts of one that are shown.
const MOST: usize = 12;

/// Nothing but the style of a report, which stands in its page.
static POLICY: LazyLock<Option<HeaderValue>> = LazyLock::new(|| {
    let hash = STANDARD.encode(Sha256::digest(STYLE));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    HeaderValue::from_str(&policy).ok()
});

/// Reads the report of a source; none when it cannot be read.
fn read(told: &StationReport) -> Option<QualityReport> {
    let (_, text) = file::read(told.quality_file.as_deref()?, LONGEST)?;
    serde_json::from_str(&text?).ok()
}

/// What the page says of a source.
pub(super) fn summary(told: &StationReport, now: Timestamp) -> QualityOfSource {
    let said = match (&told.quality_file, read(told)) {
        (None, _) => QualityTold::NotConfigured,
        (Some(_), None) => QualityTold::Unreadable,
        (Some(_), Some(report)) => QualityTold::Report(in_numbers(&report, address(&told.source), now)),
    };
    QualityOfSource {
        source: told.source.clone(),
        told: said,
    }
}

fn address(source: &str) -> String {
    format!(
        "/operator/quality/{}",
        utf8_percent_encode(source, NON_ALPHANUMERIC)
    )
}

fn in_numbers(report: &QualityReport, address: String, now: Timestamp) -> QualitySummary {
    QualitySummary {
        made: moment(report.made),
        age: age(now.duration_since(report.made)),
        since: moment(report.since),
        provider: report.provider.clone(),
        score: report.score.and_then(Percent::of),
        dimensions: report.dimensions.iter().take(MOST).map(measured).collect(),
        address,
    }
}

fn measured(dimension: &Dimension) -> Measured {
    Measured {
        aspect: dimension.aspect.code(),
        weight: dimension.weight,
        score: dimension.score.and_then(Percent::of),
        parts: dimension.parts.iter().take(MOST).map(counted).collect(),
    }
}

fn counted(part: &Part) -> Counted {
    Counted {
        rule: part.rule.clone().into_owned(),
        good: part.good,
        asked: part.asked,
    }
}

/// How a report is written: as the command line names it.
enum Form {
    Html,
    Json,
    Fhir,
}

/// `GET /operator/quality/{source}`: the whole report, as a page, or with `format` `json` or `fhir` as that.
pub async fn report(
    State(app): State<Arc<App>>,
    Path(source): Path<String>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    let refused = |kind: Kind| problem::respond(kind.into(), "/operator", &headers);
    let form = match query.get("format").map(String::as_str) {
        None | Some("html") => Form::Html,
        Some("json") => Form::Json,
        Some("fhir") => Form::Fhir,
        Some(_) => return refused(Kind::InvalidParameter),
    };
    let stations = &app.config().stations;
    let Some(told) = stations.iter().find(|told| told.source == source).cloned() else {
        return refused(Kind::NotFound);
    };
    let Ok(Some(report)) = tokio::task::spawn_blocking(move || read(&told)).await else {
        return refused(Kind::NotFound);
    };
    match form {
        Form::Html => {
            let shown = chosen(&query, || language::preferred(&headers, Spoken::Dutch));
            page(&report, &source, shown)
        }
        Form::Json => match serde_json::to_vec(&report) {
            Ok(json) => respond("application/json", json),
            Err(_) => refused(Kind::Defect),
        },
        Form::Fhir => respond("application/fhir+json", measure_report(&report).into_bytes()),
    }
}

/// The page of a report in a language, with the ways back, to the other language and to the other forms.
fn page(report: &QualityReport, source: &str, shown: samenhang_viewer::Language) -> Response {
    let (tag, other) = (shown.tag(), shown.other());
    let own = address(source);
    let back = format!("/operator?lang={tag}");
    let [turned, fhir, json] = [
        format!("lang={}", other.tag()),
        "format=fhir".to_owned(),
        "format=json".to_owned(),
    ]
    .map(|query| format!("{own}?{query}"));
    let title = shown.texts().say("op-title");
    let link = |address, text, language| Link {
        address,
        text,
        language,
    };
    let links = [
        link(&back, &title, None),
        link(&turned, other.name(), Some(written(other))),
        link(&fhir, "MeasureReport", None),
        link(&json, "JSON", None),
    ];
    let text = html(report, &[written(shown)], &links);
    let mut response = respond("text/html; charset=utf-8", text.into_bytes());
    let headers = response.headers_mut();
    headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(tag));
    if let Some(policy) = POLICY.clone() {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    response
}

fn written(language: samenhang_viewer::Language) -> Language {
    language.pick(Language::Dutch, Language::English)
}

fn respond(media_type: &'static str, body: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(body));
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}

#[cfg(test)]
mod tests;
