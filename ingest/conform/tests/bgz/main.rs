//! The lift of zib2017 to zib2020 on the BgZ fixtures, which are found by `SAMENHANG_SHARED` and never copied.
//!
//! `cargo test -p samenhang-conform --test bgz -- --nocapture` prints the figures of each building block: who writes a map
//! sees there what is still unmapped and what the validator says. `ratchet.tsv` holds the bars, which only go up;
//! `known.tsv` the errors that are explained.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "helpers of tests, outside of a test function"
)]

mod concepts;
mod damage;
mod ledger;
mod roundtrip;
mod validity;

use std::path::PathBuf;
use std::sync::Arc;

use samenhang_conform::{Context, Lifted, Pack};
use samenhang_profiles::document::Document;
use samenhang_profiles::{FhirVersion, Limits};

/// A fixture: its folder and name, and its bytes.
struct Fixture {
    name: String,
    body: Vec<u8>,
}

impl Fixture {
    fn document(&self) -> Document<'_> {
        Document::from_json(&self.body, FhirVersion::Stu3, &Limits::default()).unwrap()
    }

    /// The building block: the last part of the profile that it claims, or its type.
    fn block(document: &Document<'_>) -> String {
        let root = document.root();
        let profile = root.child("meta").and_then(|meta| meta.text("profile"));
        let name = profile.and_then(|profile| profile.rsplit('/').next());
        name.unwrap_or(root.resource_type()).to_owned()
    }
}

/// All fixtures, in order; none when there is no test data and none is demanded.
fn fixtures() -> Vec<Fixture> {
    let shared = std::env::var("SAMENHANG_SHARED").unwrap_or_else(|_| "../shared".to_owned());
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let folder = PathBuf::from(root).join(shared).join("testdata/bgz-stu3");
    let mut found = Vec::new();
    for set in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
        for file in std::fs::read_dir(set.path()).into_iter().flatten().flatten() {
            let name = format!(
                "{}/{}",
                set.file_name().to_string_lossy(),
                file.file_name().to_string_lossy()
            );
            found.push(Fixture {
                name,
                body: std::fs::read(file.path()).unwrap(),
            });
        }
    }
    if found.is_empty() {
        let demanded = std::env::var("SAMENHANG_REQUIRE_SHARED").is_ok_and(|value| value == "1");
        assert!(!demanded, "no test data at {}", folder.display());
        eprintln!("skipped: no test data at {}", folder.display());
    }
    found.sort_by(|one, other| one.name.cmp(&other.name));
    found
}

/// The pack that is judged.
fn pack() -> Arc<Pack> {
    samenhang_conform::shipped("stu3-zib2017-to-r4-zib2020").unwrap()
}

fn lift(pack: &Pack, document: &Document<'_>) -> Lifted {
    let context = Context {
        source: "bgz",
        ..Context::default()
    };
    pack.lift(document, &context)
}

/// A bar of `ratchet.tsv`.
fn bar(name: &str) -> f64 {
    let line = include_str!("ratchet.tsv")
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix('\t'));
    line.unwrap().parse().unwrap()
}
