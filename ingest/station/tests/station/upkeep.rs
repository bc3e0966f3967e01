//! What a station does with what it has: messages go after their days, and a key is replaced. Nothing that is needed is lost.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use samenhang_station::failpoint::UPKEEP;
use samenhang_station::lift::AsSent;
use samenhang_station::seal::SourceKey;
use samenhang_station::surroundings::System;
use samenhang_station::{Config, Format, Station, StationError};

use crate::backend::{everything, lose_database, stored};
use crate::crash::{Said, run_child, say};
use crate::scene::{Index, Scene, accept, body, config_in, dossier, observation, send, umc};

const DAY: i64 = 86_400;

fn keeping(days: u32) -> Scene {
    let mut scene = Scene::new();
    scene.config.sources[0].keep_messages_days = Some(days);
    scene
}

#[tokio::test]
async fn messages_go_when_they_are_done_published_and_old_enough() {
    let scene = keeping(30);
    let station = scene.open().await;
    let scope = station.scope(&umc()).unwrap();
    let index = Index::default();
    send(&station, "done", &dossier(1, 2)).await;
    send(&station, "held", "nonsense").await;
    accept(&station, "waiting", Format::FhirR4, &dossier(2, 1), None).await;
    assert_eq!(station.expire(&scope).await.unwrap().messages, 0, "all are new");
    scene.clock.0.fetch_add(31 * DAY, Ordering::SeqCst);
    assert_eq!(
        station.expire(&scope).await.unwrap().messages,
        0,
        "one waits for the index, one is held, one is not worked on"
    );
    station.publish(&umc(), &index).await.unwrap();
    let expired = station.expire(&scope).await.unwrap();
    assert_eq!((expired.messages, expired.bytes), (1, dossier(1, 2).len() as u64));
    assert_eq!(station.expire(&scope).await.unwrap().messages, 0);
    // It is still known, and what it brought is still there.
    send(&station, "done", &dossier(1, 2)).await;
    station.work(&umc()).await.unwrap();
    let status = station.status(&scope).await.unwrap();
    assert_eq!((status.messages["expired"], status.messages["held"]), (1, 1));
    assert_eq!(status.resources["Patient"], 2, "what waited was worked on");
    assert!(body(&station, &scope, "Observation", "o1-1").await.is_some());
    assert_eq!(station.problems(&scope).await.unwrap().len(), 1);
    let check = station.fsck(&scope).await.unwrap();
    assert!(check.damaged.is_empty(), "{:?}", check.damaged);
    assert_eq!(check.unreferenced, 0);
    // Also after a loss of the database.
    station.publish(&umc(), &index).await.unwrap();
    station.close().await;
    lose_database(scene.folder.path());
    let station = scene.open().await;
    let state = station.status(&scope).await.unwrap().state;
    assert_eq!(state, status.state);
    station.work(&umc()).await.unwrap();
    assert_eq!(station.status(&scope).await.unwrap().state, status.state);
    let done = send(&station, "done", &dossier(1, 2)).await;
    assert_eq!(done.versions, 0, "what comes again is recognised by its content");
}

#[tokio::test]
async fn without_days_nothing_goes() {
    let scene = Scene::new();
    let station = scene.open().await;
    let scope = station.scope(&umc()).unwrap();
    let refused = station.expire(&scope).await;
    assert!(matches!(refused, Err(StationError::Config(_))));
}

/// A message that brought only a later clock stays as long as the clock is from it: without it, a version that comes late
/// would be taken for the latest after a loss of the database.
#[tokio::test]
async fn the_message_that_a_clock_comes_from_stays() {
    let scene = keeping(1);
    let station = scene.open().await;
    let scope = station.scope(&umc()).unwrap();
    // The clock is the message's: the same content again is the same version.
    let content = |value| observation(1, "o1-0", value, None);
    send(&station, "patient", &dossier(1, 0)).await;
    for (name, clock) in [("first", 100), ("again", 500), ("later", 600)] {
        accept(&station, name, Format::FhirR4, &content(1), Some(clock)).await;
    }
    station.work(&umc()).await.unwrap();
    station.publish(&umc(), &Index::default()).await.unwrap();
    scene.clock.0.fetch_add(2 * DAY, Ordering::SeqCst);
    let expired = station.expire(&scope).await.unwrap();
    assert_eq!(expired.messages, 3, "only the last that brought the clock stays");
    accept(&station, "between", Format::FhirR4, &content(2), Some(300)).await;
    station.work(&umc()).await.unwrap();
    let before = body(&station, &scope, "Observation", "o1-0").await;
    assert_eq!(before, Some(content(1)));
    station.close().await;
    lose_database(scene.folder.path());
    let station = scene.open().await;
    station.work(&umc()).await.unwrap();
    let after = body(&station, &scope, "Observation", "o1-0").await;
    assert_eq!(after, before);
}

