//! The completeness statement: what became of every localised holder and every category that was asked for (P3).
//!
//! Each cell is there exactly once: setting it twice, setting one that was not localised or asked, or leaving one out
//! is an error and not a statement. It holds no patient data, and it never says why a cell is `empty`.

pub(crate) mod outcome;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use samenhang_profiles::Ura;
use samenhang_terminology::{Category, Status};

use crate::ReconcileError;

/// What became of one holder and one category.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// The status.
    pub status: Status,
    /// Resources received.
    pub count: usize,
    /// When the last of them was received; `None` when nothing was.
    pub retrieved: Option<Timestamp>,
    /// A fixed text that says more, without patient data.
    pub detail: Option<&'static str>,
}

impl Cell {
    /// A cell of which there is nothing to say but its status.
    #[must_use]
    pub fn of(status: Status) -> Self {
        Cell {
            status,
            count: 0,
            retrieved: None,
            detail: None,
        }
    }
}

/// Something that concerns a holder or the whole answer, and no single category.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Notice {
    /// The consent service could not be reached or answered what could not be accepted: nobody was asked.
    ConsentUnavailable,
    /// A localiser beside the index failed: there may be holders that are not known.
    LocaliserFailed {
        /// Its name in the configuration.
        localiser: String,
    },
    /// A holder's Patient was accepted, although something deviates.
    IdentityWarning {
        /// The holder.
        holder: Ura,
    },
    /// A holder's data waits until the asker has confirmed the identity.
    IdentityHold {
        /// The holder.
        holder: Ura,
    },
    /// A holder's data was kept out, because its Patient is probably another person.
    IdentityQuarantined {
        /// The holder.
        holder: Ura,
    },
    /// A holder has more than one record under this number.
    IdentityAmbiguous {
        /// The holder.
        holder: Ura,
    },
    /// A holder has not verified the number of its Patient.
    IdentityUnverified {
        /// The holder.
        holder: Ura,
    },
    /// A holder sent resources that are not demonstrably about this patient; they were kept out.
    ResourcesKeptOut {
        /// The holder.
        holder: Ura,
        /// How many.
        count: usize,
    },
}

impl Notice {
    /// Whether something may be missing because of it.
    #[must_use]
    pub fn leaves_incomplete(&self) -> bool {
        !matches!(self, Notice::IdentityWarning { .. })
    }

    /// The holder that it concerns.
    #[must_use]
    pub fn holder(&self) -> Option<&Ura> {
        match self {
            Notice::ConsentUnavailable | Notice::LocaliserFailed { .. } => None,
            Notice::IdentityWarning { holder }
            | Notice::IdentityHold { holder }
            | Notice::IdentityQuarantined { holder }
            | Notice::IdentityAmbiguous { holder }
            | Notice::IdentityUnverified { holder }
            | Notice::ResourcesKeptOut { holder, .. } => Some(holder),
        }
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Notice::ConsentUnavailable => "consent-unavailable",
            Notice::LocaliserFailed { .. } => "localiser-failed",
            Notice::IdentityWarning { .. } => "identity-warning",
            Notice::IdentityHold { .. } => "identity-hold",
            Notice::IdentityQuarantined { .. } => "identity-quarantined",
            Notice::IdentityAmbiguous { .. } => "identity-ambiguous",
            Notice::IdentityUnverified { .. } => "identity-unverified",
            Notice::ResourcesKeptOut { .. } => "resources-kept-out",
        }
    }

    /// Plain English for a person.
    #[must_use]
    pub fn text_en(&self) -> &'static str {
        match self {
            Notice::ConsentUnavailable => "consent could not be checked, so holders were not asked",
            Notice::LocaliserFailed { .. } => "a localiser did not answer; other holders may have data",
            Notice::IdentityWarning { .. } => "the demographics at this holder deviate in part",
            Notice::IdentityHold { .. } => {
                "the demographics at this holder deviate; confirm the identity to see its data"
            }
            Notice::IdentityQuarantined { .. } => {
                "the identity at this holder deviates; its data is kept out"
            }
            Notice::IdentityAmbiguous { .. } => {
                "this holder has more than one record of the patient; its data is kept out"
            }
            Notice::IdentityUnverified { .. } => {
                "this holder has not verified the number of the patient; its data is kept out"
            }
            Notice::ResourcesKeptOut { .. } => "data that is not demonstrably about the patient was kept out",
        }
    }

    /// Plain Dutch for a person.
    #[must_use]
    pub fn text_nl(&self) -> &'static str {
        match self {
            Notice::ConsentUnavailable => {
                "toestemming kon niet worden getoetst, daarom zijn bronnen niet bevraagd"
            }
            Notice::LocaliserFailed { .. } => {
                "een lokalisatiedienst antwoordde niet; andere bronnen kunnen gegevens hebben"
            }
            Notice::IdentityWarning { .. } => "de persoonsgegevens bij deze bron wijken deels af",
            Notice::IdentityHold { .. } => {
                "de persoonsgegevens bij deze bron wijken af; bevestig de identiteit om de gegevens te zien"
            }
            Notice::IdentityQuarantined { .. } => {
                "de identiteit bij deze bron wijkt af; de gegevens worden niet getoond"
            }
            Notice::IdentityAmbiguous { .. } => {
                "deze bron heeft meer dan één dossier van de patiënt; de gegevens worden niet getoond"
            }
            Notice::IdentityUnverified { .. } => {
                "deze bron heeft het BSN van de patiënt niet geverifieerd; de gegevens worden niet getoond"
            }
            Notice::ResourcesKeptOut { .. } => {
                "gegevens die niet aantoonbaar over de patiënt gaan, zijn weggelaten"
            }
        }
    }
}

