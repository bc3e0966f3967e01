//! Below a quality that the holder sets, nobody is registered anew; withdrawals always go.

use std::sync::atomic::Ordering;

use samenhang_station::{Config, StationError};

use crate::scene::{Index, Scene, dossier, number, send, umc};

#[tokio::test]
async fn below_its_score_a_source_registers_nobody_and_withdraws_who_is_registered() {
    let mut scene = Scene::new();
    let index = Index::default();
    let station = scene.open().await;
    send(&station, "m1", &dossier(1, 1)).await;
    assert_eq!(station.publish(&umc(), &index).await.unwrap().sent, 1);
    let score = station
        .quality(&station.scope(&umc()).unwrap())
        .await
        .unwrap()
        .score;
    assert!(score.unwrap() < 100.0);
    station.close().await;
    scene.config.sources[0].register_from_score = Some(100);
    let station = scene.open().await;
    let scope = station.scope(&umc()).unwrap();
    send(&station, "m2", &dossier(2, 1)).await;
    send(&station, "m3", &dossier(3, 1)).await;
    let published = station.publish(&umc(), &index).await.unwrap();
    assert_eq!((published.sent, published.held_back), (0, 2));
    assert!(index.knows(1), "who is registered stays so");
    // Who is erased is withdrawn, whether the registration went or not, and never registered after.
    for n in [1, 3] {
        station.erase(&scope, &number(n), "test", "test").await.unwrap();
    }
    let published = station.publish(&umc(), &index).await.unwrap();
    assert_eq!((published.sent, published.held_back), (2, 1));
    station.close().await;
    scene.config.sources[0].register_from_score = Some(1);
    scene.clock.0.fetch_add(86_400, Ordering::SeqCst);
    let station = scene.open().await;
    let published = station.publish(&umc(), &index).await.unwrap();
    assert_eq!((published.sent, published.held_back), (1, 0));
    assert_eq!([1, 2, 3].map(|n| index.knows(n)), [false, true, false]);
}

#[test]
fn a_score_of_more_than_a_hundred_is_refused() {
    let text = "[[source]]\nid = \"umc\"\nura = \"00000001\"\nkey_file = \"k\"\nregister_from_score = 101\n";
    let refused = Config::read(text, std::path::Path::new("."));
    assert!(matches!(refused, Err(StationError::Config(_))));
}
