//! What is judged by, besides what the binary carries: packages, from a folder and by file, and releases of code systems.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::sync::Arc;

use samenhang_profiles::definition::{DefinitionSet, Library};
use samenhang_profiles::package::{ArchiveLimits, Missing, Package, PackageError, VersionRequest};
use samenhang_profiles::terminology_reader::TerminologyResource;
use samenhang_profiles::{FhirVersion, Limits, pack};
use samenhang_terminology::catalogue::System;
use samenhang_terminology::{Builder, Catalogue};

use super::ValidationError;
use crate::packages::carried::{Standing, is_carried, standing};
use crate::packages::{self, Folder};

/// What the user adds to the definitions of the binary.
#[derive(Debug, Default)]
pub struct Sources {
    packages: Vec<Package>,
    systems: Vec<Arc<System>>,
}

impl Sources {
    /// Opens a package and adds it. What it defines goes before what the binary and packages before it have.
    ///
    /// # Errors
    /// [`ValidationError`] when the file is not there or is no package.
    pub fn open_package(&mut self, path: &Path) -> Result<(), ValidationError> {
        let file = File::open(path).map_err(|error| ValidationError::Open {
            path: path.to_owned(),
            kind: error.kind(),
        })?;
        let package = Package::read(BufReader::new(file), &ArchiveLimits::default()).map_err(|source| {
            ValidationError::Package {
                path: path.to_owned(),
                source,
            }
        })?;
        self.packages.push(package);
        Ok(())
    }

    /// Adds packages of a folder, each after what it depends on: those that are named, `NAME` or `NAME@VERSION`, with
    /// what they need, or the newest of all. Of a package that the binary has too only a newer version counts; of the
    /// same version, the value sets and code systems.
    ///
    /// Gives what is wrong with the folder and does not keep from judging, in words.
    ///
    /// # Errors
    /// [`ValidationError`] when the folder cannot be read, or a package that is named is not in it.
    pub fn add_folder(&mut self, folder: &Folder, named: &[String]) -> Result<Vec<String>, ValidationError> {
        let (set, unusable) =
            folder.read_those(|name, version| standing(name, version) != Standing::Older)?;
        let roots: Vec<(&str, VersionRequest)> = if named.is_empty() {
            set.packages()
                .map(|package| (&*package.manifest.name, VersionRequest::Latest))
                .collect()
        } else {
            named.iter().map(|text| packages::named(text)).collect()
        };
        let resolution = set.resolve(&roots);
        let asked = |missing: &&Missing| missing.needed_by.is_none() && !is_carried(&missing.name);
        if let Some(missing) = resolution.missing.iter().find(asked) {
            let name = format!("{}#{}", missing.name, missing.version);
            return Err(ValidationError::NotInFolder(name));
        }
        let mut told: Vec<String> = unusable
            .iter()
            // A folder that other tools use too has packages for other versions of FHIR.
            .filter(|unusable| unusable.code != PackageError::FhirVersion.code())
            .map(|unusable| format!("{} in the folder of packages cannot be used", unusable.folder))
            .collect();
        told.extend(resolution.conflicts.iter().map(|conflict| {
            let versions: Vec<&str> = conflict.versions.iter().map(|(version, _)| &**version).collect();
            format!(
                "the package {} is needed in more than one version ({}), the newest is used",
                conflict.name,
                versions.join(", ")
            )
        }));
        for package in resolution.packages {
            let mut package = package.clone();
            let manifest = &package.manifest;
            if standing(&manifest.name, &manifest.version) == Standing::Same {
                package
                    .resources
                    .retain(|resource| resource.resource_type != "StructureDefinition");
            }
            self.packages.push(package);
        }
        Ok(told)
    }

