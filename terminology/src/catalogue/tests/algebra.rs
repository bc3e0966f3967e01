//! The laws of value sets, with three values.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::{NO, UNKNOWN, all_of, catalogue, listed, set};
use crate::answer::{Membership, NotMember, Unknown};
use crate::catalogue::Page;
use crate::coding::Coding;
use crate::definition::Include;
use crate::service::Terminology;

/// A set that is a list of some codes of one system, whose other codes are certainly out.
fn known(codes: &BTreeSet<u8>) -> Include {
    let codes: Vec<String> = codes.iter().map(u8::to_string).collect();
    listed(
        "http://example.org/numbers",
        &codes.iter().map(String::as_str).collect::<Vec<_>>(),
    )
}

fn numbers() -> impl Strategy<Value = BTreeSet<u8>> {
    // Never empty: a rule without codes takes the whole system.
    proptest::collection::btree_set(0u8..12, 1..8)
}

/// The answers that there are, with one reason for each.
fn answers() -> impl Strategy<Value = Membership> {
    prop::sample::select(vec![
        Membership::Member,
        NO(NotMember::Code),
        NO(NotMember::Syntax),
        UNKNOWN(Unknown::TooDeep),
        UNKNOWN(Unknown::SystemContentAbsent),
    ])
}

/// The answer without its reason.
fn plain(answer: Membership) -> Option<bool> {
    match answer {
        Membership::Member => Some(true),
        Membership::NotMember(_) => Some(false),
        Membership::Unknown(_) => None,
    }
}

proptest! {
    #[test]
    fn value_sets_are_unions_intersections_and_differences(a in numbers(), b in numbers(), c in numbers()) {
        let sets = vec![
            set("a", vec![known(&a)], vec![]),
            set("b", vec![known(&b)], vec![]),
            set("either", vec![known(&a), known(&b)], vec![known(&c)]),
            set("both", vec![all_of(&["a", "b"])], vec![]),
            set("through", vec![all_of(&["a"]), all_of(&["deeper"])], vec![]),
            set("deeper", vec![all_of(&["b"]), all_of(&["through"])], vec![known(&c)]),
        ];
        let catalogue = catalogue(sets);
        for code in 0u8..12 {
            let text = code.to_string();
            let is = |set| catalogue.member(set, Coding::new("http://example.org/numbers", &text)).is_member();
            prop_assert_eq!(is("either"), (a.contains(&code) || b.contains(&code)) && !c.contains(&code));
            prop_assert_eq!(is("both"), a.contains(&code) && b.contains(&code));
            if !c.contains(&code) {
                // Sets that take each other in a circle still tell what is in one of them.
                prop_assert_eq!(is("through"), a.contains(&code) || b.contains(&code));
            }
        }
        let wanted = a.union(&b).filter(|code| !c.contains(code)).count();
        prop_assert_eq!(catalogue.expand("either", Page::default()).unwrap().total, wanted);
    }

    #[test]
    fn the_three_values_obey_the_laws_of_sets(a in answers(), b in answers(), c in answers()) {
        prop_assert_eq!(a.or(b), b.or(a));
        prop_assert_eq!(a.and(b), b.and(a));
        prop_assert_eq!(a.or(b.or(c)), a.or(b).or(c));
        prop_assert_eq!(a.and(b.and(c)), a.and(b).and(c));
        prop_assert_eq!(plain(a.and(b.or(c))), plain(a.and(b).or(a.and(c))));
        prop_assert_eq!(plain(a.or(b.and(c))), plain(a.or(b).and(a.or(c))));
        prop_assert_eq!(plain(a.or(a.and(b))), plain(a));
        prop_assert_eq!(plain(a.except(b).except(c)), plain(a.except(b.or(c))));
        // More knowledge never turns a settled answer round.
        for better in [Membership::Member, NO(NotMember::Code)] {
            let sharpen = |answer: Membership| if answer.is_unknown() { better } else { answer };
            for (now, later) in [
                (a.or(b), sharpen(a).or(sharpen(b))),
                (a.and(b), sharpen(a).and(sharpen(b))),
                (a.except(b), sharpen(a).except(sharpen(b))),
            ] {
                prop_assert!(plain(now).is_none() || plain(now) == plain(later));
            }
        }
    }
}
