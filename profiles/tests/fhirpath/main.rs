//! FHIRPath on published material, which is found by `SAMENHANG_SHARED` and never copied.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "helpers of tests, outside of a test function"
)]

use std::path::PathBuf;

mod cases;
mod hostile;
mod invariants;
mod official;

/// A path in the shared material, or nothing when it is not there and not demanded.
fn shared(path: &str) -> Option<PathBuf> {
    let shared = std::env::var("SAMENHANG_SHARED").unwrap_or_else(|_| "../shared".to_owned());
    // A relative path counts from the root of the workspace.
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .join(shared)
        .join(path);
    if path.exists() {
        return Some(path);
    }
    let demanded = std::env::var("SAMENHANG_REQUIRE_SHARED").is_ok_and(|value| value == "1");
    assert!(!demanded, "no test data at {}", path.display());
    eprintln!("skipped: no test data at {}", path.display());
    None
}
