//! `package.json`: what a package says of itself.

use crate::limits::Limits;
use crate::package::PackageError;
use crate::package::version::VersionRequest;
use crate::tree::Tree;
use crate::version::FhirVersion;

/// What a package says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// Name: `nictiz.fhir.nl.r4.nl-core`.
    pub name: String,
    /// Version, as it is written.
    pub version: String,
    /// The version of FHIR that it is for.
    pub fhir_version: FhirVersion,
    /// What it needs, in the order of the file.
    pub dependencies: Vec<Dependency>,
    /// Licence, as SPDX id, when it is told.
    pub license: Option<String>,
}

/// A package that is needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependency {
    /// Name.
    pub name: String,
    /// Versions that will do.
    pub version: VersionRequest,
}

impl Manifest {
    /// Reads `package.json`.
    ///
    /// # Errors
    /// [`PackageError`] when it is not JSON, has no usable name or version, or is for another version of FHIR.
    pub fn from_json(body: &[u8]) -> Result<Manifest, PackageError> {
        let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
        let tree = Tree::parse(body, &Limits::default())
            .map_err(|_| PackageError::Manifest("is not well-formed JSON within limits"))?;
        let name = tree
            .text("name")
            .filter(|name| is_name(name))
            .ok_or(PackageError::Manifest("has no usable name"))?;
        let version = tree
            .text("version")
            .filter(|version| is_name(version))
            .ok_or(PackageError::Manifest("has no usable version"))?;
        let versions = ["fhirVersions", "fhir-version-list", "fhirVersion"]
            .into_iter()
            .find_map(|key| tree.get(key));
        let fhir_version = match versions {
            Some(list) => list
                .at(0)
                .unwrap_or(list)
                .as_str()
                .and_then(FhirVersion::from_text)
                .ok_or(PackageError::FhirVersion)?,
            None => by_name(name).ok_or(PackageError::FhirVersion)?,
        };
        let mut dependencies = Vec::new();
        for (name, version) in tree.get("dependencies").iter().flat_map(|tree| tree.fields()) {
            if !is_name(name) {
                return Err(PackageError::Manifest("has a dependency with an unusable name"));
            }
            dependencies.push(Dependency {
                name: name.to_owned(),
                version: VersionRequest::of(version.as_str().unwrap_or_default()),
            });
        }
        Ok(Manifest {
            name: name.to_owned(),
            version: version.to_owned(),
            fhir_version,
            dependencies,
            license: tree.text("license").map(str::to_owned),
        })
    }
}

/// Names and versions become names of folders, so nothing else than these characters is taken.
fn is_name(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'+');
    !text.is_empty() && text.len() <= 128 && !text.starts_with('.') && text.bytes().all(plain)
}

/// Old packages tell their version of FHIR only in their name.
fn by_name(name: &str) -> Option<FhirVersion> {
    name.split('.').find_map(|part| match part {
        "r3" | "stu3" => Some(FhirVersion::Stu3),
        "r4" => Some(FhirVersion::R4),
        _ => None,
    })
}
