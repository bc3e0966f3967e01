//! The search parameters that a source knows: per resource type and FHIR version, the elements that each looks at.
//!
//! Written from the published definitions of STU3 and R4 and of the Dutch additions (Flag category, Medications category).
//! What is not in the table is an unknown parameter. The server has a table of its own on purpose: what a simulated source
//! finds must not follow from what the server believes.

mod clinical;
mod links;
mod people;

use samenhang_profiles::FhirVersion;

/// How a parameter compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `system|code` against Coding, `CodeableConcept`, Identifier, code or boolean.
    Token,
    /// `Type/id`, `id` or a URL against a Reference; chains to parameters of the target.
    Reference,
    /// A date with a prefix against a date, dateTime, instant or Period.
    Date,
    /// The start of a text, without case.
    Text,
    /// A canonical, compared without its version.
    Uri,
}

impl Kind {
    /// The code of the type in a CapabilityStatement.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Kind::Token => "token",
            Kind::Reference => "reference",
            Kind::Date => "date",
            Kind::Text => "string",
            Kind::Uri => "uri",
        }
    }
}

/// A parameter of a type.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// How it compares.
    pub kind: Kind,
    /// Dotted paths, separated by a blank.
    pub paths: &'static str,
}

struct Row {
    version: Option<FhirVersion>,
    /// Types, separated by a blank; `*` for all.
    types: &'static str,
    parameter: Parameter,
}

const fn row(
    version: Option<FhirVersion>,
    types: &'static str,
    name: &'static str,
    kind: Kind,
    paths: &'static str,
) -> Row {
    Row {
        version,
        types,
        parameter: Parameter { name, kind, paths },
    }
}

const BOTH: Option<FhirVersion> = None;
const STU3: Option<FhirVersion> = Some(FhirVersion::Stu3);
const R4: Option<FhirVersion> = Some(FhirVersion::R4);

const ROWS: [&[Row]; 3] = [people::ROWS, clinical::ROWS, links::ROWS];

/// The parameter `name` of a type, when the version has it.
#[must_use]
pub fn find(version: FhirVersion, kind: &str, name: &str) -> Option<&'static Parameter> {
    rows(version, kind).find(|parameter| parameter.name == name)
}

/// All parameters of a type.
#[must_use]
pub fn of_kind(version: FhirVersion, kind: &str) -> Vec<&'static Parameter> {
    rows(version, kind).collect()
}

fn rows<'a>(version: FhirVersion, kind: &'a str) -> impl Iterator<Item = &'static Parameter> + 'a {
    ROWS.into_iter()
        .flatten()
        .filter(move |row| row.version.is_none_or(|only| only == version))
        .filter(move |row| row.types == "*" || row.types.split_ascii_whitespace().any(|known| known == kind))
        .map(|row| &row.parameter)
}

#[cfg(test)]
mod tests {
    use super::{ROWS, find};
    use samenhang_profiles::FhirVersion;

    #[test]
    fn versions_have_their_own_names() {
        assert!(find(FhirVersion::Stu3, "Observation", "related-target").is_some());
        assert!(find(FhirVersion::R4, "Observation", "related-target").is_none());
        assert_eq!(
            find(FhirVersion::R4, "Immunization", "date").map(|p| p.paths),
            Some("occurrenceDateTime")
        );
        assert!(find(FhirVersion::R4, "Observation", "profile").is_none());
    }

    #[test]
    fn a_type_has_a_parameter_once() {
        for version in [FhirVersion::Stu3, FhirVersion::R4] {
            for row in ROWS.into_iter().flatten() {
                for kind in row.types.split_ascii_whitespace() {
                    let same = ROWS
                        .into_iter()
                        .flatten()
                        .filter(|other| other.parameter.name == row.parameter.name);
                    let same = same.filter(|other| other.version.is_none_or(|only| only == version));
                    let same =
                        same.filter(|other| other.types.split_ascii_whitespace().any(|known| known == kind));
                    assert!(same.count() <= 1, "{kind} {}", row.parameter.name);
                }
            }
        }
    }
}
