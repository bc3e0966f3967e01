//! Which pairs of one patient must be joined, by which evidence, and which must be left to a person.

use std::collections::{BTreeMap, BTreeSet};

use super::facet::{Pool, Verdict, compare_pools, pool};
use super::{Item, Relation, Tier};
use crate::statement::{Kind, Number, Said, Statement, Tag, When};

/// A pair of resources of one fact.
pub(crate) struct Expected {
    pub(crate) a: usize,
    pub(crate) b: usize,
    pub(crate) relation: Relation,
    pub(crate) tier: Tier,
}

/// A record with those that are one with it by evidence of its own.
struct Node {
    members: Vec<usize>,
    sources: BTreeSet<usize>,
    kind: Kind,
    fact: u32,
    pool: Pool,
}

/// The pairs of one fact, each with the strongest evidence that is left.
pub(crate) fn expected(items: &[Item], with_maps: bool) -> Vec<Expected> {
    let demoted = demoted(items);
    let mut facts: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (index, item) in items.iter().enumerate() {
        if item.label.statement.kind != Kind::Support {
            facts.entry(item.label.fact).or_default().push(index);
        }
    }
    let mut pairs = Vec::new();
    let mut nodes: Vec<Node> = Vec::new();
    for members in facts.values() {
        let by_tier: Vec<BTreeMap<usize, usize>> = [Tier::T0, Tier::T1, Tier::T2]
            .into_iter()
            .map(|tier| components(items, members, tier, &demoted))
            .collect();
        for (at, &a) in members.iter().enumerate() {
            for &b in members.iter().skip(at + 1) {
                let (Some(x), Some(y)) = (items.get(a), items.get(b)) else {
                    continue;
                };
                let known = by_tier.iter().position(|of| of.get(&a) == of.get(&b));
                let tier = match known {
                    Some(0) => Tier::T0,
                    Some(1) => Tier::T1,
                    Some(_) => Tier::T2,
                    None => Tier::Unsure,
                };
                let relation = x.label.relation(&y.label);
                pairs.push(Expected { a, b, relation, tier });
            }
        }
        let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (&member, &root) in by_tier.last().into_iter().flatten() {
            groups.entry(root).or_default().push(member);
        }
        nodes.extend(groups.into_values().filter_map(|members| node(items, members)));
    }
    let clear = unambiguous(&nodes, with_maps);
    let mut of: BTreeMap<usize, usize> = BTreeMap::new();
    for (index, node) in nodes.iter().enumerate() {
        of.extend(node.members.iter().map(|&member| (member, index)));
    }
    for pair in pairs.iter_mut().filter(|pair| pair.tier == Tier::Unsure) {
        let (Some(&x), Some(&y)) = (of.get(&pair.a), of.get(&pair.b)) else {
            continue;
        };
        if let Some(verdict) = clear.get(&(x.min(y), x.max(y))) {
            pair.tier = if *verdict == Verdict::Translated {
                Tier::T4
            } else {
                Tier::T3
            };
        }
    }
    pairs
}

fn node(items: &[Item], members: Vec<usize>) -> Option<Node> {
    let labels: Vec<_> = members
        .iter()
        .filter_map(|&index| Some(&items.get(index)?.label))
        .collect();
    let first = labels.first()?;
    Some(Node {
        kind: first.statement.kind,
        fact: first.fact,
        sources: labels.iter().map(|label| label.source).collect(),
        pool: pool(labels.iter().map(|label| &label.statement)),
        members,
    })
}

/// What is one record by evidence of at most a tier: for each member the first of its group.
fn components(
    items: &[Item],
    members: &[usize],
    tier: Tier,
    demoted: &BTreeSet<(String, String)>,
) -> BTreeMap<usize, usize> {
    let mut root: BTreeMap<usize, usize> = members.iter().map(|&member| (member, member)).collect();
    for (at, &a) in members.iter().enumerate() {
        for &b in members.iter().skip(at + 1) {
            let (Some(x), Some(y)) = (items.get(a), items.get(b)) else {
                continue;
            };
            if evidence(x, y, demoted).is_some_and(|found| found <= tier) {
                let (own, other) = (root.get(&a).copied(), root.get(&b).copied());
                let low = own.min(other);
                for place in root
                    .values_mut()
                    .filter(|place| Some(**place) == own || Some(**place) == other)
                {
                    *place = low.unwrap_or(*place);
                }
            }
        }
    }
    root
}

/// A number, the same however its system is written.
fn key(number: &Number) -> (String, String) {
    let system = number.system.trim_start_matches("urn:oid:");
    (system.to_owned(), number.value.clone())
}

/// The numbers that one source gives to more than one content: they are evidence of nothing (section 2.1, T1).
fn demoted(items: &[Item]) -> BTreeSet<(String, String)> {
    let mut prints: BTreeMap<(usize, (String, String)), BTreeSet<u64>> = BTreeMap::new();
    for label in items.iter().map(|item| &item.label) {
        if label.statement.kind != Kind::Support {
            for number in &label.statement.numbers {
                prints
                    .entry((label.source, key(number)))
                    .or_default()
                    .insert(label.print);
            }
        }
    }
    let many = prints.into_iter().filter(|(_, prints)| prints.len() > 1);
    many.map(|((_, number), _)| number).collect()
}

