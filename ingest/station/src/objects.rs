//! The objects of a station: immutable, named by their content, durable before anything refers to them.

mod folder;
#[cfg(feature = "s3")]
mod shared;

use std::sync::Arc;

use bytes::Bytes;
use futures::TryStreamExt;
use object_store::path::Path;
use object_store::{Error, ObjectStore, ObjectStoreExt, PutMode, PutPayload};

use crate::config::Config;
use crate::error::StationError;
use crate::segment::{self, HEADER, Kind, Place, Record, Segment};
use crate::source::Scope;

/// Where the objects are.
#[derive(Clone)]
pub(crate) struct Objects {
    store: Arc<dyn ObjectStore>,
}

impl Objects {
    /// Opens what the configuration names.
    pub(crate) fn open(config: &Config) -> Result<Self, StationError> {
        store(config).map(Objects::over)
    }

    /// Over any object store.
    pub(crate) fn over(store: Arc<dyn ObjectStore>) -> Self {
        Objects { store }
    }

    fn path(scope: &Scope, kind: Kind, name: &str) -> Path {
        let source = scope.source().as_str();
        let bucket = name.get(..2).unwrap_or_default();
        Path::from_iter([source, kind.folder(), bucket, name])
    }

    /// Puts an object; when this returns it is durable. Nothing that is there is overwritten, but what is damaged.
    pub(crate) async fn put(&self, scope: &Scope, segment: &Segment) -> Result<(), StationError> {
        let path = Objects::path(scope, segment.kind, &segment.name);
        let payload = PutPayload::from_bytes(segment.bytes.clone());
        let put = self
            .store
            .put_opts(&path, payload.clone(), PutMode::Create.into())
            .await;
        match put {
            Ok(_) => Ok(()),
            // An earlier attempt came through and its answer did not, or was torn.
            Err(Error::AlreadyExists { .. } | Error::Precondition { .. }) => {
                match self.bytes(scope, segment.kind, &segment.name).await {
                    Ok(_) => Ok(()),
                    Err(StationError::Damaged(_)) => {
                        self.store.put(&path, payload).await?;
                        Ok(())
                    }
                    Err(error) => Err(error),
                }
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Reads one record.
    pub(crate) async fn record(
        &self,
        scope: &Scope,
        kind: Kind,
        place: &Place,
    ) -> Result<Record, StationError> {
        let path = Objects::path(scope, kind, &place.object);
        let wrong = |_| StationError::Damaged("the place of a record is out of range");
        let start = u64::try_from(place.offset).map_err(wrong)?;
        let end = start + u64::try_from(place.length).map_err(wrong)?;
        let parts = self.store.get_ranges(&path, &[0..HEADER, start..end]).await?;
        let [header, sealed] = parts.as_slice() else {
            return Err(StationError::Damaged("a record is cut short"));
        };
        let number = u64::try_from(place.number).map_err(wrong)?;
        let key = segment::open_header(header, scope.source(), kind, &scope.key)?;
        segment::open_record(&key, scope.source(), kind, number, sealed)
    }

    /// The beginning of an object, with its wrapped key.
    pub(crate) async fn header(&self, scope: &Scope, kind: Kind, name: &str) -> Result<Bytes, StationError> {
        let path = Objects::path(scope, kind, name);
        Ok(self.store.get_range(&path, 0..HEADER).await?)
    }

    /// Reads a whole object and checks that it is what its name says.
    pub(crate) async fn all(
        &self,
        scope: &Scope,
        kind: Kind,
        name: &str,
    ) -> Result<Vec<(Place, Record)>, StationError> {
        let bytes = self.bytes(scope, kind, name).await?;
        segment::read_all(&bytes, scope.source(), kind, &scope.key)
    }

    /// The bytes of an object, which are what its name says.
    pub(crate) async fn bytes(&self, scope: &Scope, kind: Kind, name: &str) -> Result<Bytes, StationError> {
        let path = Objects::path(scope, kind, name);
        let bytes = self.store.get(&path).await?.bytes().await?;
        if segment::name_of(&bytes) == name {
            Ok(bytes)
        } else {
            Err(StationError::Damaged("its content is not what its name says"))
        }
    }

    /// The names of all objects of a source and kind, in order, and when each was written.
    pub(crate) async fn names(
        &self,
        scope: &Scope,
        kind: Kind,
    ) -> Result<Vec<(String, jiff::Timestamp)>, StationError> {
        let prefix = Path::from_iter([scope.source().as_str(), kind.folder()]);
        let mut names: Vec<_> = self
            .store
            .list(Some(&prefix))
            .map_ok(|meta| {
                let name = meta.location.filename().unwrap_or_default().to_owned();
                let written = jiff::Timestamp::from_microsecond(meta.last_modified.timestamp_micros());
                (name, written.unwrap_or_default())
            })
            .try_collect()
            .await?;
        names.sort();
        Ok(names)
    }

    /// Deletes an object. One that is gone is deleted.
    pub(crate) async fn delete(&self, scope: &Scope, kind: Kind, name: &str) -> Result<(), StationError> {
        match self.store.delete(&Objects::path(scope, kind, name)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Puts a text beside the objects under a name of its own.
    pub(crate) async fn put_text(
        &self,
        scope: &Scope,
        folder: &str,
        name: &str,
        text: Vec<u8>,
    ) -> Result<(), StationError> {
        let path = Path::from_iter([scope.source().as_str(), folder, name]);
        self.store.put(&path, text.into()).await?;
        Ok(())
    }

    /// The texts of a folder.
    pub(crate) async fn texts(&self, scope: &Scope, folder: &str) -> Result<Vec<Bytes>, StationError> {
        let prefix = Path::from_iter([scope.source().as_str(), folder]);
        let paths: Vec<Path> = self
            .store
            .list(Some(&prefix))
            .map_ok(|meta| meta.location)
            .try_collect()
            .await?;
        let mut texts = Vec::with_capacity(paths.len());
        for path in paths {
            texts.push(self.store.get(&path).await?.bytes().await?);
        }
        Ok(texts)
    }
}

/// The object store that a configuration names. A folder is cleared of what a crash left half written: only for who has
/// the station for itself.
///
/// # Errors
/// [`StationError::Config`] when it names what this binary was built without, and [`StationError`] when it cannot be
/// opened.
pub fn store(config: &Config) -> Result<Arc<dyn ObjectStore>, StationError> {
    if config.objects.starts_with("s3://") {
        #[cfg(feature = "s3")]
        return shared::open(config);
        #[cfg(not(feature = "s3"))]
        return Err(StationError::Config(
            "this binary was built without S3 (feature `s3`)".to_owned(),
        ));
    }
    let root = config.path(std::path::Path::new(&config.objects));
    Ok(Arc::new(folder::Folder::open(&root)?))
}
