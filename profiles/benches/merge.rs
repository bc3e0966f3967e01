//! The way of ten thousand Observations from eight sources into one answer: by splicing what was received, and by
//! way of `serde_json::Value`. `cargo bench -p samenhang-profiles --bench merge` prints the ratio first.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench prints and may stop"
)]

use std::collections::HashSet;
use std::fmt::Write as _;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use bytes::Bytes;
use samenhang_profiles::content::content_hash;
use samenhang_profiles::page::Page;
use samenhang_profiles::write::JsonWriter;
use samenhang_profiles::{Limits, RawResource};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

const SOURCES: usize = 8;
const EACH: usize = 1_250;

/// One page a source, of about 1.9 MB; one resource in ten stands at a second source too.
static PAGES: LazyLock<Vec<Bytes>> = LazyLock::new(|| (0..SOURCES).map(page).collect());

fn main() {
    let bytes: usize = PAGES.iter().map(Bytes::len).sum();
    assert_eq!(by_splice().1, by_value().1, "both ways keep the same resources");
    let (splice, value) = (best(|| by_splice().0.len()), best(|| by_value().0.len()));
    let rate = |time: Duration| bytes as f64 / 1e6 / time.as_secs_f64();
    println!(
        "merge of {} Observations, {:.1} MB: splice {splice:.1?} ({:.0} MB/s), serde_json::Value {value:.1?} ({:.0} MB/s), ratio {:.2}",
        SOURCES * EACH,
        bytes as f64 / 1e6,
        rate(splice),
        rate(value),
        value.as_secs_f64() / splice.as_secs_f64()
    );
    println!("reading alone: {:.0} MB/s", rate(best(|| read().len())));
    println!("content hash of all: {:.0} MB/s", {
        let all = read();
        rate(best(|| {
            all.iter().map(content_hash).filter(|hash| hash[0] == 0).count()
        }))
    });
    divan::main();
}

/// The shortest of some runs.
fn best(run: impl Fn() -> usize) -> Duration {
    let timed = || {
        let start = Instant::now();
        divan::black_box(run());
        start.elapsed()
    };
    (0..7).map(|_| timed()).min().unwrap_or_default()
}

#[divan::bench(sample_count = 20)]
fn splice() -> usize {
    by_splice().0.len()
}

#[divan::bench(sample_count = 20)]
fn value() -> usize {
    by_value().0.len()
}

fn read() -> Vec<RawResource> {
    let limits = Limits::default();
    PAGES
        .iter()
        .flat_map(|page| Page::read(page.clone(), &limits).unwrap().entries)
        .filter_map(|entry| entry.resource)
        .collect()
}

fn by_splice() -> (Bytes, usize) {
    let mut seen = HashSet::new();
    let mut kept: Vec<_> = read()
        .into_iter()
        .filter(|resource| seen.insert(content_hash(resource)))
        .collect();
    kept.sort_by(|a, b| (&b.keys().date, &a.keys().id).cmp(&(&a.keys().date, &b.keys().id)));
    let size = kept
        .iter()
        .map(|resource| resource.body().len() + 16)
        .sum::<usize>();
    let mut out = JsonWriter::with_capacity(size + 64);
    out.begin_object();
    out.field("resourceType", "Bundle");
    out.field("type", "searchset");
    out.key("entry");
    out.begin_array();
    for resource in &kept {
        out.begin_object();
        out.key("resource");
        out.raw(resource.body());
        out.end_object();
    }
    out.end_array();
    out.end_object();
    (out.finish(), kept.len())
}