/// A complete list says nothing about what came after it, whenever it is worked on.
#[tokio::test]
async fn a_complete_list_that_is_worked_on_again_deletes_nothing_that_came_after_it() {
    let scene = Scene::new();
    let station = scene.open().await;
    let scope = station.scope(&umc()).unwrap();
    send(&station, "m1", &dossier(1, 40)).await;
    let list: String = (0..40).map(|at| format!("Observation/o1-{at}\n")).collect();
    let list = format!("Patient/p1\n{list}");
    accept(&station, "all", Format::Manifest, &list, None).await;
    station.work(&umc()).await.unwrap();
    // By the source's clock it is older than the list.
    send(&station, "m2", &observation(1, "late", 7, Some(1_000))).await;
    let before = station.status(&scope).await.unwrap();
    station.close().await;
    lose_database(scene.folder.path());
    let station = scene.open().await;
    station.work(&umc()).await.unwrap();
    assert_eq!(station.status(&scope).await.unwrap().state, before.state);
    assert!(body(&station, &scope, "Observation", "late").await.is_some());
}

async fn open(config: &Config) -> Station {
    Station::open(config, Arc::new(AsSent::default()), Arc::new(System))
        .await
        .unwrap()
}

fn secret(folder: &Path) -> Vec<u8> {
    std::fs::read(folder.join("umc.key")).unwrap()
}

/// Nothing that a station has opens by a key.
async fn opens_nothing(config: &Config, key: Vec<u8>) {
    let mut with_old = config.clone();
    let folder = tempfile::tempdir().unwrap();
    with_old.sources[0].key_file = folder.path().join("old.key");
    crate::backend::private_file(&with_old.sources[0].key_file, "");
    std::fs::write(&with_old.sources[0].key_file, key).unwrap();
    let station = open(&with_old).await;
    let scope = station.scope(&umc()).unwrap();
    let status = station.status(&scope).await.unwrap();
    let check = station.fsck(&scope).await.unwrap();
    assert_eq!((check.messages, check.versions), (0, 0), "{status:?}");
    assert!(!check.damaged.is_empty());
}

#[tokio::test]
async fn a_key_is_replaced_while_the_station_works_and_the_old_one_opens_nothing_after() {
    let scene = Scene::new();
    let station = scene.open().await;
    let scope = station.scope(&umc()).unwrap();
    for n in 0..3 {
        send(&station, &format!("m{n}"), &dossier(n, 2)).await;
    }
    send(&station, "held", "nonsense").await;
    let index = Index::default();
    index.is_down.store(true, Ordering::SeqCst);
    station.publish(&umc(), &index).await.unwrap();
    let before = station.status(&scope).await.unwrap();
    station.close().await;
    let old = secret(scene.folder.path());
    let inbox = stored(&scene.config, "inbox").await;
    assert!(
        Station::begin_rotation(&scene.config, &umc(), &System)
            .await
            .unwrap()
    );
    assert!(
        !Station::begin_rotation(&scene.config, &umc(), &System)
            .await
            .unwrap()
    );
    let station = scene.open().await;
    let scope = station.scope(&umc()).unwrap();
    // The old is read, and the new is written, before anything is sealed anew.
    assert!(body(&station, &scope, "Patient", "p1").await.is_some());
    send(&station, "m3", &dossier(3, 2)).await;
    let done = station.reseal(&scope).await.unwrap();
    assert!(done.ended);
    assert_eq!(
        (done.objects, done.numbers),
        (7, 6),
        "four in the inbox, three in the store"
    );
    assert_eq!(station.reseal(&scope).await.unwrap().objects, 0);
    assert!(body(&station, &scope, "Patient", "p1").await.is_some());
    station.close().await;
    for (name, _) in &inbox {
        let now = stored(&scene.config, "inbox").await;
        assert!(
            now.iter().all(|(other, _)| other != name),
            "the old objects are gone"
        );
    }
    let station = scene.open().await;
    let scope = station.scope(&umc()).unwrap();
    let after = station.status(&scope).await.unwrap();
    assert_eq!(
        after.resources["Observation"],
        before.resources["Observation"] + 2
    );
    let check = station.fsck(&scope).await.unwrap();
    assert!(check.damaged.is_empty(), "{:?}", check.damaged);
    // What waits for the index has its number still, and a message is known under the new key.
    index.is_down.store(false, Ordering::SeqCst);
    scene.clock.0.fetch_add(DAY, Ordering::SeqCst);
    station.publish(&umc(), &index).await.unwrap();
    assert!((0..4).all(|n| index.knows(n)));
    assert_eq!(send(&station, "m1", &dossier(1, 2)).await.messages, 0);
    station.close().await;
    opens_nothing(&scene.config, old.clone()).await;
    for (name, bytes) in everything(&scene.config).await {
        assert!(!bytes.windows(old.len()).any(|part| part == old), "{name}");
    }
    // The database can be built anew by the new key.
    lose_database(scene.folder.path());
    let station = scene.open().await;
    station.work(&umc()).await.unwrap();
    assert_eq!(station.status(&scope).await.unwrap().state, after.state);
}

