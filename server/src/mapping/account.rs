//! The loss ledger of many messages: what became of their values, and which rules of the pack had a part in it.

use std::collections::BTreeMap;

use samenhang_conform::{Fate, Kind, Lifted, Pack};
use samenhang_profiles::document::{Document, Node};
use serde::Serialize;

use crate::http::address::holds_bsn;

/// Codes that are counted apart; more of them are counted together, as a field with codes that has thousands is text.
const MAX_CODES: usize = 5_000;
/// Longest text that is taken for a code.
const MAX_CODE: usize = 64;

/// What became of the values of some messages.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Account {
    /// Values in the source.
    pub leaves: usize,
    /// Values that are in the target.
    pub mapped: usize,
    /// Values that a map says are not needed, by reason.
    pub ignored: BTreeMap<String, usize>,
    /// Values that nothing took, by place, without the numbers of repetitions.
    pub unmapped: BTreeMap<String, usize>,
    /// Values that are mapped or ignored, of a hundred, in two decimals.
    pub accounted: f64,
    /// Resources that were made.
    pub resources: usize,
}

impl Account {
    /// Adds a message.
    pub fn add(&mut self, document: &Document<'_>, lifted: &Lifted) {
        let ledger = &lifted.ledger;
        self.leaves += ledger.total();
        self.mapped += ledger.mapped();
        self.resources += lifted.resources.len();
        for leaf in ledger.leaves() {
            match leaf.fate {
                Fate::Mapped => {}
                Fate::Ignored(_) => {
                    let reason = ledger.reason(leaf.fate).unwrap_or_default();
                    *self.ignored.entry(reason.to_owned()).or_default() += 1;
                }
                Fate::Unmapped => {
                    let path = document.node(leaf.node).map(|node| general(&node.path()));
                    *self.unmapped.entry(path.unwrap_or_default()).or_default() += 1;
                }
            }
        }
        self.close();
    }

    /// Adds another account.
    pub fn merge(&mut self, other: &Account) {
        self.leaves += other.leaves;
        self.mapped += other.mapped;
        self.resources += other.resources;
        for (own, others) in [
            (&mut self.ignored, &other.ignored),
            (&mut self.unmapped, &other.unmapped),
        ] {
            for (key, count) in others {
                *own.entry(key.clone()).or_default() += count;
            }
        }
        self.close();
    }

    /// Number of values that nothing took.
    #[must_use]
    pub fn lost(&self) -> usize {
        self.unmapped.values().sum()
    }

    fn close(&mut self) {
        let lost = self.lost();
        // Rounded down, so that 100 means all.
        let parts = match self.leaves {
            0 => 10_000,
            all => (all - lost.min(all)) * 10_000 / all,
        };
        self.accounted = f64::from(u32::try_from(parts).unwrap_or(u32::MAX)) / 100.0;
    }
}

/// A place without the numbers of repetitions: `Patient.name.given` for `Patient.name[0].given[1]`.
#[must_use]
pub fn general(path: &str) -> String {
    let mut general = String::with_capacity(path.len());
    let mut inside = false;
    for character in path.chars() {
        match character {
            '[' => inside = true,
            ']' => inside = false,
            other if !inside => general.push(other),
            _ => {}
        }
    }
    general
}

/// A code that a table does not have.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Code {
    /// The rule whose table it is.
    pub rule: String,
    /// The place, without the numbers of repetitions.
    pub path: String,
    /// Its system, where the source says one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    /// The code; none for what cannot be one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

/// What the rules of a pack did.
#[derive(Debug, Clone, Default)]
pub struct Activity {
    /// Codes that no table has, with how often.
    pub codes: BTreeMap<Code, usize>,
    /// Findings by their stable code.
    pub findings: BTreeMap<&'static str, usize>,
    /// Values that a rule put in and the source does not say, by rule.
    pub assumed: BTreeMap<String, usize>,
    fired: BTreeMap<String, usize>,
}

impl Activity {
    /// Adds a message that was lifted with traces.
    pub fn add(&mut self, document: &Document<'_>, lifted: &Lifted) {
        for (rule, count) in &lifted.fired {
            *self.fired.entry(rule.to_string()).or_default() += count;
        }
        for finding in &lifted.findings {
            *self.findings.entry(finding.kind.code()).or_default() += 1;
            let rule = finding.rule.as_deref().unwrap_or_default();
            match finding.kind {
                Kind::Assumed => *self.assumed.entry(rule.to_owned()).or_default() += 1,
                Kind::Code => {
                    if let Some(node) = document.node(finding.node) {
                        self.code(rule, node);
                    }
                }
                _ => {}
            }
        }
    }

    fn code(&mut self, rule: &str, node: Node<'_>) {
        let (system, code) = match node.primitive() {
            Some(code) => (None, Some(code)),
            None => (node.text("system"), node.text("code")),
        };
        let mut code = Code {
            rule: rule.to_owned(),
            path: general(&node.path()),
            system: system.and_then(plain),
            code: code.and_then(plain),
        };
        if self.codes.len() >= MAX_CODES && !self.codes.contains_key(&code) {
            code.code = None;
        }
        *self.codes.entry(code).or_default() += 1;
    }

    /// Rules of the pack that found nothing to do in any message.
    #[must_use]
    pub fn idle<'p>(&self, pack: &'p Pack) -> Vec<&'p str> {
        pack.rules()
            .filter(|rule| !self.fired.contains_key(*rule))
            .collect()
    }
}

/// A text that can be a code: without space, not long, and no number of a patient.
fn plain(text: &str) -> Option<String> {
    let fits = text.len() <= MAX_CODE && !text.chars().any(|c| c.is_whitespace() || c.is_control());
    (fits && !holds_bsn(text)).then(|| text.to_owned())
}
