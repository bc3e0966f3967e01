//! `GET /viewer/p/{handle}...`: the overview, its sections, the medication, the laboratory results and the timeline.

use axum::response::Response;
use samenhang_viewer::timeline::Filter;
use samenhang_viewer::{
    Frame, Medication, MedicationPage, Page, Results, ResultsPage, Timeline, TimelinePage,
};

use super::shown::{Shown, Visit, defect};
use crate::error::Kind;

/// `GET /viewer/p/{handle}`: the overview, in a situation.
pub async fn page(visit: Visit) -> Response {
    let write = |shown: &Shown<'_>, frame: &Frame| shown.overview(frame).render().map_err(defect);
    visit.show(write).await
}

/// `GET /viewer/p/{handle}/section/{name}`: all of one section.
pub async fn section(visit: Visit) -> Response {
    let write = |shown: &Shown<'_>, frame: &Frame| {
        let page = shown.section(frame, visit.named("name"), visit.from());
        page.ok_or(Kind::NotFound)?.render().map_err(defect)
    };
    visit.show(write).await
}

/// `GET /viewer/p/{handle}/medication`: the medication by treatment.
pub async fn medication(visit: Visit) -> Response {
    let write = |shown: &Shown<'_>, frame: &Frame| {
        let lines = shown.lines(frame);
        let page = MedicationPage {
            frame: frame.clone(),
            head: shown.head(frame, &lines, Page::Medication),
            medication: Medication::of(&shown.whole.reconciled, &lines, frame.language),
        };
        page.render().map_err(defect)
    };
    visit.show(write).await
}

/// `GET /viewer/p/{handle}/results`: laboratory results, of a period.
pub async fn results(visit: Visit) -> Response {
    let write = |shown: &Shown<'_>, frame: &Frame| {
        let lines = shown.lines(frame);
        let period = visit.period();
        let since = period.since(shown.at());
        let page = ResultsPage {
            frame: frame.clone(),
            head: shown.head(frame, &lines, Page::Results),
            results: Results::of(&shown.whole.reconciled, &lines, since, frame.language),
            period,
            test: visit.asked("test"),
            from: visit.from(),
        };
        page.render().map_err(defect)
    };
    visit.show(write).await
}

/// `GET /viewer/p/{handle}/timeline`: everything by date, of a period, a holder and a section.
pub async fn timeline(visit: Visit) -> Response {
    let write = |shown: &Shown<'_>, frame: &Frame| {
        let lines = shown.lines(frame);
        let filter = Filter {
            period: visit.period(),
            holder: visit.asked("holder"),
            section: visit.asked("section"),
        };
        let known = &shown.whole.reconciled;
        let page = TimelinePage {
            frame: frame.clone(),
            head: shown.head(frame, &lines, Page::Timeline),
            timeline: Timeline::of(known, &lines, filter, (shown.at(), visit.from()), frame.language),
        };
        page.render().map_err(defect)
    };
    visit.show(write).await
}