#[tokio::test]
async fn an_old_key_stays_while_something_that_it_opens_is_damaged() {
    let scene = Scene::new();
    let station = scene.open().await;
    send(&station, "m1", &dossier(1, 1)).await;
    station.close().await;
    let (at, whole) = stored(&scene.config, "store").await.remove(0);
    Station::begin_rotation(&scene.config, &umc(), &System)
        .await
        .unwrap();
    let with_both = secret(scene.folder.path());
    let mut damaged = whole.to_vec();
    let last = damaged.len() - 1;
    damaged[last] ^= 1;
    crate::backend::replace(&scene.config, &at, Some(damaged)).await;
    let station = scene.open().await;
    let scope = station.scope(&umc()).unwrap();
    let refused = station.reseal(&scope).await;
    assert!(matches!(refused, Err(StationError::Damaged(_))));
    assert_eq!(secret(scene.folder.path()), with_both);
    crate::backend::replace(&scene.config, &at, Some(whole.to_vec())).await;
    assert!(station.reseal(&scope).await.unwrap().ended);
}

#[test]
fn a_key_file_that_is_not_ours_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    let key = "a".repeat(64);
    let cases = [
        String::new(),
        "x".repeat(31),
        "x".repeat(33),
        "samenhang-station-key 2\n".to_owned(),
        format!("samenhang-station-key 2\nname {key}\nreceipt {key}\n"),
        format!("samenhang-station-key 2\nname {key}\nwrap {key}\n"),
        format!("samenhang-station-key 2\nname {key}\nname {key}\nreceipt {key}\nwrap {key}\n"),
        format!("samenhang-station-key 2\nname {key}\nreceipt {key}\nwrap {key}\nwrap {key}\nwrap {key}\n"),
        format!("samenhang-station-key 2\nname {key}\nreceipt {key}\nwrap {key}0\n"),
        format!("samenhang-station-key 9\nname {key}\nreceipt {key}\nwrap {key}\n"),
    ];
    for text in cases {
        crate::backend::private_file(&path, &text);
        assert!(SourceKey::read(&path).is_err(), "{text}");
    }
    crate::backend::private_file(
        &path,
        &format!("samenhang-station-key 2\nname {key}\nreceipt {key}\nwrap {key}\nwrap {key}\n"),
    );
    assert!(SourceKey::read(&path).is_ok());
}

/// The configuration of the process that is killed.
fn config_of(folder: &Path) -> Config {
    let mut config = config_in(folder);
    config.sources[0].keep_messages_days = Some(0);
    config
}

/// What the process that is killed does: publishes, lets messages go, and replaces the key.
pub(crate) async fn keep_up(folder: &Path) {
    let config = config_of(folder);
    let begun = Station::begin_rotation(&config, &umc(), &System).await.unwrap();
    let station = open(&config).await;
    let scope = station.scope(&umc()).unwrap();
    say("ready");
    assert!(begun || station.status(&scope).await.is_ok());
    station.publish(&umc(), &Index::default()).await.unwrap();
    station.expire(&scope).await.unwrap();
    station.reseal(&scope).await.unwrap();
    say("end");
}

/// Killed at each boundary, one after another: everything is readable at each start, and in the end by the new key alone.
#[test]
fn kill_9_while_messages_go_and_a_key_is_replaced_loses_nothing() {
    let scene = tempfile::tempdir().unwrap();
    let folder = scene.path();
    let config = config_of(folder);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let look = async || {
        let station = open(&config).await;
        let scope = station.scope(&umc()).unwrap();
        let check = station.fsck(&scope).await.unwrap();
        assert!(check.damaged.is_empty(), "{:?}", check.damaged);
        (station.status(&scope).await.unwrap(), check.versions)
    };
    let before = runtime.block_on(async {
        let station = open(&config).await;
        for n in 0..3 {
            send(&station, &format!("m{n}"), &dossier(n, 2)).await;
        }
        send(&station, "held", "nonsense").await;
        station.close().await;
        look().await
    });
    let old = secret(folder);
    for name in UPKEEP {
        let said: Said = run_child(folder, &[("SAMENHANG_CRASH_TASK", "upkeep")], Some(name));
        assert!(said.stopped_at.as_deref() == Some(name), "{name} was reached");
        let (status, versions) = runtime.block_on(look());
        assert_eq!((&status.state, versions), (&before.0.state, before.1), "{name}");
        assert_eq!(status.messages["held"], 1, "{name}");
    }
    let said = run_child(folder, &[("SAMENHANG_CRASH_TASK", "upkeep")], None);
    assert!(said.ended);
    let (status, versions) = runtime.block_on(look());
    assert_eq!((status.state, versions), (before.0.state, before.1));
    assert_eq!(status.messages["expired"], 3);
    runtime.block_on(opens_nothing(&config, old));
}
