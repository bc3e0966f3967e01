//! Idempotency, order, identity over messages, and what is published.

use std::sync::atomic::Ordering;

use samenhang_station::{Format, Incoming, StationError};

use crate::backend::lose_database;
use crate::scene::{Index, Scene, accept, body, bundle, dossier, number, observation, patient, send, umc};

#[tokio::test]
async fn a_message_is_kept_read_back_and_served_as_it_came() {
    let scene = Scene::new();
    let station = scene.open().await;
    let scope = station.scope(&umc()).unwrap();
    let done = send(&station, "m1", &dossier(1, 3)).await;
    assert_eq!((done.messages, done.held, done.versions), (1, 0, 4));
    assert_eq!(
        body(&station, &scope, "Observation", "o1-2").await.as_deref(),
        Some(&*observation(1, "o1-2", 2, None))
    );
    let page = station
        .of_patient(&scope, &number(1), None, None, 3)
        .await
        .unwrap();
    let page = page.into_inner(&scope).unwrap();
    assert_eq!(page.resources.len(), 3);
    let (kind, id) = page.next.unwrap();
    let rest = station
        .of_patient(&scope, &number(1), None, Some((&kind, &id)), 3)
        .await
        .unwrap();
    let rest = rest.into_inner(&scope).unwrap();
    assert_eq!(rest.resources.len(), 1);
    assert_eq!(rest.resources[0].kind, "Patient");
    assert!(rest.next.is_none());
    let other = station
        .of_patient(&scope, &number(2), None, None, 3)
        .await
        .unwrap();
    assert!(other.into_inner(&scope).unwrap().resources.is_empty());
}

#[tokio::test]
async fn the_same_message_is_the_same_and_another_under_its_name_is_flagged() {
    let scene = Scene::new();
    let station = scene.open().await;
    let incoming = |body: String| Incoming {
        external: "m1".to_owned(),
        format: Format::FhirR4,
        body: body.into(),
        clock: None,
    };
    let first = station.accept(&umc(), incoming(dossier(1, 1))).await.unwrap();
    let again = station.accept(&umc(), incoming(dossier(1, 1))).await.unwrap();
    assert_eq!((first.sequence, first.known), (again.sequence, false));
    assert!(again.known && !again.resent_changed);
    let changed = station.accept(&umc(), incoming(dossier(1, 2))).await.unwrap();
    assert!(changed.resent_changed && !changed.known && changed.sequence > first.sequence);
    let done = station.work(&umc()).await.unwrap();
    assert_eq!((done.messages, done.versions, done.unchanged), (2, 3, 2));
}

#[tokio::test]
async fn f48_versions_are_in_the_order_of_the_sources_clock() {
    let versions = [(10, 1_i64), (30, 3), (20, 2), (30, 3)];
    let mut states = Vec::new();
    for order in [[0, 1, 2, 3], [2, 1, 0, 3], [1, 0, 3, 2]] {
        let scene = Scene::new();
        // The key must be the same, for the states to be comparable.
        std::fs::write(scene.folder.path().join("umc.key"), [7; 32]).unwrap();
        let station = scene.open().await;
        let scope = station.scope(&umc()).unwrap();
        send(&station, "p", &patient(1)).await;
        for at in order {
            let (value, clock) = versions[at];
            let text = observation(1, "o", value, Some(1_000 * clock));
            send(&station, &format!("m{at}"), &text).await;
        }
        let now = body(&station, &scope, "Observation", "o").await.unwrap();
        assert!(now.contains("\"valueInteger\":30"), "{order:?}");
        assert_eq!(
            station.versions(&scope, "Observation", "o").await.unwrap().len(),
            3
        );
        states.push(station.status(&scope).await.unwrap().state);
    }
    assert_eq!(states[0], states[1]);
    assert_eq!(states[0], states[2]);
}

#[tokio::test]
async fn content_that_comes_again_later_is_no_new_version_and_still_the_latest() {
    let scene = Scene::new();
    let station = scene.open().await;
    let scope = station.scope(&umc()).unwrap();
    send(&station, "p", &patient(1)).await;
    let text = |value| observation(1, "o", value, None);
    for (name, value, clock) in [("a", 1, 100), ("b", 1, 300), ("c", 2, 200)] {
        accept(&station, name, Format::FhirR4, &text(value), Some(clock)).await;
        station.work(&umc()).await.unwrap();
    }
    let now = body(&station, &scope, "Observation", "o").await.unwrap();
    assert!(now.contains("\"valueInteger\":1"));
    assert_eq!(
        station.versions(&scope, "Observation", "o").await.unwrap().len(),
        2
    );
}

