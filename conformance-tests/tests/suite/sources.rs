//! Folders of FHIR files as holders, as `--source` makes them.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};

use samenhang_profiles::Bsn;
use samenhang_server::demo::DemoOptions;
use samenhang_testbed::TestbedConfig;
use samenhang_testbed::source::{self, SourceOption};
use serde_json::{Value, json};

use crate::answer::{Answer, lineage, part};
use crate::country::Country;

/// A folder of the shared test data. Without it a test says so and does nothing, unless it must be there.
fn shared(name: &str) -> Option<PathBuf> {
    let root = std::env::var_os("SAMENHANG_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared"),
        PathBuf::from,
    );
    let folder = root.join("testdata").join(name);
    if folder.is_dir() {
        return Some(folder);
    }
    let must = std::env::var_os("SAMENHANG_REQUIRE_SHARED").is_some_and(|value| value == "1");
    assert!(!must, "the shared test data {name} must be there and is not");
    let _ = writeln!(
        std::io::stderr(),
        "not tested: the shared test data {name} is not there (set SAMENHANG_SHARED)"
    );
    None
}

/// A country whose holders are those of `--source` options.
async fn country(options: &[String]) -> Country {
    let options: Vec<SourceOption> = options
        .iter()
        .map(|text| text.parse().unwrap_or_else(|error| panic!("{text}: {error}")))
        .collect();
    Country::with(DemoOptions {
        country: TestbedConfig {
            holders: source::holders(&options).expect("options that go together"),
            own_patients: false,
            ..TestbedConfig::default()
        },
        ..DemoOptions::default()
    })
    .await
}

/// `Type/id` of a resource.
fn name(resource: &Value) -> String {
    let of = |key: &str| resource[key].as_str().unwrap_or_default();
    format!("{}/{}", of("resourceType"), of("id"))
}

/// Every JSON resource of a folder, by `Type/id`.
fn read(folder: &Path) -> BTreeMap<String, Value> {
    let mut all = BTreeMap::new();
    for file in std::fs::read_dir(folder).expect("a folder") {
        let path = file.expect("a file").path();
        let text = std::fs::read_to_string(&path).expect("a text");
        let json: Value = serde_json::from_str(&text).expect("JSON");
        all.insert(name(&json), json);
    }
    all
}

/// What a resource refers to, as `Type/id`.
fn references(resource: &Value) -> BTreeSet<String> {
    fn collect(value: &Value, into: &mut BTreeSet<String>) {
        match value {
            Value::Object(fields) => {
                if let Some(reference) = fields.get("reference").and_then(Value::as_str) {
                    let mut parts = reference.rsplit('/');
                    if let (Some(id), Some(kind)) = (parts.next(), parts.next()) {
                        into.insert(format!("{kind}/{id}"));
                    }
                }
                fields.values().for_each(|value| collect(value, into));
            }
            Value::Array(items) => items.iter().for_each(|value| collect(value, into)),
            _ => {}
        }
    }
    let mut all = BTreeSet::new();
    collect(resource, &mut all);
    all
}

/// The number on a Patient, if it is one.
fn number(patient: &Value) -> Option<Bsn> {
    let identifiers = patient["identifier"].as_array()?;
    identifiers
        .iter()
        .filter(|one| one["system"] == "http://fhir.nl/fhir/NamingSystem/bsn")
        .find_map(|one| Bsn::parse(one["value"].as_str()?).ok())
}

fn shown(answer: &Answer) -> BTreeSet<String> {
    let mut shown = BTreeSet::new();
    for entry in answer.data() {
        shown.insert(name(&entry["resource"]));
        shown.extend(original(entry));
    }
    shown
}

/// Type and id at the holder of what was converted: the type of an order has changed between the versions.
fn original(entry: &Value) -> Option<String> {
    let address = part(lineage(entry)?, "original")?["valueString"].as_str()?;
    let mut ends = address.rsplit('/');
    let (id, kind) = (ends.next()?, ends.next()?);
    Some(format!("{kind}/{id}"))
}

