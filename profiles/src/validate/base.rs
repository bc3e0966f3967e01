//! Rules that hold for every resource, whatever profile it claims, and that look at more than one element: narrative,
//! ids, local references, attachments and Bundles.
//!
//! Errors and warnings are told apart as the HL7 reference validator does. Invariants of the definitions are not
//! repeated here; those of the narrative (`txt-1`, `txt-2`) are judged here instead of as expressions.

mod attachment;
mod bundle;
mod identity;
pub mod reference;
#[cfg(test)]
mod tests;
mod values;

use super::collect::Findings;

/// Notes everything that the base rules find in the document of an index.
pub(super) fn check<'d>(index: &reference::Index<'d>, findings: &mut Findings<'d>) {
    values::check(index.document(), findings);
    identity::check(index, findings);
    bundle::check(index, findings);
}
