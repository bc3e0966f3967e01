//! Quarantine: grouped, mended and replayed, let through, discarded; and the guard against deleting too much.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::Timestamp;
use samenhang_clock::Clock;
use samenhang_station::config::OnError;
use samenhang_station::lift::{AsSent, Lift, Lifted, Message, Reason, Stage};
use samenhang_station::{Format, Station};

use crate::scene::{Scene, accept, body, bundle, dossier, observation, patient, send, umc};

/// A lift that does not know observations until it is mended, and has a defect for one code.
struct Mendable(AtomicBool);

impl Lift for Mendable {
    fn lift(&self, message: &Message<'_>) -> Result<Lifted, Reason> {
        let text = String::from_utf8_lossy(message.body);
        assert!(!text.contains("poison"), "a defect of the map");
        if text.contains("Observation") && !self.0.load(Ordering::SeqCst) {
            return Err(Reason::new(Stage::Map, "no-rule").at("Observation.code"));
        }
        AsSent::default().lift(message)
    }
}

#[tokio::test]
async fn many_messages_with_one_problem_are_one_problem_that_is_mended_and_replayed() {
    let scene = Scene::new();
    let lift = Arc::new(Mendable(AtomicBool::new(false)));
    let station = Station::open(&scene.config, lift.clone(), scene.clock.clone())
        .await
        .unwrap();
    let scope = station.scope(&umc()).unwrap();
    send(&station, "p", &patient(1)).await;
    for at in 0..50 {
        accept(
            &station,
            &format!("m{at}"),
            Format::FhirR4,
            &observation(1, &format!("o{at}"), at, None),
            None,
        )
        .await;
    }
    let done = station.work(&umc()).await.unwrap();
    assert_eq!((done.held, done.versions), (50, 0));
    let problems = station.problems(&scope).await.unwrap();
    assert_eq!(problems.len(), 1);
    assert_eq!((problems[0].messages, &*problems[0].rule), (50, "no-rule"));
    assert_eq!(problems[0].since, scene.clock.now(), "when the first was held");
    let fingerprint = problems[0].fingerprint.clone();
    let dry = station.replay(&scope, &fingerprint, true).await.unwrap();
    assert_eq!((dry.messages, dry.held, dry.versions), (50, 50, 0));
    lift.0.store(true, Ordering::SeqCst);
    let dry = station.replay(&scope, &fingerprint, true).await.unwrap();
    assert_eq!((dry.held, dry.versions), (0, 50));
    assert!(
        body(&station, &scope, "Observation", "o7").await.is_none(),
        "a dry run changes nothing"
    );
    let real = station.replay(&scope, &fingerprint, false).await.unwrap();
    assert_eq!((real.messages, real.held, real.versions), (50, 0, 50));
    assert!(body(&station, &scope, "Observation", "o7").await.is_some());
    let problems = station.problems(&scope).await.unwrap();
    assert!(problems.iter().all(|problem| problem.state == "closed"));
}

#[tokio::test]
async fn f46_a_message_that_breaks_a_map_is_held_and_the_others_go_on() {
    let scene = Scene::new();
    let lift = Arc::new(Mendable(AtomicBool::new(true)));
    let station = Station::open(&scene.config, lift, scene.clock.clone())
        .await
        .unwrap();
    let scope = station.scope(&umc()).unwrap();
    accept(&station, "p", Format::FhirR4, &patient(1), None).await;
    accept(&station, "x", Format::FhirR4, "poison", None).await;
    accept(&station, "o", Format::FhirR4, &observation(1, "o", 1, None), None).await;
    let done = station.work(&umc()).await.unwrap();
    assert_eq!((done.messages, done.held, done.versions), (3, 1, 2));
    let problems = station.problems(&scope).await.unwrap();
    assert_eq!(problems[0].rule, "defect");
    let held = station.held_message(&scope, problems[0].first).await.unwrap();
    assert_eq!(held.within(&scope).unwrap().as_ref(), b"poison");
}

#[tokio::test]
async fn what_the_source_sends_again_settles_what_was_held() {
    let scene = Scene::new();
    let station = scene.open().await;
    let scope = station.scope(&umc()).unwrap();
    send(&station, "m", "{ not json").await;
    send(&station, "m", &patient(1)).await;
    let problems = station.problems(&scope).await.unwrap();
    assert_eq!(problems[0].state, "source-resend");
    assert!(
        station
            .replay(&scope, &problems[0].fingerprint, false)
            .await
            .is_err()
    );
}

