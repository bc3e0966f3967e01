//! From resources to facts: finds the kind of each and reads its slots.

use hashbrown::HashMap;
use jiff::Timestamp;
use samenhang_profiles::FhirVersion;
use samenhang_profiles::json::Kind as Json;
use samenhang_profiles::tape::{Inside, Node, Properties};

use super::concept::{self, Bridge, Concept};
use super::text::folded;
use super::world::{At, World};
use super::{Bridged, Fact, Name, Names, Span, Value, quantity};
use crate::date::Interval;
use crate::maps::Maps;
use crate::policy::path::{Follow as _, Found};
use crate::policy::{Condition, Holds, Kind, Path, Policy, Slot};

/// Most parts of one measurement that are compared.
const MAX_PARTS: usize = 64;

/// The facts of a set of resources.
pub(crate) struct Facts {
    /// For each resource its fact; none for what is of no kind.
    pub(crate) facts: Vec<Option<Fact>>,
    pub(crate) bridged: Bridged,
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
        let mut scratch = Vec::new();
        let mut properties = Properties::default();
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
                properties.take(world.node(index)?);
                let reader = Reader {
                    at: At { world, index },
                    resource: &properties,
                    bridge,
                };
                let (place, kind) = kinds
                    .iter()
                    .find(|(_, kind)| reader.all(&kind.when, &mut scratch))?;
                Some(Fact {
                    kind: *place,
                    source: names.of(&item.lineage.endpoint),
                    values: kind
                        .slots
                        .iter()
                        .map(|slot| reader.slot(slot, &mut names, &mut scratch))
                        .collect(),
                    stands: reader.all(&kind.stands, &mut scratch),
                    recorded: reader.recorded(kind, &mut scratch),
                })
            })
            .collect();
        Facts {
            facts,
            bridged: names.bridged,
        }
    }
}

/// The kind of a resource by the policy, whatever its version.
pub(crate) fn kind<'p>(world: &World<'_>, index: usize, policy: &'p Policy) -> Option<&'p Kind> {
    let name = world.item(index)?.resource.resource_type();
    let mut properties = Properties::default();
    properties.take(world.node(index)?);
    let reader = Reader {
        at: At { world, index },
        resource: &properties,
        bridge: Maps::none(),
    };
    let mut kinds = policy.kinds.iter();
    kinds.find(|kind| kind.types.iter().any(|known| known == name) && reader.all(&kind.when, &mut Vec::new()))
}

/// Reads one resource.
struct Reader<'r, 'w, 'a> {
    at: At<'w, 'a>,
    resource: &'r Properties<'w>,
    bridge: &'w dyn Bridge,
}

impl<'w> Reader<'_, 'w, '_> {
    /// What stands at a path, in a list that is used again and again.
    fn found<'f>(&self, path: &Path, found: &'f mut Vec<Found<'w>>) -> &'f [Found<'w>] {
        found.clear();
        path.find_in(self.resource, &self.at, found);
        found
    }

    fn all(&self, conditions: &[Condition], scratch: &mut Vec<Found<'w>>) -> bool {
        conditions
            .iter()
            .all(|condition| self.holds(condition, scratch) != condition.not)
    }

