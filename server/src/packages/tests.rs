use std::fs;

use samenhang_profiles::FhirVersion;
use samenhang_profiles::package::{Package, VersionRequest};

use super::{Findings, Folder, check, compiled};

const PROFILE: &str = r#"{"resourceType": "StructureDefinition", "url": "http://e/p", "kind": "resource", "type": "Patient",
    "derivation": "constraint", "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Patient",
    "differential": {"element": [{"path": "Patient.name", "min": 1}]}}"#;

/// A folder with one package in it.
fn folder(files: &[(&str, &str)]) -> (tempfile::TempDir, Folder) {
    let root = tempfile::tempdir().unwrap();
    let package = root.path().join("a.b#1.0.0").join("package");
    fs::create_dir_all(&package).unwrap();
    let manifest = r#"{"name": "a.b", "version": "1.0.0", "fhirVersions": ["4.0.1"],
        "dependencies": {"hl7.fhir.r4.core": "4.0.1", "gone": "2.0.0"}}"#;
    fs::write(package.join("package.json"), manifest).unwrap();
    for (name, body) in files {
        fs::write(package.join(name), body).unwrap();
    }
    let folder = Folder::at(root.path().to_owned());
    (root, folder)
}

fn findings(folder: &Folder) -> Findings {
    let (set, unusable) = folder.read().unwrap();
    let resolution = set.resolve(&[("a.b", VersionRequest::Latest)]);
    check(folder, &resolution, unusable).unwrap().findings
}

#[test]
fn what_is_unresolved_is_listed() {
    let unknown = PROFILE.replace("http://e/p", "http://e/q").replace(
        "\"min\": 1",
        r#""binding": {"strength": "required", "valueSet": "http://e/v|1"}"#,
    );
    let orphan = PROFILE
        .replace("http://e/p", "http://e/r")
        .replace("http://hl7.org/fhir/StructureDefinition/Patient", "http://e/none");
    let (root, folder) = folder(&[
        ("p.json", PROFILE),
        ("q.json", &unknown),
        ("r.json", &orphan),
        ("s.json", "{"),
    ]);
    fs::create_dir_all(root.path().join("b#1/package")).unwrap();
    let findings = findings(&folder);
    assert_eq!(findings.missing, ["gone#2.0.0 (needed by a.b#1.0.0)"]);
    assert_eq!(findings.without_snapshot.len(), 1);
    assert!(findings.without_snapshot[0].contains("http://e/none"));
    assert!(
        findings
            .unknown_value_sets
            .contains(&"http://e/v|1 (at Patient.name in http://e/q)".to_owned())
    );
    assert_eq!(findings.unread.len(), 1);
    assert_eq!(
        (&*findings.unusable[0].folder, findings.unusable[0].code),
        ("b#1", "SAM-PKG-004")
    );
}

#[test]
fn what_is_compiled_is_kept_by_the_hash_of_the_packages() {
    let (root, folder) = folder(&[("p.json", PROFILE)]);
    let (set, _) = folder.read().unwrap();
    let packages: Vec<&Package> = set.packages().collect();
    let first = compiled(&folder, FhirVersion::R4, &packages).unwrap();
    let second = compiled(&folder, FhirVersion::R4, &packages).unwrap();
    assert_eq!((first.cached, second.cached), (false, true));
    let element = |library: &dyn samenhang_profiles::definition::Library| {
        let definition = library.structure("http://e/p").unwrap();
        definition.element("Patient.name").unwrap().min
    };
    assert_eq!(
        (element(&*first.library), element(&*second.library)),
        (Some(1), Some(1))
    );
    // A damaged file is made again, and another package has another hash.
    let kept = fs::read_dir(root.path().join(".samenhang"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap();
    fs::write(kept.path(), b"damaged").unwrap();
    assert!(!compiled(&folder, FhirVersion::R4, &packages).unwrap().cached);
    let file = root.path().join("a.b#1.0.0/package/p.json");
    fs::write(file, PROFILE.replace("\"min\": 1", "\"min\": 0")).unwrap();
    let (set, _) = folder.read().unwrap();
    let changed: Vec<&Package> = set.packages().collect();
    assert!(!compiled(&folder, FhirVersion::R4, &changed).unwrap().cached);
}

#[test]
fn a_value_set_that_the_binary_has_under_another_name_is_known() {
    let root = tempfile::tempdir().unwrap();
    let package = root.path().join("a.b#1.0.0").join("package");
    fs::create_dir_all(&package).unwrap();
    let manifest = r#"{"name": "a.b", "version": "1.0.0", "fhirVersions": ["3.0.2"]}"#;
    fs::write(package.join("package.json"), manifest).unwrap();
    // STU3's name; what the binary has is R4's.
    let bound = |set: &str| {
        PROFILE.replace("http://e/p", &format!("http://e/{set}")).replace(
            "\"min\": 1",
            &format!(
                r#""binding": {{"strength": "required", "valueSetReference": {{"reference": "http://hl7.org/fhir/ValueSet/{set}"}}}}"#
            ),
        )
    };
    fs::write(package.join("p.json"), bound("v2-0131")).unwrap();
    fs::write(package.join("q.json"), bound("v2-9999")).unwrap();
    let folder = Folder::at(root.path().to_owned());
    assert_eq!(
        findings(&folder).unknown_value_sets,
        ["http://hl7.org/fhir/ValueSet/v2-9999 (at Patient.name in http://e/v2-9999)"]
    );
}
