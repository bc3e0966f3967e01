//! The quirk catalogue: every quirk of content has a fixture in which it is found and treated as its entry says, a near
//! miss in which it is not, and a line in the documentation.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "helpers of tests, outside of a test function"
)]

mod clean;
mod fixture;
mod page;

use std::collections::BTreeSet;

use samenhang_conform::quirks::{Action, CATALOGUE, Layer, Quirk, mend};
use samenhang_conform::{Context, pack_between};
use samenhang_profiles::document::Document;
use samenhang_profiles::{FhirVersion, Limits};

use fixture::{Fixture, compact};

fn content() -> impl Iterator<Item = Quirk> {
    let entries = CATALOGUE.iter().filter(|entry| entry.layer == Layer::Content);
    entries.map(|entry| entry.quirk)
}

#[test]
fn ids_are_stable_and_say_where_a_quirk_shows() {
    assert_eq!(CATALOGUE.len(), Quirk::ALL.len());
    let mut last = "";
    for (entry, quirk) in CATALOGUE.iter().zip(Quirk::ALL) {
        assert_eq!(entry.quirk, *quirk);
        assert!(entry.id > last, "{} in order", entry.id);
        last = entry.id;
        let number: u32 = entry.id.strip_prefix("SAM-QRK-").unwrap().parse().unwrap();
        assert_eq!(entry.layer == Layer::Protocol, number > 100, "{}", entry.id);
        assert_eq!(Quirk::of_id(entry.id), Some(*quirk));
        for text in [
            entry.name_en,
            entry.name_nl,
            entry.seen,
            entry.sign,
            entry.safe,
            entry.fixture,
        ] {
            assert!(!text.is_empty() && !text.contains('|'), "{}", entry.id);
        }
    }
    let names: BTreeSet<&str> = CATALOGUE
        .iter()
        .flat_map(|entry| [entry.name_en, entry.name_nl])
        .collect();
    assert_eq!(names.len(), 2 * CATALOGUE.len(), "each name is of one quirk");
}

#[test]
fn every_quirk_of_content_is_found_and_treated_as_its_entry_says() {
    for quirk in content() {
        let fixture = Fixture::of(quirk);
        let sent = fixture.sent();
        let mended = mend(&sent, fixture.version, &Limits::default()).unwrap();
        let places: Vec<&str> = mended
            .met
            .places()
            .filter(|(met, ..)| *met == quirk)
            .map(|(_, place, _)| place)
            .collect();
        assert!(
            places.contains(&&*fixture.place),
            "{quirk}: found at {places:?}, not at {}",
            fixture.place
        );
        let others: Vec<Quirk> = mended
            .met
            .counts()
            .into_keys()
            .filter(|met| *met != quirk && met.action() == Action::Repair)
            .collect();
        assert_eq!(
            others,
            [],
            "{quirk}: the fixture shows one quirk that is put right"
        );
        match (quirk.action(), &fixture.mended) {
            (Action::Repair, Some(expected)) => {
                assert!(mended.is_changed(), "{quirk}");
                assert_eq!(compact(&mended.body), *expected, "{quirk}");
            }
            (Action::Tolerate | Action::Refuse, None) => {
                assert!(!mended.is_changed(), "{quirk}");
                assert_eq!(&*mended.body, &*sent, "{quirk}: as it was sent");
            }
            _ => panic!("{quirk}: only what is put right has another text"),
        }
    }
}

#[test]
fn what_only_looks_like_a_quirk_is_left_alone() {
    for quirk in content() {
        let fixture = Fixture::of(quirk);
        assert!(!fixture.near.is_empty(), "{quirk} has a near miss");
        for near in &fixture.near {
            let mended = mend(near, fixture.version, &Limits::default()).unwrap();
            let count = mended.met.counts().get(&quirk).copied();
            assert_eq!(count, None, "{quirk}: {}", String::from_utf8_lossy(near));
        }
    }
}

#[test]
fn what_was_put_right_has_nothing_left_to_put_right() {
    for quirk in content() {
        let fixture = Fixture::of(quirk);
        let sent = fixture.sent();
        let once = mend(&sent, fixture.version, &Limits::default()).unwrap();
        let again = mend(&once.body, fixture.version, &Limits::default()).unwrap();
        assert!(!again.is_changed(), "{quirk}");
        assert_eq!(again.met.only(Action::Repair).counts().len(), 0, "{quirk}");
        let rest = |action| once.met.only(action) == again.met.only(action);
        assert!(
            rest(Action::Tolerate) && rest(Action::Refuse),
            "{quirk}: the rest stays"
        );
    }
}

#[test]
fn the_ledger_balances_over_what_was_put_right() {
    for quirk in content() {
        let fixture = Fixture::of(quirk);
        let other = match fixture.version {
            FhirVersion::Stu3 => FhirVersion::R4,
            FhirVersion::R4 => FhirVersion::Stu3,
        };
        let pack = pack_between(fixture.version, other).unwrap();
        let sent = fixture.sent();
        let mended = mend(&sent, fixture.version, &Limits::default()).unwrap();
        let document = Document::from_json(&mended.body, fixture.version, &Limits::default()).unwrap();
        let ledger = pack.lift(&document, &Context::default()).ledger;
        assert_eq!(
            ledger.total(),
            ledger.mapped() + ledger.ignored() + ledger.unmapped(),
            "{quirk}"
        );
        let mut nodes = vec![document.root()];
        let mut leaves = 0;
        while let Some(node) = nodes.pop() {
            leaves += usize::from(node.primitive().is_some());
            nodes.extend(node.children());
        }
        assert_eq!(ledger.total(), leaves, "{quirk}: every value is accounted for");
    }
}
