//! A set of received resources, ordered and clustered, ready to be written or shown.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use jiff::Timestamp;
use samenhang_profiles::Received;
use samenhang_profiles::content::content_hash;

use crate::apart::{Apart, Unlinked};
use crate::cluster::{self, Cluster, Found, Topic};
use crate::engine::{Conflict, Possible};
use crate::maps::Maps;
use crate::medication::{MedicationOverview, is_medication};
use crate::policy::Policy;
use crate::{order, support};

/// What was received, in order, with its clusters. Nothing that was received is missing from it.
#[derive(Clone)]
pub struct Reconciled {
    items: Vec<Received>,
    clusters: Vec<Cluster>,
    /// For each item the index of its cluster.
    cluster_of: Vec<Option<usize>>,
    possible: Vec<Possible>,
    conflicts: Vec<Conflict>,
    unlinked: Vec<Unlinked>,
    topics: Vec<Topic>,
    /// The maps of codes that were used.
    maps: Maps,
    /// For each item whether it, or what stands for it, contradicts another.
    contradicted: Vec<bool>,
    medication: OnceLock<Option<Medication>>,
}

impl Reconciled {
    /// Orders and clusters. The same resources in any order give the same value.
    ///
    /// Only a repetition is left out: the same version with the same content from the same address, as pages that
    /// shift and queries that overlap repeat it.
    #[must_use]
    pub fn new(items: Vec<Received>) -> Self {
        Reconciled::with(items, &[])
    }

    /// The same, with what a person said is not the same: those are never joined, by whatever way.
    #[must_use]
    pub fn with(items: Vec<Received>, said: &[Apart]) -> Self {
        Reconciled::by(items, said, Maps::none())
    }

    /// The same, with maps of codes that may join records in two code systems.
    #[must_use]
    pub fn by(mut items: Vec<Received>, said: &[Apart], maps: &Maps) -> Self {
        support::settle(&mut items);
        order::sort(&mut items);
        items.dedup_by(|b, a| a.full_url == b.full_url && repeats(a, b));
        let found = cluster::find(&items, Policy::shipped(), said, maps);
        Reconciled::of(items, found, maps.clone())
    }

    fn of(items: Vec<Received>, found: Found, maps: Maps) -> Self {
        let clusters = found.clusters;
        let mut cluster_of = vec![None; items.len()];
        for (index, cluster) in clusters.iter().enumerate() {
            for &member in &cluster.members {
                if let Some(slot) = cluster_of.get_mut(member) {
                    *slot = Some(index);
                }
            }
        }
        let mut contradicted = vec![false; items.len()];
        for index in found
            .conflicts
            .iter()
            .flat_map(|conflict| [conflict.a, conflict.b])
        {
            let cluster = cluster_of.get(index).copied().flatten();
            let members = cluster.and_then(|cluster| clusters.get(cluster));
            for &member in members.map_or(&[index][..], |cluster| &cluster.members) {
                if let Some(mark) = contradicted.get_mut(member) {
                    *mark = true;
                }
            }
        }
        for cluster in clusters.iter().filter(|cluster| cluster.conflict) {
            for &member in &cluster.members {
                if let Some(mark) = contradicted.get_mut(member) {
                    *mark = true;
                }
            }
        }
        Reconciled {
            items,
            clusters,
            cluster_of,
            possible: found.possible,
            conflicts: found.conflicts,
            unlinked: found.unlinked,
            topics: found.topics,
            maps,
            contradicted,
            medication: OnceLock::new(),
        }
    }

    /// The same with the medication overview of another moment than that of the last receipt.
    #[must_use]
    pub fn with_medication(mut self, at: Timestamp) -> Self {
        let overview = MedicationOverview::new(&self, at);
        self.medication = OnceLock::from(Some(Medication::new(overview, &self)));
        self
    }

    /// The same in another version of FHIR: `serve` gives what a resource is there, itself first and then what else was
    /// made of it, or nothing when it is part of one that stands whole. Order and clusters stay what they are here, so
    /// that both versions tell of the same facts. A cluster of which the representative is part of another resource
    /// there is not told, nor one that has a single member left.
    #[must_use]
    pub fn in_version(&self, mut serve: impl FnMut(&Received) -> Vec<Received>) -> Reconciled {
        let mut items = Vec::with_capacity(self.items.len());
        let places: Vec<Option<usize>> = self
            .items
            .iter()
            .map(|item| {
                let first = items.len();
                items.extend(serve(item));
                (items.len() > first).then_some(first)
            })
            .collect();
        let place = |index: usize| places.get(index).copied().flatten();
        let clusters = self.clusters.iter().filter_map(|cluster| {
            let members: Vec<usize> = cluster.members.iter().filter_map(|&index| place(index)).collect();
            let relations = cluster.relations.iter();
            let evidence = cluster.evidence.iter();
            (members.len() > 1).then_some(Cluster {
                representative: place(cluster.representative)?,
                relations: relations
                    .filter_map(|&(index, relation)| Some((place(index)?, relation)))
                    .collect(),
                evidence: evidence
                    .filter_map(|&(index, tier)| Some((place(index)?, tier)))
                    .collect(),
                members,
                ..cluster.clone()
            })
        });
        let possible = self.possible.iter().filter_map(|possible| {
            let like: Vec<usize> = possible.like.iter().filter_map(|&index| place(index)).collect();
            (!like.is_empty()).then_some(Possible {
                record: place(possible.record)?,
                like,
                reason: possible.reason,
            })
        });
        let conflicts = self.conflicts.iter().filter_map(|conflict| {
            Some(Conflict {
                a: place(conflict.a)?,
                b: place(conflict.b)?,
                ..conflict.clone()
            })
        });
        let unlinked = self.unlinked.iter().filter_map(|pair| {
            Some(Unlinked {
                a: place(pair.a)?,
                b: place(pair.b)?,
                ..*pair
            })
        });
        let topics = self.topics.iter().filter_map(|topic| {
            Some(Topic {
                a: place(topic.a)?,
                b: place(topic.b)?,
                map: topic.map.clone(),
            })
        });
        let found = Found {
            clusters: clusters.collect(),
            possible: possible.collect(),
            conflicts: conflicts.collect(),
            unlinked: unlinked.collect(),
            topics: topics.collect(),
        };
        let mut served = Reconciled::of(items, found, self.maps.clone());
        let medication = self.told().map(|told| told.overview.moved(place));
        let medication = medication.map(|overview| Medication::new(overview, &served));
        served.medication = OnceLock::from(medication);
        served
    }

