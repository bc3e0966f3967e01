//! A profile as the program that is run over a document: its snapshot as a tree of rules, slices under what they slice.
//!
//! Rules stand in one arena and name each other by index, so that a program is compact and cannot be circular.

mod compile;
mod cursor;
mod discriminator;

use std::sync::Arc;

use crate::definition::{
    Aggregation, Binding, Constraint, Controls, ExtensionContext, Kind, SlicingRules, StructureDefinition,
    TypedValue,
};

pub(super) use compile::compile;

/// Index of a rule in its program.
pub(super) type RuleIndex = usize;

/// The rule for the root of what a program is run on.
pub(super) const ROOT: RuleIndex = 0;

/// A compiled profile or type.
#[derive(Debug)]
pub(super) struct Program {
    /// Canonical, without version.
    pub(super) url: Arc<str>,
    /// Name of the type that it is for.
    pub(super) type_name: Box<str>,
    /// What it defines.
    pub(super) kind: Kind,
    /// Whether it is an extension that changes the meaning of what holds it.
    pub(super) is_modifier: bool,
    /// Where an extension may stand.
    pub(super) context: Vec<ExtensionContext>,
    /// Invariants on the place where an extension stands, each as a constraint without a key.
    pub(super) context_invariants: Vec<Arc<Constraint>>,
    /// Canonicals of profiles that whatever fits this one has to fit too.
    pub(super) imposes: Vec<String>,
    /// The rules, root first.
    pub(super) rules: Vec<ElementRule>,
    /// What of the profile could not be compiled, in words.
    pub(super) faults: Vec<String>,
}

impl Program {
    /// The rule at an index.
    pub(super) fn rule(&self, index: RuleIndex) -> &ElementRule {
        &self.rules[index]
    }
}

/// What a profile says about one element, or about one slice of it.
#[derive(Debug)]
pub(super) struct ElementRule {
    /// Path with slice names, for messages.
    pub(super) id: Box<str>,
    /// Last part of the path: `identifier`, `value[x]`.
    pub(super) name: Box<str>,
    /// Least occurrences.
    pub(super) min: usize,
    /// Most occurrences; `usize::MAX` for any number.
    pub(super) max: usize,
    /// Types that a value may have; empty for any.
    pub(super) types: Vec<TypeRule>,
    /// Limits on the value itself.
    pub(super) value: Option<Box<ValueRule>>,
    /// What extensions ask of the value.
    pub(super) controls: Option<Box<ControlRule>>,
    /// The value set that codes come from.
    pub(super) binding: Option<Binding>,
    /// Invariants.
    pub(super) constraints: Vec<Arc<Constraint>>,
    /// Rules of the children, in order; slices stand under the rule that they slice.
    pub(super) children: Vec<RuleIndex>,
    /// How the element is sliced.
    pub(super) slicing: Option<Box<SlicingRule>>,
    /// The rule whose children count here too (`contentReference`).
    pub(super) content: Option<RuleIndex>,
}

impl ElementRule {
    /// Whether it is for a choice of types.
    pub(super) fn is_choice(&self) -> bool {
        self.name.ends_with("[x]")
    }
}

/// A type that a value may have.
#[derive(Debug)]
pub(super) struct TypeRule {
    /// Its name.
    pub(super) code: Box<str>,
    /// Profiles of which the value must fit one; empty for any.
    pub(super) profiles: Vec<Arc<str>>,
    /// What a reference may be to; empty for anything.
    pub(super) targets: Vec<Target>,
    /// Where the target may be; empty for anywhere.
    pub(super) aggregation: Vec<Aggregation>,
}

/// What a reference may be to.
#[derive(Debug)]
pub(super) struct Target {
    /// The profile, with the version that is asked for.
    pub(super) canonical: Arc<str>,
    /// The type that the profile is for; none when the profile is not known.
    pub(super) type_name: Option<Box<str>>,
    /// Whether it is a profile, so that the type alone does not settle it.
    pub(super) is_profile: bool,
}

/// Limits on a value.
#[derive(Debug, Default)]
pub(super) struct ValueRule {
    pub(super) fixed: Option<TypedValue>,
    pub(super) pattern: Option<TypedValue>,
    pub(super) min: Option<TypedValue>,
    pub(super) max: Option<TypedValue>,
    pub(super) max_length: Option<u32>,
}

/// What extensions ask of a value.
#[derive(Debug)]
pub(super) struct ControlRule {
    /// As the profile has it.
    pub(super) controls: Controls,
    /// Its pattern, for a whole text.
    pub(super) regex: Option<regex::Regex>,
}

/// How an element is sliced.
#[derive(Debug)]
pub(super) struct SlicingRule {
    /// Whether slices come in the order of the profile.
    pub(super) ordered: bool,
    /// Whether there may be more than the slices.
    pub(super) rules: SlicingRules,
    /// The slices, in the order of the profile.
    pub(super) slices: Vec<SliceRule>,
}

/// One slice.
#[derive(Debug)]
pub(super) struct SliceRule {
    /// Its name.
    pub(super) name: Box<str>,
    /// What holds for its elements.
    pub(super) rule: RuleIndex,
    /// What all have to match for an element to be in it; empty when nothing could be found to tell it by.
    pub(super) matchers: Vec<Matcher>,
}

/// One thing that an element of a slice must have.
#[derive(Debug)]
pub(super) struct Matcher {
    /// From the sliced element to what counts; empty for itself.
    pub(super) path: Vec<Step>,
    /// What is asked of that.
    pub(super) criterion: Criterion,
}

/// One step of a discriminator's path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// To the children of this name.
    Child(Box<str>),
    /// To the extensions with this url.
    Extension(Box<str>),
    /// To the target of a reference.
    Resolve,
    /// To itself when it is of this type.
    OfType(Box<str>),
}

/// What is asked of the end of a discriminator's path.
#[derive(Debug)]
pub(super) enum Criterion {
    /// One of these types.
    Types(Vec<Box<str>>),
    /// One of these profiles.
    Profiles(Vec<Arc<str>>),
    /// That there is one, or that there is none.
    Exists(bool),
    /// Exactly this value.
    Fixed(TypedValue),
    /// At least this value.
    Pattern(TypedValue),
    /// A code of this value set.
    Member(Box<str>),
}

/// The canonical of a definition, for messages.
pub(super) fn canonical(definition: &StructureDefinition) -> Arc<str> {
    definition.url.as_str().into()
}
