//! From resources to facts: finds the kind of each and reads its slots.

use std::collections::HashMap;

use jiff::Timestamp;
use samenhang_profiles::tree::Tree;
use samenhang_profiles::{FhirVersion, Received};

use super::concept::{self, Bridge, Concept};
use super::text::folded;
use super::{Fact, Name, Names, Span, Value, quantity};
use crate::CHECKED;
use crate::date::Interval;
use crate::policy::path::{Follow, Found};
use crate::policy::{Condition, Holds, Kind, Path, Policy, Slot};
use crate::subject::local;

/// Most parts of one measurement that are compared.
const MAX_PARTS: usize = 64;

/// The resources of one question, each parsed once, and what refers to what.
pub(crate) struct World<'a> {
    items: &'a [Received],
    trees: Vec<Option<Tree<'a>>>,
    /// Endpoint, type and id of each resource; the first in order counts.
    places: HashMap<(&'a str, &'a str, &'a str), usize>,
    /// Endpoint and id of each resource, for references of a document by `urn:uuid`, which is the id; nothing for an id
    /// that two types have.
    ids: HashMap<(&'a str, &'a str), Option<usize>>,
}

impl<'a> World<'a> {
    pub(crate) fn new(items: &'a [Received]) -> Self {
        let mut places = HashMap::with_capacity(items.len());
        let mut ids = HashMap::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            if let Some(id) = item.resource.id() {
                places
                    .entry((&*item.lineage.endpoint, item.resource.resource_type(), id))
                    .or_insert(index);
                ids.entry((&*item.lineage.endpoint, id))
                    .and_modify(|place| *place = None)
                    .or_insert(Some(index));
            }
        }
        World {
            ids,
            items,
            trees: items
                .iter()
                .map(|item| Tree::parse(item.resource.body(), &CHECKED).ok())
                .collect(),
            places,
        }
    }

    pub(crate) fn tree(&self, index: usize) -> Option<&Tree<'a>> {
        self.trees.get(index)?.as_ref()
    }

    /// The codes and texts at a path of one resource.
    pub(crate) fn codes(&self, index: usize, path: &Path) -> Vec<String> {
        let mut found = Vec::new();
        if let Some(tree) = self.tree(index) {
            path.find(tree, &At { world: self, index }, &mut found);
        }
        found
            .iter()
            .flat_map(|found| codes(found.tree))
            .map(str::to_owned)
            .collect()
    }
}

/// Follows the references of one resource.
struct At<'w, 'a> {
    world: &'w World<'a>,
    index: usize,
}

impl<'w> Follow<'w> for At<'w, '_> {
    fn follow(&self, reference: &str) -> Option<&'w Tree<'w>> {
        if let Some(id) = reference.strip_prefix('#') {
            let contained = self.world.tree(self.index)?.get("contained")?.items();
            return contained
                .iter()
                .find(|tree| tree.get("id").and_then(Tree::as_str) == Some(id));
        }
        let endpoint = &*self.world.items.get(self.index)?.lineage.endpoint;
        if let Some(id) = reference.strip_prefix("urn:uuid:") {
            return self.world.tree((*self.world.ids.get(&(endpoint, id))?)?);
        }
        let (kind, id) = local(reference, endpoint)?;
        self.world.tree(*self.world.places.get(&(endpoint, kind, id))?)
    }
}

/// The facts of a set of resources.
pub(crate) struct Facts {
    /// For each resource its fact; none for what is of no kind.
    pub(crate) facts: Vec<Option<Fact>>,
}

