//! Consent.

pub(crate) mod subject;
