//! The one table of routes: what is not in it does not exist, and what has no rule cannot be in it.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{Redirect, Response};
use axum::routing::{MethodRouter, get, post};
use http::Method;

use crate::access::{CALLBACK, LAUNCH, OPEN, login_routes};
use crate::app::App;
use crate::clusters::{reconcile, unlink};
use crate::error::Kind;
use crate::fhir::parameters;
use crate::http::{
    address, asker, correlation, health, layers, notification, operator, patient, problem, published, viewer,
};
use crate::overview::handler;
use crate::search::{handler as search, page};
use crate::validation::operation;

/// Which listener a route is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// What askers reach.
    Public,
    /// What only the operator reaches.
    Internal,
}

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Anyone: nothing about a patient can come out.
    Anyone,
    /// Somebody with a session or a token; the policy decides on each question.
    Asker,
    /// Somebody with a session; others are sent to the login.
    Person,
    /// A patient with a session; others are sent to the way in.
    Patient,
    /// Anyone who comes to log in: the handler is the login itself.
    Login,
}

/// One route.
pub struct Route {
    /// The listener.
    pub side: Side,
    /// The method.
    pub method: Method,
    /// The path, as axum writes it.
    pub path: &'static str,
    /// Who may use it.
    pub rule: Rule,
    /// `None` for a route of the login, which comes with its handler.
    handler: Option<fn() -> MethodRouter<Arc<App>>>,
}

const fn public(
    method: Method,
    path: &'static str,
    rule: Rule,
    handler: fn() -> MethodRouter<Arc<App>>,
) -> Route {
    Route {
        side: Side::Public,
        method,
        path,
        rule,
        handler: Some(handler),
    }
}

const fn internal(path: &'static str, handler: fn() -> MethodRouter<Arc<App>>) -> Route {
    Route {
        side: Side::Internal,
        method: Method::GET,
        path,
        rule: Rule::Anyone,
        handler: Some(handler),
    }
}

const fn login(method: Method, path: &'static str) -> Route {
    Route {
        side: Side::Public,
        method,
        path,
        rule: Rule::Login,
        handler: None,
    }
}

/// Searches by their parameters in the address.
pub const SEARCH_R4: &str = "/fhir/R4/{type}";
/// As [`SEARCH_R4`], in STU3.
pub const SEARCH_STU3: &str = "/fhir/STU3/{type}";
/// The latest results.
pub const LASTN_R4: &str = "/fhir/R4/Observation/$lastn";
/// As [`LASTN_R4`], in STU3.
pub const LASTN_STU3: &str = "/fhir/STU3/Observation/$lastn";

/// The overview behind a handle.
pub const VIEWER_PAGE: &str = "/viewer/p/{handle}";
/// A section behind a handle.
pub const VIEWER_SECTION: &str = "/viewer/p/{handle}/section/{name}";

/// The medication behind a handle.
pub const VIEWER_MEDICATION: &str = "/viewer/p/{handle}/medication";
/// Laboratory results behind a handle.
pub const VIEWER_RESULTS: &str = "/viewer/p/{handle}/results";
/// The timeline behind a handle.
pub const VIEWER_TIMELINE: &str = "/viewer/p/{handle}/timeline";
/// A record behind a handle.
pub const VIEWER_RECORD: &str = "/viewer/p/{handle}/record/{key}";
/// A document of a record behind a handle.
pub const VIEWER_DOCUMENT: &str = "/viewer/p/{handle}/document/{key}/{place}";
/// The number of the patient, shown on purpose.
pub const VIEWER_NUMBER: &str = "/viewer/p/{handle}/number";
/// Two records that a person keeps apart.
pub const VIEWER_APART: &str = "/viewer/p/{handle}/apart";

/// A patient's own overview.
pub const PATIENT_OVERVIEW: &str = "/patient/overview";
/// A section of it.
pub const PATIENT_SECTION: &str = "/patient/overview/section/{name}";
/// A document of a record in it.
pub const PATIENT_DOCUMENT: &str = "/patient/overview/document/{key}/{place}";

