//! Pairs that must never be joined: for each rule of section 2.3 of the reconciliation notes, each kind of record that it
//! touches and both directions, in several surroundings that tempt to join them all the same.

mod rules;

use std::collections::BTreeMap;

use samenhang_reconcile::Reconciled;
use samenhang_reconcile::maps::Maps;

use crate::chance::Chance;
use crate::fact::Fact;
use crate::patient::{Birth, Maker};
use crate::score::{Ratio, Result};
use crate::seeds::Seeds;
use crate::statement::Statement;

pub(crate) use rules::{RULES, Rule};

/// What surrounds the two.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Setting {
    /// Two records without a number.
    Bare,
    /// Each with a number of its own.
    Numbered,
    /// One of them written in another way.
    Noisy,
    /// A third that fits both, because it does not say what tells them apart.
    Chained,
    /// Each with copies elsewhere.
    Copied,
    /// One number for both.
    Shared,
    /// One declares that it was made from the other.
    Declared,
    /// One without a number says that it is a copy, and the other has a number.
    Marked,
}

impl Setting {
    const ALL: [Setting; 8] = [
        Setting::Bare,
        Setting::Numbered,
        Setting::Noisy,
        Setting::Chained,
        Setting::Copied,
        Setting::Shared,
        Setting::Declared,
        Setting::Marked,
    ];

    /// Its name in the report.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Setting::Bare => "no numbers",
            Setting::Numbered => "numbers of their own",
            Setting::Noisy => "one written in another way",
            Setting::Chained => "a third that fits both",
            Setting::Copied => "both with copies",
            Setting::Shared => "one number for both",
            Setting::Declared => "one declares to be made from the other",
            Setting::Marked => "one is marked as a copy",
        }
    }
}

/// What came of the hard negatives.
#[derive(Default, Clone)]
pub(crate) struct Negatives {
    /// By rule and kind: those that were joined.
    pub(crate) by_rule: BTreeMap<(u8, &'static str, &'static str), Ratio>,
    pub(crate) by_setting: BTreeMap<Setting, Ratio>,
    /// Contradictions that must be told, by rule and kind: those that are.
    pub(crate) told: BTreeMap<(u8, &'static str, &'static str), Ratio>,
    pub(crate) examples: Vec<String>,
    pub(crate) untold: Vec<String>,
}

impl Negatives {
    /// All of them, and how many were joined.
    pub(crate) fn joined(&self) -> Ratio {
        let mut all = Ratio::default();
        self.by_rule.values().for_each(|ratio| all.plus(*ratio));
        all
    }

    /// All contradictions, and how many are told.
    pub(crate) fn conflicts(&self) -> Ratio {
        let mut all = Ratio::default();
        self.told.values().for_each(|ratio| all.plus(*ratio));
        all
    }
}

/// Makes and judges at least this many.
pub(crate) fn negatives(
    seeds: &Seeds,
    maps: &Maps,
    seed: u64,
    at_least: usize,
    mut tick: impl FnMut(usize),
) -> Negatives {
    let mut found = Negatives::default();
    let mut number = 0u64;
    while found.joined().of < at_least {
        for rule in RULES {
            for setting in Setting::ALL {
                if matches!(setting, Setting::Shared | Setting::Declared) && !rule.shared {
                    continue;
                }
                if setting == Setting::Marked && !is_marked(rule, seeds) {
                    continue;
                }
                for is_swapped in [false, true] {
                    number += 1;
                    one(
                        seeds,
                        maps,
                        Chance::new(seed ^ 0x5eed, number),
                        rule,
                        setting,
                        is_swapped,
                        &mut found,
                    );
                }
            }
        }
        tick(found.joined().of);
    }
    found
}

/// Whether the records of a rule can be marked as a copy.
fn is_marked(rule: &Rule, seeds: &Seeds) -> bool {
    let made = (rule.make)(seeds, &mut Chance::new(0x5eed, u64::from(rule.number)));
    made.is_some_and(|(_, other)| other.kind.is_marked())
}

