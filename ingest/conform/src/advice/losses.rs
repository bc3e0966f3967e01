//! What runs lost: codes that no table has, values that no rule took, values that a type could not hold.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use samenhang_profiles::document::{Document, Node};
use samenhang_profiles::identity::Bsn;

use crate::finding::Kind;
use crate::functions;
use crate::ledger::Fate;
use crate::plan::Pack;
use crate::run::Lifted;
use crate::skeleton::Shape;

/// Different codes, and different places, that are told apart; more are counted together.
const MAX_KINDS: usize = 5_000;
/// Longest text that is taken for a code.
const MAX_CODE: usize = 64;
/// Longest text that is taken for a code of no code system.
const MAX_LOCAL: usize = 24;
/// Digits that a code of no code system has at most: with more it can be a date, or the number of a patient.
const MAX_DIGITS: usize = 4;
/// Names of a code that are kept to find candidates by. They are never told.
const MAX_NAMES: usize = 3;

/// What messages lost, over all of them. It keeps codes, places and counts; of texts only what kind they are.
#[derive(Debug, Default)]
pub struct Losses {
    pub(super) codes: BTreeMap<Code, Lost>,
    /// By map and path from what the map is about.
    pub(super) unmapped: BTreeMap<(String, String), Unplaced>,
    /// By rule.
    pub(super) conversions: BTreeMap<Arc<str>, Failed>,
}

/// A code that the table of a rule does not have.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Code {
    pub(super) rule: Arc<str>,
    pub(super) system: Option<String>,
    /// None for what may be no code.
    pub(super) code: Option<String>,
}

#[derive(Debug, Default)]
pub(super) struct Lost {
    pub(super) count: usize,
    pub(super) names: BTreeSet<String>,
}

#[derive(Debug, Default)]
pub(super) struct Unplaced {
    pub(super) count: usize,
    pub(super) shape: Shape,
}

#[derive(Debug, Default)]
pub(super) struct Failed {
    pub(super) count: usize,
    /// Functions that take every value that failed.
    pub(super) functions: Option<BTreeSet<&'static str>>,
}

impl Losses {
    /// Adds a message.
    pub fn add(&mut self, pack: &Pack, document: &Document<'_>, lifted: &Lifted) {
        for finding in &lifted.findings {
            let (Some(rule), Some(node)) = (&finding.rule, document.node(finding.node)) else {
                continue;
            };
            match finding.kind {
                Kind::Code => self.code(rule, node),
                Kind::Conversion => self.conversion(rule, node),
                _ => {}
            }
        }
        self.leaves(pack, document, lifted);
    }

