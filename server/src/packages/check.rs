//! Whether packages hold together: what they need is there, every profile has a snapshot, every value set is known.

use std::collections::{BTreeMap, BTreeSet};

use samenhang_profiles::FhirVersion;
use samenhang_profiles::definition::{BindingStrength, Canonical};
use samenhang_profiles::pack::{PackError, embedded_terminology};
use samenhang_profiles::package::{Package, Resolution};
use samenhang_terminology::answer::Unknown;
use samenhang_terminology::{Builder, Catalogue};
use serde::Serialize;

use super::carried::is_carried;
use super::compiled::{Compiled, compiled};
use super::{Folder, Unusable};

/// What a check comes to.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The packages that were checked, as `name#version`, each after what it depends on.
    pub packages: Vec<String>,
    /// Profiles, extensions and types that have a snapshot.
    pub definitions: usize,
    /// What is unresolved.
    pub findings: Findings,
}

/// What is unresolved. All lists empty means that the packages hold together.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Findings {
    /// Folders without a usable package.
    pub unusable: Vec<Unusable>,
    /// Packages that are needed and not there: `name#version`, with who needs it.
    pub missing: Vec<String>,
    /// Packages that are needed in more than one version; the newest is used.
    pub conflicts: Vec<String>,
    /// Files that cannot be read, with the reason.
    pub unread: Vec<String>,
    /// Definitions without snapshot, with the reason.
    pub without_snapshot: Vec<String>,
    /// Value sets that a required or extensible binding names and neither a package nor the binary has, with the first element that does.
    pub unknown_value_sets: Vec<String>,
}

impl Findings {
    /// Whether nothing is unresolved.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Findings::default()
    }
}

/// Checks resolved packages.
///
/// # Errors
/// [`PackError`] when the pack in the binary is damaged.
pub fn check(
    folder: &Folder,
    resolution: &Resolution<'_>,
    unusable: Vec<Unusable>,
) -> Result<Report, PackError> {
    let mut report = Report {
        packages: resolution.packages.iter().map(|package| name(package)).collect(),
        definitions: 0,
        findings: Findings {
            unusable,
            ..Findings::default()
        },
    };
    let findings = &mut report.findings;
    for missing in &resolution.missing {
        // What a package needs of these is in the binary.
        if missing.needed_by.is_none() || !is_carried(&missing.name) {
            let asker = missing.needed_by.as_deref().unwrap_or("the command line");
            findings.missing.push(format!(
                "{}#{} (needed by {asker})",
                missing.name, missing.version
            ));
        }
    }
    for conflict in &resolution.conflicts {
        let versions: Vec<&str> = conflict.versions.iter().map(|(version, _)| &**version).collect();
        findings
            .conflicts
            .push(format!("{}: {}", conflict.name, versions.join(", ")));
    }
    let named: BTreeSet<&str> = resolution
        .packages
        .iter()
        .flat_map(|package| package.of_type("ValueSet"))
        .filter_map(|resource| resource.url.as_deref())
        .collect();
    for version in [FhirVersion::Stu3, FhirVersion::R4] {
        let packages: Vec<&Package> = resolution
            .packages
            .iter()
            .copied()
            .filter(|package| package.fhir_version() == version)
            .collect();
        if packages.is_empty() {
            continue;
        }
        let compiled = compiled(folder, version, &packages)?;
        for package in &packages {
            for (file, error) in &package.unread {
                findings.unread.push(format!("{}/{file}: {error}", name(package)));
            }
        }
        let carried = carried(version)?;
        let known = |canonical: &str| {
            named.contains(Canonical::of(canonical).url)
                || carried.is_decidable(canonical) != Err(Unknown::ValueSetUnknown)
        };
        report.definitions += definitions(&compiled, &packages, known, findings);
    }
    Ok(report)
}

/// The terminology in the binary, under the names that a version of FHIR has for it.
fn carried(version: FhirVersion) -> Result<Catalogue, PackError> {
    let mut builder = Builder::new();
    if version == FhirVersion::Stu3 {
        builder.stu3_names();
    }
    let content = embedded_terminology(version)?;
    // More than a catalogue takes is not what this program was built with.
    content.add_to(&mut builder).map_err(|_| PackError)?;
    Ok(builder.build())
}

/// Checks the definitions of packages of one version, and counts those that have a snapshot.
fn definitions(
    compiled: &Compiled,
    packages: &[&Package],
    known: impl Fn(&str) -> bool,
    findings: &mut Findings,
) -> usize {
    findings
        .without_snapshot
        .extend(compiled.failed.iter().map(ToString::to_string));
    let mut unknown: BTreeMap<String, String> = BTreeMap::new();
    let mut count = 0;
    let urls: BTreeSet<&str> = packages
        .iter()
        .flat_map(|package| package.of_type("StructureDefinition"))
        .filter_map(|resource| resource.url.as_deref())
        .collect();
    for url in urls {
        let Ok(definition) = compiled.library.structure(url) else {
            continue;
        };
        count += 1;
        for element in definition.snapshot.iter().flatten() {
            let bound = element
                .binding
                .as_ref()
                .filter(|binding| binding.strength >= BindingStrength::Extensible)
                .and_then(|binding| binding.value_set.as_deref());
            if let Some(value_set) = bound
                && !known(value_set)
                && !unknown.contains_key(value_set)
            {
                unknown.insert(value_set.to_owned(), format!("{} in {url}", element.id));
            }
        }
    }
    findings.unknown_value_sets.extend(
        unknown
            .into_iter()
            .map(|(set, place)| format!("{set} (at {place})")),
    );
    count
}

fn name(package: &Package) -> String {
    format!("{}#{}", package.manifest.name, package.manifest.version)
}