    fn holds(&self, condition: &Condition, scratch: &mut Vec<Found<'w>>) -> bool {
        let found = self.found(&condition.path, scratch);
        if condition.any.is_empty() {
            return !found.is_empty();
        }
        found.iter().any(|found| match found.node.as_str() {
            Some(text) => condition.any.iter().any(|code| code == text),
            None => {
                let mut many = codings(found.node);
                many.any(|coding| {
                    let (system, code) = (coding.text("system").unwrap_or(""), coding.text("code"));
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

    fn recorded(&self, kind: &Kind, scratch: &mut Vec<Found<'w>>) -> Option<Timestamp> {
        kind.recency.iter().find_map(|path| {
            let times = self
                .found(path, scratch)
                .iter()
                .filter_map(|found| span(found.node));
            times.filter_map(|span| span.start).max()
        })
    }

    fn slot(&self, slot: &Slot, names: &mut Names, scratch: &mut Vec<Found<'w>>) -> Value {
        for path in &slot.paths {
            let found = self.found(path, scratch);
            let value = self.value(slot, found, names);
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
                let mut read = |found: &Found<'_>| concept::read(found.node, names, self.bridge);
                match found {
                    [only] => read(only).map_or(Value::Missing, |concept| Value::Concepts([concept].into())),
                    many => many_concepts(many.iter().filter_map(read).collect()),
                }
            }
            Holds::Code => exact(found.iter().filter_map(|found| scalar(found.node)), names),
            Holds::Flag => {
                let said = found.iter().any(|found| found.node.as_bool() == Some(true));
                Value::Exact(names.of(if said { "true" } else { "false" }))
            }
            Holds::Time => joined(found.iter().filter_map(|found| span(found.node))),
            Holds::Start => found
                .iter()
                .filter_map(|found| {
                    let start = found.node.get("start").unwrap_or(found.node);
                    Some(Span::of(Interval::parse(start.as_str()?)?))
                })
                .min()
                .map_or(Value::Missing, Value::Time),
            Holds::Value => found
                .first()
                .map_or(Value::Missing, |found| self.any_value(*found, names)),
            Holds::Components | Holds::Members => match self.parts(found, names) {
                parts if parts.is_empty() => Value::Missing,
                parts if slot.holds == Holds::Members => Value::Members(parts.into()),
                parts => Value::Parts(parts.into()),
            },
            Holds::Party | Holds::Identifier => self.numbers(found, names),
            Holds::Content => {
                let is_read = |found: &&Found<'_>| {
                    let url = found.node.text("url");
                    url.is_some_and(|url| slot.read_elsewhere.iter().any(|read| read == url))
                };
                let rest = found.iter().filter(|found| !is_read(found));
                let mut parts: Vec<String> = rest.map(|found| canonical(found.node)).collect();
                if parts.is_empty() {
                    return Value::Missing;
                }
                parts.sort_unstable();
                Value::Exact(names.of(&parts.join(",")))
            }
        }
    }

    fn any_value(&self, found: Found<'w>, names: &mut Names) -> Value {
        let concept = |names: &mut Names| {
            concept::read(found.node, names, self.bridge)
                .map_or(Value::Missing, |concept| Value::Concepts([concept].into()))
        };
        match found.of_type.unwrap_or("") {
            "Quantity" | "Age" | "Duration" | "Count" | "Distance" | "Money" => {
                quantity::read(found.node, names).map_or(Value::Missing, Value::Quantity)
            }
            "CodeableConcept" | "Coding" => concept(names),
            "DateTime" | "Date" | "Period" | "Instant" => {
                span(found.node).map_or(Value::Missing, Value::Time)
            }
            "String" | "Code" => {
                let text = found.node.as_str().unwrap_or("").trim();
                if text.is_empty() {
                    Value::Missing
                } else {
                    Value::Exact(names.of(text))
                }
            }
            _ => Value::Exact(names.of(&canonical(found.node))),
        }
    }

    /// What has a code and a value: the components of a measurement, or the results of a panel.
    fn parts(&self, found: &[Found<'w>], names: &mut Names) -> Vec<(Concept, Value)> {
        let value = Path::parse("value[x]");
        let mut parts: Vec<(Concept, Value)> = Vec::new();
        for found in found.iter().take(MAX_PARTS) {
            let Some(what) = found
                .node
                .get("code")
                .and_then(|code| concept::read(code, names, self.bridge))
            else {
                continue;
            };
            let mut values = Vec::new();
            if let Some(path) = &value {
                path.find(found.node, &self.at, &mut values);
            }
            let value = match (values.first(), found.node.get("dataAbsentReason")) {
                (Some(value), _) => self.any_value(*value, names),
                // That it is not there is something else than any value.
                (None, Some(_)) => Value::Exact(names.of("\u{0}absent")),
                (None, None) => Value::Missing,
            };
            parts.push((what, value));
        }
        parts
    }

    /// The numbers of a party or thing: of an Identifier, of a reference's own identifier, or of what it points at.
    fn numbers(&self, found: &[Found<'w>], names: &mut Names) -> Value {
        let mut numbers: Vec<(Name, Name)> = Vec::new();
        let mut add = |node: Node<'_>, names: &mut Names| {
            let part = |name| node.text(name).map(str::trim);
            if let (Some(system), Some(value)) = (part("system"), part("value"))
                && !system.is_empty()
                && !value.is_empty()
            {
                let system = system.strip_prefix("urn:oid:").unwrap_or(system);
                numbers.push((names.of(system), names.of(value)));
            }
        };
        for found in found {
            let node = found.node;
            let reference = node.text("reference");
            match (
                node.get("identifier"),
                reference.and_then(|to| self.at.follow(to)),
            ) {
                (Some(identifier), _) => add(identifier, names),
                (None, Some(target)) => {
                    let list = target.get("identifier").into_iter().flat_map(Node::items);
                    list.for_each(|identifier| add(identifier, names));
                }
                (None, None) => add(node, names),
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

/// The classes of the codes that were found. The codings of one concept are translations of each other, so a code without
/// a class says nothing beside one that has a class; it stands for itself when none has.
fn classes(slot: &Slot, found: &[Found<'_>], names: &mut Names) -> Value {
    let said = || found.iter().flat_map(|found| codes(found.node));
    let class = |code: &str| {
        let known = slot.classes.iter().find(|(of, _)| of == code);
        known.map(|(_, class)| class.clone())
    };
    let mut known: Vec<String> = said().filter_map(class).collect();
    if known.is_empty() {
        known = said().map(str::to_owned).collect();
    }
    let mut said = known;
    said.sort_unstable();
    said.dedup();
    if said.is_empty() {
        Value::Missing
    } else {
        Value::Exact(names.of(&said.join(" ")))
    }
}

/// The codings of a `CodeableConcept`, or what is a coding or a code itself.
fn codings(node: Node<'_>) -> Inside<'_> {
    node.get("coding").map_or_else(|| node.many(), Node::items)
}

/// The codes of a `CodeableConcept` or Coding, or the text of a primitive.
pub(super) fn codes<'t>(node: Node<'t>) -> impl Iterator<Item = &'t str> {
    codings(node).filter_map(|coding| scalar(coding).or_else(|| coding.text("code")))
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

fn scalar(node: Node<'_>) -> Option<&str> {
    let text = node.scalar().filter(|text| !text.trim().is_empty());
    text.filter(|_| node.kind() != Json::Null)
}

/// The time of a date, a moment or a period; nothing for what is no time.
fn span(node: Node<'_>) -> Option<Span> {
    if let Some(text) = node.as_str() {
        return Interval::parse(text).map(Span::of);
    }
    let part = |name| node.text(name).and_then(Interval::parse);
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
fn canonical(node: Node<'_>) -> String {
    let mut out = String::with_capacity(128);
    write(&mut out, "", node);
    out
}

fn write(out: &mut String, name: &str, node: Node<'_>) {
    let text = node.scalar().unwrap_or_default();
    match node.kind() {
        Json::Null => out.push('~'),
        Json::Number if text.contains('.') && !text.contains(['e', 'E']) => {
            out.push_str(text.trim_end_matches('0').trim_end_matches('.'));
        }
        Json::Boolean | Json::Number => out.push_str(text),
        Json::String if matches!(name, "text" | "patientInstruction") => sized(out, &folded(text)),
        Json::String => sized(out, text),
        Json::Array if node.items().nth(1).is_none() => {
            out.push('[');
            if let Some(item) = node.items().next() {
                write(out, name, item);
                out.push(',');
            }
            out.push(']');
        }
        Json::Array => {
            let parts = node.items().map(|item| {
                let mut part = String::new();
                write(&mut part, name, item);
                part
            });
            sorted(out, '[', parts.collect(), ']');
        }
        Json::Object => {
            let says = node
                .fields()
                .filter(|(name, _)| !matches!(*name, "id" | "reference" | "display" | "userSelected"));
            let mut fields: Vec<(&str, Node<'_>)> = says.collect();
            fields.sort_unstable_by(|a, b| a.0.cmp(b.0));
            out.push('{');
            for (name, value) in fields {
                out.push_str(name);
                out.push(':');
                write(out, name, value);
                out.push(',');
            }
            out.push('}');
        }
    }
}

fn sorted(out: &mut String, open: char, mut parts: Vec<String>, close: char) {
    parts.sort_unstable();
    out.push(open);
    for part in parts {
        out.push_str(&part);
        out.push(',');
    }
    out.push(close);
}

/// A text with its length before it, so that no two lists of texts are written alike.
fn sized(out: &mut String, text: &str) {
    out.push_str(&text.len().to_string());
    out.push('"');
    out.push_str(text);
}
