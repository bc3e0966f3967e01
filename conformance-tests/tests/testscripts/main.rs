//! The Dutch test scripts of the BgZ, executed: against a plain source of the testbed, which proves the runner and the
//! fixtures, and against the server.
//!
//! The scripts and fixtures are in the folder named by `SAMENHANG_SHARED`, by default `../shared`. Without them a test
//! says so and does nothing; with `SAMENHANG_REQUIRE_SHARED=1` their absence is a failure.

#![expect(
    clippy::expect_used,
    reason = "a helper of a test that cannot go on says why and ends it"
)]

mod material;
mod server;
mod source;
