//! Measures a cold start: open the embedded pack and its terminology, compile nl-core-Patient, validate one resource.
//!
//! `cargo run --release -p samenhang-profiles --example measure-cold-start`

#![expect(clippy::print_stdout, reason = "what it is for")]

use std::error::Error;
use std::sync::Arc;
use std::time::Instant;

use samenhang_profiles::document::Document;
use samenhang_profiles::pack::{embedded, embedded_terminology};
use samenhang_profiles::validate::{Request, Settings, Validator};
use samenhang_profiles::{FhirVersion, Limits};
use samenhang_terminology::Builder;

const PROFILE: &str = "http://nictiz.nl/fhir/StructureDefinition/nl-core-Patient";

/// A patient that was made up.
const PATIENT: &[u8] = br#"{"resourceType": "Patient", "identifier": [{"system":
    "http://fhir.nl/fhir/NamingSystem/bsn", "value": "999900006"}], "name": [{"use": "official",
    "text": "Anna Jansen"}], "gender": "female", "birthDate": "1970-03-28"}"#;

fn main() -> Result<(), Box<dyn Error>> {
    let start = Instant::now();
    let library = embedded(FhirVersion::R4)?;
    println!("definitions open: {:?}", start.elapsed());
    let mut builder = Builder::new();
    embedded_terminology(FhirVersion::R4)?.add_to(&mut builder)?;
    let catalogue = builder.build();
    println!("with terminology: {:?}", start.elapsed());
    let validator = Validator::new(library, Arc::new(catalogue), Settings::default());
    let request = Request {
        profiles: &[PROFILE],
        ..Request::default()
    };
    for what in ["with the first patient validated", "and a second"] {
        let document = Document::from_json(PATIENT, FhirVersion::R4, &Limits::default())?;
        let outcome = validator.validate(&document, &request);
        println!("{what}: {:?} ({:?})", start.elapsed(), outcome.verdict());
    }
    Ok(())
}