impl Facts {
    pub(crate) fn read(world: &World<'_>, policy: &Policy, bridge: &dyn Bridge) -> Self {
        let mut by_type: HashMap<&str, Vec<(usize, &Kind)>> = HashMap::new();
        for (index, kind) in policy.kinds.iter().enumerate() {
            for name in &kind.types {
                by_type.entry(name).or_default().push((index, kind));
            }
        }
        let mut names = Names::default();
        let facts = world
            .items
            .iter()
            .enumerate()
            .map(|(index, item)| {
                // The paths of the policy are those of R4.
                if item.version() != FhirVersion::R4 {
                    return None;
                }
                let kinds = by_type.get(item.resource.resource_type())?;
                let reader = Reader {
                    at: At { world, index },
                    tree: world.tree(index)?,
                    bridge,
                };
                let (place, kind) = kinds.iter().find(|(_, kind)| reader.all(&kind.when))?;
                Some(Fact {
                    kind: *place,
                    source: names.of(&item.lineage.endpoint),
                    values: kind
                        .slots
                        .iter()
                        .map(|slot| reader.slot(slot, &mut names))
                        .collect(),
                    stands: reader.all(&kind.stands),
                    recorded: reader.recorded(kind),
                })
            })
            .collect();
        Facts { facts }
    }
}

/// Reads one resource.
struct Reader<'w, 'a> {
    at: At<'w, 'a>,
    tree: &'w Tree<'w>,
    bridge: &'w dyn Bridge,
}

