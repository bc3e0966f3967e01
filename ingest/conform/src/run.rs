//! Lifting: the maps of a pack run over one source.
//!
//! Total: whatever the source holds, there is an answer, no panic, and an end. What an expression cannot say, a type
//! cannot hold or a limit forbids becomes a finding, and the values stay unmapped.

mod beside;
mod codes;
mod convert;
mod copy;
mod evaluate;
mod extension;
mod identity;
mod reference;
mod resource;
mod rules;
#[cfg(test)]
mod tests;

pub(crate) use convert::goes;

use std::cell::Cell;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use hashbrown::HashMap;
use samenhang_profiles::document::{Document, Node};

use crate::finding::{Finding, Kind};
use crate::ledger::{Fate, Ledger};
use crate::plan::{Pack, Rule};
use crate::run::evaluate::Index;
use crate::run::resource::Scope;
use crate::target::Id;

/// Steps of FHIRPath that one resource may take, all evaluations together.
const MAX_STEPS: u64 = 5_000_000;
/// Nodes that one resource of the target may have.
const MAX_NODES: usize = 1_000_000;
/// Deepest nesting of maps and values.
const MAX_DEPTH: usize = 96;
/// Resources that may be made of one source.
const MAX_RESOURCES: usize = 1_000_000;
/// Findings that are kept.
const MAX_FINDINGS: usize = 10_000;

/// What surrounds a lifting.
#[derive(Debug, Clone, Copy, Default)]
pub struct Context<'c> {
    /// Who the source is: what is made gets an id of this and its place.
    pub source: &'c str,
    /// What tells this message apart from others of the source, for formats that have no ids of resources: its
    /// identifier, or the hash of its bytes.
    pub message: &'c str,
    /// Whether to note which rule took each value to where.
    pub trace: bool,
}

/// A resource of the target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiftedResource {
    /// Its JSON.
    pub json: Vec<u8>,
    /// Its type.
    pub resource_type: &'static str,
    /// Its id.
    pub id: Option<String>,
    /// Where it stood in a Bundle, or would stand.
    pub full_url: Option<String>,
    /// Number of the node of the source that it was made of.
    pub node: usize,
    /// The map that made it.
    pub map: Option<Arc<str>>,
}

/// Where a value went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// Number of the node in the source.
    pub node: usize,
    /// The rule that took it; none for what was copied without one.
    pub rule: Option<Arc<str>>,
    /// The place in the target, from the resource on.
    pub to: String,
}

/// What a lifting gives.
#[derive(Debug, Clone, Default)]
pub struct Lifted {
    /// The resources, those of the source in its order, each followed by what was made of its parts.
    pub resources: Vec<LiftedResource>,
    /// Where every value went.
    pub ledger: Ledger,
    /// What was found.
    pub findings: Vec<Finding>,
    /// Which rule took each value to where, when it was asked for.
    pub traces: Vec<Trace>,
    /// How often each rule found something to do, by its name, when traces were asked for.
    pub fired: BTreeMap<Arc<str>, usize>,
}

impl Pack {
    /// Lifts what a source sent: a resource, a Bundle of resources, or a message of another format.
    #[must_use]
    pub fn lift(&self, source: &Document<'_>, context: &Context<'_>) -> Lifted {
        let index = Index::new();
        let mut run = Run {
            pack: self,
            context,
            index: &index,
            spent: Cell::new(0),
            claimed: vec![false; source.len()],
            fates: vec![Fate::Unmapped; source.len()],
            reasons: Vec::new(),
            reason_numbers: HashMap::new(),
            findings: Vec::new(),
            traces: Vec::new(),
            fired: BTreeMap::new(),
            resources: Vec::new(),
            made: HashMap::new(),
            kinds: HashMap::new(),
            written: HashMap::new(),
            placed: vec![Stand::default(); if self.leftovers { source.len() } else { 0 }],
            round: 1,
            open: Vec::new(),
            waiting: VecDeque::new(),
            inside: VecDeque::new(),
            scope: Scope::default(),
            rule: None,
            within: None,
            depth: 0,
        };
        run.all(source.root());
        Lifted {
            ledger: Ledger::of(source, run.fates, run.reasons),
            resources: run.resources,
            findings: run.findings,
            traces: run.traces,
            fired: run.fired,
        }
    }
}

/// What was made of a node of the source.
#[derive(Debug, Clone, Copy, Default)]
struct Stand {
    /// The resource of the source that was being lifted; zero for none.
    round: u32,
    /// Which of the resources that were made of it.
    number: u32,
    /// The place in that.
    at: Id,
}

