//! Validation on published test data, which is found by `SAMENHANG_SHARED` and never copied.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "helpers of tests, outside of a test function"
)]

mod catalogue;
mod dutch;
mod mutation;
mod programs;
mod reference;
mod shared;
mod terminology;
