use std::collections::BTreeSet;

use samenhang_gather::fanout::{Detail, Notice};
use samenhang_profiles::Ura;
use samenhang_reconcile::identity::Standing;
use samenhang_terminology::{Category, Status};

use super::{Tally, Told, said};
use crate::error::Language;

fn ura(digits: &str) -> Ura {
    digits.parse().unwrap()
}

fn tally() -> Tally {
    let mut tally = Tally::new(BTreeSet::from([Category::Alert, Category::Condition]));
    tally.holder(ura("1"), "Oost".into());
    tally.holder(ura("2"), "West".into());
    tally
}

fn told(status: Status, count: usize) -> Told {
    Told {
        status,
        count,
        retrieved: None,
        detail: None,
    }
}

/// Status and count of every row of the statement.
fn rows(tally: &Tally, rest: Status) -> Vec<(Status, usize)> {
    tally
        .finish(rest)
        .rows()
        .map(|row| (row.cell.status, row.cell.count))
        .collect()
}

#[test]
fn what_was_never_told_is_in_the_statement_and_makes_it_incomplete() {
    let mut tally = tally();
    tally.decide(&ura("1"), Category::Alert, told(Status::Answered, 2));
    let statement = tally.finish(Status::TimedOut);
    assert_eq!(statement.rows().count(), 4);
    assert!(!statement.is_complete());
    assert_eq!(
        rows(&tally, Status::TimedOut),
        [
            (Status::Answered, 2),
            (Status::TimedOut, 0),
            (Status::TimedOut, 0),
            (Status::TimedOut, 0)
        ]
    );
}

#[test]
fn consent_that_ended_reads_as_no_data_before_and_after() {
    let mut tally = tally();
    tally.decide(&ura("1"), Category::Alert, told(Status::Answered, 2));
    tally.withhold(&ura("1"), Category::Alert);
    tally.withhold(&ura("1"), Category::Condition);
    let later = tally.decide(&ura("1"), Category::Condition, told(Status::Answered, 3));
    assert_eq!(later, told(Status::Empty, 0));
    assert_eq!(
        tally.cell(&ura("1"), Category::Alert),
        Some(&told(Status::Empty, 0))
    );
}

#[test]
fn a_holder_that_deviates_from_the_others_is_set_aside_and_said() {
    let mut tally = tally();
    tally.decide(&ura("1"), Category::Alert, told(Status::Answered, 2));
    tally.decide(&ura("1"), Category::Condition, told(Status::Empty, 0));
    tally.set_aside(&ura("1"), Standing::Deviates);
    let cell = tally.cell(&ura("1"), Category::Alert).unwrap();
    assert_eq!(
        (cell.status, cell.count, cell.detail),
        (Status::Failed, 0, Some(Detail::IdentityDeviates))
    );
    assert_eq!(tally.finish(Status::Failed).notices().count(), 1);
}

#[test]
fn a_mixed_up_holder_is_named_once() {
    let mut tally = tally();
    tally.notice(Notice::WrongPatient(ura("2")));
    tally.notice(Notice::WrongPatient(ura("2")));
    assert_eq!(tally.notices().len(), 1);
    assert_eq!(tally.mixed_up(), BTreeSet::from([ura("2")]));
    let words = said(&Notice::WrongPatient(ura("2")));
    assert_eq!(words.code, "wrong-patient");
    assert_ne!(words.text(Language::Dutch), words.text(Language::English));
}
