//! `--map`: maps of codes that a user allows, each by its canonical and version, with the file that it is in.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use samenhang_profiles::terminology_reader::TerminologyResource;
use samenhang_reconcile::maps::{Allowed, Maps};

use super::Failure;
use crate::validation::limits;

/// A map that may be used.
#[derive(Debug, Clone)]
pub(super) struct NamedMap {
    name: Allowed,
    file: PathBuf,
}

impl FromStr for NamedMap {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // The version stands behind the bar and the file behind the first sign of equality after it.
        let bar = text.find('|').unwrap_or(0);
        let at = text.get(bar..).and_then(|rest| rest.find('=')).map(|at| at + bar);
        let (name, file) = at
            .and_then(|at| text.split_at_checked(at))
            .ok_or("it is CANONICAL|VERSION=FILE")?;
        let file = file.trim_start_matches('=');
        if file.is_empty() {
            return Err("it is CANONICAL|VERSION=FILE".to_owned());
        }
        Ok(NamedMap {
            name: name
                .parse()
                .map_err(|error: samenhang_reconcile::maps::MapsError| {
                    format!("{}: {error}", error.code())
                })?,
            file: file.into(),
        })
    }
}

/// Reads the files and makes the maps ready. A file that has another map than was named is a misuse: nobody shall think
/// that a map is used that is not.
pub(super) fn read(given: &[NamedMap]) -> Result<Maps, Failure> {
    let mut maps = Vec::new();
    for named in given {
        let resource = file(&named.file)?;
        let TerminologyResource::ConceptMap(map) = resource else {
            return Err(refuse(&named.file, "it is no ConceptMap"));
        };
        maps.push(map);
    }
    let allowed: Vec<Allowed> = given.iter().map(|named| named.name.clone()).collect();
    Maps::new(&maps, &allowed).map_err(|error| {
        Failure::misuse(format!("{}: {error}", error.code()))
            .hint("name the canonical and the version that stand in the file: --map 'URL|VERSION=FILE'")
    })
}

fn file(path: &Path) -> Result<TerminologyResource, Failure> {
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

fn refuse(path: &Path, why: &str) -> Failure {
    Failure::misuse(format!("{}: {why}", path.display()))
}
