//! Measures how long the readers take over messages, archives and expressions that are made to do harm, and how much
//! memory.
//!
//! `cargo run --release -p samenhang-profiles --example measure-limits` prints one line for each: the time, the memory
//! that the whole process used at most meanwhile (Linux), and what it is. The exit status is 1 when something is not
//! refused with an error that names its limit, takes more than 1 s, or more than 512 MB.

#![expect(clippy::print_stdout, reason = "a tool that prints")]
#![expect(clippy::expect_used, reason = "an archive that cannot be made ends the tool")]

use std::process::ExitCode;
use std::time::{Duration, Instant};

use samenhang_profiles::document::Document;
use samenhang_profiles::package::{ArchiveLimits, Package};
use samenhang_profiles::{FhirVersion, Limits};

#[path = "../tests/limits/archives.rs"]
mod archives;
#[path = "../tests/limits/bombs.rs"]
mod bombs;
#[path = "../tests/limits/expressions.rs"]
mod expressions;

/// Longest time for one message.
const TIME: Duration = Duration::from_secs(1);
/// Most memory, in KiB.
const MEMORY: u64 = 512 << 10;

/// Keeps the worst of everything.
#[derive(Default)]
struct Measured {
    time: Duration,
    memory: u64,
    unexpected: usize,
}

impl Measured {
    /// Runs `read`, which gives the error, and prints a line. An empty refusal is that of a message that is accepted.
    fn measure(
        &mut self,
        kind: &str,
        name: &str,
        bytes: usize,
        refusal: &str,
        read: impl FnOnce() -> Option<String>,
    ) {
        forget_peak();
        let start = Instant::now();
        let error = read();
        let time = start.elapsed();
        let memory = peak();
        self.time = self.time.max(time);
        self.memory = self.memory.max(memory);
        let held = match &error {
            Some(error) => !refusal.is_empty() && error.contains(refusal),
            None => refusal.is_empty(),
        };
        self.unexpected += usize::from(!held);
        let mark = if held { "" } else { "NOT AS EXPECTED: " };
        println!(
            "{:>7.1} ms {:>5} MB {bytes:>9} bytes  {kind}, {name}: {mark}{}",
            time.as_secs_f64() * 1e3,
            memory >> 10,
            error.as_deref().unwrap_or("accepted")
        );
    }
}

fn main() -> ExitCode {
    let mut measured = Measured::default();
    let limits = Limits::default();
    for bomb in bombs::all().into_iter().chain(bombs::just_within()) {
        let kind = match bomb.format {
            bombs::Format::Json => "JSON",
            bombs::Format::Xml => "XML",
        };
        measured.measure(kind, bomb.name, bomb.body.len(), bomb.refusal, || {
            let read = match bomb.format {
                bombs::Format::Json => Document::from_json(&bomb.body, FhirVersion::R4, &limits),
                bombs::Format::Xml => Document::from_xml(&bomb.body, FhirVersion::R4, &limits),
            };
            read.err().map(|error| error.to_string())
        });
    }
    for (name, text, limit) in expressions::all() {
        measured.measure("FHIRPath", name, text.len(), limit, || {
            expressions::refusal(&text)
        });
    }
    let limits = ArchiveLimits::default();
    for make in archives::ALL {
        let archive = make(&limits);
        measured.measure(
            "package",
            archive.name,
            archive.bytes.len(),
            &archive.refusal,
            || {
                let read = Package::read(archive.bytes.as_slice(), &limits);
                read.err().map(|error| error.to_string())
            },
        );
    }
    println!(
        "at most {:.0} ms and {} MB; {} not as expected",
        measured.time.as_secs_f64() * 1e3,
        measured.memory >> 10,
        measured.unexpected
    );
    if measured.unexpected > 0 || measured.time > TIME || measured.memory > MEMORY {
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// Lets Linux count the peak anew (`proc_pid_clear_refs(5)`). Elsewhere nothing happens.
fn forget_peak() {
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

/// The most memory that the process used since [`forget_peak`], in KiB; 0 where that is not told.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok())
        .unwrap_or(0)
}
