//! How long an honest empty answer takes, so that one that was never asked for takes as long (control C21).
//!
//! A holder that may not be asked has its rows at once, and they say "nothing", as those of a holder without data do.
//! How soon the whole answer comes would tell the two apart. So such a holder waits for a time that is drawn from what
//! empty answers took lately, at that holder or else at any, and for a time within fixed bounds when none is known.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use samenhang_profiles::Ura;

use crate::clock::Random;

/// Durations that are remembered of one holder.
const KEPT: usize = 32;
/// Holders of which durations are remembered.
const HOLDERS: usize = 1024;
/// What an empty answer takes when none was seen yet: at least, and at most.
const UNKNOWN: (Duration, Duration) = (Duration::from_millis(200), Duration::from_millis(800));
/// A drawn time differs from the remembered one by at most one in so many parts, so that no repetition shows.
const SPREAD: u64 = 10;

/// What empty answers took lately.
pub(super) struct Pace {
    random: Arc<dyn Random>,
    seen: Mutex<HashMap<Ura, VecDeque<Duration>>>,
}

impl Pace {
    pub(super) fn new(random: Arc<dyn Random>) -> Self {
        Pace {
            random,
            seen: Mutex::default(),
        }
    }

    /// Notes how long a holder took to say that it has nothing.
    pub(super) fn note(&self, holder: &Ura, took: Duration) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= HOLDERS && !seen.contains_key(holder) {
            return;
        }
        let of_holder = seen.entry(holder.clone()).or_default();
        if of_holder.len() >= KEPT {
            of_holder.pop_front();
        }
        of_holder.push_back(took);
    }

    /// How long a holder that is not asked waits.
    pub(super) fn draw(&self, holder: &Ura) -> Duration {
        let drawn = {
            let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
            match seen.get(holder) {
                Some(of_holder) => self.pick(of_holder.iter()),
                None => self.pick(seen.values().flatten()),
            }
        };
        match drawn {
            Some(took) => {
                let took = micros(took);
                let spread = took / SPREAD;
                Duration::from_micros(took - spread + self.below(2 * spread + 1))
            }
            None => {
                let (least, most) = UNKNOWN;
                least + Duration::from_micros(self.below(micros(most - least) + 1))
            }
        }
    }

    fn pick<'a>(&self, all: impl Iterator<Item = &'a Duration> + Clone) -> Option<Duration> {
        let count = u64::try_from(all.clone().count())
            .ok()
            .filter(|count| *count > 0)?;
        let at = usize::try_from(self.below(count)).ok()?;
        all.copied().nth(at)
    }

    /// A number below a bound.
    fn below(&self, bound: u64) -> u64 {
        let mut bytes = [0; 8];
        self.random.fill(&mut bytes);
        u64::from_be_bytes(bytes) % bound.max(1)
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