/// Asks about every patient of a folder and looks for all that is theirs in the answer.
async fn nothing_is_lost(version: &str, folder: &Path, numbers: &[(&str, &str)]) {
    let mut option = format!("ura=1,name=Bron,fhir={version},dir={}", folder.display());
    for (patient, bsn) in numbers {
        option.push_str(&format!(",bsn={patient}:{bsn}"));
    }
    let country = country(&[option]).await;
    let all = read(folder);
    let report = &country.demo.testbed().reports()[0].endpoints[0];
    assert!(report.skipped.is_empty(), "{:?}", report.skipped);
    // One set has a resource twice; it is served once.
    let files = std::fs::read_dir(folder).expect("a folder").count();
    assert_eq!(
        (report.files, report.resources),
        (files, all.len()),
        "every file is served"
    );

    let mut patients: BTreeMap<Bsn, String> = BTreeMap::new();
    for (id, resource) in all.iter().filter(|(id, _)| id.starts_with("Patient/")) {
        let given = numbers
            .iter()
            .find(|(patient, _)| id.ends_with(&format!("/{patient}")));
        let given = given.map(|(_, bsn)| Bsn::parse(bsn).expect("a number"));
        if let Some(bsn) = number(resource).or(given) {
            patients.insert(bsn, id.clone());
        }
    }
    assert!(!patients.is_empty(), "a patient with a number");
    let localised: BTreeSet<&Bsn> = country.demo.patients().iter().collect();
    assert!(
        localised == patients.keys().collect(),
        "the patients that were found are those that are localised"
    );
    for (bsn, patient) in &patients {
        let answer = country.ask(bsn.expose()).await;
        assert_eq!(answer.status, 200, "{patient}: {}", answer.text);
        let rows = answer.rows();
        assert!(rows.iter().all(|row| row.holder == "00000001"));
        let wrong: Vec<_> = rows
            .iter()
            .filter(|row| !["answered", "empty", "unsupported"].contains(&row.status.as_str()))
            .collect();
        assert!(wrong.is_empty(), "{patient}: {wrong:?}");
        let shown = shown(&answer);
        assert!(shown.contains(patient), "{patient} itself");
        let mine: BTreeSet<&String> = all
            .iter()
            .filter(|(_, resource)| references(resource).contains(patient))
            .map(|(id, _)| id)
            .collect();
        let along: BTreeSet<String> = mine
            .iter()
            .flat_map(|id| references(&all[*id]))
            .filter(|id| all.contains_key(id))
            .collect();
        let lost: Vec<&String> = mine
            .into_iter()
            .chain(&along)
            .filter(|id| !shown.contains(*id))
            .collect();
        assert!(lost.is_empty(), "{patient}: lost {lost:?} of {}", shown.len());
    }
    country.stop().await;
}

#[tokio::test]
async fn the_shared_medmij_set_is_loaded_localised_and_answered() {
    if let Some(folder) = shared("bgz-stu3/medmij-3.0-test") {
        // The numbers in this set are masked.
        let numbers = [
            ("medmij-bgz-test-patA", "999990019"),
            ("medmij-bgz-test-patB", "999990020"),
        ];
        nothing_is_lost("stu3", &folder, &numbers).await;
    }
}

#[tokio::test]
async fn the_shared_msz_set_is_loaded_localised_and_answered() {
    if let Some(folder) = shared("bgz-stu3/msz-2.0-test") {
        nothing_is_lost("stu3", &folder, &[]).await;
    }
}

#[tokio::test]
async fn the_shared_r4_examples_are_loaded_localised_and_answered() {
    if let Some(folder) = shared("nl-core-r4-examples") {
        nothing_is_lost("r4", &folder, &[]).await;
    }
}

#[tokio::test]
async fn three_shared_folders_are_three_holders_of_one_country() {
    let names = [
        "bgz-stu3/medmij-3.0-test",
        "bgz-stu3/msz-2.0-test",
        "nl-core-r4-examples",
    ];
    let Some(folders) = names.map(shared).into_iter().collect::<Option<Vec<_>>>() else {
        return;
    };
    let options: Vec<String> = folders
        .iter()
        .zip([("1", "stu3"), ("2", "stu3"), ("3", "r4")])
        .map(|(folder, (ura, version))| {
            format!(
                "ura={ura},name=Bron {ura},fhir={version},dir={}",
                folder.display()
            )
        })
        .collect();
    let country = country(&options).await;
    let mut holders = BTreeSet::new();
    for bsn in country.demo.patients().clone() {
        let answer = country.ask(bsn.expose()).await;
        assert_eq!(answer.status, 200);
        assert!(
            !answer.holders().is_empty(),
            "nothing is shown: {:?}",
            answer.rows()
        );
        holders.extend(answer.holders());
    }
    assert!(holders.len() >= 2, "{holders:?}");
    country.stop().await;
}

const BSN: &str = "http://fhir.nl/fhir/NamingSystem/bsn";

fn patient(id: &str, bsn: &str) -> Value {
    json!({ "resourceType": "Patient", "id": id, "identifier": [{ "system": BSN, "value": bsn }],
            "name": [{ "family": "Proefpersoon" }], "birthDate": "1970-01-01", "gender": "female" })
}

fn allergy(id: &str, patient: &str, text: &str) -> Value {
    json!({ "resourceType": "AllergyIntolerance", "id": id, "code": { "text": text },
            "patient": { "reference": format!("Patient/{patient}") } })
}

