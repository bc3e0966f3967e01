//! Local faults: a full disk, a torn write, a damaged object, a database that is gone.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};
use samenhang_station::lift::AsSent;
use samenhang_station::{Format, Incoming, Station, StationError};

use crate::backend::{is_folder, lose_database, replace, stored};
use crate::scene::{Scene, accept, body, dossier, send, umc};

const WELL: u8 = 0;
const FULL: u8 = 1;
const TORN: u8 = 2;

/// A store that fails on demand.
#[derive(Debug)]
struct FaultyStore {
    inner: Arc<dyn ObjectStore>,
    fault: Arc<AtomicU8>,
}

impl fmt::Display for FaultyStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a store that fails on demand")
    }
}

#[async_trait]
impl ObjectStore for FaultyStore {
    async fn put_opts(&self, location: &Path, payload: PutPayload, opts: PutOptions) -> Result<PutResult> {
        let failed = |what: &str| Error::Generic {
            store: "faulty",
            source: what.to_owned().into(),
        };
        match self.fault.load(Ordering::SeqCst) {
            FULL => Err(failed("no space left on device")),
            TORN => {
                // Half of it reaches the disk under its name, and the writer hears of a failure.
                let bytes = Bytes::from(payload);
                let half = bytes.slice(..bytes.len() / 2);
                self.inner.put_opts(location, half.into(), opts).await?;
                Err(failed("torn"))
            }
            _ => self.inner.put_opts(location, payload, opts).await,
        }
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        opts: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.inner.put_multipart_opts(location, opts).await
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

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.inner.copy_opts(from, to, options).await
    }
}

fn message(name: &str, text: &str) -> Incoming {
    Incoming {
        external: name.to_owned(),
        format: Format::FhirR4,
        body: Bytes::from(text.to_owned()),
        clock: None,
    }
}

async fn faulty(scene: &Scene) -> (Station, Arc<AtomicU8>) {
    let fault = Arc::new(AtomicU8::new(WELL));
    let inner = samenhang_station::objects::store(&scene.config).unwrap();
    let store = FaultyStore {
        inner,
        fault: fault.clone(),
    };
    let lift = Arc::new(AsSent::default());
    let station = Station::open_over(&scene.config, Arc::new(store), lift, scene.clock.clone())
        .await
        .unwrap();
    (station, fault)
}

#[tokio::test]
async fn f39_on_a_full_disk_nothing_is_acknowledged_reading_goes_on_and_work_resumes() {
    let scene = Scene::new();
    let (station, fault) = faulty(&scene).await;
    let scope = station.scope(&umc()).unwrap();
    send(&station, "m1", &dossier(1, 1)).await;
    accept(&station, "m2", Format::FhirR4, &dossier(2, 1), None).await;
    fault.store(FULL, Ordering::SeqCst);
    let refused = station.accept(&umc(), message("m3", &dossier(3, 1))).await;
    assert!(matches!(refused, Err(StationError::Objects(_))));
    assert!(station.work(&umc()).await.is_err(), "what waits cannot be stored");
    assert!(
        body(&station, &scope, "Patient", "p1").await.is_some(),
        "reading goes on"
    );
    fault.store(WELL, Ordering::SeqCst);
    station
        .accept(&umc(), message("m3", &dossier(3, 1)))
        .await
        .unwrap();
    assert_eq!(station.work(&umc()).await.unwrap().versions, 4);
}