    /// Whether nothing was lost.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.codes.is_empty() && self.unmapped.is_empty() && self.conversions.is_empty()
    }

    fn code(&mut self, rule: &Arc<str>, node: Node<'_>) {
        let coding = node.children_named("coding").next().unwrap_or(node);
        let (system, code) = match coding.primitive() {
            Some(text) => (None, Some(text)),
            None => (coding.text("system"), coding.text("code")),
        };
        let known = system.is_some() || coding.fhir_type() == "code";
        let is_code = |text: &&str| {
            if known {
                is_plain(text, MAX_CODE)
            } else {
                is_local(text)
            }
        };
        let mut key = Code {
            rule: Arc::clone(rule),
            system: system.filter(|system| is_plain(system, 200)).map(str::to_owned),
            code: code.filter(is_code).map(str::to_owned),
        };
        if self.codes.len() >= MAX_KINDS && !self.codes.contains_key(&key) {
            key.code = None;
        }
        let lost = self.codes.entry(key).or_default();
        lost.count += 1;
        if let Some(name) = coding.text("display").filter(|_| lost.names.len() < MAX_NAMES) {
            lost.names.insert(name.to_owned());
        }
    }

    fn conversion(&mut self, rule: &Arc<str>, node: Node<'_>) {
        let failed = self.conversions.entry(Arc::clone(rule)).or_default();
        failed.count += 1;
        let text = node.primitive().unwrap_or_default();
        let takes =
            functions::names().filter(|name| functions::named(name).is_some_and(|own| own(text).is_some()));
        let takes: BTreeSet<&'static str> = takes.collect();
        failed.functions = Some(match failed.functions.take() {
            Some(before) => before.intersection(&takes).copied().collect(),
            None => takes,
        });
    }

    /// Values that nothing took: of what was left as a whole, the whole.
    fn leaves(&mut self, pack: &Pack, document: &Document<'_>, lifted: &Lifted) {
        let mut partly = vec![false; document.len()];
        let mut lost = Vec::new();
        for leaf in lifted.ledger.leaves() {
            let Some(node) = document.node(leaf.node) else {
                continue;
            };
            if leaf.fate == Fate::Unmapped {
                lost.push(node);
                continue;
            }
            for above in std::iter::successors(Some(node), |node| node.parent()) {
                if std::mem::replace(&mut partly[above.id()], true) {
                    break;
                }
            }
        }
        // What a table or a function would answer is no value without a rule.
        let kinds = [Kind::Code, Kind::Conversion];
        let answered = lifted
            .findings
            .iter()
            .filter(|finding| kinds.contains(&finding.kind));
        let answered: HashSet<usize> = answered.map(|finding| finding.node).collect();
        let mut made: HashMap<usize, &str> = HashMap::new();
        for resource in &lifted.resources {
            if let Some(map) = &resource.map {
                made.entry(resource.node).or_insert(map);
            }
        }
        for leaf in lost {
            let above = std::iter::successors(Some(leaf), |node| node.parent());
            if above.clone().any(|node| answered.contains(&node.id())) {
                continue;
            }
            let owner = above
                .clone()
                .find_map(|node| Some((node, map_of(pack, &made, node)?)));
            let Some((owner, map)) = owner.filter(|(owner, _)| owner.id() != leaf.id()) else {
                continue;
            };
            let inside = above.take_while(|node| node.id() != owner.id());
            let whole = inside.filter(|node| !partly[node.id()]).last().unwrap_or(leaf);
            let mut key = (map.to_owned(), path(whole, owner));
            if self.unmapped.len() >= MAX_KINDS && !self.unmapped.contains_key(&key) {
                key.1.clear();
            }
            let unplaced = self.unmapped.entry(key).or_default();
            unplaced.count += 1;
            unplaced.shape.add(leaf.primitive().unwrap_or_default());
        }
    }
}

/// The map that a node is about: the one that made something of it, else the one that is chosen for its type.
fn map_of<'p>(pack: &'p Pack, made: &HashMap<usize, &'p str>, node: Node<'_>) -> Option<&'p str> {
    if let Some(map) = made.get(&node.id()) {
        return Some(map);
    }
    let kind = match node.fhir_type() {
        "" => node.name(),
        kind => kind,
    };
    let number = pack.by_type.get(kind)?.last()?;
    let map = pack.maps.get(*number)?;
    // Data types are copied by the map of their type; what a resource lost is for the map of the resource.
    let counts = map.to.is_none_or(|to| to.resource);
    counts.then(|| &*map.name)
}

/// FHIRPath to a node from what it stands in.
fn path(node: Node<'_>, owner: Node<'_>) -> String {
    let mut steps = Vec::new();
    let inside =
        std::iter::successors(Some(node), |node| node.parent()).take_while(|node| node.id() != owner.id());
    for node in inside {
        let name = match (node.fhir_type(), node.text("url")) {
            ("Extension", Some(url)) if !url.contains('\'') => format!("{}('{url}')", node.stem()),
            (kind, _) if node.element() != node.stem() && !kind.is_empty() => {
                let of_extension = node
                    .parent()
                    .is_some_and(|above| above.fhir_type() == "Extension");
                if of_extension {
                    node.stem().to_owned()
                } else {
                    format!("{}.ofType({kind})", node.stem())
                }
            }
            _ => node.stem().to_owned(),
        };
        steps.push(name);
    }
    steps.reverse();
    steps.join(".")
}

/// A text that can be a code of a system: no spaces, not long, and no number of a patient.
fn is_plain(text: &str, most: usize) -> bool {
    let fits = !text.is_empty() && text.len() <= most;
    fits && !text.chars().any(|c| c.is_whitespace() || c.is_control()) && !holds_bsn(text)
}

/// A text that can be a code of no system: short, and without as many digits as a date or a number of a patient has.
fn is_local(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    is_plain(text, MAX_LOCAL) && digits <= MAX_DIGITS && !text.contains('@')
}

/// Whether nine digits of it are the number of a citizen.
fn holds_bsn(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes
        .windows(9)
        .any(|part| std::str::from_utf8(part).is_ok_and(|part| Bsn::parse(part).is_ok()))
}
