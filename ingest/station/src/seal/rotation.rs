//! Another key to wrap by: it is put first in the key file, everything is sealed anew, and then the old one goes.
//!
//! A key file is 32 bytes, from which all keys are derived, or after the first rotation a text: a line that says so, the
//! key of names and that of receipts, and one or more keys to wrap by, the current one first. It is replaced as a whole.

use std::fs::{File, OpenOptions};
use std::io::{Seek as _, Write as _};
use std::path::Path;

use zeroize::Zeroizing;

use super::{SourceKey, hex, unhex};
use crate::error::StationError;
use crate::failpoint::failpoint;
use crate::surroundings::Surroundings;

const TITLE: &str = "samenhang-station-key 2";
/// Most bytes of a key file.
pub(super) const LONGEST: u64 = 4096;
/// Most keys to wrap by in one file: the current one, and the one that is being retired.
const MOST: usize = 2;

impl SourceKey {
    /// Reads the text of a key file.
    pub(super) fn of_text(text: &[u8]) -> Result<Self, StationError> {
        const OTHER: StationError = StationError::Key("the file is neither 32 bytes nor a text of ours");
        let text = std::str::from_utf8(text).map_err(|_| OTHER)?;
        let mut lines = text.lines();
        if lines.next() != Some(TITLE) {
            return Err(OTHER);
        }
        let mut key = SourceKey {
            wraps: Vec::new(),
            name: [0; 32],
            receipt: [0; 32],
        };
        let (mut names, mut receipts) = (0, 0);
        for line in lines {
            let (what, digits) = line.split_once(' ').ok_or(OTHER)?;
            let bytes = Zeroizing::new(unhex(digits).ok_or(OTHER)?);
            let bytes: [u8; 32] = bytes.as_slice().try_into().map_err(|_| OTHER)?;
            match what {
                "name" => (key.name, names) = (bytes, names + 1),
                "receipt" => (key.receipt, receipts) = (bytes, receipts + 1),
                "wrap" => key.wraps.push(bytes),
                _ => return Err(OTHER),
            }
        }
        if (names, receipts) != (1, 1) || !(1..=MOST).contains(&key.wraps.len()) {
            return Err(OTHER);
        }
        Ok(key)
    }

    fn text(&self) -> Zeroizing<String> {
        // As large as it becomes, so that no copy of a part is left behind.
        let mut text = Zeroizing::new(String::with_capacity(1024));
        text.push_str(TITLE);
        let keys = [("name", &self.name), ("receipt", &self.receipt)].into_iter();
        for (what, key) in keys.chain(self.wraps.iter().map(|key| ("wrap", key))) {
            text.push('\n');
            text.push_str(what);
            text.push(' ');
            text.push_str(&Zeroizing::new(hex(key)));
        }
        text.push('\n');
        text
    }

    /// Whether a key that was replaced is still there.
    pub(crate) fn is_being_replaced(&self) -> bool {
        self.wraps.len() > 1
    }

    /// This key without what was replaced.
    pub(crate) fn current_only(&self) -> SourceKey {
        SourceKey {
            wraps: self.wraps.iter().take(1).copied().collect(),
            name: self.name,
            receipt: self.receipt,
        }
    }
}

/// Puts a new key to wrap by first in a key file. One that is being replaced already is left as it is: false.
pub(crate) async fn begin(path: &Path, surroundings: &dyn Surroundings) -> Result<bool, StationError> {
    let mut key = SourceKey::read(path)?;
    if key.is_being_replaced() {
        return Ok(false);
    }
    let mut wrap = [0; 32];
    surroundings.fill(&mut wrap);
    key.wraps.insert(0, wrap);
    replace(path, &key)?;
    failpoint!("rotate-after-begin");
    Ok(true)
}

/// Leaves only the current key in a key file.
pub(crate) async fn end(path: &Path) -> Result<(), StationError> {
    failpoint!("rotate-before-end");
    replace(path, &SourceKey::read(path)?.current_only())?;
    failpoint!("rotate-after-end");
    Ok(())
}

/// Replaces a key file: the new one is whole and on disk before it takes the name, and the bytes of the old one are then
/// written over. That is what can be done from here: a disk or a backup may still have them.
fn replace(path: &Path, key: &SourceKey) -> Result<(), StationError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let new = Path::new(&name);
    let mut old = OpenOptions::new().write(true).open(path)?;
    let length = old.metadata()?.len();
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut file = options.open(new)?;
    file.write_all(key.text().as_bytes())?;
    file.sync_all()?;
    std::fs::rename(new, path)?;
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        File::open(folder)?.sync_all()?;
    }
    old.rewind()?;
    old.write_all(&vec![0; usize::try_from(length.min(LONGEST)).unwrap_or_default()])?;
    old.sync_all()?;
    Ok(())
}
