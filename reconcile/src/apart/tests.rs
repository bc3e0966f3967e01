//! What a person keeps apart is never in one cluster, whatever the evidence, and in any order.

use std::collections::BTreeSet;

use proptest::prelude::*;
use samenhang_profiles::Received;

use super::{Apart, Ground};
use crate::Reconciled;
use crate::fixtures::received;

/// A record of a holder: the same problem for all, with or without the number that all share, and as they please with
/// the same content.
fn record(holder: usize, id: usize, numbered: bool, severe: bool) -> Received {
    let number = if numbered {
        r#","identifier":[{"system":"urn:oid:2.999.7","value":"N-1"}]"#
    } else {
        ""
    };
    let severity = if severe {
        r#","severity":{"coding":[{"system":"http://snomed.info/sct","code":"24484000"}]}"#
    } else {
        ""
    };
    let json = format!(
        r#"{{"resourceType":"Condition","id":"{id}"{number},"code":{{"coding":[{{"system":"http://snomed.info/sct","code":"38341003"}}]}},"onsetDateTime":"2020-03-01"{severity},"subject":{{"reference":"Patient/p"}}}}"#
    );
    received(&format!("0070070{holder}"), &json)
}

fn keep(a: &Received, b: &Received) -> Apart {
    Apart {
        a: a.full_url.to_string(),
        b: b.full_url.to_string(),
        at: None,
        ground: Ground::TwoFacts,
    }
}

fn clusters(known: &Reconciled) -> BTreeSet<BTreeSet<String>> {
    let address = |index: &usize| known.items()[*index].full_url.to_string();
    let of = known.clusters().iter();
    of.map(|cluster| cluster.members.iter().map(address).collect())
        .collect()
}

/// Something else that two holders have, which nobody says anything about.
fn beside() -> Vec<Received> {
    let json = |id: &str| {
        format!(
            r#"{{"resourceType":"Condition","id":"{id}","code":{{"coding":[{{"system":"http://snomed.info/sct","code":"73211009"}}]}},"onsetDateTime":"2011-05-06","subject":{{"reference":"Patient/p"}}}}"#
        )
    };
    vec![received("00700708", &json("x")), received("00700709", &json("y"))]
}

#[test]
fn each_tier_gives_way_to_a_person() {
    for (numbered, severe) in [(false, false), (true, false), (true, true), (false, true)] {
        // Equal content, one number, and what is compared.
        let items = vec![record(1, 1, numbered, severe), record(2, 2, numbered, false)];
        assert_eq!(Reconciled::new(items.clone()).clusters().len(), 1);
        let said = [keep(&items[0], &items[1])];
        let known = Reconciled::with(items, &said);
        assert_eq!(known.clusters().len(), 0);
        let pair = known.unlinked()[0];
        assert!(known.are_unlinked(pair.b, pair.a));
        // And no issue that calls it a likeness.
        assert!(known.possible().is_empty() && known.conflicts().is_empty());
    }
}

#[test]
fn a_third_that_is_the_same_as_both_by_what_it_says_is_joined_with_neither() {
    let items = vec![
        record(1, 1, false, false),
        record(2, 2, false, true),
        received(
            "00700703",
            r#"{"resourceType":"Condition","id":"3","note":[{"text":"z"}],"code":{"coding":[{"system":"http://snomed.info/sct","code":"38341003"}]},"onsetDateTime":"2020-03-01","subject":{"reference":"Patient/p"}}"#,
        ),
    ];
    assert_eq!(Reconciled::new(items.clone()).clusters()[0].members.len(), 3);
    let said = [keep(&items[0], &items[1])];
    let known = Reconciled::with(items, &said);
    assert!(known.clusters().is_empty());
    assert_eq!(known.possible().len(), 1, "it fits two facts");
}

#[test]
fn what_is_said_of_records_that_are_not_here_changes_nothing() {
    let items = vec![record(1, 1, true, false), record(2, 2, true, false)];
    let elsewhere = keep(&items[0], &record(5, 9, true, false));
    let known = Reconciled::with(items.clone(), &[elsewhere, keep(&items[0], &items[0])]);
    assert_eq!(clusters(&known), clusters(&Reconciled::new(items)));
    assert!(known.unlinked().is_empty());
}

type Row = (usize, bool, bool);

fn rows() -> impl Strategy<Value = Vec<Row>> {
    proptest::collection::vec((1_usize..7, any::<bool>(), any::<bool>()), 2..9)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_unlinked_pair_is_never_in_one_cluster(
        rows in rows(),
        pairs in proptest::collection::vec((0_usize..9, 0_usize..9), 1..5),
        turn in 0_usize..20,
    ) {
        let mut items: Vec<Received> = rows
            .iter()
            .enumerate()
            .map(|(id, (holder, numbered, severe))| record(*holder, id, *numbered, *severe))
            .collect();
        let said: Vec<Apart> = pairs
            .iter()
            .filter_map(|(a, b)| Some(keep(items.get(*a)?, items.get(*b)?)))
            .filter(|pair| pair.a != pair.b)
            .collect();
        items.extend(beside());
        let count = items.len();
        let known = Reconciled::with(items.clone(), &said);
        prop_assert_eq!(known.items().len(), count);
        let found = clusters(&known);
        for pair in &said {
            for members in &found {
                prop_assert!(!(members.contains(&pair.a) && members.contains(&pair.b)), "{:?}", pair);
            }
        }
        // What is told is what was said.
        let told: BTreeSet<(usize, usize)> = known.unlinked().iter().map(|pair| (pair.a, pair.b)).collect();
        let wanted: BTreeSet<BTreeSet<&str>> =
            said.iter().map(|pair| [pair.a.as_str(), pair.b.as_str()].into()).collect();
        prop_assert_eq!(told.len(), wanted.len());
        // Who is not named keeps what it had.
        prop_assert!(found.iter().any(|members| members.len() == 2 && members.iter().all(|url| url.contains("0070070")
            && (url.ends_with("/x") || url.ends_with("/y")))));
        // Any order of records and of what was said gives the same.
        let (records, sayings) = (items.len(), said.len().max(1));
        items.rotate_left(turn % records);
        let mut turned = said.clone();
        turned.rotate_left((turn % sayings).min(said.len()));
        turned.reverse();
        let again = Reconciled::with(items, &turned);
        prop_assert_eq!(clusters(&again), found);
        prop_assert_eq!(again.unlinked(), known.unlinked());
        prop_assert_eq!(again.possible(), known.possible());
    }
}
