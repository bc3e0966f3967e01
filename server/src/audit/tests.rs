//! Tests of the audit log.

mod events;
mod forwarding;
mod order;
mod recording;
mod tampering;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use samenhang_gather::clock::ManualClock;
use samenhang_gather::query::{Asker, Declaration, DeclarationForm, Grant, Purpose, Question, User};
use samenhang_profiles::{Bsn, Ura};
use samenhang_terminology::Category;
use sqlx::{ConnectOptions, SqliteConnection};
use uuid::Uuid;

use crate::audit::{Activity, Event, Key, Log, store};

pub(super) const BSN: &str = "999990019";

pub(super) fn key() -> Key {
    Key::new(b"a secret of more than thirty-two bytes").unwrap()
}

pub(super) fn ura(text: &str) -> Ura {
    text.parse().unwrap()
}

pub(super) fn clock() -> Arc<ManualClock> {
    let now: Timestamp = "2026-09-01T08:15:02.118Z".parse().unwrap();
    Arc::new(ManualClock::new(now))
}

pub(super) async fn open(path: &Path) -> Log {
    Log::open(path, key(), ura("00900900"), clock()).await.unwrap()
}

pub(super) fn file(folder: &tempfile::TempDir) -> PathBuf {
    folder.path().join("audit.sqlite")
}

pub(super) async fn raw(path: &Path) -> SqliteConnection {
    store::options(path).connect().await.unwrap()
}

pub(super) fn asker() -> Arc<Asker> {
    Arc::new(Asker {
        organisation: ura("00900900"),
        organisation_name: "Huisartsenpraktijk West".to_owned(),
        organisation_type: "Z3".to_owned(),
        client_id: "viewer".to_owned(),
        responsible: None,
        user: Some(User {
            number: "900000009".to_owned(),
            role: "01.015".to_owned(),
            name: "A.B. Voorbeeld".to_owned(),
            declaration: Some(Declaration {
                form: DeclarationForm::V07,
                jwt: "secret.signed.statement".to_owned(),
            }),
        }),
    })
}

pub(super) fn question() -> Question {
    Question {
        patient: Bsn::parse(BSN).unwrap(),
        categories: [Category::AllergyIntolerance, Category::MedicationRequest].into(),
        purpose: Purpose::Treatment,
        asker: asker(),
        correlation: Uuid::from_u128(7),
        birth_date: Some("1970-01-01".to_owned()),
        family_name: Some("Voorbeeldpatiënt".to_owned()),
        confirmed_identity: Default::default(),
    }
}

pub(super) fn grant() -> Grant {
    Grant {
        policy: "floor".to_owned(),
        version: "1".to_owned(),
        rule: "treating-professional".to_owned(),
    }
}

/// A log with `count` events of various kinds, closed.
pub(super) async fn filled(path: &Path, count: usize) {
    let log = open(path).await;
    let kinds = [
        Activity::Question,
        Activity::Localise,
        Activity::Search,
        Activity::Disclosure,
    ];
    for (index, activity) in (0..count).zip(kinds.into_iter().cycle()) {
        let event = Event::about(activity, &question())
            .holder(&ura("00700700"))
            .under(&grant())
            .detail("page", index.to_string());
        log.record(event).await.unwrap();
    }
    log.close().await;
}
