//! The sub-sections of medication: a bucket each, and in it a treatment each (reconciliation notes, section 2.4).

use std::collections::BTreeSet;

use samenhang_profiles::write::JsonWriter;
use samenhang_terminology::naming;

use super::entries;
use crate::Reconciled;
use crate::completeness::outcome::{concept, definition, translated};
use crate::medication::{Bucket, Treatment};

/// What is shown of a section: in treatments, and beside them.
pub(super) struct Split<'a> {
    /// Treatments that show something, with what they show, in the order of the overview.
    pub(super) treatments: Vec<(&'a Treatment, Vec<usize>)>,
    /// What is in no treatment.
    pub(super) beside: Vec<usize>,
}

/// Puts what is shown under its treatment, when it is known what is in use.
pub(super) fn split<'a>(reconciled: &'a Reconciled, shown: &[usize]) -> Split<'a> {
    let mut left: BTreeSet<usize> = shown.iter().copied().collect();
    let mut treatments = Vec::new();
    for treatment in reconciled.medication().iter().flat_map(|all| &all.treatments) {
        let blocks = treatment.blocks.iter().flat_map(|block| &block.members);
        let own: Vec<usize> = blocks.copied().filter(|index| left.remove(index)).collect();
        if !own.is_empty() {
            treatments.push((treatment, own));
        }
    }
    let beside = shown.iter().copied().filter(|index| left.contains(index));
    Split {
        treatments,
        beside: beside.collect(),
    }
}

/// Writes the sub-sections.
pub(super) fn write(out: &mut JsonWriter, reconciled: &Reconciled, split: &Split<'_>) {
    if split.treatments.is_empty() {
        return;
    }
    let system = format!("{}/CodeSystem/medication-bucket", naming::SAMENHANG);
    out.key("section");
    out.begin_array();
    for bucket in Bucket::ALL {
        let mut of = split
            .treatments
            .iter()
            .filter(|(treatment, _)| treatment.bucket == bucket)
            .peekable();
        if of.peek().is_none() {
            continue;
        }
        out.begin_object();
        translated(out, "title", bucket.en(), bucket.nl());
        out.key("code");
        concept(out, (&system, bucket.code(), None), None);
        out.key("section");
        out.begin_array();
        for (treatment, shown) in of {
            out.begin_object();
            number(out, treatment);
            entries(out, reconciled, shown);
            out.end_object();
        }
        out.end_array();
        out.end_object();
    }
    out.end_array();
}

/// The number of a treatment, when it has one.
fn number(out: &mut JsonWriter, treatment: &Treatment) {
    let Some((system, value)) = &treatment.identifier else {
        return;
    };
    out.key("extension");
    out.begin_array();
    out.begin_object();
    out.field("url", &definition("treatment"));
    out.key("valueIdentifier");
    out.begin_object();
    // The overview names an OID without its scheme.
    let is_oid = system.starts_with(|first: char| first.is_ascii_digit());
    let scheme = if is_oid { "urn:oid:" } else { "" };
    out.field("system", &format!("{scheme}{system}"));
    out.field("value", value);
    out.end_object();
    out.end_object();
    out.end_array();
}