fn one(
    seeds: &Seeds,
    maps: &Maps,
    chance: Chance,
    rule: &Rule,
    setting: Setting,
    is_swapped: bool,
    found: &mut Negatives,
) {
    let mut maker = Maker::new(seeds, chance, Some(6));
    let Some((mut base, mut other)) = (rule.make)(seeds, &mut maker.chance) else {
        return;
    };
    let swap = |place: usize| if is_swapped { 1 - place } else { place };
    match setting {
        Setting::Numbered => {
            maker.number(&mut base.statement, 0, 1000);
            maker.number(&mut other, 1, 1000);
        }
        Setting::Shared => {
            maker.number(&mut base.statement, 0, 1000);
            other.numbers = base.statement.numbers.clone();
        }
        Setting::Marked => {
            maker.number(&mut base.statement, 0, 1000);
            other.numbers.clear();
            other.is_copy = true;
        }
        Setting::Noisy => rewritten(&base, &mut other, &mut maker.chance),
        _ => {}
    }
    let (left, mut right) = (maker.born(), maker.born());
    let (a, b) = (left.fact, right.fact);
    let address = maker.put(&base.statement, swap(0), left.clone());
    if setting == Setting::Declared {
        right.origin = address;
    }
    put(&mut maker, &other, swap(1), &right);
    match setting {
        Setting::Copied => {
            put(&mut maker, &base.statement, 2, &left);
            put(&mut maker, &other, 3, &right);
        }
        Setting::Chained => {
            let mut between = base.statement.clone();
            let differs: Vec<_> = other
                .tags
                .keys()
                .chain(base.statement.tags.keys())
                .copied()
                .collect();
            for tag in differs {
                if other.tags.get(&tag) != base.statement.tags.get(&tag) {
                    between.tags.remove(&tag);
                }
            }
            if other.when != base.statement.when {
                between.when = None;
            }
            between.remark = Some("overgenomen".to_owned());
            let birth = maker.born();
            put(&mut maker, &between, 4, &birth);
        }
        _ => {}
    }
    let items = maker.finish().items;
    let input = items.iter().map(|item| item.received.clone()).collect();
    let reconciled = Reconciled::by(input, &[], maps);
    let result = Result::new(&items, &reconciled);
    let first = |fact: u32| items.iter().position(|item| item.label.fact == fact);
    let (Some(a), Some(b)) = (first(a), first(b)) else {
        return;
    };
    let is_joined = result.joined(a, b);
    let key = (rule.number, rule.name, base.statement.kind.name());
    found.by_rule.entry(key).or_default().add(is_joined, false);
    found.by_setting.entry(setting).or_default().add(is_joined, false);
    let text = || {
        let bodies: Vec<_> = items
            .iter()
            .map(|item| String::from_utf8_lossy(item.received.resource.body()).into_owned())
            .collect();
        format!("{key:?} {setting:?} {}", bodies.join(" | "))
    };
    if is_joined && found.examples.len() < 60 {
        found.examples.push(text());
    }
    if rule.conflict || (rule.shared_conflict && matches!(setting, Setting::Shared | Setting::Declared)) {
        let is_told = result.contradicts(a, b);
        found.told.entry(key).or_default().add(is_told, false);
        if !is_told && found.untold.len() < 60 {
            found.untold.push(text());
        }
    }
}

fn put(maker: &mut Maker<'_>, statement: &Statement, source: usize, birth: &Birth) {
    maker.put(statement, source, birth.clone());
}

/// Writes the other in another way, without touching what tells it apart.
fn rewritten(base: &Fact, other: &mut Statement, chance: &mut Chance) {
    if other.concept.codes == base.statement.concept.codes && base.known.term.codes.len() > 1 {
        other.concept.codes = base.known.term.codes.to_vec();
        chance.shuffle(&mut other.concept.codes);
    }
    other.concept.text = Some(base.known.term.english.to_owned());
    other.remark = Some(format!("overgenomen {}", chance.below(1000)));
    if let Some(when) = &mut other.when {
        when.zone = crate::statement::Zone::Utc;
    }
}
