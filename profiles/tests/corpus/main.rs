//! The readers on published test data, which is found by `SAMENHANG_SHARED` and never copied.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "helpers of tests, outside of a test function"
)]

use std::path::PathBuf;

mod document;
mod json;
mod xml;

/// Files below a folder of the shared test data, or nothing when it is not there and not demanded.
fn files(folder: &str, extension: &str) -> Vec<(String, Vec<u8>)> {
    let shared = std::env::var("SAMENHANG_SHARED").unwrap_or_else(|_| "../shared".to_owned());
    // A relative path counts from the root of the workspace.
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let folder = PathBuf::from(root).join(shared).join("testdata").join(folder);
    let mut found = Vec::new();
    let mut folders = vec![folder.clone()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == extension) {
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                found.push((name, std::fs::read(&path).unwrap()));
            }
        }
    }
    if found.is_empty() {
        let demanded = std::env::var("SAMENHANG_REQUIRE_SHARED").is_ok_and(|value| value == "1");
        assert!(!demanded, "no test data at {}", folder.display());
        eprintln!("skipped: no test data at {}", folder.display());
    }
    found.sort();
    found
}
