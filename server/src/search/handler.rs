//! `GET /fhir/{version}/{type}`, `POST /fhir/{version}/{type}/_search`, and `$lastn` of Observation.

use std::num::NonZeroUsize;
use std::sync::Arc;

use axum::Extension;
use axum::body::{Body, to_bytes};
use axum::extract::{MatchedPath, Path, Request, State};
use axum::response::Response;
use bytes::Bytes;
use http::header::{AGE, CONTENT_TYPE};
use http::request::Parts as Head;
use http::{HeaderValue, Method};
use samenhang_gather::query::Purpose;
use samenhang_profiles::FhirVersion;
use samenhang_reconcile::view::Views;
use url::form_urlencoded;

use super::control::Control;
use super::page::Place;
use super::query::{self, Search};
use super::write::{self, Parts};
use crate::access::Context;
use crate::app::App;
use crate::error::{Kind, Language, Problem};
use crate::fhir::base::Base;
use crate::fhir::negotiate::{self, Form};
use crate::fhir::parameters::{Asked, MAX_BYTES};
use crate::fhir::{language, prefer, xml};
use crate::http::correlation::Correlation;
use crate::http::problem;
use crate::overview::{ask, handler, json};
use crate::session::{Owner, Paged};

/// The scope that a system's token needs; a person has none and is judged by the policy.
const SCOPE: &str = "system/*.read";

/// What is searched, as the address says.
struct Target {
    base: Base,
    kind: String,
    is_lastn: bool,
}

impl Target {
    /// Of a route of [`crate::http::routes::TABLE`]; `$lastn` is of Observation, the others name their type.
    fn of(base: Base, route: &MatchedPath, kind: Option<Path<String>>) -> Target {
        Target {
            base,
            kind: kind.map_or_else(|| "Observation".to_owned(), |Path(kind)| kind),
            is_lastn: route.as_str().ends_with("/$lastn"),
        }
    }
}

/// A search for a type, or `$lastn`, in either version, by GET or POST.
pub async fn search(
    State(app): State<Arc<App>>,
    Extension(correlation): Extension<Correlation>,
    Extension(context): Extension<Context>,
    base: Base,
    route: MatchedPath,
    kind: Option<Path<String>>,
    request: Request,
) -> Response {
    let target = Target::of(base, &route, kind);
    let headers = request.headers().clone();
    match Box::pin(answer(&app, &correlation, &context, &target, request)).await {
        Ok(response) => response,
        Err(problems) => problem::respond_all(problems, "/fhir", &headers),
    }
}

