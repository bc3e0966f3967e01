//! Loads a folder of FHIR files into a [`Store`]: resources, Bundles and NDJSON, in JSON or XML, searched recursively.
//!
//! A file that cannot be read is named with its reason and skipped; nothing else is lost by it. Reads local files of the
//! operator only, with limits on size and depth; does not follow links to folders.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use samenhang_profiles::{Bsn, FhirVersion};

use super::json::Json;
use super::patient::{self, AssignError};
use super::store::{Added, Resource, Store, local_part};

/// Bytes of one file that are read.
const MAX_FILE: u64 = 64 << 20;
/// Levels of folders that are searched.
const MAX_LEVELS: usize = 32;
/// Levels of Bundles in Bundles.
const MAX_BUNDLES: usize = 4;

/// A file, or a part of it, that was not loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// The file.
    pub file: PathBuf,
    /// Why, without its content.
    pub reason: String,
}

/// Two resources under one type and id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repeated {
    /// The file of the later one.
    pub file: PathBuf,
    /// The type.
    pub kind: String,
    /// The id under which the later one is served; its own when the two are the same in every detail.
    pub served_as: String,
    /// Whether the two are the same in every detail.
    pub same: bool,
}

/// What a folder gave.
#[derive(Default)]
pub struct Loaded {
    /// The resources.
    pub store: Store,
    /// Files that gave at least one resource.
    pub files: usize,
    /// What was not loaded.
    pub skipped: Vec<Skipped>,
    /// Resources whose id was taken.
    pub repeated: Vec<Repeated>,
    /// Ids of Patients without a valid BSN: no one will localise them.
    pub not_localised: Vec<String>,
    /// What references in the file that is being read mean.
    targets: HashMap<String, String>,
}

/// Why a folder cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FolderError {
    /// Not there, or not a folder, or not readable.
    #[error("the folder {} cannot be read: {source}", path.display())]
    Unreadable {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// No resource in it.
    #[error("the folder {} holds no FHIR resource ({skipped} files skipped)", path.display())]
    Empty {
        /// The folder.
        path: PathBuf,
        /// Files with a FHIR extension that could not be read.
        skipped: usize,
    },
    /// A `bsn=` that does not fit.
    #[error(transparent)]
    Assign(#[from] AssignError),
}

impl FolderError {
    /// The stable code of the error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            FolderError::Unreadable { .. } => "SAM-TST-101",
            FolderError::Empty { .. } => "SAM-TST-102",
            FolderError::Assign(_) => "SAM-TST-103",
        }
    }
}

/// Loads every FHIR file under `folder`, then gives `numbers` to the Patients that they name.
///
/// # Errors
/// [`FolderError`] when the folder cannot be read, holds nothing, or a number does not fit.
pub fn load(folder: &Path, version: FhirVersion, numbers: &[(String, Bsn)]) -> Result<Loaded, FolderError> {
    let unreadable = |source| FolderError::Unreadable {
        path: folder.to_owned(),
        source,
    };
    let mut files = Vec::new();
    let mut loaded = Loaded::default();
    list(folder, 0, &mut files, &mut loaded.skipped).map_err(unreadable)?;
    files.sort();
    for file in files {
        match read(&file) {
            Ok(bytes) => load_file(&mut loaded, &file, &bytes, version),
            Err(reason) => loaded.skip(&file, reason),
        }
    }
    finish(loaded, folder, numbers)
}

/// Loads files that are already in memory, as the testbed's own patients are: name and content each.
///
/// # Errors
/// [`FolderError`] when nothing can be read, or a number does not fit.
pub fn load_embedded<'a>(
    files: impl IntoIterator<Item = (&'a str, Bytes)>,
    version: FhirVersion,
    numbers: &[(String, Bsn)],
) -> Result<Loaded, FolderError> {
    let mut loaded = Loaded::default();
    for (name, bytes) in files {
        load_file(&mut loaded, Path::new(name), &bytes, version);
    }
    finish(loaded, Path::new("(embedded)"), numbers)
}

fn finish(mut loaded: Loaded, folder: &Path, numbers: &[(String, Bsn)]) -> Result<Loaded, FolderError> {
    if loaded.store.is_empty() {
        return Err(FolderError::Empty {
            path: folder.to_owned(),
            skipped: loaded.skipped.len(),
        });
    }
    for (id, bsn) in numbers {
        patient::assign(&mut loaded.store, id, bsn)?;
    }
    loaded.not_localised = patient::not_localised(&loaded.store);
    Ok(loaded)
}

impl Loaded {
    fn add(&mut self, file: &Path, resource: Resource, full_url: Option<&str>) {
        let kind = resource.kind().to_owned();
        let added = self.store.add(resource, full_url);
        let (index, same) = match &added {
            Added::New(index) | Added::Renamed { index, .. } => (*index, false),
            Added::Same(index) => (*index, true),
        };
        let Some(resource) = self.store.get(index) else {
            return;
        };
        let (local, id) = (resource.local(), resource.id().to_owned());
        if let Some(url) = full_url.filter(|url| local_part(url) != Some(&local)) {
            self.targets.insert(url.to_owned(), local.clone());
        }
        if let Added::Renamed { was, .. } = &added {
            self.targets.insert(was.clone(), local);
        }
        if !matches!(added, Added::New(_)) {
            self.repeated.push(Repeated {
                file: file.to_owned(),
                kind,
                served_as: id,
                same,
            });
        }
    }

