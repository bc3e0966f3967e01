//! The search parameters that are known, per type and version: how each compares and which elements it looks at.
//!
//! Written from the published definitions of STU3 and R4, and the Dutch additions (Medications-category,
//! Flag-category). What is not in the table is an unknown parameter.

mod rows;

use std::collections::BTreeSet;

use samenhang_gather::plan;
use samenhang_profiles::FhirVersion;
use samenhang_terminology::Category;

/// How a parameter compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `system|code` against a Coding, `CodeableConcept`, Identifier, code or boolean.
    Token,
    /// `Type/id` or a URL against a Reference; may be included.
    Reference,
    /// A date with a prefix against a date, dateTime, instant or Period.
    Date,
}

impl Kind {
    /// The code in a CapabilityStatement.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Kind::Token => "token",
            Kind::Reference => "reference",
            Kind::Date => "date",
        }
    }
}

/// A parameter of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// How it compares.
    pub kind: Kind,
    /// Paths of elements as they are written, separated by a blank.
    pub paths: &'static str,
    /// Types that it can point at and that have a category of their own, separated by a blank.
    pub targets: &'static str,
}

/// Rows of the table for a version and types.
struct Row {
    version: Option<FhirVersion>,
    /// Types, separated by a blank; `*` for all.
    types: &'static str,
    parameter: Parameter,
}

impl Row {
    fn is_of(&self, version: FhirVersion, kind: &str) -> bool {
        self.version.is_none_or(|own| own == version)
            && self.types.split(' ').any(|own| own == kind || own == "*")
    }
}

/// The parameters of a type, in the order of the table.
pub fn of_kind(version: FhirVersion, kind: &str) -> impl Iterator<Item = &'static Parameter> {
    rows::ROWS
        .iter()
        .filter(move |row| row.is_of(version, kind))
        .map(|row| &row.parameter)
}

/// The parameter of a type with a name.
#[must_use]
pub fn find(version: FhirVersion, kind: &str, name: &str) -> Option<&'static Parameter> {
    of_kind(version, kind).find(|parameter| parameter.name == name)
}

/// The parameters that name the patient by a number: `patient.identifier` and the like.
#[must_use]
pub fn naming_patient(version: FhirVersion, kind: &str) -> &'static [&'static str] {
    match (kind, version) {
        ("Patient", _) => &["identifier"],
        ("Coverage", FhirVersion::Stu3) => &["beneficiary.identifier"],
        ("Coverage", FhirVersion::R4) => &["beneficiary.identifier", "patient.identifier"],
        _ => &["patient.identifier", "subject.identifier"],
    }
}

/// The types that can be searched, in the order of the plan.
pub fn searchable(version: FhirVersion) -> impl Iterator<Item = &'static str> {
    std::iter::once("Patient").chain(plan::table(version).iter().map(|row| row.kind))
}

/// Every category that a resource of a type can belong to; nothing for a type that cannot be searched.
#[must_use]
pub fn categories(version: FhirVersion, kind: &str) -> BTreeSet<Category> {
    if kind == "Patient" {
        return BTreeSet::from([Category::Patient]);
    }
    let row = plan::table(version).iter().find(|row| row.kind == kind);
    row.map(|row| row.covers.iter().copied().collect())
        .unwrap_or_default()
}
