//! Puts packages together: which versions, in which order, and what is missing.

use std::collections::{BTreeMap, BTreeSet};

use crate::definition::Canonical;
use crate::package::version::PackageVersion;
use crate::package::{Package, PackageResource, VersionRequest};

/// Packages at hand, several versions of one included.
#[derive(Debug, Default)]
pub struct PackageSet {
    /// By name and version.
    packages: BTreeMap<String, Vec<Package>>,
}

/// A package that is needed and not at hand.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Missing {
    /// Name of the package.
    pub name: String,
    /// The version that is asked for.
    pub version: String,
    /// Who asks, as `name#version`; none when the user does.
    pub needed_by: Option<String>,
}

/// A package that is needed in more than one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// Name of the package.
    pub name: String,
    /// The versions, oldest first, each with those that ask for it. The last is the one that is used.
    pub versions: Vec<(String, Vec<String>)>,
}

/// What a choice of packages comes to.
#[derive(Debug)]
pub struct Resolution<'p> {
    /// The packages, each after what it depends on.
    pub packages: Vec<&'p Package>,
    /// What is needed and not at hand.
    pub missing: Vec<Missing>,
    /// What is needed in more than one version; only the newest is among the packages.
    pub conflicts: Vec<Conflict>,
}

impl PackageSet {
    /// Adds a package; one of the same name and version is replaced.
    pub fn add(&mut self, package: Package) {
        let versions = self.packages.entry(package.manifest.name.clone()).or_default();
        versions.retain(|other| other.manifest.version != package.manifest.version);
        versions.push(package);
        versions
            .sort_by(|a, b| PackageVersion(&a.manifest.version).cmp(&PackageVersion(&b.manifest.version)));
    }

    /// All packages, by name and then oldest first.
    pub fn packages(&self) -> impl Iterator<Item = &Package> {
        self.packages.values().flatten()
    }

    /// The package that a request is for.
    #[must_use]
    pub fn find(&self, name: &str, version: &VersionRequest) -> Option<&Package> {
        let known = self.packages.get(name)?;
        let chosen = version.choose(known.iter().map(|package| &*package.manifest.version))?;
        known.iter().find(|package| package.manifest.version == chosen)
    }

    /// Resolves packages and what they depend on, also indirectly and in a circle.
    #[must_use]
    pub fn resolve(&self, roots: &[(&str, VersionRequest)]) -> Resolution<'_> {
        let mut missing = BTreeSet::new();
        // Name, version, and who asked for it.
        let mut used: BTreeMap<&str, BTreeMap<PackageVersion<'_>, BTreeSet<String>>> = BTreeMap::new();
        let mut open: Vec<(String, VersionRequest, Option<String>)> = roots
            .iter()
            .map(|(name, version)| ((*name).to_owned(), version.clone(), None))
            .collect();
        while let Some((name, version, asker)) = open.pop() {
            let Some(package) = self.find(&name, &version) else {
                missing.insert(Missing {
                    name,
                    version: version.to_string(),
                    needed_by: asker,
                });
                continue;
            };
            let askers = used
                .entry(&package.manifest.name)
                .or_default()
                .entry(PackageVersion(&package.manifest.version));
            let new = matches!(askers, std::collections::btree_map::Entry::Vacant(_));
            askers.or_default().extend(asker);
            if new {
                let this = format!("{}#{}", package.manifest.name, package.manifest.version);
                for needed in &package.manifest.dependencies {
                    open.push((needed.name.clone(), needed.version.clone(), Some(this.clone())));
                }
            }
        }
        let conflicts = used
            .iter()
            .filter(|(_, versions)| versions.len() > 1)
            .map(conflict);
        Resolution {
            conflicts: conflicts.collect(),
            packages: self.ordered(&used),
            missing: missing.into_iter().collect(),
        }
    }

    /// The newest used version of each package, each after what it depends on.
    fn ordered<'p, T>(&'p self, used: &BTreeMap<&str, BTreeMap<PackageVersion<'_>, T>>) -> Vec<&'p Package> {
        let mut left: Vec<&Package> = used
            .iter()
            .filter_map(|(name, versions)| {
                let (version, _) = versions.last_key_value()?;
                self.find(name, &VersionRequest::Exact(version.0.to_owned()))
            })
            .collect();
        let mut ordered: Vec<&Package> = Vec::with_capacity(left.len());
        while !left.is_empty() {
            let waits = |package: &&Package| {
                let needs = |name: &str| left.iter().any(|other| other.manifest.name == name);
                package
                    .manifest
                    .dependencies
                    .iter()
                    .any(|needed| needed.name != package.manifest.name && needs(&needed.name))
            };
            // In a circle the first by name goes first.
            let at = left.iter().position(|package| !waits(package)).unwrap_or(0);
            ordered.push(left.remove(at));
        }
        ordered
    }
}

fn conflict((name, versions): (&&str, &BTreeMap<PackageVersion<'_>, BTreeSet<String>>)) -> Conflict {
    Conflict {
        name: (*name).to_owned(),
        versions: versions
            .iter()
            .map(|(version, askers)| (version.0.to_owned(), askers.iter().cloned().collect()))
            .collect(),
    }
}

impl<'p> Resolution<'p> {
    /// The resource of a canonical URL, possibly with `|version`. Without a version the newest counts, and of the
    /// same version the one of the package that depends on the others.
    #[must_use]
    pub fn resource(&self, canonical: &str) -> Option<(&'p Package, &'p PackageResource)> {
        let asked = Canonical::of(canonical);
        self.packages
            .iter()
            .enumerate()
            .flat_map(|(order, package)| {
                package
                    .resources
                    .iter()
                    .map(move |resource| (order, *package, resource))
            })
            .filter(|(_, _, resource)| {
                resource.url.as_deref() == Some(asked.url) && asked.accepts(resource.version.as_deref())
            })
            .max_by_key(|(order, _, resource)| (resource.version.as_deref().map(PackageVersion), *order))
            .map(|(_, package, resource)| (package, resource))
    }
}