#[tokio::test]
async fn the_gate_follows_the_policy_of_the_source() {
    let wrong = patient(1).replace("female", "no-such-code");
    for (policy, held, visible) in [
        (OnError::Store, 0, false),
        (OnError::Serve, 0, true),
        (OnError::Quarantine, 1, false),
    ] {
        let mut scene = Scene::new();
        scene.config.sources[0].on_error = policy;
        let station = scene.open().await;
        let scope = station.scope(&umc()).unwrap();
        let done = send(&station, "m", &wrong).await;
        assert_eq!(done.held, held, "{policy:?}");
        let seen = body(&station, &scope, "Patient", "p1").await;
        assert_eq!(seen.is_some(), visible, "{policy:?}");
        if policy == OnError::Quarantine {
            let problems = station.problems(&scope).await.unwrap();
            assert_eq!(problems[0].path, "Patient.gender");
            for problem in problems {
                let until = Timestamp::MAX;
                // Each problem of the message has to be let through before it passes.
                let _ = station
                    .waive(&scope, &problem.fingerprint, "me", "known", until)
                    .await;
            }
            assert!(body(&station, &scope, "Patient", "p1").await.is_some());
        }
    }
}

#[tokio::test]
async fn discarded_is_settled_and_not_applied() {
    let scene = Scene::new();
    let station = scene.open().await;
    let scope = station.scope(&umc()).unwrap();
    send(&station, "m", "nonsense").await;
    let problem = station.problems(&scope).await.unwrap().remove(0);
    assert_eq!(
        station
            .discard(&scope, &problem.fingerprint, "me", "test file")
            .await
            .unwrap(),
        1
    );
    assert!(station.replay(&scope, &problem.fingerprint, false).await.is_err());
    assert_eq!(station.status(&scope).await.unwrap().messages["closed"], 1);
}

#[tokio::test]
async fn f47_a_load_that_would_delete_too_much_is_held_whole() {
    let scene = Scene::new();
    let station = scene.open().await;
    let scope = station.scope(&umc()).unwrap();
    send(&station, "m", &dossier(1, 39)).await;
    let list = |leave_out: std::ops::Range<u32>| {
        let rest = (0..39).filter(|at| !leave_out.contains(at));
        let lines: Vec<String> = rest.map(|at| format!("Observation/o1-{at}")).collect();
        format!("Patient/p1\n{}\n", lines.join("\n"))
    };
    for (name, load) in [("empty", String::new()), ("half", list(0..3))] {
        accept(&station, name, Format::Manifest, &load, None).await;
        assert_eq!(station.work(&umc()).await.unwrap().held, 1, "{name}");
    }
    assert!(body(&station, &scope, "Observation", "o1-0").await.is_some());
    accept(&station, "few", Format::Manifest, &list(0..2), None).await;
    let done = station.work(&umc()).await.unwrap();
    assert_eq!(
        (done.held, done.versions),
        (0, 2),
        "two of forty are five in a hundred"
    );
    assert!(body(&station, &scope, "Observation", "o1-0").await.is_none());
    let gone = station
        .read(&scope, "Observation", "o1-0")
        .await
        .unwrap()
        .unwrap();
    assert!(gone.within(&scope).unwrap().deleted, "a tombstone, not nothing");
}

#[tokio::test]
async fn what_cannot_be_read_is_held_with_a_code_and_no_content() {
    let scene = Scene::new();
    let station = scene.open().await;
    let scope = station.scope(&umc()).unwrap();
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let cases = [
        "",
        "secret",
        "[]",
        "{\"resourceType\":\"secret\"}",
        "{\"a\":1,\"a\":2}",
        &deep,
    ];
    for (at, text) in cases.iter().enumerate() {
        send(&station, &format!("m{at}"), text).await;
    }
    let twice = bundle(&[patient(1), "{\"resourceType\":\"Condition\",\"id\":\"c\",\"subject\":{\"reference\":\"Patient/p1\"},\"patient\":{\"reference\":\"Patient/secret\"}}".to_owned()]);
    send(&station, "two", &twice).await;
    let problems = station.problems(&scope).await.unwrap();
    let messages: i64 = problems.iter().map(|problem| problem.messages).sum();
    assert_eq!(messages, 7);
    assert!(!format!("{problems:?}").contains("secret"));
}
