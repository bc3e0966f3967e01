//! `GET /viewer/p/{handle}/record/{key}` and `POST /viewer/p/{handle}/apart`: one record with what belongs to it, and a
//! person who says that two are not the same.
//!
//! The form is of a page of this server, in the session of a person: whatever else posts it is refused before it gets here.

use std::collections::HashMap;

use axum::body::Bytes;
use axum::response::{IntoResponse, Redirect, Response};
use samenhang_reconcile::apart::Ground;
use samenhang_viewer::pages::{Done, Page};
use samenhang_viewer::{Address, Frame, Record, RecordPage, record as records};
use url::form_urlencoded;

use super::refused;
use super::shown::{Shown, Visit, defect};
use crate::clusters::unlink::{self, Said};
use crate::error::{Kind, Problem};

/// `GET /viewer/p/{handle}/record/{key}`.
pub async fn record(visit: Visit) -> Response {
    let key = visit.named("key");
    let done = match visit.query.get("done").map(String::as_str) {
        Some("apart") => Some(Done::Apart),
        Some("withdrawn") => Some(Done::Withdrawn),
        _ => None,
    };
    let can_correct = unlink::person(&visit.context).is_some();
    let write = |shown: &Shown<'_>, frame: &Frame| {
        let page = page(shown, frame, key).ok_or(Kind::NotInAnswer)?;
        let page = RecordPage {
            can_correct,
            done,
            ..page
        };
        page.render().map_err(defect)
    };
    visit.show(write).await
}

fn page(shown: &Shown<'_>, frame: &Frame, key: &str) -> Option<RecordPage> {
    let address: &Address = shown.address.as_ref()?;
    let known = &shown.whole.reconciled;
    let index = records::find(known, address, key)?;
    let lines = shown.lines(frame);
    let patient = &shown.course.question().patient;
    Some(RecordPage {
        record: Record::of(known, &lines, index, (address, frame.language), patient)?,
        frame: frame.clone(),
        head: shown.head(frame, &lines, Page::Other),
        can_correct: false,
        done: None,
    })
}

/// `POST /viewer/p/{handle}/apart`.
pub async fn apart(visit: Visit, body: Bytes) -> Response {
    match Box::pin(say(&visit, &body)).await {
        Ok(to) => Redirect::to(&to).into_response(),
        Err(problem) => refused(&problem, &visit.frame),
    }
}

/// Keeps two records apart or takes that back; gives the page to go to.
async fn say(visit: &Visit, body: &[u8]) -> Result<String, Problem> {
    let user = unlink::person(&visit.context).ok_or(Kind::Forbidden)?;
    let fields: HashMap<_, _> = form_urlencoded::parse(body).collect();
    let field = |name: &'static str| {
        let missing = || Problem::new(Kind::MissingParameter).at(name);
        fields.get(name).map(AsRef::as_ref).ok_or_else(missing)
    };
    let (own, other): (&str, &str) = (field("record")?, field("other")?);
    let is_withdrawn = fields.contains_key("withdraw");
    let ground = if is_withdrawn {
        Ground::Other
    } else {
        let wrong = || Problem::new(Kind::InvalidParameter).at("ground");
        Ground::from_code(field("ground")?).ok_or_else(wrong)?
    };
    let address = visit.address();
    let (course, whole) = visit.ask().await?;
    let known = &whole.reconciled;
    let place = |key: &str| {
        let index = records::find(known, &address, key)?;
        Some(&*known.items().get(index)?.full_url)
    };
    let records = place(own).zip(place(other)).filter(|(a, b)| a != b);
    let (a, b) = records.ok_or(Kind::NotInAnswer)?;
    let said = Said {
        records: [a, b],
        ground,
        is_withdrawn,
    };
    unlink::keep(&visit.app, &course, &user, said).await?;
    drop(course);
    whole.let_go();
    let done = if is_withdrawn { "withdrawn" } else { "apart" };
    Ok(address.page(&format!("record/{own}"), &[("done", done)]))
}
