//! Asking all holders.

pub mod breaker;
pub mod budget;
