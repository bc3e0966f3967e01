//! What was made is given again for the very same resources and nothing else.

use std::cell::Cell;
use std::sync::Arc;

use jiff::Timestamp;
use samenhang_profiles::Received;
use samenhang_reconcile::Reconciled;
use samenhang_reconcile::apart::{Apart, Ground};

use super::Settled;
use crate::overview::kept::tests::received;

fn resources() -> Vec<Received> {
    ["a", "b", "c"].into_iter().map(received).collect()
}

fn apart() -> Apart {
    Apart {
        a: "a".to_owned(),
        b: "b".to_owned(),
        at: Some(Timestamp::UNIX_EPOCH),
        ground: Ground::TwoFacts,
    }
}

/// How often something was made.
#[derive(Default)]
struct Maker(Cell<usize>);

impl Maker {
    fn of(&self, settled: &Settled, items: &[Received], said: &[Apart]) -> Arc<Reconciled> {
        let make = |items, said: &[Apart]| {
            self.0.set(self.0.get() + 1);
            Reconciled::with(items, said)
        };
        settled.of(items.to_vec(), said.to_vec(), make)
    }
}

#[test]
fn the_very_same_resources_are_reconciled_once() {
    let (settled, maker, items) = (Settled::default(), Maker::default(), resources());
    let first = maker.of(&settled, &items, &[]);
    let again = maker.of(&settled, &items, &[]);
    assert_eq!(maker.0.get(), 1);
    assert!(Arc::ptr_eq(&first, &again));
    assert_eq!(again.items().len(), items.len());
}

#[test]
fn whatever_is_not_the_very_same_is_made_anew() {
    let (settled, maker, items) = (Settled::default(), Maker::default(), resources());
    let whole = maker.of(&settled, &items, &[]);
    // Something may not be shown any more.
    let less = maker.of(&settled, &items[1..], &[]);
    assert_eq!((maker.0.get(), less.items().len()), (2, items.len() - 1));
    // All of it again: what was made last is of less.
    assert_eq!(maker.of(&settled, &items, &[]).items().len(), whole.items().len());
    assert_eq!(maker.0.get(), 3);
    // Equal content, received another time.
    drop(maker.of(&settled, &resources(), &[]));
    assert_eq!(maker.0.get(), 4);
}

#[test]
fn what_a_person_said_is_heard_at_once() {
    let (settled, maker, items) = (Settled::default(), Maker::default(), resources());
    drop(maker.of(&settled, &items, &[]));
    drop(maker.of(&settled, &items, &[apart()]));
    assert_eq!(maker.0.get(), 2);
    drop(maker.of(&settled, &items, &[apart()]));
    assert_eq!(maker.0.get(), 2);
    drop(maker.of(&settled, &items, &[]));
    assert_eq!(maker.0.get(), 3);
}
