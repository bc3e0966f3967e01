//! Files with rows: comma-separated values and the like (RFC 4180), as one logical tree.
//!
//! Each row is a node with the name of its table, and each column that has a value is a text in it. Rows of one table can
//! stand in those of another by a key (`join` of a pack): the observations of a patient in the row of that patient. A row
//! whose key the other table does not have stays at the top, where a map can tell.

mod parts;
mod rows;
#[cfg(test)]
mod tests;

pub use parts::{Part, PartTable, cut};

use hashbrown::{HashMap, HashSet};
use samenhang_profiles::Limits;
use samenhang_profiles::document::{Builder, Document, Origin};

use crate::source::{Label, SourceError};
use rows::Rows;

/// Deepest chain of tables that stand in each other.
pub(crate) const MAX_JOINS: usize = 8;

/// A file with rows: the name of its table and its text, see [`crate::Charset::decode`].
#[derive(Debug, Clone, Copy)]
pub struct Table<'t> {
    /// Name of the file without its ending: `patients`.
    pub name: &'t str,
    /// Its text; the first row has the names of the columns.
    pub text: &'t str,
    /// Of a part of a file, see [`cut`]: the numbers that its rows have in the file, without the header. Empty: as they
    /// stand.
    pub numbers: &'t [usize],
}

impl<'t> Table<'t> {
    /// A whole file.
    #[must_use]
    pub fn new(name: &'t str, text: &'t str) -> Self {
        Table {
            name,
            text,
            numbers: &[],
        }
    }
}

/// The name of a table or column as expressions have it: letters, digits and `_` of ASCII; what else it has becomes `_`.
#[must_use]
pub fn plain_name(name: &str) -> String {
    rows::identifier(name)
}

/// How the rows of a table stand in those of another.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Join {
    /// The other table.
    #[serde(rename = "in")]
    pub inside: String,
    /// The column of this table that has the key.
    pub by: String,
    /// The column of the other table with the same key, in which it is unique.
    pub key: String,
}

/// The settings of a pack for its files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// What separates the fields; without it that of comma, semicolon, tab and bar which is most in the header.
    pub delimiter: Option<char>,
    /// Which tables stand in which, by name.
    pub joins: std::collections::BTreeMap<String, Join>,
    /// The column that says whose a row is, in tables that stand in no other.
    pub patient: Option<String>,
}

impl Settings {
    /// Whether no table stands in itself, over others or not, and none deeper than can be written.
    pub(crate) fn is_tree(&self) -> bool {
        self.joins.values().all(|join| {
            let above = |join: &&Join| self.joins.get(&join.inside);
            std::iter::successors(Some(join), above)
                .take(MAX_JOINS + 1)
                .count()
                <= MAX_JOINS
        })
    }
}

/// Reads the files of one delivery.
///
/// # Errors
/// [`SourceError`] when a row is not what its header says, a join names what is not there, or a limit is passed.
pub fn read(
    tables: &[Table<'_>],
    settings: &Settings,
    limits: &Limits,
) -> Result<Document<'static>, SourceError> {
    let read = rows_of(tables, settings, limits)?;
    let mut tree = Tree::of(&read, settings)?;
    let mut builder = Builder::new("", "Tables", limits)?;
    for (number, table) in read.iter().enumerate() {
        for row in 0..table.rows.len() {
            if !tree.placed(number, row) {
                tree.write(&mut builder, &read, (number, row), 0)?;
            }
        }
    }
    Ok(builder.finish())
}

/// The rows of the files of one delivery.
fn rows_of<'t>(
    tables: &[Table<'t>],
    settings: &Settings,
    limits: &Limits,
) -> Result<Vec<Rows<'t>>, SourceError> {
    let bytes: usize = tables.iter().map(|table| table.text.len()).sum();
    if bytes > limits.max_bytes {
        return Err(SourceError::row("", 0, "the files are larger than the limit"));
    }
    let mut read = Vec::new();
    let mut names = HashSet::new();
    for table in tables {
        let rows = Rows::read(table, settings.delimiter, limits)?;
        if !names.insert(rows.name.clone()) {
            return Err(SourceError::row(&rows.name, 0, "two files have the same name"));
        }
        read.push(rows);
    }
    Ok(read)
}

/// Which rows stand in which.
struct Tree {
    /// The rows in a row, by table and row.
    inside: HashMap<(usize, usize), Vec<(usize, usize)>>,
    /// Rows that stand in another.
    placed: HashSet<(usize, usize)>,
    label: Label,
}

impl Tree {
    fn of(tables: &[Rows<'_>], settings: &Settings) -> Result<Tree, SourceError> {
        let mut tree = Tree {
            inside: HashMap::new(),
            placed: HashSet::new(),
            label: Label::new(),
        };
        if !settings.is_tree() {
            return Err(SourceError::row("", 0, "joins go in a circle, or deeper than 8"));
        }
        for (name, join) in &settings.joins {
            let find = |name: &str| tables.iter().position(|table| table.name == name);
            let (Some(own), Some(other)) = (find(name), find(&join.inside)) else {
                // A delivery may lack a table: then there is nothing to join.
                continue;
            };
            let column = |table: usize, name: &str| {
                let table = &tables[table];
                let what = "the header does not have the key of a join";
                table
                    .column(name)
                    .ok_or_else(|| SourceError::row(&table.name, 1, what))
            };
            let (by, key) = (column(own, &join.by)?, column(other, &join.key)?);
            let mut keys: HashMap<&str, usize> = HashMap::new();
            for (number, row) in tables[other].rows.iter().enumerate() {
                let text = row.text(key);
                if !text.is_empty() && keys.insert(text, number).is_some() {
                    let what = "the key of a join stands in two rows";
                    return Err(SourceError::row(&tables[other].name, row.number, what));
                }
            }
            for (number, row) in tables[own].rows.iter().enumerate() {
                if let Some(owner) = keys.get(row.text(by)) {
                    tree.inside
                        .entry((other, *owner))
                        .or_default()
                        .push((own, number));
                    tree.placed.insert((own, number));
                }
            }
        }
        Ok(tree)
    }

    fn placed(&self, table: usize, row: usize) -> bool {
        self.placed.contains(&(table, row))
    }

    fn write(
        &mut self,
        builder: &mut Builder<'_>,
        tables: &[Rows<'_>],
        at: (usize, usize),
        depth: usize,
    ) -> Result<(), SourceError> {
        let table = &tables[at.0];
        let row = &table.rows[at.1];
        let place = self
            .label
            .write(format_args!("{} row {}", table.name, row.number));
        builder.open(&table.name, None, Origin::Label(place))?;
        for (column, name) in table.columns.iter().enumerate() {
            let text = row.text(column);
            if !text.is_empty() {
                let place = format_args!("{} row {}, column {name}", table.name, row.number);
                builder.leaf(name, text, Origin::Label(self.label.write(place)))?;
            }
        }
        if depth <= MAX_JOINS {
            for inner in self.inside.remove(&at).unwrap_or_default() {
                self.write(builder, tables, inner, depth + 1)?;
            }
        }
        builder.close();
        Ok(())
    }
}
