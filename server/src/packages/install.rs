//! Puts a package in its place in a folder, whole or not at all.
//!
//! What is written is forced to the disk in a folder of its own, which then takes the place of the old one by two
//! renames. Between the two the old one is still there under another name, and readers take it from there; so a
//! machine that stops at any moment leaves the old package or the new one. Who adds holds a lock, and clears away what
//! another left behind.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

use bytes::Bytes;

use super::{Folder, FolderError, OLD, STATE, entries, failed};

/// What is being written.
const NEW: &str = ".new-";

/// Writes the files of a package under its name, `NAME#VERSION`.
pub(super) fn install(folder: &Folder, name: &str, files: Vec<(String, Bytes)>) -> Result<(), FolderError> {
    let root = folder.path();
    let state = root.join(STATE);
    fs::create_dir_all(&state).map_err(failed(&state))?;
    let lock = state.join("lock");
    let held = File::create(&lock).map_err(failed(&lock))?;
    // Let go when it is closed, also by a process that ends otherwise.
    held.lock().map_err(failed(&lock))?;
    clear(root)?;
    let new = root.join(format!("{NEW}{name}"));
    write(&new, files)?;
    let (place, old) = (root.join(name), root.join(format!("{OLD}{name}")));
    if place.exists() {
        fs::rename(&place, &old).map_err(failed(&old))?;
    }
    fs::rename(&new, &place).map_err(failed(&place))?;
    sync(root).map_err(failed(root))?;
    if old.exists() {
        fs::remove_dir_all(&old).map_err(failed(&old))?;
    }
    Ok(())
}

/// Clears away what was left behind: half a package goes, an old one goes back when nothing took its place.
fn clear(root: &Path) -> Result<(), FolderError> {
    for left in entries(root)? {
        let name = left.file_name().unwrap_or_default().to_string_lossy();
        if let Some(name) = name.strip_prefix(OLD) {
            let place = root.join(name);
            if place.exists() {
                fs::remove_dir_all(&left).map_err(failed(&left))?;
            } else {
                fs::rename(&left, &place).map_err(failed(&place))?;
            }
        } else if name.starts_with(NEW) {
            fs::remove_dir_all(&left).map_err(failed(&left))?;
        }
    }
    Ok(())
}

/// Writes the files in a new folder, and waits until they are on the disk.
fn write(new: &Path, files: Vec<(String, Bytes)>) -> Result<(), FolderError> {
    let inner = new.join("package");
    fs::create_dir_all(&inner).map_err(failed(&inner))?;
    for (name, body) in files {
        let path = inner.join(name);
        let written = File::create(&path).and_then(|mut file| {
            file.write_all(&body)?;
            file.sync_all()
        });
        written.map_err(failed(&path))?;
    }
    for folder in [&*inner, new] {
        sync(folder).map_err(failed(folder))?;
    }
    Ok(())
}

/// Waits until the names in a folder are on the disk.
fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
