//! `GET /patient/overview`, `GET /patient/overview/section/{name}` and `GET /patient/overview/document/{key}/{place}`: the own
//! overview, and the documents in it.

use axum::response::Response;
use http::StatusCode;
use samenhang_gather::query::Purpose;
use samenhang_reconcile::view::{View, Views};
use samenhang_viewer::moment::moment;
use samenhang_viewer::pages::own_section;
use samenhang_viewer::{Address, Frame, Lines, OwnPage, Page, SectionPage, Sections};

use crate::error::{Kind, Problem};
use crate::http::viewer::{Shown, Visit, asked, defect, opened, refused, respond};
use crate::overview::ask;
use crate::overview::course::Course;
use crate::overview::json::{self, Whole};
use crate::overview::memory::Reuse;
use crate::session::Remembered;

/// `GET /patient/overview`.
pub async fn overview(visit: Visit) -> Response {
    let write = |shown: &Shown<'_>, frame: &Frame| {
        let lines = Lines::own(&shown.whole.reconciled, shown.address.as_ref(), frame.language);
        let head = shown.head(frame, &lines, Page::Other);
        let page = OwnPage {
            sections: Sections::of(
                (&shown.whole.reconciled, &lines),
                shown.view,
                &head.matrix,
                (shown.address.as_ref(), frame.language),
                shown.at(),
            ),
            frame: frame.clone(),
            made_at: head.made_at,
            patient: head.patient,
            matrix: head.matrix,
        };
        page.render().map_err(defect)
    };
    show(&visit, write).await
}

/// `GET /patient/overview/section/{name}`.
pub async fn section(visit: Visit) -> Response {
    let write = |shown: &Shown<'_>, frame: &Frame| {
        let lines = Lines::own(&shown.whole.reconciled, shown.address.as_ref(), frame.language);
        let head = shown.head(frame, &lines, Page::Other);
        let known = (&*shown.whole.reconciled, &lines);
        let around = (frame.clone(), head);
        let page = SectionPage::of(known, around, visit.named("name"), visit.from(), shown.at());
        own_section(&page.ok_or(Kind::NotFound)?).map_err(defect)
    };
    show(&visit, write).await
}

/// `GET /patient/overview/document/{key}/{place}`.
pub async fn document(visit: Visit) -> Response {
    opened(&visit, known(&visit)).await
}

/// Asks about the patient of the session, and shows what is known.
async fn show(visit: &Visit, write: impl FnOnce(&Shown<'_>, &Frame) -> Result<String, Problem>) -> Response {
    let (app, frame) = (&visit.app, &visit.frame);
    let shown = async {
        let (course, whole, address) = known(visit).await?;
        let shown = Shown {
            course: &course,
            whole: &whole,
            address: Some(address),
            made_at: moment(app.clock().now()),
            view: own_view(),
        };
        let html = write(&shown, frame);
        drop(course);
        whole.let_go();
        html
    };
    match Box::pin(shown).await {
        Ok(html) => respond(StatusCode::OK, frame, Ok(html)),
        Err(problem) => refused(&problem, frame),
    }
}

/// What is known of the patient of the session, with where its pages are.
async fn known(visit: &Visit) -> Result<(Course, Whole, Address), Problem> {
    let (app, context) = (&visit.app, &visit.context);
    let patient = context.patient().cloned().ok_or(Kind::Forbidden)?;
    let own = Remembered {
        patient,
        // The holders and Mitz know treatment and coordination only; that the patient asks is in the audit log.
        purpose: Purpose::Treatment,
        birth_date: None,
    };
    let sessions = app.access().sessions();
    let handle = context
        .session()
        .and_then(|id| sessions.remember(id, own.clone()));
    let address = Address::own(handle.ok_or(Kind::PageGone)?, visit.frame.language);
    let course = ask::ask(
        app,
        asked(own),
        context,
        &visit.correlation,
        app.patience(),
        Reuse::Allowed,
    );
    let mut course = course.await?;
    let whole = json::whole(&mut course).await?;
    Ok((course, whole, address))
}

/// The situation in which somebody reads their own record.
fn own_view() -> &'static View {
    Views::shipped()
        .named("own")
        .unwrap_or_else(|| Views::shipped().whole())
}
