//! The completeness statement: what became of every localised holder and every category that was asked for (P3).
//!
//! Each cell is there exactly once: setting it twice, setting one that was not localised or asked, or leaving one out
//! is an error and not a statement. It holds no patient data, and it never says why a cell is `empty`.

mod loss;
mod notice;
pub(crate) mod outcome;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use samenhang_profiles::{Received, Ura};
use samenhang_terminology::{Category, Status};

pub use loss::Loss;
pub use notice::Notice;

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
    /// Why, in a fixed text.
    pub detail: Option<Detail>,
}

/// A fixed text that says more about a status, without patient data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Detail {
    /// Stable code.
    pub code: &'static str,
    /// Plain English for a person.
    pub en: &'static str,
    /// Plain Dutch for a person.
    pub nl: &'static str,
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

#[derive(Debug, Clone, PartialEq, Eq)]
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
    losses: BTreeMap<(Ura, Category), Loss>,
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
            losses: BTreeMap::new(),
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

    /// Says what was not carried over of the resources of a holder and category. Of a holder that was not localised or a
    /// category that was not asked nothing is said.
    pub fn loss(&mut self, holder: &Ura, category: Category, loss: &Loss) {
        if !loss.is_empty() && self.asked.contains(&category) && self.holders.contains_key(holder) {
            let whole = self.losses.entry((holder.clone(), category)).or_default();
            whole.merge(loss);
        }
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
            losses: self.losses,
        }
    }
}

/// What became of every localised holder and asked category, each once. Only a [`Builder`] makes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    holders: BTreeMap<Ura, Holder>,
    notices: BTreeSet<Notice>,
    losses: BTreeMap<(Ura, Category), Loss>,
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
    /// Holders that gave all that they offer.
    pub complete: usize,
    /// Holders that were localised.
    pub holders: usize,
    /// Cells that a holder does not offer: what it may have there stays unknown.
    pub not_offered: usize,
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

    /// What was not carried over into the version of the answer, by holder and then by clinical priority.
    pub fn losses(&self) -> impl Iterator<Item = (&Ura, Category, &Loss)> {
        let all = self.losses.iter();
        all.map(|((holder, category), loss)| (holder, *category, loss))
    }

    /// The same statement, with what was not carried over of these resources instead: of an answer in another version.
    #[must_use]
    pub fn with_losses_of(&self, items: &[Received]) -> Statement {
        let mut losses: BTreeMap<(Ura, Category), Loss> = BTreeMap::new();
        for item in items {
            let place = (item.lineage.holder.clone(), item.category);
            losses.entry(place).or_default().add(item);
        }
        self.with_losses(losses)
    }

    /// The same statement, with this account of what was not carried over instead. Where nothing is told of a holder
    /// and category, neither is this.
    #[must_use]
    pub fn with_losses(&self, mut losses: BTreeMap<(Ura, Category), Loss>) -> Statement {
        losses.retain(|(holder, category), loss| {
            let cell = self.holders.get(holder).and_then(|of| of.cells.get(category));
            !loss.is_empty() && cell.is_some_and(|cell| cell.count > 0)
        });
        Statement {
            losses,
            ..self.clone()
        }
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
        let whole = |holder: &Holder| {
            holder
                .cells
                .values()
                .all(|cell| cell.status.is_all_that_is_offered())
        };
        Summary {
            complete: self
                .holders
                .iter()
                .filter(|(ura, holder)| whole(holder) && !touched(ura))
                .count(),
            holders: self.holders.len(),
            not_offered: self
                .rows()
                .filter(|row| row.cell.status == Status::Unsupported)
                .count(),
            resources: self.rows().map(|row| row.cell.count).sum(),
        }
    }

    /// The value of the header `Samenhang-Completeness`: holders that gave all that they offer, of how many, and the
    /// number of cells that holders do not offer, for example `3/5; not-offered=2`.
    #[must_use]
    pub fn header(&self) -> String {
        let Summary {
            complete,
            holders,
            not_offered,
            ..
        } = self.summary();
        match not_offered {
            0 => format!("{complete}/{holders}"),
            _ => format!("{complete}/{holders}; not-offered={not_offered}"),
        }
    }
}
