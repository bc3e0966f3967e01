//! Sessions end, and what was in them goes.

mod ends;

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use samenhang_gather::clock::{Clock, ManualClock, SeededRandom};
use samenhang_gather::query::{Asker, Purpose, Question, User};
use samenhang_profiles::Bsn;
use samenhang_terminology::Category;
use uuid::Uuid;

use super::{LIFETIME, SessionConfig, SessionId, Sessions};
use crate::access::Context;
use crate::overview::kept::Kept;

fn clock() -> Arc<ManualClock> {
    let now: Timestamp = "2026-09-01T08:15:02Z".parse().unwrap();
    Arc::new(ManualClock::new(now))
}

fn sessions(clock: &Arc<ManualClock>) -> Arc<Sessions> {
    let clock = Arc::clone(clock) as Arc<dyn Clock>;
    Arc::new(Sessions::new(clock, Arc::new(SeededRandom::new(1))))
}

fn bounded(clock: &Arc<ManualClock>, config: SessionConfig) -> Sessions {
    let clock = Arc::clone(clock) as Arc<dyn Clock>;
    Sessions::with(config, clock, Arc::new(SeededRandom::new(1)))
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

/// An answer of so many bytes, asked for now.
fn answer(clock: &ManualClock, bytes: usize) -> Kept {
    crate::overview::kept::tests::of_size(clock.now(), bytes)
}

#[test]
fn an_answer_is_found_in_its_own_session_only() {
    let clock = clock();
    let sessions = sessions(&clock);
    let (_, id) = begun(&sessions);
    let (_, other) = begun(&sessions);
    let key = sessions.key(&question(P1));
    sessions.keep(&id, key.clone(), answer(&clock, 1));
    assert!(sessions.recall(&id, &key).is_some());
    assert!(sessions.recall(&other, &key).is_none());
    assert!(
        sessions
            .recall(&id, &sessions.key(&question("999990020")))
            .is_none()
    );
}

#[test]
fn an_answer_goes_before_its_session_when_that_is_configured() {
    let clock = clock();
    let sessions = bounded(
        &clock,
        SessionConfig {
            reuse_seconds: 60,
            keep_seconds: 120,
            ..SessionConfig::default()
        },
    );
    let (_, id) = begun(&sessions);
    let key = sessions.key(&question(P1));
    sessions.keep(&id, key.clone(), answer(&clock, 1));
    clock.advance(SignedDuration::from_secs(119));
    assert!(sessions.recall(&id, &key).is_some());
    clock.advance(SignedDuration::from_secs(1));
    assert!(sessions.recall(&id, &key).is_none());
    assert_eq!((sessions.len(), sessions.answers()), (1, 0));
}

#[test]
fn a_logout_takes_everything_along() {
    let clock = clock();
    let sessions = sessions(&clock);
    let (token, id) = begun(&sessions);
    let key = sessions.key(&question(P1));
    sessions.keep(&id, key.clone(), answer(&clock, 1));
    let watch = Arc::downgrade(&sessions.recall(&id, &key).unwrap());
    assert!(sessions.end(&id));
    assert!(!sessions.end(&id));
    assert!(watch.upgrade().is_none());
    assert!(sessions.find(&token).is_none());
    // An answer that comes after the logout is not kept.
    sessions.keep(&id, key.clone(), answer(&clock, 1));
    assert_eq!(sessions.answers(), 0);
    assert!(sessions.flight(&id, &key).is_none());
    // Nor does anything outlive a stop of the server.
    let (_, id) = begun(&sessions);
    sessions.keep(&id, key, answer(&clock, 1));
    sessions.end_all();
    assert_eq!((sessions.len(), sessions.bytes()), (0, 0));
}

/// Everything that an answer depends on is in the key: change one thing, and it is another.
#[test]
fn another_question_has_another_key() {
    let sessions = sessions(&clock());
    let asked = question(P1);
    assert!(sessions.key(&asked) == sessions.key(&asked));
    assert!(
        sessions.key(&asked)
            == sessions.key(&Question {
                correlation: Uuid::from_u128(2),
                ..asked.clone()
            }),
        "the number of the request is no part of the question"
    );
    let by = |change: &dyn Fn(&mut Asker)| {
        let mut asker = (*asker()).clone();
        change(&mut asker);
        Question {
            asker: Arc::new(asker),
            ..question(P1)
        }
    };
    let user = |change: fn(&mut User)| by(&move |asker: &mut Asker| asker.user.iter_mut().for_each(change));
    let mut others = vec![
        asked.clone(),
        question("999990020"),
        Question {
            purpose: Purpose::CareCoordination,
            ..asked.clone()
        },
        Question {
            categories: [Category::Alert].into(),
            ..asked.clone()
        },
        Question {
            categories: [Category::Condition].into(),
            ..asked.clone()
        },
        Question {
            birth_date: Some("1970-01-01".to_owned()),
            ..asked.clone()
        },
        Question {
            birth_date: Some(String::new()),
            ..asked.clone()
        },
        Question {
            family_name: Some("1970-01-01".to_owned()),
            ..asked.clone()
        },
        Question {
            confirmed_identity: ["00700700".parse().unwrap()].into(),
            ..asked.clone()
        },
        by(&|asker| asker.organisation = "00900901".parse().unwrap()),
        by(&|asker| asker.organisation_type = "V6".to_owned()),
        by(&|asker| asker.client_id = "other".to_owned()),
        by(&|asker| asker.responsible.clone_from(&asker.user)),
        by(&|asker| asker.responsible = asker.user.take()),
        user(|user| user.number = "900000010".to_owned()),
        user(|user| user.role = "01.000".to_owned()),
    ];
    let keys: HashSet<_> = others.drain(..).map(|question| sessions.key(&question)).collect();
    assert_eq!(keys.len(), 16);
    // Nor does another process, or a restarted one, make the same key.
    let elsewhere = Sessions::new(clock(), Arc::new(SeededRandom::new(2)));
    assert!(elsewhere.key(&asked) != sessions.key(&asked));
}

/// What a question is made of, so that a failing case can be printed.
type Parts = (
    &'static str,
    Purpose,
    BTreeSet<Category>,
    Option<String>,
    Option<String>,
    BTreeSet<&'static str>,
);

fn any_parts() -> impl Strategy<Value = Parts> {
    let some = prop::sample::select(vec![Category::Alert, Category::Condition, Category::Procedure]);
    (
        prop::sample::select(vec!["999990019", "999990020"]),
        prop::sample::select(vec![Purpose::Treatment, Purpose::CareCoordination]),
        prop::collection::btree_set(some, 1..3),
        prop::option::of("[a1]{0,2}"),
        prop::option::of("[a1]{0,2}"),
        prop::collection::btree_set(prop::sample::select(vec!["1", "2"]), 0..2),
    )
}

fn made_of(parts: &Parts) -> Question {
    let (patient, purpose, categories, birth_date, family_name, holders) = parts.clone();
    Question {
        purpose,
        categories,
        birth_date,
        family_name,
        confirmed_identity: holders.iter().map(|ura| ura.parse().unwrap()).collect(),
        ..question(patient)
    }
}

proptest! {
    /// Two questions have one key only when they are one question.
    #[test]
    fn keys_are_as_different_as_questions(one in any_parts(), other in any_parts()) {
        let sessions = sessions(&clock());
        let is_same_key = sessions.key(&made_of(&one)) == sessions.key(&made_of(&other));
        prop_assert_eq!(is_same_key, one == other);
    }
}

/// A question of its own, by its date of birth.
fn numbered(number: usize) -> Question {
    Question {
        birth_date: Some(number.to_string()),
        ..question(P1)
    }
}

#[test]
fn the_oldest_answer_makes_room() {
    let clock = clock();
    let sessions = sessions(&clock);
    let (_, id) = begun(&sessions);
    let keys: Vec<_> = (0..17).map(|number| sessions.key(&numbered(number))).collect();
    for key in &keys {
        sessions.keep(&id, key.clone(), answer(&clock, 1));
        clock.advance(SignedDuration::from_secs(1));
    }
    assert_eq!(sessions.answers(), 16);
    assert!(sessions.recall(&id, &keys[0]).is_none());
    assert!(sessions.recall(&id, &keys[16]).is_some());
}

#[test]
fn bytes_are_bounded_in_a_session_and_in_all() {
    let clock = clock();
    let sessions = bounded(
        &clock,
        SessionConfig {
            session_bytes: 10_000,
            total_bytes: 15_000,
            ..SessionConfig::default()
        },
    );
    let (_, first) = begun(&sessions);
    let (_, second) = begun(&sessions);
    let keys: Vec<_> = (0..5).map(|number| sessions.key(&numbered(number))).collect();
    let keep = |id: &SessionId, number: usize, bytes| {
        sessions.keep(id, keys[number].clone(), answer(&clock, bytes));
        clock.advance(SignedDuration::from_secs(1));
    };
    keep(&first, 0, 20_000);
    assert_eq!(sessions.answers(), 0, "it does not fit at all");
    keep(&first, 1, 6_000);
    keep(&first, 2, 6_000);
    assert_eq!(sessions.answers(), 1, "two do not fit in one session");
    assert!(sessions.recall(&first, &keys[1]).is_none());
    keep(&second, 3, 6_000);
    assert_eq!(sessions.answers(), 2);
    // The same question again takes the place of the earlier answer, and needs no other room.
    keep(&second, 3, 6_000);
    assert_eq!(sessions.answers(), 2);
    // Together they may have 15,000: the oldest of all goes, in whichever session.
    keep(&second, 4, 2_000);
    assert!(sessions.bytes() <= 15_000, "{}", sessions.bytes());
    assert!(sessions.recall(&first, &keys[2]).is_none());
    assert!(sessions.recall(&second, &keys[3]).is_some());
    assert!(sessions.recall(&second, &keys[4]).is_some());
}

#[test]
fn nothing_is_kept_when_nothing_may_be() {
    let clock = clock();
    let sessions = bounded(
        &clock,
        SessionConfig {
            reuse_seconds: 0,
            keep_seconds: 0,
            ..SessionConfig::default()
        },
    );
    let (_, id) = begun(&sessions);
    sessions.keep(&id, sessions.key(&question(P1)), answer(&clock, 1));
    assert_eq!(sessions.answers(), 0);
}

#[tokio::test]
async fn the_same_question_of_one_session_has_one_turn() {
    let clock = clock();
    let sessions = sessions(&clock);
    let (_, id) = begun(&sessions);
    let (_, other) = begun(&sessions);
    let key = sessions.key(&question(P1));
    let turn = sessions.flight(&id, &key).unwrap();
    let held = Arc::clone(&turn).lock_owned().await;
    let second = sessions.flight(&id, &key).unwrap();
    assert!(second.try_lock().is_err(), "it waits");
    let elsewhere = sessions.flight(&other, &key).unwrap();
    assert!(elsewhere.try_lock().is_ok(), "another session does not");
    let different = sessions.flight(&id, &sessions.key(&numbered(1))).unwrap();
    assert!(different.try_lock().is_ok(), "nor does another question");
    drop(held);
    assert!(second.try_lock().is_ok());
}

#[test]
fn senseless_bounds_are_named() {
    assert!(SessionConfig::default().check().is_empty());
    let of = |change: fn(&mut SessionConfig)| {
        let mut config = SessionConfig::default();
        change(&mut config);
        config.check().into_iter().map(|(key, _)| key).collect::<Vec<_>>()
    };
    assert_eq!(of(|config| config.reuse_seconds = 301), ["session.reuse_seconds"]);
    assert_eq!(of(|config| config.keep_seconds = 901), ["session.keep_seconds"]);
    assert_eq!(of(|config| config.keep_seconds = 10), ["session.reuse_seconds"]);
    assert_eq!(of(|config| config.session_bytes = 0), ["session.session_bytes"]);
    assert_eq!(
        of(|config| config.total_bytes = 1 << 20),
        ["session.session_bytes"]
    );
    assert_eq!(
        of(|config| config.total_bytes = usize::MAX),
        ["session.total_bytes"]
    );
    // Whatever is configured, nothing is kept for longer than a session lasts.
    let long = SessionConfig {
        keep_seconds: u64::MAX,
        reuse_seconds: u64::MAX,
        ..SessionConfig::default()
    };
    assert_eq!(long.keep(), LIFETIME);
    assert_eq!(long.reuse(), SignedDuration::from_mins(5));
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

#[test]
fn a_question_is_behind_its_handle_in_its_session_only() {
    let clock = clock();
    let sessions = sessions(&clock);
    let begin = || {
        let token = sessions.begin(&Context::professional(asker()), None).unwrap();
        SessionId::of_token(&token)
    };
    let (own, other) = (begin(), begin());
    let of = |bsn: &str| super::Remembered {
        patient: Bsn::parse(bsn).unwrap(),
        purpose: Purpose::Treatment,
        birth_date: None,
    };
    let handle = sessions.remember(&own, of("999990019")).unwrap();
    assert!(handle.len() == 32 && handle.bytes().all(|byte| byte.is_ascii_lowercase()));
    assert_eq!(
        sessions.remember(&own, of("999990019")).as_deref(),
        Some(&*handle),
        "the same question has one handle"
    );
    assert_ne!(
        sessions.remember(&other, of("999990019")).as_deref(),
        Some(&*handle)
    );
    assert!(
        sessions
            .remembered(&own, &handle)
            .is_some_and(|found| found == of("999990019"))
    );
    assert!(sessions.remembered(&other, &handle).is_none(), "another session");
    assert!(sessions.remembered(&own, "aaaa").is_none());
    // The oldest makes room.
    for year in 1950..1966 {
        let question = super::Remembered {
            birth_date: Some(format!("{year}-01-01")),
            ..of("999990019")
        };
        let _ = sessions.remember(&own, question).unwrap();
    }
    assert!(sessions.remembered(&own, &handle).is_none());
    let last = sessions.remember(&own, of("999990019")).unwrap();
    assert_eq!(sessions.seconds_left(&own), Some(900));
    clock.advance(LIFETIME);
    assert!(
        sessions.remembered(&own, &last).is_none(),
        "the session has ended"
    );
    assert!(sessions.remember(&own, of("999990019")).is_none());
}
