//! The bounds of section `[fanout]`.

use crate::fanout::FanoutConfig;

fn keys(change: impl FnOnce(&mut FanoutConfig)) -> Vec<&'static str> {
    let mut config = FanoutConfig::default();
    change(&mut config);
    config.check().into_iter().map(|(key, _)| key).collect()
}

#[test]
fn the_defaults_and_the_bounds_themselves_are_fine() {
    assert!(keys(|_| {}).is_empty());
    let lowest = keys(|config| {
        config.interactive_seconds = 1;
        config.whole_seconds = 1;
        config.request_seconds = 1;
        config.breaker_pause_seconds = 1;
        config.retry_pause_ms = 0;
        config.capability_seconds = 0;
        config.no_capability_seconds = 0;
        config.max_holders = 1;
        config.holder_concurrency = 1;
    });
    assert!(lowest.is_empty(), "{lowest:?}");
    let highest = keys(|config| {
        config.interactive_seconds = 30;
        config.whole_seconds = 30;
        config.request_seconds = 60;
        config.breaker_pause_seconds = 3600;
        config.retry_pause_ms = 10_000;
        config.capability_seconds = 86_400;
        config.no_capability_seconds = 86_400;
    });
    assert!(highest.is_empty(), "{highest:?}");
}

#[test]
fn what_lies_beyond_a_bound_is_named() {
    type Change = fn(&mut FanoutConfig);
    let cases: [(Change, &str); 12] = [
        (
            |config| config.interactive_seconds = 0,
            "fanout.interactive_seconds",
        ),
        (
            |config| {
                config.interactive_seconds = 31;
                config.whole_seconds = 31;
            },
            "fanout.interactive_seconds",
        ),
        (|config| config.whole_seconds = 31, "fanout.whole_seconds"),
        (
            |config| {
                config.interactive_seconds = 20;
                config.whole_seconds = 19;
            },
            "fanout.whole_seconds",
        ),
        (|config| config.request_seconds = 0, "fanout.request_seconds"),
        (|config| config.request_seconds = 61, "fanout.request_seconds"),
        (
            |config| config.breaker_pause_seconds = 3601,
            "fanout.breaker_pause_seconds",
        ),
        (|config| config.retry_pause_ms = 10_001, "fanout.retry_pause_ms"),
        (
            |config| config.capability_seconds = 86_401,
            "fanout.capability_seconds",
        ),
        (
            |config| config.no_capability_seconds = 86_401,
            "fanout.no_capability_seconds",
        ),
        (|config| config.max_holders = 0, "fanout.max_holders"),
        (
            |config| config.holder_concurrency = 0,
            "fanout.holder_concurrency",
        ),
    ];
    for (change, key) in cases {
        let found = keys(change);
        assert!(found.contains(&key), "{key} in {found:?}");
    }
}
