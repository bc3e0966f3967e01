//! Access: who asks, in which role, for which purpose, and whether that is allowed.
//!
//! A person logs in with Dezi and gets a session that only this server knows; a system proves itself with a key and
//! gets a short-lived token, or brings one that another server bound to a patient. Either way a request becomes a [`Context`], or nothing: there is no anonymous access
//! and no switch to turn this off. What a context may ask is decided by a readable [`Policy`], which refuses what it
//! does not name. This module never sees an answer and never opens one.
//!
//! Section 4.4 of the generic functions notes, controls C01 and C06 to C12 of the reliability notes.

mod client_key;
pub mod config;
mod context;
mod cookie;
mod dezi;
mod error;
mod gate;
pub(crate) mod introspected;
mod introspection;
mod jwe;
mod jwt;
mod keys;
mod launch;
mod log_reading;
mod pages;
mod pending;
mod policy;
mod rate;
mod replay;
mod routes;
mod systems;
mod visit;

#[cfg(test)]
mod tests;

pub use config::{
    AccessConfig, BoundClientConfig, ClientConfig, DeziConfig, EhrConfig, Form2024Config, KeyPlace,
    PatientTokensConfig, RateConfig, WithoutStatus,
};
pub use context::{Context, Kind, demo_context};
pub use dezi::LoginError;
pub use error::AccessError;
pub use gate::{Access, AccessParts, Origin};
pub use introspected::CheckError;
pub use jwt::JwtError;
pub use launch::{CALLBACK, LAUNCH, LaunchError, OPEN, Way};
pub use policy::{Policy, PolicyError};
pub use rate::Limiter;
pub use routes::{login_routes, token_routes};
