//! What every page about a patient begins with: who it is, what must be known first, and what is missing.

use askama::Template;
use samenhang_reconcile::view::{View, Views};
use samenhang_terminology::Status;

use super::{PageError, Tab, render, tabs};
use crate::address::Address;
use crate::language::Language;
use crate::matrix::{Matrix, Row};
use crate::patient::Patient;
use crate::texts::Texts;

/// A page of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// The sections.
    Overview,
    /// The medication by treatment.
    Medication,
    /// Laboratory results.
    Results,
    /// Everything by date.
    Timeline,
    /// A page that no row of links names.
    Other,
}

impl Page {
    /// Those with a link on every page.
    pub const ALL: [Page; 4] = [Page::Overview, Page::Medication, Page::Results, Page::Timeline];

    /// Its name in addresses.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Page::Overview | Page::Other => "",
            Page::Medication => "medication",
            Page::Results => "results",
            Page::Timeline => "timeline",
        }
    }

    pub(super) fn key(self) -> &'static str {
        match self {
            Page::Overview | Page::Other => "o",
            Page::Medication => "m",
            Page::Results => "l",
            Page::Timeline => "t",
        }
    }

    pub(super) fn text(self) -> &'static str {
        match self {
            Page::Overview | Page::Other => "overview",
            Page::Medication => "medication",
            Page::Results => "results",
            Page::Timeline => "timeline",
        }
    }
}

/// What every page about a patient begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// When the question was asked, for a reader.
    pub made_at: String,
    /// The time of the day at which the holders were asked, when they were not asked for this page.
    pub shown_again: Option<String>,
    /// Who it is about.
    pub patient: Patient,
    /// What became of each holder x category.
    pub matrix: Matrix,
    /// Where the pages of the answer are; none without a session.
    pub address: Option<Address>,
    /// Which of them this is.
    pub page: Page,
    /// The situation.
    pub view: &'static View,
}

#[derive(Template)]
#[template(path = "head.html")]
struct HeadTemplate<'a> {
    t: &'static Texts,
    language: Language,
    head: &'a Head,
    patient: String,
    bar: String,
    refresh: String,
    state: String,
    who: String,
    tabs: Vec<Tab>,
    situations: Vec<Tab>,
}

#[derive(Template)]
#[template(path = "refresh.html")]
struct RefreshTemplate<'a> {
    t: &'static Texts,
    language: Language,
    address: &'a Address,
}

#[derive(Template)]
#[template(path = "keys.html")]
struct KeysTemplate {
    t: &'static Texts,
    tabs: Vec<Tab>,
    situations: Vec<Tab>,
}

#[derive(Template)]
#[template(path = "patient.html")]
struct PatientTemplate<'a> {
    t: &'static Texts,
    patient: &'a Patient,
    is_final: bool,
}

#[derive(Template)]
#[template(path = "bar.html")]
struct BarTemplate<'a> {
    t: &'static Texts,
    matrix: &'a Matrix,
    verdict: String,
    done: String,
    missing: Vec<String>,
    lines: Vec<BarLine<'a>>,
}

/// One category of the matrix.
struct BarLine<'a> {
    category: &'static str,
    cells: Vec<BarCell<'a>>,
}

struct BarCell<'a> {
    status: &'static str,
    sign: &'static str,
    class: &'static str,
    count: usize,
    reason: &'a str,
}

/// The situations that have a key, with it.
const SITUATIONS: [(&str, &str); 4] = [
    ("whole", "1"),
    ("acute", "2"),
    ("medication-check", "3"),
    ("referral", "4"),
];

fn situations(head: &Head, language: Language) -> Vec<Tab> {
    let Some(address) = &head.address else {
        return Vec::new();
    };
    let tab = |(name, key): &(&str, &'static str)| {
        let view = Views::shipped().named(name)?;
        Some(Tab {
            href: address.situation(name),
            key,
            text: language.of(&view.label).to_owned(),
            about: language.of(&view.about).to_owned(),
            is_here: head.page == Page::Overview && head.view.name == *name,
        })
    };
    SITUATIONS.iter().filter_map(tab).collect()
}

impl Head {
    /// Writes it.
    pub(super) fn render(&self, language: Language) -> Result<String, PageError> {
        render(&HeadTemplate {
            t: language.texts(),
            language,
            head: self,
            patient: patient(&self.patient, self.matrix.is_final, language)?,
            bar: bar(&self.matrix, language)?,
            // While the answer streams in, the holders are being asked already.
            refresh: match &self.address {
                Some(address) if self.matrix.is_final => refresh(address, language)?,
                _ => String::new(),
            },
            state: state(&self.matrix, language),
            who: who(&self.patient),
            tabs: tabs(self.address.as_ref(), self.page, language),
            situations: situations(self, language),
        })
    }