async fn answer(
    app: &Arc<App>,
    correlation: &Correlation,
    context: &Context,
    target: &Target,
    request: Request,
) -> Result<Response, Vec<Problem>> {
    let one = |problem: Problem| vec![problem];
    let Base(version) = target.base;
    let (parts, body) = request.into_parts();
    require(app, context, &parts).map_err(one)?;
    let mut pairs = pairs(parts.uri.query().unwrap_or_default().as_bytes());
    if parts.method == Method::POST {
        if !negotiate::body_is_form(&parts.headers) {
            return Err(one(Kind::UnsupportedMedia.into()));
        }
        let body = to_bytes(body, MAX_BYTES)
            .await
            .map_err(|_| one(Kind::TooLarge.into()))?;
        pairs.extend(self::pairs(&body));
    }
    let format = pairs
        .iter()
        .find(|(name, _)| name == "_format")
        .map(|(_, value)| value.as_str());
    let form = negotiate::answer_form(&parts.headers, format, version, negotiate::RESOURCE).map_err(one)?;
    let handling = prefer::handling(&parts.headers);
    let search = query::read(version, &target.kind, target.is_lastn, &pairs, handling)?;
    let asked = asked(&search, context).map_err(one)?;
    // Who did not name the number gets an answer without it.
    let masked = search.patient.is_none().then(|| asked.patient.clone());

    let reuse = handler::reuse(&parts.headers);
    let mut course = ask::ask(app, asked, context, correlation, app.patience(), reuse)
        .await
        .map_err(one)?;
    let age = course
        .from_memory()
        .map(|since| handler::age(since, app.clock().now()));
    let whole = json::whole(&mut course).await.map_err(one)?;
    let whole = whole.in_version(version).await.map_err(one)?;
    let operation = if target.is_lastn { "/$lastn" } else { "" };
    let base = format!("{}/fhir/{}", app.config().base(), target.base.segment());
    let sheet = write::sheet(&Parts {
        search: &search,
        whole: &whole,
        ignored: course.ignored(),
        masked: masked.as_ref(),
        address: &format!("{base}/{}{operation}", target.kind),
        language: language::preferred(&parts.headers, Language::English),
    });
    let completeness = whole.statement.header();
    let most = match search.control {
        Control { total_only: true, .. } => 0,
        Control { count, .. } => count.map_or(usize::MAX, NonZeroUsize::get),
    };
    let bundle = if most == 0 || most >= sheet.matches() {
        sheet.first(most, None)
    } else {
        let now = app.clock().now();
        let paged = Paged {
            owner: Owner::of(context, &parts.headers),
            since: course.from_memory().unwrap_or(now),
            given: now,
            question: course.question().clone(),
            permits: whole.permits,
            sheet,
            count: most,
            completeness: completeness.clone(),
        };
        let kept = app.access().sessions().keep_pages(paged);
        let (answer, paged) = kept.ok_or_else(|| one(Kind::TooLargeToPage.into()))?;
        let place = Place {
            base: &base,
            answer: &answer,
            format: format.map(|_| form),
        };
        paged.sheet.first(most, Some(&place.of(2)))
    };
    let mut response = written(bundle, form, version, &completeness).map_err(one)?;
    if let Some(age) = age {
        response.headers_mut().insert(AGE, age);
    }
    Ok(response)
}

/// What every request of a search must be: within the scope, and from a page of this server when it is a person's.
pub(super) fn require(app: &App, context: &Context, parts: &Head) -> Result<(), Problem> {
    context.require(SCOPE)?;
    if context.session().is_some() {
        // A question leaves traces that the patient sees: another site may not have it asked by a link.
        app.access().require_own_page(parts)?;
    }
    Ok(())
}

/// A searchset as it leaves.
pub(super) fn written(
    bundle: Bytes,
    form: Form,
    version: FhirVersion,
    completeness: &str,
) -> Result<Response, Problem> {
    let body = match form {
        Form::Xml => Body::from(xml::of_searchset(&bundle, version).map_err(|_| Kind::OtherVersion)?),
        _ => Body::from(bundle),
    };
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(form.media_type()));
    if let Ok(value) = HeaderValue::from_str(completeness) {
        headers.insert(handler::COMPLETENESS, value);
    }
    Ok(response)
}

/// The question of a search: about the patient that it names, or that the token is bound to.
fn asked(search: &Search, context: &Context) -> Result<Asked, Problem> {
    let patient = match (&search.patient, context.patient()) {
        (Some(named), Some(bound)) if named != bound => return Err(Kind::Forbidden.into()),
        (Some(named), _) => named.clone(),
        (None, Some(bound)) => bound.clone(),
        (None, None) => {
            return Err(Problem::new(Kind::MissingParameter).at("http.parameter").hint(
                "Noem de patient met patient.identifier (Patient: identifier, Coverage: beneficiary.identifier).",
                "Name the patient with patient.identifier (Patient: identifier, Coverage: beneficiary.identifier).",
            ));
        }
    };
    Ok(Asked {
        patient,
        categories: search.categories(),
        purpose: Purpose::Treatment,
        birth_date: None,
        family: None,
        confirmed_identity: Default::default(),
        view: Views::shipped().whole(),
        ignored: search.ignored.clone(),
    })
}

/// The parameters of a query or a form.
fn pairs(text: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(text).into_owned().collect()
}
