//! The FHIR face of the server: what it reads ([`parameters`]), what it says about itself ([`capability`]), in
//! which form it answers ([`negotiate`]), and how it says no ([`outcome`]).
//!
//! Nothing here asks a source anything or knows a patient.

pub mod base;
pub mod capability;
pub mod language;
pub mod negotiate;
pub mod outcome;
pub mod parameters;
pub mod prefer;
pub mod xml;
