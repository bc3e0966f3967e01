//! Reading resources into the tree, from JSON and from XML: megabytes a second on one core.
//!
//! `cargo bench -p samenhang-profiles --bench document`. A synthetic Bundle always; the examples of nl-core and the
//! messages in XML of the shared test data when they are there.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench prints and may stop"
)]

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::LazyLock;

use divan::Bencher;
use divan::counter::BytesCount;
use samenhang_profiles::document::Document;
use samenhang_profiles::json::check;
use samenhang_profiles::xml::to_json;
use samenhang_profiles::{FhirVersion, Limits};

static BUNDLE_JSON: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| vec![json(1_000)]);
static BUNDLE_XML: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| vec![xml(1_000)]);
static EXAMPLES_JSON: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| shared("nl-core-r4-examples", "json"));
static MESSAGES_XML: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| shared("fhir-test-cases-r4", "xml"));

fn main() {
    for (name, texts) in [
        ("nl-core-r4-examples", &EXAMPLES_JSON),
        ("fhir-test-cases-r4", &MESSAGES_XML),
    ] {
        let bytes: usize = texts.iter().map(Vec::len).sum();
        println!("{name}: {} files, {bytes} bytes", texts.len());
    }
    divan::main();
}

fn each(bencher: Bencher<'_, '_>, texts: &[Vec<u8>], read: impl Fn(&[u8]) -> usize + Sync) {
    let bytes: usize = texts.iter().map(Vec::len).sum();
    bencher
        .counter(BytesCount::new(bytes))
        .bench(|| texts.iter().map(|text| read(text)).sum::<usize>());
}

fn nodes_of_json(text: &[u8]) -> usize {
    Document::from_json(text, FhirVersion::R4, &Limits::default())
        .unwrap()
        .len()
}

fn nodes_of_xml(text: &[u8]) -> usize {
    // Some of the published cases are malformed on purpose.
    Document::from_xml(text, FhirVersion::R4, &Limits::default()).map_or(0, |document| document.len())
}

#[divan::bench]
fn bundle_json(bencher: Bencher<'_, '_>) {
    each(bencher, &BUNDLE_JSON, nodes_of_json);
}

/// The reader alone, to compare with: every byte is checked and no tree is made.
#[divan::bench]
fn bundle_json_checked_only(bencher: Bencher<'_, '_>) {
    each(bencher, &BUNDLE_JSON, |text| {
        check(text, &Limits::default()).map_or(0, |()| 1)
    });
}

#[divan::bench]
fn bundle_xml(bencher: Bencher<'_, '_>) {
    each(bencher, &BUNDLE_XML, nodes_of_xml);
}

#[divan::bench]
fn bundle_xml_to_json(bencher: Bencher<'_, '_>) {
    each(bencher, &BUNDLE_XML, |text| {
        to_json(text, FhirVersion::R4, &Limits::default()).map_or(0, |json| json.len())
    });
}

#[divan::bench]
fn examples_json(bencher: Bencher<'_, '_>) {
    each(bencher, &EXAMPLES_JSON, nodes_of_json);
}

#[divan::bench]
fn messages_xml(bencher: Bencher<'_, '_>) {
    each(bencher, &MESSAGES_XML, nodes_of_xml);
}

/// Files of a folder of the shared test data; none when it is not there.
fn shared(folder: &str, extension: &str) -> Vec<Vec<u8>> {
    let shared = std::env::var("SAMENHANG_SHARED").unwrap_or_else(|_| "../shared".to_owned());
    let root = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let files = std::fs::read_dir(root.join(shared).join("testdata").join(folder));
    let paths = files.into_iter().flatten().flatten().map(|entry| entry.path());
    paths
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .filter_map(|path| std::fs::read(path).ok())
        .collect()
}

fn json(count: usize) -> Vec<u8> {
    let mut text = String::from("{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[");
    for number in 0..count {
        let comma = if number == 0 { "" } else { "," };
        let _ = write!(
            text,
            "{comma}{{\"fullUrl\":\"https://source.example/fhir/Observation/{number}\",\"resource\":{{\
             \"resourceType\":\"Observation\",\"id\":\"{number}\",\"meta\":{{\"profile\":[\"http://nictiz.nl/fhir/StructureDefinition/nl-core-BodyWeight\"]}},\
             \"text\":{{\"status\":\"generated\",\"div\":\"<div xmlns=\\\"http://www.w3.org/1999/xhtml\\\">weight</div>\"}},\
             \"status\":\"final\",\"category\":[{{\"coding\":[{{\"system\":\"http://terminology.hl7.org/CodeSystem/observation-category\",\"code\":\"vital-signs\"}}]}}],\
             \"code\":{{\"coding\":[{{\"system\":\"http://loinc.org\",\"code\":\"29463-7\",\"display\":\"Body weight\"}}]}},\
             \"subject\":{{\"reference\":\"Patient/1\",\"type\":\"Patient\",\"display\":\"synthetic\"}},\
             \"effectiveDateTime\":\"2023-05-17T10:{:02}:00+02:00\",\"performer\":[{{\"reference\":\"Organization/1\"}}],\
             \"valueQuantity\":{{\"value\":{}.50,\"unit\":\"kg\",\"system\":\"http://unitsofmeasure.org\",\"code\":\"kg\"}}}}}}",
            number % 60,
            40 + number % 60,
        );
    }
    text.push_str("]}");
    text.into_bytes()
}

fn xml(count: usize) -> Vec<u8> {
    let mut text = String::from("<Bundle xmlns=\"http://hl7.org/fhir\"><type value=\"collection\"/>");
    for number in 0..count {
        let _ = write!(
            text,
            "<entry><fullUrl value=\"https://source.example/fhir/Observation/{number}\"/><resource><Observation>\
             <id value=\"{number}\"/><meta><profile value=\"http://nictiz.nl/fhir/StructureDefinition/nl-core-BodyWeight\"/></meta>\
             <text><status value=\"generated\"/><div xmlns=\"http://www.w3.org/1999/xhtml\">weight</div></text>\
             <status value=\"final\"/><category><coding><system value=\"http://terminology.hl7.org/CodeSystem/observation-category\"/><code value=\"vital-signs\"/></coding></category>\
             <code><coding><system value=\"http://loinc.org\"/><code value=\"29463-7\"/><display value=\"Body weight\"/></coding></code>\
             <subject><reference value=\"Patient/1\"/><type value=\"Patient\"/><display value=\"synthetic\"/></subject>\
             <effectiveDateTime value=\"2023-05-17T10:{:02}:00+02:00\"/><performer><reference value=\"Organization/1\"/></performer>\
             <valueQuantity><value value=\"{}.50\"/><unit value=\"kg\"/><system value=\"http://unitsofmeasure.org\"/><code value=\"kg\"/></valueQuantity>\
             </Observation></resource></entry>",
            number % 60,
            40 + number % 60,
        );
    }
    text.push_str("</Bundle>");
    text.into_bytes()
}