#[tokio::test]
async fn f40_a_torn_write_is_not_acknowledged_and_never_served() {
    let scene = Scene::new();
    let (station, fault) = faulty(&scene).await;
    let scope = station.scope(&umc()).unwrap();
    fault.store(TORN, Ordering::SeqCst);
    assert!(
        station
            .accept(&umc(), message("m1", &dossier(1, 1)))
            .await
            .is_err()
    );
    fault.store(WELL, Ordering::SeqCst);
    accept(&station, "m1", Format::FhirR4, &dossier(1, 1), None).await;
    fault.store(TORN, Ordering::SeqCst);
    assert!(station.work(&umc()).await.is_err());
    assert!(body(&station, &scope, "Patient", "p1").await.is_none());
    fault.store(WELL, Ordering::SeqCst);
    assert_eq!(station.work(&umc()).await.unwrap().versions, 2);
    assert!(body(&station, &scope, "Patient", "p1").await.is_some());
    let check = station.fsck(&scope).await.unwrap();
    assert!(check.damaged.is_empty());
    assert_eq!(
        (check.unreferenced, check.swept),
        (2, 0),
        "the halves are left, and too young to be swept"
    );
}

#[tokio::test]
async fn f40_a_damaged_object_is_found_and_never_served() {
    let scene = Scene::new();
    let station = scene.open().await;
    let scope = station.scope(&umc()).unwrap();
    send(&station, "m1", &dossier(1, 1)).await;
    let (at_place, whole) = stored(&scene.config, "store").await.remove(0);
    let whole = whole.to_vec();
    for at in [0, 5, 20, 70, 90, whole.len() / 2, whole.len() - 1] {
        let mut damaged = whole.clone();
        damaged[at] ^= 1;
        replace(&scene.config, &at_place, Some(damaged)).await;
        let found = station.fsck(&scope).await.unwrap().damaged.len();
        assert!(found > 0, "byte {at}");
        for (kind, id) in [("Patient", "p1"), ("Observation", "o1-0")] {
            if let Ok(Some(read)) = station.read(&scope, kind, id).await {
                let read = read.into_inner(&scope).unwrap();
                let text = String::from_utf8(read.body.to_vec()).unwrap();
                assert!(
                    text.contains(&format!("\"id\":\"{id}\"")),
                    "what is served is whole"
                );
            }
        }
    }
    replace(&scene.config, &at_place, Some(whole[..whole.len() - 3].to_vec())).await;
    assert!(!station.fsck(&scope).await.unwrap().damaged.is_empty());
    replace(&scene.config, &at_place, None).await;
    assert!(!station.fsck(&scope).await.unwrap().damaged.is_empty());
    assert!(station.read(&scope, "Patient", "p1").await.is_err());
}

#[tokio::test]
async fn f41_a_database_that_is_gone_is_built_anew_from_the_objects() {
    let scene = Scene::new();
    let station = scene.open().await;
    let scope = station.scope(&umc()).unwrap();
    for n in 0..5 {
        send(&station, &format!("m{n}"), &dossier(n, 3)).await;
    }
    send(&station, "again", &dossier(2, 4)).await;
    accept(&station, "gone", Format::Deletions, "Observation/o1-0\n", None).await;
    station.work(&umc()).await.unwrap();
    send(&station, "held", "nonsense").await;
    accept(&station, "waiting", Format::FhirR4, &dossier(7, 2), None).await;
    let before = station.status(&scope).await.unwrap();
    station.close().await;
    lose_database(scene.folder.path());
    let station = scene.open().await;
    let rebuilt = station.status(&scope).await.unwrap();
    assert_eq!(
        rebuilt.state, before.state,
        "every current version is back before anything is worked on"
    );
    let done = station.work(&umc()).await.unwrap();
    assert_eq!((done.versions, done.held), (3, 1), "only what waited is new");
    let again = station
        .accept(&umc(), message("m1", &dossier(1, 3)))
        .await
        .unwrap();
    assert!(again.known, "a message is known after the loss");
    let check = station.fsck(&scope).await.unwrap();
    assert!(check.damaged.is_empty());
}

