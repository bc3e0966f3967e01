//! Which element of the source goes with which of the target: those that carry the same concept of the zibs.

use std::collections::{BTreeMap, BTreeSet};

use super::super::Counts;
use super::super::names;
use super::super::site::{Profile, Source, Target};

/// Ids of elements by the concept that they carry.
pub(super) type Carriers<'p> = BTreeMap<&'p str, Vec<&'p str>>;

/// An element of the source and one of the target that carry the same concepts.
pub(super) struct Pair<'p> {
    pub(super) ids: (&'p str, &'p str),
    pub(super) concepts: BTreeSet<&'p str>,
    /// Other elements that carry the concepts too.
    pub(super) others: BTreeSet<&'p str>,
    pub(super) from: Source,
    pub(super) to: Target,
    /// The place of the target as the source would have it.
    pub(super) twin: Option<Source>,
}

/// The elements that carry a concept, by concept; of the root none, as it says of no element where it is.
pub(super) fn carriers<'p>(profile: &Profile<'p>) -> Carriers<'p> {
    let mut all: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for element in profile.elements() {
        if !element.id.contains('.') || !profile.allows(&element.id) {
            continue;
        }
        for concept in &element.concepts {
            all.entry(&concept.id).or_default().push(&element.id);
        }
    }
    all
}

/// Pairs the elements that carry the same concept.
pub(super) fn pairs<'p>(
    source: &Profile<'p>,
    target: &Profile<'p>,
    from: &Carriers<'p>,
    to: &Carriers<'p>,
    counts: &mut Counts,
) -> Vec<Pair<'p>> {
    let mut all: BTreeMap<(&str, &str), Pair<'p>> = BTreeMap::new();
    for (concept, owners) in from {
        let Some(candidates) = to.get(concept) else {
            continue;
        };
        counts.concepts += 1;
        for id in owners {
            let Some(place) = source.source(id) else {
                continue;
            };
            let likeness = |other: &&&'p str| {
                let twin = target.source(other);
                let same = twin.as_ref().is_some_and(|twin| twin.is_like(&place));
                let types = twin.map(|twin| twin.types).unwrap_or_default();
                let fits = place.types.iter().any(|kind| types.contains(kind));
                (same, fits, last(id) == last(other), common(id, other))
            };
            // Of those that are as like, the first.
            let best = candidates.iter().rev().max_by_key(likeness);
            let Some(best) = best else { continue };
            let Some(there) = target.target(best, &place.types) else {
                continue;
            };
            let pair = all.entry((*id, *best)).or_insert_with(|| Pair {
                ids: (*id, *best),
                concepts: BTreeSet::new(),
                others: BTreeSet::new(),
                from: place.clone(),
                to: there,
                twin: target.source(best),
            });
            pair.concepts.insert(concept);
            let rest = candidates.iter().filter(|other| other != &best);
            pair.others.extend(rest.filter(|_| owners.len() == 1));
        }
    }
    all.into_values().collect()
}

/// The place in the target that has the same name and type: what is there is copied when no rule takes it. Which of both
/// is meant is for a person to say.
pub(super) fn stays(pair: &Pair<'_>, target: &Profile<'_>) -> Option<String> {
    let mut owner = target.table.named(&target.definition.type_name)?;
    let mut path = Vec::new();
    for step in &pair.from.steps {
        let name = step
            .split_once(".ofType(")
            .map_or(step.as_str(), |(name, _)| name);
        let same = |own: &&samenhang_profiles::element_table::Element| {
            own.definition.strip_suffix("[x]").unwrap_or(own.definition) == name
        };
        let element = owner.elements.iter().find(same)?;
        path.push(name);
        owner = target.table.type_of(element);
    }
    let same = pair.from.types.iter().any(|kind| kind == owner.name);
    (same && !owner.name.contains('.')).then(|| path.join("."))
}

/// The last name of an id, without a slice.
fn last(id: &str) -> &str {
    let part = id.rsplit_once('.').map_or(id, |(_, part)| part);
    part.split_once(':').map_or(part, |(name, _)| name)
}

/// Steps that two ids have in common from the start.
fn common(one: &str, other: &str) -> usize {
    let pairs = one.split('.').zip(other.split('.'));
    pairs.take_while(|(one, other)| one == other).count()
}

/// Concepts, with their names.
pub(super) fn named(concepts: &BTreeSet<&str>) -> String {
    let one = |concept: &&str| match names::concept(concept) {
        Some(names) => format!("{concept} {}", names.english),
        None => (*concept).to_owned(),
    };
    concepts.iter().map(one).collect::<Vec<_>>().join(", ")
}

impl Source {
    /// Whether both are the same place of their resources.
    fn is_like(&self, other: &Source) -> bool {
        let bare = |step: &String| match step.split_once(".ofType(") {
            Some((name, _)) => name.to_owned(),
            None => step.clone(),
        };
        self.steps.iter().map(bare).eq(other.steps.iter().map(bare))
    }
}

impl Pair<'_> {
    /// Whether what no rule takes goes there by itself.
    pub(super) fn is_copied(&self) -> bool {
        self.twin.as_ref().is_some_and(|twin| {
            let shared = self.from.types.iter().any(|kind| twin.types.contains(kind));
            let primitive = self
                .from
                .types
                .iter()
                .any(|kind| crate::run::goes(kind, self.to.kind));
            self.from.is_like(twin) && (shared || primitive)
        })
    }
}

impl Pair<'_> {
    /// What the paths end in where a text goes to or from the text of something complex.
    pub(super) fn ends(&self) -> (&'static str, &'static str) {
        let is = |name: &str| self.from.types.iter().any(|kind| kind == name);
        match self.to.kind {
            "CodeableConcept" | "Annotation" if is("string") || is("markdown") => ("", ".text"),
            "string" if is("CodeableConcept") => (".text", ""),
            _ => ("", ""),
        }
    }
}
