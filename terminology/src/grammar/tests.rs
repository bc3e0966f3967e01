//! Tags, countries, media types and units.

use proptest::prelude::*;

use super::Grammar;
use crate::answer::{Membership, NotMember, Unknown};

const SYNTAX: Membership = Membership::NotMember(NotMember::Syntax);
const NO_SUCH: Membership = Membership::NotMember(NotMember::NoSuchCode);
const FRAGMENT: Membership = Membership::Unknown(Unknown::SystemFragment);

#[test]
fn systems_are_judged_by_their_rules() {
    let cases: &[(&str, &[&str], Membership)] = &[
        (
            "urn:ietf:bcp:47",
            &[
                "nl",
                "nl-NL",
                "NL-nl",
                "zh-Hans-CN",
                "de-CH-1996",
                "en-x-own",
                "es-419",
                "x-own",
            ],
            Membership::Member,
        ),
        ("urn:ietf:bcp:47", &["qq", "nl-QQ"], NO_SUCH),
        (
            "urn:ietf:bcp:47",
            &[
                "",
                "nederlands",
                "nl_NL",
                "nl-",
                "n",
                "nl--NL",
                "nl-a",
                "nl NL",
                "12",
            ],
            SYNTAX,
        ),
        ("urn:ietf:bcp:47", &["fry", "fry-NL"], FRAGMENT),
        ("urn:oid:1.0.639.1", &["nl", "fy"], Membership::Member),
        ("urn:oid:1.0.639.1", &["NL", "nld"], SYNTAX),
        ("urn:iso:std:iso:3166", &["NL", "NLD", "BQ"], Membership::Member),
        ("urn:iso:std:iso:3166", &["QQ", "QQQ"], NO_SUCH),
        ("urn:iso:std:iso:3166", &["nl", "Nederland", ""], SYNTAX),
        ("urn:iso:std:iso:3166", &["528", "ANHH"], FRAGMENT),
        (
            "urn:ietf:bcp:13",
            &[
                "text/plain",
                "application/fhir+xml",
                "text/plain; charset=utf-8",
                "a/b;c=\"d e\"",
            ],
            Membership::Member,
        ),
        (
            "urn:ietf:bcp:13",
            &[
                "",
                "text",
                "text/",
                "/plain",
                "text/plain;",
                "te xt/plain",
                "a/b/c",
            ],
            SYNTAX,
        ),
        ("http://unitsofmeasure.org", &["mm[Hg]", "1"], Membership::Member),
        ("http://unitsofmeasure.org", &["mmHg", ""], SYNTAX),
        ("urn:ietf:rfc:3986", &["urn:oid:1.2"], Membership::Member),
        ("urn:ietf:rfc:3986", &["urn:oid:x"], SYNTAX),
    ];
    for (system, codes, expected) in cases {
        for code in *codes {
            assert_eq!(
                Grammar::of(system).unwrap().judge(code),
                *expected,
                "{system} {code}"
            );
        }
    }
    assert_eq!(Grammar::of("http://example.org/own"), None);
}

#[test]
fn the_lists_are_sorted_and_of_one_length() {
    for (grammar, count) in [(Grammar::Language, 184), (Grammar::Country, 249 * 2)] {
        let codes = grammar.codes().unwrap();
        assert_eq!(codes.len(), count);
        for code in codes {
            assert_eq!(grammar.judge(code), Membership::Member, "{code}");
        }
    }
}

proptest! {
    #[test]
    fn no_text_ends_a_judgement(text in ".{0,80}") {
        for system in ["urn:ietf:bcp:47", "urn:oid:1.0.639.1", "urn:iso:std:iso:3166", "urn:ietf:bcp:13", "http://unitsofmeasure.org"] {
            let _ = Grammar::of(system).map(|grammar| grammar.judge(&text));
        }
    }
}
