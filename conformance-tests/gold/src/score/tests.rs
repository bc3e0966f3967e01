//! The scorer sees what it is there to see.

use samenhang_reconcile::maps::Maps;

use crate::chance::Chance;
use crate::fact;
use crate::patient::Maker;
use crate::score::{Tally, score};
use crate::seeds::DEV;
use crate::truth::Tier;

/// A result at two holders under one number, as one record or as two facts, or with another number.
fn tally(is_one: bool, is_numbered: bool) -> Tally {
    let mut maker = Maker::new(&DEV, Chance::new(1, 1), Some(2));
    let mut statement = fact::draw(&DEV, 5, &mut maker.chance)
        .into_iter()
        .next()
        .map(|fact| fact.statement)
        .unwrap();
    maker.number(&mut statement, 0, 1000);
    let birth = maker.born();
    maker.put(&statement, 0, birth.clone()).unwrap();
    if !is_numbered {
        statement.numbers.clear();
        statement.when = None;
    }
    statement.remark = Some("overgenomen".to_owned());
    let other = if is_one { birth } else { maker.born() };
    maker.put(&statement, 1, other).unwrap();
    let mut tally = Tally::default();
    score(maker.finish(), Maps::none(), &mut tally, (1, 1));
    tally
}

#[test]
fn a_join_of_one_record_is_found() {
    let tally = tally(true, true);
    let found = tally.of_tiers(&[Tier::T1]);
    assert_eq!((found.hit, found.of, tally.wrong.count), (1, 1, 0));
}

#[test]
fn a_join_of_two_facts_is_wrong() {
    let tally = tally(false, true);
    assert_eq!(tally.wrong.count, 1);
    assert_eq!(tally.of_tiers(&Tier::ALL).of, 0, "there is nothing to find");
}

#[test]
fn a_pair_without_evidence_is_left_to_a_person_and_shown() {
    let tally = tally(true, false);
    let left = tally.of_tiers(&[Tier::Unsure]);
    assert_eq!((left.of, left.hit, left.shown), (1, 0, 1));
}