fn by_value() -> (Vec<u8>, usize) {
    let mut seen = HashSet::new();
    let mut kept = Vec::new();
    for page in PAGES.iter() {
        let mut page: Value = serde_json::from_slice(page).unwrap();
        for entry in page["entry"].as_array_mut().unwrap() {
            let mut resource = entry["resource"].take();
            if seen.insert(hash_of_value(resource.as_object_mut().unwrap())) {
                kept.push(resource);
            }
        }
    }
    let text = |value: &Value, name: &str| value[name].as_str().map(str::to_owned);
    kept.sort_by_cached_key(|r| (std::cmp::Reverse(text(r, "effectiveDateTime")), text(r, "id")));
    let count = kept.len();
    let entries: Vec<Value> = kept
        .into_iter()
        .map(|resource| Value::Object(Map::from_iter([("resource".to_owned(), resource)])))
        .collect();
    let mut bundle = json!({ "resourceType": "Bundle", "type": "searchset" });
    bundle["entry"] = Value::Array(entries);
    (serde_json::to_vec(&bundle).unwrap(), count)
}

/// The same hash by way of a Value: its maps are in order of name.
fn hash_of_value(resource: &mut Map<String, Value>) -> [u8; 32] {
    let aside: Vec<_> = ["id", "meta", "text"]
        .into_iter()
        .filter_map(|name| resource.remove_entry(name))
        .collect();
    let hash = Sha256::digest(serde_json::to_vec(resource).unwrap()).into();
    resource.extend(aside);
    hash
}

fn page(source: usize) -> Bytes {
    let mut text = String::from("{\"resourceType\":\"Bundle\",\"type\":\"searchset\",\"entry\":[");
    for index in 0..EACH {
        let comma = if index == 0 { "" } else { "," };
        // Every tenth is a copy of what the source before has, under another id.
        let subject = if index % 10 == 0 {
            source.saturating_sub(1) * EACH + index + 1
        } else {
            source * EACH + index
        };
        let resource = observation(source, index, subject);
        let _ = write!(
            text,
            "{comma}\n{{\"fullUrl\":\"https://h{source}.example/fhir/Observation/o{index}\",\"resource\":{resource},\
             \"search\":{{\"mode\":\"match\"}}}}"
        );
    }
    text.push_str("]}");
    Bytes::from(text)
}

/// An Observation of about 1.4 KB; `subject` decides what it says, `source` and `index` where it stands.
fn observation(source: usize, index: usize, subject: usize) -> String {
    let (day, month, year) = (subject % 28 + 1, subject % 12 + 1, 2000 + subject % 25);
    let (whole, part) = (subject % 190, subject % 10);
    format!(
        r#"{{"resourceType":"Observation","id":"h{source}-o{index}",
"meta":{{"versionId":"{source}","lastUpdated":"2026-01-{day:02}T10:00:00+01:00","profile":["http://nictiz.nl/fhir/StructureDefinition/nl-core-LaboratoryTestResult"]}},
"text":{{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>Result {subject}</p></div>"}},
"identifier":[{{"system":"urn:oid:2.999.1.{part}","value":"result-{subject}"}}],
"status":"final",
"category":[{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"laboratory","display":"Laboratory"}}]}},
 {{"coding":[{{"system":"http://snomed.info/sct","code":"275711006","display":"Serum chemistry test"}}]}}],
"code":{{"coding":[{{"system":"http://loinc.org","code":"{part}7-{part}","display":"Test number {part}"}}],"text":"Test {part}"}},
"subject":{{"reference":"Patient/p1","type":"Patient","display":"Patient one"}},
"encounter":{{"reference":"Encounter/e{part}","type":"Encounter"}},
"effectiveDateTime":"{year}-{month:02}-{day:02}T08:30:00+01:00",
"performer":[{{"reference":"PractitionerRole/r{part}","type":"PractitionerRole","display":"Laboratory {part}"}}],
"valueQuantity":{{"value":{whole}.{part}0,"unit":"mmol/L","system":"http://unitsofmeasure.org","code":"mmol/L"}},
"interpretation":[{{"coding":[{{"system":"http://snomed.info/sct","code":"281302008","display":"Above reference range"}}]}}],
"referenceRange":[{{"low":{{"value":3.5,"unit":"mmol/L"}},"high":{{"value":{whole}.0,"unit":"mmol/L"}},"text":"usual"}}],
"specimen":{{"reference":"Specimen/s{part}","type":"Specimen"}}}}"#
    )
}
