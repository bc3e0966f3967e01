//! What is kept is what was received; how it is told again over HTTP is shown in `suite::golden`.

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use samenhang_gather::clock::SeededRandom;
use samenhang_gather::consent::Register;
use samenhang_profiles::{Bsn, Conformance, FhirVersion, Limits, Lineage, RawResource, Received};
use samenhang_terminology::{Category, Status};

use super::{Cell, Choices, Kept, Place};
use crate::overview::tally::Told;

fn at() -> Timestamp {
    "2026-09-01T08:15:02Z".parse().unwrap()
}

fn place(holder: &str) -> Place {
    (holder.parse().unwrap(), Category::Condition)
}

/// A Condition of so many bytes in a page of its own.
fn condition(bytes: usize) -> (Bytes, Received) {
    let filler = "x".repeat(bytes);
    let page = Bytes::from(format!(
        " {{\"resourceType\":\"Condition\",\"id\":\"c\",\"note\":[{{\"text\":\"{filler}\"}}]}} "
    ));
    let resource = RawResource::read(page.clone(), &Limits::default()).unwrap();
    let received = Received {
        resource,
        full_url: "https://oost.example/r4/Condition/c".into(),
        category: Category::Condition,
        lineage: Arc::new(Lineage {
            holder: "1".parse().unwrap(),
            holder_name: "Oost".into(),
            endpoint: "https://oost.example/r4".into(),
            retrieved: at(),
            fhir: FhirVersion::R4,
            conformance: Conformance::Native,
        }),
        conversion: None,
    };
    (page, received)
}

fn cell(since: Timestamp, resources: Vec<Received>) -> Cell {
    Cell {
        told: Told {
            status: Status::Answered,
            count: resources.len(),
            retrieved: Some(since),
            detail: None,
        },
        permitted: true,
        since,
        resources,
    }
}

/// A Condition at an address.
pub(crate) fn received(address: &str) -> Received {
    Received {
        full_url: address.into(),
        ..condition(1).1
    }
}

/// An answer that counts for at least so many bytes.
pub(crate) fn of_size(since: Timestamp, bytes: usize) -> Kept {
    let mut kept = Kept::new(since, None, None);
    kept.add(place("1"), cell(since, vec![condition(bytes).1]));
    kept
}

#[test]
fn the_bytes_are_the_same_and_let_go_of_their_page() {
    let (page, received) = condition(100);
    let body = received.resource.body().clone();
    let mut kept = Kept::new(at(), None, None);
    kept.add(place("1"), cell(at(), vec![received]));
    let resource = &kept.cells[&place("1")].resources[0].resource;
    assert_eq!(resource.body(), &body);
    assert_eq!(resource.id(), Some("c"));
    drop(body);
    assert!(page.is_unique(), "nothing that is kept holds on to the page");
    assert!(kept.bytes() > 100);
}

#[test]
fn what_is_denied_goes_and_the_rest_stays() {
    let mut kept = of_size(at(), 100);
    kept.add(place("2"), cell(at(), vec![condition(50).1]));
    let before = kept.bytes();
    let rest = kept.without(&BTreeSet::from([place("1")]));
    assert!(rest.bytes() < before - 100);
    assert_eq!(rest.cells[&place("1")].told, Told::empty());
    assert!(rest.cells[&place("1")].resources.is_empty());
    assert!(rest.stand_in(&place("1")).is_none());
    assert!(rest.stand_in(&place("2")).is_some());
    assert_eq!(
        kept.bytes(),
        before,
        "what others still read is not changed under them"
    );
}

#[test]
fn only_what_was_whole_stands_in_for_an_answer() {
    for (status, count, permitted, stands_in) in [
        (Status::Answered, 1, true, true),
        (Status::Stale, 1, true, true),
        (Status::Answered, 1, false, false),
        (Status::Failed, 1, true, false),
        (Status::TimedOut, 1, true, false),
        (Status::Refused, 0, true, false),
        (Status::Empty, 0, true, false),
    ] {
        let mut kept = Kept::new(at(), None, None);
        let mut cell = cell(at(), Vec::new());
        (cell.told.status, cell.told.count, cell.permitted) = (status, count, permitted);
        kept.add(place("1"), cell);
        assert_eq!(
            kept.stand_in(&place("1")).is_some(),
            stands_in,
            "{status:?} {count}"
        );
    }
}

#[test]
fn the_oldest_part_decides_how_long_it_is_kept() {
    let later = |seconds| at() + SignedDuration::from_secs(seconds);
    let mut kept = of_size(later(600), 1);
    kept.add(place("2"), cell(at(), Vec::new()));
    let (reuse, keep) = (SignedDuration::from_mins(5), SignedDuration::from_mins(15));
    assert!(kept.is_fresh(reuse, later(899)));
    assert!(!kept.is_fresh(reuse, later(900)));
    assert!(kept.is_within(keep, later(899)));
    assert!(!kept.is_within(keep, later(900)));
    assert!(!kept.is_within(keep, later(599)), "the clock went back");
    assert!(!kept.is_fresh(reuse, later(599)));
}

#[test]
fn a_change_of_choices_ends_it() {
    let register = Register::new(&SeededRandom::new(1));
    let patient = Bsn::parse("999990019").unwrap();
    let key = register.key(&patient);
    let choices = Choices {
        patient: key,
        epoch: register.epoch(key),
    };
    let kept = Kept::new(at(), Some(choices), None);
    register.revoke(&Bsn::parse("999990020").unwrap(), at());
    assert!(kept.is_of_now(&register), "another patient's choices");
    register.revoke(&patient, at());
    assert!(!kept.is_of_now(&register));
}
