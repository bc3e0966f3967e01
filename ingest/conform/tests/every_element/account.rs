//! What becomes of every value of instances with everything in them: the ledger, the validator, and the way back.

use std::collections::BTreeMap;

use samenhang_conform::{Fate, Kind as Found};
use samenhang_profiles::document::Node;
use samenhang_profiles::pack::{embedded, embedded_terminology};
use samenhang_profiles::validate::rule::Severity;
use samenhang_profiles::validate::{Language, Request, Settings, Validator, Values};
use samenhang_terminology::Builder;

use super::*;
use crate::causes::{self, Cause, Causes};

/// A place without numbers; an extension with its url.
fn place(node: Node<'_>) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut at = Some(node);
    while let Some(node) = at {
        let name = match (node.name(), node.text("url")) {
            ("extension" | "modifierExtension", Some(url)) => format!("ext({})", short(url)),
            (name, _) => name.to_owned(),
        };
        parts.push(name);
        at = node.parent();
    }
    parts.reverse();
    parts.join(".")
}

/// What was found of the instances of a profile: how often each thing.
#[derive(Default)]
struct Block {
    total: usize,
    unmapped: BTreeMap<String, usize>,
    /// Kept in an extension, as the target has no place for it.
    beside: BTreeMap<String, usize>,
    /// Errors of the validator on what was made, each with its cause.
    errors: BTreeMap<(Cause, String), usize>,
    /// What neither comes back nor is named by one of the two ledgers.
    silent: BTreeMap<String, usize>,
}

/// How much there may be of what should not be: these only go down.
struct Bars {
    unmapped: usize,
    /// Errors of the validator, by cause; those of the instance itself have no bar.
    errors: [(Cause, usize); 3],
    silent: usize,
}

#[test]
fn all_that_zib2017_allows_goes_to_r4_and_back() {
    let bars = Bars {
        unmapped: 16,
        errors: [(Cause::Source, 78), (Cause::Profile, 301), (Cause::Ours, 0)],
        silent: 265,
    };
    account(FhirVersion::Stu3, &bars);
}

#[test]
fn all_that_nl_core_allows_goes_to_stu3_and_back() {
    let bars = Bars {
        unmapped: 93,
        errors: [(Cause::Source, 172), (Cause::Profile, 401), (Cause::Ours, 0)],
        silent: 185,
    };
    account(FhirVersion::R4, &bars);
}

fn validator(version: FhirVersion) -> Validator {
    let mut builder = Builder::new();
    embedded_terminology(version)
        .unwrap()
        .add_to(&mut builder)
        .unwrap();
    if version == FhirVersion::Stu3 {
        builder.stu3_names();
    }
    let library = embedded(version).unwrap();
    Validator::new(library, Arc::new(builder.build()), Settings::default())
}

/// Errors of a document: rule, place without numbers and text.
fn errors(validator: &Validator, document: &Document<'_>) -> Vec<String> {
    let outcome = validator.validate(document, &Request::default());
    let bad = outcome
        .findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error);
    bad.map(|finding| {
        let place = finding
            .expression
            .replace(|digit: char| digit.is_ascii_digit() || "[]".contains(digit), "");
        format!(
            "{}\t{place}\t{}",
            finding.rule.code,
            finding.text(Language::English, Values::Shown)
        )
    })
    .collect()
}

fn account(from: FhirVersion, bars: &Bars) {
    let direction = Direction::new(from);
    let maker = direction.maker();
    let (before, after) = (validator(direction.from), validator(direction.to));
    let causes = Causes::read();
    let told = std::env::var("BLOCK").is_ok();
    let mut blocks: BTreeMap<String, Block> = BTreeMap::new();
    for profile in direction.profiles() {
        let block = blocks.entry(short(&profile).to_owned()).or_default();
        for variant in 0..maker.variants(&profile) {
            let body = values::bytes(&maker.instance(&profile, variant));
            let document = read(&body, from);
            let lifted = direction.lift(&document);
            let ledger = &lifted.ledger;
            assert_eq!(
                ledger.mapped() + ledger.ignored() + ledger.unmapped(),
                ledger.total()
            );
            block.total += ledger.total();
            for node in ledger.losses(&document) {
                *block.unmapped.entry(place(node)).or_default() += 1;
            }
            for finding in lifted
                .findings
                .iter()
                .filter(|finding| finding.kind == Found::Beside)
            {
                let node = document.node(finding.node).unwrap();
                *block.beside.entry(place(node)).or_default() += 1;
            }
            let mut own = None;
            if told {
                println!("--- {profile} {variant}\n{}", String::from_utf8_lossy(&body));
            }
            for made in &lifted.resources {
                if told {
                    println!("=== {:?}\n{}", made.map, String::from_utf8_lossy(&made.json));
                }
                let made = read(&made.json, direction.to);
                // The validator is the slow part: the variants with every element twice and once.
                if variant < 2 {
                    let own = own.get_or_insert_with(|| causes::keys(&errors(&before, &document)));
                    for error in errors(&after, &made) {
                        let cause = causes.of(&error, own);
                        *block.errors.entry((cause, error)).or_default() += 1;
                    }
                }
            }
            for lost in silent(&direction, &document, &lifted) {
                *block.silent.entry(lost).or_default() += 1;
            }
        }
    }
    report(from, &blocks, bars);
}

