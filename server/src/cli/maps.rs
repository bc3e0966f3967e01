//! `--map`: maps of codes that a user allows, each by its canonical and version, with the file that it is in.

use samenhang_reconcile::maps::{Maps, MapsError};

use super::Failure;
use crate::reconciliation::{MapFault, NamedMap};

/// Reads a `CANONICAL|VERSION=FILE`.
pub(super) fn named(text: &str) -> Result<NamedMap, String> {
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
    let refused = |error: MapsError| format!("{}: {error}", error.code());
    Ok(NamedMap {
        name: name.parse().map_err(refused)?,
        file: file.into(),
    })
}

/// Reads the files and makes the maps ready. A file that has another map than was named is a misuse.
pub(super) fn read(given: &[NamedMap]) -> Result<Maps, Failure> {
    NamedMap::read(given).map_err(|fault| {
        let failure = Failure::misuse(fault.to_string());
        match fault {
            MapFault::Maps(_) => failure
                .hint("name the canonical and the version that stand in the file: --map 'URL|VERSION=FILE'"),
            MapFault::File { .. } => failure,
        }
    })
}
