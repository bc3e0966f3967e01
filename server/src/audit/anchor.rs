//! The anchor: a small file beside the log that says where the chain ended, sealed with the log's key.
//!
//! It may lag behind the log (it is written at most once a second and on closing); it can never be ahead of it.
//! An operator can copy it elsewhere: a log that does not contain what its anchor names has been cut or rewritten.

use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::audit::chain::{hex, unhex};
use crate::audit::store::private_file;

/// Most bytes of an anchor that are read.
const LONGEST: u64 = 4096;

/// Where a chain ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Anchor {
    /// Number of the last event.
    pub sequence: i64,
    /// Its hash.
    pub hash: [u8; 32],
    /// The seal over both.
    pub seal: [u8; 32],
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    sequence: i64,
    hash: String,
    seal: String,
}

/// The anchor file of a log.
pub(super) fn path_of(log: &Path) -> PathBuf {
    let mut name = log.as_os_str().to_owned();
    name.push(".anchor");
    PathBuf::from(name)
}

impl Anchor {
    /// Reads the anchor of a log: `None` when there is no file, an error when it holds anything else.
    pub(super) fn read(log: &Path) -> std::io::Result<Option<Anchor>> {
        use std::io::Read;
        let mut text = String::new();
        match std::fs::File::open(path_of(log)) {
            Ok(file) => file.take(LONGEST).read_to_string(&mut text)?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let damaged = || std::io::Error::new(std::io::ErrorKind::InvalidData, "the anchor is damaged");
        let read: Text = serde_json::from_str(&text).map_err(|_| damaged())?;
        Ok(Some(Anchor {
            sequence: read.sequence,
            hash: unhex(&read.hash).ok_or_else(damaged)?,
            seal: unhex(&read.seal).ok_or_else(damaged)?,
        }))
    }

    /// Writes the anchor of a log: wholly or not at all.
    pub(super) fn write(&self, log: &Path) -> std::io::Result<()> {
        let path = path_of(log);
        let mut fresh = path.as_os_str().to_owned();
        fresh.push(".new");
        let fresh = PathBuf::from(fresh);
        let mut file = private_file(&fresh, false)?;
        file.set_len(0)?;
        let text = Text {
            sequence: self.sequence,
            hash: hex(&self.hash),
            seal: hex(&self.seal),
        };
        file.write_all(&serde_json::to_vec(&text)?)?;
        file.write_all(b"\n")?;
        file.sync_data()?;
        std::fs::rename(&fresh, &path)
    }
}
