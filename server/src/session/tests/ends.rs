//! When a session ends, and what is left then: nothing.

use std::sync::Arc;

use jiff::SignedDuration;
use samenhang_gather::clock::Clock;

use super::{P1, answer, asker, begun, clock, question, sessions};
use crate::access::Context;
use crate::session::LIFETIME;

#[test]
fn a_session_ends_with_the_token_that_it_began_with() {
    let clock = clock();
    let sessions = sessions(&clock);
    let of = |seconds| {
        let until = clock
            .now()
            .saturating_add(SignedDuration::from_secs(seconds))
            .unwrap();
        let context = Context::professional(asker()).until(Some(until));
        sessions.begin(&context, None).unwrap()
    };
    let (short, long) = (of(120), of(3_600));
    clock.advance(SignedDuration::from_secs(119));
    assert!(sessions.find(&short).is_some());
    clock.advance(SignedDuration::from_secs(1));
    assert!(sessions.find(&short).is_none(), "the token has ended");
    // A token that lasts longer gives no longer session.
    clock.advance(SignedDuration::from_secs(15 * 60 - 121));
    assert!(sessions.find(&long).is_some());
    clock.advance(SignedDuration::from_secs(1));
    assert!(sessions.find(&long).is_none());
}

#[test]
fn everything_is_gone_after_15_minutes() {
    let clock = clock();
    let sessions = sessions(&clock);
    let (token, id) = begun(&sessions);
    let key = sessions.key(&question(P1));
    sessions.keep(&id, key.clone(), answer(&clock, 4096));
    let watch = Arc::downgrade(&sessions.recall(&id, &key).unwrap());
    assert_eq!((sessions.len(), sessions.answers()), (1, 1));
    assert!(sessions.bytes() >= 4096);
    clock.advance(LIFETIME - SignedDuration::from_secs(1));
    assert!(sessions.find(&token).is_some());
    assert!(sessions.recall(&id, &key).is_some(), "to fall back on");
    clock.advance(SignedDuration::from_secs(1));
    assert_eq!(sessions.sweep(clock.now()), 0);
    assert!(sessions.is_empty());
    assert_eq!((sessions.answers(), sessions.bytes()), (0, 0));
    assert!(watch.upgrade().is_none(), "nobody holds the answer any more");
    assert!(sessions.find(&token).is_none());
}

#[test]
fn an_ended_session_is_gone_on_access_without_a_sweep() {
    let clock = clock();
    let sessions = sessions(&clock);
    let (token, id) = begun(&sessions);
    let key = sessions.key(&question(P1));
    sessions.keep(&id, key.clone(), answer(&clock, 1));
    clock.advance(LIFETIME);
    assert!(sessions.recall(&id, &key).is_none());
    assert!(sessions.is_empty());
    assert!(sessions.find(&token).is_none());
}
