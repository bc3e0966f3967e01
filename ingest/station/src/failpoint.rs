//! Points at which a test stops the process: one name for each durable boundary.
//!
//! With the feature `failpoints`, a process that reaches the point named in `SAMENHANG_FAILPOINT` (`NAME` or `NAME:N` for
//! the N-th time) says so on stdout and waits to be killed. Without the feature there is nothing of it in the binary.

/// The boundaries, in the order in which a message passes them.
#[cfg(feature = "failpoints")]
pub const NAMES: [&str; 12] = [
    "inbox-before-object",
    "inbox-after-object",
    "inbox-after-commit",
    "work-before-object",
    "work-after-object",
    "work-in-transaction",
    "work-after-commit",
    "publish-after-send",
    "publish-after-commit",
    "erase-after-barrier",
    "erase-after-object",
    "erase-after-commit",
];

/// The boundaries of what a station does with what it has: messages that go, and a key that is replaced.
#[cfg(feature = "failpoints")]
pub const UPKEEP: [&str; 6] = [
    "rotate-after-begin",
    "expire-after-batch",
    "reseal-after-object",
    "reseal-after-commit",
    "rotate-before-end",
    "rotate-after-end",
];

/// The boundaries of a delivery that was held whole and is cut when its map pack is mended.
#[cfg(feature = "failpoints")]
pub const CUT: [&str; 2] = ["cut-after-parts", "cut-after-whole"];

#[cfg(feature = "failpoints")]
pub(crate) async fn reach(name: &str) {
    use std::io::Write as _;
    use std::sync::atomic::{AtomicU32, Ordering};
    static REACHED: AtomicU32 = AtomicU32::new(0);
    let Ok(wanted) = std::env::var("SAMENHANG_FAILPOINT") else {
        return;
    };
    let (wanted, nth) = wanted.split_once(':').unwrap_or((&wanted, "1"));
    if wanted != name || REACHED.fetch_add(1, Ordering::SeqCst) + 1 != nth.parse().unwrap_or(1) {
        return;
    }
    let mut stdout = std::io::stdout().lock();
    let _ = writeln!(stdout, "failpoint {name}");
    let _ = stdout.flush();
    drop(stdout);
    // The whole process stands still: nothing may happen after the point but its end.
    loop {
        std::thread::park();
    }
}

/// Marks a boundary.
macro_rules! failpoint {
    ($name:literal) => {
        #[cfg(feature = "failpoints")]
        $crate::failpoint::reach($name).await;
    };
}
pub(crate) use failpoint;
