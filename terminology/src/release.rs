//! Releases of licensed systems, read from the files that their owners distribute.
//!
//! Nothing of a release is in this project. The user holds the licence and points at the files; the caller opens them,
//! and what is read here is text. Each reader says which files and columns it takes; what it does not take it ignores.

pub mod list;
pub mod loinc;
pub mod rf2;
mod table;
