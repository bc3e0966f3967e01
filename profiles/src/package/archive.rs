//! Reads the files of a `.tgz` archive under limits, without unpacking it anywhere.

use std::cell::Cell;
use std::io::{self, Read};
use std::path::Component;
use std::rc::Rc;

use bytes::Bytes;
use flate2::read::GzDecoder;
use tar::{Archive, Entry};

use super::PackageError;

/// Below this many bytes of content no ratio is judged: small archives may be all repetition.
const RATIO_FROM: u64 = 1 << 20;

/// Bytes of what stands before the content of one entry: its header, and a long name or attributes in entries of their
/// own, which are held in memory. No name of a file in a package has a thousandth of this.
const MAX_HEAD: u64 = 1 << 20;

/// How a gzip stream starts.
const GZIP: &[u8] = b"\x1f\x8b";

/// Limits on an archive (conformance-and-reliability notes, section 6.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArchiveLimits {
    /// Bytes of content for each byte of archive.
    pub max_ratio: u64,
    /// Entries.
    pub max_entries: u64,
    /// Bytes of content, of everything together.
    pub max_total: u64,
    /// Bytes of content of one file.
    pub max_file: u64,
    /// Bytes of content of the files that are kept in memory, together: the JSON files of the package itself.
    pub max_kept: u64,
}

impl Default for ArchiveLimits {
    fn default() -> Self {
        ArchiveLimits {
            max_ratio: 100,
            max_entries: 10_000,
            max_total: 1 << 30,
            max_file: 64 << 20,
            max_kept: 256 << 20,
        }
    }
}

/// Counts the bytes that are read of the archive itself.
struct Counted<R> {
    inner: R,
    count: Rc<Cell<u64>>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.count.set(self.count.get() + read as u64);
        Ok(read)
    }
}

/// Ends the reading when the content passes a limit, also in what is passed unread.
struct Bounded<R> {
    inner: GzDecoder<Counted<R>>,
    packed: Rc<Cell<u64>>,
    count: Rc<Cell<u64>>,
    /// How far the content may be read before it is the head of an entry that passes [`MAX_HEAD`].
    head_ends: Rc<Cell<u64>>,
    limits: ArchiveLimits,
    passed: Rc<Cell<Option<(&'static str, u64)>>>,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        let count = self.count.get() + read as u64;
        self.count.set(count);
        let limits = self.limits;
        let passed = if count == read as u64 && buffer.starts_with(GZIP) {
            Some(("level of compression", 1))
        } else if count > limits.max_total {
            Some(("bytes of content", limits.max_total))
        } else if count > RATIO_FROM && count > self.packed.get().saturating_mul(limits.max_ratio) {
            Some(("bytes of content for each byte of archive", limits.max_ratio))
        } else if count > self.head_ends.get() {
            Some(("bytes before the content of an entry", MAX_HEAD))
        } else {
            None
        };
        if passed.is_some() {
            self.passed.set(passed);
            return Err(io::Error::other("limit"));
        }
        Ok(read)
    }
}

/// The JSON files directly in `package/` of a `.tgz` archive, each with its name there.
///
/// # Errors
/// [`PackageError`] when it is no archive, passes a limit, or has an entry that could leave its folder.
pub fn files(archive: impl Read, limits: &ArchiveLimits) -> Result<Vec<(String, Bytes)>, PackageError> {
    let packed = Rc::new(Cell::new(0));
    let count = Rc::new(Cell::new(0));
    let head_ends = Rc::new(Cell::new(u64::MAX));
    let passed = Rc::new(Cell::new(None));
    let counted = Counted {
        inner: archive,
        count: Rc::clone(&packed),
    };
    let bounded = Bounded {
        inner: GzDecoder::new(counted),
        packed,
        count: Rc::clone(&count),
        head_ends: Rc::clone(&head_ends),
        limits: *limits,
        passed: Rc::clone(&passed),
    };
    let failed = |error: io::Error| match passed.get() {
        Some((what, limit)) => PackageError::Limit { what, limit },
        None => PackageError::Archive(error.to_string()),
    };
    let mut archive = Archive::new(bounded);
    let mut entries = archive.entries().map_err(failed)?;
    let mut files = Vec::new();
    let (mut number, mut kept) = (0, 0);
    loop {
        head_ends.set(count.get().saturating_add(MAX_HEAD));
        let Some(entry) = entries.next() else { break };
        let mut entry = entry.map_err(failed)?;
        head_ends.set(u64::MAX);
        number += 1;
        at_most(number, "entries", limits.max_entries)?;
        let name = safe_name(&entry)?;
        let size = entry.size();
        at_most(size, "bytes in a file", limits.max_file)?;
        // An archive within the archive is never opened, nor anything else that is no JSON of the package itself.
        match name.filter(|name| !name.contains('/') && name.ends_with(".json")) {
            Some(name) if !entry.header().entry_type().is_dir() => {
                kept += size;
                at_most(kept, "bytes of resources", limits.max_kept)?;
                let mut content = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
                entry.read_to_end(&mut content).map_err(failed)?;
                files.push((name, Bytes::from(content)));
            }
            // What is passed over is read to its end here, so that what comes next is the head of an entry.
            _ => {
                io::copy(&mut entry, &mut io::sink()).map_err(failed)?;
            }
        }
    }
    Ok(files)
}

fn at_most(found: u64, what: &'static str, limit: u64) -> Result<(), PackageError> {
    if found > limit {
        return Err(PackageError::Limit { what, limit });
    }
    Ok(())
}

/// The path of an entry below `package/`, when it is there.
fn safe_name<R: Read>(entry: &Entry<'_, R>) -> Result<Option<String>, PackageError> {
    let kind = entry.header().entry_type();
    if kind.is_symlink() || kind.is_hard_link() {
        return Err(PackageError::UnsafeEntry("a link"));
    }
    if !kind.is_file() && !kind.is_dir() {
        return Err(PackageError::UnsafeEntry("neither a file nor a folder"));
    }
    let bytes = entry.path_bytes();
    let Ok(path) = std::str::from_utf8(&bytes) else {
        return Err(PackageError::UnsafeEntry("named in something other than UTF-8"));
    };
    if path.contains(['\\', '\0']) {
        return Err(PackageError::UnsafeEntry("named with a backslash or a zero"));
    }
    let drive = path.as_bytes().get(1) == Some(&b':');
    if path.starts_with('/') || drive {
        return Err(PackageError::UnsafeEntry("an absolute path"));
    }
    let mut steps = Vec::new();
    for step in std::path::Path::new(path).components() {
        match step {
            Component::Normal(step) => steps.push(step.to_str().unwrap_or_default()),
            Component::CurDir => {}
            _ => return Err(PackageError::UnsafeEntry("a path that leaves its folder")),
        }
    }
    Ok(match steps.split_first() {
        Some((&"package", rest)) if !rest.is_empty() => Some(rest.join("/")),
        _ => None,
    })
}
