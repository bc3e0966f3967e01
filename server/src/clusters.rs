//! `Patient/$reconcile` and `Patient/$unlink`: why records belong together, and a person who says that they do not.
//!
//! Both go the way of `$overview`: the same question, access, consent and audit. Neither has another way to patient data.

pub mod reconcile;
mod request;
pub mod unlink;
