//! Reads building blocks from resources by the paths of the rules. What is not there is missing; nothing is guessed.
//! Holds patient data: no `Debug`.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use samenhang_profiles::FhirVersion;
use samenhang_profiles::tape::{Inside, Node};

use super::dose::dose;
use super::period::Period;
use super::rules::Rules;
use super::{Author, Kind, StopKind, is_medication};
use crate::Reconciled;
use crate::date::Interval;
use crate::fact::{self, World, text};
use crate::policy::{Path, Policy};

/// Most numbers, and most relations, of one block that are counted with.
const MAX_NUMBERS: usize = 64;

/// What a block says of a stop.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Stop {
    /// It is no stop.
    None,
    /// It is one.
    Known(StopKind),
    /// A stop type that is not known, as sent.
    Unknown(String),
}

/// Where a relation leads.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Relation {
    /// A business identifier: system and value.
    Number(String, String),
    /// A resource of the same endpoint, by index.
    Place(usize),
}

/// What is read of one building block.
pub(super) struct Reading {
    /// The resource that stands for its cluster, by index.
    pub(super) index: usize,
    /// All of the cluster.
    pub(super) members: Vec<usize>,
    pub(super) kind: Kind,
    /// System and value of the treatment.
    pub(super) treatment: Option<(String, String)>,
    pub(super) identifiers: Vec<(String, String)>,
    pub(super) registered: Option<Timestamp>,
    pub(super) period: Period,
    /// Whether its start or end depends on something.
    pub(super) is_uncertain: bool,
    pub(super) stop: Stop,
    /// A modifier that is not understood, as sent.
    pub(super) modifier: Option<String>,
    pub(super) status: Option<String>,
    pub(super) relations: Vec<Relation>,
    /// System and code of the product.
    pub(super) product: BTreeSet<(String, String)>,
    /// The dose without words and bounds; `None` when only words tell it.
    pub(super) dose: Option<String>,
    /// System and code of the routes.
    pub(super) route: BTreeSet<(String, String)>,
    /// The dose in words, folded.
    pub(super) dose_text: Option<String>,
    pub(super) as_agreed: Option<bool>,
    pub(super) author: Option<Author>,
}

impl Reading {
    /// What kind of stop it is, when that is known.
    pub(super) fn stop_kind(&self) -> Option<StopKind> {
        match self.stop {
            Stop::Known(kind) => Some(kind),
            Stop::None | Stop::Unknown(_) => None,
        }
    }

    /// The prescription product.
    pub(super) fn prescription_product(&self, rules: &Rules) -> Option<&str> {
        let mut products = self.product.iter();
        let found = products.find(|(system, _)| rules.is_prescription_product(system));
        found
            .map(|(_, code)| &**code)
            .or_else(|| rules.generic(self.treatment.as_ref()?))
    }

    /// Whether the source withdrew it.
    pub(super) fn is_withdrawn(&self) -> bool {
        self.status.as_deref() == Some("entered-in-error")
    }
}

/// The building blocks of what was reconciled, in order of their index.
pub(super) fn blocks(reconciled: &Reconciled, rules: &Rules) -> Vec<Reading> {
    let items = reconciled.items();
    if !items.iter().any(is_medication) {
        return Vec::new();
    }
    let world = World::of(items, |item| {
        is_medication(item) || item.resource.resource_type() == "Medication"
    });
    let mut clusters: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (index, _) in items.iter().enumerate().filter(|(_, item)| is_medication(item)) {
        let stands = reconciled
            .cluster_of(index)
            .map_or(index, |cluster| cluster.representative);
        clusters.entry(stands).or_default().push(index);
    }
    let reader = Reader {
        reconciled,
        world: &world,
        rules,
    };
    clusters
        .into_iter()
        .map(|(index, members)| reader.block(index, members))
        .collect()
}

struct Reader<'r, 'a> {
    reconciled: &'r Reconciled,
    world: &'r World<'a>,
    rules: &'r Rules,
}

