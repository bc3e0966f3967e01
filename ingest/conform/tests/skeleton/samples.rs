//! Drafts from a sample of what a source sends.

use samenhang_conform::Format;
use samenhang_conform::csv::{self, Settings, Table};
use samenhang_conform::skeleton::{DraftError, Sample, from_sample};
use samenhang_profiles::Limits;
use samenhang_profiles::document::Document;

use super::*;

const PATIENTS: &str = include_str!("../formats/csv/patients.csv");
const OBSERVATIONS: &str = include_str!("../formats/csv/observations.csv");

fn rows<'t>(tables: &[(&'t str, &'t str)]) -> Document<'static> {
    let tables: Vec<Table<'_>> = tables.iter().map(|(name, text)| Table::new(name, text)).collect();
    csv::read(&tables, &Settings::default(), &Limits::default()).unwrap()
}

fn draft_of(format: Format, documents: &[&Document<'_>], targets: &[&str]) -> Result<Draft, DraftError> {
    let library = embedded(FhirVersion::R4).unwrap();
    let catalogue = catalogue(FhirVersion::R4);
    let target = Side {
        library: &*library,
        expand: &|set| codes(&catalogue, set),
    };
    let sample = Sample {
        format,
        charset: None,
        documents,
    };
    from_sample("draft", &sample, targets, &target)
}

fn whole(draft: &Draft) -> String {
    let files = draft
        .files
        .iter()
        .map(|(name, text)| format!("--- {name}\n{text}"));
    files.collect::<Vec<_>>().join("\n")
}

#[test]
fn an_export_gives_maps_with_what_the_names_of_its_columns_say() {
    let tables = rows(&[("patients", PATIENTS), ("observations", OBSERVATIONS)]);
    let targets = [
        "nl-core-Patient",
        "nl-core-LaboratoryTestResult",
        "nl-core-BodyWeight",
    ];
    let draft = draft_of(Format::Csv, &[&tables], &targets).unwrap();
    let text = whole(&draft);
    insta::assert_snapshot!(text);
    let pack = compiled(&draft);
    assert_eq!(pack.check(&*embedded(FhirVersion::R4).unwrap()), []);
    // No value of the sample is in it.
    for value in [
        "999902003",
        "Proef",
        "Testman",
        "03-02-1971",
        "nuchter",
        "definitief",
        "Lichaamsgewicht",
    ] {
        assert!(!text.contains(value), "{value}");
    }
    assert_eq!(draft, draft_of(Format::Csv, &[&tables], &targets).unwrap());
}