    fn skip(&mut self, file: &Path, reason: impl Into<String>) {
        self.skipped.push(Skipped {
            file: file.to_owned(),
            reason: reason.into(),
        });
    }
}

fn list(
    folder: &Path,
    level: usize,
    files: &mut Vec<PathBuf>,
    skipped: &mut Vec<Skipped>,
) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        let kind = entry.file_type()?;
        if kind.is_dir() {
            if level >= MAX_LEVELS {
                skipped.push(Skipped {
                    file: path,
                    reason: format!("more than {MAX_LEVELS} folders deep"),
                });
            } else if let Err(error) = list(&path, level + 1, files, skipped) {
                skipped.push(Skipped {
                    file: path,
                    reason: format!("cannot be read: {error}"),
                });
            }
        } else if extension(&path).is_some() && path.is_file() {
            files.push(path);
        } else if !entry.file_name().as_encoded_bytes().starts_with(b".") {
            // A file that somebody meant to be read must not go missing in silence; hidden ones are of the system.
            skipped.push(Skipped {
                file: path,
                reason: "not a .json, .ndjson, .jsonl or .xml file".to_owned(),
            });
        }
    }
    Ok(())
}

#[derive(Clone, Copy)]
enum Form {
    Json,
    Lines,
    Xml,
}

fn extension(path: &Path) -> Option<Form> {
    match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
        "json" => Some(Form::Json),
        "ndjson" | "jsonl" => Some(Form::Lines),
        "xml" => Some(Form::Xml),
        _ => None,
    }
}

fn read(file: &Path) -> Result<Bytes, String> {
    let size = std::fs::metadata(file)
        .map_err(|error| format!("cannot be read: {error}"))?
        .len();
    if size > MAX_FILE {
        return Err(format!("larger than {} MiB", MAX_FILE >> 20));
    }
    std::fs::read(file)
        .map(Bytes::from)
        .map_err(|error| format!("cannot be read: {error}"))
}

fn load_file(loaded: &mut Loaded, file: &Path, bytes: &Bytes, version: FhirVersion) {
    let bytes = bytes
        .strip_prefix(b"\xef\xbb\xbf")
        .map_or_else(|| bytes.clone(), |rest| bytes.slice_ref(rest));
    let (first, known) = (loaded.store.len(), loaded.repeated.len());
    if bytes.trim_ascii().is_empty() {
        return loaded.skip(file, "empty");
    }
    match extension(file) {
        Some(Form::Xml) => match super::xml::to_json(&bytes, version) {
            Ok(json) => load_json(loaded, file, &json),
            Err(reason) => loaded.skip(file, reason),
        },
        Some(Form::Lines) => load_lines(loaded, file, &bytes),
        _ => load_json(loaded, file, &bytes),
    }
    // References mean what their own file says, so that two files may use one id for two patients.
    let targets = std::mem::take(&mut loaded.targets);
    loaded.store.settle(first, &targets);
    loaded.files += usize::from(loaded.store.len() > first || loaded.repeated.len() > known);
}

fn load_json(loaded: &mut Loaded, file: &Path, bytes: &Bytes) {
    match Json::parse(bytes) {
        Ok(json) => {
            let text = bytes.slice_ref(bytes.trim_ascii());
            load_resource(loaded, file, json, Some(text), None, 0);
        }
        // A .json file may hold one resource a line.
        Err(_) if first_line_is_resource(bytes) => load_lines(loaded, file, bytes),
        Err(error) => loaded.skip(file, error.to_string()),
    }
}

fn first_line_is_resource(bytes: &[u8]) -> bool {
    let mut lines = bytes
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.trim_ascii().is_empty());
    let first = lines.next().and_then(|line| Json::parse(line).ok());
    lines.next().is_some() && first.is_some_and(|json| json.str("resourceType").is_some())
}

fn load_lines(loaded: &mut Loaded, file: &Path, bytes: &Bytes) {
    for (index, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        let line = bytes.slice_ref(line.trim_ascii());
        if line.is_empty() {
            continue;
        }
        match Json::parse(&line) {
            Ok(json) => load_resource(loaded, file, json, Some(line), None, 0),
            Err(error) => loaded.skip(file, format!("line {}: {error}", index + 1)),
        }
    }
}

fn load_resource(
    loaded: &mut Loaded,
    file: &Path,
    mut json: Json,
    text: Option<Bytes>,
    full_url: Option<&str>,
    level: usize,
) {
    if json.str("resourceType") != Some("Bundle") {
        let Some(resource) = Resource::new(json, text) else {
            return loaded.skip(file, "no resourceType");
        };
        loaded.add(file, resource, full_url);
        return;
    }
    if level >= MAX_BUNDLES {
        return loaded.skip(file, format!("more than {MAX_BUNDLES} Bundles deep"));
    }
    let Some(Json::Array(entries)) = json.remove("entry") else {
        return loaded.skip(file, "a Bundle without entries");
    };
    for (index, mut entry) in entries.into_iter().enumerate() {
        let full_url = entry.str("fullUrl").map(str::to_owned);
        match entry.remove("resource") {
            Some(resource) if resource.str("resourceType").is_some() => {
                load_resource(loaded, file, resource, None, full_url.as_deref(), level + 1);
            }
            Some(_) => loaded.skip(file, format!("entry {}: no resourceType", index + 1)),
            None => {}
        }
    }
}

#[cfg(test)]
#[path = "folder/tests.rs"]
mod tests;
