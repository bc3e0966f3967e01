//! What a run came to: a line for each assertion, and the count.

use std::fmt;

use super::known::KnownList;

/// What an assertion came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It holds.
    Pass,
    /// It does not hold, and the script only wants to be told; with what was found.
    Warning(String),
    /// It does not hold; with what was found.
    Fail(String),
    /// It does not hold, and that is the script's own fault; with the reason.
    Known(String),
    /// It was not executed; with the reason.
    Skipped(String),
}

/// One assertion, executed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The name of the test that it is in; `setup` and `teardown` for those.
    pub test: String,
    /// Its label.
    pub label: Option<String>,
    /// What it claims, in the words of the script.
    pub description: String,
    /// The expression, or what else it looks at, with its variables filled in.
    pub claim: String,
    /// What it came to.
    pub verdict: Verdict,
}

/// A script, executed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The id of the script.
    pub script: String,
    /// Every assertion, in order; and operations that could not be done.
    pub outcomes: Vec<Outcome>,
}

impl Report {
    /// How many assertions came to something: passed, warned, failed, known, skipped.
    #[must_use]
    pub fn counts(&self) -> [usize; 5] {
        let mut counts = [0; 5];
        for outcome in &self.outcomes {
            let [pass, warning, fail, known, skipped] = &mut counts;
            let count = match outcome.verdict {
                Verdict::Pass => pass,
                Verdict::Warning(_) => warning,
                Verdict::Fail(_) => fail,
                Verdict::Known(_) => known,
                Verdict::Skipped(_) => skipped,
            };
            *count += 1;
        }
        counts
    }

    /// The assertions that do not hold.
    pub fn failures(&self) -> impl Iterator<Item = &Outcome> {
        let failed = |outcome: &&Outcome| matches!(outcome.verdict, Verdict::Fail(_));
        self.outcomes.iter().filter(failed)
    }

    /// Takes out of the failures what is known to be the script's own fault; gives the places in the list that were
    /// needed.
    pub fn explain(&mut self, list: &KnownList) -> Vec<usize> {
        let mut used = Vec::new();
        for outcome in &mut self.outcomes {
            let Verdict::Fail(found) = &outcome.verdict else {
                continue;
            };
            if let Some(place) = list.explains(&self.script, outcome, found)
                && let Some(known) = list.known.get(place)
            {
                outcome.verdict = Verdict::Known(known.reason.clone());
                used.push(place);
            }
        }
        used
    }
}

impl fmt::Display for Report {
    /// One line with the counts, then what failed and what was only warned of.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [pass, warning, fail, known, skipped] = self.counts();
        writeln!(
            f,
            "{}: {pass} passed, {fail} failed, {warning} warned, {known} known, {skipped} skipped",
            self.script
        )?;
        for outcome in &self.outcomes {
            let (word, found) = match &outcome.verdict {
                Verdict::Fail(found) => ("FAIL", found),
                Verdict::Warning(found) => ("warn", found),
                _ => continue,
            };
            let label = outcome.label.as_deref().unwrap_or("-");
            writeln!(f, "  {word} {} [{label}] {}", outcome.test, outcome.description)?;
            writeln!(f, "       {}", outcome.claim)?;
            writeln!(f, "       found: {found}")?;
        }
        Ok(())
    }
}
