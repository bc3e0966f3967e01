//! Packages whose constraints and value sets the binary carries.

use samenhang_profiles::package::PackageVersion;

/// Name and version of each, as `make-pack` was given them.
const CARRIED: [(&str, &str); 5] = [
    ("hl7.fhir.r3.core", "3.0.2"),
    ("nictiz.fhir.nl.stu3.zib2017", "2.2.20"),
    ("hl7.fhir.r4.core", "4.0.1"),
    ("nictiz.fhir.nl.r4.nl-core", "0.12.1-beta.1"),
    ("nictiz.fhir.nl.r4.medicationprocess9", "2.0.0-rc.7"),
];

/// What a package in a folder is to the binary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The binary does not have it, or has an older version of it.
    New,
    /// The binary has its definitions.
    Same,
    /// The binary has a newer version.
    Older,
}

/// Whether the binary has a package of this name, in whatever version.
#[must_use]
pub fn is_carried(name: &str) -> bool {
    CARRIED.iter().any(|(carried, _)| *carried == name)
}

/// How a version of a package stands to what the binary has.
#[must_use]
pub fn standing(name: &str, version: &str) -> Standing {
    let carried = CARRIED.iter().find(|(carried, _)| *carried == name);
    match carried.map(|(_, carried)| PackageVersion(version).cmp(&PackageVersion(carried))) {
        None | Some(std::cmp::Ordering::Greater) => Standing::New,
        Some(std::cmp::Ordering::Equal) => Standing::Same,
        Some(std::cmp::Ordering::Less) => Standing::Older,
    }
}