    /// The medication overview at the moment that the last of it came in, so that what is told again is the same;
    /// nothing without medication, or when it is not known when anything came in. It is made when it is first asked for.
    #[must_use]
    pub fn medication(&self) -> Option<&MedicationOverview> {
        self.told().map(|told| &told.overview)
    }

    fn told(&self) -> Option<&Medication> {
        let made = self.medication.get_or_init(|| {
            self.items.iter().find(|item| is_medication(item))?;
            let last = self.items.iter().map(|item| item.lineage.retrieved).max();
            let at = last.filter(|at| *at != Timestamp::UNIX_EPOCH)?;
            Some(Medication::new(MedicationOverview::new(self, at), self))
        });
        made.as_ref()
    }

    /// The resources in the order of the answer.
    #[must_use]
    pub fn items(&self) -> &[Received] {
        &self.items
    }

    /// The clusters, in order of their first member.
    #[must_use]
    pub fn clusters(&self) -> &[Cluster] {
        &self.clusters
    }

    /// What looks like one fact and is not joined.
    #[must_use]
    pub fn possible(&self) -> &[Possible] {
        &self.possible
    }

    /// What contradicts each other, each pair by what stands for its cluster.
    #[must_use]
    pub fn conflicts(&self) -> &[Conflict] {
        &self.conflicts
    }

    /// What a person keeps apart, of what is here.
    #[must_use]
    pub fn unlinked(&self) -> &[Unlinked] {
        &self.unlinked
    }

    /// Whether a person keeps two apart.
    #[must_use]
    pub fn are_unlinked(&self, a: usize, b: usize) -> bool {
        let pair = (a.min(b), a.max(b));
        self.unlinked.iter().any(|known| (known.a, known.b) == pair)
    }

    /// The place of a record, by its address in the answer or that of its original.
    #[must_use]
    pub fn place(&self, address: &str) -> Option<usize> {
        let original = |item: &Received| {
            let conversion = item.conversion.as_deref();
            conversion.is_some_and(|conversion| &*conversion.original_url == address)
        };
        let own = self.items.iter().position(|item| &*item.full_url == address);
        own.or_else(|| self.items.iter().position(original))
    }

    /// What is about one topic by a map of codes and is not joined, each pair by what stands for its cluster.
    #[must_use]
    pub fn topics(&self) -> &[Topic] {
        &self.topics
    }

    /// The addresses of what is about one topic with the item at `index` and is not the same.
    #[must_use]
    pub fn of_one_topic(&self, index: usize) -> Vec<&str> {
        let others = self.topics.iter().filter_map(|topic| match index {
            _ if topic.a == index => Some(topic.b),
            _ if topic.b == index => Some(topic.a),
            _ => None,
        });
        let mut others: Vec<&str> = others
            .filter_map(|other| Some(&*self.items.get(other)?.full_url))
            .collect();
        others.sort_unstable();
        others.dedup();
        others
    }

    /// The maps of codes that were used.
    #[must_use]
    pub fn maps(&self) -> &Maps {
        &self.maps
    }

    /// Whether the item at `index`, or another of its cluster, contradicts something. Both are to be shown.
    #[must_use]
    pub fn is_contradicted(&self, index: usize) -> bool {
        self.contradicted.get(index).copied().unwrap_or(false)
            || self.told().is_some_and(|told| told.contradicted.contains(&index))
    }

    /// The cluster of the item at `index`.
    #[must_use]
    pub fn cluster_of(&self, index: usize) -> Option<&Cluster> {
        self.cluster_of
            .get(index)
            .copied()
            .flatten()
            .and_then(|cluster| self.clusters.get(cluster))
    }
}

/// The medication overview, and what contradicts in it.
#[derive(Clone)]
struct Medication {
    overview: MedicationOverview,
    contradicted: BTreeSet<usize>,
}

impl Medication {
    fn new(overview: MedicationOverview, of: &Reconciled) -> Self {
        let told = overview
            .contradictions()
            .flat_map(|finding| finding.blocks.iter().copied());
        let contradicted = told
            .flat_map(|index| {
                of.cluster_of(index)
                    .map_or_else(|| vec![index], |cluster| cluster.members.clone())
            })
            .collect();
        Medication {
            overview,
            contradicted,
        }
    }
}

fn repeats(a: &Received, b: &Received) -> bool {
    let version = |item: &Received| item.resource.keys().version_id.clone();
    a.resource.body() == b.resource.body()
        || (version(a).is_some()
            && version(a) == version(b)
            && content_hash(&a.resource) == content_hash(&b.resource))
}
