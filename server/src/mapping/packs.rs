//! Which pack of maps is meant, and the pack itself, compiled.

use std::fs;
use std::io::Read as _;
use std::path::Path;

use samenhang_conform::{Format, Pack, Warning};
use samenhang_profiles::FhirVersion;

use super::MappingError;

/// Files of a pack.
const MAX_FILES: u64 = 2_000;
/// Bytes of one file of a pack.
const MAX_BYTES: u64 = 4 << 20;

/// Which pack is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// The one in a folder, or that the binary carries under this name.
    Named(String),
    /// The one that the binary carries for a format and version of FHIR, to a version of FHIR.
    Direction {
        /// What it reads, as the user writes it.
        from: &'static str,
        /// The format that it reads.
        format: Format,
        /// The version of FHIR that it reads; none for another format.
        source: Option<FhirVersion>,
        /// What it writes, as the user writes it.
        to: &'static str,
        /// The version of FHIR that it writes.
        target: FhirVersion,
    },
}

/// A pack that was compiled, and what of it is of no use.
pub struct Loaded {
    /// The pack.
    pub pack: Pack,
    /// What is of no use in it, though not wrong.
    pub warnings: Vec<Warning>,
}

impl Choice {
    /// Finds and compiles the pack.
    ///
    /// # Errors
    /// [`MappingError`] when there is none, it cannot be read, or it does not compile.
    pub fn load(&self) -> Result<Loaded, MappingError> {
        let files = self.files()?;
        let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (&**name, &**text)).collect();
        let (pack, warnings) = Pack::compile(&files).map_err(MappingError::Pack)?;
        Ok(Loaded { pack, warnings })
    }

    /// Finds the files of the pack, as name and text.
    ///
    /// # Errors
    /// [`MappingError`] when there is none, or it cannot be read.
    pub fn files(&self) -> Result<Vec<(String, String)>, MappingError> {
        Ok(match self {
            Choice::Named(name) if Path::new(name).is_dir() => pack_files(Path::new(name))?,
            Choice::Named(name) => {
                let files = samenhang_conform::shipped_files(name);
                if files.is_empty() {
                    return Err(none(format!("{name} is no folder and no pack of this program")));
                }
                files
            }
            Choice::Direction { from, to, .. } => {
                let fits = |name: &String| self.fits(name);
                let mut names = samenhang_conform::shipped_names().filter(fits);
                match (names.next(), names.next()) {
                    (Some(name), None) => samenhang_conform::shipped_files(&name),
                    (Some(_), Some(_)) => {
                        return Err(none(format!("more than one pack goes from {from} to {}", to)));
                    }
                    (None, _) => {
                        return Err(none(format!("no pack goes from {from} to {}", to)));
                    }
                }
            }
        })
    }

    fn fits(&self, name: &str) -> bool {
        let Choice::Direction {
            format,
            source,
            target,
            ..
        } = self
        else {
            return false;
        };
        samenhang_conform::shipped(name).is_some_and(|pack| {
            pack.format() == *format && pack.source() == *source && pack.target() == *target
        })
    }
}

fn none(asked: String) -> MappingError {
    let available: Vec<String> = samenhang_conform::shipped_names().collect();
    MappingError::NoPack {
        asked,
        available: available.join(", "),
    }
}

/// The files of a pack in a folder, in the order of their names.
///
/// # Errors
/// [`MappingError`] when one cannot be read, or there is more than is taken.
pub fn pack_files(folder: &Path) -> Result<Vec<(String, String)>, MappingError> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| MappingError::io(folder, &error))? {
        let path = entry.map_err(|error| MappingError::io(folder, &error))?.path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let belongs = path
            .extension()
            .is_some_and(|end| ["yaml", "json"].iter().any(|known| end == *known));
        if !belongs || !path.is_file() {
            continue;
        }
        if files.len() as u64 >= MAX_FILES {
            return Err(MappingError::Limit {
                path: folder.to_owned(),
                limit: MAX_FILES,
                what: "files of a pack",
            });
        }
        let body = bounded(&path, MAX_BYTES)?;
        let text = String::from_utf8(body).map_err(|_| MappingError::File {
            path: path.clone(),
            kind: std::io::ErrorKind::InvalidData,
        })?;
        files.push((name, text));
    }
    files.sort();
    Ok(files)
}

/// The bytes of a file, when there are not too many.
pub(super) fn bounded(path: &Path, limit: u64) -> Result<Vec<u8>, MappingError> {
    let file = fs::File::open(path).map_err(|error| MappingError::io(path, &error))?;
    let mut body = Vec::new();
    file.take(limit.saturating_add(1))
        .read_to_end(&mut body)
        .map_err(|error| MappingError::io(path, &error))?;
    if body.len() as u64 > limit {
        return Err(MappingError::Limit {
            path: path.to_owned(),
            limit,
            what: "bytes",
        });
    }
    Ok(body)
}
