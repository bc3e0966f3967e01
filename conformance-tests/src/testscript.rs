//! Runs FHIR `TestScript` resources against a server over HTTP, and tells what each assertion came to.
//!
//! A script is read from STU3 or R4, in JSON or XML, and executed as it stands: setup, tests, teardown. Expressions are
//! evaluated over the typed tree of what the server sent, `validateProfileId` through the validator over the profiles in
//! the binary. What the runner does not execute is told as skipped, with the reason, and never as passed.
//!
//! Source: FHIR STU3 and R4, `TestScript`; the extensions of AEGIS Touchstone as the Dutch scripts use them. Of its
//! Groovy rules one is built in: that the self link of a searchset names the parameters of the request.

mod check;
mod error;
mod exchange;
mod expression;
mod known;
mod placeholder;
mod report;
mod rule;
mod run;
mod script;

pub use check::judge::Judge;
pub use error::TestScriptError;
pub use exchange::{Exchange, Form, Payload};
pub use known::{Known, KnownList};
pub use report::{Outcome, Report, Verdict};
pub use run::{Runner, SearchBy, Settings};
pub use script::{Action, Assertion, Check, Operation, Script, Test, Variable};
