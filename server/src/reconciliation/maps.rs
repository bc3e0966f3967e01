//! Reads maps of codes from files.

use std::path::{Path, PathBuf};

use samenhang_profiles::terminology_reader::TerminologyResource;
use samenhang_reconcile::maps::{Allowed, Maps, MapsError};

use crate::validation::limits;

/// A map that may be used, and its file.
#[derive(Debug, Clone)]
pub struct NamedMap {
    /// Its canonical and version.
    pub name: Allowed,
    /// Where it is.
    pub file: PathBuf,
}

/// Why maps of codes cannot be used. Names files, maps and limits only.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MapFault {
    /// A file cannot be read as a `ConceptMap`.
    #[error("{}: {why}", file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// Why.
        why: String,
    },
    /// The maps cannot be used as they are named.
    #[error("{}: {_0}", _0.code())]
    Maps(#[from] MapsError),
}

impl NamedMap {
    /// Reads the files and makes the maps ready. A file that has another map than was named is refused.
    ///
    /// # Errors
    /// [`MapFault`] with the first that cannot be used.
    pub fn read(given: &[NamedMap]) -> Result<Maps, MapFault> {
        let mut maps = Vec::new();
        for named in given {
            let TerminologyResource::ConceptMap(map) = file(&named.file)? else {
                return Err(refuse(&named.file, "it is no ConceptMap"));
            };
            maps.push(map);
        }
        let allowed: Vec<Allowed> = given.iter().map(|named| named.name.clone()).collect();
        Ok(Maps::new(&maps, &allowed)?)
    }
}

fn file(path: &Path) -> Result<TerminologyResource, MapFault> {
    let size = std::fs::metadata(path)
        .map_err(|error| refuse(path, &error.to_string()))?
        .len();
    if size > limits().max_bytes as u64 {
        return Err(refuse(path, &format!("more than {} bytes", limits().max_bytes)));
    }
    let body = std::fs::read(path).map_err(|error| refuse(path, &error.to_string()))?;
    let resource = TerminologyResource::from_json(&body, &limits());
    resource
        .map_err(|error| refuse(path, &format!("{}: {error}", error.code())))?
        .ok_or_else(|| refuse(path, "it is no ConceptMap"))
}

fn refuse(path: &Path, why: &str) -> MapFault {
    MapFault::File {
        file: path.to_owned(),
        why: why.to_owned(),
    }
}
