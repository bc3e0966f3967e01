use std::fs;

use samenhang_profiles::{Bsn, FhirVersion};

use super::{FolderError, Loaded, load};
use crate::source::fixtures::shared_data;
use crate::source::patient::known_bsns;

fn numbers(loaded: &Loaded) -> Vec<String> {
    known_bsns(&loaded.store)
        .iter()
        .map(|bsn| bsn.expose().to_owned())
        .collect()
}

fn loaded(result: Result<Loaded, FolderError>) -> Loaded {
    result.unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn every_shape_of_file_is_read_and_bad_ones_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write(
        "a/one.json",
        "\u{feff}{\"resourceType\":\"Patient\",\"id\":\"p\",\"multipleBirthInteger\":1.0}\n",
    );
    write(
        "a/b/bundle.json",
        r#"{"resourceType":"Bundle","type":"collection","entry":[
            {"fullUrl":"urn:uuid:7","resource":{"resourceType":"Flag","subject":{"reference":"urn:uuid:8"}}},
            {"fullUrl":"urn:uuid:8","resource":{"resourceType":"Patient"}},
            {"resource":{"nothing":true}},
            {"resource":{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Goal","id":"g"}}]}}]}"#,
    );
    write(
        "lines.ndjson",
        "{\"resourceType\":\"Flag\",\"id\":\"f1\"}\n\n{broken\n{\"resourceType\":\"Flag\",\"id\":\"f2\"}\n",
    );
    write(
        "lines.json",
        "{\"resourceType\":\"Flag\",\"id\":\"f3\"}\n{\"resourceType\":\"Flag\",\"id\":\"f1\",\"status\":\"active\"}",
    );
    write("broken.json", "{\"resourceType\":");
    write("package.json", "{\"name\":\"not fhir\"}");
    write("README.md", "named");
    write(".hidden", "not looked at");
    write("empty.json", " \n");
    let loaded = loaded(load(folder.path(), FhirVersion::R4, &[]));
    let locals: Vec<String> = loaded
        .store
        .iter()
        .map(|(_, resource)| resource.local())
        .collect();
    assert_eq!(
        locals,
        [
            "Flag/7",
            "Patient/8",
            "Goal/g",
            "Patient/p",
            "Flag/f3",
            "Flag/f1",
            "Flag/f1-2",
            "Flag/f2"
        ]
    );
    assert_eq!(loaded.files, 4);
    let mut skipped: Vec<String> = loaded
        .skipped
        .iter()
        .map(|skipped| {
            format!(
                "{} {}",
                skipped.file.file_name().unwrap().display(),
                skipped.reason
            )
        })
        .collect();
    skipped.sort();
    assert_eq!(skipped.len(), 6, "{skipped:?}");
    assert!(skipped[0].starts_with("README.md not a .json"));
    assert!(skipped[1].starts_with("broken.json not well-formed JSON at line 1"));
    assert_eq!(skipped[2], "bundle.json entry 3: no resourceType");
    assert_eq!(skipped[3], "empty.json empty");
    assert!(skipped[4].starts_with("lines.ndjson line 3: not well-formed"));
    assert_eq!(skipped[5], "package.json no resourceType");
    assert_eq!(loaded.repeated.len(), 1);
    assert_eq!(loaded.repeated[0].served_as, "f1-2");
    assert_eq!(loaded.not_localised, ["8", "p"]);
    let patient = loaded
        .store
        .get(loaded.store.find("Patient", "p").unwrap())
        .unwrap();
    assert_eq!(
        patient.bytes().as_ref(),
        br#"{"resourceType":"Patient","id":"p","multipleBirthInteger":1.0}"#
    );
}

#[test]
fn xml_is_read_beside_json_and_keeps_its_digits() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write(
        "bundle.xml",
        r#"<?xml version="1.0" encoding="UTF-8"?>
        <Bundle xmlns="http://hl7.org/fhir"><type value="collection"/>
          <entry><fullUrl value="urn:uuid:9"/><resource><Patient>
            <identifier><system value="http://fhir.nl/fhir/NamingSystem/bsn"/><value value="999990019"/></identifier>
          </Patient></resource></entry>
          <entry><resource><Observation><id value="o"/><status value="final"/><subject><reference value="urn:uuid:9"/></subject>
            <valueQuantity><value value="7.20"/></valueQuantity></Observation></resource></entry>
        </Bundle>"#,
    );
    write(
        "broken.xml",
        "<Patient xmlns=\"http://hl7.org/fhir\"><id value=\"x\"/>",
    );
    write("other.xml", "<project><name>not fhir</name></project>");
    let loaded = loaded(load(folder.path(), FhirVersion::R4, &[]));
    assert_eq!(numbers(&loaded), ["999990019"]);
    let found = loaded.store.find("Observation", "o").unwrap();
    let observation = loaded.store.get(found).unwrap();
    assert_eq!(
        observation.json().at("subject.reference")[0].as_str(),
        Some("Patient/9")
    );
    assert!(observation.bytes().windows(4).any(|part| part == b"7.20"));
    assert_eq!(
        (loaded.files, loaded.skipped.len()),
        (1, 2),
        "{:?}",
        loaded.skipped
    );
}

#[test]
fn one_id_for_two_patients_in_two_files_is_no_mix_up() {
    let folder = tempfile::tempdir().unwrap();
    let bundle = |born: &str, flag: &str| {
        format!(
            r#"{{"resourceType":"Bundle","entry":[
              {{"fullUrl":"http://x/Patient/1","resource":{{"resourceType":"Patient","id":"1","birthDate":"{born}"}}}},
              {{"resource":{{"resourceType":"Organization","id":"o"}}}},
              {{"resource":{{"resourceType":"Flag","id":"{flag}","subject":{{"reference":"http://x/Patient/1"}}}}}}]}}"#
        )
    };
    fs::write(folder.path().join("a.json"), bundle("1970-01-01", "f")).unwrap();
    fs::write(folder.path().join("b.json"), bundle("1980-01-01", "g")).unwrap();
    let loaded = loaded(load(folder.path(), FhirVersion::R4, &[]));
    let subject = |id: &str| {
        let flag = loaded.store.get(loaded.store.find("Flag", id).unwrap()).unwrap();
        let reference = flag.json().at("subject.reference")[0]
            .as_str()
            .unwrap()
            .to_owned();
        let patient = loaded
            .store
            .get(loaded.store.resolve(&reference).unwrap())
            .unwrap();
        patient.json().str("birthDate").map(str::to_owned)
    };
    assert_eq!(subject("f").as_deref(), Some("1970-01-01"));
    assert_eq!(subject("g").as_deref(), Some("1980-01-01"));
    let served: Vec<_> = loaded
        .repeated
        .iter()
        .map(|one| (one.served_as.as_str(), one.same))
        .collect();
    assert_eq!(served, [("1-2", false), ("o", true)]);
}

