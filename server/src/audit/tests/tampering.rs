//! Tampering: every change to a stored event is found.

use std::path::Path;

use sqlx::Row;

use super::{file, filled, key, open, raw};
use crate::audit::verify::{Stored, Walker};
use crate::audit::{AuditError, Fault, Key, Log, verify, verify_sealed};

async fn stored(path: &Path) -> Vec<Stored> {
    sqlx::query("SELECT sequence, recorded, event, previous, hash FROM audit_event ORDER BY sequence")
        .fetch_all(&mut raw(path).await)
        .await
        .unwrap()
        .into_iter()
        .map(|row| Stored {
            sequence: row.get(0),
            recorded: row.get(1),
            event: row.get(2),
            previous: row.get::<&[u8], _>(3).try_into().unwrap(),
            hash: row.get::<&[u8], _>(4).try_into().unwrap(),
        })
        .collect()
}

fn whole(events: &[Stored]) -> bool {
    let mut walker = Walker::new();
    events.iter().all(|event| walker.step(event).is_ok())
}

/// Drops the guards of the tables, as someone with the file in hand can.
async fn unguarded(path: &Path) -> sqlx::SqliteConnection {
    let mut connection = raw(path).await;
    for trigger in [
        "audit_event_keeps",
        "audit_event_stays",
        "audit_event_follows",
        "audit_head_grows",
        "audit_head_stays",
    ] {
        sqlx::query(sqlx::AssertSqlSafe(format!("DROP TRIGGER {trigger}")))
            .execute(&mut connection)
            .await
            .unwrap();
    }
    connection
}

#[tokio::test]
async fn every_flipped_byte_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder);
    filled(&path, 6).await;
    let mut events = stored(&path).await;
    assert!(whole(&events));
    let mut flipped = 0;
    for index in 0..events.len() {
        // Every byte of the event, of its time, and of both hashes.
        for position in 0..events[index].event.len() {
            events[index].event[position] ^= 1 << (position % 8);
            assert!(!whole(&events[..=index]), "byte {position} of event {index}");
            events[index].event[position] ^= 1 << (position % 8);
            flipped += 1;
        }
        for position in 0..events[index].recorded.len() {
            let before = events[index].recorded.clone();
            let mut bytes = before.clone().into_bytes();
            bytes[position] ^= 1;
            events[index].recorded = String::from_utf8(bytes).unwrap();
            assert!(!whole(&events), "time byte {position} of event {index}");
            events[index].recorded = before;
            flipped += 1;
        }
        for position in 0..32 {
            events[index].hash[position] ^= 0x80;
            assert!(!whole(&events), "hash byte {position} of event {index}");
            events[index].hash[position] ^= 0x80;
            events[index].previous[position] ^= 0x80;
            assert!(!whole(&events), "previous byte {position} of event {index}");
            events[index].previous[position] ^= 0x80;
            flipped += 2;
        }
        for bit in 0..63 {
            events[index].sequence ^= 1 << bit;
            assert!(!whole(&events), "bit {bit} of the number of event {index}");
            events[index].sequence ^= 1 << bit;
        }
    }
    assert!(flipped >= 2_000, "{flipped} positions");
    assert!(whole(&events), "all flips were undone");
}

#[tokio::test]
async fn flips_in_the_file_itself_are_found() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder);
    filled(&path, 2).await;
    let bytes = std::fs::read(&path).unwrap();
    let mut flipped = 0;
    for event in stored(&path).await {
        // An event of this size lies in one piece in one page; a page that was split leaves dead copies behind.
        let starts: Vec<usize> = (0..bytes.len() - event.event.len())
            .filter(|start| bytes[*start..].starts_with(&event.event))
            .collect();
        assert!(!starts.is_empty());
        for offset in (0..event.event.len()).step_by(13) {
            let mut damaged = bytes.clone();
            for start in &starts {
                damaged[start + offset] ^= 0x04;
            }
            std::fs::write(&path, &damaged).unwrap();
            let report = verify(&path).await.unwrap();
            assert!(
                report.broken.is_some(),
                "offset {offset} of event {}",
                event.sequence
            );
            flipped += 1;
        }
    }
    assert!(flipped > 100);
    std::fs::write(&path, &bytes).unwrap();
    assert_eq!(verify(&path).await.unwrap().broken, None);
}

