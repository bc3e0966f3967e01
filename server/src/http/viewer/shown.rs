//! A visit to a page about a patient: the question behind the handle asked again, and what is known shown.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{FromRequestParts, Path, Query};
use axum::response::Response;
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use samenhang_reconcile::view::{View, Views};
use samenhang_viewer::moment::{clock_time, moment};
use samenhang_viewer::timeline::Period;
use samenhang_viewer::{
    Address, Frame, Head, Lines, OverviewPage, Page, PageError, Patient, SectionPage, Sections,
};

use super::matrix::matrix;
use super::question::asked;
use super::{frame, refused, respond};
use crate::access::Context;
use crate::app::App;
use crate::error::{Kind, Problem};
use crate::http::correlation::Correlation;
use crate::http::problem;
use crate::overview::ask;
use crate::overview::course::Course;
use crate::overview::json::{self, Whole};
use crate::overview::memory::Reuse;

/// What is known of a patient, as a page shows it.
pub(in crate::http) struct Shown<'a> {
    pub(in crate::http) course: &'a Course,
    pub(in crate::http) whole: &'a Whole,
    pub(in crate::http) address: Option<Address>,
    pub(in crate::http) made_at: String,
    pub(in crate::http) view: &'static View,
}

impl Shown<'_> {
    pub(in crate::http) fn lines(&self, frame: &Frame) -> Lines<'_> {
        Lines::new(&self.whole.reconciled, self.address.as_ref(), frame.language)
    }

    pub(in crate::http) fn head(&self, frame: &Frame, lines: &Lines<'_>, page: Page) -> Head {
        let language = frame.language;
        let question = self.course.question();
        Head {
            made_at: self.made_at.clone(),
            shown_again: self.course.from_memory().map(clock_time),
            patient: Patient::of(&self.whole.reconciled, lines, &question.patient, language),
            matrix: matrix(self.course, Some(&self.whole.statement), language),
            address: self.address.clone(),
            page,
            view: self.view,
        }
    }

    /// The moment that ages count from: that of the answer.
    pub(in crate::http) fn at(&self) -> jiff::Timestamp {
        let at = self.course.assembly(&self.whole.reconciled).at;
        at.unwrap_or_default()
    }

    /// The overview in the situation.
    pub(super) fn overview(&self, frame: &Frame) -> OverviewPage {
        let lines = self.lines(frame);
        let head = self.head(frame, &lines, Page::Overview);
        OverviewPage {
            sections: Sections::of(
                (&self.whole.reconciled, &lines),
                self.view,
                &head.matrix,
                (self.address.as_ref(), frame.language),
                self.at(),
            ),
            frame: frame.clone(),
            head,
        }
    }

    pub(super) fn section(&self, frame: &Frame, name: &str, from: usize) -> Option<SectionPage> {
        let lines = self.lines(frame);
        let head = self.head(frame, &lines, Page::Other);
        SectionPage::of(
            (&self.whole.reconciled, &lines),
            (frame.clone(), head),
            name,
            from,
            self.at(),
        )
    }
}

/// A visit to a page behind a handle.
pub struct Visit {
    pub(in crate::http) app: Arc<App>,
    pub(in crate::http) context: Context,
    pub(in crate::http) correlation: Correlation,
    pub(in crate::http) path: HashMap<String, String>,
    pub(in crate::http) query: HashMap<String, String>,
    pub(in crate::http) frame: Frame,
}

impl FromRequestParts<Arc<App>> for Visit {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Response> {
        let gone = |headers: &HeaderMap| problem::respond(Kind::NotFound.into(), "/viewer", headers);
        let path = Path::<HashMap<String, String>>::from_request_parts(parts, app).await;
        let query = Query::<HashMap<String, String>>::from_request_parts(parts, app).await;
        let context = parts.extensions.get::<Context>().cloned();
        let correlation = parts.extensions.get::<Correlation>().cloned();
        let (Ok(Path(path)), Ok(Query(query)), Some(context), Some(correlation)) =
            (path, query, context, correlation)
        else {
            return Err(gone(&parts.headers));
        };
        Ok(Visit {
            frame: framed(app, &context, &query, (&parts.headers, &parts.uri)),
            app: Arc::clone(app),
            context,
            correlation,
            path,
            query,
        })
    }
}

impl Visit {
    /// The handle in the address.
    pub(super) fn handle(&self) -> &str {
        self.named("handle")
    }

    /// What the query asks for under a name.
    pub(super) fn asked(&self, name: &str) -> Option<String> {
        self.query.get(name).filter(|text| !text.is_empty()).cloned()
    }

    pub(super) fn period(&self) -> Period {
        let code = self.asked("period");
        code.and_then(|code| Period::from_code(&code)).unwrap_or_default()
    }

    /// The place of the first line.
    pub(in crate::http) fn from(&self) -> usize {
        let from = self.asked("from").and_then(|from| from.parse().ok());
        from.unwrap_or_default()
    }

    /// A part of the address.
    pub(in crate::http) fn named(&self, name: &str) -> &str {
        self.path.get(name).map_or("", String::as_str)
    }

    /// Asks the question behind the handle again, and shows what is known.
    pub(super) async fn show(
        &self,
        write: impl FnOnce(&Shown<'_>, &Frame) -> Result<String, Problem>,
    ) -> Response {
        match Box::pin(self.known(write)).await {
            Ok(html) => respond(StatusCode::OK, &self.frame, Ok(html)),
            Err(problem) => refused(&problem, &self.frame),
        }
    }

    async fn known(
        &self,
        write: impl FnOnce(&Shown<'_>, &Frame) -> Result<String, Problem>,
    ) -> Result<String, Problem> {
        let (course, whole) = self.ask().await?;
        let view = self
            .query
            .get("view")
            .and_then(|name| Views::shipped().named(name));
        let shown = Shown {
            course: &course,
            whole: &whole,
            address: Some(self.address()),
            made_at: moment(self.app.clock().now()),
            view: view.unwrap_or(Views::shipped().whole()),
        };
        let html = write(&shown, &self.frame);
        drop(course);
        whole.let_go();
        html
    }

    /// Where the pages of the answer are.
    pub(super) fn address(&self) -> Address {
        Address::new(self.handle().to_owned(), self.frame.language)
    }

    /// Asks the question behind the handle again.
    pub(super) async fn ask(&self) -> Result<(Course, Whole), Problem> {
        let (app, context) = (&self.app, &self.context);
        let sessions = app.access().sessions();
        let question = context
            .session()
            .and_then(|id| sessions.remembered(id, self.handle()));
        let question = asked(question.ok_or(Kind::PageGone)?);
        let course = ask::ask(
            app,
            question,
            context,
            &self.correlation,
            app.patience(),
            Reuse::Allowed,
        );
        let mut course = course.await?;
        let whole = json::whole(&mut course).await?;
        Ok((course, whole))
    }
}

/// A page that could not be written.
pub(in crate::http) fn defect(_: PageError) -> Problem {
    Kind::Defect.into()
}

/// The frame of a page that can be visited again.
pub(in crate::http) fn framed(
    app: &App,
    context: &Context,
    query: &HashMap<String, String>,
    (headers, uri): (&HeaderMap, &http::Uri),
) -> Frame {
    let rest = uri.query().unwrap_or_default().split('&');
    let rest: Vec<&str> = rest
        .filter(|pair| !pair.is_empty() && !pair.starts_with("lang="))
        .collect();
    let mark = if rest.is_empty() { "" } else { "?" };
    Frame {
        here: Some(format!("{}{mark}{}", uri.path(), rest.join("&"))),
        ..frame(app, context, query, headers)
    }
}
