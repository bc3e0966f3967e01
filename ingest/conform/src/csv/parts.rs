//! A delivery, cut in what is of one patient each.

use std::fmt::Write as _;

use hashbrown::HashMap;
use samenhang_profiles::Limits;

use super::rows::Rows;
use super::{Settings, Table, Tree, rows_of};
use crate::source::SourceError;

/// The key of a part, and its rows by table and row.
type Rough = (Option<String>, Vec<(usize, usize)>);

/// What stands for the tables when a column of the pack says whose a row is.
const ANY_TABLE: usize = usize::MAX;

/// Rows of a delivery that belong together: a row that stands in no other, with all that stand in it, and those of the
/// same patient where the pack names a column that says whose they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What tells it apart from other parts, the same in the next delivery: the text of the key of a join, or of the
    /// column of the patient. None when the tables have neither.
    pub key: Option<String>,
    /// The tables that have such rows.
    pub tables: Vec<PartTable>,
}

/// The rows of one table in a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartTable {
    /// Name of the table.
    pub name: String,
    /// The header and the rows, as they were written.
    pub text: String,
    /// The numbers of the rows in the file, from one, the header included.
    pub numbers: Vec<usize>,
}

/// Cuts the files of one delivery. Each row is in exactly one part, and a part is read as a delivery is, by
/// [`read`](super::read) with its [numbers](Table::numbers).
///
/// # Errors
/// As [`read`](super::read).
pub fn cut(tables: &[Table<'_>], settings: &Settings, limits: &Limits) -> Result<Vec<Part>, SourceError> {
    let read = rows_of(tables, settings, limits)?;
    let mut tree = Tree::of(&read, settings)?;
    let mut parts: Vec<Rough> = Vec::new();
    let mut known: HashMap<(usize, &str), usize> = HashMap::new();
    for (number, table) in read.iter().enumerate() {
        let keys = Keys::of(table, number, settings);
        for row in 0..table.rows.len() {
            if tree.placed(number, row) {
                continue;
            }
            let key = keys.of_row(table, row);
            let next = parts.len();
            let at = key.map_or(next, |key| *known.entry(key).or_insert(next));
            if at == next {
                let named = key.map(|(table, text)| match read.get(table) {
                    Some(table) => format!("{}\n{text}", table.name),
                    None => format!("\n{text}"),
                });
                parts.push((named, Vec::new()));
            }
            if let Some((_, rows)) = parts.get_mut(at) {
                tree.take((number, row), rows);
            }
        }
    }
    let part = |(key, mut rows): Rough| {
        rows.sort_unstable();
        Part {
            key,
            tables: written(&read, &rows),
        }
    };
    Ok(parts.into_iter().map(part).collect())
}

/// Which columns of a table tell its rows apart.
struct Keys {
    number: usize,
    /// The column that says whose a row is.
    patient: Option<usize>,
    /// The key by which others stand in it, or of a table that stands in another, by which it does not.
    own: Option<usize>,
}

impl Keys {
    fn of(table: &Rows<'_>, number: usize, settings: &Settings) -> Self {
        let column = |name: &String| table.column(name);
        let joins = &settings.joins;
        let of_others = || joins.values().find(|join| join.inside == table.name);
        let own = match joins.get(&table.name) {
            Some(join) => Some(&join.by),
            None => of_others().map(|join| &join.key),
        };
        Keys {
            number,
            patient: settings.patient.as_ref().and_then(column),
            own: own.and_then(column),
        }
    }

    fn of_row<'r>(&self, table: &'r Rows<'_>, row: usize) -> Option<(usize, &'r str)> {
        let row = table.rows.get(row)?;
        let of_patient = self.patient.map(|column| (ANY_TABLE, row.text(column)));
        let own = self.own.map(|column| (self.number, row.text(column)));
        of_patient
            .filter(|(_, text)| !text.is_empty())
            .or(own)
            .filter(|(_, text)| !text.is_empty())
    }
}

/// The rows as tables.
fn written(read: &[Rows<'_>], rows: &[(usize, usize)]) -> Vec<PartTable> {
    let mut tables: Vec<PartTable> = Vec::new();
    let mut last = None;
    for (number, row) in rows {
        let Some((table, row)) = read
            .get(*number)
            .and_then(|table| Some((table, table.rows.get(*row)?)))
        else {
            continue;
        };
        if last != Some(*number) {
            last = Some(*number);
            tables.push(PartTable {
                name: table.name.clone(),
                text: format!("{}\n", table.header),
                numbers: Vec::new(),
            });
        }
        if let Some(own) = tables.last_mut() {
            // Writing to a String does not fail.
            let _ = writeln!(own.text, "{}", row.written);
            own.numbers.push(row.number);
        }
    }
    tables
}

impl Tree {
    /// A row and all that stand in it.
    fn take(&mut self, top: (usize, usize), rows: &mut Vec<(usize, usize)>) {
        let mut open = vec![top];
        while let Some(row) = open.pop() {
            rows.push(row);
            open.extend(self.inside.remove(&row).unwrap_or_default());
        }
    }
}
