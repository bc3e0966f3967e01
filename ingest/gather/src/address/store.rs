//! Keeps the replica and its watermark in a file, so that a restart need not load everything again.
//!
//! The file is replaced as a whole by renaming. It holds no patient data. A file that cannot be read, or is of another
//! directory, is as good as none.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::replica::Replica;
use crate::error::GatherError;

const SCHEMA: u32 = 1;

#[derive(Serialize)]
struct Writing<'a> {
    schema: u32,
    source: &'a str,
    replica: &'a Replica,
}

#[derive(Deserialize)]
struct Reading {
    schema: u32,
    source: String,
    replica: Replica,
}

/// Reads the file, if there is a usable one for this directory.
pub(super) fn load(path: &Path, source: &str) -> Option<Replica> {
    let bytes = fs::read(path).ok()?;
    let read = serde_json::from_slice::<Reading>(&bytes)
        .ok()
        .filter(|read| read.schema == SCHEMA && read.source == source);
    if read.is_none() {
        tracing::warn!(
            service = "directory",
            "the kept directory cannot be used and is loaded again"
        );
    }
    read.map(|read| read.replica)
}

/// Replaces the file.
pub(super) fn save(path: &Path, source: &str, replica: &Replica) -> Result<(), GatherError> {
    let failed = |what| move |_| GatherError::DirectoryFile(what);
    let bytes = serde_json::to_vec(&Writing {
        schema: SCHEMA,
        source,
        replica,
    })
    .map_err(|_| GatherError::DirectoryFile("it cannot be written down"))?;
    let beside = path.with_extension("new");
    let mut file = File::create(&beside).map_err(failed("the new file cannot be made"))?;
    file.write_all(&bytes)
        .and_then(|()| file.sync_all())
        .map_err(failed("the new file cannot be written"))?;
    fs::rename(&beside, path).map_err(failed("the new file cannot replace the old one"))?;
    // The name is durable when the folder is. Not every file system can sync a folder: then the rename must do.
    if let Some(folder) = path.parent().and_then(|folder| File::open(folder).ok()) {
        let _ = folder.sync_all();
    }
    Ok(())
}
