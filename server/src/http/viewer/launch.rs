//! `GET /viewer/launch`, `/viewer/launch/callback` and `/viewer/launch/open`: a record system starts the viewer with a
//! patient. What is wrong is told in a page, in both languages.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use http::header::{LOCATION, SET_COOKIE};
use http::{HeaderMap, HeaderValue, StatusCode};
use samenhang_viewer::{Address, Frame, Language};

use super::{chosen, refused};
use crate::access::{AccessError, Context};
use crate::app::App;
use crate::error::{Kind, Problem};
use crate::fhir::language;

/// Sends the browser on.
fn see(location: &str, cookies: Vec<HeaderValue>) -> Option<Response> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    let headers = response.headers_mut();
    headers.insert(LOCATION, HeaderValue::from_str(location).ok()?);
    for cookie in cookies {
        headers.append(SET_COOKIE, cookie);
    }
    Some(response)
}

/// The language that the browser prefers: the addresses are the record system's, and say nothing of it.
fn spoken(headers: &HeaderMap) -> Language {
    chosen(&HashMap::new(), || {
        language::preferred(headers, crate::error::Language::Dutch)
    })
}

/// A frame for whoever comes: nobody has logged in yet.
fn nobody(app: &App, headers: &HeaderMap) -> Frame {
    Frame {
        language: spoken(headers),
        demo: app.is_demo(),
        ..Frame::default()
    }
}

fn answer(app: &App, way: Result<(String, Vec<HeaderValue>), AccessError>, headers: &HeaderMap) -> Response {
    let problem = match way {
        Ok((location, cookies)) => match see(&location, cookies) {
            Some(response) => return response,
            None => Kind::Defect.into(),
        },
        Err(error) => Problem::from(&error),
    };
    refused(&problem, &nobody(app, headers))
}

/// `GET /viewer/launch?iss=...&launch=...`: the record system sends a browser.
pub async fn launch(State(app): State<Arc<App>>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let way = app.access().launch(&parts).await;
    answer(&app, way, &parts.headers)
}

/// `GET /viewer/launch/callback`: the browser comes back from the record system.
pub async fn launch_returned(State(app): State<Arc<App>>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let way = app.access().launch_returned(&parts).await;
    answer(&app, way, &parts.headers)
}

/// `GET /viewer/launch/open`: the overview of the patient of the launch, for who has logged in.
pub async fn open(
    State(app): State<Arc<App>>,
    Extension(context): Extension<Context>,
    request: Request,
) -> Response {
    let (parts, _) = request.into_parts();
    let way = match app.access().launched(&context, &parts).await {
        Ok(question) => {
            let sessions = app.access().sessions();
            let handle = context.session().and_then(|id| sessions.remember(id, question));
            let language = spoken(&parts.headers);
            handle
                .map(|handle| {
                    let page = Address::new(handle, language).overview();
                    (page, app.access().launch_over().into_iter().collect())
                })
                .ok_or(AccessError::Session)
        }
        Err(error) => Err(error),
    };
    answer(&app, way, &parts.headers)
}
