//! A datastation as a FHIR source in R4 and STU3: what a compliant holder answers, of what the station keeps.
//!
//! Read, version read and search by patient, for each source under its own path (`/NAME/fhir/R4`). [`gate`] says who may
//! read, [`dossier`] what there is of a patient, in the version that is asked for, and [`search`] what of that is meant.
//! [`service`] runs it: with login, the registrations at the referral index, the listeners of [`mllp`] and the audit log by
//! [`config`]. [`packs`] finds the map packs of its sources. Refused: a number in an address.

mod answer;
pub mod config;
mod dossier;
pub mod gate;
mod introspection;
pub mod mllp;
pub mod packs;
mod registrar;
mod routes;
mod search;
pub mod service;
#[cfg(test)]
mod tests;

pub use config::ServiceConfig;
pub use gate::Gate;
pub use routes::router;
pub use service::Service;
