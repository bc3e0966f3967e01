//! Erasure: a barrier at once, then nothing left, and a receipt that outlives the database.

use crate::backend::{everything, lose_database};
use crate::scene::{Index, Scene, body, bsn, bundle, dossier, number, observation, patient, send, umc};

#[tokio::test]
async fn i11_after_erasure_nothing_of_the_patient_is_left_and_the_others_are_untouched() {
    let scene = Scene::new();
    let station = scene.open().await;
    let scope = station.scope(&umc()).unwrap();
    let index = Index::default();
    // Messages of both in one object of the inbox, and in one object of the store.
    for (name, n) in [("m1", 1), ("m2", 2)] {
        crate::scene::accept(
            &station,
            name,
            samenhang_station::Format::FhirR4,
            &dossier(n, 3),
            None,
        )
        .await;
    }
    station.work(&umc()).await.unwrap();
    send(&station, "held", &bundle(&[patient(1), patient(2)])).await;
    station.publish(&umc(), &index).await.unwrap();
    assert!(index.knows(1) && index.knows(2));
    let receipt = station
        .erase(&scope, &number(1), "privacy officer", "art. 17")
        .await
        .unwrap();
    assert!(receipt.holds(&scope).unwrap());
    assert!(receipt.records >= 6, "{}", receipt.records);
    assert!(!serde_json::to_string(&receipt).unwrap().contains(&bsn(1)));
    assert!(body(&station, &scope, "Observation", "o1-0").await.is_none());
    let page = station
        .of_patient(&scope, &number(1), None, None, 10)
        .await
        .unwrap();
    assert!(page.into_inner(&scope).unwrap().resources.is_empty());
    assert!(body(&station, &scope, "Observation", "o2-0").await.is_some());
    station.publish(&umc(), &index).await.unwrap();
    assert!(!index.knows(1) && index.knows(2));
    // The message that was held names both: it is gone, too.
    assert!(station.problems(&scope).await.unwrap().is_empty());
    let check = station.fsck(&scope).await.unwrap();
    assert!(check.damaged.is_empty(), "{:?}", check.damaged);
    assert_eq!(check.unreferenced, 0);
    assert_eq!((check.messages, check.versions), (1, 4));
    // New data about the patient waits for a decision.
    let done = send(&station, "m3", &dossier(1, 1)).await;
    assert_eq!(done.held, 1);
    station.close().await;
    lose_database(scene.folder.path());
    let station = scene.open().await;
    let done = station.work(&umc()).await.unwrap();
    assert_eq!(done.held, 1, "the barrier outlives the database");
    assert!(body(&station, &scope, "Observation", "o2-0").await.is_some());
}

#[tokio::test]
async fn no_file_of_a_station_holds_a_number_or_a_value_in_the_clear() {
    let scene = Scene::new();
    let station = scene.open().await;
    send(&station, "m1 999990019", &dossier(1, 3)).await;
    send(&station, "m2", &observation(9, "x", 1, None)).await;
    station.close().await;
    let all = everything(&scene.config).await;
    assert!(all.len() >= 3);
    for (name, bytes) in all {
        for secret in [bsn(1), "999990019".to_owned(), "made up".to_owned()] {
            let found = bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
            assert!(!found, "{} in {name}", secret.len());
            assert!(!name.contains(&secret));
        }
    }
}

#[tokio::test]
async fn a_value_of_one_source_does_not_open_for_another() {
    let mut scene = Scene::new();
    let mut second = scene.config.sources[0].clone();
    second.id = "gp".parse().unwrap();
    second.key_file = "gp.key".into();
    let key = scene.folder.path().join("gp.key");
    samenhang_station::seal::SourceKey::create(&key, &samenhang_station::surroundings::System).unwrap();
    scene.config.sources.push(second);
    let station = scene.open().await;
    let umc = station.scope(&umc()).unwrap();
    let gp = station.scope(&"gp".parse().unwrap()).unwrap();
    send(&station, "m1", &dossier(1, 1)).await;
    let found = station.read(&umc, "Patient", "p1").await.unwrap().unwrap();
    assert!(found.within(&gp).is_err());
    assert!(found.within(&umc).is_ok());
    assert!(station.read(&gp, "Patient", "p1").await.unwrap().is_none());
    let page = station.of_patient(&gp, &number(1), None, None, 5).await.unwrap();
    assert!(page.into_inner(&gp).unwrap().resources.is_empty());
}
