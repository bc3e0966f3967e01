//! A correction stays over a restart, can be taken back, and tells nothing to who reads the file.

use std::path::Path;

use jiff::Timestamp;
use samenhang_profiles::Bsn;
use samenhang_reconcile::apart::Ground;
use tempfile::TempDir;

use super::{Correction, Corrections};
use crate::audit::Key;
use crate::overview::kept::tests::received;

const ONE: &str = "https://oost.example/r4/Condition/a-secret-id";
const OTHER: &str = "https://west.example/r4/Condition/b";

async fn open(folder: &TempDir) -> Corrections {
    let key = Key::new(&[7; 32]).unwrap();
    let path = Corrections::path(&folder.path().join("audit.db"));
    Corrections::open(&path, key).await.unwrap()
}

fn correction<'a>(patient: &'a Bsn, a: &'a str, b: &'a str) -> Correction<'a> {
    Correction {
        patient,
        a,
        b,
        by: "uzi-12",
        at: Timestamp::UNIX_EPOCH,
    }
}

#[tokio::test]
async fn a_correction_stays_until_it_is_taken_back() {
    let folder = TempDir::new().unwrap();
    let patient = Bsn::parse("999990019").unwrap();
    let items = [received(ONE), received(OTHER)];
    let corrections = open(&folder).await;
    assert!(corrections.of(&patient, &items).is_empty());
    let made = corrections.unlink(correction(&patient, ONE, OTHER), Ground::TwoFacts);
    assert!(made.await.unwrap());
    // The other way round it is the same, and it is kept once.
    let again = corrections.unlink(correction(&patient, OTHER, ONE), Ground::Mistake);
    assert!(!again.await.unwrap());
    drop(corrections);

    let corrections = open(&folder).await;
    let held = corrections.of(&patient, &items);
    assert_eq!(held.len(), 1);
    assert_eq!(held[0].ground, Ground::TwoFacts);
    let both = [held[0].a.as_str(), held[0].b.as_str()];
    assert!(both.contains(&ONE) && both.contains(&OTHER));
    assert!(
        corrections.of(&patient, &items[..1]).is_empty(),
        "one of two is here"
    );
    let another = Bsn::parse("999990020").unwrap();
    assert!(corrections.of(&another, &items).is_empty());

    let back = corrections.withdraw(correction(&patient, ONE, OTHER));
    assert!(back.await.unwrap());
    assert!(corrections.of(&patient, &items).is_empty());
    let nothing = corrections.withdraw(correction(&patient, ONE, OTHER));
    assert!(!nothing.await.unwrap());
    // And it can be said once more.
    let made = corrections.unlink(correction(&patient, ONE, OTHER), Ground::Other);
    assert!(made.await.unwrap());
    assert_eq!(open(&folder).await.of(&patient, &items).len(), 1);
}

#[tokio::test]
async fn the_file_tells_nothing_of_a_patient_or_a_record() {
    let folder = TempDir::new().unwrap();
    let patient = Bsn::parse("999990019").unwrap();
    let corrections = open(&folder).await;
    let made = corrections.unlink(correction(&patient, ONE, OTHER), Ground::TwoFacts);
    assert!(made.await.unwrap());
    drop(corrections);
    let holds = |path: &Path, text: &str| {
        let bytes = std::fs::read(path).unwrap();
        bytes.windows(text.len()).any(|window| window == text.as_bytes())
    };
    let mut seen = false;
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let path = entry.unwrap().path();
        for secret in ["999990019", "a-secret-id", "oost.example", "Condition"] {
            assert!(!holds(&path, secret), "{secret} in {}", path.display());
        }
        seen |= holds(&path, "two-facts");
    }
    assert!(seen, "the ground is there to be read");
}
