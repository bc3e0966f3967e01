//! All lines of one section, a page at a time.

use askama::Template;
use jiff::Timestamp;
use samenhang_reconcile::Reconciled;
use samenhang_reconcile::view::Views;

use super::{Frame, Head, PageError, framed, items, render};
use crate::item::{Item, Lines};
use crate::language::Language;

/// Lines on a page.
const ON_PAGE: usize = 100;

/// A page of one section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SectionPage {
    /// Around it.
    pub frame: Frame,
    /// What it begins with.
    pub head: Head,
    /// Stable name.
    pub name: String,
    /// What a person calls it.
    pub title: String,
    /// The lines.
    pub items: Vec<Item>,
    /// The place of the first of them; 0 is the first of all.
    pub from: usize,
    /// How many lines the section has.
    pub count: usize,
}

#[derive(Template)]
#[template(path = "section.html")]
struct SectionTemplate<'a> {
    language: Language,
    title: &'a str,
    where_: String,
    items: &'a [Item],
    steps: Vec<(String, String)>,
}

impl SectionPage {
    /// The lines from a place in a section, in the situation of the head; `None` when there is no such section in it.
    #[must_use]
    pub fn of(
        (known, lines): (&Reconciled, &Lines<'_>),
        (frame, head): (Frame, Head),
        name: &str,
        from: usize,
        at: Timestamp,
    ) -> Option<Self> {
        let selected = Views::shipped().select(head.view, known, Some(at));
        let chosen = selected
            .sections
            .iter()
            .find(|chosen| chosen.section.name == name)?;
        let places = lines.told_once(&chosen.shown);
        let from = from.min(places.len()) / ON_PAGE * ON_PAGE;
        let to = (from + ON_PAGE).min(places.len());
        Some(SectionPage {
            name: name.to_owned(),
            title: frame.language.of(&chosen.section.label).to_owned(),
            items: lines.lines(places.get(from..to).unwrap_or_default()),
            from,
            count: places.len(),
            frame,
            head,
        })
    }

    /// Writes the page.
    ///
    /// # Errors
    /// [`PageError`], a defect.
    pub fn render(&self) -> Result<String, PageError> {
        let mut content = self.head.render(self.frame.language)?;
        content.push_str(&self.lines()?);
        framed(&self.frame, &self.title, content)
    }

    /// Writes its lines and the way to the others.
    pub(super) fn lines(&self) -> Result<String, PageError> {
        let language = self.frame.language;
        let texts = language.texts();
        let number = |number: usize| number.to_string();
        let mut steps = Vec::new();
        if let Some(address) = &self.head.address {
            let view = self.head.view.name.as_str();
            let page = |from: usize| {
                let from = number(from);
                address.page(
                    &format!("section/{}", self.name),
                    &[("view", view), ("from", &from)],
                )
            };
            if self.from > 0 {
                steps.push((texts.say("previous"), page(self.from.saturating_sub(ON_PAGE))));
            }
            if self.from + self.items.len() < self.count {
                steps.push((texts.say("next"), page(self.from + ON_PAGE)));
            }
            steps.push((texts.say("back"), address.situation(view)));
        }
        let first = number(self.count.min(self.from + 1));
        let (last, all) = (number(self.from + self.items.len()), number(self.count));
        render(&SectionTemplate {
            language,
            title: &self.title,
            where_: texts.fill("page-of", &[("from", &first), ("to", &last), ("all", &all)]),
            items: &self.items,
            steps,
        })
    }
}
