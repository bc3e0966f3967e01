//! A folder of FHIR packages, in the layout that FHIR tools share (`~/.fhir/packages`): `NAME#VERSION/package/*.json`.
//!
//! Archives are never unpacked by their own paths: what is written is the JSON that was read under limits, in a folder
//! named by the manifest, whole or not at all. Snapshots are compiled once and kept beside the packages under the hash of what they were
//! made from (`.samenhang/HASH.pack`); a file there that is damaged is made again.

pub mod carried;
mod check;
mod compiled;
mod install;
#[cfg(test)]
mod tests;

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use samenhang_profiles::package::{ArchiveLimits, Package, PackageError, PackageSet, VersionRequest, files};
use serde::Serialize;

pub use check::{Findings, Report, check};
pub use compiled::compiled;

/// Where we keep what is ours in a folder of packages.
const STATE: &str = ".samenhang";

/// How the name begins that a package has while another takes its place.
const OLD: &str = ".old-";

/// Why a folder or a package in it cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// Reading or writing failed.
    #[error("failed to use {path}: {reason}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        reason: io::Error,
    },
    /// The package is refused.
    #[error("{path}: {reason}")]
    Package {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        reason: PackageError,
    },
}

impl FolderError {
    /// The stable code of the error, as in the error catalogue.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            FolderError::Io { .. } => "SAM-PKG-006",
            FolderError::Package { reason, .. } => reason.code(),
        }
    }
}

/// A folder of packages.
#[derive(Debug, Clone)]
pub struct Folder {
    path: PathBuf,
}

/// A folder within the folder that holds no usable package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Unusable {
    /// Its name.
    pub folder: String,
    /// Code of the error.
    pub code: &'static str,
    /// Why.
    pub reason: String,
}

impl Folder {
    /// The folder at a path; it need not exist yet.
    #[must_use]
    pub fn at(path: PathBuf) -> Self {
        Folder { path }
    }

    /// The folder that FHIR tools share, `.fhir/packages` in the home folder; none without a home folder.
    #[must_use]
    pub fn shared() -> Option<Self> {
        std::env::home_dir().map(|home| Folder::at(home.join(".fhir").join("packages")))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads all packages, and tells which folders hold none that can be used. A folder that is absent is empty.
    ///
    /// # Errors
    /// [`FolderError`] when the folder itself cannot be read.
    pub fn read(&self) -> Result<(PackageSet, Vec<Unusable>), FolderError> {
        self.read_those(|_, _| true)
    }

    /// As [`Folder::read`], of those packages only whose name and version are wanted.
    ///
    /// # Errors
    /// [`FolderError`] when the folder itself cannot be read.
    pub fn read_those(
        &self,
        wanted: impl Fn(&str, &str) -> bool,
    ) -> Result<(PackageSet, Vec<Unusable>), FolderError> {
        let mut set = PackageSet::default();
        let mut unusable = Vec::new();
        if !self.path.exists() {
            return Ok((set, unusable));
        }
        for folder in entries(&self.path)? {
            let name = folder
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let inner = folder.join("package");
            // While a package is replaced, or when the machine stopped there, the old one has this name.
            let name = match name.strip_prefix(OLD) {
                Some(place) if !self.path.join(place).exists() => place.to_owned(),
                _ => name,
            };
            // Another name with a point before it is what was being written when the machine stopped.
            if name.starts_with('.') || !inner.is_dir() {
                continue;
            }
            let Some((package, version)) = name.split_once('#') else {
                continue;
            };
            if !wanted(package, version) {
                continue;
            }
            match read_package(&inner) {
                Ok(package) => set.add(package),
                Err(error) => unusable.push(Unusable {
                    folder: name,
                    code: error.code(),
                    reason: error.to_string(),
                }),
            }
        }
        Ok((set, unusable))
    }

    /// Adds a package from its archive; one of the same name and version is replaced, whole or not at all.
    ///
    /// # Errors
    /// [`FolderError`] when the archive is refused, or the folder cannot be written.
    pub fn add(&self, archive: &Path) -> Result<Package, FolderError> {
        let refused = |reason| FolderError::Package {
            path: archive.to_owned(),
            reason,
        };
        let file = File::open(archive).map_err(failed(archive))?;
        let files = files(file, &ArchiveLimits::default()).map_err(refused)?;
        let package = Package::from_files(files.clone()).map_err(refused)?;
        let name = format!("{}#{}", package.manifest.name, package.manifest.version);
        install::install(self, &name, files)?;
        Ok(package)
    }
}

/// Reads the name of a package, `NAME` or `NAME@VERSION` (also `4.0.x`, `latest`, `dev`).
#[must_use]
pub fn named(text: &str) -> (&str, VersionRequest) {
    match text.split_once('@') {
        Some((name, version)) => (name, VersionRequest::of(version)),
        None => (text, VersionRequest::Latest),
    }
}

/// Reads a package from its unpacked folder.
fn read_package(folder: &Path) -> Result<Package, FolderError> {
    let limits = ArchiveLimits::default();
    let limit = |what, limit| FolderError::Package {
        path: folder.to_owned(),
        reason: PackageError::Limit { what, limit },
    };
    let refused = |reason| FolderError::Package {
        path: folder.to_owned(),
        reason,
    };
    let manifest = folder.join("package.json");
    if manifest.is_file() {
        // One for another version of FHIR need not be read whole to be refused.
        let body: Bytes = fs::read(&manifest).map_err(failed(&manifest))?.into();
        Package::from_files([("package.json".to_owned(), body)]).map_err(refused)?;
    }
    let mut files = Vec::new();
    let mut total = 0;
    for path in entries(folder)? {
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if !name.ends_with(".json") || !path.is_file() {
            continue;
        }
        let size = fs::metadata(&path).map_err(failed(&path))?.len();
        total += size;
        if size > limits.max_file {
            return Err(limit("bytes in a file", limits.max_file));
        }
        if total > limits.max_total {
            return Err(limit("bytes of content", limits.max_total));
        }
        if files.len() as u64 >= limits.max_entries {
            return Err(limit("entries", limits.max_entries));
        }
        files.push((name, fs::read(&path).map_err(failed(&path))?.into()));
    }
    Package::from_files(files).map_err(refused)
}

/// What is in a folder, by name.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, FolderError> {
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed(folder))? {
        entries.push(entry.map_err(failed(folder))?.path());
    }
    entries.sort();
    Ok(entries)
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> FolderError + use<> {
    let path = path.to_owned();
    move |reason| FolderError::Io { path, reason }
}
