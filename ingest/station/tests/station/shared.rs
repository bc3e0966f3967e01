//! A database and an object store that other machines can reach: who may write, and what a service that fails does.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};
use std::time::Duration;

use samenhang_station::lift::AsSent;
use samenhang_station::{Format, Incoming, Station, StationError};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::backend::{end_writer, is_folder, private_file};
use crate::scene::{Scene, body, dossier, send, umc};

fn message(name: &str, text: &str) -> Incoming {
    Incoming {
        external: name.to_owned(),
        format: Format::FhirR4,
        body: text.to_owned().into(),
        clock: None,
    }
}

/// A second station over the same data, in a folder of its own where the database is another machine's.
fn second(scene: &Scene, folder: &tempfile::TempDir) -> samenhang_station::Config {
    let mut config = scene.config.clone();
    if !config.database.starts_with("sqlite:") {
        folder.path().clone_into(&mut config.folder);
        config.sources[0].key_file = scene.folder.path().join("umc.key");
    }
    config
}

#[tokio::test]
async fn a_second_station_over_the_same_data_is_refused() {
    let (scene, other) = (Scene::new(), tempfile::tempdir().unwrap());
    let first = scene.open().await;
    let config = second(&scene, &other);
    let refused = Station::open(&config, Arc::new(AsSent::default()), scene.clock.clone()).await;
    assert!(matches!(refused.err(), Some(StationError::Locked)));
    send(&first, "m1", &dossier(1, 1)).await;
    drop(first);
    let next = Station::open(&config, Arc::new(AsSent::default()), scene.clock.clone())
        .await
        .unwrap();
    send(&next, "m2", &dossier(2, 1)).await;
}

/// The connection that holds the lock is cut, and another machine takes over: the first may not write any more.
#[tokio::test]
async fn a_station_that_lost_its_lock_to_another_writes_nothing_more() {
    let (scene, other) = (Scene::new(), tempfile::tempdir().unwrap());
    let first = scene.open().await;
    send(&first, "m1", &dossier(1, 1)).await;
    if !end_writer(&scene.config) {
        println!("not asked here: the database is a file, and the lock that of the folder");
        return;
    }
    let config = second(&scene, &other);
    let next = Station::open(&config, Arc::new(AsSent::default()), scene.clock.clone())
        .await
        .unwrap();
    let late = first.accept(&umc(), message("m2", &dossier(2, 1))).await;
    assert!(matches!(late, Err(StationError::Locked)), "not acknowledged");
    let again = next.accept(&umc(), message("m2", &dossier(2, 1))).await.unwrap();
    assert!(!again.known);
    next.work(&umc()).await.unwrap();
    let scope = next.scope(&umc()).unwrap();
    assert!(body(&next, &scope, "Patient", "p2").await.is_some());
    if !scene.config.objects.starts_with("s3:") {
        println!("the objects are in a folder of each: what the first kept is not looked for");
        return;
    }
    assert!(body(&next, &scope, "Patient", "p1").await.is_some());
    assert!(next.fsck(&scope).await.unwrap().damaged.is_empty());
}

/// What a hostile sender writes where names belong can be kept in any database, or is held; it stops nothing.
#[tokio::test]
async fn names_that_a_database_would_not_take_stop_nothing() {
    let scene = Scene::new();
    let station = scene
        .open_with(Arc::new(samenhang_station::lift::ByFormat::default()))
        .await;
    let texts = [
        r#"{"resourceType":"Pat\u0000ient","id":"p1"}"#,
        r#"{"resourceType":"Patient","id":"p\u00001"}"#,
        r#"{"resourceType":"Patient","id":"p1","a\u0000b":{"c\u0000":"d"}}"#,
        r#"{"resourceType":"Observation","id":"o1","status":"fi\u0000nal","code":{"coding":[{"system":"urn:\u0000","code":"\u0000"}]}}"#,
        "{\"resourceType\":\"Patient\",\"id\":\"p1\",\"\u{fffd}\u{202e}\":\"x\"}",
    ];
    for format in [Format::FhirR4, Format::FhirStu3, Format::Deletions] {
        for (at, text) in texts.iter().enumerate() {
            let incoming = Incoming {
                external: format!("m\0{format:?}{at}"),
                format,
                body: (*text).to_owned().into(),
                clock: None,
            };
            station.accept(&umc(), incoming).await.unwrap();
        }
    }
    assert_eq!(station.work(&umc()).await.unwrap().messages, 15);
    assert_eq!(send(&station, "good", &dossier(1, 1)).await.versions, 2);
}

