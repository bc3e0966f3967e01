//! A station from outside: what is acknowledged is kept, whatever happens.

#![expect(clippy::unwrap_used, reason = "a helper of a test that cannot go on ends it")]

mod backend;
mod crash;
mod erasure;
mod faults;
mod holding;
mod mapped;
mod pipeline;
mod quality;
mod quirks;
mod scene;
mod shared;
mod tables;
mod threshold;
mod upkeep;