#[test]
fn a_number_for_nobody_and_an_empty_folder_are_errors() {
    let folder = tempfile::tempdir().unwrap();
    let code = |result: Result<Loaded, FolderError>| result.err().map(|error| error.code());
    assert_eq!(
        code(load(folder.path(), FhirVersion::R4, &[])),
        Some("SAM-TST-102")
    );
    assert_eq!(
        code(load(&folder.path().join("x"), FhirVersion::R4, &[])),
        Some("SAM-TST-101")
    );
    fs::write(
        folder.path().join("p.json"),
        r#"{"resourceType":"Patient","id":"p"}"#,
    )
    .unwrap();
    let number = ("q".to_owned(), Bsn::parse("999990019").unwrap());
    assert_eq!(
        code(load(folder.path(), FhirVersion::R4, &[number])),
        Some("SAM-TST-103")
    );
}

#[test]
fn the_shared_stu3_sets_load_completely() {
    let Some(folder) = shared_data("bgz-stu3") else {
        return;
    };
    let loaded = loaded(load(&folder, FhirVersion::Stu3, &[]));
    assert_eq!((loaded.files, loaded.store.len()), (168, 167));
    assert!(loaded.skipped.is_empty(), "{:?}", loaded.skipped);
    assert_eq!((loaded.repeated.len(), loaded.repeated[0].same), (1, true));
    assert_eq!(numbers(&loaded), ["999901370", "999901497"]);
    assert_eq!(
        loaded.not_localised,
        ["medmij-bgz-test-patA", "medmij-bgz-test-patB"]
    );
}

#[test]
fn a_masked_patient_of_the_shared_set_gets_a_number() {
    let Some(folder) = shared_data("bgz-stu3/medmij-3.0-test") else {
        return;
    };
    let number = (
        "medmij-bgz-test-patA".to_owned(),
        Bsn::parse("999990019").unwrap(),
    );
    let loaded = loaded(load(&folder, FhirVersion::Stu3, &[number]));
    assert_eq!(loaded.files, 60);
    assert_eq!(numbers(&loaded), ["999990019"]);
    assert_eq!(loaded.not_localised, ["medmij-bgz-test-patB"]);
}

#[test]
fn the_shared_r4_set_loads_completely() {
    let Some(folder) = shared_data("nl-core-r4-examples") else {
        return;
    };
    let loaded = loaded(load(&folder, FhirVersion::R4, &[]));
    assert_eq!(
        (loaded.files, loaded.store.len(), loaded.skipped.len()),
        (138, 138, 0)
    );
    assert_eq!(numbers(&loaded), ["111222333"]);
    assert_eq!(loaded.not_localised.len(), 2);
}
