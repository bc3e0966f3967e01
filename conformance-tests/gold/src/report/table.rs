//! Tables of Markdown.

/// A table.
pub(super) struct Table {
    out: String,
}

impl Table {
    /// With its heads.
    pub(super) fn new(heads: &[&str]) -> Self {
        let rule = heads.iter().map(|_| "---").collect::<Vec<_>>().join("|");
        Table {
            out: format!("| {} |\n|{rule}|\n", heads.join(" | ")),
        }
    }

    /// Adds a row.
    pub(super) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        let cells: Vec<String> = cells.into_iter().collect();
        self.out.push_str(&format!("| {} |\n", cells.join(" | ")));
    }

    pub(super) fn text(self) -> String {
        self.out
    }
}