/// The evidence that two resources of one fact carry themselves.
fn evidence(a: &Item, b: &Item, demoted: &BTreeSet<(String, String)>) -> Option<Tier> {
    let (x, y) = (&a.label, &b.label);
    if x.print == y.print && x.source != y.source && is_told(&x.statement) {
        return Some(Tier::T0);
    }
    // A record has one time; with another one under the same number, somebody is wrong and a person must look.
    if !x.statement.kind.is_period() && parted(x.statement.when, y.statement.when) {
        return None;
    }
    let own: BTreeSet<_> = x.statement.numbers.iter().map(key).collect();
    let shares = |number: &(String, String)| own.contains(number) && !demoted.contains(number);
    if y.statement.numbers.iter().map(key).any(|number| shares(&number)) {
        return Some(Tier::T1);
    }
    let declares = |one: &Item, other: &Item| one.label.origin.as_deref() == Some(&*other.received.full_url);
    ((declares(a, b) || declares(b, a)) && is_corroborated(&x.statement, &y.statement)).then_some(Tier::T2)
}

/// Whether equal content tells a copy: of what is known by its number, only when it says a number or when.
fn is_told(of: &Statement) -> bool {
    let is_numbered = !of.numbers.is_empty() || of.tags.contains_key(&Tag::Treatment);
    let readable = |when: Option<When>| when.and_then(When::span).is_some();
    of.kind.by_fact()
        || of.kind == Kind::ContactPerson
        || is_numbered
        || readable(of.when)
        || of.recorded.is_some()
}

/// Whether something beside the declaration says that they are one: the time, the value, or what else is told of it.
fn is_corroborated(a: &Statement, b: &Statement) -> bool {
    const TELLING: [Tag; 6] = [
        Tag::Treatment,
        Tag::Specimen,
        Tag::Serial,
        Tag::Lot,
        Tag::Party,
        Tag::Side,
    ];
    let spans = (a.when.and_then(When::span), b.when.and_then(When::span));
    let time = matches!(spans, (Some(_), Some(_))) && !parted(a.when, b.when);
    let recorded = a.recorded.is_some() && a.recorded == b.recorded;
    let value = a.value != Said::Nothing && a.value == b.value || !a.parts.is_empty() && a.parts == b.parts;
    let tags = TELLING
        .iter()
        .any(|tag| a.tags.contains_key(tag) && a.tags.get(tag) == b.tags.get(tag));
    time || recorded || value || tags
}

/// Whether two times cannot be one.
fn parted(a: Option<When>, b: Option<When>) -> bool {
    match (a.and_then(When::span), b.and_then(When::span)) {
        (Some(a), Some(b)) => a.1 < b.0 || b.1 < a.0,
        _ => false,
    }
}

/// The pairs of nodes of one fact that nothing but each other fits.
///
/// A node is clear when all that its evidence is compatible with, of whatever fact, is compatible with each other too
/// and comes from different sources; otherwise more than one fact fits (rules R4 and R5). A source that keeps two
/// records apart tells that they are two.
fn unambiguous(nodes: &[Node], with_maps: bool) -> BTreeMap<(usize, usize), Verdict> {
    let mut blocks: BTreeMap<(Kind, &str), Vec<usize>> = BTreeMap::new();
    for (index, node) in nodes.iter().enumerate().filter(|(_, node)| node.kind.by_fact()) {
        if let Some(super::facet::Facet::Concept(concept)) = node
            .pool
            .get(&super::facet::Name::Concept)
            .and_then(|said| said.first())
        {
            blocks
                .entry((node.kind, concept.meaning))
                .or_default()
                .push(index);
        }
    }
    let mut clear = BTreeMap::new();
    for block in blocks.into_values() {
        let mut fits: BTreeMap<(usize, usize), Verdict> = BTreeMap::new();
        for (at, &a) in block.iter().enumerate() {
            for &b in block.iter().skip(at + 1) {
                let (Some(x), Some(y)) = (nodes.get(a), nodes.get(b)) else {
                    continue;
                };
                let verdict = compare_pools(x.kind, &x.pool, &y.pool);
                if verdict <= Verdict::Translated && x.sources.is_disjoint(&y.sources) {
                    fits.insert((a, b), verdict);
                }
            }
        }
        // Without maps nobody can see that a translated code fits.
        let last = if with_maps {
            Verdict::Translated
        } else {
            Verdict::Open
        };
        let fit = |a: usize, b: usize| {
            fits.get(&(a.min(b), a.max(b)))
                .filter(|verdict| **verdict <= last)
        };
        let is_clear = |a: usize| {
            let around: Vec<usize> = block
                .iter()
                .copied()
                .filter(|&b| b != a && fit(a, b).is_some())
                .collect();
            let mut pairs = around
                .iter()
                .enumerate()
                .flat_map(|(at, &x)| around.iter().skip(at + 1).map(move |&y| (x, y)));
            pairs.all(|(x, y)| fit(x, y).is_some())
        };
        let known: BTreeSet<usize> = block.iter().copied().filter(|&index| is_clear(index)).collect();
        for (&(a, b), &verdict) in &fits {
            let same = nodes.get(a).map(|node| node.fact) == nodes.get(b).map(|node| node.fact);
            if same && (verdict > last || known.contains(&a) && known.contains(&b)) {
                clear.insert((a, b), verdict);
            }
        }
    }
    clear
}