impl<'r> Reader<'r, '_> {
    fn block(&self, index: usize, members: Vec<usize>) -> Reading {
        let facts = &self.rules.facts;
        let node = self.world.node(index);
        let identifiers = members
            .iter()
            .flat_map(|&member| self.identifiers(member))
            .take(MAX_NUMBERS)
            .collect();
        let doses = self.first(index, &facts.dose);
        Reading {
            kind: self.kind(index),
            treatment: self.first(index, &facts.treatment).into_iter().find_map(number),
            identifiers,
            registered: facts.registered.iter().find_map(|path| {
                let found = self.world.found(index, path);
                found
                    .iter()
                    .find_map(|found| Some(Interval::parse(found.node.as_str()?)?.start))
            }),
            period: self.period(index),
            is_uncertain: !self.first(index, &facts.uncertain).is_empty(),
            stop: self.stop(index),
            modifier: node.and_then(|node| self.modifier(index, node)),
            status: node.and_then(|node| node.text("status")).map(str::to_owned),
            relations: self.relations(index),
            product: self
                .first(index, &facts.product)
                .into_iter()
                .flat_map(|product| codings(product))
                .filter_map(coding)
                .collect(),
            route: doses
                .iter()
                .filter_map(|dose| dose.get("route"))
                .flat_map(codings)
                .filter_map(coding)
                .collect(),
            dose: dose(&doses),
            dose_text: joined(&self.first(index, &facts.dose_text)),
            as_agreed: self
                .first(index, &facts.as_agreed)
                .into_iter()
                .find_map(Node::as_bool),
            author: self
                .first(index, &facts.author)
                .into_iter()
                .find_map(|node| self.author(index, node)),
            index,
            members,
        }
    }

    /// What stands at the first path that has something.
    fn first(&self, index: usize, paths: &[Path]) -> Vec<Node<'r>> {
        let found = paths.iter().map(|path| self.world.found(index, path));
        let mut found = found.filter(|found| !found.is_empty());
        let first = found.next().unwrap_or_default();
        first.into_iter().map(|found| found.node).collect()
    }

    fn kind(&self, index: usize) -> Kind {
        let kind = fact::kind(self.world, index, Policy::shipped());
        let named = kind.and_then(|kind| Kind::ALL.into_iter().find(|known| known.code() == kind.name));
        // A resource that cannot be read at all is of the most modest kind of its type.
        let item = self.reconciled.items().get(index);
        named.unwrap_or(match item.map(|item| item.resource.resource_type()) {
            Some("MedicationRequest") => Kind::Proposal,
            Some("MedicationDispense") => Kind::MedicationDispense,
            Some("MedicationStatement") => Kind::MedicationUse,
            _ => Kind::MedicationAdministration,
        })
    }

    fn identifiers(&self, index: usize) -> Vec<(String, String)> {
        let list = self.world.node(index).and_then(|node| node.get("identifier"));
        list.into_iter()
            .flat_map(Node::items)
            .filter_map(number)
            .collect()
    }

    fn period(&self, index: usize) -> Period {
        let facts = &self.rules.facts;
        let durations = self.first(index, &facts.duration);
        let duration = durations.first().copied();
        // Several doses may each have bounds: it is used from the first until the last.
        let times = self.first(index, &facts.period);
        let mut parts = times.iter().map(|time| Period::read(Some(*time), duration));
        let Some(first) = parts.next() else {
            return Period::read(None, duration);
        };
        parts.fold(first, |all, part| Period {
            starts: all.starts.min(part.starts).or(all.starts),
            start: all.start.zip(part.start).map(|(a, b)| a.min(b)),
            end: all.end.zip(part.end).map(|(a, b)| a.max(b)),
            is_given: all.is_given || part.is_given,
            is_unreadable: all.is_unreadable || part.is_unreadable,
        })
    }

    fn stop(&self, index: usize) -> Stop {
        let said = self.first(index, &self.rules.facts.stop);
        if said.is_empty() {
            return Stop::None;
        }
        let codings: Vec<(String, String)> = said
            .iter()
            .flat_map(|node| codings(*node))
            .filter_map(coding)
            .collect();
        let mut meanings: Vec<StopKind> = codings
            .iter()
            .filter_map(|(system, code)| self.rules.stop(system, code))
            .collect();
        meanings.sort_unstable();
        meanings.dedup();
        match *meanings {
            [kind] => Stop::Known(kind),
            // None that is known, or two that contradict each other.
            _ => Stop::Unknown(
                codings
                    .iter()
                    .map(|(system, code)| format!("{system}|{code}"))
                    .collect::<Vec<_>>()
                    .join(" "),
            ),
        }
    }

    /// The first modifier that changes the meaning in a way that is not understood.
    fn modifier(&self, index: usize, node: Node<'_>) -> Option<String> {
        let extensions = node.get("modifierExtension").into_iter().flat_map(Node::items);
        let mut urls = extensions.map(|extension| extension.text("url").unwrap_or_default());
        if let Some(url) = urls.find(|url| !self.rules.is_understood(url)) {
            return Some(url.to_owned());
        }
        let not_done = ["doNotPerform", "notDone"];
        let not_done = not_done
            .into_iter()
            .find(|name| node.get(name).and_then(Node::as_bool) == Some(true));
        let version = self.reconciled.items().get(index)?.version();
        // In STU3 these say of a dispense or administration that it did not happen.
        not_done
            .filter(|name| *name == "doNotPerform" || version == FhirVersion::Stu3)
            .map(str::to_owned)
    }

    fn relations(&self, index: usize) -> Vec<Relation> {
        let mut relations = BTreeSet::new();
        let paths = &self.rules.facts.relations;
        for found in paths.iter().flat_map(|path| self.world.found(index, path)) {
            let identifier = found.node.get("identifier").and_then(number);
            relations.extend(identifier.map(|(system, value)| Relation::Number(system, value)));
            let reference = found.node.text("reference");
            let place = reference.and_then(|reference| self.world.target(index, reference));
            relations.extend(place.map(Relation::Place));
        }
        relations.into_iter().take(MAX_NUMBERS).collect()
    }

    fn author(&self, index: usize, node: Node<'_>) -> Option<Author> {
        let reference = node.text("reference").unwrap_or_default();
        let place = self.world.target(index, reference);
        let item = place.and_then(|place| self.reconciled.items().get(place));
        let kind = node
            .text("type")
            .or_else(|| item.map(|item| item.resource.resource_type()))
            .or_else(|| reference.rsplit('/').nth(1));
        Some(match kind? {
            "Patient" => Author::Patient,
            "RelatedPerson" => Author::RelatedPerson,
            "Practitioner" | "PractitionerRole" => Author::Professional,
            "Organization" | "Location" => Author::Provider,
            _ => return None,
        })
    }
}

/// System, without the form of a uri, and value of an Identifier.
fn number(node: Node<'_>) -> Option<(String, String)> {
    let part = |name| node.text(name).map(str::trim).filter(|text| !text.is_empty());
    let system = part("system")?;
    let system = system.strip_prefix("urn:oid:").unwrap_or(system);
    Some((system.to_owned(), part("value")?.to_owned()))
}

/// The codings of a `CodeableConcept`, or a Coding that stands by itself.
fn codings(node: Node<'_>) -> Inside<'_> {
    node.get("coding").map_or_else(|| node.many(), Node::items)
}

/// System, without the form of a uri, and code of a Coding.
fn coding(node: Node<'_>) -> Option<(String, String)> {
    let part = |name| node.text(name).map(str::trim).filter(|text| !text.is_empty());
    let system = part("system").unwrap_or_default();
    let system = system.strip_prefix("urn:oid:").unwrap_or(system);
    Some((system.to_owned(), part("code")?.to_owned()))
}

fn joined(found: &[Node<'_>]) -> Option<String> {
    let parts: Vec<String> = found
        .iter()
        .filter_map(|node| node.as_str())
        .map(text::folded)
        .collect();
    let all = parts.join("; ");
    (!all.is_empty()).then_some(all)
}
