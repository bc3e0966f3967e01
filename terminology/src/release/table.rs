//! Lines of a text file, and the fields of a row, within bounds.

#[cfg(test)]
mod tests;

use std::io::BufRead;

use crate::error::TerminologyError;

/// A line longer than this ends the reading.
const MAX_LINE: usize = 1 << 20;

/// The rows of one file: where it is, and under which names its columns are.
pub(super) struct Rows<R> {
    reader: R,
    file: &'static str,
    line: usize,
    buffer: Vec<u8>,
    separator: char,
    /// Fields of the row that was read last, as ranges of `text`.
    fields: Vec<(usize, usize)>,
    text: String,
}

impl<R: BufRead> Rows<R> {
    /// A file of which the fields are separated by tabs, without quotes (RF2).
    pub(super) fn tabs(reader: R, file: &'static str) -> Self {
        Rows::new(reader, file, '\t')
    }

    /// A file of which the fields are separated by commas, or by semicolons where the header has those and no comma,
    /// with quotes around a field that holds one (RFC 4180).
    pub(super) fn commas(reader: R, file: &'static str) -> Self {
        Rows::new(reader, file, ',')
    }

    fn new(reader: R, file: &'static str, separator: char) -> Self {
        Rows {
            reader,
            file,
            line: 0,
            buffer: Vec::new(),
            separator,
            fields: Vec::new(),
            text: String::new(),
        }
    }

    /// Reads the header and finds the columns with these names, in any order. `None` for one that is not there.
    pub(super) fn header<const N: usize>(
        &mut self,
        names: [&str; N],
    ) -> Result<[Option<usize>; N], TerminologyError> {
        if !self.advance()? {
            return Err(self.fault("a header was expected"));
        }
        Ok(names.map(|name| (0..self.fields.len()).find(|at| self.field(*at).eq_ignore_ascii_case(name))))
    }

    /// Reads the next row; false at the end. Empty lines are passed over.
    pub(super) fn advance(&mut self) -> Result<bool, TerminologyError> {
        loop {
            self.fields.clear();
            self.text.clear();
            if !self.line()? {
                return Ok(false);
            }
            if !self.text.trim().is_empty() {
                break;
            }
        }
        if self.separator == '\t' {
            self.split_at_tabs();
        } else {
            self.split_at_commas()?;
        }
        Ok(true)
    }

    /// A field of the row that was read last; empty where the row is shorter.
    pub(super) fn field(&self, at: usize) -> &str {
        self.fields
            .get(at)
            .and_then(|(start, end)| self.text.get(*start..*end))
            .unwrap_or("")
    }

    /// A field that may not be in this file at all.
    pub(super) fn optional(&self, at: Option<usize>) -> &str {
        at.map_or("", |at| self.field(at))
    }

    /// How many fields the row that was read last has.
    pub(super) fn width(&self) -> usize {
        self.fields.len()
    }

    /// An error in the line that was read last.
    pub(super) fn fault(&self, what: &'static str) -> TerminologyError {
        TerminologyError::Release {
            file: self.file,
            line: self.line,
            what,
        }
    }

    /// Appends the next line to `text`, without its end; false where there is none.
    fn line(&mut self) -> Result<bool, TerminologyError> {
        self.buffer.clear();
        self.line += 1;
        // One more than may be, so that a line that is too long is told from one that just fits.
        let mut limited = std::io::Read::take(&mut self.reader, MAX_LINE as u64 + 1);
        let read = limited
            .read_until(b'\n', &mut self.buffer)
            .map_err(|error| TerminologyError::Read {
                file: self.file,
                kind: error.kind(),
            })?;
        if read > MAX_LINE || self.text.len() + read > MAX_LINE {
            return Err(self.fault("the line is longer than 1 MiB"));
        }
        let line = std::str::from_utf8(&self.buffer).map_err(|_| self.fault("the text is not UTF-8"))?;
        let line = if self.line == 1 {
            line.trim_start_matches('\u{feff}')
        } else {
            line
        };
        let line = line.strip_suffix('\n').unwrap_or(line);
        self.text.push_str(line.strip_suffix('\r').unwrap_or(line));
        Ok(read > 0)
    }

    fn split_at_tabs(&mut self) {
        let mut start = 0;
        for (at, _) in self.text.match_indices('\t') {
            self.fields.push((start, at));
            start = at + 1;
        }
        self.fields.push((start, self.text.len()));
    }

    /// Splits `text`, which is unquoted in place. A field in quotes may go on in the next line.
    fn split_at_commas(&mut self) -> Result<(), TerminologyError> {
        // The header says which separator the file has.
        if self.line == 1 && self.text.contains(';') && !self.text.contains(',') {
            self.separator = ';';
        }
        let mut out = String::with_capacity(self.text.len());
        let mut start = 0;
        let mut quoted = false;
        let mut at = 0;
        loop {
            let Some(next) = self.text.get(at..).and_then(|rest| rest.chars().next()) else {
                if quoted {
                    self.text.push('\n');
                    if !self.line()? {
                        return Err(self.fault("a quote is not closed"));
                    }
                    continue;
                }
                break;
            };
            at += next.len_utf8();
            match next {
                '"' if quoted && self.text.get(at..).is_some_and(|rest| rest.starts_with('"')) => {
                    out.push('"');
                    at += 1;
                }
                '"' => quoted = !quoted,
                separator if !quoted && separator == self.separator => {
                    self.fields.push((start, out.len()));
                    start = out.len();
                }
                other => out.push(other),
            }
        }
        self.fields.push((start, out.len()));
        self.text = out;
        Ok(())
    }
}