    /// Packages that others depend on and that neither the user nor the binary has, as `name#version`, with who needs
    /// them.
    pub(super) fn missing(&self) -> Vec<String> {
        let has = |name: &str| self.packages.iter().any(|package| package.manifest.name == name);
        let missing: BTreeSet<String> = self
            .packages
            .iter()
            .flat_map(|package| {
                let manifest = &package.manifest;
                let lacking = manifest
                    .dependencies
                    .iter()
                    .filter(|needed| !is_carried(&needed.name) && !has(&needed.name));
                lacking.map(move |needed| {
                    format!(
                        "{}#{} (needed by {}#{})",
                        needed.name, needed.version, manifest.name, manifest.version
                    )
                })
            })
            .collect();
        missing.into_iter().collect()
    }

    /// Adds the code systems of a release that the user holds a licence for.
    pub fn add_systems(&mut self, systems: impl IntoIterator<Item = System>) {
        self.systems.extend(systems.into_iter().map(Arc::new));
    }

    /// Files of the packages that are no readable JSON.
    pub(super) fn unread(&self) -> Vec<String> {
        let unread = self.packages.iter().flat_map(|package| &package.unread);
        unread.map(|(file, _)| file.clone()).collect()
    }

    /// The definitions of one version of FHIR. Files with definitions that cannot be read are told in `unread`: a
    /// profile among them is as one that is not there.
    pub(crate) fn library(
        &self,
        version: FhirVersion,
        unread: &mut Vec<String>,
    ) -> Result<Arc<dyn Library>, ValidationError> {
        let embedded = pack::embedded(version)?;
        let mut packages = self.of_version(version).peekable();
        if packages.peek().is_none() {
            return Ok(embedded);
        }
        let mut set = DefinitionSet::over(&embedded);
        for package in packages {
            unread.extend(
                package
                    .add_definitions(&mut set)
                    .into_iter()
                    .map(|(file, _)| file),
            );
        }
        Ok(Arc::new(set))
    }

    /// The terminology of one version of FHIR: that of the binary, then that of the user in its place.
    pub(crate) fn catalogue(&self, version: FhirVersion) -> Result<Catalogue, ValidationError> {
        let mut builder = Builder::new();
        pack::embedded_terminology(version)?.add_to(&mut builder)?;
        if version == FhirVersion::Stu3 {
            // The package of STU3 itself has no systems of HL7 version 2 and 3: those of R4 are the same.
            builder.stu3_names();
            for package in self.of_version(FhirVersion::R4) {
                add(package, &mut builder, TerminologyResource::is_shared_with_stu3)?;
            }
        }
        for package in self.of_version(version) {
            add(package, &mut builder, |_| true)?;
        }
        for system in &self.systems {
            builder.system(Arc::clone(system));
        }
        Ok(builder.build())
    }

    fn of_version(&self, version: FhirVersion) -> impl Iterator<Item = &Package> {
        self.packages
            .iter()
            .filter(move |package| package.fhir_version() == version)
    }
}

/// Adds the terminology of a package. A resource that cannot be read is as one that is not there: what needs it is
/// unchecked.
fn add(
    package: &Package,
    builder: &mut Builder,
    wanted: impl Fn(&TerminologyResource) -> bool,
) -> Result<(), ValidationError> {
    // Code systems are larger than what sources send.
    let limits = Limits {
        max_bytes: 64 << 20,
        max_nodes: 5_000_000,
        max_string: 8 << 20,
        ..Limits::default()
    };
    for resource in package.of_type("StructureDefinition") {
        // Few profiles contain a value set, and reading all of them for these would cost a cold start dearly.
        let text = std::str::from_utf8(&resource.body).unwrap_or_default();
        if !text.contains("\"contained\"") {
            continue;
        }
        let contained = TerminologyResource::contained(&resource.body, &limits).unwrap_or_default();
        for read in contained.into_iter().filter(&wanted) {
            read.add_to(builder)?;
        }
    }
    for kind in ["CodeSystem", "ValueSet", "ConceptMap"] {
        for resource in package.of_type(kind) {
            if let Ok(Some(read)) = TerminologyResource::from_json(&resource.body, &limits)
                && wanted(&read)
            {
                read.add_to(builder)?;
            }
        }
    }
    Ok(())
}
