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
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use self::request::{Asked, Refusal};
use super::report::{Report, Telling};
use super::{Asking, Consultant, Engine, Fault, Form, Opened, ValidationConfig};
use crate::app::App;
use crate::error::{Kind, Language, Problem};
use crate::fhir::{language, negotiate, outcome, prefer, xml};
use crate::http::problem;

/// Bytes of a resource, with what is around it.
pub const MAX_BYTES: usize = 10 << 20;

/// `valid`, `invalid` or `unchecked`, beside the outcome that says why.
pub const RESULT: HeaderName = HeaderName::from_static("samenhang-validation");

/// What judges resources over HTTP, a few at once: questions about patients must not wait for them.
pub struct Service {
    engine: Arc<Engine>,
    consultant: Option<Consultant>,
    waiting: Arc<Semaphore>,
    running: Arc<Semaphore>,
}

/// What is judged, with its place among what waits: kept until the work is done, also when the asker has gone away.
struct Turn {
    asked: Arc<Asked>,
    version: FhirVersion,
    now: jiff::Timestamp,
    asking: Option<Asking>,
    _place: OwnedSemaphorePermit,
}

impl Service {
    /// A service with what its section named.
    #[must_use]
    pub fn new(opened: Opened, config: &ValidationConfig) -> Self {
        Service {
            engine: Arc::new(opened.engine),
            consultant: opened.consultant,
            waiting: Arc::new(Semaphore::new(config.max_waiting)),
            running: Arc::new(Semaphore::new(config.max_running)),
        }
    }

    /// Judges a resource when it is its turn; again when a terminology server had to be asked about its codes.
    async fn judge(
        &self,
        asked: Arc<Asked>,
        version: FhirVersion,
        now: jiff::Timestamp,
    ) -> Result<Result<Outcome, Fault>, Problem> {
        let place = Arc::clone(&self.waiting).try_acquire_owned();
        let consultant = self.consultant.as_ref();
        let turn = Turn {
            asked,
            version,
            now,
            asking: consultant.map(|consultant| self.engine.asking(consultant.answers())),
            _place: place.map_err(|_| Problem::new(Kind::Busy))?,
        };
        let (judged, mut turn) = self.run(turn).await?;
        let (Some(consultant), Some(asking)) = (consultant, &mut turn.asking) else {
            return Ok(judged);
        };
        // Nothing runs meanwhile, so others are not kept waiting by a slow server.
        let consulted = consultant.consult(std::slice::from_mut(asking)).await;
        if let Some(failure) = &consulted.failure {
            tracing::warn!(code = failure.code(), "the terminology server gave no answer");
        }
        if !consulted.again.contains(&true) {
            return Ok(judged);
        }
        let (judged, _) = self.run(turn).await?;
        Ok(judged)
    }

    /// One pass.
    async fn run(&self, turn: Turn) -> Result<(Result<Outcome, Fault>, Turn), Problem> {
        let running = Arc::clone(&self.running).acquire_owned().await;
        let running = running.map_err(|_| Problem::new(Kind::Stopping))?;
        let engine = Arc::clone(&self.engine);
        let judged = tokio::task::spawn_blocking(move || {
            let _running = running;
            let asked = &turn.asked;
            let profiles: Vec<&str> = asked.profiles.iter().map(String::as_str).collect();
            let request = Request {
                profiles: &profiles,
                now: Some(turn.now),
                ..Request::default()
            };
            let (version, limits) = (Some(turn.version), Limits::default());
            let asking = turn.asking.as_ref();
            let judged = engine.judge(&asked.body, asked.form, version, &limits, &request, asking);
            (judged, turn)
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
    let format = format.map(|(_, value)| value.as_str());
    let shown = negotiate::answer_form(headers, format, version, negotiate::RESOURCE).map_err(one)?;
    let form = form(headers, version).map_err(one)?;
    let spoken = language::preferred(headers, Language::English);
    let telling = Telling {
        language: answer::language(spoken),
        values: Values::Hidden,
    };
    let unread = |fault: Fault| {
        let report = Report::of(&Err(fault), body, telling);
        write(StatusCode::BAD_REQUEST, &report, &[], spoken, shown)
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
    Ok(write(StatusCode::OK, &report, &asked.ignored, spoken, shown))
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

fn write(
    status: StatusCode,
    report: &Report,
    ignored: &[outcome::Issue],
    spoken: Language,
    shown: negotiate::Form,
) -> Response {
    let json = answer::write(report, ignored, spoken);
    let (body, shown) = match shown {
        // What we wrote can be read; if it could not, the same in JSON beats nothing.
        negotiate::Form::Xml => match xml::of_outcome(&json) {
            Ok(xml) => (xml, shown),
            Err(_) => (json, negotiate::Form::Json),
        },
        _ => (json, negotiate::Form::Json),
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(shown.media_type()));
    headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(spoken.tag()));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(RESULT, HeaderValue::from_static(report.result()));
    response
}