/// Every route of the server.
pub const TABLE: &[Route] = &[
    public(Method::GET, "/", Rule::Anyone, || {
        get(|| async { Redirect::to("/viewer") })
    }),
    public(Method::GET, "/healthz", Rule::Anyone, || get(health::healthz)),
    public(Method::GET, "/readyz", Rule::Anyone, || get(health::readyz)),
    public(Method::GET, "/fhir/R4/metadata", Rule::Anyone, || {
        get(published::metadata)
    }),
    public(
        Method::GET,
        "/fhir/R4/OperationDefinition/Patient-overview",
        Rule::Anyone,
        || get(published::definition),
    ),
    public(
        Method::GET,
        "/fhir/R4/OperationDefinition/Patient-reconcile",
        Rule::Anyone,
        || get(published::reconcile),
    ),
    public(
        Method::GET,
        "/fhir/R4/OperationDefinition/Patient-unlink",
        Rule::Anyone,
        || get(published::unlink),
    ),
    public(Method::GET, "/fhir/STU3/metadata", Rule::Anyone, || {
        get(published::metadata)
    }),
    public(
        Method::GET,
        "/fhir/STU3/OperationDefinition/Patient-overview",
        Rule::Anyone,
        || get(published::definition),
    ),
    public(Method::POST, "/fhir/R4/Patient/$overview", Rule::Asker, || {
        post(handler::overview)
    }),
    public(Method::POST, "/fhir/STU3/Patient/$overview", Rule::Asker, || {
        post(handler::overview)
    }),
    public(Method::POST, "/fhir/R4/Patient/$reconcile", Rule::Asker, || {
        post(reconcile::reconcile)
    }),
    public(Method::POST, "/fhir/R4/Patient/$unlink", Rule::Asker, || {
        post(unlink::unlink)
    }),
    public(Method::GET, SEARCH_R4, Rule::Asker, || get(search::search)),
    public(Method::POST, "/fhir/R4/{type}/_search", Rule::Asker, || {
        post(search::search)
    }),
    public(Method::GET, LASTN_R4, Rule::Asker, || get(search::search)),
    public(Method::POST, LASTN_R4, Rule::Asker, || post(search::search)),
    public(Method::GET, SEARCH_STU3, Rule::Asker, || get(search::search)),
    public(Method::POST, "/fhir/STU3/{type}/_search", Rule::Asker, || {
        post(search::search)
    }),
    public(
        Method::GET,
        "/fhir/R4/_page/{answer}/{number}",
        Rule::Asker,
        || get(page::page),
    ),
    public(
        Method::GET,
        "/fhir/STU3/_page/{answer}/{number}",
        Rule::Asker,
        || get(page::page),
    ),
    public(Method::GET, LASTN_STU3, Rule::Asker, || get(search::search)),
    public(Method::POST, LASTN_STU3, Rule::Asker, || post(search::search)),
    public(Method::POST, "/fhir/R4/{type}/$validate", Rule::Asker, || {
        post(operation::validate_r4).layer(DefaultBodyLimit::max(operation::MAX_BYTES))
    }),
    public(Method::POST, "/fhir/STU3/{type}/$validate", Rule::Asker, || {
        post(operation::validate_stu3).layer(DefaultBodyLimit::max(operation::MAX_BYTES))
    }),
    public(Method::GET, "/viewer", Rule::Person, || get(viewer::form)),
    public(Method::POST, "/viewer/overview", Rule::Person, || {
        post(viewer::overview)
    }),
    public(Method::GET, LAUNCH, Rule::Anyone, || get(viewer::launch)),
    public(Method::GET, CALLBACK, Rule::Anyone, || {
        get(viewer::launch_returned)
    }),
    public(Method::GET, OPEN, Rule::Person, || get(viewer::open)),
    public(Method::GET, VIEWER_PAGE, Rule::Person, || get(viewer::page)),
    public(Method::GET, VIEWER_MEDICATION, Rule::Person, || {
        get(viewer::medication)
    }),
    public(Method::GET, VIEWER_RESULTS, Rule::Person, || get(viewer::results)),
    public(Method::GET, VIEWER_TIMELINE, Rule::Person, || {
        get(viewer::timeline)
    }),
    public(Method::GET, VIEWER_RECORD, Rule::Person, || get(viewer::record)),
    public(Method::GET, VIEWER_DOCUMENT, Rule::Person, || {
        get(viewer::document)
    }),
    public(Method::POST, VIEWER_NUMBER, Rule::Person, || post(viewer::number)),
    public(Method::POST, VIEWER_APART, Rule::Person, || post(viewer::apart)),
    public(Method::GET, VIEWER_SECTION, Rule::Person, || get(viewer::section)),
    public(Method::GET, "/viewer/assets/{name}", Rule::Anyone, || {
        get(published::asset)
    }),
    public(Method::GET, patient::HOME, Rule::Login, || get(patient::home)),
    public(Method::POST, patient::HOME, Rule::Login, || post(patient::enter)),
    public(Method::GET, PATIENT_OVERVIEW, Rule::Patient, || {
        get(patient::overview)
    }),
    public(Method::GET, PATIENT_SECTION, Rule::Patient, || {
        get(patient::section)
    }),
    public(Method::GET, PATIENT_DOCUMENT, Rule::Patient, || {
        get(patient::document)
    }),
    public(Method::GET, "/patient/log", Rule::Patient, || get(patient::log)),
    login(Method::GET, "/auth/login"),
    login(Method::GET, "/auth/callback"),
    login(Method::POST, "/auth/logout"),
    login(Method::POST, "/oauth/token"),
    login(Method::GET, "/.well-known/smart-configuration"),
    internal("/healthz", || get(health::healthz)),
    internal("/readyz", || get(health::readyz_details)),
    internal("/metrics", || get(health::metrics)),
    internal("/quirks", || get(health::quirks)),
    internal("/operator", || get(operator::page)),
    internal("/operator/quality/{source}", || get(operator::report)),
    internal("/viewer/assets/{name}", || get(published::asset)),
    Route {
        side: Side::Internal,
        method: Method::POST,
        path: "/mitz/notification",
        rule: Rule::Anyone,
        handler: Some(|| post(notification::receive)),
    },
];

