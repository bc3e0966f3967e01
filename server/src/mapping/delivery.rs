//! What a pack is run over: files, the messages in them, and the tree of each.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use samenhang_conform::csv::Table;
use samenhang_conform::{Format, Pack};
use samenhang_profiles::document::Document;
use sha2::{Digest as _, Sha256};

use super::MappingError;
use super::packs::bounded;
use crate::validation::limits;

/// What a file of a format ends in, for who searches a folder.
#[must_use]
pub fn ends(format: Format) -> &'static [&'static str] {
    match format {
        Format::Fhir => &["json", "xml", "ndjson", "jsonl"],
        Format::Cda => &["xml", "cda"],
        Format::Hl7v2 => &["hl7", "txt"],
        Format::Csv => &["csv", "tsv"],
    }
}

/// Files that are read together: one, or of a format with rows all that stand in one folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// As it is told.
    pub name: String,
    files: Vec<PathBuf>,
}

/// What is read together, of files in this order.
#[must_use]
pub fn deliveries(format: Format, files: Vec<PathBuf>) -> Vec<Delivery> {
    if format != Format::Csv {
        let one = |path: PathBuf| Delivery {
            name: path.display().to_string(),
            files: vec![path],
        };
        return files.into_iter().map(one).collect();
    }
    let mut folders: BTreeMap<PathBuf, Vec<PathBuf>> = BTreeMap::new();
    for file in files {
        let folder = file.parent().unwrap_or(Path::new("")).to_owned();
        folders.entry(folder).or_default().push(file);
    }
    let all = folders.into_iter().map(|(folder, files)| Delivery {
        name: match files.as_slice() {
            [one] => one.display().to_string(),
            _ if folder.as_os_str().is_empty() => ".".to_owned(),
            _ => folder.display().to_string(),
        },
        files,
    });
    all.collect()
}

impl Delivery {
    /// Reads the files.
    ///
    /// # Errors
    /// [`MappingError`] for a file that cannot be read or is too large.
    pub fn read(&self) -> Result<Received, MappingError> {
        let limit = limits().max_bytes as u64;
        let bodies = self
            .files
            .iter()
            .map(|path| Ok((path.clone(), bounded(path, limit)?)))
            .collect::<Result<_, MappingError>>()?;
        Ok(Received {
            name: self.name.clone(),
            bodies,
        })
    }
}

/// A delivery in memory.
pub struct Received {
    name: String,
    bodies: Vec<(PathBuf, Vec<u8>)>,
}

/// A message that can be lifted.
pub struct Message<'r> {
    /// The file; of several messages in one with the number of the message; of files that are read together the folder.
    pub name: String,
    /// Line of the file on which it begins, from 1.
    pub line: u32,
    /// What tells it apart, for a format that has no ids of resources: the hash of its bytes.
    pub id: String,
    pack: &'r Pack,
    /// Names of tables, for a format with rows, and texts.
    texts: Vec<(String, Cow<'r, str>)>,
}

impl Received {
    /// Whether a text stands in it anywhere, as it is written.
    #[must_use]
    pub fn has(&self, text: &str) -> bool {
        let found = |body: &[u8]| {
            body.windows(text.len().max(1))
                .any(|part| part == text.as_bytes())
        };
        self.bodies.iter().any(|(_, body)| found(body))
    }

    /// The messages in it, or why one cannot be told: one a file, but one a line of NDJSON, one a segment MSH, and one
    /// of all files with rows.
    #[must_use]
    pub fn messages<'r>(&'r self, pack: &'r Pack) -> Vec<Result<Message<'r>, (String, MappingError)>> {
        if pack.format() == Format::Csv {
            let bodies = self
                .bodies
                .iter()
                .map(|(path, body)| (&**path, &**body))
                .collect();
            return vec![message(pack, self.name.clone(), 1, bodies)];
        }
        let mut all = Vec::new();
        for (path, body) in &self.bodies {
            let file = path.display().to_string();
            let parts = parts(pack.format(), path, body);
            if parts.is_empty() {
                all.push(Err((file.clone(), MappingError::Empty)));
            }
            let several = parts.len() > 1;
            for (number, (line, part)) in (1..).zip(parts) {
                let name = match several {
                    true => format!("{file}#{number}"),
                    false => file.clone(),
                };
                all.push(message(pack, name, line, vec![(path, part)]));
            }
        }
        all
    }
}

/// A message of one text, or of the texts of several tables.
fn message<'r>(
    pack: &'r Pack,
    name: String,
    line: u32,
    bodies: Vec<(&Path, &'r [u8])>,
) -> Result<Message<'r>, (String, MappingError)> {
    let mut texts = Vec::new();
    let mut hash = Sha256::new();
    for (path, body) in bodies {
        hash.update(body);
        match pack.decode(body) {
            Ok(text) => {
                let table = path.file_stem().unwrap_or_default().to_string_lossy();
                texts.push((table.into_owned(), text));
            }
            Err(error) => return Err((name, error.into())),
        }
    }
    let id = match pack.format() {
        Format::Fhir => String::new(),
        _ => hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect(),
    };
    Ok(Message {
        name,
        line,
        id,
        pack,
        texts,
    })
}

/// The parts of a file that are messages, with the line on which each begins; none when there is nothing in it.
fn parts<'r>(format: Format, path: &Path, body: &'r [u8]) -> Vec<(u32, &'r [u8])> {
    let is_lines = path.extension().is_some_and(|end| {
        ["ndjson", "jsonl"]
            .iter()
            .any(|known| end.eq_ignore_ascii_case(known))
    });
    let parts = match format {
        Format::Fhir if is_lines => (1..).zip(body.split(|byte| *byte == b'\n')).collect(),
        Format::Hl7v2 => headers(body),
        _ => vec![(1, body)],
    };
    let parts = parts.into_iter();
    parts.filter(|(_, part)| !part.trim_ascii().is_empty()).collect()
}

/// Cuts a file before each segment MSH.
fn headers(body: &[u8]) -> Vec<(u32, &[u8])> {
    let mut starts = vec![(1, 0)];
    let mut line = 1;
    for (at, pair) in body.windows(4).enumerate() {
        if matches!(pair, [b'\r' | b'\n', b'M', b'S', b'H']) {
            // A segment ends with CR, LF, or both; either counts once.
            starts.push((line + 1, at + 1));
        }
        let ends = matches!(pair, [b'\n', ..]) || matches!(pair, [b'\r', next, ..] if *next != b'\n');
        line += u32::from(ends);
    }
    let ends: Vec<usize> = starts
        .iter()
        .skip(1)
        .map(|(_, at)| *at)
        .chain([body.len()])
        .collect();
    let cut = starts.iter().zip(ends);
    cut.filter_map(|((line, start), end)| Some((*line, body.get(*start..end)?)))
        .collect()
}

impl Message<'_> {
    /// The tree of the message.
    ///
    /// # Errors
    /// [`MappingError`] when it cannot be read in its format, or passes a limit.
    pub fn document(&self) -> Result<Document<'_>, MappingError> {
        let tables: Vec<Table<'_>> = self
            .texts
            .iter()
            .map(|(name, text)| Table::new(name, text))
            .collect();
        Ok(self.pack.read(&tables, &limits())?)
    }
}
