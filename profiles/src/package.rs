//! FHIR packages: the standard form of publication (`.tgz` with `package/*.json`), for STU3 and R4.
//!
//! An archive comes from outside and is read under limits: it is never unpacked to disk, nothing in it is followed,
//! and what passes a limit is refused whole. Kept are the resources that something can refer to (by canonical URL,
//! and naming systems); examples are passed. See <https://confluence.hl7.org/display/FHIR/NPM+Package+Specification>.

mod archive;
mod manifest;
mod resolve;
#[cfg(test)]
mod tests;
mod version;

use std::io::Read;

use bytes::Bytes;

pub use archive::{ArchiveLimits, files};
pub use manifest::{Dependency, Manifest};
pub use resolve::{Conflict, Missing, PackageSet, Resolution};
pub use version::{PackageVersion, VersionRequest};

use crate::definition::{DefinitionSet, StructureDefinition};
use crate::json::{Kind, Reader};
use crate::limits::Limits;
use crate::raw::ReadError;
use crate::version::FhirVersion;

/// Why a package is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PackageError {
    /// Not a gzip-compressed tar archive, or one that is damaged.
    #[error("not a readable .tgz archive: {0}")]
    Archive(String),
    /// A limit of [`ArchiveLimits`] was passed.
    #[error("more than {limit} {what}")]
    Limit {
        /// Name of the limit.
        what: &'static str,
        /// Its value.
        limit: u64,
    },
    /// An entry that no honest package has.
    #[error("an entry of the archive is {0}")]
    UnsafeEntry(&'static str),
    /// `package/package.json` is missing, or lacks what is needed.
    #[error("package.json {0}")]
    Manifest(&'static str),
    /// The package is for a version of FHIR other than STU3 and R4.
    #[error("the package is not for FHIR STU3 or R4")]
    FhirVersion,
}

impl PackageError {
    /// The stable code of the error, as in the error catalogue.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            PackageError::Archive(_) => "SAM-PKG-001",
            PackageError::Limit { .. } => "SAM-PKG-002",
            PackageError::UnsafeEntry(_) => "SAM-PKG-003",
            PackageError::Manifest(_) => "SAM-PKG-004",
            PackageError::FhirVersion => "SAM-PKG-005",
        }
    }
}

/// A resource of a package that something can refer to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageResource {
    /// Name of the file within `package/`.
    pub file: String,
    /// Type of the resource: `StructureDefinition`, `ValueSet`.
    pub resource_type: String,
    /// Its logical id.
    pub id: Option<String>,
    /// Canonical URL; none only for a naming system.
    pub url: Option<String>,
    /// Business version.
    pub version: Option<String>,
    /// The resource as JSON.
    pub body: Bytes,
}

/// A package, read whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// What the package says of itself.
    pub manifest: Manifest,
    /// Its resources, by name of file.
    pub resources: Vec<PackageResource>,
    /// Files that are no readable JSON, and why.
    pub unread: Vec<(String, ReadError)>,
}

impl Package {
    /// Reads a package from its `.tgz` archive.
    ///
    /// # Errors
    /// [`PackageError`] when it is no archive, passes a limit, has an entry that could leave its folder, or has no
    /// usable manifest.
    pub fn read(archive: impl Read, limits: &ArchiveLimits) -> Result<Package, PackageError> {
        Package::from_files(archive::files(archive, limits)?)
    }

    /// Puts a package together from the JSON files of its folder `package/`, each with its name.
    ///
    /// # Errors
    /// [`PackageError`] when there is no usable manifest among them.
    pub fn from_files(files: impl IntoIterator<Item = (String, Bytes)>) -> Result<Package, PackageError> {
        let mut manifest = None;
        let mut resources = Vec::new();
        let mut unread = Vec::new();
        for (file, body) in files {
            if file == "package.json" {
                manifest = Some(Manifest::from_json(&body)?);
                continue;
            }
            // `.index.json` lists the files again; what a file is, it says itself.
            if file.starts_with('.') {
                continue;
            }
            match resource(&file, &body) {
                Ok(resource) => resources.extend(resource),
                Err(error) => unread.push((file, error)),
            }
        }
        resources.sort_by(|a, b| a.file.cmp(&b.file));
        unread.sort_by(|a: &(String, ReadError), b| a.0.cmp(&b.0));
        Ok(Package {
            manifest: manifest.ok_or(PackageError::Manifest("is missing"))?,
            resources,
            unread,
        })
    }

    /// Reads the structure definitions into a set; what cannot be read is told with its file.
    #[must_use]
    pub fn add_definitions(&self, set: &mut DefinitionSet) -> Vec<(String, ReadError)> {
        let mut unread = Vec::new();
        for resource in self.of_type("StructureDefinition") {
            let version = self.manifest.fhir_version;
            match StructureDefinition::from_json(&resource.body, version, &definition_limits()) {
                Ok(definition) => set.add(definition),
                Err(error) => unread.push((resource.file.clone(), error)),
            }
        }
        unread
    }

    /// The resources of a type.
    pub fn of_type(&self, resource_type: &str) -> impl Iterator<Item = &PackageResource> {
        self.resources
            .iter()
            .filter(move |resource| resource.resource_type == resource_type)
    }

    /// The version of FHIR that the package is for.
    #[must_use]
    pub fn fhir_version(&self) -> FhirVersion {
        self.manifest.fhir_version
    }
}

/// Limits on one resource of a package: larger than a message, as code systems are.
fn definition_limits() -> Limits {
    Limits {
        max_bytes: 64 << 20,
        max_nodes: 5_000_000,
        ..Limits::default()
    }
}

/// Reads what identifies a resource; nothing for a file that nothing can refer to.
fn resource(file: &str, body: &Bytes) -> Result<Option<PackageResource>, ReadError> {
    // Some tools write a byte order mark, which JSON does not have.
    let start = if body.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let body = body.slice(start..);
    let mut reader = Reader::new(&body, &definition_limits())?;
    let (mut resource_type, mut id, mut url, mut version) = (None, None, None, None);
    reader.enter_object()?;
    while let Some(name) = reader.next_key()? {
        let slot = match &*name {
            "resourceType" => &mut resource_type,
            "id" => &mut id,
            "url" => &mut url,
            "version" => &mut version,
            _ => {
                reader.skip()?;
                continue;
            }
        };
        if reader.peek()? == Kind::String {
            *slot = Some(reader.string()?.into_owned());
        } else {
            reader.skip()?;
        }
    }
    reader.finish()?;
    Ok(resource_type
        .filter(|kind| url.is_some() || kind == "NamingSystem")
        .map(|resource_type| PackageResource {
            file: file.to_owned(),
            resource_type,
            id,
            url,
            version,
            body,
        }))
}
