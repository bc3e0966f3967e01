//! The pages: a form, the overview as one page or as a stream of its parts, and the pages behind it.
//!
//! What is known of a patient is behind a handle of the session (`session::questions`). Every page goes the whole way of a
//! question: access, consent, the audit record; the memory of the session spares the holders.

mod document;
mod launch;
mod matrix;
mod number;
mod pages;
mod question;
mod record;
mod shown;
mod stream;

use std::collections::HashMap;

use axum::body::Body;
use axum::response::Response;
use http::header::{CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, StatusCode};
use samenhang_viewer::{Frame, PageError, Person, Reader, Trouble, pages as written};

use crate::access::Context;
use crate::app::App;
use crate::error::{Language, Problem};
use crate::fhir::language;

pub use document::document;
pub use launch::{launch, launch_returned, open};
pub use number::number;
pub use pages::{medication, page, results, section, timeline};
pub use question::{form, overview};
pub use record::{apart, record};

pub(super) use document::opened;
pub(super) use frame as frame_of;
pub(super) use question::asked;
pub(super) use shown::{Shown, Visit, defect};

/// The language of a page: the one that is chosen, else the one that the browser prefers.
pub(super) fn chosen(
    query: &HashMap<String, String>,
    preferred: impl FnOnce() -> Language,
) -> samenhang_viewer::Language {
    let chosen = query
        .get("lang")
        .and_then(|tag| samenhang_viewer::Language::from_tag(tag));
    chosen.unwrap_or_else(|| match preferred() {
        Language::Dutch => samenhang_viewer::Language::Dutch,
        Language::English => samenhang_viewer::Language::English,
    })
}

pub(super) fn frame(
    app: &App,
    context: &Context,
    query: &HashMap<String, String>,
    headers: &HeaderMap,
) -> Frame {
    let language = chosen(query, || language::preferred(headers, Language::Dutch));
    let asker = context.asker();
    let sessions = app.access().sessions();
    Frame {
        language,
        reader: if context.is_patient() {
            Reader::Patient
        } else {
            Reader::Professional
        },
        person: Some(match &asker.user {
            _ if context.is_patient() => Person::patient(&asker.organisation_name, language),
            user => Person {
                name: user
                    .as_ref()
                    .map_or_else(|| asker.client_id.clone(), |user| user.name.clone()),
                organisation: asker.organisation_name.clone(),
            },
        }),
        demo: app.is_demo(),
        seconds_left: context.session().and_then(|id| sessions.seconds_left(id)),
        here: None,
    }
}

fn spoken(language: samenhang_viewer::Language) -> Language {
    language.pick(Language::Dutch, Language::English)
}

pub(super) fn trouble(problem: &Problem, language: samenhang_viewer::Language) -> Trouble {
    Trouble {
        text: problem.text.in_language(spoken(language)).to_owned(),
        hint: problem.hint.in_language(spoken(language)).to_owned(),
        code: problem.code.to_owned(),
    }
}

/// A page that says what is wrong.
pub(super) fn refused(problem: &Problem, frame: &Frame) -> Response {
    let html = written::trouble_page(frame, &trouble(problem, frame.language));
    respond(problem.status, frame, html)
}

pub(super) fn respond(status: StatusCode, frame: &Frame, html: Result<String, PageError>) -> Response {
    respond_in(status, frame.language, html)
}

/// A page in a language.
pub(super) fn respond_in(
    status: StatusCode,
    language: samenhang_viewer::Language,
    html: Result<String, PageError>,
) -> Response {
    let (status, html) = match html {
        Ok(html) => (status, html),
        Err(_) => (StatusCode::INTERNAL_SERVER_ERROR, String::new()),
    };
    let mut response = Response::new(Body::from(html));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(samenhang_viewer::CONTENT_SECURITY_POLICY),
    );
    response
}
