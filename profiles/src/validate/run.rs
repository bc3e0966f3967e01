//! One run: a document and the programs of its profiles, walked together.

mod binding;
mod bound;
mod children;
mod control;
mod derivation;
mod element;
mod extension;
pub(super) mod invariant;
mod native;
mod place;
mod primitive;
mod reference;
mod resource;
mod shape;
mod slices;
mod structure;
#[cfg(test)]
mod tests;
mod value;
mod vital_sign;

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

use hashbrown::{HashMap, HashSet};
use samenhang_terminology::Terminology;

use crate::document::{Document, Node};
use crate::fhirpath::Temporal;
pub(in crate::validate) use binding::is_absolute;
pub(in crate::validate) use place::is_canonical;

use super::base::reference::Index;
use super::collect::Findings;
use super::finding::{Argument, Outcome};
use super::program::{Program, ROOT};
use super::rule::unchecked;
use super::validator::{Budget, Request, Validator};

/// Whether something is so; `Unknown` when it could not be found out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    Yes,
    No,
    Unknown,
}

impl Answer {
    fn of(yes: bool) -> Self {
        if yes { Answer::Yes } else { Answer::No }
    }
}

/// A node with a program, by identity.
type Pair = (usize, usize);

/// The state of one run.
pub(super) struct Run<'v, 'd> {
    validator: &'v Validator,
    terminology: &'v dyn Terminology,
    document: &'d Document<'d>,
    budget: Budget,
    now: Option<Temporal>,
    findings: Findings<'d>,
    /// How many trials deep: a trial only asks whether there would be an error.
    trials: usize,
    /// References and profiles followed in a row.
    depth: usize,
    /// Rules that are being held to in a row.
    nesting: usize,
    steps: u64,
    /// Steps of invariants.
    spent: Cell<u64>,
    exhausted: bool,
    /// What was run for good.
    done: HashSet<Pair>,
    /// What trials came to; nothing while one is under way.
    tried: HashMap<Pair, Option<Answer>>,
    /// Scratch space to count children in.
    counts: Vec<u32>,
    /// The resources of the document, by what refers to them.
    index: Rc<Index<'d>>,
}

impl<'v, 'd> Run<'v, 'd> {
    pub(super) fn new(
        validator: &'v Validator,
        document: &'d Document<'d>,
        request: &Request<'_>,
        terminology: &'v dyn Terminology,
    ) -> Self {
        Run {
            validator,
            terminology,
            document,
            budget: request.budget,
            now: request
                .now
                .and_then(|now| Temporal::parse_date_time(&now.to_string())),
            findings: Findings::new(request.budget.findings),
            trials: 0,
            depth: 0,
            nesting: 0,
            steps: 0,
            spent: Cell::new(0),
            exhausted: false,
            done: HashSet::new(),
            tried: HashMap::new(),
            counts: Vec::new(),
            index: Rc::new(Index::of(document)),
        }
    }

    pub(super) fn validate(mut self, request: &Request<'_>) -> Outcome {
        let root = self.document.root();
        self.shape(self.document);
        super::base::check(&self.index, &mut self.findings);
        self.resource(root, request.profiles);
        Outcome {
            findings: self.findings.finish(root),
        }
    }

    /// Whether this is the first time that a node is looked at for good, apart from any program.
    fn is_first(&mut self, node: Node<'d>) -> bool {
        self.trials > 0 || self.done.insert((node.id(), 0))
    }

    /// Runs a program on a node for good, once.
    fn apply(&mut self, node: Node<'d>, program: &Arc<Program>) {
        if self.trials > 0 {
            self.element(node, program, ROOT);
            return;
        }
        if self.done.insert(pair(node, program)) {
            self.faults(node, program);
            self.element(node, program, ROOT);
        }
    }

    /// Whether a node fits a program. A node that is asked about again while the answer is being found fits: only
    /// then can resources that refer to each other fit at all.
    fn fits(&mut self, node: Node<'d>, program: &Arc<Program>) -> Answer {
        if self.depth >= self.budget.depth {
            self.out_of("depth");
            return Answer::Unknown;
        }
        match self.tried.get(&pair(node, program)) {
            Some(Some(answer)) => return *answer,
            Some(None) => return Answer::Yes,
            None => {}
        }
        self.tried.insert(pair(node, program), None);
        let outer = std::mem::replace(&mut self.findings, Findings::new(16));
        self.trials += 1;
        self.depth += 1;
        if node.is_resource() && *program.type_name != *node.fhir_type() && !node.is_a(&program.type_name) {
            self.findings
                .add(&super::rule::structure::RESOURCE_TYPE, node, Vec::new());
        } else {
            self.element(node, program, ROOT);
        }
        self.depth -= 1;
        self.trials -= 1;
        let trial = std::mem::replace(&mut self.findings, outer);
        let answer = if trial.errors() > 0 {
            Answer::No
        } else if self.exhausted || trial.is_undecided() {
            Answer::Unknown
        } else {
            Answer::Yes
        };
        self.tried.insert(pair(node, program), Some(answer));
        answer
    }

    /// Whether a trial has its answer already, or the budget is used up, so that walking on is of no use.
    fn is_settled(&self) -> bool {
        self.exhausted || (self.trials > 0 && self.findings.errors() > 0)
    }

    /// Counts a step; says whether there is room for it.
    fn step(&mut self) -> bool {
        self.steps += 1;
        if self.steps > self.budget.steps {
            self.out_of("steps");
        }
        !self.is_settled()
    }

    /// A run over the same document with nothing found yet, for a question within this one.
    fn apart(&self) -> Run<'v, 'd> {
        Run {
            validator: self.validator,
            terminology: self.terminology,
            document: self.document,
            budget: Budget {
                steps: self.budget.steps.saturating_sub(self.steps) / 8,
                ..self.budget
            },
            now: self.now,
            findings: Findings::new(16),
            trials: 0,
            // Three of these within each other are the most.
            depth: self.depth + self.budget.depth / 3,
            nesting: self.nesting,
            steps: 0,
            spent: self.spent.clone(),
            exhausted: false,
            done: HashSet::new(),
            tried: HashMap::new(),
            counts: Vec::new(),
            index: Rc::clone(&self.index),
        }
    }

    /// Says once that a limit was reached.
    fn out_of(&mut self, limit: &str) {
        if limit != "depth" {
            self.exhausted = true;
        }
        self.findings.add(
            &unchecked::BUDGET,
            self.document.root(),
            vec![Argument::name(limit)],
        );
    }

    /// Says what of a profile could not be compiled.
    fn faults(&mut self, node: Node<'d>, program: &Program) {
        for fault in &program.faults {
            let arguments = vec![Argument::name(&program.url), Argument::name(fault)];
            self.findings.add(&unchecked::DEFINITION, node, arguments);
        }
    }
}

fn pair(node: Node<'_>, program: &Arc<Program>) -> Pair {
    (node.id(), Arc::as_ptr(program).addr())
}
