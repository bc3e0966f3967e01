//! `GET /viewer` and `POST /viewer/overview`: the form, and the question that it asks.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Extension;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::response::Response;
use http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, StatusCode};
use samenhang_gather::query::Purpose;
use samenhang_profiles::Bsn;
use samenhang_reconcile::view::Views;
use samenhang_terminology::Category;
use samenhang_viewer::moment::moment;
use samenhang_viewer::{Address, FormPage, Frame};
use tracing::Instrument;
use url::form_urlencoded;

use super::shown::Shown;
use super::{frame, respond, stream, trouble};
use crate::access::Context;
use crate::app::App;
use crate::error::{Kind, Problem};
use crate::fhir::parameters::Asked;
use crate::http::correlation::Correlation;
use crate::overview::memory::Reuse;
use crate::overview::{ask, body, json};
use crate::session::Remembered;

/// `GET /viewer`: the form.
pub async fn form(
    State(app): State<Arc<App>>,
    Extension(context): Extension<Context>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    let frame = frame(&app, &context, &query, &headers);
    let form = FormPage {
        frame: frame.clone(),
        trouble: None,
    };
    respond(StatusCode::OK, &frame, form.render())
}

/// `POST /viewer/overview`: the overview. With `Accept: text/event-stream` in parts, else as one page.
pub async fn overview(
    State(app): State<Arc<App>>,
    Extension(context): Extension<Context>,
    Extension(correlation): Extension<Correlation>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let frame = frame(&app, &context, &query, &headers);
    let streamed = headers
        .get(ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.contains("text/event-stream"));
    match answer(&app, &context, &correlation, &frame, &body, streamed).await {
        Ok(response) => response,
        Err(problem) => {
            let form = FormPage {
                frame: frame.clone(),
                trouble: Some(trouble(&problem, frame.language)),
            };
            respond(problem.status, &frame, form.render())
        }
    }
}

async fn answer(
    app: &Arc<App>,
    context: &Context,
    correlation: &Correlation,
    frame: &Frame,
    body: &[u8],
    streamed: bool,
) -> Result<Response, Problem> {
    let (question, reuse) = read(app, context, body)?;
    let patience = if streamed {
        app.stream_patience()
    } else {
        app.patience()
    };
    let made_at = moment(app.clock().now());
    let handle = context
        .session()
        .and_then(|id| app.access().sessions().remember(id, question.clone()));
    let address = handle.map(|handle| Address::new(handle, frame.language));
    let mut frame = frame.clone();
    frame.here = address
        .as_ref()
        .map(|address| format!("/viewer/p/{}", address.handle()));
    let mut course = ask::ask(app, asked(question), context, correlation, patience, reuse).await?;
    if streamed {
        let (pen, body) = body::open();
        let page = stream::Page {
            frame,
            made_at,
            address,
        };
        tokio::spawn(stream::write(course, pen, page).in_current_span());
        let mut response = Response::new(body);
        let headers = response.headers_mut();
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("text/event-stream; charset=utf-8"),
        );
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
        return Ok(response);
    }
    let whole = json::whole(&mut course).await?;
    let shown = Shown {
        course: &course,
        whole: &whole,
        address,
        made_at,
        view: Views::shipped().whole(),
    };
    let response = respond(StatusCode::OK, &frame, shown.overview(&frame).render());
    drop(course);
    whole.let_go();
    Ok(response)
}

/// The question that is behind a handle, or in the fields of the form, and whether the answer may come from memory.
fn read(app: &App, context: &Context, body: &[u8]) -> Result<(Remembered, Reuse), Problem> {
    let fields: HashMap<_, _> = form_urlencoded::parse(body).collect();
    let field = |name: &str| {
        fields
            .get(name)
            .map(|text| text.trim())
            .filter(|text| !text.is_empty())
    };
    let reuse = match field("refresh") {
        Some(_) => Reuse::Refused,
        None => Reuse::Allowed,
    };
    if let Some(handle) = field("again") {
        let sessions = app.access().sessions();
        let known = context.session().and_then(|id| sessions.remembered(id, handle));
        return Ok((known.ok_or(Kind::PageGone)?, reuse));
    }
    let patient = Bsn::parse(field("bsn").unwrap_or_default()).map_err(|_| {
        Problem::new(Kind::InvalidParameter).at("bsn").hint(
            "Een burgerservicenummer heeft negen cijfers die de 11-proef doorstaan. Controleer het nummer.",
            "A citizen service number has nine digits that pass the 11-proef. Check the number.",
        )
    })?;
    let purpose = field("purpose").and_then(Purpose::from_code).ok_or_else(|| {
        Problem::new(Kind::InvalidParameter).at("purpose").hint(
            "Kies waarvoor u de gegevens nodig hebt.",
            "Choose what you need the data for.",
        )
    })?;
    let birth_date = match field("birthDate") {
        None => None,
        Some(text) if text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok() => Some(text.to_owned()),
        Some(_) => {
            return Err(Problem::new(Kind::InvalidParameter).at("birthDate").hint(
                "Geef een volledige geboortedatum, of laat hem leeg.",
                "Give a full date of birth, or none.",
            ));
        }
    };
    let question = Remembered {
        patient,
        purpose,
        birth_date,
    };
    Ok((question, reuse))
}

/// The question of a page: everything, whatever part of it the page shows.
pub(in crate::http) fn asked(question: Remembered) -> Asked {
    Asked {
        patient: question.patient,
        categories: Category::ALL.into_iter().collect(),
        purpose: question.purpose,
        birth_date: question.birth_date,
        family: None,
        confirmed_identity: std::collections::BTreeSet::new(),
        view: Views::shipped().whole(),
        ignored: Vec::new(),
    }
}
