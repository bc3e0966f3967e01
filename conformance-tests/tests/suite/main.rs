//! Black-box tests: scenarios, faults, and rules over the tree itself. One binary, so that it links once.

#![expect(
    clippy::expect_used,
    reason = "a helper of a test that cannot go on says why and ends it"
)]

mod answer;
mod codes;
mod corrections;
mod country;
mod docs;
mod documents;
mod faults;
mod golden;
mod launch;
mod layering;
mod operations;
mod operator;
mod patient;
mod patient_tokens;
mod privacy;
mod quirks;
mod requests;
mod results;
mod sources;
mod station;
mod streams;
mod viewer;
mod visitor;
