//! From STU3 to R4 and back: every value comes back, or one of the two ledgers says that it was not carried over.
//!
//! Values are compared as text with the place without numbers, so that an order or a second item is no difference. What a
//! ledger ignores for a reason or names as unmapped is named; what neither names and is not there is lost in silence.

use std::collections::BTreeMap;

use samenhang_conform::Fate;
use samenhang_profiles::document::Node;

use super::*;

/// How often each value stands at each place.
type Values = BTreeMap<(String, String), i64>;

fn place(node: Node<'_>) -> String {
    node.path()
        .replace(|digit: char| digit.is_ascii_digit() || "[]".contains(digit), "")
}

/// Adds the values of a document to a count.
fn count(document: &Document<'_>, by: i64, into: &mut Values) {
    for id in 0..document.len() {
        let Some(node) = document.node(id) else { continue };
        if let Some(text) = node.primitive() {
            *into.entry((place(node), text.to_owned())).or_default() += by;
        }
    }
}

#[test]
fn what_goes_there_and_back_comes_back_or_is_named() {
    let pack = pack();
    let back = samenhang_conform::shipped("r4-zib2020-to-stu3-zib2017").unwrap();
    let mut blocks: BTreeMap<String, (usize, BTreeMap<String, i64>)> = BTreeMap::new();
    let (mut total, mut silent) = (0, 0);
    for fixture in fixtures() {
        let document = fixture.document();
        let lifted = lift(&pack, &document);
        let mut values = Values::new();
        count(&document, 1, &mut values);
        for leaf in lifted.ledger.leaves() {
            let named = leaf.fate != Fate::Mapped;
            if let Some(node) = document.node(leaf.node).filter(|_| named) {
                *values
                    .entry((place(node), node.primitive().unwrap_or_default().to_owned()))
                    .or_default() -= 1;
            }
        }
        let mut named: BTreeMap<String, i64> = BTreeMap::new();
        for resource in &lifted.resources {
            let made = Document::from_json(&resource.json, FhirVersion::R4, &Limits::default()).unwrap();
            let returned = lift(&back, &made);
            for leaf in returned.ledger.leaves() {
                if let Some(text) = made
                    .node(leaf.node)
                    .filter(|_| leaf.fate != Fate::Mapped)
                    .and_then(|node| node.primitive())
                {
                    *named.entry(text.to_owned()).or_default() += 1;
                }
            }
            for resource in &returned.resources {
                let again =
                    Document::from_json(&resource.json, FhirVersion::Stu3, &Limits::default()).unwrap();
                count(&again, -1, &mut values);
            }
        }
        let (all, missing) = blocks.entry(Fixture::block(&document)).or_default();
        *all += lifted.ledger.total();
        total += lifted.ledger.total();
        for ((place, text), mut count) in values {
            // What the way back names has the place of R4, so that the value itself has to tell.
            let told = named.get_mut(&text).map_or(0, |told| {
                let used = count.clamp(0, *told);
                *told -= used;
                used
            });
            count -= told;
            if count > 0 {
                *missing.entry(place).or_default() += count;
                silent += count;
            }
        }
    }
    if total == 0 {
        return;
    }
    for (block, (all, missing)) in &blocks {
        for (place, count) in missing {
            println!("{count:4} of {all:5} neither back nor named: {block} {place}");
        }
    }
    println!("{silent} of {total} values neither come back nor are named");
    assert!(
        silent as f64 <= bar("silent"),
        "{silent} values lost in silence are more than the bar"
    );
}
