//! What the tests share: a station in a folder of its own, messages of synthetic patients, and an index.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use jiff::Timestamp;
use samenhang_clock::{Clock, Random};
use samenhang_profiles::{Bsn, Ura};
use samenhang_station::config::SourceConfig;
use samenhang_station::lift::{AsSent, Lift};
use samenhang_station::publish::{NotTaken, Registrar};
use samenhang_station::seal::SourceKey;
use samenhang_station::surroundings::System;
use samenhang_station::{Config, Format, Incoming, Scope, SourceId, Station};

use crate::backend;

/// A clock that is moved by hand, and real chance: no key is used twice.
pub(crate) struct Manual(pub(crate) AtomicI64);

impl Clock for Manual {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.0.load(Ordering::SeqCst)).unwrap()
    }
}

impl Random for Manual {
    fn fill(&self, bytes: &mut [u8]) {
        System.fill(bytes);
    }
}

/// A station of one source in a folder.
pub(crate) struct Scene {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) config: Config,
    pub(crate) clock: Arc<Manual>,
}

pub(crate) fn umc() -> SourceId {
    "umc".parse().unwrap()
}

/// The configuration of a station of one source in a folder; makes the key when it is not there.
pub(crate) fn config_in(folder: &Path) -> Config {
    let mut source = SourceConfig::new(umc(), "00000001".parse().unwrap());
    source.key_file = "umc.key".into();
    if !folder.join("umc.key").exists() {
        SourceKey::create(&folder.join("umc.key"), &System).unwrap();
    }
    Config {
        sources: vec![source],
        folder: folder.to_owned(),
        workers: 1,
        database: backend::database(folder),
        objects: backend::objects(folder),
        s3: backend::s3(),
    }
}

impl Scene {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = config_in(folder.path());
        let clock = Arc::new(Manual(AtomicI64::new(1_780_000_000)));
        Scene {
            folder,
            config,
            clock,
        }
    }

    pub(crate) async fn open(&self) -> Station {
        self.open_with(Arc::new(AsSent::default())).await
    }

    pub(crate) async fn open_with(&self, lift: Arc<dyn Lift>) -> Station {
        Station::open(&self.config, lift, self.clock.clone())
            .await
            .unwrap()
    }
}

/// Sends a message and works on it.
pub(crate) async fn send(station: &Station, external: &str, body: &str) -> samenhang_station::Progress {
    accept(station, external, Format::FhirR4, body, None).await;
    station.work(&umc()).await.unwrap()
}

pub(crate) async fn accept(
    station: &Station,
    external: &str,
    format: Format,
    body: &str,
    clock: Option<i64>,
) {
    let incoming = Incoming {
        external: external.to_owned(),
        format,
        body: Bytes::from(body.to_owned()),
        clock: clock.map(|second| Timestamp::from_second(second).unwrap()),
    };
    station.accept(&umc(), incoming).await.unwrap();
}

/// The n-th number of the test range that passes the 11-proef.
pub(crate) fn bsn(n: u32) -> String {
    let numbers = (999_900_000_u32..).map(|number| number.to_string());
    numbers
        .filter(|text| Bsn::parse(text).is_ok())
        .nth(n as usize)
        .unwrap()
}

pub(crate) fn number(n: u32) -> Bsn {
    Bsn::parse(&bsn(n)).unwrap()
}

pub(crate) fn patient(n: u32) -> String {
    format!(
        r#"{{"resourceType":"Patient","id":"p{n}","identifier":[{{"system":"http://fhir.nl/fhir/NamingSystem/bsn","value":"{}"}}],"gender":"female"}}"#,
        bsn(n)
    )
}

/// An observation of patient n. `clock` is its `meta.lastUpdated` in seconds.
pub(crate) fn observation(n: u32, id: &str, value: u32, clock: Option<i64>) -> String {
    let meta = clock
        .map(|clock| {
            format!(
                r#""meta":{{"lastUpdated":"{}"}},"#,
                Timestamp::from_second(clock).unwrap()
            )
        })
        .unwrap_or_default();
    format!(
        r#"{{"resourceType":"Observation","id":"{id}",{meta}"status":"final","code":{{"text":"made up"}},"subject":{{"reference":"Patient/p{n}"}},"valueInteger":{value}}}"#
    )
}

/// A Bundle of resources.
pub(crate) fn bundle(resources: &[String]) -> String {
    let entries: Vec<String> = resources
        .iter()
        .map(|resource| format!(r#"{{"resource":{resource}}}"#))
        .collect();
    format!(
        r#"{{"resourceType":"Bundle","type":"collection","entry":[{}]}}"#,
        entries.join(",")
    )
}

/// A patient with some observations.
pub(crate) fn dossier(n: u32, observations: u32) -> String {
    let mut resources = vec![patient(n)];
    resources.extend((0..observations).map(|at| observation(n, &format!("o{n}-{at}"), at, None)));
    bundle(&resources)
}

/// The body of a resource that may be seen.
pub(crate) async fn body(station: &Station, scope: &Scope, kind: &str, id: &str) -> Option<String> {
    let found = station.read(scope, kind, id).await.unwrap()?;
    let stored = found.into_inner(scope).unwrap();
    (!stored.deleted).then(|| String::from_utf8(stored.body.to_vec()).unwrap())
}

/// An index that remembers whom it was told of.
#[derive(Default)]
pub(crate) struct Index {
    pub(crate) known: Mutex<BTreeSet<String>>,
    pub(crate) calls: AtomicI64,
    pub(crate) is_down: AtomicBool,
}

impl Index {
    fn told(&self, patient: &Bsn, known: bool) -> Result<(), NotTaken> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        if self.is_down.load(Ordering::SeqCst) {
            return Err(NotTaken { code: "down" });
        }
        let number = patient.expose().to_owned();
        let mut set = self.known.lock().unwrap();
        if known {
            set.insert(number);
        } else {
            set.remove(&number);
        }
        Ok(())
    }

    pub(crate) fn knows(&self, n: u32) -> bool {
        self.known.lock().unwrap().contains(&bsn(n))
    }
}

#[async_trait]
impl Registrar for Index {
    async fn register(&self, _: &Ura, _: &SourceId, patient: &Bsn) -> Result<(), NotTaken> {
        self.told(patient, true)
    }

    async fn deregister(&self, _: &Ura, _: &SourceId, patient: &Bsn) -> Result<(), NotTaken> {
        self.told(patient, false)
    }
}
