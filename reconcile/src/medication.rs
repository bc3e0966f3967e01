//! The medication overview by Medicatieproces 9 (reconciliation notes, section 2.4): building blocks grouped by
//! treatment, each treatment in one bucket, with what is in force at a given moment and what disagrees.
//!
//! Every medication resource stands in exactly one treatment, and every treatment in exactly one bucket. Nothing is
//! merged, hidden or resolved: that agreements overlap, that the pharmacy or the patient tells something else than the
//! prescriber, that a stop code is unknown, is a [`Finding`]. It has no clock: the moment is given, and civil days are
//! those of the Netherlands. The same resources in any order of arrival give the same overview.

mod bucket;
mod compare;
mod dose;
mod group;
mod model;
mod period;
mod read;
mod rules;
mod show;
mod stop;
#[cfg(test)]
mod tests;
mod words;
mod write;

use jiff::Timestamp;
use samenhang_profiles::Received;

pub use model::{
    About, Author, Block, Bucket, Finding, FindingKind, Kind, Link, LinkReason, Phase, StopKind, Treatment,
};
pub use rules::Windows;

use crate::Reconciled;
use read::Reading;
use rules::Rules;

/// The medication of one patient at one moment.
#[derive(Clone, PartialEq, Eq)]
pub struct MedicationOverview {
    /// The moment.
    pub at: Timestamp,
    /// The treatments: by bucket, and within a bucket the one that started last first.
    pub treatments: Vec<Treatment>,
}

impl MedicationOverview {
    /// The overview of what was reconciled, at a moment. Blocks are named by their index in [`Reconciled::items`].
    #[must_use]
    pub fn new(reconciled: &Reconciled, at: Timestamp) -> Self {
        let rules = Rules::shipped();
        let blocks = read::blocks(reconciled, rules);
        let groups = group::groups(&blocks);
        let links = group::links(&blocks, &groups, rules);
        let effects = stop::effects(&blocks, &groups, rules);
        let mut treatments: Vec<Treatment> = groups
            .iter()
            .zip(links)
            .map(|(group, links)| treatment(&blocks, group, links, &effects, rules, at))
            .collect();
        show::sort(&mut treatments);
        MedicationOverview { at, treatments }
    }

    /// The treatments of one bucket, in order.
    pub fn bucket(&self, bucket: Bucket) -> impl Iterator<Item = &Treatment> {
        self.treatments
            .iter()
            .filter(move |treatment| treatment.bucket == bucket)
    }

    /// The findings that contradict each other by the policy, each told as a `DetectedIssue` in an answer.
    pub fn contradictions(&self) -> impl Iterator<Item = &Finding> {
        let findings = self.treatments.iter().flat_map(|treatment| &treatment.findings);
        findings.filter(|finding| Rules::shipped().is_issue(finding.kind, &finding.about))
    }

    /// The same with other indexes, for the same resources in another version of FHIR; a block that is not there by
    /// itself is left out, and so is what is told of it.
    pub(crate) fn moved(&self, place: impl Fn(usize) -> Option<usize>) -> Self {
        let treatments = self
            .treatments
            .iter()
            .filter_map(|treatment| treatment.moved(&place));
        MedicationOverview {
            at: self.at,
            treatments: treatments.collect(),
        }
    }
}

/// Whether a resource is a building block of medication.
#[must_use]
pub fn is_medication(item: &Received) -> bool {
    matches!(
        item.resource.resource_type(),
        "MedicationRequest" | "MedicationDispense" | "MedicationStatement" | "MedicationAdministration"
    )
}

/// One treatment, from its readings and what stops did to them.
fn treatment(
    blocks: &[Reading],
    group: &group::Group,
    links: Vec<Link>,
    effects: &stop::Effects,
    rules: &Rules,
    at: Timestamp,
) -> Treatment {
    let members: Vec<(&Reading, &stop::Effect, Phase)> = group
        .members
        .iter()
        .filter_map(|&place| {
            let (reading, effect) = (blocks.get(place)?, effects.of(place)?);
            Some((reading, effect, bucket::phase(reading, effect, at)))
        })
        .collect();
    let decided = bucket::bucket(&members, rules, at);
    let mut findings = stop::findings(&members);
    findings.extend(compare::findings(&members, rules));
    findings.sort();
    findings.dedup();
    let mut treatment = Treatment {
        identifier: group.key.clone(),
        id: group.id,
        bucket: decided.bucket,
        is_near: decided.is_near,
        start: bucket::start(&members),
        end: decided.end,
        blocks: show::blocks(&members),
        latest_stop: show::latest_stop(&members),
        findings,
        links,
    };
    show::mark_line(&mut treatment);
    treatment
}