const WELL: u8 = 0;
const ERRS: u8 = 1;
const SLOW: u8 = 2;
const CUTS: u8 = 3;
const FORBIDS: u8 = 4;

/// Stands between a station and an S3-compatible service, and behaves as it is told for so many requests.
struct Between {
    address: String,
    mode: Arc<AtomicU8>,
    left: Arc<AtomicU32>,
    seen: Arc<AtomicU32>,
}

impl Between {
    async fn start(upstream: Option<String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let (mode, left, seen) = (Arc::new(AtomicU8::new(WELL)), Arc::default(), Arc::default());
        let between = Between {
            address,
            mode: Arc::clone(&mode),
            left: Arc::clone(&left),
            seen: Arc::clone(&seen),
        };
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                seen.fetch_add(1, Ordering::SeqCst);
                let spent = |left: u32| left.checked_sub(1);
                let misbehaves = left
                    .fetch_update(Ordering::SeqCst, Ordering::SeqCst, spent)
                    .is_ok();
                let mode = if misbehaves {
                    mode.load(Ordering::SeqCst)
                } else {
                    WELL
                };
                tokio::spawn(answer(client, upstream.clone(), mode));
            }
        });
        between
    }

    fn behave(&self, mode: u8, requests: u32) {
        self.mode.store(mode, Ordering::SeqCst);
        self.left.store(requests, Ordering::SeqCst);
        self.seen.store(0, Ordering::SeqCst);
    }
}

/// One request a connection.
async fn answer(mut client: TcpStream, upstream: Option<String>, mode: u8) -> Option<()> {
    let request = request(&mut client).await?;
    match mode {
        SLOW => tokio::time::sleep(Duration::from_secs(3600)).await,
        ERRS => say(&mut client, "500 Internal Server Error", "busy").await,
        FORBIDS => {
            // As S3 does it: the answer repeats who asked and with what.
            let told = String::from_utf8_lossy(&request).into_owned();
            let text =
                format!("<Error><AWSAccessKeyId>AKIATEST</AWSAccessKeyId><Request>{told}</Request></Error>");
            say(&mut client, "403 Forbidden", &text).await;
        }
        _ => {
            let upstream = upstream?;
            let mut server = TcpStream::connect(upstream.strip_prefix("http://")?).await.ok()?;
            server.write_all(&request).await.ok()?;
            let mut response = Vec::new();
            server.read_to_end(&mut response).await.ok()?;
            // The work is done, and nobody hears of it.
            if mode != CUTS {
                client.write_all(&response).await.ok()?;
            }
        }
    }
    Some(())
}

async fn say(client: &mut TcpStream, status: &str, text: &str) {
    let length = text.len();
    let answer = format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{text}");
    let _ = client.write_all(answer.as_bytes()).await;
}

/// Reads a request with its body, and asks for no other on this connection.
async fn request(client: &mut TcpStream) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let end = loop {
        if client.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
        if let Some(end) = bytes.windows(4).position(|part| part == b"\r\n\r\n") {
            break end + 4;
        }
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let length = head
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, value)| value.trim().parse::<usize>().ok())
        .unwrap_or(0);
    while bytes.len() < end + length {
        if client.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    let mut whole = head.trim_end().as_bytes().to_vec();
    whole.extend_from_slice(b"\r\nconnection: close\r\n\r\n");
    whole.extend_from_slice(&bytes[end..]);
    Some(whole)
}

/// A station whose objects are in a service that is reached through another address, with credentials from a file.
fn through(scene: &mut Scene, address: &str) {
    if is_folder(&scene.config) {
        scene.config.objects = "s3://station/none".to_owned();
    }
    let file = scene.folder.path().join("s3.credentials");
    private_file(&file, "AKIATEST\nthe-secret-of-s3\n");
    scene.config.s3.endpoint = Some(address.to_owned());
    scene.config.s3.region = Some("eu-west-1".to_owned());
    scene.config.s3.credentials_file = Some(file);
    scene.config.s3.patience_seconds = 2;
}

