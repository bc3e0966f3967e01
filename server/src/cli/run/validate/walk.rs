//! The files that an argument stands for.

use std::path::{Path, PathBuf};

use crate::cli::walk;
use crate::validation::Fault;

/// What a file that may hold resources ends in.
const ENDS: [&str; 4] = ["json", "xml", "ndjson", "jsonl"];

/// A file, or an argument for which there is none.
pub(super) struct Found {
    /// As it is told: the argument, and the way below it.
    pub(super) name: String,
    /// Where it is.
    pub(super) path: PathBuf,
    /// Why it cannot be read, when that is known already.
    pub(super) fault: Option<Fault>,
}

impl Found {
    fn new(path: &Path, fault: Option<Fault>) -> Self {
        Found {
            name: path.display().to_string(),
            path: path.to_owned(),
            fault,
        }
    }
}

/// A file itself; of a folder every file below it that may hold resources, by name.
pub(super) fn files(path: &Path) -> Vec<Found> {
    match walk::files(path, &ENDS) {
        Err(error) => vec![Found::new(path, Some(Fault::Unopened(error.kind())))],
        Ok(found) if found.is_empty() => vec![Found::new(path, Some(Fault::NoFiles))],
        Ok(found) => found.iter().map(|path| Found::new(path, None)).collect(),
    }
}
