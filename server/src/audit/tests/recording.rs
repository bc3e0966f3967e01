//! Recording: durable, in order, closed when it cannot be.

use sqlx::Row;

use super::{clock, file, filled, grant, key, open, question, raw, ura};
use crate::audit::{Activity, AuditError, Event, Fault, Key, Log, SealCheck, verify, verify_sealed};

#[tokio::test]
async fn an_event_is_readable_by_another_process_when_record_returns() {
    let folder = tempfile::tempdir().unwrap();
    let log = open(&file(&folder)).await;
    let receipt = log
        .record(Event::about(Activity::Question, &question()))
        .await
        .unwrap();
    assert_eq!(receipt.sequence, 1);
    let row = sqlx::query("SELECT sequence, recorded FROM audit_event")
        .fetch_one(&mut raw(&file(&folder)).await)
        .await
        .unwrap();
    assert_eq!(row.get::<i64, _>(0), 1);
    assert_eq!(row.get::<String, _>(1), "2026-09-01T08:15:02.118Z");
}

#[tokio::test]
async fn concurrent_records_form_one_whole_chain() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder);
    let log = open(&path).await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..200 {
        let log = log.clone();
        tasks.spawn(async move { log.record(Event::about(Activity::Search, &question())).await });
    }
    let mut numbers = Vec::new();
    while let Some(outcome) = tasks.join_next().await {
        numbers.push(outcome.unwrap().unwrap().sequence);
    }
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=200).collect::<Vec<i64>>());
    // A verifier reads along while the log is open.
    let report = verify_sealed(&path, &key()).await.unwrap();
    assert_eq!((report.events, report.broken), (200, None));
    log.close().await;
    let report = verify_sealed(&path, &key()).await.unwrap();
    assert_eq!((report.events, report.broken), (200, None));
    assert_eq!(report.seal, SealCheck::Valid);
}

#[tokio::test]
async fn a_log_goes_on_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder);
    filled(&path, 3).await;
    filled(&path, 2).await;
    let report = verify(&path).await.unwrap();
    assert_eq!((report.events, report.broken), (5, None));
    assert_eq!(report.seal, SealCheck::NotChecked);
}

#[tokio::test]
async fn record_fails_when_nothing_can_be_written_and_recovers_with_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder);
    let log = open(&path).await;
    log.record(Event::about(Activity::Question, &question()))
        .await
        .unwrap();
    let mut disk = raw(&path).await;
    sqlx::query(
        "CREATE TRIGGER full BEFORE INSERT ON audit_event BEGIN SELECT RAISE(ABORT, 'disk full'); END",
    )
    .execute(&mut disk)
    .await
    .unwrap();
    let refused = log.record(Event::about(Activity::Disclosure, &question())).await;
    assert_eq!(refused.unwrap_err().code(), "SAM-AUD-003");
    sqlx::query("DROP TRIGGER full").execute(&mut disk).await.unwrap();
    let receipt = log
        .record(Event::about(Activity::Disclosure, &question()))
        .await
        .unwrap();
    assert_eq!(receipt.sequence, 2, "the failed event left no gap");
}

#[tokio::test]
async fn record_fails_when_the_file_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder);
    let log = open(&path).await;
    std::fs::remove_file(&path).unwrap();
    let refused = log.record(Event::about(Activity::Disclosure, &question())).await;
    assert!(matches!(refused, Err(AuditError::Replaced)));
}

#[tokio::test]
async fn nothing_in_the_log_can_be_changed_or_removed() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder);
    filled(&path, 3).await;
    let mut connection = raw(&path).await;
    for statement in [
        "UPDATE audit_event SET recorded = '2020-01-01T00:00:00.000Z'",
        "DELETE FROM audit_event WHERE sequence = 3",
        "INSERT INTO audit_event VALUES (9, 'x', x'00', zeroblob(32), zeroblob(32))",
        "INSERT OR REPLACE INTO audit_event VALUES (2, 'x', x'00', zeroblob(32), zeroblob(32))",
        "UPDATE audit_head SET sequence = 1",
        "DELETE FROM audit_head",
    ] {
        let refused = sqlx::query(statement).execute(&mut connection).await;
        assert!(refused.is_err(), "{statement}");
    }
    drop(connection);
    assert_eq!(verify(&path).await.unwrap().broken, None);
}

#[cfg(unix)]
#[tokio::test]
async fn the_files_are_readable_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder);
    let log = open(&path).await;
    log.record(Event::allowed(&question(), &grant())).await.unwrap();
    let mut seen = 0;
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", entry.path().display());
        seen += 1;
    }
    assert!(seen >= 2, "the log and what it writes beside it");
}

#[tokio::test]
async fn a_log_is_not_continued_under_another_key() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder);
    filled(&path, 1).await;
    let other = Key::new(&[9; 32]).unwrap();
    let refused = Log::open(&path, other, ura("00900900"), clock()).await;
    let Err(AuditError::Broken(broken)) = refused else {
        panic!("the log was opened");
    };
    assert_eq!(broken.fault, Fault::Seal);
}

#[cfg(unix)]
#[test]
fn a_key_file_is_made_private_and_refused_when_it_is_not() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.key");
    let made = Key::read_or_create(&path).unwrap();
    let patient = samenhang_profiles::Bsn::parse(super::BSN).unwrap();
    assert_eq!(
        Key::read_or_create(&path).unwrap().pseudonym(&patient),
        made.pseudonym(&patient)
    );
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(
        Key::read(&path).err().map(|error| error.code()),
        Some("SAM-AUD-008")
    );
    assert_eq!(
        Key::new(&[1; 31]).err().map(|error| error.code()),
        Some("SAM-AUD-008")
    );
}
