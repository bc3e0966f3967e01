//! How far a long run is, for somebody who waits.

use std::time::{Duration, Instant};

/// How often it is told.
const EVERY: Duration = Duration::from_secs(5);

/// Tells how far a run is, now and then.
pub(super) struct Progress {
    total: usize,
    told: Instant,
}

impl Progress {
    /// Of a run over so many files that begins now.
    pub(super) fn new(total: usize, now: Instant) -> Self {
        Progress { total, told: now }
    }

    /// What to tell when so many files are done; nothing when it was told a moment ago.
    pub(super) fn tell(&mut self, done: usize, now: Instant) -> Option<String> {
        if now.saturating_duration_since(self.told) < EVERY {
            return None;
        }
        self.told = now;
        Some(format!("samenhang: {done} of {} files", self.total))
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::Progress;

    #[test]
    fn a_long_run_tells_how_far_it_is_every_five_seconds() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut progress = Progress::new(3_000, start);
        assert_eq!(progress.tell(1, at(0)), None);
        assert_eq!(progress.tell(900, at(4)), None);
        assert_eq!(
            progress.tell(1_000, at(5)).as_deref(),
            Some("samenhang: 1000 of 3000 files")
        );
        assert_eq!(progress.tell(1_001, at(9)), None);
        assert_eq!(
            progress.tell(2_000, at(11)).as_deref(),
            Some("samenhang: 2000 of 3000 files")
        );
        // A clock that goes back tells nothing.
        assert_eq!(progress.tell(2_001, at(1)), None);
    }
}
