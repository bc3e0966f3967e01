//! Notes that nobody waits for: their order, the barrier behind them, and what happens when they cannot be written.

use std::time::Duration;

use sqlx::{Connection, Row, SqliteConnection};

use super::{clock, file, key, open, question, raw, ura};
use crate::audit::log::WAITING;
use crate::audit::{Activity, AuditError, Event, Health, Log, store, verify_sealed};

fn note(task: usize, number: usize) -> Event {
    Event::about(Activity::Search, &question()).detail("place", format!("{task}/{number}"))
}

/// What was noted where, in the order of the log.
async fn places(connection: &mut SqliteConnection) -> Vec<(usize, usize)> {
    let rows = sqlx::query("SELECT event FROM audit_event ORDER BY sequence")
        .fetch_all(connection)
        .await
        .unwrap();
    rows.iter()
        .filter_map(|row| {
            let event: serde_json::Value = serde_json::from_slice(row.get(0)).unwrap();
            let details = event["entity"][1]["detail"].as_array().unwrap().clone();
            let place = details.iter().find(|detail| detail["type"] == "place")?;
            let (task, number) = place["valueString"].as_str()?.split_once('/')?;
            Some((task.parse().ok()?, number.parse().ok()?))
        })
        .collect()
}

/// Makes every insert fail, as a full disk would, until it is made again.
async fn fill_up(disk: &mut SqliteConnection) {
    sqlx::query(
        "CREATE TRIGGER full BEFORE INSERT ON audit_event BEGIN SELECT RAISE(ABORT, 'disk full'); END",
    )
    .execute(disk)
    .await
    .unwrap();
}

async fn make_room(disk: &mut SqliteConnection) {
    sqlx::query("DROP TRIGGER full").execute(disk).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn notes_of_many_tasks_keep_their_order_and_a_barrier_makes_them_durable() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder);
    let log = open(&path).await;
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..8 {
        let log = log.clone();
        tasks.spawn(async move {
            for number in 0..100 {
                log.note(note(task, number)).await.unwrap();
            }
            log.barrier().await.unwrap();
            // Another process sees all of them now.
            let own = places(&mut raw(log.path()).await)
                .await
                .into_iter()
                .filter(|(of, _)| *of == task)
                .map(|(_, number)| number)
                .collect::<Vec<_>>();
            assert_eq!(own, (0..100).collect::<Vec<_>>());
        });
    }
    tasks.join_all().await;
    let report = verify_sealed(&path, &key()).await.unwrap();
    assert_eq!((report.events, report.broken), (800, None));
}

#[tokio::test]
async fn a_record_is_a_barrier_for_the_notes_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder);
    let log = open(&path).await;
    for number in 0..3 {
        log.note(note(0, number)).await.unwrap();
    }
    let receipt = log
        .record(Event::about(Activity::Disclosure, &question()))
        .await
        .unwrap();
    assert_eq!(receipt.sequence, 4);
    assert_eq!(places(&mut raw(&path).await).await, [(0, 0), (0, 1), (0, 2)]);
}

#[tokio::test]
async fn notes_that_nobody_waits_for_go_to_disk_by_themselves_and_before_the_log_is_closed() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder);
    let log = open(&path).await;
    let mut head = log.head();
    log.note(note(0, 0)).await.unwrap();
    log.note(note(0, 1)).await.unwrap();
    head.wait_for(|head| *head == 2).await.unwrap();
    assert_eq!(places(&mut raw(&path).await).await, [(0, 0), (0, 1)]);
    log.note(note(0, 2)).await.unwrap();
    log.close().await;
    assert_eq!(places(&mut raw(&path).await).await, [(0, 0), (0, 1), (0, 2)]);
}

#[tokio::test]
async fn an_event_that_is_submitted_has_its_place_and_is_durable_when_it_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder);
    let log = open(&path).await;
    let first = log.submit(note(0, 0)).await.unwrap();
    let second = log.record(note(0, 1)).await.unwrap();
    assert_eq!((first.durable().await.unwrap().sequence, second.sequence), (1, 2));
    let mut disk = raw(&path).await;
    assert_eq!(places(&mut disk).await, [(0, 0), (0, 1)]);
    fill_up(&mut disk).await;
    let refused = log.submit(note(0, 2)).await.unwrap().durable().await;
    assert_eq!(refused.unwrap_err().code(), "SAM-AUD-003");
}

#[tokio::test]
async fn nothing_gets_past_a_note_that_cannot_be_written_and_it_is_first_when_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder);
    let log = open(&path).await;
    let mut disk = raw(&path).await;
    fill_up(&mut disk).await;
    // Taken: nobody knows yet that it cannot be written.
    log.note(note(0, 0)).await.unwrap();
    assert_eq!(log.barrier().await.unwrap_err().code(), "SAM-AUD-003");
    for _ in 0..3 {
        let refused = log.record(Event::about(Activity::Disclosure, &question())).await;
        assert_eq!(refused.unwrap_err().code(), "SAM-AUD-003");
        assert_eq!(log.barrier().await.unwrap_err().code(), "SAM-AUD-003");
        assert_eq!(log.note(note(0, 1)).await.unwrap_err().code(), "SAM-AUD-003");
    }
    assert!(!log.is_writable());
    make_room(&mut disk).await;
    log.record(Event::about(Activity::Disclosure, &question()))
        .await
        .unwrap();
    assert!(log.is_writable());
    // Those that were refused happened too, and there was room to keep them.
    assert_eq!(places(&mut disk).await, [(0, 0), (0, 1), (0, 1), (0, 1)]);
    let report = verify_sealed(&path, &key()).await.unwrap();
    assert_eq!((report.events, report.broken), (5, None));
}

