//! The completeness statement for a reader: a bar, and a matrix of holder x category with reasons.

use samenhang_terminology::{Category, Status};

/// One holder x category.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// The category.
    pub category: Category,
    /// What became of it; `None` while it is being asked.
    pub status: Option<Status>,
    /// How many resources.
    pub count: usize,
    /// Why, in words.
    pub reason: Option<String>,
}

/// One holder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// URA.
    pub ura: String,
    /// Name in the directory.
    pub name: String,
    /// One for every category that was asked.
    pub cells: Vec<Cell>,
    /// The time of the day at which the oldest of what is shown of it was received.
    pub retrieved: Option<String>,
}

impl Row {
    /// Whether this holder gave all that it offers.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.cells
            .iter()
            .all(|cell| cell.status.is_some_and(Status::is_all_that_is_offered))
    }

    /// Whether something is still being asked.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.cells.iter().any(|cell| cell.status.is_none())
    }

    /// How many resources it gave.
    #[must_use]
    pub fn count(&self) -> usize {
        self.cells.iter().map(|cell| cell.count).sum()
    }

    /// The worst status, to be named in the bar.
    #[must_use]
    pub fn worst(&self) -> Option<Status> {
        self.cells
            .iter()
            .filter_map(|cell| cell.status)
            .filter(|status| !status.is_all_that_is_offered())
            .max()
    }
}

/// Every holder, and what is to be said about the whole.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Matrix {
    /// The holders, in order.
    pub rows: Vec<Row>,
    /// Sentences about the whole answer, for example that consent could not be checked.
    pub notices: Vec<String>,
    /// Whether every holder has answered or will not any more.
    pub is_final: bool,
}

impl Matrix {
    /// Holders of which nothing is missing.
    #[must_use]
    pub fn complete(&self) -> usize {
        self.rows.iter().filter(|row| row.is_complete()).count()
    }

    /// Whether every holder gave all that it offers.
    #[must_use]
    pub fn is_all_that_is_offered(&self) -> bool {
        self.is_final && self.notices.is_empty() && self.rows.iter().all(Row::is_complete)
    }

    /// Holder x category that the holder does not offer: what it may have there stays unknown.
    #[must_use]
    pub fn not_offered(&self) -> usize {
        let cells = self.rows.iter().flat_map(|row| &row.cells);
        cells
            .filter(|cell| cell.status == Some(Status::Unsupported))
            .count()
    }

    /// How it stands, in a word for the style sheet.
    #[must_use]
    pub fn class(&self) -> &'static str {
        match self {
            _ if !self.is_final => "busy",
            _ if self.is_complete() => "good",
            _ if self.is_all_that_is_offered() => "fair",
            _ => "bad",
        }
    }

    /// Whether nothing at all is missing.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.is_all_that_is_offered() && self.not_offered() == 0
    }

    /// Whether nothing is missing from any holder for a category.
    #[must_use]
    pub fn is_complete_for(&self, category: Category) -> bool {
        let cells = self
            .rows
            .iter()
            .flat_map(|row| &row.cells)
            .filter(|cell| cell.category == category);
        self.notices.is_empty()
            && cells
                .into_iter()
                .all(|cell| cell.status.is_some_and(Status::is_complete))
    }

    /// The categories that were asked, in order of clinical priority.
    #[must_use]
    pub fn categories(&self) -> Vec<Category> {
        let mut categories: Vec<_> = self
            .rows
            .iter()
            .flat_map(|row| &row.cells)
            .map(|cell| cell.category)
            .collect();
        categories.sort_unstable();
        categories.dedup();
        categories
    }
}
