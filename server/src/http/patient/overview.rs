//! `GET /patient/overview` and `GET /patient/overview/section/{name}`: the own overview.

use axum::response::Response;
use http::StatusCode;
use samenhang_gather::query::Purpose;
use samenhang_reconcile::view::{View, Views};
use samenhang_viewer::moment::moment;
use samenhang_viewer::pages::own_section;
use samenhang_viewer::{Address, Frame, Lines, OwnPage, Page, SectionPage, Sections};

use crate::error::{Kind, Problem};
use crate::http::viewer::{Shown, Visit, asked, defect, refused, respond};
use crate::overview::memory::Reuse;
use crate::overview::{ask, json};
use crate::session::Remembered;

/// `GET /patient/overview`.
pub async fn overview(visit: Visit) -> Response {
    let write = |shown: &Shown<'_>, frame: &Frame| {
        let lines = Lines::new(&shown.whole.reconciled, None, frame.language);
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
        let lines = Lines::new(&shown.whole.reconciled, None, frame.language);
        let head = shown.head(frame, &lines, Page::Other);
        let known = (&*shown.whole.reconciled, &lines);
        let around = (frame.clone(), head);
        let page = SectionPage::of(known, around, visit.named("name"), visit.from(), shown.at());
        own_section(&page.ok_or(Kind::NotFound)?).map_err(defect)
    };
    show(&visit, write).await
}

/// Asks about the patient of the session, and shows what is known.
async fn show(visit: &Visit, write: impl FnOnce(&Shown<'_>, &Frame) -> Result<String, Problem>) -> Response {
    let (app, frame) = (&visit.app, &visit.frame);
    let Some(patient) = visit.context.patient().cloned() else {
        return refused(&Kind::Forbidden.into(), frame);
    };
    let question = asked(Remembered {
        patient,
        // The holders and Mitz know treatment and coordination only; that the patient asks is in the audit log.
        purpose: Purpose::Treatment,
        birth_date: None,
    });
    let known = async {
        let course = ask::ask(
            app,
            question,
            &visit.context,
            &visit.correlation,
            app.patience(),
            Reuse::Allowed,
        );
        let mut course = course.await?;
        let whole = json::whole(&mut course).await?;
        let shown = Shown {
            course: &course,
            whole: &whole,
            address: Some(Address::own(frame.language)),
            made_at: moment(app.clock().now()),
            view: own_view(),
        };
        let html = write(&shown, frame);
        drop(course);
        whole.let_go();
        html
    };
    match Box::pin(known).await {
        Ok(html) => respond(StatusCode::OK, frame, Ok(html)),
        Err(problem) => refused(&problem, frame),
    }
}

/// The situation in which somebody reads their own record.
fn own_view() -> &'static View {
    Views::shipped()
        .named("own")
        .unwrap_or_else(|| Views::shipped().whole())
}
