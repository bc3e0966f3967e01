//! Reconciliation: from what holders sent to one coherent answer.
//!
//! [`identity`] decides whether a holder's Patient is the one that was asked about, [`subject`] whether a resource is
//! about that Patient, [`cluster`] which resources are the same record, [`apart`] what a person keeps apart, [`order`] in what order they come, [`view`] what
//! is shown first, [`completeness`] what is missing, [`answer`] writes the Bundle and [`overview`] is the viewer's model.
//!
//! Promises P3 (a partial answer never looks complete), P4 (originals untouched: it picks, links and orders, and
//! never blends two resources into a third) and P8 (same inputs in any order, same bytes) are kept here. Pure and
//! synchronous: no I/O, no clock, no randomness.

pub mod answer;
pub mod apart;
pub mod cluster;
pub mod completeness;
pub mod date;
pub mod engine;
mod error;
mod fact;
pub mod identity;
pub mod maps;
pub mod medication;
pub mod order;
pub mod overview;
pub mod policy;
mod reconciled;
pub mod subject;
mod support;
pub mod view;

pub use error::ReconcileError;
pub use reconciled::Reconciled;

use samenhang_profiles::Limits;

/// Limits for reading again what was checked when it was received.
const CHECKED: Limits = Limits {
    max_bytes: usize::MAX,
    max_depth: usize::MAX,
    max_nodes: usize::MAX,
    max_string: usize::MAX,
    max_base64: usize::MAX,
    max_name: usize::MAX,
    max_digits: usize::MAX,
    max_exponent: u32::MAX,
    max_entries: usize::MAX,
};

#[cfg(test)]
mod fixtures;