#[tokio::test]
async fn a_bad_file_is_named_and_nothing_else_is_lost() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).expect("a file");
    let good = |name: &str, resource: &Value| write(name, resource.to_string().as_bytes());
    good("a-patient.json", &patient("p", "999990019"));
    good("b-allergy.json", &allergy("a", "p", "Pinda"));
    good("c-again.json", &allergy("a", "p", "Noten"));
    good("d-wrong.json", &patient("q", "999990018"));
    good("e-after.json", &allergy("z", "p", "Melk"));
    write(
        "truncated.json",
        &patient("r", "999990020").to_string().as_bytes()[..60],
    );
    write("doctype.xml", b"<?xml version=\"1.0\"?><!DOCTYPE Patient [<!ENTITY x SYSTEM \"file:///etc/hostname\">]><Patient xmlns=\"http://hl7.org/fhir\"><id value=\"&x;\"/></Patient>");
    write("image.png", &[0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a]);
    write("picture.json", &[0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a]);
    write("empty.json", b"");
    write("other.json", b"{\"some\": \"thing\"}");
    std::fs::create_dir(folder.path().join("below")).expect("a folder");
    good("below/f-deeper.json", &allergy("d", "p", "Soja"));

    let country = country(&[format!("ura=1,name=Bron,fhir=r4,dir={}", folder.path().display())]).await;
    let report = &country.demo.testbed().reports()[0].endpoints[0];
    let skipped: BTreeMap<String, &str> = report
        .skipped
        .iter()
        .map(|one| {
            let name = one
                .file
                .file_name()
                .map(|name| name.to_string_lossy().into_owned());
            (name.unwrap_or_default(), one.reason.as_str())
        })
        .collect();
    let names: BTreeSet<&str> = skipped.keys().map(String::as_str).collect();
    let expected = [
        "truncated.json",
        "doctype.xml",
        "image.png",
        "picture.json",
        "empty.json",
        "other.json",
    ];
    assert_eq!(names, expected.into(), "{skipped:?}");
    for (file, reason) in &skipped {
        assert!(reason.len() >= 5 && !reason.contains("99999"), "{file}: {reason}");
    }
    insta::assert_debug_snapshot!("skipped", skipped);
    // Of two resources with one id both are there, the later one under an id of its own.
    assert_eq!(report.repeated.len(), 1, "{:?}", report.repeated);
    assert_eq!(report.not_localised, ["q"]);
    let answer = country.ask("999990019").await;
    let texts: BTreeSet<&str> = answer
        .data()
        .filter_map(|entry| entry["resource"]["code"]["text"].as_str())
        .collect();
    assert_eq!(texts, ["Pinda", "Noten", "Melk", "Soja"].into());
    country.stop().await;
}

#[tokio::test]
async fn a_number_can_be_given_to_a_patient_without_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut nameless = patient("p", "");
    nameless.as_object_mut().expect("an object").remove("identifier");
    for (name, resource) in [("p.json", nameless), ("a.json", allergy("a", "p", "Pinda"))] {
        std::fs::write(folder.path().join(name), resource.to_string()).expect("a file");
    }
    let option = format!("ura=1,name=Bron,fhir=r4,dir={}", folder.path().display());
    let without = country(std::slice::from_ref(&option)).await;
    assert!(without.demo.patients().is_empty());
    assert_eq!(
        without.demo.testbed().reports()[0].endpoints[0].not_localised,
        ["p"]
    );
    let answer = without.ask("999990056").await;
    assert_eq!((answer.status, answer.data().count()), (200, 0));
    without.stop().await;

    let with = country(&[format!("{option},bsn=p:999990056")]).await;
    let answer = with.ask("999990056").await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(
        shown(&answer),
        ["AllergyIntolerance/a".to_owned(), "Patient/p".to_owned()].into()
    );
    with.stop().await;
}

#[tokio::test]
async fn a_folder_of_xml_is_a_holder_as_well() {
    let folder = tempfile::tempdir().expect("a folder");
    let patient = format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<Patient xmlns="http://hl7.org/fhir"><id value="p"/><identifier><system value="{BSN}"/><value value="999990019"/></identifier>
<name><family value="Proefpersoon"/></name><gender value="female"/><birthDate value="1970-01-01"/></Patient>"#
    );
    let observation = r#"<Observation xmlns="http://hl7.org/fhir"><id value="o"/><status value="final"/>
<category><coding><system value="http://terminology.hl7.org/CodeSystem/observation-category"/><code value="vital-signs"/></coding></category>
<code><coding><system value="http://loinc.org"/><code value="29463-7"/></coding></code>
<subject><reference value="Patient/p"/></subject><effectiveDateTime value="2026-01-02"/>
<valueQuantity><value value="70.50"/><unit value="kg"/><system value="http://unitsofmeasure.org"/><code value="kg"/></valueQuantity></Observation>"#;
    for (name, text) in [("p.xml", patient.as_str()), ("o.xml", observation)] {
        std::fs::write(folder.path().join(name), text).expect("a file");
    }
    let country = country(&[format!("ura=1,name=Bron,fhir=r4,dir={}", folder.path().display())]).await;
    let report = &country.demo.testbed().reports()[0].endpoints[0];
    assert!(report.skipped.is_empty(), "{:?}", report.skipped);
    let answer = country.ask("999990019").await;
    assert_eq!(
        shown(&answer),
        ["Observation/o".to_owned(), "Patient/p".to_owned()].into()
    );
    assert!(answer.text.contains("70.50"), "a decimal keeps its digits");
    country.stop().await;
}
