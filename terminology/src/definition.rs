//! What code systems, value sets and concept maps say, as their readers give it and before it is compiled.
//!
//! One model for STU3 and R4: the readers smooth out the differences. Nothing here is checked; [`crate::Catalogue`]
//! does that.

/// A code system, or a supplement to one. Source: FHIR R4 4.8.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CodeSystem {
    /// Its uri, as a `Coding.system` gives it.
    pub url: String,
    /// Its version.
    pub version: Option<String>,
    /// How much of its content is here.
    pub content: Content,
    /// Whether codes that differ only in case are different. Where a system does not say, they are not: produce
    /// codes in the right case, accept them in any.
    pub case_sensitive: bool,
    /// Whether expressions made of its codes are codes too.
    pub compositional: bool,
    /// Canonical of the value set of all its codes.
    pub value_set: Option<String>,
    /// Canonical of the system that this one adds names and properties to.
    pub supplements: Option<String>,
    /// The concepts, in their order.
    pub concepts: Vec<Concept>,
}

/// How much of a code system is here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Content {
    /// All of it: a code that is not here does not exist.
    Complete,
    /// A part, or a few examples.
    Fragment,
    /// None of it.
    #[default]
    NotPresent,
    /// Names and properties for codes of another system.
    Supplement,
}

/// A concept of a code system.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Concept {
    /// Its code.
    pub code: String,
    /// Codes that are one level more general.
    pub parents: Vec<String>,
    /// Whether it is no longer to be used.
    pub inactive: bool,
    /// Its display.
    pub display: Option<String>,
    /// Further names.
    pub designations: Vec<Designation>,
    /// Its properties other than those of the hierarchy and `inactive`.
    pub properties: Vec<Property>,
}

/// A further name of a concept.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Designation {
    /// BCP-47 tag of its language.
    pub language: Option<String>,
    /// The name.
    pub value: String,
}

/// A property of a concept, as text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Property {
    /// Its name.
    pub name: String,
    /// Its value, as written.
    pub value: String,
}

/// A value set. Source: FHIR R4 4.9.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ValueSet {
    /// Its canonical.
    pub url: String,
    /// Its version.
    pub version: Option<String>,
    /// Whether inactive codes are left out (`compose.inactive` is false).
    pub active_only: bool,
    /// What is in it: the union of these.
    pub include: Vec<Include>,
    /// What is taken out again.
    pub exclude: Vec<Include>,
    /// Its stored expansion.
    pub expansion: Option<StoredExpansion>,
}

/// One rule of a value set: what holds all of `system`, `concepts` or `filters`, and every one of `value_sets`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Include {
    /// Uri of the code system.
    pub system: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// The codes that it takes; empty for all.
    pub concepts: Vec<String>,
    /// Filters that a code has to pass, all of them.
    pub filters: Vec<Filter>,
    /// Canonicals of value sets that a code has to be in, all of them.
    pub value_sets: Vec<String>,
}

/// A filter over the concepts of a system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// The property.
    pub property: String,
    /// The comparison.
    pub operator: Operator,
    /// What is compared with.
    pub value: String,
}

/// How a filter compares. Source: FHIR R4 value set `filter-operator`, with those of R5 that later packages use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operator {
    /// `=`
    Equal,
    /// `is-a`: the concept or a descendant.
    IsA,
    /// `descendent-of`
    DescendentOf,
    /// `is-not-a`
    IsNotA,
    /// `regex`, over the whole value
    Regex,
    /// `in`
    In,
    /// `not-in`
    NotIn,
    /// `generalizes`: the concept or an ancestor.
    Generalizes,
    /// `exists`
    Exists,
    /// `child-of`
    ChildOf,
    /// `descendent-leaf`: a descendant without descendants of its own.
    DescendentLeaf,
    /// One that is not known here, by its code.
    Other(String),
}

impl Operator {
    /// The operator with a FHIR code.
    #[must_use]
    pub fn from_code(code: &str) -> Self {
        match code {
            "=" => Operator::Equal,
            "is-a" => Operator::IsA,
            "descendent-of" => Operator::DescendentOf,
            "is-not-a" => Operator::IsNotA,
            "regex" => Operator::Regex,
            "in" => Operator::In,
            "not-in" => Operator::NotIn,
            "generalizes" => Operator::Generalizes,
            "exists" => Operator::Exists,
            "child-of" => Operator::ChildOf,
            "descendent-leaf" => Operator::DescendentLeaf,
            other => Operator::Other(other.to_owned()),
        }
    }

    /// Its FHIR code.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Operator::Equal => "=",
            Operator::IsA => "is-a",
            Operator::DescendentOf => "descendent-of",
            Operator::IsNotA => "is-not-a",
            Operator::Regex => "regex",
            Operator::In => "in",
            Operator::NotIn => "not-in",
            Operator::Generalizes => "generalizes",
            Operator::Exists => "exists",
            Operator::ChildOf => "child-of",
            Operator::DescendentLeaf => "descendent-leaf",
            Operator::Other(code) => code,
        }
    }
}

/// An expansion that a value set carries with it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StoredExpansion {
    /// Whether it holds every code. A page, or one that says that it was limited, does not.
    pub complete: bool,
    /// System and code of each entry.
    pub codes: Vec<(String, String)>,
}

/// A concept map. Source: FHIR R4 4.10.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ConceptMap {
    /// Its canonical.
    pub url: String,
    /// Its version.
    pub version: Option<String>,
    /// Canonical of the value set that is mapped from.
    pub source: Option<String>,
    /// Canonical of the value set that is mapped to.
    pub target: Option<String>,
    /// The groups, one for each pair of systems.
    pub groups: Vec<MapGroup>,
}

/// The mappings from one system to another.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MapGroup {
    /// Uri of the source system.
    pub source: Option<String>,
    /// Uri of the target system.
    pub target: Option<String>,
    /// Version of the target system.
    pub target_version: Option<String>,
    /// The mappings, in their order.
    pub elements: Vec<MapElement>,
    /// What is done with a code that no element names.
    pub unmapped: Option<Unmapped>,
}

/// What one code becomes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MapElement {
    /// The source code.
    pub code: String,
    /// What it becomes.
    pub targets: Vec<MapTarget>,
}

/// One target of a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MapTarget {
    /// How it stands to the source.
    pub relationship: crate::answer::Relationship,
    /// The target code.
    pub code: Option<String>,
    /// Its display.
    pub display: Option<String>,
    /// What else has to hold.
    pub depends_on: Vec<MapAttribute>,
    /// What else is given.
    pub product: Vec<MapAttribute>,
}

/// A further value that a mapping depends on or gives.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MapAttribute {
    /// The property.
    pub property: String,
    /// System of the value.
    pub system: Option<String>,
    /// The value.
    pub value: String,
}

/// What is done with a code that no element names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unmapped {
    /// It stays as it is.
    Provided,
    /// It becomes one fixed code.
    Fixed {
        /// The code.
        code: String,
        /// Its display.
        display: Option<String>,
    },
    /// Another map says.
    OtherMap(String),
}
