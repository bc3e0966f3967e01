//! What surrounds an evaluation: the resource, the time, terminology, profiles, and the budget.

use std::cell::Cell;

use samenhang_terminology::{NoTerminology, Terminology};

use super::temporal::Temporal;
use super::value::Value;
use crate::document::Node;

/// Steps that one evaluation may take when the caller sets no other limit. A step is an expression, an item, a child
/// that is looked at, or 64 bytes of text that are written.
pub const DEFAULT_STEPS: u64 = 1_000_000;

/// Bytes of one text that an evaluation may write.
pub(super) const MAX_TEXT: usize = 1 << 20;

/// Finds what a reference points at.
pub trait Resolve {
    /// The resource that `reference`, found at `from`, points at, within the same document; `None` when it is not there.
    /// A reference to a contained resource (`#id`) is not asked for: the engine finds that itself.
    fn resolve<'n>(&self, reference: &str, from: Node<'n>) -> Option<Node<'n>>;
}

/// Judges whether something conforms to a profile.
pub trait Conformance {
    /// Whether `node` conforms to the profile with this canonical; `None` when that is not known.
    fn conforms(&self, node: Node<'_>, profile: &str) -> Option<bool>;
}

/// Finds nothing, and knows the base types only: for callers that offer no more.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unassisted;

impl Resolve for Unassisted {
    fn resolve<'n>(&self, _reference: &str, _from: Node<'n>) -> Option<Node<'n>> {
        None
    }
}

impl Conformance for Unassisted {
    fn conforms(&self, node: Node<'_>, profile: &str) -> Option<bool> {
        let name = profile.strip_prefix("http://hl7.org/fhir/StructureDefinition/")?;
        let known = super::types::is_known(node.document().version(), name);
        known.then(|| node.is_a(name))
    }
}

/// What surrounds an evaluation.
#[derive(Clone, Copy)]
pub struct Environment<'d> {
    /// `%context`: what the evaluation started at.
    pub context: Option<Node<'d>>,
    /// `%resource`: the resource that the context is in.
    pub resource: Option<Node<'d>>,
    /// `%rootResource`: the resource that holds `resource`, when that is a contained one; else the same.
    pub root_resource: Option<Node<'d>>,
    /// Further variables, by name without `%`.
    pub variables: &'d [(&'d str, Value<'d>)],
    /// The moment that `now()`, `today()` and `timeOfDay()` answer: a date-time with a zone. Without it they fail, so
    /// that nothing depends on the clock unseen.
    pub now: Option<Temporal>,
    /// For `resolve()`.
    pub resolver: &'d dyn Resolve,
    /// For `memberOf()` and `subsumes()`.
    pub terminology: &'d dyn Terminology,
    /// For `conformsTo()`.
    pub profiles: &'d dyn Conformance,
    /// Most steps, see [`DEFAULT_STEPS`].
    pub steps: u64,
    /// Where the steps that an evaluation took are added, for a budget over many evaluations.
    pub spent: Option<&'d Cell<u64>>,
}

impl<'d> Environment<'d> {
    /// For an evaluation that needs nothing from outside: no context, no time, no services.
    #[must_use]
    pub fn new() -> Self {
        Environment {
            context: None,
            resource: None,
            root_resource: None,
            variables: &[],
            now: None,
            resolver: &Unassisted,
            terminology: &NoTerminology,
            profiles: &Unassisted,
            steps: DEFAULT_STEPS,
            spent: None,
        }
    }

    /// The same, evaluated at `node`: its resource, and the one that holds it, are found in the tree.
    #[must_use]
    pub fn at(self, node: Node<'d>) -> Self {
        let resource = node.resource();
        let contained = resource.parent().filter(|_| resource.name() == "contained");
        Environment {
            context: Some(node),
            resource: Some(resource),
            root_resource: Some(contained.map_or(resource, Node::resource)),
            ..self
        }
    }
}

impl Default for Environment<'_> {
    fn default() -> Self {
        Environment::new()
    }
}
