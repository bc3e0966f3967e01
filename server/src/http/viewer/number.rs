//! `POST /viewer/p/{handle}/number`: the number of the patient, shown on purpose and recorded.

use std::sync::Arc;

use axum::response::Response;
use http::StatusCode;
use samenhang_viewer::NumberPage;

use super::shown::{Visit, defect};
use super::{refused, respond};
use crate::access::AccessError;
use crate::audit::{Activity, Event};
use crate::error::{Kind, Problem};

/// `POST /viewer/p/{handle}/number`.
pub async fn number(visit: Visit) -> Response {
    match Box::pin(reveal(&visit)).await {
        Ok(html) => respond(StatusCode::OK, &visit.frame, Ok(html)),
        Err(problem) => refused(&problem, &visit.frame),
    }
}

async fn reveal(visit: &Visit) -> Result<String, Problem> {
    let sessions = visit.app.access().sessions();
    let question = visit
        .context
        .session()
        .and_then(|id| sessions.remembered(id, visit.handle()))
        .ok_or(Kind::PageGone)?;
    let event = Event {
        asker: Some(Arc::clone(visit.context.asker())),
        patient: Some(question.patient.clone()),
        purpose: Some(question.purpose),
        ..Event::new(Activity::Number)
    };
    // On disk before it is seen.
    let recorded = visit.app.audit().record(event).await;
    recorded.map_err(|error| Problem::from(AccessError::from(error)))?;
    let mut frame = visit.frame.clone();
    // The page is the answer to a form: its other language is the overview's.
    frame.here = Some(format!("/viewer/p/{}", visit.handle()));
    let page = NumberPage {
        frame,
        patient: question.patient,
        address: visit.address(),
    };
    page.render().map_err(defect)
}
