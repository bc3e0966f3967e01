//! Advice for who writes maps.

mod near;

pub use near::distance;