async fn fault_after(statements: &[&'static str]) -> Option<Fault> {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder);
    filled(&path, 6).await;
    let mut connection = unguarded(&path).await;
    for statement in statements {
        sqlx::query(*statement).execute(&mut connection).await.unwrap();
    }
    drop(connection);
    verify_sealed(&path, &key())
        .await
        .unwrap()
        .broken
        .map(|broken| broken.fault)
}

#[tokio::test]
async fn gaps_reorders_cuts_and_new_ends_are_found() {
    assert_eq!(fault_after(&[]).await, None);
    let gap = ["DELETE FROM audit_event WHERE sequence = 3"];
    assert_eq!(fault_after(&gap).await, Some(Fault::Order));
    let closed_gap = [
        "DELETE FROM audit_event WHERE sequence = 3",
        "UPDATE audit_event SET sequence = sequence - 1 WHERE sequence > 3",
        "UPDATE audit_head SET sequence = 5",
    ];
    assert_eq!(fault_after(&closed_gap).await, Some(Fault::Order));
    let swapped = [
        "UPDATE audit_event SET sequence = 99 WHERE sequence = 2",
        "UPDATE audit_event SET sequence = 2 WHERE sequence = 4",
        "UPDATE audit_event SET sequence = 4 WHERE sequence = 99",
    ];
    assert_eq!(fault_after(&swapped).await, Some(Fault::Order));
    let cut = ["DELETE FROM audit_event WHERE sequence > 4"];
    assert_eq!(fault_after(&cut).await, Some(Fault::Truncated));
    let emptied = ["DELETE FROM audit_event"];
    assert_eq!(fault_after(&emptied).await, Some(Fault::Truncated));
    let headless = ["DELETE FROM audit_head"];
    assert_eq!(fault_after(&headless).await, Some(Fault::Head));
    // A cut with a head that is made to fit: the seal cannot be made without the key.
    let cut_and_healed = [
        "DELETE FROM audit_event WHERE sequence > 4",
        "UPDATE audit_head SET sequence = 4, hash = (SELECT hash FROM audit_event WHERE sequence = 4)",
    ];
    assert_eq!(fault_after(&cut_and_healed).await, Some(Fault::Seal));
}

#[tokio::test]
async fn a_cut_with_a_fitting_head_is_found_by_the_anchor_without_a_key() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder);
    filled(&path, 6).await;
    let mut connection = unguarded(&path).await;
    for statement in [
        "DELETE FROM audit_event WHERE sequence > 4",
        "UPDATE audit_head SET sequence = 4, hash = (SELECT hash FROM audit_event WHERE sequence = 4)",
    ] {
        sqlx::query(statement).execute(&mut connection).await.unwrap();
    }
    drop(connection);
    let report = verify(&path).await.unwrap();
    assert_eq!(report.broken.map(|broken| broken.fault), Some(Fault::Anchor));
    assert_eq!(report.events, 4);
}

#[tokio::test]
async fn an_older_copy_of_the_whole_log_is_found_by_the_anchor() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder);
    filled(&path, 3).await;
    let older = std::fs::read(&path).unwrap();
    filled(&path, 3).await;
    std::fs::write(&path, older).unwrap();
    let report = verify_sealed(&path, &key()).await.unwrap();
    assert_eq!(report.broken.map(|broken| broken.fault), Some(Fault::Anchor));
    let refused = Log::open(&path, key(), super::ura("00900900"), super::clock()).await;
    assert!(
        matches!(refused, Err(AuditError::Broken(_))),
        "and it is not continued"
    );
}

#[tokio::test]
async fn a_chain_made_anew_without_the_key_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder);
    let forger = Key::new(&[5; 32]).unwrap();
    let log = Log::open(&path, forger, super::ura("00900900"), super::clock())
        .await
        .unwrap();
    log.close().await;
    let report = verify_sealed(&path, &key()).await.unwrap();
    assert_eq!(report.broken.map(|broken| broken.fault), Some(Fault::Seal));
}

#[tokio::test]
async fn what_is_no_log_is_a_finding_and_what_is_no_file_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder);
    std::fs::write(&path, b"this is not a database, it only looks like a file").unwrap();
    assert_eq!(
        verify(&path).await.unwrap().broken.map(|broken| broken.fault),
        Some(Fault::Unreadable)
    );
    let nothing = folder.path().join("nothing");
    assert_eq!(verify(&nothing).await.unwrap_err().code(), "SAM-AUD-002");
    let log = open(&folder.path().join("empty")).await;
    log.close().await;
    let report = verify_sealed(&folder.path().join("empty"), &key()).await.unwrap();
    assert_eq!((report.events, report.broken), (0, None));
}
