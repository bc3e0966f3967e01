//! `samenhang terminology check`: whether releases can be read, and what is in them.

use serde::Serialize;

use super::super::{Failure, output};
use crate::releases::Releases;

/// One code system of a release.
#[derive(Serialize)]
struct Read<'a> {
    system: &'a str,
    version: Option<&'a str>,
    concepts: usize,
    bytes: usize,
}

/// Reads releases and prints one line for each code system.
pub(super) fn check(releases: &Releases) -> Result<u8, Failure> {
    if *releases == Releases::default() {
        return Err(
            Failure::misuse("no release was named").hint("name one with --snomed, --loinc or --codes")
        );
    }
    let systems = releases.load().map_err(|error| {
        Failure::finding(format!("{} {error}", error.source.code()))
            .hint("the operator's page on terminology says which files are read and how lists are written")
    })?;
    for system in &systems {
        let read = Read {
            system: system.url(),
            version: system.version(),
            concepts: system.len(),
            bytes: system.size(),
        };
        output::write_line(&read)
            .map_err(|error| Failure::finding(format!("failed to write the result: {error}")))?;
    }
    Ok(0)
}
