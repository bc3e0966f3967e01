//! Measures how long it takes to open the embedded pack, and to make the snapshots of all definitions of packages.
//!
//! `cargo run --release -p samenhang-profiles --example measure-definitions -- PACKAGE.tgz ...`

#![expect(clippy::print_stdout, reason = "what it is for")]

use std::error::Error;
use std::fs::File;
use std::time::Instant;

use samenhang_profiles::FhirVersion;
use samenhang_profiles::definition::{DefinitionSet, Library};
use samenhang_profiles::pack::embedded;
use samenhang_profiles::package::{ArchiveLimits, Package};

fn main() -> Result<(), Box<dyn Error>> {
    for version in [FhirVersion::Stu3, FhirVersion::R4] {
        let start = Instant::now();
        let library = embedded(version)?;
        let opened = start.elapsed();
        let patient = library.structure(match version {
            FhirVersion::Stu3 => "http://fhir.nl/fhir/StructureDefinition/nl-core-patient",
            FhirVersion::R4 => "http://nictiz.nl/fhir/StructureDefinition/nl-core-Patient",
        })?;
        println!(
            "embedded {version:?}: open {opened:?}, with nl-core-Patient ({} elements) {:?}",
            patient.snapshot.as_ref().map_or(0, Vec::len),
            start.elapsed()
        );
    }
    let files: Vec<String> = std::env::args().skip(1).collect();
    let start = Instant::now();
    let mut sets: Vec<DefinitionSet> = Vec::new();
    for file in &files {
        let package = Package::read(File::open(file)?, &ArchiveLimits::default())?;
        let version = package.fhir_version();
        let set = match sets.iter_mut().position(|set| set.fhir_version() == version) {
            Some(at) => at,
            None => {
                sets.push(DefinitionSet::new(version));
                sets.len() - 1
            }
        };
        for (file, error) in package.add_definitions(&mut sets[set]) {
            println!("{file}: {error}");
        }
    }
    println!("{} packages read in {:?}", files.len(), start.elapsed());
    let start = Instant::now();
    let (mut made, mut elements, mut failed) = (0, 0, 0);
    for set in &sets {
        for url in set.urls() {
            match set.structure(url) {
                Ok(definition) => {
                    made += 1;
                    elements += definition.snapshot.as_ref().map_or(0, Vec::len);
                }
                Err(error) => {
                    failed += 1;
                    println!("{error}");
                }
            }
        }
    }
    println!(
        "{made} snapshots of {elements} elements in {:?}, {failed} failed",
        start.elapsed()
    );
    Ok(())
}
