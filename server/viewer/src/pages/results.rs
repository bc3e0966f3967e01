//! Laboratory results as small multiples, and one of them large.

use askama::Template;

use super::{Frame, Head, PageError, Tab, framed, render};
use crate::address::Address;
use crate::language::Language;
use crate::results::{Point, Results, Trend};
use crate::texts::Texts;
use crate::timeline::Period;

/// Drawings on a page.
const ON_PAGE: usize = 12;
/// Rows under a small drawing.
const ROWS: usize = 5;
/// Points of a small drawing.
const POINTS: usize = 60;
/// Tests with one result on a page.
const SINGLES: usize = 100;

/// The page of the laboratory results.
#[derive(Debug, Clone, PartialEq)]
pub struct ResultsPage {
    /// Around it.
    pub frame: Frame,
    /// What it begins with.
    pub head: Head,
    /// The results.
    pub results: Results,
    /// Since when.
    pub period: Period,
    /// The one that is shown large, by its name in addresses.
    pub test: Option<String>,
    /// The place of the first drawing.
    pub from: usize,
}

#[derive(Template)]
#[template(path = "results.html")]
struct ResultsTemplate<'a> {
    t: &'static Texts,
    single: Option<&'a str>,
    periods: Vec<Tab>,
    trends: Vec<Trend>,
    singles: Vec<&'a Trend>,
    nothing: String,
    steps: Vec<(String, String)>,
    address: Option<&'a Address>,
    period: Period,
}

#[derive(Template)]
#[template(path = "trend.html")]
struct TrendTemplate<'a> {
    t: &'static Texts,
    points: &'a [Point],
    more: Option<(String, String)>,
}

impl ResultsTemplate<'_> {
    /// The page of one test.
    fn link(&self, key: &str) -> String {
        let query = [("test", key), ("period", self.period.code())];
        self.address
            .map_or_else(String::new, |address| address.page("results", &query))
    }

    fn unit(&self, trend: &Trend) -> String {
        if trend.unit.is_empty() {
            self.t.say("results-no-unit")
        } else {
            trend.unit.clone()
        }
    }

    /// What the drawing shows, in words.
    fn told(&self, trend: &Trend) -> String {
        let date = |point: Option<&Point>| point.map_or_else(String::new, |point| point.date.clone());
        let (from, to) = (date(trend.points.last()), date(trend.points.first()));
        let values = [
            ("test", trend.test.as_str()),
            ("unit", &self.unit(trend)),
            ("from", &from),
            ("to", &to),
        ];
        self.t.count("results-chart", trend.points.len(), &values)
    }

    /// A place so much higher.
    fn up(&self, y: &str, by: i32) -> String {
        let y: f64 = y.parse().unwrap_or_default();
        format!("{:.1}", y - f64::from(by))
    }

    fn table(&self, trend: &Trend) -> Result<String, askama::Error> {
        let rows = if self.single.is_some() { usize::MAX } else { ROWS };
        let points = trend.points.get(..rows).unwrap_or(&trend.points);
        let more = (points.len() < trend.count && self.single.is_none()).then(|| {
            let values = [("section", trend.test.as_str())];
            (
                self.t.count("show-all", trend.count, &values),
                self.link(&trend.key),
            )
        });
        TrendTemplate {
            t: self.t,
            points,
            more,
        }
        .render()
    }
}

impl ResultsPage {
    /// Writes the page.
    ///
    /// # Errors
    /// [`PageError`], a defect.
    pub fn render(&self) -> Result<String, PageError> {
        let language = self.frame.language;
        let t = language.texts();
        let address = self.head.address.as_ref();
        let own = |trend: &&Trend| self.test.as_ref().is_none_or(|key| *key == trend.key);
        let is_large = self.test.is_some();
        let (courses, singles): (Vec<&Trend>, Vec<&Trend>) = self
            .results
            .trends
            .iter()
            .filter(own)
            .partition(|trend| is_large || trend.count > 1);
        let from = self.from.min(courses.len()) / ON_PAGE * ON_PAGE;
        let trends = courses.iter().skip(from).take(ON_PAGE).map(|trend| {
            let mut trend = Trend::clone(trend);
            if !is_large {
                trend.points.truncate(POINTS);
            }
            trend
        });
        let is_last = from + ON_PAGE >= courses.len();
        let trends: Vec<Trend> = trends.collect();
        let mut content = self.head.render(language)?;
        content.push_str(&render(&ResultsTemplate {
            t,
            single: courses
                .first()
                .filter(|_| is_large)
                .map(|trend| trend.test.as_str()),
            periods: self.periods(language),
            trends,
            singles: singles.into_iter().filter(|_| is_last).take(SINGLES).collect(),
            nothing: self.head.nothing("results", language),
            steps: address.map_or_else(Vec::new, |address| {
                self.steps(address, (from, courses.len()), language)
            }),
            address,
            period: self.period,
        })?);
        content.push_str(&self.head.keys(language)?);
        framed(&self.frame, &t.say("results"), content)
    }

    fn periods(&self, language: Language) -> Vec<Tab> {
        let test = self.test.as_deref().unwrap_or_default();
        let tab = |address: &Address, period: Period| Tab {
            href: address.page("results", &[("test", test), ("period", period.code())]),
            key: "",
            text: period.text(language),
            about: String::new(),
            is_here: period == self.period,
        };
        let periods = Period::ALL.into_iter();
        self.head.address.as_ref().map_or_else(Vec::new, |address| {
            periods.map(|period| tab(address, period)).collect()
        })
    }

    fn steps(
        &self,
        address: &Address,
        (from, count): (usize, usize),
        language: Language,
    ) -> Vec<(String, String)> {
        let t = language.texts();
        let page = |from: usize| {
            let query = [("period", self.period.code()), ("from", &from.to_string())];
            address.page("results", &query)
        };
        let mut steps = Vec::new();
        if self.test.is_some() {
            steps.push((
                t.say("results"),
                address.page("results", &[("period", self.period.code())]),
            ));
            return steps;
        }
        if from > 0 {
            steps.push((t.say("previous"), page(from.saturating_sub(ON_PAGE))));
        }
        if from + ON_PAGE < count {
            steps.push((t.say("next"), page(from + ON_PAGE)));
        }
        let all = self.results.others;
        if all > 0 {
            steps.push((
                t.count("results-others", all, &[]),
                address.page("section/results", &[]),
            ));
        }
        steps
    }
}
