//! `GET /fhir/{version}/_page/{answer}/{number}`: the next pages of a search.
//!
//! A page is of the answer that the first one was of: no holder is asked again. It is a question to the policy and a
//! disclosure in the audit log as the first one was, for the same asker only, and only while every permit of the first
//! one holds. Whatever is not so, there is no such page any more.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, Query, Request, State};
use axum::response::Response;
use http::HeaderMap;
use http::header::AGE;
use http::request::Parts;
use samenhang_gather::query::Question;

use super::handler;
use super::sheet::Wanted;
use crate::access::Context;
use crate::app::App;
use crate::error::{Kind, Problem};
use crate::fhir::base::Base;
use crate::fhir::negotiate::{self, Form};
use crate::http::correlation::Correlation;
use crate::http::problem;
use crate::overview::handler::age;
use crate::overview::release::{Gate, Withheld, show_again};
use crate::session::{Owner, Paged};

/// Where the pages of an answer are, to be followed by [`Place::of`].
pub(super) struct Place<'a> {
    /// The address of the version, without a slash at its end.
    pub(super) base: &'a str,
    /// The id of the answer.
    pub(super) answer: &'a str,
    /// The form, when `_format` asked for it.
    pub(super) format: Option<Form>,
}

impl Place<'_> {
    /// The address of a page; the first one is 1.
    pub(super) fn of(&self, number: usize) -> String {
        let address = format!("{}/_page/{}/{number}", self.base, self.answer);
        // Not as the asker wrote it: what else that says is not repeated in an address.
        match self.format {
            Some(Form::Xml) => format!("{address}?_format=xml"),
            Some(_) => format!("{address}?_format=json"),
            None => address,
        }
    }
}

/// One page.
pub async fn page(
    State(app): State<Arc<App>>,
    Extension(correlation): Extension<Correlation>,
    Extension(context): Extension<Context>,
    base: Base,
    Path((answer, number)): Path<(String, String)>,
    Query(query): Query<HashMap<String, String>>,
    request: Request,
) -> Response {
    let (parts, _) = request.into_parts();
    let asked = Asked {
        base,
        answer: &answer,
        number: number.parse().unwrap_or_default(),
        format: query.get("_format").map(String::as_str),
        parts: &parts,
    };
    match Box::pin(respond(&app, &correlation, &context, asked)).await {
        Ok(response) => response,
        Err(problem) => problem::respond(problem, "/fhir", &parts.headers),
    }
}

/// The page that is asked for.
struct Asked<'a> {
    base: Base,
    answer: &'a str,
    number: usize,
    format: Option<&'a str>,
    parts: &'a Parts,
}

async fn respond(
    app: &App,
    correlation: &Correlation,
    context: &Context,
    asked: Asked<'_>,
) -> Result<Response, Problem> {
    handler::require(app, context, asked.parts)?;
    let headers: &HeaderMap = &asked.parts.headers;
    let form = negotiate::answer_form(headers, asked.format, asked.base.0, negotiate::RESOURCE)?;
    let sessions = app.access().sessions();
    let owner = Owner::of(context, headers);
    let paged = sessions
        .paged(asked.answer, &owner)
        .filter(|paged| paged.sheet.version() == asked.base.0)
        .ok_or(Kind::PageGone)?;
    let last = paged.sheet.matches().div_ceil(paged.count);
    if asked.number == 0 || asked.number > last {
        return Err(Kind::PageGone.into());
    }
    let address = format!("{}/fhir/{}", app.config().base(), asked.base.segment());
    let place = Place {
        base: &address,
        answer: asked.answer,
        format: asked.format.map(|_| form),
    };
    let (own, before, after) = (
        place.of(asked.number),
        place.of(asked.number - 1),
        place.of(asked.number + 1),
    );
    let mut links = vec![("self", own.as_str())];
    if asked.number > 1 {
        links.push(("previous", &before));
    }
    if asked.number < last {
        links.push(("next", &after));
    }
    let page = paged.sheet.page(&Wanted {
        from: (asked.number - 1) * paged.count,
        count: paged.count,
        links: &links,
    });
    disclose(app, correlation, context, (&paged, &page.shown))
        .await
        .inspect_err(|problem| {
            if problem.status == http::StatusCode::GONE {
                sessions.forget_pages(asked.answer);
            }
        })?;
    let mut response = handler::written(page.bundle, form, asked.base.0, &paged.completeness)?;
    let since = age(paged.since, app.clock().now());
    response.headers_mut().insert(AGE, since);
    Ok(response)
}

/// Puts the question to the policy again, and lets the page out.
async fn disclose(
    app: &App,
    correlation: &Correlation,
    context: &Context,
    (paged, shown): (&Paged, &super::sheet::Shown),
) -> Result<(), Problem> {
    let question = Question {
        correlation: correlation.id,
        ..paged.question.clone()
    };
    let (query, recording) = app
        .access()
        .authorise(context, question, correlation.origin())
        .await?;
    recording.durable().await.map_err(|_| Kind::AuditUnavailable)?;
    let register = app.register();
    let question = query.shared();
    let gate = Gate {
        register: &register,
        audit: app.audit(),
        clock: app.clock(),
        question: &question,
        grant: query.grant(),
    };
    show_again(&paged.permits, shown, gate)
        .await
        .map_err(|withheld| match withheld {
            Withheld::Consent => Kind::PageGone.into(),
            Withheld::Audit => Kind::AuditUnavailable.into(),
        })
}
