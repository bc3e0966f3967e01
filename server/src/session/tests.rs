//! Sessions end, and what was in them goes.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use samenhang_gather::clock::{Clock, ManualClock, SeededRandom};
use samenhang_gather::query::{Asker, Purpose, Question, User};
use samenhang_profiles::Bsn;
use samenhang_terminology::Category;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{FRESH, LIFETIME, SessionId, Sessions};
use crate::access::Context;

fn clock() -> Arc<ManualClock> {
    let now: Timestamp = "2026-09-01T08:15:02Z".parse().unwrap();
    Arc::new(ManualClock::new(now))
}

fn sessions(clock: &Arc<ManualClock>) -> Arc<Sessions> {
    let clock = Arc::clone(clock) as Arc<dyn Clock>;
    Arc::new(Sessions::new(clock, Arc::new(SeededRandom::new(1))))
}

fn asker() -> Arc<Asker> {
    Arc::new(Asker {
        organisation: "00900900".parse().unwrap(),
        organisation_name: "Huisartsenpraktijk West".to_owned(),
        organisation_type: "Z3".to_owned(),
        client_id: "viewer".to_owned(),
        responsible: None,
        user: Some(User {
            number: "900000009".to_owned(),
            role: "01.015".to_owned(),
            name: "A.B. Voorbeeld".to_owned(),
            declaration: None,
        }),
    })
}

fn question(bsn: &str) -> Question {
    Question {
        patient: Bsn::parse(bsn).unwrap(),
        categories: [Category::Alert, Category::Condition].into(),
        purpose: Purpose::Treatment,
        asker: asker(),
        correlation: Uuid::from_u128(1),
        birth_date: None,
        family_name: None,
        confirmed_identity: Default::default(),
    }
}

const P1: &str = "999990019";

fn begun(sessions: &Sessions) -> (String, SessionId) {
    let token = sessions.begin(&Context::professional(asker()), None).unwrap();
    let id = SessionId::of_token(&token);
    (token, id)
}

#[test]
fn everything_is_gone_after_15_minutes() {
    let clock = clock();
    let sessions = sessions(&clock);
    let (token, id) = begun(&sessions);
    let key = sessions.key(&question(P1), "application/fhir+json");
    let answer = Arc::new(Zeroizing::new(b"patient data".to_vec()));
    let watch = Arc::downgrade(&answer);
    sessions.keep(&id, key, answer);
    assert_eq!((sessions.len(), sessions.answers()), (1, 1));
    clock.advance(LIFETIME - SignedDuration::from_secs(1));
    assert!(sessions.find(&token).is_some());
    clock.advance(SignedDuration::from_secs(1));
    assert_eq!(sessions.sweep(clock.now()), 0);
    assert!(sessions.is_empty());
    assert_eq!(sessions.answers(), 0);
    assert!(watch.upgrade().is_none(), "nobody holds the answer any more");
    assert!(sessions.find(&token).is_none());
}

#[test]
fn an_ended_session_is_gone_on_access_without_a_sweep() {
    let clock = clock();
    let sessions = sessions(&clock);
    let (token, id) = begun(&sessions);
    let key = sessions.key(&question(P1), "json");
    sessions.keep(&id, key.clone(), Arc::new(1_u8));
    clock.advance(LIFETIME);
    assert!(sessions.recall::<u8>(&id, &key).is_none());
    assert!(sessions.is_empty());
    assert!(sessions.find(&token).is_none());
}

#[test]
fn an_answer_is_shown_again_for_5_minutes_in_its_own_session_only() {
    let clock = clock();
    let sessions = sessions(&clock);
    let (_, id) = begun(&sessions);
    let (_, other) = begun(&sessions);
    let key = sessions.key(&question(P1), "json");
    let since = clock.now();
    sessions.keep(&id, key.clone(), Arc::new("answer"));
    clock.advance(FRESH - SignedDuration::from_secs(1));
    assert_eq!(
        sessions
            .recall::<&str>(&id, &key)
            .map(|(answer, since)| (*answer, since)),
        Some(("answer", since))
    );
    assert!(sessions.recall::<&str>(&other, &key).is_none());
    assert!(sessions.recall::<String>(&id, &key).is_none(), "of another kind");
    clock.advance(SignedDuration::from_secs(1));
    assert!(sessions.recall::<&str>(&id, &key).is_none());
    assert_eq!(sessions.answers(), 0);
}

#[test]
fn a_logout_takes_everything_along() {
    let clock = clock();
    let sessions = sessions(&clock);
    let (token, id) = begun(&sessions);
    let key = sessions.key(&question(P1), "json");
    let answer = Arc::new(vec![1_u8]);
    let watch = Arc::downgrade(&answer);
    sessions.keep(&id, key.clone(), answer);
    assert!(sessions.end(&id));
    assert!(!sessions.end(&id));
    assert!(watch.upgrade().is_none());
    assert!(sessions.find(&token).is_none());
    // An answer that comes after the logout is not kept.
    sessions.keep(&id, key, Arc::new(vec![2_u8]));
    assert_eq!(sessions.answers(), 0);
}

#[test]
fn another_question_has_another_key() {
    let sessions = sessions(&clock());
    let asked = question(P1);
    let key = sessions.key(&asked, "json");
    assert!(key == sessions.key(&asked, "json"));
    let mut others = vec![
        sessions.key(&asked, "ndjson"),
        sessions.key(&question("999990020"), "json"),
    ];
    let mut fewer = asked.clone();
    fewer.categories.remove(&Category::Alert);
    others.push(sessions.key(&fewer, "json"));
    let mut coordination = asked.clone();
    coordination.purpose = Purpose::CareCoordination;
    others.push(sessions.key(&coordination, "json"));
    let mut confirmed = asked;
    confirmed.confirmed_identity.insert("00700700".parse().unwrap());
    others.push(sessions.key(&confirmed, "json"));
    assert!(others.iter().all(|other| *other != key));
}

#[test]
fn the_oldest_answer_makes_room() {
    let clock = clock();
    let sessions = sessions(&clock);
    let (_, id) = begun(&sessions);
    let keys: Vec<_> = (0..17)
        .map(|form| sessions.key(&question(P1), &form.to_string()))
        .collect();
    for key in &keys {
        sessions.keep(&id, key.clone(), Arc::new(0_u8));
        clock.advance(SignedDuration::from_secs(1));
    }
    assert_eq!(sessions.answers(), 16);
    assert!(sessions.recall::<u8>(&id, &keys[0]).is_none());
    assert!(sessions.recall::<u8>(&id, &keys[16]).is_some());
}

#[test]
fn the_token_is_not_kept() {
    let sessions = sessions(&clock());
    let (token, id) = begun(&sessions);
    assert_eq!(token.len(), 43);
    assert_eq!(format!("{id:?}"), "SessionId");
    assert!(sessions.find("").is_none());
    assert!(sessions.find(&token[1..]).is_none());
}

#[tokio::test(start_paused = true)]
async fn the_sweeper_clears_away_what_nobody_asks_for_and_ends_with_the_sessions() {
    let clock = clock();
    let sessions = sessions(&clock);
    begun(&sessions);
    let sweeping = sessions.start_sweeping();
    clock.advance(LIFETIME);
    tokio::time::sleep(std::time::Duration::from_secs(16)).await;
    assert!(sessions.is_empty());
    drop(sessions);
    sweeping.await.unwrap();
}
