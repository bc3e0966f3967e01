//! Measures the reconciliation on patients of which the truth is known.
//!
//! Every patient is synthetic and made from a seed: facts, the records that holders made of them, and the copies that
//! travelled to other holders and were changed on the way ([reconciliation notes, section 3.2]). The lineage is recorded
//! and hidden from the engine. The scorer reads the engine's public result and compares. Beside the patients there are
//! hard negatives: pairs that must never be joined, for each rule of section 2.3.
//!
//! The same plan gives the same report: no clock, no entropy.

mod chance;
pub mod cli;
mod evaluate;
mod fact;
mod maps;
mod negative;
mod patient;
mod perturb;
mod render;
mod report;
mod score;
mod seeds;
mod statement;
mod target;
mod term;
mod truth;

pub use evaluate::{Evaluation, Plan, Set, evaluate};
pub use target::{Bound, Verdict};
