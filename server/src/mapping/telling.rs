//! What came of one message, in lines for a person: where every rule took its values, what nothing took, what was found.

use std::collections::BTreeSet;

use samenhang_conform::{Fate, Lifted};
use samenhang_profiles::document::{Document, Node};

use super::Message;

/// Lines about one message that are told; the rest is counted.
const MAX_LINES: usize = 2_000;
/// Characters of a value that are shown.
const MAX_VALUE: usize = 80;

/// How much is told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Telling {
    /// Each value and the rule that took it.
    pub trace: bool,
    /// The values themselves. They may be patient data.
    pub values: bool,
}

/// The lines about a message.
#[must_use]
pub fn lines(
    message: &Message<'_>,
    document: &Document<'_>,
    lifted: &Lifted,
    telling: Telling,
) -> Vec<String> {
    let teller = Teller {
        message,
        document,
        telling,
    };
    let ledger = &lifted.ledger;
    let mut lines = vec![format!(
        "{}: {} values: {} mapped, {} ignored, {} unmapped; {} resources",
        message.name,
        ledger.total(),
        ledger.mapped(),
        ledger.ignored(),
        ledger.unmapped(),
        lifted.resources.len()
    )];
    if telling.trace {
        teller.trace(lifted, &mut lines);
    }
    for leaf in ledger.leaves() {
        match leaf.fate {
            Fate::Unmapped => lines.push(format!("{} is unmapped", teller.place(leaf.node))),
            Fate::Ignored(_) if telling.trace => lines.push(format!(
                "{} is ignored: {}",
                teller.place(leaf.node),
                ledger.reason(leaf.fate).unwrap_or_default()
            )),
            _ => {}
        }
    }
    let findings = lifted.findings.iter();
    lines.extend(findings.map(|finding| format!("{}: {finding}", teller.place(finding.node))));
    if lines.len() > MAX_LINES {
        let more = lines.len() - MAX_LINES;
        lines.truncate(MAX_LINES);
        lines.push(format!("{}: {more} more lines are not shown", message.name));
    }
    lines
}

struct Teller<'t> {
    message: &'t Message<'t>,
    document: &'t Document<'t>,
    telling: Telling,
}

impl Teller<'_> {
    /// Rule by rule, in the order of their names; what was copied without one comes last.
    fn trace(&self, lifted: &Lifted, lines: &mut Vec<String>) {
        let mut traces: Vec<_> = lifted.traces.iter().collect();
        traces.sort_by_key(|trace| (trace.rule.is_none(), trace.rule.clone()));
        let mut told = None;
        for trace in traces {
            if told != Some(&trace.rule) {
                told = Some(&trace.rule);
                lines.push(match &trace.rule {
                    Some(rule) => format!("rule {rule}"),
                    None => "copied without a rule".to_owned(),
                });
            }
            lines.push(format!("  {} -> {}", self.place(trace.node), trace.to));
        }
        let told: BTreeSet<&str> = lifted
            .traces
            .iter()
            .filter_map(|trace| trace.rule.as_deref())
            .collect();
        let silent = lifted.fired.keys().filter(|rule| !told.contains(&***rule));
        lines.extend(silent.map(|rule| format!("rule {rule} did something that is no copy of a value")));
    }

    /// The place of a node: file, line and column or what the format calls it, path, and the value when it is asked for.
    fn place(&self, node: usize) -> String {
        let Some(node) = self.document.node(node) else {
            return self.message.name.clone();
        };
        let value = match node.primitive() {
            Some(text) if self.telling.values => {
                let text: String = text.chars().take(MAX_VALUE).collect();
                format!(" = {text:?}")
            }
            _ => String::new(),
        };
        let name = &self.message.name;
        format!("{name}:{} {}{value}", spot(self.message, node), node.path())
    }
}

/// Line and column of a node in its file, or what its format calls the place.
fn spot(message: &Message<'_>, node: Node<'_>) -> String {
    if let Some(origin) = node.origin() {
        return origin.to_owned();
    }
    let position = node.document().position(node);
    let line = message.line.saturating_sub(1).saturating_add(position.line);
    format!("{line}:{}", position.column)
}
