//! One record with what belongs to it: the members of its cluster side by side, why they were joined, what contradicts,
//! what only looks like it, and what a person keeps apart.

use std::collections::BTreeSet;

use jiff::Timestamp;
use samenhang_profiles::{Bsn, FhirVersion, Received};
use samenhang_reconcile::Reconciled;
use samenhang_reconcile::cluster::Cluster;
use samenhang_reconcile::engine::{Explainer, Outcome, Tier};
use samenhang_reconcile::order::is_supporting;
use samenhang_reconcile::policy::{Kind, Policy};

use crate::address::Address;
use crate::item::{Item, Lines};
use crate::language::Language;
use crate::readable::{Readable, Reading};
use crate::words;

/// Members that are shown; a cluster may have more, which is said.
const MOST: usize = 8;

/// A member of the cluster.
#[derive(Clone, PartialEq, Eq)]
pub struct Member {
    /// Its line.
    pub item: Item,
    /// Its name in addresses and forms.
    pub key: String,
    /// Its place in the answer.
    pub index: usize,
    /// When it was received.
    pub received: Timestamp,
    /// Its address at the source.
    pub place: String,
    /// The version of FHIR in which it was sent.
    pub version: &'static str,
    /// What joins it, in words.
    pub evidence: Option<String>,
    /// What the source sent.
    pub original: Readable,
}

/// What a member says of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// As it was sent.
    pub text: String,
    /// The same in words for a reader, when that is something else.
    pub word: Option<String>,
}

/// A field of the members, side by side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// What each member says, in their order; nothing where it does not say it.
    pub texts: Vec<Option<Said>>,
    /// Whether they do not all say the same.
    pub differs: bool,
}

/// A slot of the policy that was compared with the first member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    /// What a person calls it.
    pub label: String,
    /// The outcome for each other member, in their order, in words.
    pub outcomes: Vec<String>,
}

/// Another record that has to do with this one and was not joined with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Related {
    /// Its line.
    pub item: Item,
    /// About what, or why, in words.
    pub about: String,
    /// The two, as a form names them, where a person keeps them apart.
    pub pair: Option<(String, String)>,
}

/// Why the members were joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Why {
    /// The rule: what a person calls the kind.
    pub rule: Option<String>,
    /// The policy, with its version.
    pub policy: String,
    /// The weakest evidence that was needed, in words.
    pub tier: String,
    /// Slot by slot.
    pub compared: Vec<Compared>,
    /// Translations of codes that were needed.
    pub maps: Vec<String>,
}

/// One record with what belongs to it.
#[derive(Clone, PartialEq, Eq)]
pub struct Record {
    /// What it is.
    pub title: String,
    /// Itself and what was joined with it; what stands for the others is the first.
    pub members: Vec<Member>,
    /// How many members are not shown.
    pub more: usize,
    /// Side by side; of a record alone its own fields.
    pub fields: Vec<Field>,
    /// Why they were joined.
    pub why: Option<Why>,
    /// What it contradicts.
    pub conflicts: Vec<Related>,
    /// What it looks like.
    pub like: Vec<Related>,
    /// What a person keeps apart from it.
    pub unlinked: Vec<Related>,
}

/// The place of the record that an address names.
#[must_use]
pub fn find(known: &Reconciled, address: &Address, key: &str) -> Option<usize> {
    known.items().iter().position(|item| address.key(item) == key)
}

