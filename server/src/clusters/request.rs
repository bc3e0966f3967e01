//! What both operations do first: read the request, ask, and wait for all that is known.

use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use serde_json::Value;

use crate::app::App;
use crate::error::{Kind, Problem};
use crate::fhir::base::Base;
use crate::fhir::negotiate::{self, Form};
use crate::fhir::parameters::{self, Taken};
use crate::fhir::prefer;
use crate::http::asked::Asked;
use crate::overview::course::Course;
use crate::overview::json::{self, Whole};
use crate::overview::{ask, handler};

/// The scope that a system's token needs; a person has none and is judged by the policy.
const SCOPE: &str = "system/*.read";

/// What is asked for besides the question of `$overview`.
pub(super) trait Besides: Default {
    /// Takes a parameter; `None` when it is not one of these.
    fn take(&mut self, name: &str, parameter: &Value) -> Option<Taken>;

    /// What is wrong with them together.
    fn check(&self) -> Result<(), Problem>;
}

/// All that is known about the patient, asked for, permitted and recorded as for `$overview`.
///
/// # Errors
/// As `$overview`, and what is wrong with the rest of the request.
pub(super) async fn known<B: Besides>(
    app: &Arc<App>,
    request: &Asked,
) -> Result<(Course, Whole, B), Vec<Problem>> {
    let one = |problem: Problem| vec![problem];
    let Base(version) = request.base;
    let format = request.query.get("_format").map(String::as_str);
    let form = negotiate::answer_form(&request.headers, format, version, negotiate::ANSWER).map_err(one)?;
    if form != Form::Json {
        return Err(one(Kind::NotAcceptable.into()));
    }
    negotiate::body_is_json(&request.headers, version).map_err(one)?;
    // A change must be what was meant: nothing is passed over, whatever `Prefer` says.
    if request.query.keys().any(|name| name != "_format") {
        return Err(one(Problem::new(Kind::UnknownParameter).at("http.query")));
    }
    request
        .context
        .require(SCOPE)
        .map_err(|error| one(error.into()))?;
    let mut besides = B::default();
    let asked = parameters::read_with(&request.body, prefer::Handling::Strict, &mut |name, parameter| {
        besides.take(name, parameter)
    })?;
    besides.check().map_err(one)?;
    let reuse = handler::reuse(&request.headers);
    let mut course = ask::ask(
        app,
        asked,
        &request.context,
        &request.correlation,
        app.patience(),
        reuse,
    )
    .await
    .map_err(one)?;
    let whole = json::whole(&mut course).await.map_err(one)?;
    Ok((course, whole, besides))
}

/// A string of a parameter: an address or an id.
pub(super) fn text(parameter: &Value, limit: usize) -> Option<String> {
    let names = ["valueUri", "valueUrl", "valueString", "valueCode"];
    let found = names.iter().find_map(|name| parameter.get(*name)?.as_str());
    found
        .filter(|text| !text.is_empty() && text.len() <= limit)
        .map(str::to_owned)
}

/// A `Parameters` resource that nobody keeps, with how complete it is.
pub(super) fn respond(body: Bytes, whole: &Whole) -> Response {
    let mut response = Response::new(Body::from(body));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(Form::Json.media_type()));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(value) = HeaderValue::from_str(&whole.statement.header()) {
        headers.insert(handler::COMPLETENESS, value);
    }
    response
}
