//! Files that another process writes anew now and then.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use jiff::Timestamp;

/// When a file was written, and its text when that is text and not longer than `longest` bytes.
pub(super) fn read(path: &Path, longest: u64) -> Option<(Timestamp, Option<String>)> {
    let file = File::open(path).ok()?;
    let at = file.metadata().ok()?.modified().ok()?;
    let at = Timestamp::try_from(at).ok()?;
    let mut text = String::new();
    let whole = file.take(longest.saturating_add(1)).read_to_string(&mut text);
    let fits = whole.is_ok_and(|read| u64::try_from(read).is_ok_and(|read| read <= longest));
    Some((at, fits.then_some(text)))
}