/// A database is not built from objects of which one is damaged as if there were none: a person takes it away first.
#[tokio::test]
async fn f41_a_database_is_not_built_over_damage_that_nobody_has_seen() {
    let scene = Scene::new();
    let station = scene.open().await;
    send(&station, "m1", &dossier(1, 1)).await;
    send(&station, "m2", &dossier(2, 1)).await;
    station.close().await;
    lose_database(scene.folder.path());
    let (damaged, whole) = stored(&scene.config, "store").await.remove(0);
    replace(&scene.config, &damaged, Some(whole[..whole.len() / 2].to_vec())).await;
    let refused = Station::open(&scene.config, Arc::new(AsSent::default()), scene.clock.clone()).await;
    assert_eq!(refused.err().map(|error| error.code()), Some("SAM-STA-010"));
    replace(&scene.config, &damaged, None).await;
    let station = scene.open().await;
    let scope = station.scope(&umc()).unwrap();
    let resources = station.status(&scope).await.unwrap().resources;
    assert_eq!(resources.get("Patient"), Some(&1), "what is whole is there");
    station.work(&umc()).await.unwrap();
    for id in ["p1", "p2"] {
        assert!(
            body(&station, &scope, "Patient", id).await.is_some(),
            "the inbox has it"
        );
    }
}

#[tokio::test]
async fn f39_a_small_disk_that_fills_up_loses_nothing() {
    // A file system of a megabyte, where this process may mount one.
    let scene = Scene::new();
    if !is_folder(&scene.config) {
        println!("not asked here: the disk is another machine's; FaultyStore stands in for it");
        return;
    }
    let small = scene.folder.path().join("objects");
    std::fs::create_dir_all(&small).unwrap();
    let mounted = std::process::Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=1m", "tmpfs"])
        .arg(&small)
        .output();
    if !mounted.is_ok_and(|output| output.status.success()) {
        println!("skipped: no small file system can be mounted here; FaultyStore stands in for it");
        return;
    }
    let station = scene.open().await;
    let scope = station.scope(&umc()).unwrap();
    let padding = " ".repeat(20_000);
    let mut kept = Vec::new();
    for n in 0..60 {
        let outcome = station
            .accept(&umc(), message(&format!("m{n}"), &(dossier(n, 5) + &padding)))
            .await;
        if outcome.is_ok() {
            kept.push(n);
        }
    }
    let worked = station.work(&umc()).await;
    assert!(kept.len() < 60 || worked.is_err(), "the disk is full");
    let grown = std::process::Command::new("mount")
        .args(["-o", "remount,size=16m"])
        .arg(&small)
        .status();
    assert!(grown.is_ok_and(|status| status.success()));
    station.work(&umc()).await.unwrap();
    for n in &kept {
        assert!(
            body(&station, &scope, "Patient", &format!("p{n}"))
                .await
                .is_some(),
            "patient {n}"
        );
    }
    let check = station.fsck(&scope).await.unwrap();
    assert!(check.damaged.is_empty());
    station.close().await;
    let _ = std::process::Command::new("umount").arg(&small).status();
}

#[tokio::test]
async fn a_station_that_closes_finishes_what_came_in_and_gives_everything_back() {
    let scene = Scene::new();
    let station = Arc::new(scene.open().await);
    let senders: Vec<_> = (0..40)
        .map(|n| {
            let station = Arc::clone(&station);
            tokio::spawn(async move {
                let incoming = Incoming {
                    external: format!("m{n}"),
                    format: Format::FhirR4,
                    body: dossier(n, 1).into(),
                    clock: None,
                };
                station.accept(&umc(), incoming).await
            })
        })
        .collect();
    tokio::task::yield_now().await;
    station.close().await;
    let mut acknowledged = 0;
    for sender in senders {
        match sender.await.unwrap() {
            Ok(_) => acknowledged += 1,
            Err(error) => assert_eq!(error.code(), "SAM-STA-012"),
        }
    }
    let scope = station.scope(&umc()).unwrap();
    assert_eq!(station.status(&scope).await.unwrap_err().code(), "SAM-STA-012");
    assert_eq!(station.work(&umc()).await.unwrap_err().code(), "SAM-STA-012");
    // The first is still held by somebody: another can be opened all the same.
    let next = scene.open().await;
    assert_eq!(next.work(&umc()).await.unwrap().messages, acknowledged);
    drop(station);
    next.close().await;
    next.close().await;
}
