//! Why records belong together, or not: a `Parameters` resource (R4) over the clusters of an answer.
//!
//! Names of rules, slots and outcomes only; what a record says stands in the record. The completeness statement comes
//! with it: what is explained is what is known of the holders that answered (P3).

use std::collections::BTreeSet;

use bytes::Bytes;
use samenhang_profiles::write::JsonWriter;

use super::linkage::code;
use crate::Reconciled;
use crate::cluster::Cluster;
use crate::completeness::Statement;
use crate::engine::{Explainer, Outcome, Reason};
use crate::policy::{Policy, Slot};

/// What is to be explained.
#[derive(Debug, Clone, Copy)]
pub enum Subject<'a> {
    /// Everything.
    All,
    /// The cluster of this id.
    Cluster(&'a str),
    /// The record at this address, and its cluster if it has one.
    Record(&'a str),
}

/// Explains, in R4; `None` when the subject is not in the answer. Of resources in another version nothing is compared.
#[must_use]
pub fn write_explanation(
    known: &Reconciled,
    statement: Option<&Statement>,
    subject: Subject<'_>,
) -> Option<Bytes> {
    let places = places(known, subject)?;
    let policy = Policy::shipped();
    let explainer = Explainer::new(known.items(), policy, known.maps());
    let telling = Telling {
        known,
        explainer: &explainer,
        policy,
        places: places.as_ref(),
    };
    let mut out = JsonWriter::new();
    out.begin_object();
    out.field("resourceType", "Parameters");
    out.key("parameter");
    out.begin_array();
    value(&mut out, "policy", "valueUri", &policy.canonical());
    for cluster in known.clusters() {
        if telling.concerns(&cluster.members) {
            telling.cluster(&mut out, cluster);
        }
    }
    telling.apart(&mut out);
    if let Some(statement) = statement {
        out.begin_object();
        out.field("name", "completeness");
        out.key("resource");
        statement.write_outcome(&mut out);
        out.end_object();
    }
    out.end_array();
    out.end_object();
    Some(out.finish())
}

/// The records that are asked about: `Some(None)` for all, `None` for what is not there.
fn places(known: &Reconciled, subject: Subject<'_>) -> Option<Option<BTreeSet<usize>>> {
    let members = |cluster: &Cluster| cluster.members.iter().copied().collect();
    match subject {
        Subject::All => Some(None),
        Subject::Cluster(id) => {
            let cluster = known.clusters().iter().find(|cluster| cluster.id == id)?;
            Some(Some(members(cluster)))
        }
        Subject::Record(address) => {
            let index = known.place(address)?;
            let cluster = known.cluster_of(index);
            Some(Some(cluster.map_or_else(|| [index].into(), members)))
        }
    }
}

struct Telling<'a> {
    known: &'a Reconciled,
    explainer: &'a Explainer<'a>,
    policy: &'a Policy,
    /// The records that are asked about; none: all.
    places: Option<&'a BTreeSet<usize>>,
}

impl Telling<'_> {
    fn concerns(&self, indexes: &[usize]) -> bool {
        let places = self.places;
        places.is_none_or(|places| indexes.iter().any(|index| places.contains(index)))
    }

    fn address(&self, index: usize) -> &str {
        let item = self.known.items().get(index);
        item.map_or("", |item| &item.full_url)
    }

    fn cluster(&self, out: &mut JsonWriter, cluster: &Cluster) {
        begin(out, "cluster");
        value(out, "id", "valueString", &cluster.id);
        if let Some(rule) = &cluster.rule {
            value(out, "rule", "valueCode", rule);
            let label = self.policy.kinds.iter().find(|kind| kind.name == *rule);
            if let Some(kind) = label {
                value(out, "label", "valueString", &kind.label.en);
            }
        }
        value(out, "tier", "valueCode", cluster.tier().code());
        out.begin_object();
        out.field("name", "conflict");
        out.key("valueBoolean");
        out.boolean(cluster.conflict);
        out.end_object();
        let first = cluster.representative;
        value(out, "representative", "valueUri", self.address(first));
        let mut relations = cluster.relations.iter().peekable();
        for &(index, tier) in &cluster.evidence {
            begin(out, "member");
            self.record(out, index);
            value(out, "tier", "valueCode", tier.code());
            // Both are in order of members.
            while let Some((_, relation)) = relations.next_if(|(member, _)| *member <= index) {
                value(out, "relation", "valueCode", code(*relation));
            }
            if index != first {
                self.slots(out, first, index);
            }
            end(out);
        }
        end(out);
    }

    fn record(&self, out: &mut JsonWriter, index: usize) {
        value(out, "record", "valueUri", self.address(index));
        let name = self
            .known
            .items()
            .get(index)
            .map(|item| &*item.lineage.holder_name);
        if let Some(name) = name.filter(|name| !name.is_empty()) {
            value(out, "holder", "valueString", name);
        }
    }

    /// What two records agree on, and what not.
    fn slots(&self, out: &mut JsonWriter, a: usize, b: usize) {
        for (slot, outcome) in self.explainer.compare(a, b).into_iter().flatten() {
            one_slot(out, slot, outcome);
        }
    }

    /// What is not joined, and why.
    fn apart(&self, out: &mut JsonWriter) {
        for conflict in self.known.conflicts() {
            self.pair(out, "contradiction", (conflict.a, &[conflict.b]), None);
        }
        for possible in self.known.possible() {
            let reason = match possible.reason {
                Reason::Ambiguous => "more-than-one-fits",
                Reason::NotEnough => "not-enough",
            };
            self.pair(out, reason, (possible.record, &possible.like), None);
        }
        for topic in self.known.topics() {
            self.pair(out, "same-topic", (topic.a, &[topic.b]), Some(&topic.map));
        }
        for pair in self.known.unlinked() {
            self.pair(out, "unlinked", (pair.a, &[pair.b]), Some(pair.ground.code()));
        }
    }

    fn pair(
        &self,
        out: &mut JsonWriter,
        why: &str,
        (first, others): (usize, &[usize]),
        ground: Option<&str>,
    ) {
        if !self.concerns(&[first]) && !self.concerns(others) {
            return;
        }
        begin(out, "apart");
        value(out, "reason", "valueCode", why);
        if let Some(ground) = ground {
            value(out, "ground", "valueCode", ground);
        }
        self.record(out, first);
        for &other in others {
            begin(out, "other");
            self.record(out, other);
            self.slots(out, first, other);
            end(out);
        }
        end(out);
    }
}

fn one_slot(out: &mut JsonWriter, slot: &Slot, outcome: Outcome) {
    begin(out, "slot");
    value(out, "name", "valueCode", &slot.name);
    value(out, "label", "valueString", &slot.label.en);
    value(out, "outcome", "valueCode", outcome.code());
    end(out);
}

fn begin(out: &mut JsonWriter, name: &str) {
    out.begin_object();
    out.field("name", name);
    out.key("part");
    out.begin_array();
}

fn end(out: &mut JsonWriter) {
    out.end_array();
    out.end_object();
}

fn value(out: &mut JsonWriter, name: &str, element: &str, text: &str) {
    out.begin_object();
    out.field("name", name);
    out.field(element, text);
    out.end_object();
}
