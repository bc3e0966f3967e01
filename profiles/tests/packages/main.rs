//! Packages, definitions and snapshots on the published packages, which are found by `SAMENHANG_SHARED` and never
//! copied.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "helpers of tests, outside of a test function"
)]

use std::fs::File;
use std::path::PathBuf;

use samenhang_profiles::FhirVersion;
use samenhang_profiles::definition::DefinitionSet;
use samenhang_profiles::package::{ArchiveLimits, Package};

mod dutch;
mod pack;
mod published;
mod terminology;

const R3_CORE: &str = "hl7.fhir.r3.core-3.0.2.tgz";
const R4_CORE: &str = "hl7.fhir.r4.core-4.0.1.tgz";
const ZIB2017: &str = "nictiz.fhir.nl.stu3.zib2017-2.2.20.tgz";
const NL_CORE: &str = "nictiz.fhir.nl.r4.nl-core-0.12.1-beta.1.tgz";
const MP9: &str = "nictiz.fhir.nl.r4.medicationprocess9-2.0.0-rc.7.tgz";

/// Packages of the shared folder, or nothing when they are not there and not demanded.
fn packages(names: &[&str]) -> Option<Vec<Package>> {
    let shared = std::env::var("SAMENHANG_SHARED").unwrap_or_else(|_| "../shared".to_owned());
    // A relative path counts from the root of the workspace.
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let folder = PathBuf::from(root).join(shared).join("fhir");
    if !folder.is_dir() {
        let demanded = std::env::var("SAMENHANG_REQUIRE_SHARED").is_ok_and(|value| value == "1");
        assert!(!demanded, "no packages at {}", folder.display());
        eprintln!("skipped: no packages at {}", folder.display());
        return None;
    }
    let read = |name: &&str| {
        Package::read(File::open(folder.join(name)).unwrap(), &ArchiveLimits::default()).unwrap()
    };
    Some(names.iter().map(read).collect())
}

/// The definitions of packages in one set.
fn definitions(packages: &[Package], version: FhirVersion) -> DefinitionSet {
    let mut set = DefinitionSet::new(version);
    for package in packages {
        assert_eq!(package.unread, []);
        assert_eq!(package.add_definitions(&mut set), []);
    }
    set
}