#[tokio::test]
async fn who_is_unclear_is_held_and_nothing_of_the_unit_is_taken() {
    let scene = Scene::new();
    let station = scene.open().await;
    let scope = station.scope(&umc()).unwrap();
    send(&station, "p1", &dossier(1, 1)).await;
    let renumbered = patient(2).replace("\"p2\"", "\"p1\"");
    let cases = [
        ("unknown", observation(9, "x", 1, None), "unknown-patient"),
        ("two", bundle(&[patient(3), patient(4)]), "two-patients"),
        ("renumbered", renumbered, "patient-changed-number"),
        (
            "stolen",
            bundle(&[patient(5), observation(5, "o1-0", 9, None)]),
            "resource-changed-patient",
        ),
        (
            "nameless",
            r#"{"resourceType":"Patient","id":"p8"}"#.to_owned(),
            "no-number",
        ),
    ];
    for (name, text, rule) in cases {
        let done = send(&station, name, &text).await;
        assert_eq!((done.held, done.versions), (1, 0), "{name}");
        let problems = station.problems(&scope).await.unwrap();
        let problem = problems.iter().find(|problem| problem.rule == rule);
        let problem = problem.unwrap_or_else(|| panic!("{name} is held by {rule}"));
        assert_eq!(problem.stage, "identity");
        let until = jiff::Timestamp::MAX;
        let waived = station
            .waive(&scope, &problem.fingerprint, "me", "why", until)
            .await;
        assert!(matches!(waived, Err(StationError::NeverWaived)));
    }
    assert!(body(&station, &scope, "Patient", "p5").await.is_none());
    let theirs = body(&station, &scope, "Observation", "o1-0").await.unwrap();
    assert!(theirs.contains("Patient/p1"));
}

#[tokio::test]
async fn the_index_is_told_once_of_each_patient_and_of_the_last_deletion() {
    let scene = Scene::new();
    let station = scene.open().await;
    let index = Index::default();
    send(&station, "m1", &dossier(1, 2)).await;
    send(&station, "m2", &observation(1, "o9", 1, None)).await;
    index.is_down.store(true, Ordering::SeqCst);
    let tried = station.publish(&umc(), &index).await.unwrap();
    assert_eq!((tried.sent, tried.failed), (0, 1));
    index.is_down.store(false, Ordering::SeqCst);
    assert_eq!(
        station.publish(&umc(), &index).await.unwrap().sent,
        0,
        "not due yet"
    );
    scene.clock.0.fetch_add(60, Ordering::SeqCst);
    assert_eq!(station.publish(&umc(), &index).await.unwrap().sent, 1);
    assert!(index.knows(1));
    let all = "Patient/p1\nObservation/o1-0\nObservation/o1-1\nObservation/o9\n";
    accept(&station, "d", Format::Deletions, all, None).await;
    station.work(&umc()).await.unwrap();
    station.publish(&umc(), &index).await.unwrap();
    assert!(!index.knows(1));
    assert_eq!(index.calls.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn a_source_that_is_stopped_is_not_taken_worked_on_served_or_published() {
    let scene = Scene::new();
    let station = scene.open().await;
    let scope = station.scope(&umc()).unwrap();
    send(&station, "m1", &dossier(1, 1)).await;
    station.stop(&umc(), "drill").await.unwrap();
    let incoming = Incoming {
        external: "m2".to_owned(),
        format: Format::FhirR4,
        body: dossier(2, 1).into(),
        clock: None,
    };
    let index = Index::default();
    assert!(matches!(
        station.accept(&umc(), incoming).await,
        Err(StationError::Stopped)
    ));
    assert!(matches!(station.work(&umc()).await, Err(StationError::Stopped)));
    assert!(matches!(
        station.publish(&umc(), &index).await,
        Err(StationError::Stopped)
    ));
    assert!(matches!(
        station.read(&scope, "Patient", "p1").await,
        Err(StationError::Stopped)
    ));
    station.resume(&umc()).await.unwrap();
    assert!(body(&station, &scope, "Patient", "p1").await.is_some());
}

#[tokio::test]
async fn f52_a_source_has_limits_of_its_own() {
    let mut scene = Scene::new();
    scene.config.sources[0].max_message_bytes = 2_000;
    scene.config.sources[0].max_waiting_bytes = 1_500;
    scene.config.sources[0].max_total_bytes = 3_000;
    let station = scene.open().await;
    let incoming = |name: &str, bytes: usize| Incoming {
        external: name.to_owned(),
        format: Format::FhirR4,
        body: vec![b' '; bytes].into(),
        clock: None,
    };
    let source = umc();
    let accept = |name: &'static str, bytes| station.accept(&source, incoming(name, bytes));
    assert!(matches!(accept("a", 2_001).await, Err(StationError::TooLarge(_))));
    accept("b", 1_000).await.unwrap();
    assert!(matches!(accept("c", 1_000).await, Err(StationError::Busy(_))));
    station.work(&umc()).await.unwrap();
    accept("c", 1_000).await.unwrap();
    station.work(&umc()).await.unwrap();
    assert!(matches!(accept("d", 1_200).await, Err(StationError::Full(_))));
}

/// The clock of a source may stand still: of a version and its deletion at the same moment, the deletion is the later.
#[tokio::test]
async fn a_deletion_at_the_same_moment_is_the_later_whatever_the_content() {
    let scene = Scene::new();
    let station = scene.open().await;
    let scope = station.scope(&umc()).unwrap();
    send(&station, "m", &dossier(1, 40)).await;
    let list: String = (0..40).map(|at| format!("Observation/o1-{at}\n")).collect();
    accept(&station, "gone", Format::Deletions, &list, None).await;
    station.work(&umc()).await.unwrap();
    let before = station.status(&scope).await.unwrap();
    assert_eq!(before.resources.get("Observation"), None);
    station.close().await;
    lose_database(scene.folder.path());
    let after = scene.open().await.status(&scope).await.unwrap();
    assert_eq!(after.state, before.state, "also after a loss of the database");
}