    /// What is said when a section has nothing: that there is nothing, or that it is not known.
    pub(super) fn nothing(&self, section: &str, language: Language) -> String {
        let sections = &Views::shipped().sections;
        let section = sections.iter().find(|own| own.name == section);
        let categories = section.map_or(&[][..], |section| &section.categories);
        let is_complete = categories
            .iter()
            .all(|category| self.matrix.is_complete_for(*category));
        language
            .texts()
            .say(if is_complete { "nothing" } else { "unknown" })
    }

    /// Writes which keys do what.
    pub(super) fn keys(&self, language: Language) -> Result<String, PageError> {
        render(&KeysTemplate {
            t: language.texts(),
            tabs: tabs(self.address.as_ref(), self.page, language),
            situations: situations(self, language),
        })
    }
}

/// Writes who the patient is, to go into `patient`.
///
/// # Errors
/// [`PageError`], a defect.
pub fn patient(patient: &Patient, is_final: bool, language: Language) -> Result<String, PageError> {
    render(&PatientTemplate {
        t: language.texts(),
        patient,
        is_final,
    })
}

/// Writes the button that asks the holders again, to go into `refresh`.
///
/// # Errors
/// [`PageError`], a defect.
pub fn refresh(address: &Address, language: Language) -> Result<String, PageError> {
    render(&RefreshTemplate {
        t: language.texts(),
        language,
        address,
    })
}

fn verdict(matrix: &Matrix, language: Language) -> String {
    let t = language.texts();
    match matrix {
        _ if !matrix.is_final => t.say("busy"),
        _ if matrix.is_complete() => format!("✓ {}", t.say("complete")),
        _ if matrix.is_all_that_is_offered() => t.say("offered"),
        _ => format!("⚠ {}", t.say("incomplete")),
    }
}

fn done(matrix: &Matrix, language: Language) -> String {
    let (done, all) = (matrix.complete().to_string(), matrix.rows.len().to_string());
    language
        .texts()
        .fill("holders-done", &[("done", &done), ("all", &all)])
}

/// Each holder of which something is missing, with the worst of it.
fn missing(matrix: &Matrix, language: Language) -> Vec<String> {
    let rows = matrix.rows.iter();
    rows.filter_map(|row| Some(format!("{}: {}", row.name, language.status(row.worst()?))))
        .collect()
}

/// Who it is about in one line, for every sheet of paper, to go into `paper-who`.
#[must_use]
pub fn who(patient: &Patient) -> String {
    let parts = [
        patient.name.as_deref(),
        patient.born.as_deref(),
        Some(&*patient.number),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// The completeness in one line, for every sheet of paper, to go into `paper-state`.
#[must_use]
pub fn state(matrix: &Matrix, language: Language) -> String {
    let mut parts = vec![verdict(matrix, language), done(matrix, language)];
    parts.extend(missing(matrix, language));
    parts.extend(matrix.notices.iter().cloned());
    parts.join(". ")
}

/// Writes the completeness bar with its matrix, the element `completeness` itself.
///
/// # Errors
/// [`PageError`], a defect.
pub fn bar(matrix: &Matrix, language: Language) -> Result<String, PageError> {
    let t = language.texts();
    let lines = matrix.categories().into_iter().map(|category| BarLine {
        category: language.category(category),
        cells: matrix
            .rows
            .iter()
            .map(|row| cell(row, category, language))
            .collect(),
    });
    render(&BarTemplate {
        t,
        matrix,
        verdict: verdict(matrix, language),
        done: done(matrix, language),
        missing: missing(matrix, language),
        lines: lines.collect(),
    })
}

fn cell(row: &Row, category: samenhang_terminology::Category, language: Language) -> BarCell<'_> {
    let found = row.cells.iter().find(|cell| cell.category == category);
    let status = found.and_then(|cell| cell.status);
    BarCell {
        status: status.map_or("", |status| language.status(status)),
        sign: match status {
            None => "…",
            Some(Status::Answered) => "✓",
            Some(Status::Empty) => "–",
            Some(_) => "⚠",
        },
        class: status.map_or("busy", Status::code),
        count: found.map_or(0, |cell| cell.count),
        reason: found.and_then(|cell| cell.reason.as_deref()).unwrap_or_default(),
    }
}

/// A text for who cannot see that the bar has grown: so many holders have answered.
#[must_use]
pub fn arrived(holders: usize, language: Language) -> String {
    language.texts().with("arrived", &holders.to_string())
}
