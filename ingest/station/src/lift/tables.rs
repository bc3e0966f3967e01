//! Deliveries of files with rows: cut by patient, and read.

use bytes::Bytes;
use samenhang_conform::csv::{Table, cut};
use samenhang_conform::{Pack, SourceError};
use samenhang_profiles::Limits;
use samenhang_profiles::document::Document;

use super::losses::shown;
use super::{Delivered, Part, Reason, Stage};
use crate::delivery;

/// Most values of one delivery, all files together.
const MAX_VALUES: usize = 20_000_000;

/// Cuts a delivery in what is of one patient each.
pub(super) fn parts(delivered: &Delivered<'_>, pack: &Pack) -> Result<Vec<Part>, Reason> {
    let files = delivery::read(delivered.body)?;
    let mut texts = Vec::with_capacity(files.len());
    for file in &files {
        let text = pack.decode(file.body);
        let text = text.map_err(|error| unreadable(&error).at(shown(file.name)))?;
        texts.push(text);
    }
    let tables: Vec<Table<'_>> = files
        .iter()
        .zip(&texts)
        .map(|(file, text)| Table::new(file.name, text))
        .collect();
    let limits = Limits {
        // The size of a message was looked at when it came; in UTF-8 it may be up to three times that.
        max_bytes: usize::MAX,
        max_nodes: MAX_VALUES,
        ..Limits::default()
    };
    let parts = cut(&tables, pack.tables(), &limits).map_err(|error| unreadable(&error))?;
    let tables = parts.iter().flat_map(|part| &part.tables);
    let rows: usize = tables.map(|table| table.numbers.len()).sum();
    if rows > delivered.max_rows {
        return Err(Reason::new(Stage::Parse, "too-many-rows"));
    }
    let part = |part: samenhang_conform::csv::Part| {
        let body = delivery::part(&part, delivered.hash);
        // Without a key a row is told apart by what it says; the same row twice is once.
        let name = part.key.unwrap_or_else(|| {
            let rows = part
                .tables
                .iter()
                .map(|table| [&*table.name, &*table.text].join("\n"));
            rows.collect()
        });
        Part { name, body }
    };
    Ok(parts.into_iter().map(part).collect())
}

/// The tree of a part.
pub(super) fn document(body: &Bytes, pack: &Pack, limits: &Limits) -> Result<Document<'static>, Reason> {
    let files = delivery::read(body)?;
    let mut tables = Vec::with_capacity(files.len());
    for file in &files {
        tables.push(Table {
            name: file.name,
            text: std::str::from_utf8(file.body).map_err(|_| Reason::new(Stage::Parse, "not-utf8"))?,
            numbers: &file.numbers,
        });
    }
    samenhang_conform::csv::read(&tables, pack.tables(), limits).map_err(|error| unreadable(&error))
}

/// Why a source cannot be read: places and limits, never content.
pub(super) fn unreadable(error: &SourceError) -> Reason {
    let reason = Reason::new(Stage::Parse, "not-readable");
    match error {
        SourceError::Row { table, row, what } => {
            let row = u64::try_from(*row).ok().filter(|row| *row > 0);
            let reason = reason
                .at(if table.is_empty() { "" } else { shown(table) })
                .code(format!("{} {what}", error.code()));
            Reason { row, ..reason }
        }
        SourceError::Read(inner) => reason.code(inner.code()),
        other => reason.code(other.code()),
    }
}
