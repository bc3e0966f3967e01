//! The definition of one element: what an instance may hold at one place.

use std::fmt;
use std::sync::Arc;

use super::control::Controls;
use crate::tree::Tree;

/// An `ElementDefinition`, with the differences between STU3 and R4 taken away.
///
/// In a differential `None` or an empty list means "as in the base"; in a snapshot it means "no such constraint",
/// and `min` and `max` are always there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ElementDefinition {
    /// Unique id with slice names: `Observation.component:SystolicBP.code`. Made from the path when it was absent.
    pub id: String,
    /// Path without slice names: `Observation.component.code`.
    pub path: String,
    /// Name of the slice, when the element is the root of one.
    pub slice_name: Option<String>,
    /// How the repetitions at this place are told apart, when they are sliced.
    pub slicing: Option<Slicing>,
    /// Least number of occurrences.
    pub min: Option<u32>,
    /// Largest number of occurrences.
    pub max: Option<Max>,
    /// Types that a value may have; more than one for a choice.
    ///
    /// The same code can occur more than once, and then any of the entries may fit. Empty for a root and where
    /// `content_reference` says what is here.
    pub types: Vec<TypeRef>,
    /// Id of the element whose content this has, without `#`: `Observation.referenceRange`.
    pub content_reference: Option<String>,
    /// The value must be exactly this.
    pub fixed: Option<TypedValue>,
    /// The value must hold at least this.
    pub pattern: Option<TypedValue>,
    /// Least value, inclusive.
    pub min_value: Option<TypedValue>,
    /// Largest value, inclusive.
    pub max_value: Option<TypedValue>,
    /// Largest number of Unicode characters.
    pub max_length: Option<u32>,
    /// What extensions ask of the value, when any does.
    pub controls: Option<Box<Controls>>,
    /// The value set that codes come from.
    pub binding: Option<Binding>,
    /// Invariants, in order; a snapshot has those of its bases and types too.
    pub constraints: Vec<Arc<Constraint>>,
    /// Keys of invariants that this element takes part in.
    pub conditions: Vec<String>,
    /// Whether the element changes the meaning of what holds it.
    pub is_modifier: Option<bool>,
    /// Whether a system must support the element.
    pub must_support: Option<bool>,
    /// The zib concepts that the element carries.
    pub concepts: Vec<Concept>,
}

/// Largest number of occurrences.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Max {
    /// At most this many.
    Count(u32),
    /// `*`: any number. Greater than every count.
    Unbounded,
}

impl Max {
    /// Whether this many occurrences are allowed.
    #[must_use]
    pub fn allows(self, count: usize) -> bool {
        match self {
            Max::Count(max) => count <= max as usize,
            Max::Unbounded => true,
        }
    }
}

impl fmt::Display for Max {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Max::Count(count) => write!(f, "{count}"),
            Max::Unbounded => f.write_str("*"),
        }
    }
}

/// One type that a value may have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TypeRef {
    /// Name of the type: `Quantity`, `string`, `Patient`, `BackboneElement`. A type of FHIRPath (`System.String`)
    /// is read as the FHIR type that it stands for; the `id` of a resource is `id`.
    pub code: String,
    /// Canonical URLs of profiles on the type; the value must fit one of them.
    pub profiles: Vec<String>,
    /// Canonical URLs of what a Reference or canonical points at; the target must fit one of them.
    pub target_profiles: Vec<String>,
    /// How the target of a Reference may be brought along; empty for any way.
    pub aggregation: Vec<Aggregation>,
    /// Regular expression that the text of a primitive must match as a whole.
    pub regex: Option<String>,
}

/// Where the target of a reference is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Aggregation {
    /// In the same resource.
    Contained,
    /// Somewhere else.
    Referenced,
    /// In the same Bundle.
    Bundled,
}

/// A fixed value, pattern or bound, with its type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypedValue {
    /// Name of the type as FHIR writes it: `CodeableConcept`, `uri`.
    pub type_name: String,
    /// The value, with the text of numbers as it was written.
    pub value: Tree<'static>,
}

/// How repetitions are told apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slicing {
    /// What tells the slices apart; all of them count. Empty when only a description does.
    pub discriminators: Vec<Discriminator>,
    /// Whether there may be more than the slices.
    pub rules: SlicingRules,
    /// Whether slices come in the order in which they are defined.
    pub ordered: bool,
}

/// One thing that tells slices apart.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Discriminator {
    /// What of the element counts.
    pub kind: DiscriminatorKind,
    /// A path from the sliced element in restricted FHIRPath: `$this`, `code`, `resolve()`, `extension('url').value`.
    pub path: String,
}

/// What of an element tells slices apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DiscriminatorKind {
    /// Its value: fixed, pattern or required binding.
    Value,
    /// Whether it is there.
    Exists,
    /// As `Value`; R4 and STU3 write both.
    Pattern,
    /// Its type.
    Type,
    /// The profile that it fits.
    Profile,
}

/// What is allowed beside the slices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SlicingRules {
    /// Nothing.
    Closed,
    /// Anything, anywhere.
    Open,
    /// Anything after the slices.
    OpenAtEnd,
}

/// Where codes come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// How binding it is.
    pub strength: BindingStrength,
    /// Canonical URL of the value set, possibly with `|version`; none when only a description tells it.
    pub value_set: Option<String>,
    /// The value set that codes must come from at least, when the binding is extensible or preferred.
    pub max_value_set: Option<String>,
}

/// How binding a value set is, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum BindingStrength {
    /// Only to illustrate.
    Example,
    /// Encouraged.
    Preferred,
    /// Unless no code of it fits.
    Extensible,
    /// Always.
    Required,
}

/// An invariant.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Constraint {
    /// Key, unique among the invariants of an element: `obs-6`.
    pub key: String,
    /// What a violation is.
    pub severity: Severity,
    /// The FHIRPath expression; none when only `xpath` was given, which is not checked.
    pub expression: Option<String>,
    /// What it says to a reader. The embedded pack has none.
    pub human: Option<String>,
    /// Canonical URL of the definition that it comes from; filled in a snapshot.
    pub source: Option<String>,
    /// Marked as best practice by HL7: a violation is advice.
    pub best_practice: bool,
}

/// What a violation of an invariant is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Severity {
    /// An error.
    Error,
    /// A warning.
    Warning,
}

/// A zib concept that an element carries.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Concept {
    /// Concept id: `NL-CM:12.4.1`.
    pub id: String,
    /// Identity of the mapping, which names the zib with version and year: `zib-bloodpressure-v3.2.1-2020EN`.
    pub zib: String,
}
