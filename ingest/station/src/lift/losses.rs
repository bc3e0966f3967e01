//! What became of the leaves of a message, by place: the account of the mapping engine, without values and indexes.

use std::collections::{BTreeMap, HashMap};

use samenhang_conform::{Fate, Finding, Kind, Lifted, Severity};
use samenhang_profiles::document::{Document, Node};

use super::{Findings, Ledger, Reason, Stage};

/// Places that are told apart in one message. What a sender makes up beyond it is counted together.
const MOST_PLACES: usize = 2_000;
/// What stands for places beyond [`MOST_PLACES`].
const OTHERS: &str = "(other)";
/// What stands for a name that no standard has: it could carry content.
const NAMELESS: &str = "_";
/// Longest name of an element.
const LONGEST_NAME: usize = 40;
/// Longest name of a code system.
const LONGEST_SYSTEM: usize = 200;

/// The places of a document: each node has one, without indexes, from its resource on.
pub(super) struct Places {
    /// Place of each node.
    of: Vec<usize>,
    texts: Vec<String>,
}

impl Places {
    /// The places of a document, in one pass.
    pub(super) fn of(document: &Document<'_>) -> Places {
        let mut places = Places {
            of: vec![0; document.len()],
            texts: vec![OTHERS.to_owned()],
        };
        let mut known: HashMap<(usize, &str), usize> = HashMap::new();
        let mut open = vec![document.root()];
        while let Some(node) = open.pop() {
            let kind = node.resource_type();
            let above = node.parent().map_or(0, |parent| places.of[parent.id()]);
            let (above, own) = if kind.is_empty() || !node.is_known() {
                (above, shown(node.stem()))
            } else {
                // A resource begins anew, wherever it stands.
                (0, kind)
            };
            let next = places.texts.len();
            places.of[node.id()] = match known.get(&(above, own)) {
                Some(place) => *place,
                None if next > MOST_PLACES => 0,
                None => {
                    let text = if above == 0 {
                        own.to_owned()
                    } else {
                        format!("{}.{own}", places.texts[above])
                    };
                    places.texts.push(text);
                    known.insert((above, own), next);
                    next
                }
            };
            open.extend(node.children());
        }
        places
    }

    /// The place of a node.
    pub(super) fn text(&self, node: usize) -> &str {
        let place = self.of.get(node).copied().unwrap_or_default();
        self.texts.get(place).map_or(OTHERS, String::as_str)
    }
}

/// A name of an element, unless it could carry content.
pub(super) fn shown(name: &str) -> &str {
    let letters = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let fits = name.len() <= LONGEST_NAME && name.bytes().all(letters) && longest_number(name) <= 4;
    if fits { name } else { NAMELESS }
}

/// Digits of the longest number in a text.
fn longest_number(text: &str) -> usize {
    let numbers = text.split(|letter: char| !letter.is_ascii_digit());
    numbers.map(str::len).max().unwrap_or_default()
}

/// What became of the leaves, in all and by place, and what was found.
pub(super) fn account(
    document: &Document<'_>,
    lifted: &Lifted,
) -> (Ledger, BTreeMap<String, Ledger>, Findings) {
    let places = Places::of(document);
    let mut total = Ledger::default();
    let mut by_place: HashMap<usize, Ledger> = HashMap::new();
    let mut ignored: HashMap<(usize, u32), u64> = HashMap::new();
    for leaf in lifted.ledger.leaves() {
        let mut one = Ledger::default();
        let place = places.of.get(leaf.node).copied().unwrap_or_default();
        match leaf.fate {
            Fate::Mapped => one.mapped = 1,
            Fate::Ignored(number) => {
                one.ignored = 1;
                *ignored.entry((place, number)).or_default() += 1;
            }
            Fate::Unmapped => one.unmapped = 1,
        }
        total.add(one);
        by_place.entry(place).or_default().add(one);
    }
    let mut losses: BTreeMap<String, Ledger> = BTreeMap::new();
    let mut findings = Findings::new();
    for (place, ledger) in by_place {
        let text = &places.texts[place];
        if ledger.unmapped > 0 {
            let reason = Reason::new(Stage::Map, "unmapped").at(text);
            *findings.entry((reason, "warning")).or_default() += ledger.unmapped;
        }
        losses.entry(text.clone()).or_default().add(ledger);
    }
    for ((place, number), count) in ignored {
        // The reason stands in the map, and is never of the message.
        let because = lifted.ledger.reason(Fate::Ignored(number)).unwrap_or_default();
        let reason = Reason::new(Stage::Map, "ignored")
            .at(&*places.texts[place])
            .code(because);
        *findings.entry((reason, "information")).or_default() += count;
    }
    for finding in &lifted.findings {
        let severity = match finding.kind.severity() {
            Severity::Information => "information",
            Severity::Warning => "warning",
        };
        let reason = reason(document, &places, finding);
        *findings.entry((reason, severity)).or_default() += 1;
    }
    (total, losses, findings)
}

fn reason(document: &Document<'_>, places: &Places, finding: &Finding) -> Reason {
    let system = document
        .node(finding.node)
        .filter(|_| finding.kind == Kind::Code)
        .and_then(system);
    let code = match system {
        Some(system) => format!("{} {system}", finding.kind.code()),
        None => finding.kind.code().to_owned(),
    };
    Reason::new(Stage::Map, finding.rule.as_deref().unwrap_or("copy"))
        .at(places.text(finding.node))
        .code(code)
}

/// The system of a code that a table does not have, when it is one by its form: what stands there comes from outside.
fn system<'d>(node: Node<'d>) -> Option<&'d str> {
    let around = [Some(node), node.parent()];
    let mut found = around.into_iter().flatten();
    let text = found.find_map(|node| node.text("system").or_else(|| node.text("codeSystem")))?;
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b":/.-_#".contains(&byte);
    let named = ["http://", "https://", "urn:oid:"]
        .iter()
        .any(|start| text.starts_with(start))
        || text.starts_with("2.16.");
    (named && text.len() <= LONGEST_SYSTEM && text.bytes().all(allowed) && longest_number(text) < 8)
        .then_some(text)
}
