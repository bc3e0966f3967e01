//! The files that a folder stands for.

use std::io;
use std::path::{Path, PathBuf};

/// Folders in folders; a deeper one is not searched.
const MAX_DEPTH: usize = 32;

/// A file itself, whatever it is called; of a folder every file below it that ends so, by name. Links in a folder are not
/// followed.
///
/// # Errors
/// When there is no such file or folder, or a folder cannot be read.
pub(super) fn files(path: &Path, ends: &[&str]) -> io::Result<Vec<PathBuf>> {
    if !std::fs::metadata(path)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut found = Vec::new();
    below(path, ends, 0, &mut found)?;
    found.sort();
    Ok(found)
}

/// Collects the files below a folder. One level of calls a level of folders, of which there are few.
fn below(folder: &Path, ends: &[&str], depth: usize, found: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        let kind = entry.file_type()?;
        if kind.is_dir() && depth < MAX_DEPTH {
            below(&path, ends, depth + 1, found)?;
        } else if kind.is_file()
            && path
                .extension()
                .is_some_and(|end| ends.iter().any(|known| end.eq_ignore_ascii_case(known)))
        {
            found.push(path);
        }
    }
    Ok(())
}
