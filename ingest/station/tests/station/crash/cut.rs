//! A delivery that was held whole, is cut when its map pack is mended, and is killed in between: between its parts, which are
//! durable by then, and its own bytes, which are to go.

use std::path::Path;
use std::sync::Arc;

use samenhang_station::failpoint::CUT;
use samenhang_station::lift::Lift;
use samenhang_station::surroundings::System;
use samenhang_station::{Format, Incoming, Station};

use super::{run_child, say};
use crate::scene::{config_in, umc};
use crate::tables::{by, by_example, changed, export, person, result};

async fn open(folder: &Path, lift: Arc<dyn Lift>) -> Station {
    Station::open(&config_in(folder), lift, Arc::new(System))
        .await
        .unwrap()
}

fn delivered() -> Incoming {
    Incoming {
        external: "export".to_owned(),
        format: Format::Csv,
        body: export(&[person(1), person(2)].concat(), &result("m1", 1, "4,1")),
        clock: None,
    }
}

/// The child: what waits is worked on, as at each start, and what is held is tried with the mended pack.
pub(super) async fn mend(folder: &Path) {
    let station = open(folder, Arc::new(by_example())).await;
    let scope = station.scope(&umc()).unwrap();
    station.work(&umc()).await.unwrap();
    say("ready");
    for problem in station.problems(&scope).await.unwrap() {
        station.replay(&scope, &problem.fingerprint, false).await.unwrap();
    }
    say("end");
}

#[test]
fn f37_a_delivery_that_is_cut_late_is_cut_once_wherever_it_is_killed() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    for name in CUT {
        let scene = tempfile::tempdir().unwrap();
        let folder = scene.path();
        runtime.block_on(async {
            let broken = changed("  charset: utf-8\n", "  charset: utf-8\n  delimiter: \",\"\n");
            let station = open(folder, Arc::new(by(&broken))).await;
            station.accept(&umc(), delivered()).await.unwrap();
            assert_eq!(station.work(&umc()).await.unwrap().held, 1);
            station.close().await;
        });
        let task = [("SAMENHANG_CRASH_TASK", "cut")];
        let said = run_child(folder, &task, Some(name));
        assert_eq!(said.stopped_at.as_deref(), Some(name));
        assert!(run_child(folder, &task, None).ended, "{name}");
        runtime.block_on(async {
            let station = open(folder, Arc::new(by_example())).await;
            let scope = station.scope(&umc()).unwrap();
            assert!(station.problems(&scope).await.unwrap().is_empty(), "{name}");
            let status = station.status(&scope).await.unwrap();
            assert_eq!(
                status.messages.get("done"),
                Some(&2),
                "{name}: a part for each patient"
            );
            assert_eq!(
                status.messages.get("expired"),
                Some(&1),
                "{name}: its own bytes are gone"
            );
            assert_eq!(
                status.messages.values().sum::<i64>(),
                3,
                "{name}: {:?}",
                status.messages
            );
            let check = station.fsck(&scope).await.unwrap();
            assert!(check.damaged.is_empty(), "{name}: {:?}", check.damaged);
            assert_eq!(check.versions, 3, "{name}: each version once");
            assert!(station.accept(&umc(), delivered()).await.unwrap().known, "{name}");
            station.close().await;
        });
    }
}
