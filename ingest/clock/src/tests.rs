use super::{Clock, ManualClock, Random, SeededRandom, random_fraction, random_uuid};
use jiff::{SignedDuration, Timestamp};

#[test]
fn a_manual_clock_moves_only_when_moved() {
    let clock = ManualClock::new(Timestamp::UNIX_EPOCH);
    assert_eq!(clock.now(), Timestamp::UNIX_EPOCH);
    clock.advance(SignedDuration::from_secs(60));
    assert_eq!(clock.now().as_second(), 60);
}

#[test]
fn a_seed_repeats_itself() {
    let (one, two) = (SeededRandom::new(7), SeededRandom::new(7));
    assert_eq!(random_uuid(&one), random_uuid(&two));
    let fraction = random_fraction(&one);
    assert!((0.0..1.0).contains(&fraction));
    let mut bytes = [0; 8];
    one.fill(&mut bytes);
    assert_ne!(bytes, [0; 8]);
}
