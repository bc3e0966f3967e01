//! Measures the cold start, and how long it takes to make the snapshots of all definitions of packages.
//!
//! The cold start is what a process does before its first answer: open the embedded packs and their terminology of both
//! versions, and validate a first patient against its Dutch profile.
//!
//! `cargo run --release -p samenhang-profiles --example measure-definitions -- PACKAGE.tgz ...`

#![expect(clippy::print_stdout, reason = "what it is for")]

use std::error::Error;
use std::fs::File;
use std::sync::Arc;
use std::time::Instant;

use samenhang_profiles::definition::{DefinitionSet, Library};
use samenhang_profiles::document::Document;
use samenhang_profiles::pack::{embedded, embedded_terminology};
use samenhang_profiles::package::{ArchiveLimits, Package};
use samenhang_profiles::validate::{Request, Settings, Validator};
use samenhang_profiles::{FhirVersion, Limits};
use samenhang_terminology::Builder;

/// A patient as a source sends one, with codes of systems that the binary carries.
const PATIENT: &[u8] =
    br#"{"resourceType": "Patient", "active": true, "gender": "female", "birthDate": "1980-01-31",
    "identifier": [{"system": "http://fhir.nl/fhir/NamingSystem/bsn", "value": "999990019"}],
    "name": [{"use": "official", "family": "Voorbeeld", "given": ["A."]}]}"#;

/// Opens what the binary carries of both versions, and validates a patient in each.
fn cold_start() -> Result<(), Box<dyn Error>> {
    let start = Instant::now();
    for (version, profile) in [
        (
            FhirVersion::Stu3,
            "http://fhir.nl/fhir/StructureDefinition/nl-core-patient",
        ),
        (
            FhirVersion::R4,
            "http://nictiz.nl/fhir/StructureDefinition/nl-core-Patient",
        ),
    ] {
        let step = Instant::now();
        let library = embedded(version)?;
        let opened = step.elapsed();
        let mut builder = Builder::new();
        if version == FhirVersion::Stu3 {
            builder.stu3_names();
        }
        embedded_terminology(version)?.add_to(&mut builder)?;
        let validator = Validator::new(library, Arc::new(builder.build()), Settings::default());
        let built = step.elapsed();
        let document = Document::from_json(PATIENT, version, &Limits::default())?;
        let request = Request {
            profiles: &[profile],
            ..Request::default()
        };
        let outcome = validator.validate(&document, &request);
        println!(
            "embedded {version:?}: structures open after {opened:?}, terminology after {built:?}, first resource \
             validated after {:?} ({} errors, {} unchecked)",
            step.elapsed(),
            outcome.errors(),
            outcome.unchecked().count()
        );
    }
    println!("cold start, both versions: {:?}", start.elapsed());
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    cold_start()?;
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
