//! `POST /fhir/R4/{type}/$validate` and `POST /fhir/STU3/{type}/$validate`.
//!
//! Only who is logged in may ask, but no scope is needed and nothing is written to the audit log: what comes out says
//! where a rule is broken and never repeats a value, so nothing about a patient is disclosed, and nothing is kept.

mod answer;
mod element;
mod request;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use http::header::{CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_TYPE, HeaderName};
use http::{HeaderMap, HeaderValue, StatusCode};
use samenhang_profiles::validate::{Outcome, Request, Values};
use samenhang_profiles::{FhirVersion, Limits};
use tokio::sync::Semaphore;

use self::request::{Asked, Refusal};
use super::report::{Report, Telling};
use super::{Engine, Fault, Form};
use crate::app::App;
use crate::error::{Kind, Language, Problem};
use crate::fhir::{language, negotiate, outcome, prefer};
use crate::http::problem;

/// Bytes of a resource, with what is around it.
pub const MAX_BYTES: usize = 10 << 20;

/// `valid`, `invalid` or `unchecked`, beside the outcome that says why.
pub const RESULT: HeaderName = HeaderName::from_static("samenhang-validation");

/// Resources that wait or are judged at once. Of more the asker is told to come back.
const MOST_WAITING: usize = 16;

/// Resources that are judged at once: questions about patients must not wait for them.
const MOST_RUNNING: usize = 2;

/// What judges resources over HTTP, a few at once.
pub struct Service {
    engine: Arc<Engine>,
    waiting: Arc<Semaphore>,
    running: Arc<Semaphore>,
}

impl Service {
    /// A service with an engine.
    #[must_use]
    pub fn new(engine: Arc<Engine>) -> Self {
        Service {
            engine,
            waiting: Arc::new(Semaphore::new(MOST_WAITING)),
            running: Arc::new(Semaphore::new(MOST_RUNNING)),
        }
    }

    /// Judges a resource when it is its turn.
    async fn judge(
        &self,
        asked: Arc<Asked>,
        version: FhirVersion,
        now: jiff::Timestamp,
    ) -> Result<Result<Outcome, Fault>, Problem> {
        let place = Arc::clone(&self.waiting).try_acquire_owned();
        let place = place.map_err(|_| Problem::new(Kind::Busy))?;
        let turn = Arc::clone(&self.running).acquire_owned().await;
        let turn = turn.map_err(|_| Problem::new(Kind::Stopping))?;
        let engine = Arc::clone(&self.engine);
        let judged = tokio::task::spawn_blocking(move || {
            // Held until the work is done, also when the asker has gone away.
            let _held = (place, turn);
            let profiles: Vec<&str> = asked.profiles.iter().map(String::as_str).collect();
            let request = Request {
                profiles: &profiles,
                now: Some(now),
                ..Request::default()
            };
            engine.judge(
                &asked.body,
                asked.form,
                Some(version),
                &Limits::default(),
                &request,
            )
        });
        judged.await.map_err(|_| Kind::Defect.into())
    }
}

/// `POST /fhir/R4/{type}/$validate`.
pub async fn validate_r4(
    state: State<Arc<App>>,
    kind: Path<String>,
    query: Query<Vec<(String, String)>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    respond(&state, FhirVersion::R4, &kind, &query, &headers, body).await
}

/// `POST /fhir/STU3/{type}/$validate`.
pub async fn validate_stu3(
    state: State<Arc<App>>,
    kind: Path<String>,
    query: Query<Vec<(String, String)>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    respond(&state, FhirVersion::Stu3, &kind, &query, &headers, body).await
}

async fn respond(
    app: &App,
    version: FhirVersion,
    kind: &str,
    query: &[(String, String)],
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    // A body that cannot be taken is one that is too large, or one that broke off.
    let Ok(body) = body else {
        let problem = Problem::new(Kind::TooLarge).hint(
            "Stuur een kleinere resource; de grens is 10 MiB.",
            "Send a smaller resource; the limit is 10 MiB.",
        );
        return problem::respond(problem, "/fhir", headers);
    };
    match answer(app, version, kind, query, headers, &body).await {
        Ok(response) => response,
        Err(problems) => problem::respond_all(problems, "/fhir", headers),
    }
}

async fn answer(
    app: &App,
    version: FhirVersion,
    kind: &str,
    query: &[(String, String)],
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<Response, Vec<Problem>> {
    let one = |problem: Problem| vec![problem];
    let format = query.iter().find(|(name, _)| name == "_format");
    let answered = negotiate::answer_form(headers, format.map(|(_, value)| value.as_str()), version);
    match answered.map_err(one)? {
        negotiate::Form::Json => {}
        _ => return Err(one(Kind::NotAcceptable.into())),
    }
    let form = form(headers, version).map_err(one)?;
    let spoken = language::preferred(headers, Language::English);
    let telling = Telling {
        language: answer::language(spoken),
        values: Values::Hidden,
    };
    let unread = |fault: Fault| {
        let report = Report::of(&Err(fault), body, telling);
        write(StatusCode::BAD_REQUEST, &report, &[], spoken)
    };
    let asked = match request::read(body, form, version, kind, prefer::handling(headers), query) {
        Ok(asked) => Arc::new(asked),
        Err(Refusal::Problems(problems)) => return Err(problems),
        Err(Refusal::Fault(fault)) => return Ok(unread(fault)),
    };
    let judged = app
        .validation()
        .judge(Arc::clone(&asked), version, app.clock().now())
        .await
        .map_err(one)?;
    if let Err(fault) = judged {
        return Ok(unread(fault));
    }
    let report = Report::of(&judged, body, telling);
    Ok(write(StatusCode::OK, &report, &asked.ignored, spoken))
}

/// The form of a body by its media type.
fn form(headers: &HeaderMap, version: FhirVersion) -> Result<Form, Problem> {
    if negotiate::body_is_xml(headers, version) {
        return Ok(Form::Xml);
    }
    match negotiate::body_is_json(headers, version) {
        Ok(()) => Ok(Form::Json),
        Err(problem) => Err(problem.hint(
            "Gebruik Content-Type: application/fhir+json of application/fhir+xml (UTF-8).",
            "Use Content-Type: application/fhir+json or application/fhir+xml (UTF-8).",
        )),
    }
}

fn write(status: StatusCode, report: &Report, ignored: &[outcome::Issue], spoken: Language) -> Response {
    let mut response = Response::new(Body::from(answer::write(report, ignored, spoken)));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static(negotiate::Form::Json.media_type()),
    );
    headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(spoken.tag()));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(RESULT, HeaderValue::from_static(report.result()));
    response
}
