//! The shared scripts and fixtures, and what is known to be wrong with them.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use samenhang_conformance_tests::testscript::{KnownList, Report, Runner};
use tempfile::TempDir;

/// A folder of the shared test data; `None` when it is not there, which is said.
pub(crate) fn shared(name: &str) -> Option<PathBuf> {
    let root = std::env::var_os("SAMENHANG_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared"),
        PathBuf::from,
    );
    let folder = root.join("testdata").join(name);
    if folder.is_dir() {
        return Some(folder);
    }
    let must = std::env::var_os("SAMENHANG_REQUIRE_SHARED").is_some_and(|value| value == "1");
    assert!(!must, "the shared test data {name} must be there and is not");
    say(&format!(
        "not tested: the shared test data {name} is not there (set SAMENHANG_SHARED)"
    ));
    None
}

/// A client that follows no redirects. There is one rustls provider for the process.
pub(crate) fn client() -> reqwest::Client {
    // Another test may have been first; either way there is one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .expect("a client")
}

/// Writes a line that a person reads.
pub(crate) fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// The scripts of a folder of which the name has both parts, in order.
pub(crate) fn scripts(folder: &Path, part: &str, form: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("a folder")
        .map(|file| file.expect("a file").path())
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.contains(part) && name.ends_with(&format!("{form}.xml"))
        })
        .collect();
    files.sort();
    assert!(!files.is_empty(), "no script has {part} and {form} in its name");
    files
}

/// A copy of a folder of fixtures without what is about other patients.
pub(crate) fn without(folder: &Path, others: &[&str]) -> TempDir {
    let copy = tempfile::tempdir().expect("a folder");
    for file in std::fs::read_dir(folder).expect("a folder") {
        let path = file.expect("a file").path();
        let text = std::fs::read_to_string(&path).expect("a text");
        let is_other = |other: &&str| {
            text.contains(&format!("\"Patient/{other}\"")) || text.contains(&format!("\"id\":\"{other}\""))
        };
        if !others.iter().any(is_other) {
            std::fs::write(copy.path().join(path.file_name().expect("a name")), text).expect("a file");
        }
    }
    copy
}

/// The runs of many scripts, together.
#[derive(Default)]
pub(crate) struct Tally {
    reports: Vec<Report>,
    used: BTreeSet<usize>,
}

impl Tally {
    /// Runs scripts, and takes out what is known.
    pub(crate) async fn run(&mut self, runner: &Runner, files: &[PathBuf], known: &KnownList) {
        for file in files {
            let mut report = runner.run_file(file).await.expect("a script");
            self.used.extend(report.explain(known));
            self.reports.push(report);
        }
    }

    /// Says what the runs came to, and ends the test when an assertion failed, or when an entry of the list explains
    /// nothing.
    pub(crate) fn settle(&self, name: &str, known: &KnownList) {
        let mut sums = [0; 5];
        for report in &self.reports {
            for (sum, count) in sums.iter_mut().zip(report.counts()) {
                *sum += count;
            }
            if report.failures().next().is_some() {
                say(&report.to_string());
            }
        }
        let [pass, warning, fail, explained, skipped] = sums;
        say(&format!(
            "{name}: {} scripts, {pass} passed, {fail} failed, {warning} warned, {explained} known, {skipped} skipped",
            self.reports.len()
        ));
        assert_eq!(fail, 0, "assertions failed");
        assert!(pass > 0, "nothing was asserted");
        let is_of_these = |script: &str| self.reports.iter().any(|report| report.script.contains(script));
        let idle: Vec<&str> = known
            .known
            .iter()
            .enumerate()
            .filter(|(place, entry)| !self.used.contains(place) && is_of_these(&entry.script))
            .map(|(_, entry)| entry.found.as_str())
            .collect();
        assert!(
            idle.is_empty(),
            "entries of the known list that explain nothing: {idle:?}"
        );
    }
}
