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
