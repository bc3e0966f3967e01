//! Time and chance, as they are handed in to a station.

pub use samenhang_clock::{Surroundings, System};
