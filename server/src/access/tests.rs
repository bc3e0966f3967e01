//! Tests of access.

mod fake_dezi;
mod fixture;
mod forged;
mod gate;
mod login;
mod policy;
mod rate;
mod sealed;
mod token;
