//! The maps of codes that a user of the seeds would have given: each meaning with its codes, and some that are wider and
//! must join nothing. No other map is given.

use samenhang_reconcile::maps::{Allowed, Maps};
use samenhang_terminology::answer::Relationship;
use samenhang_terminology::definition::{ConceptMap, MapElement, MapGroup, MapTarget};

use crate::seeds::Seeds;
use crate::term::{Code, Term};

const URL: &str = "https://samenhang.example/fhir/ConceptMap/gold";
const VERSION: &str = "1";

fn mapping(from: Code, to: Code, relationship: Relationship) -> MapGroup {
    MapGroup {
        source: Some(from.system.uri().to_owned()),
        target: Some(to.system.uri().to_owned()),
        elements: vec![MapElement {
            code: from.code.to_owned(),
            targets: vec![MapTarget {
                relationship,
                code: Some(to.code.to_owned()),
                display: None,
                depends_on: Vec::new(),
                product: Vec::new(),
            }],
        }],
        ..MapGroup::default()
    }
}

/// The meanings of which all codes are equivalent. A class of products is wider than a product, so products are none.
fn meanings(seeds: &Seeds) -> Vec<Term> {
    let mut terms: Vec<Term> = Vec::new();
    terms.extend(
        seeds
            .problems
            .iter()
            .chain(seeds.procedures)
            .chain(seeds.devices)
            .map(|seed| seed.term),
    );
    terms.extend(seeds.labs.iter().chain(seeds.vitals).map(|seed| seed.term));
    terms.extend(seeds.situations.iter().map(|seed| seed.term));
    for list in [
        seeds.allergies,
        seeds.alerts,
        seeds.vaccines,
        seeds.directives,
        seeds.documents,
        seeds.planned,
    ] {
        terms.extend(list);
    }
    terms.push(seeds.pressure.0);
    terms
}

/// The maps of a set of seeds; none when they cannot be read, which the report then says.
pub(crate) fn maps(seeds: &Seeds) -> Option<Maps> {
    let mut groups = Vec::new();
    for term in meanings(seeds) {
        if let Some((first, others)) = term.codes.split_first() {
            groups.extend(
                others
                    .iter()
                    .map(|other| mapping(*first, *other, Relationship::Equivalent)),
            );
        }
    }
    for term in seeds.products {
        if let Some((first, others)) = term.codes.split_first() {
            groups.extend(
                others
                    .iter()
                    .map(|other| mapping(*other, *first, Relationship::Wider)),
            );
        }
    }
    let (of, wider) = seeds.wider;
    groups.extend(
        of.codes
            .first()
            .map(|code| mapping(*code, wider, Relationship::Wider)),
    );
    let map = ConceptMap {
        url: URL.to_owned(),
        version: Some(VERSION.to_owned()),
        groups,
        ..ConceptMap::default()
    };
    let allowed: Allowed = format!("{URL}|{VERSION}").parse().ok()?;
    Maps::new(&[map], &[allowed]).ok()
}
