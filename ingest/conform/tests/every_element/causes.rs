//! Why what is made of an instance is not valid: because the instance is not, because the two profiles do not go together,
//! or because of our maps.
//!
//! The first is measured: the validator finds the same in the instance, in its own version. The others are rows of
//! `causes.tsv`, each with its reason; an error that no row explains is ours.

use std::collections::BTreeSet;

/// A cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Cause {
    /// The instance that was generated breaks the same rule in its own version.
    Instance,
    /// What the instance may hold in its version is not allowed by the specification of the other.
    Source,
    /// The profiles of both versions differ, and the map keeps what was sent.
    Profile,
    /// Our maps.
    Ours,
}

/// The rows of the table.
pub(crate) struct Causes(Vec<Row>);

struct Row {
    cause: Cause,
    /// What an error has: its rule, and what stands in its place and in its text.
    rule: &'static str,
    place: &'static str,
    text: &'static str,
}

impl Causes {
    pub(crate) fn read() -> Causes {
        let row = |line: &'static str| {
            let mut parts = line.split('\t');
            let mut part = || parts.next().unwrap_or_else(|| panic!("five parts: {line}"));
            let cause = match part() {
                "source" => Cause::Source,
                "profile" => Cause::Profile,
                "ours" => Cause::Ours,
                other => panic!("{other} is no cause"),
            };
            let row = Row {
                cause,
                rule: part(),
                place: part(),
                text: part(),
            };
            assert!(part().len() > 10, "a reason: {line}");
            row
        };
        let lines = include_str!("causes.tsv").lines();
        Causes(lines.filter(|line| !line.starts_with('#')).map(row).collect())
    }

    /// The cause of an error of what was made, with what was found in the instance.
    pub(crate) fn of(&self, error: &str, own: &BTreeSet<String>) -> Cause {
        if own.contains(&key(error)) {
            return Cause::Instance;
        }
        let mut parts = error.splitn(3, '\t');
        let mut part = || parts.next().unwrap_or_default();
        let (rule, place, text) = (part(), part(), part());
        let fits = |row: &&Row| row.rule == rule && place.contains(row.place) && text.contains(row.text);
        self.0.iter().find(fits).map_or(Cause::Ours, |row| row.cause)
    }
}

/// What is the same of errors in both versions.
pub(crate) fn keys(errors: &[String]) -> BTreeSet<String> {
    errors.iter().map(|error| key(error)).collect()
}

/// The rule, and what it found: without the place, which the map changes, and without what was expected.
fn key(error: &str) -> String {
    let mut parts = error.splitn(3, '\t');
    let (rule, text) = (parts.next().unwrap_or_default(), parts.nth(1).unwrap_or_default());
    let ends = [
        ", ",
        ": ",
        " is not",
        " is more",
        " differs",
        " of http",
        " according",
    ];
    let end = ends.iter().filter_map(|end| text.find(end)).min();
    format!("{rule} {}", text.get(..end.unwrap_or(text.len())).unwrap_or(text))
}
