//! The pages for the patient, in plain words: the way in, the own overview and who looked at it.

use askama::Template;

use super::{Frame, PageError, SectionPage, Trouble, framed, render};
use crate::access_log::Entry;
use crate::language::Language;
use crate::matrix::Matrix;
use crate::patient::Patient;
use crate::sections::Sections;
use crate::texts::Texts;

/// Where the pages for the patient are.
pub const OWN: &str = "/patient";
/// Where the own overview is.
pub const OWN_OVERVIEW: &str = "/patient/overview";
/// Where the list of looks is.
const OWN_LOG: &str = "/patient/log";

/// A link of the row of pages.
struct OwnTab {
    href: String,
    text: String,
    is_here: bool,
}

fn tabs(here: &str, language: Language) -> Vec<OwnTab> {
    let tab = |(path, text): (&str, &str)| OwnTab {
        href: format!("{path}?lang={}", language.tag()),
        text: language.texts().say(text),
        is_here: path == here,
    };
    [(OWN_OVERVIEW, "own-overview"), (OWN_LOG, "own-log")]
        .map(tab)
        .into()
}

/// The way in: what a patient can see here, or how to come here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnHome {
    /// Around it.
    pub frame: Frame,
    /// Whether a patient is logged in.
    pub is_patient: bool,
    /// What was wrong with the last try to come in.
    pub trouble: Option<Trouble>,
}

#[derive(Template)]
#[template(path = "own_home.html")]
struct OwnHomeTemplate<'a> {
    t: &'static Texts,
    language: Language,
    is_patient: bool,
    demo: bool,
    trouble: Option<&'a Trouble>,
    tabs: Vec<OwnTab>,
}

impl OwnHome {
    /// Writes the page.
    ///
    /// # Errors
    /// [`PageError`], a defect.
    pub fn render(&self) -> Result<String, PageError> {
        let language = self.frame.language;
        let content = render(&OwnHomeTemplate {
            t: language.texts(),
            language,
            is_patient: self.is_patient,
            demo: self.frame.demo,
            trouble: self.trouble.as_ref(),
            tabs: tabs("", language),
        })?;
        framed(&self.frame, &language.texts().say("own-title"), content)
    }
}

/// The own overview.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnPage {
    /// Around it.
    pub frame: Frame,
    /// When it was asked, for a reader.
    pub made_at: String,
    /// Who it is about.
    pub patient: Patient,
    /// What became of each holder x category.
    pub matrix: Matrix,
    /// What it shows.
    pub sections: Sections,
}

#[derive(Template)]
#[template(path = "own.html")]
struct OwnTemplate<'a> {
    t: &'static Texts,
    page: &'a OwnPage,
    holders: Vec<(bool, String)>,
    sections: String,
    tabs: Vec<OwnTab>,
}

/// What became of each holder in one plain line, and whether all of it is there.
fn holders(matrix: &Matrix, language: Language) -> Vec<(bool, String)> {
    let t = language.texts();
    let line = |row: &crate::matrix::Row| match row.worst() {
        None => (true, t.with("own-holder-all", &row.name)),
        Some(status) => {
            let why = t.say(&format!("own-status-{}", status.code()));
            (
                false,
                t.fill("own-holder-part", &[("holder", &row.name), ("why", &why)]),
            )
        }
    };
    matrix.rows.iter().map(line).collect()
}

/// Calls the sections what a patient calls them.
fn plain(mut sections: Sections, language: Language) -> Sections {
    for section in &mut sections.shown {
        section.title = plain_title(&section.name, &section.title, language);
    }
    sections
}

fn plain_title(name: &str, title: &str, language: Language) -> String {
    let key = format!("plain-{name}");
    let text = language.texts().say(&key);
    // A section that is new keeps its own title.
    if text == key { title.to_owned() } else { text }
}

impl OwnPage {
    /// Writes the page.
    ///
    /// # Errors
    /// [`PageError`], a defect.
    pub fn render(&self) -> Result<String, PageError> {
        let language = self.frame.language;
        let t = language.texts();
        let content = render(&OwnTemplate {
            t,
            page: self,
            holders: holders(&self.matrix, language),
            sections: super::overview::sections(&plain(self.sections.clone(), language), language)?,
            tabs: tabs(OWN_OVERVIEW, language),
        })?;
        framed(&self.frame, &t.say("own-title"), content)
    }
}

/// Writes all of one section for the patient.
///
/// # Errors
/// [`PageError`], a defect.
pub fn own_section(page: &SectionPage) -> Result<String, PageError> {
    let language = page.frame.language;
    let title = plain_title(&page.name, &page.title, language);
    let page = SectionPage {
        title,
        ..page.clone()
    };
    framed(&page.frame, &page.title, page.lines()?)
}

/// Who looked at the data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessLogPage {
    /// Around it.
    pub frame: Frame,
    /// Newest first.
    pub entries: Vec<Entry>,
    /// Where the next, earlier part begins.
    pub before: Option<String>,
    /// Whether this is not the newest part.
    pub is_earlier: bool,
}

#[derive(Template)]
#[template(path = "access_log.html")]
struct AccessLogTemplate<'a> {
    t: &'static Texts,
    page: &'a AccessLogPage,
    tabs: Vec<OwnTab>,
    earlier: Option<String>,
    newest: String,
}

impl AccessLogPage {
    /// Writes the page.
    ///
    /// # Errors
    /// [`PageError`], a defect.
    pub fn render(&self) -> Result<String, PageError> {
        let language = self.frame.language;
        let t = language.texts();
        let newest = format!("{OWN_LOG}?lang={}", language.tag());
        let content = render(&AccessLogTemplate {
            t,
            page: self,
            tabs: tabs(OWN_LOG, language),
            earlier: self
                .before
                .as_ref()
                .map(|before| format!("{newest}&before={before}")),
            newest,
        })?;
        framed(&self.frame, &t.say("own-log"), content)
    }
}
