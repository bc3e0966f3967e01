//! The pages for the patient: the way in, the own overview, and who looked at the data.
//!
//! Who is logged in here is bound to one patient and can name no other: no address and no form of these pages says whose data
//! is shown. The overview goes the whole way of a question, and reading the log is in the log.

mod log;
mod overview;

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Query, Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::header::{LOCATION, SET_COOKIE};
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use samenhang_profiles::Bsn;
use samenhang_viewer::{Frame, OwnHome, Reader};
use url::form_urlencoded;

use crate::access::Context;
use crate::app::App;
use crate::error::{Kind, Problem};
use crate::fhir::language;
use crate::fhir::parameters::MAX_BYTES;
use crate::http::viewer::{frame_of, respond, trouble};

pub use log::log;
pub use overview::{document, overview, section};

/// Where these pages begin.
pub const HOME: &str = "/patient";

type Asked = Query<HashMap<String, String>>;

/// `GET /patient`: what a patient can see here, or how to come here.
pub async fn home(State(app): State<Arc<App>>, Query(query): Asked, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let patient = patient(&app, &parts).await;
    let frame = frame(&app, patient.as_ref(), &query, &parts.headers);
    let is_patient = patient.is_some();
    let status = if is_patient || app.is_demo() {
        StatusCode::OK
    } else {
        StatusCode::UNAUTHORIZED
    };
    let page = OwnHome {
        frame: frame.clone(),
        is_patient,
        trouble: None,
    };
    respond(status, &frame, page.render())
}

/// `POST /patient`: a patient comes in, with the token of a PGO or portal in the form (RFC 6750, section 2.2); in the
/// demonstration, with the number of a patient to look as.
pub async fn enter(State(app): State<Arc<App>>, Query(query): Asked, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let frame = frame(&app, None, &query, &parts.headers);
    let body = axum::body::to_bytes(body, MAX_BYTES).await;
    let entered = match body {
        Ok(body) => Box::pin(come_in(&app, &parts, &body)).await,
        Err(_) => Err(Kind::TooLarge.into()),
    };
    match entered {
        Ok(cookie) => {
            let mut response = StatusCode::SEE_OTHER.into_response();
            let headers = response.headers_mut();
            headers.append(SET_COOKIE, cookie);
            let to = format!("{HOME}?lang={}", frame.language.tag());
            if let Ok(to) = to.parse() {
                headers.insert(LOCATION, to);
            }
            response
        }
        Err(problem) => {
            let page = OwnHome {
                trouble: Some(trouble(&problem, frame.language)),
                frame: frame.clone(),
                is_patient: false,
            };
            respond(problem.status, &frame, page.render())
        }
    }
}

async fn come_in(app: &App, parts: &Parts, body: &Bytes) -> Result<http::HeaderValue, Problem> {
    let fields: HashMap<_, _> = form_urlencoded::parse(body).collect();
    let access = app.access();
    if let Some(token) = fields.get("access_token") {
        return Ok(access.enter(parts, token).await?);
    }
    let number = fields.get("bsn").filter(|_| app.is_demo());
    let number = number.ok_or_else(|| Problem::new(Kind::MissingParameter).at("access_token"))?;
    let patient = Bsn::parse(number.trim()).map_err(|_| Problem::new(Kind::InvalidParameter).at("bsn"))?;
    Ok(access.enter_as(parts, &patient).await?)
}

/// The patient whose session the request comes in; nobody else.
async fn patient(app: &App, parts: &Parts) -> Option<Context> {
    let context = app.access().authenticate(parts).await.ok()?;
    (context.is_patient() && context.session().is_some()).then_some(context)
}

/// For a page of a patient: that patient in a session, or the way in.
pub async fn require(
    State(app): State<Arc<App>>,
    mut request: Request,
    next: axum::middleware::Next,
) -> Response {
    let (parts, body) = request.into_parts();
    let Some(context) = patient(&app, &parts).await else {
        return Redirect::to(HOME).into_response();
    };
    if let Err(error) = app.access().admit(&context) {
        return crate::http::problem::respond(Problem::from(&error), HOME, &parts.headers);
    }
    request = Request::from_parts(parts, body);
    request.extensions_mut().insert(context);
    next.run(request).await
}

/// The frame of a page for the patient. Who is no patient yet is nobody here.
fn frame(
    app: &App,
    context: Option<&Context>,
    query: &HashMap<String, String>,
    headers: &HeaderMap,
) -> Frame {
    match context {
        Some(context) => frame_of(app, context, query, headers),
        None => Frame {
            language: crate::http::viewer::chosen(query, || {
                language::preferred(headers, crate::error::Language::Dutch)
            }),
            reader: Reader::Patient,
            demo: app.is_demo(),
            here: Some(HOME.to_owned()),
            ..Frame::default()
        },
    }
}
