//! Finding what belongs together, by the time of processor that all threads take together: 20,000 mixed resources of 8 sources with 30 % copies, 20,000 that are all
//! distinct, one cluster of 10,000 members, and 1,000 to 100,000 resources, whose cost a resource must not grow.
//!
//! `cargo bench -p samenhang-reconcile --bench clusters`. The resources are read before the clock starts, as a server has
//! read them when they came in; what is measured is [`Reconciled::new`]: order, kinds, clusters, contradictions. A
//! benchmark measures, it never fails on a time.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark prints what it measures and stops when it cannot measure"
)]

mod country;

use std::time::{Duration, Instant};

use samenhang_profiles::Received;
use samenhang_reconcile::Reconciled;

/// As the server has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Runs of which the median is told.
const ROUNDS: usize = 7;

/// A name, what is reconciled, and the aim.
type Set<'s> = (&'s str, &'s dyn Fn() -> Vec<Received>, &'s str);

fn main() {
    // `cargo bench` passes `--bench`; anything else, such as `--test`, only shows that it runs.
    let only_runs = std::env::args().any(|argument| argument == "--test");
    let rounds = if only_runs { 1 } else { ROUNDS };
    let scale = if only_runs { 100 } else { 1 };
    let named: Option<String> = std::env::var("ONLY").ok();
    let wanted = |name: &str| named.as_deref().is_none_or(|only| name.contains(only));
    let sets: [Set<'_>; 6] = [
        (
            "mixed, 30 % copies",
            &|| country::mixed(20_000 / scale, 30),
            "aim 150 ms",
        ),
        (
            "all distinct",
            &|| country::mixed(20_000 / scale, 0),
            "aim 150 ms",
        ),
        (
            "one cluster, one number",
            &|| country::one_number(10_000 / scale),
            "aim 500 ms",
        ),
        (
            "one content, a source each",
            &|| country::one_content(10_000 / scale),
            "aim 500 ms",
        ),
        (
            "one test in a month",
            &|| country::one_test(800 / scale),
            "no aim",
        ),
        (
            "one fact, a source each",
            &|| country::one_fact(10_000 / scale),
            "aim 500 ms",
        ),
    ];
    for (name, make, aim) in sets {
        if wanted(name) {
            measure(name, &make(), rounds, aim);
        }
    }
    if wanted("growth") {
        for count in [1_000, 5_000, 20_000, 50_000, 100_000] {
            measure(
                "growth",
                &country::mixed(count / scale, 30),
                rounds.min(3),
                "linear",
            );
        }
    }
}

fn measure(name: &str, items: &[Received], rounds: usize, aim: &str) {
    let bytes: usize = items.iter().map(|item| item.resource.body().len()).sum();
    let mut times: Vec<(Duration, Duration)> = Vec::new();
    let mut outcome = (0, 0, 0);
    for _ in 0..rounds {
        let given = items.to_vec();
        let (began, used) = (Instant::now(), processor());
        let reconciled = Reconciled::new(given);
        times.push((processor().saturating_sub(used), began.elapsed()));
        assert_eq!(reconciled.items().len(), items.len(), "nothing is lost");
        let joined = reconciled
            .clusters()
            .iter()
            .map(|cluster| cluster.members.len())
            .max();
        outcome = (
            reconciled.clusters().len(),
            joined.unwrap_or(0),
            reconciled.possible().len(),
        );
    }
    times.sort_unstable();
    let (used, passed) = times.get(times.len() / 2).copied().unwrap_or_default();
    let (least, _) = times.first().copied().unwrap_or_default();
    println!(
        "{name}: {} resources, {:.1} MB: {:.1} ms of processor ({:.1} at least; {aim}), {:.1} ms passed, {:.2} us a resource; {} clusters, \
         largest {}, {} possible",
        items.len(),
        bytes as f64 / 1e6,
        used.as_secs_f64() * 1e3,
        least.as_secs_f64() * 1e3,
        passed.as_secs_f64() * 1e3,
        used.as_secs_f64() * 1e6 / items.len() as f64,
        outcome.0,
        outcome.1,
        outcome.2,
    );
}

/// The time that all threads of this process had a processor, so that what others do does not count.
fn processor() -> Duration {
    let used = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    let part = |value: i64| u64::try_from(value).unwrap_or_default();
    Duration::from_secs(part(used.tv_sec)) + Duration::from_nanos(part(used.tv_nsec))
}