impl<'w> Reader<'w, '_> {
    fn found(&self, path: &Path) -> Vec<Found<'w>> {
        let mut found = Vec::new();
        path.find(self.tree, &self.at, &mut found);
        found
    }

    fn all(&self, conditions: &[Condition]) -> bool {
        conditions
            .iter()
            .all(|condition| self.holds(condition) != condition.not)
    }

    fn holds(&self, condition: &Condition) -> bool {
        let found = self.found(&condition.path);
        if condition.any.is_empty() {
            return !found.is_empty();
        }
        found.iter().any(|found| match found.tree {
            Tree::String(text) => condition.any.iter().any(|code| code == text),
            tree => {
                let many = tree.get("coding").map_or(std::slice::from_ref(tree), Tree::items);
                many.iter().any(|coding| {
                    let part = |name| coding.get(name).and_then(Tree::as_str);
                    let (system, code) = (part("system").unwrap_or(""), part("code"));
                    code.is_some_and(|code| {
                        condition.any.iter().any(|any| match any.split_once('|') {
                            Some((of, any)) => any == code && of == system,
                            None => any == code,
                        })
                    })
                })
            }
        })
    }

    fn recorded(&self, kind: &Kind) -> Option<Timestamp> {
        kind.recency.iter().find_map(|path| {
            let times = self.found(path).into_iter().filter_map(|found| span(found.tree));
            times.filter_map(|span| span.start).max()
        })
    }

    fn slot(&self, slot: &Slot, names: &mut Names) -> Value {
        for path in &slot.paths {
            let found = self.found(path);
            let value = self.value(slot, &found, names);
            if !value.is_missing() {
                return value;
            }
        }
        match slot.holds {
            Holds::Flag => Value::Exact(names.of("false")),
            _ => Value::Missing,
        }
    }

    fn value(&self, slot: &Slot, found: &[Found<'w>], names: &mut Names) -> Value {
        if found.is_empty() {
            return Value::Missing;
        }
        if !slot.classes.is_empty() {
            return classes(slot, found, names);
        }
        match slot.holds {
            Holds::Concept => {
                let read = |found: &Found<'_>| concept::read(found.tree, names, self.bridge);
                many_concepts(found.iter().filter_map(read).collect())
            }
            Holds::Code => exact(found.iter().filter_map(|found| scalar(found.tree)), names),
            Holds::Flag => {
                let said = found.iter().any(|found| found.tree.as_bool() == Some(true));
                Value::Exact(names.of(if said { "true" } else { "false" }))
            }
            Holds::Time => joined(found.iter().filter_map(|found| span(found.tree))),
            Holds::Start => found
                .iter()
                .filter_map(|found| {
                    let start = found.tree.get("start").unwrap_or(found.tree);
                    Some(Span::of(Interval::parse(start.as_str()?)?))
                })
                .min()
                .map_or(Value::Missing, Value::Time),
            Holds::Value => found
                .first()
                .map_or(Value::Missing, |found| self.any_value(*found, names)),
            Holds::Components => self.parts(found, names),
            Holds::Party | Holds::Identifier => self.numbers(found, names),
            Holds::Content => {
                let mut parts: Vec<String> = found.iter().map(|found| canonical(found.tree)).collect();
                parts.sort_unstable();
                Value::Exact(names.of(&parts.join(",")))
            }
        }
    }

    fn any_value(&self, found: Found<'w>, names: &mut Names) -> Value {
        let concept = |names: &mut Names| {
            concept::read(found.tree, names, self.bridge)
                .map_or(Value::Missing, |concept| Value::Concepts([concept].into()))
        };
        match found.of_type.unwrap_or("") {
            "Quantity" | "Age" | "Duration" | "Count" | "Distance" | "Money" => {
                quantity::read(found.tree, names).map_or(Value::Missing, Value::Quantity)
            }
            "CodeableConcept" | "Coding" => concept(names),
            "DateTime" | "Date" | "Period" | "Instant" => {
                span(found.tree).map_or(Value::Missing, Value::Time)
            }
            "String" | "Code" => {
                let text = found.tree.as_str().unwrap_or("").trim();
                if text.is_empty() {
                    Value::Missing
                } else {
                    Value::Exact(names.of(text))
                }
            }
            _ => Value::Exact(names.of(&canonical(found.tree))),
        }
    }

    fn parts(&self, found: &[Found<'w>], names: &mut Names) -> Value {
        let value = Path::parse("value[x]");
        let mut parts: Vec<(Concept, Value)> = Vec::new();
        for found in found.iter().take(MAX_PARTS) {
            let Some(what) = found
                .tree
                .get("code")
                .and_then(|code| concept::read(code, names, self.bridge))
            else {
                continue;
            };
            let mut values = Vec::new();
            if let Some(path) = &value {
                path.find(found.tree, &self.at, &mut values);
            }
            let value = match (values.first(), found.tree.get("dataAbsentReason")) {
                (Some(value), _) => self.any_value(*value, names),
                // That it is not there is something else than any value.
                (None, Some(_)) => Value::Exact(names.of("\u{0}absent")),
                (None, None) => Value::Missing,
            };
            parts.push((what, value));
        }
        if parts.is_empty() {
            Value::Missing
        } else {
            Value::Parts(parts.into())
        }
    }

    /// The numbers of a party or thing: of an Identifier, of a reference's own identifier, or of what it points at.
    fn numbers(&self, found: &[Found<'w>], names: &mut Names) -> Value {
        let mut numbers: Vec<(Name, Name)> = Vec::new();
        let mut add = |tree: &Tree<'_>, names: &mut Names| {
            let part = |name| tree.get(name).and_then(Tree::as_str).map(str::trim);
            if let (Some(system), Some(value)) = (part("system"), part("value"))
                && !system.is_empty()
                && !value.is_empty()
            {
                let system = system.strip_prefix("urn:oid:").unwrap_or(system);
                numbers.push((names.of(system), names.of(value)));
            }
        };
        for found in found {
            let tree = found.tree;
            let reference = tree.get("reference").and_then(Tree::as_str);
            match (
                tree.get("identifier"),
                reference.and_then(|to| self.at.follow(to)),
            ) {
                (Some(identifier), _) => add(identifier, names),
                (None, Some(target)) => {
                    let list = target.get("identifier").map_or(&[][..], |list| list.items());
                    list.iter().for_each(|identifier| add(identifier, names));
                }
                (None, None) => add(tree, names),
            }
        }
        numbers.sort_unstable();
        numbers.dedup();
        if numbers.is_empty() {
            Value::Missing
        } else {
            Value::Numbers(numbers.into())
        }
    }
}

/// The classes of the codes that were found; a code without a class stands for itself.
fn classes(slot: &Slot, found: &[Found<'_>], names: &mut Names) -> Value {
    let class = |code: &str| {
        let known = slot.classes.iter().find(|(of, _)| of == code);
        known.map_or(code, |(_, class)| class).to_owned()
    };
    let mut said: Vec<String> = found
        .iter()
        .flat_map(|found| codes(found.tree))
        .map(class)
        .collect();
    said.sort_unstable();
    said.dedup();
    if said.is_empty() {
        Value::Missing
    } else {
        Value::Exact(names.of(&said.join(" ")))
    }
}

/// The codes of a `CodeableConcept` or Coding, or the text of a primitive.
fn codes<'t>(tree: &'t Tree<'_>) -> impl Iterator<Item = &'t str> {
    let many = tree
        .get("coding")
        .map_or(std::slice::from_ref(tree), |list| list.items());
    many.iter()
        .filter_map(|coding| scalar(coding).or_else(|| coding.get("code").and_then(Tree::as_str)))
}

fn many_concepts(concepts: Vec<Concept>) -> Value {
    if concepts.is_empty() {
        Value::Missing
    } else {
        Value::Concepts(concepts.into())
    }
}

fn exact<'t>(texts: impl Iterator<Item = &'t str>, names: &mut Names) -> Value {
    let mut texts: Vec<&str> = texts.collect();
    texts.sort_unstable();
    texts.dedup();
    if texts.is_empty() {
        Value::Missing
    } else {
        Value::Exact(names.of(&texts.join("\u{1f}")))
    }
}

fn scalar<'t>(tree: &'t Tree<'_>) -> Option<&'t str> {
    match tree {
        Tree::Boolean(true) => Some("true"),
        Tree::Boolean(false) => Some("false"),
        tree => tree.as_str().or_else(|| tree.as_number()),
    }
    .filter(|text| !text.trim().is_empty())
}

/// The time of a date, a moment or a period; nothing for what is no time.
fn span(tree: &Tree<'_>) -> Option<Span> {
    if let Some(text) = tree.as_str() {
        return Interval::parse(text).map(Span::of);
    }
    let part = |name| tree.get(name).and_then(Tree::as_str).and_then(Interval::parse);
    let (start, end) = (part("start"), part("end"));
    (start.is_some() || end.is_some()).then(|| Span {
        start: start.map(|interval| interval.start),
        end: end.map(|interval| interval.end),
    })
}

/// Several times of one thing: the whole that they cover.
fn joined(spans: impl Iterator<Item = Span>) -> Value {
    spans
        .reduce(|a, b| Span {
            start: a.start.zip(b.start).map(|(a, b)| a.min(b)),
            end: a.end.zip(b.end).map(|(a, b)| a.max(b)),
        })
        .map_or(Value::Missing, Value::Time)
}

/// Everything below a place, in an order of its own. Texts for people are folded; references, ids and displays differ
/// between holders and do not count.
fn canonical(tree: &Tree<'_>) -> String {
    written("", tree)
}

fn written(name: &str, tree: &Tree<'_>) -> String {
    match tree {
        Tree::Null => "~".to_owned(),
        Tree::Boolean(value) => value.to_string(),
        Tree::Number(text) if text.contains('.') && !text.contains(['e', 'E']) => {
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
        Tree::Number(text) => text.to_string(),
        Tree::String(text) if matches!(name, "text" | "patientInstruction") => sized(&folded(text)),
        Tree::String(text) => sized(text),
        Tree::Array(items) => {
            let mut parts: Vec<String> = items.iter().map(|item| written(name, item)).collect();
            parts.sort_unstable();
            format!("[{}]", parts.join(","))
        }
        Tree::Object(fields) => {
            let mut parts: Vec<String> = fields
                .iter()
                .filter(|(name, _)| !matches!(&**name, "id" | "reference" | "display" | "userSelected"))
                .map(|(name, value)| format!("{name}:{}", written(name, value)))
                .collect();
            parts.sort_unstable();
            format!("{{{}}}", parts.join(","))
        }
    }
}

/// A text with its length before it, so that no two lists of texts are written alike.
fn sized(text: &str) -> String {
    format!("{}\"{text}", text.len())
}