#[derive(Debug, Clone)]
struct Holder {
    name: Arc<str>,
    cells: BTreeMap<Category, Cell>,
}

/// Collects the statement.
#[derive(Debug, Clone)]
pub struct Builder {
    asked: BTreeSet<Category>,
    holders: BTreeMap<Ura, Holder>,
    notices: BTreeSet<Notice>,
}

impl Builder {
    /// For the holders that were localised, by URA and name, and the categories that were asked for.
    #[must_use]
    pub fn new(holders: impl IntoIterator<Item = (Ura, Arc<str>)>, asked: BTreeSet<Category>) -> Self {
        let holders = holders
            .into_iter()
            .map(|(ura, name)| {
                let cells = BTreeMap::new();
                (ura, Holder { name, cells })
            })
            .collect();
        Builder {
            asked,
            holders,
            notices: BTreeSet::new(),
        }
    }

    /// Says what became of one holder and category.
    ///
    /// # Errors
    /// [`ReconcileError::NotLocalised`], [`ReconcileError::NotAsked`] or [`ReconcileError::Twice`]; the first
    /// statement then stays.
    pub fn set(&mut self, holder: &Ura, category: Category, cell: Cell) -> Result<(), ReconcileError> {
        if !self.asked.contains(&category) {
            return Err(ReconcileError::NotAsked { category });
        }
        let entry = self
            .holders
            .get_mut(holder)
            .ok_or_else(|| ReconcileError::NotLocalised {
                holder: holder.clone(),
            })?;
        if entry.cells.contains_key(&category) {
            return Err(ReconcileError::Twice {
                holder: holder.clone(),
                category,
            });
        }
        entry.cells.insert(category, cell);
        Ok(())
    }

    /// Adds a notice; the same one twice counts once.
    pub fn notice(&mut self, notice: Notice) {
        self.notices.insert(notice);
    }

    /// Cells that are not set yet.
    pub fn open(&self) -> impl Iterator<Item = (&Ura, Category)> {
        self.holders.iter().flat_map(|(ura, holder)| {
            self.asked
                .iter()
                .filter(|category| !holder.cells.contains_key(category))
                .map(move |category| (ura, *category))
        })
    }

    /// The statement.
    ///
    /// # Errors
    /// [`ReconcileError::Missing`] when a cell is not set.
    pub fn finish(self) -> Result<Statement, ReconcileError> {
        if let Some((holder, category)) = self.open().next() {
            return Err(ReconcileError::Missing {
                holder: holder.clone(),
                category,
            });
        }
        Ok(self.close())
    }

    /// The statement, with one status for every cell that is not set: for a question that was broken off.
    #[must_use]
    pub fn finish_with(mut self, rest: Status) -> Statement {
        for holder in self.holders.values_mut() {
            for category in &self.asked {
                holder.cells.entry(*category).or_insert_with(|| Cell::of(rest));
            }
        }
        self.close()
    }

    fn close(self) -> Statement {
        Statement {
            holders: self.holders,
            notices: self.notices,
        }
    }
}

/// What became of every localised holder and asked category, each once. Only a [`Builder`] makes it.
#[derive(Debug, Clone)]
pub struct Statement {
    holders: BTreeMap<Ura, Holder>,
    notices: BTreeSet<Notice>,
}

/// One row of the statement.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    /// The holder.
    pub holder: &'a Ura,
    /// Its name.
    pub name: &'a str,
    /// The category.
    pub category: Category,
    /// What became of it.
    pub cell: &'a Cell,
}

/// The statement in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Summary {
    /// Holders of which nothing is missing.
    pub complete: usize,
    /// Holders that were localised.
    pub holders: usize,
    /// Resources received.
    pub resources: usize,
}

impl Statement {
    /// Every row, by holder and then by clinical priority.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.holders.iter().flat_map(|(ura, holder)| {
            holder.cells.iter().map(move |(category, cell)| Row {
                holder: ura,
                name: &holder.name,
                category: *category,
                cell,
            })
        })
    }

    /// The notices, each once, in a fixed order.
    pub fn notices(&self) -> impl Iterator<Item = &Notice> {
        self.notices.iter()
    }

    /// The name of a localised holder.
    #[must_use]
    pub fn holder_name(&self, holder: &Ura) -> Option<&str> {
        self.holders.get(holder).map(|holder| &*holder.name)
    }

    /// Whether nothing is missing.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        !self.notices.iter().any(Notice::leaves_incomplete)
            && self.rows().all(|row| row.cell.status.is_complete())
    }

    /// The statement in numbers. A holder that a notice concerns is not complete, unless it is a mere warning.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let touched = |ura: &Ura| {
            self.notices.iter().any(|notice| {
                notice.leaves_incomplete() && notice.holder().is_none_or(|holder| holder == ura)
            })
        };
        let whole = |holder: &Holder| holder.cells.values().all(|cell| cell.status.is_complete());
        Summary {
            complete: self
                .holders
                .iter()
                .filter(|(ura, holder)| whole(holder) && !touched(ura))
                .count(),
            holders: self.holders.len(),
            resources: self.rows().map(|row| row.cell.count).sum(),
        }
    }

    /// The value of the header `Samenhang-Completeness`, for example `3/5`.
    #[must_use]
    pub fn header(&self) -> String {
        let Summary {
            complete, holders, ..
        } = self.summary();
        format!("{complete}/{holders}")
    }
}