impl Record {
    /// The record at a place, with its cluster.
    #[must_use]
    pub fn of(
        known: &Reconciled,
        lines: &Lines<'_>,
        index: usize,
        (address, language): (&Address, Language),
        patient: &Bsn,
    ) -> Option<Self> {
        let cluster = known.cluster_of(index);
        let first = cluster.map_or(index, |cluster| cluster.representative);
        let mut places = vec![first];
        let same = lines.same_patient(index);
        let others = cluster.map_or(same, |cluster| &cluster.members);
        places.extend(others.iter().filter(|&&other| other != first));
        let more = places.len().saturating_sub(MOST);
        places.truncate(MOST);
        let reading = Reading::new(patient);
        let members: Vec<Member> = places
            .iter()
            .filter_map(|&place| {
                let received = known.items().get(place)?;
                Some(Member {
                    item: lines.line(place)?,
                    key: address.key(received),
                    index: place,
                    received: received.lineage.retrieved,
                    place: original_place(received),
                    version: version(received),
                    evidence: cluster
                        .and_then(|cluster| cluster.tier_of(place))
                        .map(|tier| told(tier, language)),
                    original: reading.read(
                        received
                            .conversion
                            .as_deref()
                            .map_or(&received.resource, |conversion| &conversion.original),
                    ),
                })
            })
            .collect();
        let resources: Vec<&Received> = places
            .iter()
            .filter_map(|&place| known.items().get(place))
            .collect();
        Some(Record {
            title: members.first()?.item.title.clone(),
            fields: fields(&resources, &reading, language),
            why: cluster.map(|cluster| why(known, cluster, &places, language)),
            conflicts: conflicts(known, lines, &places, language),
            like: like(known, lines, &places),
            unlinked: unlinked(known, lines, &places, (address, language)),
            members,
            more,
        })
    }
}

fn original_place(received: &Received) -> String {
    let conversion = received.conversion.as_deref();
    let place = conversion.map_or(&received.full_url, |conversion| &conversion.original_url);
    place.to_string()
}

fn version(received: &Received) -> &'static str {
    match received.lineage.fhir {
        FhirVersion::R4 => "R4",
        FhirVersion::Stu3 => "STU3",
    }
}

fn told(tier: Tier, language: Language) -> String {
    let key = match tier {
        Tier::Record => "tier-record",
        Tier::Identifier => "tier-identifier",
        Tier::Declared => "tier-declared",
        Tier::Fact => "tier-fact",
        Tier::Translated => "tier-translated",
    };
    format!("{} ({})", language.texts().say(key), tier.code())
}

fn outcome(outcome: Outcome, language: Language) -> String {
    language.texts().say(&format!("outcome-{}", outcome.code()))
}

/// The fields of the members, side by side, in the order in which they first come.
fn fields(resources: &[&Received], reading: &Reading<'_>, language: Language) -> Vec<Field> {
    let said: Vec<Vec<(String, String)>> = resources
        .iter()
        .map(|item| reading.elements(&item.resource))
        .collect();
    let mut seen = BTreeSet::new();
    let names = said.iter().flatten().map(|(name, _)| name);
    let names = names.filter(|name| seen.insert(name.as_str()));
    let field = |name: &String| {
        let texts: Vec<Option<Said>> = said
            .iter()
            .map(|of| {
                of.iter().find(|(own, _)| own == name).map(|(_, text)| Said {
                    word: words::value(name, text, language),
                    text: text.clone(),
                })
            })
            .collect();
        Field {
            name: words::element(name, language),
            differs: texts.windows(2).any(|pair| matches!(pair, [a, b] if a != b)),
            texts,
        }
    };
    names.map(field).collect()
}

fn kind(name: &str) -> Option<&'static Kind> {
    Policy::shipped().kinds.iter().find(|kind| kind.name == name)
}

