//! Tests of access.

mod bound;
mod chain;
mod fake_dezi;
mod fixture;
mod forged;
mod gate;
mod login;
mod policy;
mod rate;
mod relations;
mod sealed;
mod token;
