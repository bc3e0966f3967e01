//! The rows of one file.

use std::borrow::Cow;

use hashbrown::HashSet;
use samenhang_profiles::Limits;

use super::Table;
use crate::source::SourceError;

/// Most columns of a file.
const MAX_COLUMNS: usize = 2_000;
/// What separates fields, when no one says.
const DELIMITERS: [char; 4] = [',', ';', '\t', '|'];

/// A file, cut.
pub(super) struct Rows<'t> {
    pub(super) name: String,
    pub(super) columns: Vec<String>,
    /// The first row as it is written, without its end.
    pub(super) header: &'t str,
    pub(super) rows: Vec<Row<'t>>,
}

/// A row.
pub(super) struct Row<'t> {
    /// Its number in the file, from one, the header included.
    pub(super) number: usize,
    /// As it is written, without its end.
    pub(super) written: &'t str,
    fields: Vec<Cow<'t, str>>,
}

impl Row<'_> {
    /// The text of a column, without white space around it.
    pub(super) fn text(&self, column: usize) -> &str {
        self.fields.get(column).map_or("", |text| text.trim())
    }
}

impl<'t> Rows<'t> {
    pub(super) fn read(
        table: &Table<'t>,
        delimiter: Option<char>,
        limits: &Limits,
    ) -> Result<Rows<'t>, SourceError> {
        let name = identifier(table.name);
        let text = table.text.strip_prefix('\u{feff}').unwrap_or(table.text);
        let delimiter = delimiter.unwrap_or_else(|| detected(text));
        let mut cutter = Cutter {
            table: &name,
            text,
            delimiter,
            row: 0,
            numbers: table.numbers,
        };
        let header = cutter.next()?.ok_or_else(|| cutter.fault("there is no header"))?;
        let columns: Vec<String> = header.fields.iter().map(|name| identifier(name)).collect();
        let mut seen = HashSet::new();
        let fault = |what| Err(SourceError::row(&name, 1, what));
        if columns.len() > MAX_COLUMNS {
            return fault("more than 2,000 columns");
        }
        if columns.iter().any(String::is_empty) {
            return fault("a column without a name");
        }
        if !columns.iter().all(|name| seen.insert(name.clone())) {
            return fault("two columns of one name");
        }
        let mut rows = Vec::new();
        let mut values = 0;
        while let Some(row) = cutter.next()? {
            values += row.fields.len();
            let fault = |what| Err(SourceError::row(&name, row.number, what));
            if values > limits.max_nodes {
                return fault("more values than the limit");
            }
            if row.fields.len() != columns.len() {
                return fault("not as many fields as the header has");
            }
            rows.push(row);
        }
        Ok(Rows {
            columns,
            header: header.written,
            rows,
            name,
        })
    }

    pub(super) fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|own| own == name)
    }
}

/// A name that FHIRPath takes without quotes: letters, digits and `_` of ASCII; what else it has becomes `_`.
pub(super) fn identifier(name: &str) -> String {
    let mut plain: String = name
        .trim()
        .chars()
        .map(|char| if char.is_ascii_alphanumeric() { char } else { '_' })
        .collect();
    if plain.starts_with(|first: char| first.is_ascii_digit()) {
        plain.insert(0, '_');
    }
    plain
}

/// The delimiter that is most in the first line that says anything, outside of quotes.
fn detected(text: &str) -> char {
    let says = |line: &&str| line.chars().any(|char| !char.is_whitespace() && char != '"');
    let line = text.split(['\r', '\n']).find(says).unwrap_or_default();
    let count = |delimiter: &char| {
        let mut quoted = false;
        line.chars()
            .filter(|char| {
                quoted ^= *char == '"';
                !quoted && char == delimiter
            })
            .count()
    };
    let most = DELIMITERS.iter().rev().max_by_key(|delimiter| count(delimiter));
    most.copied().unwrap_or(',')
}

/// Cuts a text into rows.
struct Cutter<'n, 't> {
    table: &'n str,
    text: &'t str,
    delimiter: char,
    /// Rows that were cut.
    row: usize,
    /// Numbers of the rows in the file that they come from, see [`Table::numbers`].
    numbers: &'t [usize],
}

impl<'t> Cutter<'_, 't> {
    /// The next row that is not empty.
    fn next(&mut self) -> Result<Option<Row<'t>>, SourceError> {
        loop {
            if self.text.is_empty() {
                return Ok(None);
            }
            self.row += 1;
            let from = self.text;
            let mut fields = Vec::new();
            while self.field(&mut fields)? {
                if fields.len() > MAX_COLUMNS {
                    return Err(self.fault("more than 2,000 fields"));
                }
            }
            if fields.len() > 1 || fields.iter().any(|field| !field.trim().is_empty()) {
                let written = from.get(..from.len() - self.text.len()).unwrap_or(from);
                let written = written.strip_suffix('\n').unwrap_or(written);
                return Ok(Some(Row {
                    number: self.number(),
                    written: written.strip_suffix('\r').unwrap_or(written),
                    fields,
                }));
            }
        }
    }

    /// The number of the row that is cut.
    fn number(&self) -> usize {
        let row = self.row.max(1);
        let given = row.checked_sub(2).and_then(|at| self.numbers.get(at));
        given.copied().unwrap_or(row)
    }

    /// Takes one field. Whether another follows in this row.
    fn field(&mut self, fields: &mut Vec<Cow<'t, str>>) -> Result<bool, SourceError> {
        let ends = [self.delimiter, '\r', '\n'];
        if let Some(quoted) = self.text.strip_prefix('"') {
            let mut own = Cow::Borrowed("");
            let mut rest = quoted;
            loop {
                let Some((before, after)) = rest.split_once('"') else {
                    return Err(self.fault("a quote that does not end"));
                };
                if own.is_empty() {
                    own = Cow::Borrowed(before);
                } else {
                    own.to_mut().push_str(before);
                }
                match after.strip_prefix('"') {
                    Some(after) => {
                        own.to_mut().push('"');
                        rest = after;
                    }
                    None => {
                        self.text = after;
                        break;
                    }
                }
            }
            if !self.text.is_empty() && !self.text.starts_with(ends) {
                return Err(self.fault("text behind a quote"));
            }
            fields.push(own);
        } else {
            let end = self.text.find(ends).unwrap_or(self.text.len());
            let (before, after) = self.text.split_at(end);
            fields.push(Cow::Borrowed(before));
            self.text = after;
        }
        if let Some(rest) = self.text.strip_prefix(self.delimiter) {
            self.text = rest;
            return Ok(true);
        }
        let rest = self.text.strip_prefix('\r').unwrap_or(self.text);
        self.text = rest.strip_prefix('\n').unwrap_or(rest);
        Ok(false)
    }

    fn fault(&self, what: &'static str) -> SourceError {
        SourceError::row(self.table, self.number(), what)
    }
}