/// The router of one listener, with the layers around it.
pub fn router(app: &Arc<App>, side: Side) -> Router {
    let mut paths: BTreeMap<&'static str, MethodRouter<Arc<App>>> = BTreeMap::new();
    for route in TABLE.iter().filter(|route| route.side == side) {
        let Some(handler) = route.handler else { continue };
        let handler = guarded(handler(), route.rule, app);
        let merged = match paths.remove(route.path) {
            Some(other) => other.merge(handler),
            None => handler,
        };
        paths.insert(route.path, merged);
    }
    let mut router: Router<Arc<App>> = Router::new();
    for (path, handler) in paths {
        router = router.route(path, handler);
    }
    let router = router.with_state(Arc::clone(app));
    let router = match side {
        Side::Public => router.merge(login_routes(app.access().clone())),
        Side::Internal => router,
    };
    router
        .method_not_allowed_fallback(method_not_allowed)
        .fallback(not_found)
        .layer(from_fn(layers::survive))
        .layer(from_fn_with_state(Arc::clone(app), layers::observe))
        .layer(from_fn(address::refuse_bsn))
        .layer(from_fn(correlation::correlate))
        .layer(from_fn_with_state(Arc::clone(app), layers::protect))
        // One more than the limit of a question, so that the question itself says what is wrong.
        .layer(DefaultBodyLimit::max(parameters::MAX_BYTES + 1))
}

fn guarded(handler: MethodRouter<Arc<App>>, rule: Rule, app: &Arc<App>) -> MethodRouter<Arc<App>> {
    match rule {
        Rule::Anyone | Rule::Login => handler,
        Rule::Asker => handler.route_layer(from_fn_with_state(Arc::clone(app), asker::require)),
        Rule::Patient => handler.route_layer(from_fn_with_state(Arc::clone(app), patient::require)),
        Rule::Person => handler.route_layer(from_fn_with_state(Arc::clone(app), asker::require_person)),
    }
}

async fn not_found(request: Request) -> Response {
    problem::respond(Kind::NotFound.into(), request.uri().path(), request.headers())
}

async fn method_not_allowed(request: Request) -> Response {
    problem::respond(
        Kind::MethodNotAllowed.into(),
        request.uri().path(),
        request.headers(),
    )
}

#[cfg(test)]
mod tests;
