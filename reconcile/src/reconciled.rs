//! A set of received resources, ordered and clustered, ready to be written or shown.

use samenhang_profiles::Received;
use samenhang_profiles::content::content_hash;

use crate::cluster::{self, Cluster};
use crate::{order, support};

/// What was received, in order, with its clusters. Nothing that was received is missing from it.
#[derive(Clone)]
pub struct Reconciled {
    items: Vec<Received>,
    clusters: Vec<Cluster>,
    /// For each item the index of its cluster.
    cluster_of: Vec<Option<usize>>,
}

impl Reconciled {
    /// Orders and clusters. The same resources in any order give the same value.
    ///
    /// Only a repetition is left out: the same version with the same content from the same address, as pages that
    /// shift and queries that overlap repeat it.
    #[must_use]
    pub fn new(mut items: Vec<Received>) -> Self {
        support::settle(&mut items);
        order::sort(&mut items);
        items.dedup_by(|b, a| a.full_url == b.full_url && repeats(a, b));
        let clusters = cluster::clusters(&items);
        Reconciled::of(items, clusters)
    }

    fn of(items: Vec<Received>, clusters: Vec<Cluster>) -> Self {
        let mut cluster_of = vec![None; items.len()];
        for (index, cluster) in clusters.iter().enumerate() {
            for &member in &cluster.members {
                if let Some(slot) = cluster_of.get_mut(member) {
                    *slot = Some(index);
                }
            }
        }
        Reconciled {
            items,
            clusters,
            cluster_of,
        }
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
            (members.len() > 1).then_some(Cluster {
                representative: place(cluster.representative)?,
                relations: relations
                    .filter_map(|&(index, relation)| Some((place(index)?, relation)))
                    .collect(),
                members,
                ..cluster.clone()
            })
        });
        Reconciled::of(items, clusters.collect())
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

fn repeats(a: &Received, b: &Received) -> bool {
    let version = |item: &Received| item.resource.keys().version_id.clone();
    a.resource.body() == b.resource.body()
        || (version(a).is_some()
            && version(a) == version(b)
            && content_hash(&a.resource) == content_hash(&b.resource))
}
