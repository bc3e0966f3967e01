//! The sections of the overview in a situation: the first lines of each, and what is left out with the reason.

use jiff::Timestamp;
use samenhang_reconcile::Reconciled;
use samenhang_reconcile::view::{self, Selected, View, Views, Why};
use samenhang_terminology::Category;

use crate::address::Address;
use crate::item::{Item, Lines};
use crate::language::Language;
use crate::matrix::Matrix;

/// Lines of a section that the overview shows; the rest has a page of its own. It bounds the page, however much there is.
pub const FIRST: usize = 10;

/// The section of what stands on top of every page.
pub(crate) const OF_PATIENT: &str = "patient";

/// What an empty section means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Empty {
    /// Holders are still being asked.
    Yet,
    /// Every holder gave all of it, and it is nothing.
    Nothing,
    /// Something is missing, so that it is not known.
    Unknown,
}

impl Empty {
    fn of(matrix: &Matrix, categories: &[Category]) -> Empty {
        let is_complete = categories
            .iter()
            .all(|category| matrix.is_complete_for(*category));
        match (matrix.is_final, is_complete) {
            (false, _) => Empty::Yet,
            (true, true) => Empty::Nothing,
            (true, false) => Empty::Unknown,
        }
    }
}

/// One section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Stable name.
    pub name: String,
    /// What a person calls it.
    pub title: String,
    /// The first lines.
    pub items: Vec<Item>,
    /// How many lines there are.
    pub count: usize,
    /// What it means that there is none.
    pub empty: Empty,
    /// The page with all of them, when these are not all.
    pub rest: Option<String>,
    /// What is left out in this situation, in words.
    pub hidden: Vec<String>,
}

/// The sections of a situation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sections {
    /// In the order of the situation.
    pub shown: Vec<Section>,
    /// Sections that are not part of it, with how many facts each has.
    pub left_out: Vec<(String, usize)>,
}

impl Sections {
    /// The sections of an answer. `at` is the moment that ages count from.
    #[must_use]
    pub fn of(
        (known, lines): (&Reconciled, &Lines<'_>),
        view: &View,
        matrix: &Matrix,
        (address, language): (Option<&Address>, Language),
        at: Timestamp,
    ) -> Self {
        let Selected { sections, left_out } = Views::shipped().select(view, known, Some(at));
        let shown = sections.into_iter().map(|chosen| {
            let places = lines.told_once(&chosen.shown);
            let first = places.get(..FIRST).unwrap_or(&places);
            let is_more = first.len() < places.len();
            let name = &chosen.section.name;
            let rest = address.filter(|_| is_more).map(|address| {
                let query = [("view", view.name.as_str())];
                address.page(&format!("section/{name}"), &query)
            });
            let texts = language.texts();
            let hidden = chosen.hidden.iter().map(|(why, count)| match why {
                Why::Status => texts.count("left-out-status", *count, &[]),
                Why::Older(days) => texts.count("left-out-older", *count, &[("days", &days.to_string())]),
            });
            Section {
                hidden: hidden.collect(),
                items: lines.lines(first),
                count: places.len(),
                rest,
                ..Section::bare(chosen.section, matrix, language)
            }
        });
        Sections {
            shown: in_order(shown),
            left_out: left_out
                .iter()
                .map(|(section, count)| (language.of(&section.label).to_owned(), *count))
                .collect(),
        }
    }

    /// The sections before anything has come in.
    #[must_use]
    pub fn awaited(view: &View, matrix: &Matrix, language: Language) -> Self {
        let sections = &Views::shipped().sections;
        let shown = view
            .choices
            .iter()
            .filter_map(|choice| sections.get(choice.section));
        Sections {
            shown: in_order(shown.map(|section| Section::bare(section, matrix, language))),
            left_out: Vec::new(),
        }
    }
}

/// Who the patient is stands on top of every page; what each holder has recorded of that comes last, so that a reader begins
/// with what they came for.
fn in_order(sections: impl Iterator<Item = Section>) -> Vec<Section> {
    let mut sections: Vec<Section> = sections.collect();
    sections.sort_by_key(|section| section.name == OF_PATIENT);
    sections
}

impl Section {
    /// A section without lines.
    fn bare(section: &view::Section, matrix: &Matrix, language: Language) -> Section {
        Section {
            name: section.name.clone(),
            title: language.of(&section.label).to_owned(),
            items: Vec::new(),
            count: 0,
            empty: Empty::of(matrix, &section.categories),
            rest: None,
            hidden: Vec::new(),
        }
    }

    /// The text of its rest.
    fn more(&self, language: Language) -> String {
        let values = [("section", self.title.as_str())];
        language.texts().count("show-all", self.count, &values)
    }

    /// What is said when there is no line.
    #[must_use]
    pub fn nothing(&self, language: Language) -> String {
        let texts = language.texts();
        match self.empty {
            Empty::Yet => texts.say("nothing-yet"),
            Empty::Nothing => texts.say("nothing"),
            Empty::Unknown => texts.say("unknown"),
        }
    }

    /// The text and address of the page with all of it.
    #[must_use]
    pub fn link(&self, language: Language) -> Option<(String, &str)> {
        self.rest.as_deref().map(|rest| (self.more(language), rest))
    }
}
