//! Time and chance, as they are handed in.

use jiff::Timestamp;
use rand_core::{OsRng, RngCore};

/// What a station has from outside besides its data.
pub trait Surroundings: Send + Sync {
    /// Now (UTC).
    fn now(&self) -> Timestamp;
    /// Fills `bytes` with what nobody can foresee.
    fn fill(&self, bytes: &mut [u8]);
}

/// The machine's clock and the operating system's generator.
#[derive(Debug, Clone, Copy, Default)]
pub struct System;

impl Surroundings for System {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn fill(&self, bytes: &mut [u8]) {
        OsRng.fill_bytes(bytes);
    }
}