#[tokio::test]
async fn a_log_that_failed_recovers_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder);
    let log = open(&path).await;
    let mut disk = raw(&path).await;
    fill_up(&mut disk).await;
    log.note(note(0, 0)).await.unwrap();
    log.barrier().await.unwrap_err();
    make_room(&mut disk).await;
    // Nobody asks anything: a server that is not ready gets no questions.
    while !log.is_writable() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(places(&mut disk).await, [(0, 0)]);
}

#[tokio::test]
async fn a_disk_that_is_really_full_fails_every_later_barrier() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder);
    let mut connection = store::open(&path, &key()).await.unwrap();
    let pages: i64 = sqlx::query_scalar("PRAGMA page_count")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    sqlx::query(sqlx::AssertSqlSafe(format!(
        "PRAGMA max_page_count = {}",
        pages + 2
    )))
    .execute(&mut connection)
    .await
    .unwrap();
    let log = Log::over(connection, path.clone(), key(), ura("00900900"), clock())
        .await
        .unwrap();
    let mut taken = 0;
    let refused = loop {
        if let Err(error) = log.note(note(0, taken)).await {
            break error;
        }
        taken += 1;
        drop(log.barrier().await);
    };
    assert_eq!(refused.code(), "SAM-AUD-003");
    for _ in 0..3 {
        assert!(log.barrier().await.is_err());
        let refused = log.record(Event::about(Activity::Disclosure, &question())).await;
        assert!(refused.is_err());
    }
    // What is there is whole, and all but the last that was taken is there.
    let report = verify_sealed(&path, &key()).await.unwrap();
    assert_eq!(
        (report.events, report.broken),
        (i64::try_from(taken).unwrap() - 1, None)
    );
}

#[tokio::test]
async fn a_full_queue_holds_up_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder);
    let log = open(&path).await;
    // Another process has the file: the writer waits for it.
    let mut other = raw(&path).await;
    let held = other.begin_with("BEGIN IMMEDIATE").await.unwrap();
    let many = 3 * WAITING;
    let noting = tokio::spawn({
        let log = log.clone();
        async move {
            for number in 0..many {
                log.note(note(0, number)).await.unwrap();
            }
        }
    });
    while log.room() > 0 {
        tokio::task::yield_now().await;
    }
    assert!(!noting.is_finished(), "the rest waits at the door");
    held.rollback().await.unwrap();
    noting.await.unwrap();
    log.barrier().await.unwrap();
    let expected: Vec<_> = (0..many).map(|number| (0, number)).collect();
    assert_eq!(places(&mut other).await, expected);
}

#[tokio::test]
async fn a_writer_that_is_gone_is_not_ready_and_takes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let log = open(&file(&folder)).await;
    let other = log.clone();
    log.note(note(0, 0)).await.unwrap();
    log.kill().await;
    assert!(!other.is_writable());
    assert!(matches!(other.note(note(0, 1)).await, Err(AuditError::Closed)));
    assert!(matches!(other.barrier().await, Err(AuditError::Closed)));
    assert!(matches!(other.health(), Health::Failing(AuditError::Closed)));
}

#[tokio::test]
async fn a_crash_between_notes_and_barrier_leaves_a_whole_log_without_gaps() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder);
    let log = open(&path).await;
    log.record(note(0, 0)).await.unwrap();
    for number in 1..50 {
        log.note(note(0, number)).await.unwrap();
    }
    // No barrier was passed, so nothing of it was shown.
    log.kill().await;
    let report = verify_sealed(&path, &key()).await.unwrap();
    assert_eq!(report.broken, None);
    let found = places(&mut raw(&path).await).await;
    let expected: Vec<_> = (0..found.len()).map(|number| (0, number)).collect();
    assert_eq!(found, expected, "a beginning of what was noted, in order");
    // And the log goes on.
    let log = open(&path).await;
    log.record(note(1, 0)).await.unwrap();
    assert_eq!(verify_sealed(&path, &key()).await.unwrap().broken, None);
}

#[tokio::test]
async fn what_nobody_was_promised_may_be_dropped_but_never_in_silence() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder);
    let log = open(&path).await;
    let mut disk = raw(&path).await;
    fill_up(&mut disk).await;
    log.note(note(0, 0)).await.unwrap();
    log.barrier().await.unwrap_err();
    let mut number = 1;
    while !matches!(log.health(), Health::Lost) {
        drop(log.note(note(0, number)).await);
        number += 1;
        tokio::task::yield_now().await;
    }
    make_room(&mut disk).await;
    // From here on there is no way back but a new start.
    for _ in 0..3 {
        assert!(matches!(log.barrier().await, Err(AuditError::Lost)));
        assert!(matches!(log.note(note(1, 0)).await, Err(AuditError::Lost)));
    }
    assert!(!log.is_writable());
}
