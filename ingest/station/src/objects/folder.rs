//! A folder as an object store whose puts are durable: when one returns, the bytes are on disk, under their name, in
//! folders that are on disk as well.
//!
//! What is written stands in `.staging` until it is whole and flushed; only then does it get its name. A crash leaves at
//! most a file in `.staging`, which nobody reads and the next start clears.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::ops::Range;
use std::path::{Path as FilePath, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore, PutMode,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};

const STAGING: &str = ".staging";
const NAME: &str = "folder";

/// Objects in a folder.
#[derive(Debug)]
pub(super) struct Folder {
    root: PathBuf,
    inner: LocalFileSystem,
    staged: AtomicU64,
}

impl fmt::Display for Folder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(NAME)
    }
}

impl Folder {
    /// Opens a folder, and makes it when it is not there. Clears what a crash left half written, so only for who has
    /// the station for itself.
    pub(super) fn open(root: &FilePath) -> Result<Self> {
        let staging = root.join(STAGING);
        make_folders(&staging).map_err(failed)?;
        for left in std::fs::read_dir(&staging).map_err(failed)? {
            std::fs::remove_file(left.map_err(failed)?.path()).map_err(failed)?;
        }
        Ok(Folder {
            root: root.to_owned(),
            inner: LocalFileSystem::new_with_prefix(root)?,
            staged: AtomicU64::new(0),
        })
    }
}

fn failed(error: io::Error) -> Error {
    Error::Generic {
        store: NAME,
        source: error.into(),
    }
}

fn not_here(operation: &str) -> Error {
    Error::NotImplemented {
        operation: operation.to_owned(),
        implementer: NAME.to_owned(),
    }
}

/// Makes a folder and those above it; each new one is on disk.
fn make_folders(folder: &FilePath) -> io::Result<()> {
    let absent: Vec<&FilePath> = folder.ancestors().take_while(|above| !above.is_dir()).collect();
    for folder in absent
        .into_iter()
        .rev()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        match std::fs::create_dir(folder) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        if let Some(above) = folder.parent().filter(|above| !above.as_os_str().is_empty()) {
            flush_folder(above)?;
        }
    }
    Ok(())
}

/// What a folder lists is on disk.
fn flush_folder(folder: &FilePath) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Writes a file: whole and on disk under `to`, or not there. With `create` it never takes the place of another.
fn write(staged: &FilePath, to: &FilePath, payload: &PutPayload, create: bool) -> io::Result<()> {
    let folder = to.parent().ok_or(io::ErrorKind::InvalidInput)?;
    make_folders(folder)?;
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(staged)
        .and_then(|mut file| {
            payload.iter().try_for_each(|part| file.write_all(part))?;
            file.sync_all()
        })
        .and_then(|()| {
            if create {
                std::fs::hard_link(staged, to)
            } else {
                std::fs::rename(staged, to)
            }
        });
    if create || written.is_err() {
        let _ = std::fs::remove_file(staged);
    }
    written?;
    flush_folder(folder)
}

#[async_trait]
impl ObjectStore for Folder {
    async fn put_opts(&self, location: &Path, payload: PutPayload, opts: PutOptions) -> Result<PutResult> {
        let create = match opts.mode {
            PutMode::Overwrite => false,
            PutMode::Create => true,
            PutMode::Update(_) => return Err(not_here("put with a version")),
        };
        let to = self.inner.path_to_filesystem(location)?;
        let number = self.staged.fetch_add(1, Ordering::Relaxed);
        let staged = self.root.join(STAGING).join(number.to_string());
        let path = location.to_string();
        tokio::task::spawn_blocking(move || write(&staged, &to, &payload, create))
            .await?
            .map_err(|source| match source.kind() {
                io::ErrorKind::AlreadyExists => Error::AlreadyExists {
                    path,
                    source: source.into(),
                },
                _ => failed(source),
            })?;
        Ok(PutResult {
            e_tag: None,
            version: None,
        })
    }

    async fn put_multipart_opts(&self, _: &Path, _: PutMultipartOptions) -> Result<Box<dyn MultipartUpload>> {
        Err(not_here("put in parts"))
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.inner.get_opts(location, options).await
    }

    async fn get_ranges(&self, location: &Path, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        self.inner.get_ranges(location, ranges).await
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        self.inner.delete_stream(locations)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, _: &Path, _: &Path, _: CopyOptions) -> Result<()> {
        Err(not_here("copy"))
    }
}
