//! The pages: a form, and the overview as one page or as a stream of its parts.

mod stream;

use std::collections::HashMap;
use std::sync::Arc;

use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::{Query, State};
use axum::response::Response;
use http::header::{ACCEPT, CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, StatusCode};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use samenhang_gather::query::Purpose;
use samenhang_profiles::{Bsn, Ura};
use samenhang_reconcile::completeness::Statement;
use samenhang_reconcile::view::Views;
use samenhang_terminology::{Category, Status};
use samenhang_viewer::{Cell, FormPage, Frame, Matrix, OverviewPage, PageError, Person, Row, Trouble, item};
use tracing::Instrument;
use url::form_urlencoded;

use crate::access::Context;
use crate::app::App;
use crate::error::{Kind, Language, Problem};
use crate::fhir::language;
use crate::fhir::parameters::Asked;
use crate::http::correlation::Correlation;
use crate::overview::ask;
use crate::overview::body;
use crate::overview::course::Course;
use crate::overview::json;
use crate::overview::memory::Reuse;
use crate::overview::tally::{self, Said, Tally};

/// `GET /viewer`: the form.
pub async fn form(
    State(app): State<Arc<App>>,
    Extension(context): Extension<Context>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    let frame = frame(&app, &context, &query, &headers);
    page(
        StatusCode::OK,
        &frame,
        FormPage {
            frame: frame.clone(),
            trouble: None,
        }
        .render(),
    )
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
        .is_some_and(|value| value.as_bytes().starts_with(b"text/event-stream"));
    match answer(&app, &context, &correlation, &frame, &body, streamed).await {
        Ok(response) => response,
        Err(problem) => {
            let form = FormPage {
                frame: frame.clone(),
                trouble: Some(trouble(&problem, frame.language)),
            };
            page(problem.status, &frame, form.render())
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
    let (asked, reuse) = read(body)?;
    let patience = if streamed {
        app.stream_patience()
    } else {
        app.patience()
    };
    let made_at = made_at(app);
    let mut course = ask::ask(app, asked, context, correlation, patience, reuse).await?;
    if streamed {
        let (pen, body) = body::open();
        tokio::spawn(stream::write(course, pen, frame.clone(), made_at).in_current_span());
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
    let overview = OverviewPage {
        frame: frame.clone(),
        made_at,
        matrix: matrix(&course, Some(&whole.statement), frame.language),
        shown_again: course.from_memory().map(clock_time),
        items: item::of_answer(&whole.reconciled, frame.language),
        categories: course.tally().asked().iter().copied().collect(),
    };
    Ok(page(StatusCode::OK, frame, overview.render()))
}

/// The question of the form, and whether the answer may come from memory.
fn read(body: &[u8]) -> Result<(Asked, Reuse), Problem> {
    let fields: HashMap<_, _> = form_urlencoded::parse(body).collect();
    let field = |name: &str| {
        fields
            .get(name)
            .map(|text| text.trim())
            .filter(|text| !text.is_empty())
    };
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
    let reuse = match field("refresh") {
        Some(_) => Reuse::Refused,
        None => Reuse::Allowed,
    };
    let asked = Asked {
        patient,
        categories: Category::ALL.into_iter().collect(),
        purpose,
        birth_date,
        family: None,
        confirmed_identity: std::collections::BTreeSet::new(),
        view: Views::shipped().whole(),
        ignored: Vec::new(),
    };
    Ok((asked, reuse))
}

fn frame(app: &App, context: &Context, query: &HashMap<String, String>, headers: &HeaderMap) -> Frame {
    let chosen = query
        .get("lang")
        .and_then(|tag| samenhang_viewer::Language::from_tag(tag));
    let asker = context.asker();
    Frame {
        language: chosen.unwrap_or_else(|| match language::preferred(headers, Language::Dutch) {
            Language::Dutch => samenhang_viewer::Language::Dutch,
            Language::English => samenhang_viewer::Language::English,
        }),
        person: Some(Person {
            name: asker
                .user
                .as_ref()
                .map_or_else(|| asker.client_id.clone(), |user| user.name.clone()),
            organisation: asker.organisation_name.clone(),
        }),
        demo: app.is_demo(),
    }
}

fn spoken(language: samenhang_viewer::Language) -> Language {
    match language {
        samenhang_viewer::Language::Dutch => Language::Dutch,
        samenhang_viewer::Language::English => Language::English,
    }
}

fn trouble(problem: &Problem, language: samenhang_viewer::Language) -> Trouble {
    Trouble {
        text: problem.text.in_language(spoken(language)).to_owned(),
        hint: problem.hint.in_language(spoken(language)).to_owned(),
        code: problem.code.to_owned(),
    }
}

/// The completeness matrix; with the statement when the question has ended.
fn matrix(course: &Course, statement: Option<&Statement>, language: samenhang_viewer::Language) -> Matrix {
    let tally: &Tally = course.tally();
    let cell = |ura, category: Category| {
        let told = tally.cell(ura, category);
        Cell {
            category,
            // At the end, what was never told has failed: it must not look as if it were still coming.
            status: told.map(|told| told.status).or(statement.map(|_| Status::Failed)),
            count: told.map_or(0, |told| told.count),
            reason: told.and_then(|told| told.detail).map(|detail| match language {
                samenhang_viewer::Language::Dutch => detail.text_nl().to_owned(),
                samenhang_viewer::Language::English => detail.text_en().to_owned(),
            }),
        }
    };
    Matrix {
        rows: tally
            .holders()
            .map(|(ura, name)| Row {
                ura: ura.to_string(),
                name: name.to_string(),
                cells: tally
                    .asked()
                    .iter()
                    .map(|category| cell(ura, *category))
                    .collect(),
                retrieved: retrieved(tally, ura),
            })
            .collect(),
        notices: tally::all_said(tally)
            .map(|said| notice_text(&said, tally, language))
            .collect(),
        is_final: statement.is_some(),
    }
}

fn notice_text(said: &Said, tally: &Tally, language: samenhang_viewer::Language) -> String {
    let text = said.text(spoken(language));
    match &said.holder {
        Some(ura) => format!("{}: {text}", tally.name(ura)),
        None => text.to_owned(),
    }
}

/// When a holder gave what is shown of it, for a reader: the oldest of it.
fn retrieved(tally: &Tally, ura: &Ura) -> Option<String> {
    let cells = tally
        .asked()
        .iter()
        .filter_map(|category| tally.cell(ura, *category));
    cells.filter_map(|told| told.retrieved).min().map(clock_time)
}

/// The time of the day, for a reader in the Netherlands.
fn clock_time(at: Timestamp) -> String {
    in_zone(at).strftime("%H:%M").to_string()
}

/// Now, for a reader in the Netherlands.
fn made_at(app: &App) -> String {
    in_zone(app.clock().now()).strftime("%d-%m-%Y %H:%M").to_string()
}

fn in_zone(at: Timestamp) -> Zoned {
    let zone = TimeZone::get("Europe/Amsterdam").unwrap_or(TimeZone::UTC);
    at.to_zoned(zone)
}

fn page(status: StatusCode, frame: &Frame, html: Result<String, PageError>) -> Response {
    let (status, html) = match html {
        Ok(html) => (status, html),
        Err(_) => (StatusCode::INTERNAL_SERVER_ERROR, String::new()),
    };
    let mut response = Response::new(Body::from(html));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(
        CONTENT_LANGUAGE,
        HeaderValue::from_static(frame.language.words().tag),
    );
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(samenhang_viewer::CONTENT_SECURITY_POLICY),
    );
    response
}
