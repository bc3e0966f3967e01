//! The command line, on the binary itself.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a helper of a test that cannot go on ends it"
)]

mod audit;
mod clusters;
mod config;
mod demo;
mod help;
mod map;
mod map_fix;
mod map_new;
mod misuse;
mod packages;
mod privacy;
mod process;
mod reconcile;
mod serve;
mod station;
mod terminology_server;
mod validate;
