//! `POST /fhir/R4/Patient/$overview`, and the same in STU3.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use http::header::{AGE, CACHE_CONTROL, CONTENT_TYPE, HeaderName};
use http::{HeaderMap, HeaderValue};
use jiff::Timestamp;
use tracing::Instrument;

use crate::app::App;
use crate::error::{Kind, Language, Problem};
use crate::fhir::base::Base;
use crate::fhir::negotiate::{self, Form};
use crate::fhir::{language, parameters, prefer};
use crate::http::asked::Asked;
use crate::overview::memory::Reuse;
use crate::overview::version::Pieces;
use crate::overview::{ask, body, events, json, ndjson};

/// How many holders gave everything, of how many: `3/5`.
pub const COMPLETENESS: HeaderName = HeaderName::from_static("samenhang-completeness");

/// The scope that a system's token needs; a person has none and is judged by the policy.
const SCOPE: &str = "system/*.read";

/// Answers one question.
pub async fn overview(State(app): State<Arc<App>>, asked: Asked) -> Response {
    asked.respond(answer(&app, &asked).await)
}

async fn answer(app: &Arc<App>, request: &Asked) -> Result<Response, Vec<Problem>> {
    let Asked {
        correlation,
        context,
        base,
        query,
        headers,
        body,
    } = request;
    let Base(version) = *base;
    let one = |problem: Problem| vec![problem];
    let form = negotiate::answer_form(
        headers,
        query.get("_format").map(String::as_str),
        version,
        negotiate::ANSWER,
    )
    .map_err(one)?;
    negotiate::body_is_json(headers, version).map_err(one)?;
    let handling = prefer::handling(headers);
    let beside = query.keys().any(|name| name != "_format");
    if beside && handling == prefer::Handling::Strict {
        return Err(vec![Problem::new(Kind::UnknownParameter).at("http.query")]);
    }
    context.require(SCOPE).map_err(|error| one(error.into()))?;
    let mut asked = parameters::read(body, handling)?;
    if beside {
        // The query is not part of the question: what stands there is as unknown as any other parameter.
        asked.ignored.push(parameters::ignored("http.query"));
    }
    let patience = match form {
        Form::Json | Form::Xml => app.patience(),
        Form::Ndjson | Form::Events => app.stream_patience(),
    };
    let mut course = ask::ask(app, asked, context, correlation, patience, reuse(headers))
        .await
        .map_err(one)?;
    // Before it is written: a stream begins with its head.
    let age = course.from_memory().map(|since| age(since, app.clock().now()));
    let spoken = language::preferred(headers, Language::English);
    let mut response = match form {
        // XML is not offered here.
        Form::Json | Form::Xml => {
            let link = format!(
                "{}/fhir/{}/Patient/$overview",
                app.config().base(),
                base.segment()
            );
            let (whole, bundle) = json::written(&mut course, version, &link, spoken)
                .await
                .map_err(one)?;
            let mut response = respond(form, Body::from(bundle));
            if let Ok(value) = HeaderValue::from_str(&whole.statement.header()) {
                response.headers_mut().insert(COMPLETENESS, value);
            }
            whole.let_go();
            response
        }
        Form::Ndjson => {
            let (pen, body) = body::open();
            tokio::spawn(ndjson::write(course, pen, Pieces::new(version), spoken).in_current_span());
            respond(form, body)
        }
        Form::Events => {
            let (pen, body) = body::open();
            tokio::spawn(events::write(course, pen, Pieces::new(version), spoken).in_current_span());
            respond(form, body)
        }
    };
    if let Some(age) = age {
        response.headers_mut().insert(AGE, age);
    }
    Ok(response)
}

/// `Cache-Control: no-cache` (RFC 9111, section 5.2.1.4): the asker wants the holders to be asked.
pub(crate) fn reuse(headers: &HeaderMap) -> Reuse {
    let values = headers.get_all(CACHE_CONTROL).iter();
    let mut directives = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    let is_fresh_wanted = directives.any(|directive| {
        let name = directive.split('=').next().unwrap_or_default();
        name.trim().eq_ignore_ascii_case("no-cache")
    });
    if is_fresh_wanted {
        Reuse::Refused
    } else {
        Reuse::Allowed
    }
}

/// Seconds since the holders were asked, as the header `Age` tells them.
pub(crate) fn age(since: Timestamp, now: Timestamp) -> HeaderValue {
    let seconds = now.duration_since(since).as_secs();
    HeaderValue::from(u64::try_from(seconds).unwrap_or_default())
}

/// A response that nobody keeps.
fn respond(form: Form, body: Body) -> Response {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(form.media_type()));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if form != Form::Json {
        // A proxy must not gather what is meant to be seen as it comes.
        headers.insert(
            HeaderName::from_static("x-accel-buffering"),
            HeaderValue::from_static("no"),
        );
    }
    response
}
