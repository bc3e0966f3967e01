//! The pages, and the fragments in which the overview streams into a page with scripts.

mod form;
mod head;
mod medication;
mod message;
mod number;
mod overview;
mod own;
mod record;
mod results;
mod section;
pub mod stream;
mod timeline;

use askama::Template;

use crate::address::Address;
use crate::item::Item;
use crate::language::Language;
use crate::texts::Texts;

pub use form::FormPage;
pub use head::{Head, Page, arrived, bar, patient, refresh, state, who};
pub use medication::MedicationPage;
pub use message::{Message, message};
pub use number::NumberPage;
pub use overview::{OverviewPage, fragments, line_of_patient};
pub use own::{AccessLogPage, OWN, OWN_OVERVIEW, OwnHome, OwnPage, own_section};
pub use record::{Done, RecordPage};
pub use results::ResultsPage;
pub use section::SectionPage;
pub use timeline::TimelinePage;

/// A page could not be written: a defect of ours.
#[derive(Debug, thiserror::Error)]
#[error("the page could not be written")]
#[non_exhaustive]
pub struct PageError;

/// Who is logged in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Name.
    pub name: String,
    /// Organisation.
    pub organisation: String,
}

impl Person {
    /// The patient, who comes by way of an organisation.
    #[must_use]
    pub fn patient(organisation: &str, language: Language) -> Self {
        Person {
            name: language.texts().say("own-you"),
            organisation: organisation.to_owned(),
        }
    }
}

/// What is wrong, in words for a reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// What is wrong.
    pub text: String,
    /// What to do.
    pub hint: String,
    /// The stable code.
    pub code: String,
}

/// For whom a page is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reader {
    /// A care professional.
    #[default]
    Professional,
    /// The patient.
    Patient,
}

/// What every page shows around its content.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frame {
    /// Language of the page.
    pub language: Language,
    /// For whom it is.
    pub reader: Reader,
    /// Who is logged in.
    pub person: Option<Person>,
    /// Whether this is the demonstration.
    pub demo: bool,
    /// Seconds until the session ends, after which the page empties itself.
    pub seconds_left: Option<u64>,
    /// The address of this page without its language, when it can be visited again.
    pub here: Option<String>,
}

impl Frame {
    /// Whether the patient reads it.
    fn is_of_patient(&self) -> bool {
        self.reader == Reader::Patient
    }

    /// Where the reader begins.
    fn root(&self) -> &'static str {
        match self.reader {
            Reader::Professional => "/viewer",
            Reader::Patient => OWN,
        }
    }

    fn home(&self) -> String {
        format!("{}?lang={}", self.root(), self.language.tag())
    }

    /// What the demonstration says of itself.
    fn demo_text(&self) -> String {
        self.language.texts().say(match self.reader {
            Reader::Professional => "demo",
            Reader::Patient if self.person.is_some() => "own-demo-banner",
            Reader::Patient => "own-demo-enter",
        })
    }

    /// The same page in the other language; the form when a page cannot be visited again.
    fn other_language(&self) -> String {
        let here = self.here.as_deref().unwrap_or(self.root());
        let mark = if here.contains('?') { '&' } else { '?' };
        format!("{here}{mark}lang={}", self.language.other().tag())
    }
}

#[derive(Template)]
#[template(path = "page.html")]
struct PageTemplate<'a> {
    frame: &'a Frame,
    t: &'static Texts,
    title: &'a str,
    content: String,
}

#[derive(Template)]
#[template(path = "items.html")]
struct ItemsTemplate<'a> {
    t: &'static Texts,
    items: &'a [Item],
}

#[derive(Template)]
#[template(path = "trouble.html")]
struct TroubleTemplate<'a> {
    t: &'static Texts,
    language: Language,
    trouble: &'a Trouble,
    root: &'static str,
}

pub(crate) fn render(template: &impl Template) -> Result<String, PageError> {
    template.render().map_err(|_| PageError)
}

/// Writes lines.
fn items(items: &[Item], language: Language) -> Result<String, askama::Error> {
    ItemsTemplate {
        t: language.texts(),
        items,
    }
    .render()
}

/// Puts the frame around a content.
fn framed(frame: &Frame, title: &str, content: String) -> Result<String, PageError> {
    render(&PageTemplate {
        frame,
        t: frame.language.texts(),
        title,
        content,
    })
}

/// Writes what is wrong, to go into `main`.
///
/// # Errors
/// [`PageError`], a defect.
pub fn trouble(trouble: &Trouble, language: Language) -> Result<String, PageError> {
    trouble_for(trouble, language, Reader::Professional)
}

fn trouble_for(trouble: &Trouble, language: Language, reader: Reader) -> Result<String, PageError> {
    let frame = Frame {
        reader,
        ..Frame::default()
    };
    render(&TroubleTemplate {
        t: language.texts(),
        language,
        trouble,
        root: frame.root(),
    })
}

/// Writes a page that says what is wrong.
///
/// # Errors
/// [`PageError`], a defect.
pub fn trouble_page(frame: &Frame, what: &Trouble) -> Result<String, PageError> {
    let content = trouble_for(what, frame.language, frame.reader)?;
    framed(frame, &frame.language.texts().say("trouble"), content)
}

/// A link in a row of them.
struct Tab {
    href: String,
    key: &'static str,
    text: String,
    about: String,
    is_here: bool,
}

/// The pages of an answer, each with its key.
fn tabs(address: Option<&Address>, here: Page, language: Language) -> Vec<Tab> {
    let tab = |address: &Address, page: Page| Tab {
        href: address.page(page.name(), &[]),
        key: page.key(),
        text: language.texts().say(page.text()),
        about: String::new(),
        is_here: page == here,
    };
    let pages = Page::ALL.into_iter();
    address.map_or_else(Vec::new, |address| pages.map(|page| tab(address, page)).collect())
}

#[cfg(test)]
mod tests;
