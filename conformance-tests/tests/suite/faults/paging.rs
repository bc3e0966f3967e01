//! Pages that do not behave: F20, F21, F22.

use super::scene::{Scene, addresses, details};
use crate::country::{GP, LABORATORY};

/// Every page names itself as the next: what is there is shown, and the row says that it is not whole.
#[tokio::test]
async fn fault_paging_loop() {
    let scene = Scene::start().await;
    scene.spoil(LABORATORY, "paging-loop");
    let answer = scene.ask().await;
    scene.rest_is_whole(&answer, &[LABORATORY]);
    assert_eq!(
        details(&answer, LABORATORY, "failed"),
        ["paging-loop".to_owned()].into()
    );
    assert!(addresses(&answer, LABORATORY).is_subset(&addresses(&scene.before, LABORATORY)));
    scene.stop().await;
}

/// Entries that come twice are shown once.
#[tokio::test]
async fn fault_duplicate_pages() {
    let scene = Scene::start().await;
    scene.spoil(LABORATORY, "duplicate-pages");
    let answer = scene.ask().await;
    scene.rest_is_whole(&answer, &[LABORATORY]);
    scene.answered(&answer, LABORATORY);
    let shown = answer.of(LABORATORY).count();
    assert_eq!(shown, addresses(&answer, LABORATORY).len(), "nothing twice");
    scene.stop().await;
}

/// Entries that slip away between pages are missed, and the answer says so.
#[tokio::test]
async fn fault_shifting_pages() {
    let scene = Scene::start().await;
    scene.spoil(LABORATORY, "shifting-pages");
    let answer = scene.ask().await;
    scene.rest_is_whole(&answer, &[LABORATORY]);
    let (shown, all) = (
        addresses(&answer, LABORATORY),
        addresses(&scene.before, LABORATORY),
    );
    assert!(shown.is_subset(&all));
    if shown != all {
        assert_eq!(
            details(&answer, LABORATORY, "failed"),
            ["fewer-than-stated".to_owned()].into()
        );
    }
    scene.stop().await;
}

/// A page is gone once: the search is begun again, and nothing is lost or shown twice.
#[tokio::test]
async fn fault_vanishing_page_once() {
    let scene = Scene::start().await;
    scene.spoil(LABORATORY, "duplicate-pages");
    scene.spoil(LABORATORY, "status:410*1@/_page/");
    let answer = scene.ask().await;
    scene.rest_is_whole(&answer, &[LABORATORY]);
    scene.answered(&answer, LABORATORY);
    assert_eq!(
        answer.of(LABORATORY).count(),
        addresses(&answer, LABORATORY).len()
    );
    scene.stop().await;
}

/// Pages are gone again and again: what the first pages brought is shown, and the row says that there is more.
#[tokio::test]
async fn fault_vanishing_page_always() {
    let scene = Scene::start().await;
    scene.spoil(LABORATORY, "duplicate-pages");
    scene.spoil(LABORATORY, "status:410@/_page/");
    let answer = scene.ask().await;
    scene.rest_is_whole(&answer, &[LABORATORY]);
    assert_eq!(
        details(&answer, LABORATORY, "failed"),
        ["pages-withdrawn".to_owned()].into()
    );
    assert!(answer.of(LABORATORY).count() > 0);
    scene.stop().await;
}

/// A next link to another host is not followed; the first page is shown, the row and a notice say that there is more.
#[tokio::test]
async fn fault_off_origin_next() {
    let scene = Scene::start().await;
    scene.spoil(GP, "off-origin-next@/Condition");
    let answer = scene.ask().await;
    scene.rest_is_whole(&answer, &[GP]);
    assert_eq!(answer.status_of(GP, "Condition").as_deref(), Some("failed"));
    assert_eq!(details(&answer, GP, "failed"), ["unsafe-link".to_owned()].into());
    assert!(answer.notices().contains("unsafe-link"), "{:?}", answer.notices());
    assert!(
        !answer.text.contains("elsewhere.invalid"),
        "the address is not passed on"
    );
    scene.stop().await;
}
