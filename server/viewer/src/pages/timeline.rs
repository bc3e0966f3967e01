//! Everything by date.

use askama::Template;

use super::{Frame, Head, PageError, framed, render};
use crate::language::Language;
use crate::texts::Texts;
use crate::timeline::{ON_PAGE, Period, Timeline};

/// The page of the timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelinePage {
    /// Around it.
    pub frame: Frame,
    /// What it begins with.
    pub head: Head,
    /// The timeline.
    pub timeline: Timeline,
}

#[derive(Template)]
#[template(path = "timeline.html")]
struct TimelineTemplate<'a> {
    t: &'static Texts,
    language: Language,
    timeline: &'a Timeline,
    action: String,
    periods: Vec<(&'static str, String, bool)>,
    where_: String,
    nothing: String,
    steps: Vec<(String, String)>,
}

impl TimelineTemplate<'_> {
    fn is_holder(&self, ura: &str) -> bool {
        self.timeline.filter.holder.as_deref() == Some(ura)
    }

    fn is_section(&self, name: &str) -> bool {
        self.timeline.filter.section.as_deref() == Some(name)
    }
}

impl TimelinePage {
    /// Writes the page.
    ///
    /// # Errors
    /// [`PageError`], a defect.
    pub fn render(&self) -> Result<String, PageError> {
        let language = self.frame.language;
        let t = language.texts();
        let timeline = &self.timeline;
        let filter = &timeline.filter;
        let mut steps = Vec::new();
        let mut action = String::new();
        if let Some(address) = &self.head.address {
            action = format!("/viewer/p/{}/timeline", address.handle());
            let page = |from: usize| {
                let query = [
                    ("period", filter.period.code()),
                    ("holder", filter.holder.as_deref().unwrap_or_default()),
                    ("section", filter.section.as_deref().unwrap_or_default()),
                    ("from", &from.to_string()),
                ];
                address.page("timeline", &query)
            };
            if timeline.from > 0 {
                steps.push((t.say("previous"), page(timeline.from.saturating_sub(ON_PAGE))));
            }
            if timeline.from + timeline.entries.len() < timeline.count {
                steps.push((t.say("next"), page(timeline.from + ON_PAGE)));
            }
        }
        let (first, last, all) = (
            (timeline.from + 1).to_string(),
            (timeline.from + timeline.entries.len()).to_string(),
            timeline.count.to_string(),
        );
        let periods = Period::ALL
            .map(|period| (period.code(), period.text(language), period == filter.period))
            .into();
        let mut content = self.head.render(language)?;
        content.push_str(&render(&TimelineTemplate {
            t,
            language,
            timeline,
            action,
            periods,
            where_: t.fill("page-of", &[("from", &first), ("to", &last), ("all", &all)]),
            nothing: if self.head.matrix.is_complete() {
                t.say("timeline-none")
            } else {
                format!("{} {}", t.say("timeline-none"), t.say("unknown"))
            },
            steps,
        })?);
        content.push_str(&self.head.keys(language)?);
        framed(&self.frame, &t.say("timeline"), content)
    }
}
