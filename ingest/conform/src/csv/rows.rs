//! The rows of one file.

use hashbrown::HashSet;
use samenhang_profiles::Limits;

use super::Table;
use crate::source::SourceError;

/// Most columns of a file.
const MAX_COLUMNS: usize = 2_000;
/// What separates fields, when no one says.
const DELIMITERS: [char; 4] = [',', ';', '\t', '|'];

/// A file, cut.
pub(super) struct Rows {
    pub(super) name: String,
    pub(super) columns: Vec<String>,
    pub(super) rows: Vec<Row>,
}

/// A row.
pub(super) struct Row {
    /// Its number in the file, from one, the header included.
    pub(super) number: usize,
    fields: Vec<String>,
}

impl Row {
    /// The text of a column, without white space around it.
    pub(super) fn text(&self, column: usize) -> &str {
        self.fields.get(column).map_or("", |text| text.trim())
    }
}

impl Rows {
    pub(super) fn read(
        table: &Table<'_>,
        delimiter: Option<char>,
        limits: &Limits,
    ) -> Result<Rows, SourceError> {
        let text = table.text.strip_prefix('\u{feff}').unwrap_or(table.text);
        let delimiter = delimiter.unwrap_or_else(|| detected(text));
        let mut cutter = Cutter {
            text,
            delimiter,
            row: 0,
        };
        let header = cutter.next()?.ok_or(SourceError::Row {
            row: 1,
            what: "there is no header",
        })?;
        let columns: Vec<String> = header.fields.iter().map(|name| identifier(name)).collect();
        let mut seen = HashSet::new();
        let fault = |what| Err(SourceError::Row { row: 1, what });
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
            let fault = |what| {
                Err(SourceError::Row {
                    row: row.number,
                    what,
                })
            };
            if values > limits.max_nodes {
                return fault("more values than the limit");
            }
            if row.fields.len() != columns.len() {
                return fault("not as many fields as the header has");
            }
            rows.push(row);
        }
        Ok(Rows {
            name: identifier(table.name),
            columns,
            rows,
        })
    }

    pub(super) fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|own| own == name)
    }
}

/// A name that FHIRPath takes without quotes: letters, digits and `_` of ASCII; what else it has becomes `_`.
fn identifier(name: &str) -> String {
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

/// The delimiter that is most in the first line, outside of quotes.
fn detected(text: &str) -> char {
    let line = text.split(['\r', '\n']).next().unwrap_or_default();
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
struct Cutter<'t> {
    text: &'t str,
    delimiter: char,
    row: usize,
}

impl Cutter<'_> {
    /// The next row that is not empty.
    fn next(&mut self) -> Result<Option<Row>, SourceError> {
        loop {
            if self.text.is_empty() {
                return Ok(None);
            }
            self.row += 1;
            let mut fields = Vec::new();
            while self.field(&mut fields)? {
                if fields.len() > MAX_COLUMNS {
                    return Err(self.fault("more than 2,000 fields"));
                }
            }
            if fields.len() > 1 || fields.iter().any(|field| !field.trim().is_empty()) {
                return Ok(Some(Row {
                    number: self.row,
                    fields,
                }));
            }
        }
    }

    /// Takes one field. Whether another follows in this row.
    fn field(&mut self, fields: &mut Vec<String>) -> Result<bool, SourceError> {
        let ends = [self.delimiter, '\r', '\n'];
        let mut own = String::new();
        if let Some(mut rest) = self.text.strip_prefix('"') {
            loop {
                let Some((before, after)) = rest.split_once('"') else {
                    return Err(self.fault("a quote that does not end"));
                };
                own.push_str(before);
                match after.strip_prefix('"') {
                    Some(after) => {
                        own.push('"');
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
        } else {
            let end = self.text.find(ends).unwrap_or(self.text.len());
            let (before, after) = self.text.split_at(end);
            own.push_str(before);
            self.text = after;
        }
        fields.push(own);
        if let Some(rest) = self.text.strip_prefix(self.delimiter) {
            self.text = rest;
            return Ok(true);
        }
        let rest = self.text.strip_prefix('\r').unwrap_or(self.text);
        self.text = rest.strip_prefix('\n').unwrap_or(rest);
        Ok(false)
    }

    fn fault(&self, what: &'static str) -> SourceError {
        SourceError::Row { row: self.row, what }
    }
}
