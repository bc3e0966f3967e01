//! Gathering: every outbound call of Samenhang.
//!
//! Locate the holders, ask for consent, find their addresses, get tokens, and ask them all within one deadline.
//! The only crate that sends anything. It holds no web server, no database and no reconciliation.

pub use samenhang_clock as clock;

pub mod address;
pub mod config;
pub mod consent;
pub mod error;
pub mod fanout;
#[cfg(test)]
mod fixtures;
pub mod gather;
pub mod http;
pub mod ledger;
pub mod locate;
pub mod mitz;
pub mod nvi;
pub mod oauth;
pub mod plan;
pub mod pseudonym;
pub mod query;
pub mod registration;
pub mod source;
pub mod terminology;
pub mod token;
mod xml;