/// What neither comes back nor is named.
fn silent(direction: &Direction, document: &Document<'_>, lifted: &Lifted) -> Vec<String> {
    let mut values: BTreeMap<(String, String), i64> = BTreeMap::new();
    let mut count = |document: &Document<'_>, by: i64| {
        let mut open = vec![document.root()];
        while let Some(node) = open.pop() {
            if let Some(text) = node.primitive() {
                *values.entry((place(node), text.to_owned())).or_default() += by;
            }
            open.extend(node.children());
        }
    };
    count(document, 1);
    let mut named: BTreeMap<String, i64> = BTreeMap::new();
    for leaf in lifted
        .ledger
        .leaves()
        .iter()
        .filter(|leaf| leaf.fate != Fate::Mapped)
    {
        let text = document.node(leaf.node).and_then(|node| node.primitive());
        *named.entry(text.unwrap_or_default().to_owned()).or_default() += 1;
    }
    for finding in &lifted.findings {
        if finding.kind == Found::Renamed
            && let Some(text) = document.node(finding.node).and_then(|node| node.primitive())
        {
            *named.entry(text.to_owned()).or_default() += 1;
        }
    }
    for made in &lifted.resources {
        let made = read(&made.json, direction.to);
        let returned = lift(&direction.back, &made);
        for leaf in returned
            .ledger
            .leaves()
            .iter()
            .filter(|leaf| leaf.fate != Fate::Mapped)
        {
            let text = made.node(leaf.node).and_then(|node| node.primitive());
            *named.entry(text.unwrap_or_default().to_owned()).or_default() += 1;
        }
        for resource in &returned.resources {
            if std::env::var("BLOCK").is_ok() {
                println!("<<< {}", String::from_utf8_lossy(&resource.json));
            }
            count(&read(&resource.json, direction.from), -1);
        }
    }
    // What a map takes out of a resource comes back in one of its own: the same text at another place.
    for ((_, text), count) in values.iter().filter(|(_, count)| **count < 0) {
        *named.entry(text.clone()).or_default() -= count;
    }
    // Texts that were put together come back as one.
    let joined: Vec<String> = named
        .iter()
        .filter(|(_, count)| **count > 0)
        .map(|(text, _)| text.clone())
        .collect();
    let joined = joined
        .iter()
        .filter(|text| text.contains('\n') || text.contains("; "))
        .cloned()
        .collect::<Vec<_>>()
        .join("\n");
    let mut lost = Vec::new();
    for ((place, text), count) in values {
        let told = named.entry(text.clone()).or_default();
        for _ in 0..count.max(0) {
            if *told > 0 {
                *told -= 1;
            } else if text.len() < 6 || !joined.contains(&text) {
                lost.push(format!("{place}\t{text}"));
            }
        }
    }
    lost
}

fn report(from: FhirVersion, blocks: &BTreeMap<String, Block>, bars: &Bars) {
    let sum = |part: fn(&Block) -> &BTreeMap<String, usize>| -> usize {
        blocks.values().flat_map(|block| part(block).values()).sum()
    };
    let mut by_cause: BTreeMap<Cause, usize> = BTreeMap::new();
    for (name, block) in blocks {
        for ((cause, error), count) in &block.errors {
            println!("error\t{name}\t{count}\t{cause:?}\t{error}");
            *by_cause.entry(*cause).or_default() += count;
        }
        let lines = [
            ("unmapped", &block.unmapped),
            ("beside", &block.beside),
            ("silent", &block.silent),
        ];
        for (what, lines) in lines {
            for (line, count) in lines {
                println!("{what}\t{name}\t{count}\t{line}");
            }
        }
    }
    let total: usize = blocks.values().map(|block| block.total).sum();
    println!(
        "{from:?}: {} profiles, {total} values, {} unmapped, {} kept beside, errors {by_cause:?}, {} lost in silence",
        blocks.len(),
        sum(|block| &block.unmapped),
        sum(|block| &block.beside),
        sum(|block| &block.silent),
    );
    if std::env::var("BLOCK").is_err() {
        assert!(sum(|block| &block.unmapped) <= bars.unmapped);
        for (cause, bar) in bars.errors {
            let errors = by_cause.get(&cause).copied().unwrap_or_default();
            assert!(errors <= bar, "{cause:?}: {errors}");
        }
        assert!(sum(|block| &block.silent) <= bars.silent);
    }
}