/// One lifting.
struct Run<'p, 'd> {
    pack: &'p Pack,
    context: &'p Context<'p>,
    /// Resources of the source by what references say.
    index: &'p Index,
    /// Steps that this resource took so far.
    spent: Cell<u64>,
    /// Nodes that a rule took, which are not copied with what they stand in.
    claimed: Vec<bool>,
    fates: Vec<Fate>,
    reasons: Vec<Arc<str>>,
    reason_numbers: HashMap<Arc<str>, u32>,
    findings: Vec<Finding>,
    traces: Vec<Trace>,
    fired: BTreeMap<Arc<str>, usize>,
    resources: Vec<LiftedResource>,
    /// References to what was made, by node and map.
    made: HashMap<(usize, usize), String>,
    /// What resources of the source become, by node, as far as somebody asked.
    kinds: HashMap<usize, Option<&'static samenhang_profiles::element_table::Type>>,
    /// Which resource has an id that a map made of what the source says, by type and id.
    written: HashMap<(&'static str, String), usize>,
    /// What was made of each node first.
    placed: Vec<Stand>,
    /// Number of the resource that is being lifted.
    round: u32,
    /// What was made of the resource that is being lifted, and is not written yet.
    open: Vec<resource::Open<'d>>,
    /// What is to be made.
    waiting: VecDeque<resource::Order<'d>>,
    /// The same within the resource that is being made.
    inside: VecDeque<resource::Order<'d>>,
    /// The resource that is being made.
    scope: Scope,
    /// The rule that is being done.
    rule: Option<&'p Arc<Rule>>,
    /// What `%within` is for the map that is being done.
    within: Option<Node<'d>>,
    /// Maps and values that are being done.
    depth: usize,
}

impl<'p, 'd> Run<'p, 'd> {
    /// Notes a finding at a node.
    fn find(&mut self, kind: Kind, node: Node<'d>) {
        if self.findings.len() < MAX_FINDINGS {
            self.findings.push(Finding {
                kind,
                rule: self.rule.map(|rule| Arc::clone(&rule.id)),
                node: node.id(),
            });
        }
    }

    /// The value of a node is in the target.
    fn mapped(&mut self, node: Node<'d>, to: impl FnOnce() -> String) {
        self.fates[node.id()] = Fate::Mapped;
        if self.context.trace {
            self.traces.push(Trace {
                node: node.id(),
                rule: self.rule.map(|rule| Arc::clone(&rule.id)),
                to: to(),
            });
        }
    }

    /// The rule that is being done found something to do.
    fn fires(&mut self) {
        if self.context.trace
            && let Some(rule) = self.rule
        {
            *self.fired.entry(Arc::clone(&rule.id)).or_default() += 1;
        }
    }

    /// The values of a node and of all in it are in the target.
    fn mapped_all(&mut self, node: Node<'d>, to: &dyn Fn() -> String) {
        each(node, &mut |leaf| self.mapped(leaf, to));
    }

    /// The values of a node and of all in it are not needed, unless they are in the target.
    fn ignored(&mut self, node: Node<'d>, because: &Arc<str>) {
        let number = match self.reason_numbers.get(because) {
            Some(number) => *number,
            None => {
                let number = u32::try_from(self.reasons.len()).unwrap_or(u32::MAX);
                self.reasons.push(Arc::clone(because));
                self.reason_numbers.insert(Arc::clone(because), number);
                number
            }
        };
        let fates = &mut self.fates;
        each(node, &mut |leaf| {
            let fate = &mut fates[leaf.id()];
            if *fate == Fate::Unmapped {
                *fate = Fate::Ignored(number);
            }
        });
    }

    /// Whether rules took all values of a node already.
    fn is_accounted(&self, node: Node<'d>) -> bool {
        let mut all = true;
        each(node, &mut |leaf| all &= self.fates[leaf.id()] != Fate::Unmapped);
        all
    }

    /// Goes one level deeper, unless that is too deep.
    fn deeper<T>(&mut self, node: Node<'d>, work: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.depth >= MAX_DEPTH {
            self.find(Kind::Limit, node);
            return None;
        }
        self.depth += 1;
        let done = work(self);
        self.depth -= 1;
        Some(done)
    }
}

/// The nearest node of this name that a node stands in.
fn within<'d>(node: Node<'d>, name: Option<&str>) -> Option<Node<'d>> {
    let name = name?;
    std::iter::successors(node.parent(), |node| node.parent()).find(|above| above.name() == name)
}

/// Calls for each node with a value: the node itself and all in it.
fn each<'d>(node: Node<'d>, call: &mut dyn FnMut(Node<'d>)) {
    let mut open = vec![node];
    while let Some(node) = open.pop() {
        if node.primitive().is_some() {
            call(node);
        }
        open.extend(node.children());
    }
}

/// The type by which maps are chosen: that of FHIR, or the name of the node.
fn type_of<'d>(node: Node<'d>) -> &'d str {
    match node.fhir_type() {
        "" => node.name(),
        name => name,
    }
}
