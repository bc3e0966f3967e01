//! Situational views: which sections of an answer are shown first, in which order, and what of them is left out.
//!
//! A view is data (`reconcile/views`): a selection over the same clusters. It never removes anything. What it leaves out
//! stays in the answer, is counted with the reason, and what contradicts something else is never left out
//! (reconciliation notes, R8).

mod read;
mod select;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use samenhang_terminology::Category;

use crate::policy::{PolicyError, Words};

pub use select::{Chosen, Selected, Why};

/// A section of an answer, as a clinician reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Stable name.
    pub name: String,
    /// What a person calls it.
    pub label: Words,
    /// Its code: system and code. None where no code system has one.
    pub code: Option<(&'static str, String)>,
    /// The categories that it shows.
    pub categories: Vec<Category>,
    /// The types of resource that it shows of them; empty: what no other section names.
    pub types: Vec<String>,
}

/// What a view shows of a section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The section, by its place.
    pub section: usize,
    /// Statuses that are left out.
    pub statuses_out: Vec<String>,
    /// Days after which something is left out.
    pub within_days: Option<u32>,
    /// Whether the oldest comes first.
    pub is_oldest_first: bool,
}

/// A view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// Stable name.
    pub name: String,
    /// What a person calls it.
    pub label: Words,
    /// For whom it is and when.
    pub about: Words,
    /// What it shows, in order.
    pub choices: Vec<Choice>,
}

/// The sections and the views over them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Views {
    /// Their version: another selection is another version.
    pub version: String,
    /// The sections, in the order in which a clinician reads them.
    pub sections: Vec<Section>,
    /// The views; the first of them shows everything.
    pub views: Vec<View>,
}

/// The name of the view that shows everything, and that is used when none is asked for.
pub const WHOLE: &str = "whole";

impl Views {
    /// The views that are shipped.
    ///
    /// They are part of the program and read by its tests: no sections at all stand in for what could not be read.
    #[must_use]
    pub fn shipped() -> &'static Views {
        static SHIPPED: LazyLock<Views> = LazyLock::new(|| {
            let sections = include_str!("../views/sections.yaml");
            let views = include_str!("../views/views.yaml");
            Views::read(sections, views).unwrap_or_else(|_| Views {
                version: "0".to_owned(),
                sections: Vec::new(),
                views: vec![whole(&[])],
            })
        });
        &SHIPPED
    }

    /// Reads sections and views.
    ///
    /// # Errors
    /// [`PolicyError`] with the file and what is wrong in it.
    pub fn read(sections: &str, views: &str) -> Result<Views, PolicyError> {
        read::read(sections, views)
    }

    /// A view by its name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&View> {
        self.views.iter().find(|view| view.name == name)
    }

    /// The view that shows everything.
    #[must_use]
    pub fn whole(&self) -> &View {
        static NOTHING: LazyLock<View> = LazyLock::new(|| whole(&[]));
        self.named(WHOLE).unwrap_or(&NOTHING)
    }
}

/// The view that shows everything.
fn whole(sections: &[Section]) -> View {
    View {
        name: WHOLE.to_owned(),
        label: Words {
            nl: "Alles".to_owned(),
            en: "Everything".to_owned(),
        },
        about: Words {
            nl: "Alle rubrieken, in de volgorde waarin een arts leest.".to_owned(),
            en: "All sections, in the order in which a clinician reads.".to_owned(),
        },
        choices: (0..sections.len())
            .map(|section| Choice {
                section,
                statuses_out: Vec::new(),
                within_days: None,
                is_oldest_first: false,
            })
            .collect(),
    }
}
