//! Releases of licensed code systems, opened where the user points at them.
//!
//! How a file is read is the crate `terminology`'s business ([`samenhang_terminology::release`]); this module finds the
//! files in a folder and opens them. Nothing of a release is copied, kept on disk or sent anywhere.

#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::Args;
use samenhang_terminology::TerminologyError;
use samenhang_terminology::catalogue::System;
use samenhang_terminology::release::{list, loinc, rf2};

/// A release folder has a few levels; a deeper one is not searched.
const MAX_DEPTH: usize = 8;

/// A release has some hundreds of files; of more entries than this the search ends.
const MAX_ENTRIES: usize = 50_000;

/// Where the user's releases are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct Releases {
    /// Folder with a release of SNOMED CT (RF2 snapshot). May be given again for an extension.
    #[arg(long = "snomed", value_name = "DIR")]
    pub snomed: Vec<PathBuf>,
    /// Folder with a release of LOINC (CSV).
    #[arg(long = "loinc", value_name = "DIR")]
    pub loinc: Option<PathBuf>,
    /// A list of codes of another licensed system: `file=F,system=URI[,version=V][,language=L][,complete=true]`.
    #[arg(long = "codes", value_name = "LIST")]
    pub lists: Vec<CodeList>,
}

/// A list of codes, see [`list`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CodeList {
    /// The CSV file.
    pub file: PathBuf,
    /// Uri of the system, where the rows do not say.
    pub system: Option<String>,
    /// Version of the system.
    pub version: Option<String>,
    /// BCP-47 tag of the language of the names.
    pub language: Option<String>,
    /// Whether every code of the system is in the list.
    pub complete: bool,
}

impl FromStr for CodeList {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut given = CodeList::default();
        for part in text.split(',') {
            let (name, value) = part
                .split_once('=')
                .ok_or("each part is NAME=VALUE, with a comma between parts")?;
            match name {
                "file" => given.file = PathBuf::from(value),
                "system" => given.system = Some(value.to_owned()),
                "version" => given.version = Some(value.to_owned()),
                "language" => given.language = Some(value.to_owned()),
                "complete" => {
                    given.complete = value
                        .parse()
                        .map_err(|_| "complete is true or false".to_owned())?;
                }
                _ => {
                    return Err(format!(
                        "there is no {name}: file, system, version, language and complete are"
                    ));
                }
            }
        }
        if given.file.as_os_str().is_empty() {
            return Err("file is missing".to_owned());
        }
        Ok(given)
    }
}

/// A release that could not be read.
#[derive(Debug, thiserror::Error)]
#[error("{}: {source}", path.display())]
pub struct ReleaseError {
    /// The file or folder.
    pub path: PathBuf,
    /// Why.
    pub source: TerminologyError,
}

impl Releases {
    /// Reads all releases. Takes seconds and some hundreds of megabytes for SNOMED CT.
    ///
    /// # Errors
    /// [`ReleaseError`] for the first file that cannot be read, and for a folder without a release in it.
    pub fn load(&self) -> Result<Vec<System>, ReleaseError> {
        let mut systems = Vec::new();
        if !self.snomed.is_empty() {
            systems.push(snomed(&self.snomed)?);
        }
        if let Some(folder) = &self.loinc {
            systems.push(loinc_release(folder)?);
        }
        for given in &self.lists {
            let about = list::About {
                system: given.system.as_deref(),
                version: given.version.as_deref(),
                complete: given.complete,
                language: given.language.as_deref(),
            };
            let reader = open(&given.file, "code list")?;
            systems.extend(list::read(about, reader).map_err(at(&given.file))?);
        }
        Ok(systems)
    }
}

fn snomed(folders: &[PathBuf]) -> Result<System, ReleaseError> {
    let mut files = Vec::new();
    for folder in folders {
        let before = files.len();
        files.extend(search(folder, "release of SNOMED CT", |name| {
            rf2::File::of(name)
        })?);
        if files[before..]
            .iter()
            .all(|(kind, _)| *kind != rf2::File::Concept)
        {
            return Err(nothing(folder, "concept"));
        }
    }
    files.sort();
    let mut reader = rf2::Reader::new(None);
    for (kind, path) in files {
        reader.read(kind, open(&path, "release")?).map_err(at(&path))?;
    }
    Ok(reader.finish())
}

/// A file of a LOINC release, in the order in which they have to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum LoincFile {
    Table,
    Dutch,
    Hierarchy,
}

fn loinc_release(folder: &Path) -> Result<System, ReleaseError> {
    let mut files = search(folder, "release of LOINC", |name| match name {
        "Loinc.csv" => Some(LoincFile::Table),
        "ComponentHierarchyBySystem.csv" => Some(LoincFile::Hierarchy),
        _ if name.starts_with("nlNL") && name.ends_with("LinguisticVariant.csv") => Some(LoincFile::Dutch),
        _ => None,
    })?;
    files.sort();
    if files.first().is_none_or(|(kind, _)| *kind != LoincFile::Table) {
        return Err(nothing(folder, "LOINC table"));
    }
    let mut reader = loinc::Reader::new(None);
    for (kind, path) in files {
        let opened = open(&path, "release")?;
        let read = match kind {
            LoincFile::Table => reader.table(opened),
            LoincFile::Dutch => reader.names("nl", opened),
            LoincFile::Hierarchy => reader.hierarchy(opened),
        };
        read.map_err(at(&path))?;
    }
    Ok(reader.finish())
}

/// The files below a folder that `kind` knows. Links are not followed.
fn search<K>(
    folder: &Path,
    what: &'static str,
    kind: impl Fn(&str) -> Option<K>,
) -> Result<Vec<(K, PathBuf)>, ReleaseError> {
    let mut found = Vec::new();
    let mut folders = vec![(folder.to_owned(), 0)];
    let mut entries = 0;
    while let Some((next, depth)) = folders.pop() {
        let failed = |error: std::io::Error| ReleaseError {
            path: next.clone(),
            source: TerminologyError::Read {
                file: what,
                kind: error.kind(),
            },
        };
        for entry in std::fs::read_dir(&next).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            entries += 1;
            if entries > MAX_ENTRIES {
                return Err(ReleaseError {
                    path: folder.to_owned(),
                    source: TerminologyError::Limit {
                        what: "files in a release folder",
                        limit: MAX_ENTRIES,
                    },
                });
            }
            let file_type = entry.file_type().map_err(failed)?;
            if file_type.is_dir() && depth < MAX_DEPTH {
                folders.push((entry.path(), depth + 1));
            } else if file_type.is_file()
                && let Some(kind) = entry.file_name().to_str().and_then(&kind)
            {
                found.push((kind, entry.path()));
            }
        }
    }
    Ok(found)
}

fn open(path: &Path, file: &'static str) -> Result<BufReader<File>, ReleaseError> {
    let opened = File::open(path).map_err(|error| TerminologyError::Read {
        file,
        kind: error.kind(),
    });
    opened
        .map(|opened| BufReader::with_capacity(1 << 18, opened))
        .map_err(at(path))
}

fn at(path: &Path) -> impl FnOnce(TerminologyError) -> ReleaseError {
    let path = path.to_owned();
    move |source| ReleaseError { path, source }
}

/// A folder in which the file that a release cannot do without is not there.
fn nothing(folder: &Path, file: &'static str) -> ReleaseError {
    at(folder)(TerminologyError::Read {
        file,
        kind: std::io::ErrorKind::NotFound,
    })
}