fn why(known: &Reconciled, cluster: &Cluster, places: &[usize], language: Language) -> Why {
    let policy = Policy::shipped();
    let rule = cluster.rule.as_deref();
    let first = cluster.representative;
    let others: Vec<usize> = places.iter().copied().filter(|&place| place != first).collect();
    // The members, and what they may refer to; the rest of the answer says nothing about them.
    let members = [first].into_iter().chain(others.iter().copied());
    let mut items: Vec<Received> = members
        .filter_map(|place| known.items().get(place).cloned())
        .collect();
    let supporting = known.items().iter();
    items.extend(
        supporting
            .filter(|item| is_supporting(item.resource.resource_type()))
            .cloned(),
    );
    let explainer = Explainer::new(&items, policy, known.maps());
    let mut compared: Vec<(&str, Compared)> = Vec::new();
    for at in 0..others.len() {
        for (slot, found) in explainer.compare(0, at + 1).into_iter().flatten() {
            let row = match compared.iter().position(|(name, _)| *name == slot.name) {
                Some(row) => row,
                None => {
                    let new = Compared {
                        label: language.of(&slot.label).to_owned(),
                        outcomes: vec![String::new(); others.len()],
                    };
                    compared.push((&slot.name, new));
                    compared.len() - 1
                }
            };
            let cell = compared
                .get_mut(row)
                .and_then(|(_, row)| row.outcomes.get_mut(at));
            if let Some(cell) = cell {
                *cell = outcome(found, language);
            }
        }
    }
    Why {
        rule: rule.map(|name| {
            kind(name)
                .map_or(name, |kind| language.of(&kind.label))
                .to_owned()
        }),
        policy: policy.canonical(),
        tier: told(cluster.tier(), language),
        compared: compared.into_iter().map(|(_, row)| row).collect(),
        maps: cluster.maps.iter().map(ToString::to_string).collect(),
    }
}

fn related(lines: &Lines<'_>, index: usize, about: String) -> Option<Related> {
    Some(Related {
        item: lines.line(index)?,
        about,
        pair: None,
    })
}

/// What contradicts one of the members, by the policy and in the medication overview.
fn conflicts(known: &Reconciled, lines: &Lines<'_>, places: &[usize], language: Language) -> Vec<Related> {
    let mut found = Vec::new();
    for conflict in known.conflicts() {
        let other = match (places.contains(&conflict.a), places.contains(&conflict.b)) {
            (true, _) => conflict.b,
            (_, true) => conflict.a,
            _ => continue,
        };
        let slots = kind(&conflict.kind).map_or(&[][..], |kind| &kind.slots);
        let label = |name: &String| {
            let slot = slots.iter().find(|slot| slot.name == *name);
            slot.map_or(name.as_str(), |slot| language.of(&slot.label))
                .to_owned()
        };
        let about: Vec<String> = conflict.about.iter().map(label).collect();
        found.extend(related(lines, other, about.join(", ")));
    }
    let findings = known
        .medication()
        .into_iter()
        .flat_map(|all| all.contradictions());
    for finding in findings.filter(|finding| finding.blocks.iter().any(|block| places.contains(block))) {
        let about = language.pick(finding.kind.nl(), finding.kind.en());
        let others = finding.blocks.iter().filter(|block| !places.contains(block));
        found.extend(others.filter_map(|&other| related(lines, other, about.to_owned())));
    }
    found
}

fn like(known: &Reconciled, lines: &Lines<'_>, places: &[usize]) -> Vec<Related> {
    let mut others = BTreeSet::new();
    for possible in known.possible() {
        let is_own = places.contains(&possible.record);
        if is_own || possible.like.iter().any(|like| places.contains(like)) {
            others.insert(possible.record);
            others.extend(possible.like.iter().take(if is_own { usize::MAX } else { 0 }));
        }
    }
    let others = others.into_iter().filter(|other| !places.contains(other));
    others
        .take(MOST)
        .filter_map(|other| related(lines, other, String::new()))
        .collect()
}

fn unlinked(
    known: &Reconciled,
    lines: &Lines<'_>,
    places: &[usize],
    (address, language): (&Address, Language),
) -> Vec<Related> {
    let pairs = known.unlinked().iter().filter_map(|pair| {
        let (own, other) = match (places.contains(&pair.a), places.contains(&pair.b)) {
            (true, _) => (pair.a, pair.b),
            (_, true) => (pair.b, pair.a),
            _ => return None,
        };
        let (en, nl) = pair.ground.words();
        let key = |index: usize| known.items().get(index).map(|item| address.key(item));
        Some(Related {
            pair: Some((key(own)?, key(other)?)),
            ..related(lines, other, language.pick(nl, en).to_owned())?
        })
    });
    pairs.collect()
}
