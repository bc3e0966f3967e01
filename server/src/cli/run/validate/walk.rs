//! The files that an argument stands for.

use std::path::{Path, PathBuf};

use crate::validation::Fault;

/// Folders in folders; a deeper one is not searched.
const MAX_DEPTH: usize = 32;

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

/// A file itself; of a folder every file below it that may hold resources, by name. Links in a folder are not followed.
pub(super) fn files(path: &Path) -> Vec<Found> {
    let fault = |error: std::io::Error| vec![Found::new(path, Some(Fault::Unopened(error.kind())))];
    match std::fs::metadata(path) {
        Err(error) => return fault(error),
        Ok(metadata) if !metadata.is_dir() => return vec![Found::new(path, None)],
        Ok(_) => {}
    }
    let mut found = Vec::new();
    if let Err(error) = below(path, 0, &mut found) {
        return fault(error);
    }
    if found.is_empty() {
        return vec![Found::new(path, Some(Fault::NoFiles))];
    }
    found.sort();
    found.iter().map(|path| Found::new(path, None)).collect()
}

/// Collects the files below a folder. One level of calls a level of folders, of which there are few.
fn below(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        let kind = entry.file_type()?;
        if kind.is_dir() && depth < MAX_DEPTH {
            below(&path, depth + 1, found)?;
        } else if kind.is_file()
            && path
                .extension()
                .is_some_and(|end| ENDS.iter().any(|known| end.eq_ignore_ascii_case(known)))
        {
            found.push(path);
        }
    }
    Ok(())
}