#[tokio::test]
async fn a_service_that_only_fails_is_told_as_such_without_a_secret() {
    let between = Between::start(None).await;
    for (mode, status) in [(ERRS, "500"), (FORBIDS, "403"), (SLOW, "")] {
        let mut scene = Scene::new();
        through(&mut scene, &between.address);
        between.behave(mode, u32::MAX);
        let opened = Station::open(&scene.config, Arc::new(AsSent::default()), scene.clock.clone()).await;
        let error = opened.err().unwrap();
        assert!(matches!(error, StationError::Objects(_)), "{error}");
        assert!(error.is_transient());
        let told = error.to_string();
        assert!(told.contains(status), "{told}");
        for secret in ["AKIATEST", "the-secret-of-s3", "Signature", "authorization"] {
            assert!(!told.contains(secret), "{told}");
        }
    }
}

#[tokio::test]
async fn credentials_that_others_may_read_and_plain_http_elsewhere_are_refused() {
    let mut scene = Scene::new();
    through(&mut scene, "http://127.0.0.1:1");
    let mut elsewhere = scene.config.clone();
    elsewhere.s3.endpoint = Some("http://s3.test".to_owned());
    let open = async |config: &samenhang_station::Config| {
        Station::open(config, Arc::new(AsSent::default()), scene.clock.clone())
            .await
            .err()
            .unwrap()
    };
    assert_eq!(open(&elsewhere).await.code(), "SAM-STA-001");
    let mut none = scene.config.clone();
    none.objects = "s3://".to_owned();
    assert_eq!(open(&none).await.code(), "SAM-STA-001");
    std::fs::write(scene.folder.path().join("s3.credentials"), "only one line\n").unwrap();
    assert_eq!(open(&scene.config).await.code(), "SAM-STA-007");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let file = scene.folder.path().join("s3.credentials");
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert_eq!(open(&scene.config).await.code(), "SAM-STA-007");
    }
}

#[tokio::test]
async fn errors_that_pass_slow_answers_and_answers_that_are_lost_lose_nothing() {
    let Ok(upstream) = std::env::var("SAMENHANG_TEST_S3") else {
        println!("not asked here: no S3-compatible server (tests/backends.sh starts one)");
        return;
    };
    let between = Between::start(Some(upstream)).await;
    let mut scene = Scene::new();
    through(&mut scene, &between.address);
    let station = scene.open().await;
    let scope = station.scope(&umc()).unwrap();
    // Errors that pass are not seen.
    between.behave(ERRS, 2);
    station
        .accept(&umc(), message("m1", &dossier(1, 1)))
        .await
        .unwrap();
    assert!(between.seen.load(Ordering::SeqCst) >= 3, "it was tried again");
    // An answer that does not come is not waited for longer than the configuration says.
    between.behave(SLOW, u32::MAX);
    let late = station.accept(&umc(), message("m2", &dossier(2, 1))).await;
    assert!(matches!(late, Err(StationError::Objects(_))), "not acknowledged");
    between.behave(WELL, 0);
    station
        .accept(&umc(), message("m2", &dossier(2, 1)))
        .await
        .unwrap();
    // The object is written, and the answer lost: the next attempt finds it, or it is written again.
    between.behave(CUTS, 1);
    let cut = station.accept(&umc(), message("m3", &dossier(3, 1))).await;
    if cut.is_err() {
        station
            .accept(&umc(), message("m3", &dossier(3, 1)))
            .await
            .unwrap();
    }
    between.behave(CUTS, 1);
    if station.work(&umc()).await.is_err() {
        station.work(&umc()).await.unwrap();
    }
    for id in ["p1", "p2", "p3"] {
        assert!(body(&station, &scope, "Patient", id).await.is_some(), "{id}");
    }
    assert_eq!(station.status(&scope).await.unwrap().resources["Observation"], 3);
    assert!(station.fsck(&scope).await.unwrap().damaged.is_empty());
}
