//! One user's haste is not another's.

use jiff::SignedDuration;

use super::fixture::{now, person, system};
use crate::access::{Limiter, RateConfig};

#[test]
fn a_bucket_empties_and_fills_evenly() {
    let limiter = Limiter::new(RateConfig {
        burst: 3,
        per_minute: 6,
    });
    let asker = person("01.015");
    for _ in 0..3 {
        assert_eq!(limiter.take(&asker, now()), Ok(()));
    }
    assert_eq!(limiter.take(&asker, now()), Err(11));
    assert_eq!(limiter.take(&system(), now()), Ok(()), "another bucket");
    let later = now() + SignedDuration::from_secs(10);
    assert_eq!(limiter.take(&asker, later), Ok(()));
    assert!(limiter.take(&asker, later).is_err());
    // A clock that goes back gives nothing.
    assert!(limiter.take(&asker, now()).is_err());
    let much_later = now() + SignedDuration::from_hours(1);
    for _ in 0..3 {
        assert_eq!(limiter.take(&asker, much_later), Ok(()));
    }
    assert!(
        limiter.take(&asker, much_later).is_err(),
        "no more than the burst"
    );
}
