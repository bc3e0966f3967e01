//! Measures how long the readers take over messages that are made to do harm, and how much memory.
//!
//! `cargo run --release -p samenhang-profiles --example measure-limits` prints one line a message, and what the whole
//! process used at most (Linux).

#![expect(clippy::print_stdout, reason = "a tool that prints")]

use std::time::Instant;

use samenhang_profiles::document::Document;
use samenhang_profiles::{FhirVersion, Limits};

#[path = "../tests/limits/bombs.rs"]
mod bombs;

fn main() {
    let limits = Limits::default();
    for (bombs, verdict) in [(bombs::all(), "refused"), (bombs::just_within(), "accepted")] {
        for bomb in bombs {
            let start = Instant::now();
            let read = match bomb.format {
                bombs::Format::Json => Document::from_json(&bomb.body, FhirVersion::R4, &limits),
                bombs::Format::Xml => Document::from_xml(&bomb.body, FhirVersion::R4, &limits),
            };
            let held = read.is_err() != bomb.refusal.is_empty();
            let time = start.elapsed();
            let mark = if held { "" } else { "  NOT AS EXPECTED" };
            println!(
                "{verdict} in {time:>10.1?}, {:>9} bytes: {}{mark}",
                bomb.body.len(),
                bomb.name
            );
        }
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status
        .lines()
        .find(|line| line.starts_with("VmHWM"))
        .unwrap_or("VmHWM: unknown");
    println!("{peak}");
}
