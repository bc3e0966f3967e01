//! Judges a resource as the HL7 reference validator would: structure, values, slices, codes, invariants, references.
//!
//! A profile is compiled once into a program over its snapshot; a run walks the document and the program together.
//! What a run finds is a list of [`Finding`]s, each of one [`Rule`]. What could not be checked is a finding too: a
//! resource with such a finding is never said to be valid. Pure: definitions and terminology are handed in.

pub mod base;
mod collect;
mod finding;
mod program;
pub mod rule;
mod run;
mod text;
mod validator;

pub use finding::{Argument, Finding, Outcome, Verdict};
pub use rule::{Rule, Severity};
pub use text::{Language, Values};
pub use validator::{Budget, Request, Settings, Validator};
