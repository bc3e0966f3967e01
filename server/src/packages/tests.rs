use std::fs;

use samenhang_profiles::FhirVersion;
use samenhang_profiles::package::{Package, VersionRequest};

use super::install::install;
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

/// The smallest number of names that the profile of the only package asks for.
fn names(folder: &Folder) -> Option<u32> {
    let (set, unusable) = folder.read().unwrap();
    assert_eq!(unusable, []);
    let packages: Vec<&Package> = set.packages().collect();
    assert_eq!(packages.len(), 1);
    let compiled = compiled(folder, FhirVersion::R4, &packages).unwrap();
    let definition = compiled.library.structure("http://e/p").unwrap();
    definition.element("Patient.name").unwrap().min
}

fn hidden(root: &std::path::Path) -> Vec<String> {
    let names = fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    let mut hidden: Vec<String> = names.filter(|name| name.starts_with('.')).collect();
    hidden.sort();
    hidden
}

#[test]
fn a_machine_that_stops_while_a_package_is_replaced_leaves_one_of_the_two() {
    let (root, folder) = folder(&[("p.json", PROFILE)]);
    let (place, old) = (root.path().join("a.b#1.0.0"), root.path().join(".old-a.b#1.0.0"));
    let half = root.path().join(".new-a.b#1.0.0/package");
    // It stopped while the new one was written.
    fs::create_dir_all(&half).unwrap();
    fs::write(half.join("package.json"), "{").unwrap();
    assert_eq!(names(&folder), Some(1));
    // It stopped between the two renames.
    fs::rename(&place, &old).unwrap();
    assert_eq!(names(&folder), Some(1));
    // Who adds next clears both away, and has the old one in its place.
    let manifest = |name: &str| format!(r#"{{"name": "{name}", "version": "1", "fhirVersions": ["4.0.1"]}}"#);
    let files = |name: &str| vec![("package.json".to_owned(), manifest(name).into())];
    install(&folder, "c.d#1", files("c.d")).unwrap();
    assert!(place.is_dir() && root.path().join("c.d#1/package/package.json").is_file());
    assert_eq!(hidden(root.path()), [".samenhang"]);
    // It stopped before the old one was removed.
    fs::create_dir_all(old.join("package")).unwrap();
    install(&folder, "c.d#1", files("c.d")).unwrap();
    fs::remove_dir_all(root.path().join("c.d#1")).unwrap();
    assert_eq!(names(&folder), Some(1));
    assert_eq!(hidden(root.path()), [".samenhang"]);
}

#[test]
fn a_new_package_replaces_every_file_of_the_old_one() {
    let (root, folder) = folder(&[("p.json", PROFILE), ("q.json", "{}")]);
    let manifest = r#"{"name": "a.b", "version": "1.0.0", "fhirVersions": ["4.0.1"]}"#;
    let changed = PROFILE.replace("\"min\": 1", "\"min\": 2");
    let files = vec![
        ("package.json".to_owned(), manifest.into()),
        ("p.json".to_owned(), changed.into()),
    ];
    install(&folder, "a.b#1.0.0", files).unwrap();
    assert_eq!(names(&folder), Some(2));
    assert!(!root.path().join("a.b#1.0.0/package/q.json").exists());
    assert_eq!(hidden(root.path()), [".samenhang"]);
}

#[test]
fn a_package_for_another_version_of_fhir_is_told_by_its_manifest() {
    let root = tempfile::tempdir().unwrap();
    let package = root.path().join("a.b#1").join("package");
    fs::create_dir_all(&package).unwrap();
    fs::write(
        package.join("package.json"),
        r#"{"name": "a.b", "version": "1", "fhirVersions": ["5.0.0"]}"#,
    )
    .unwrap();
    let (set, unusable) = Folder::at(root.path().to_owned()).read().unwrap();
    assert_eq!((set.packages().count(), unusable[0].code), (0, "SAM-PKG-005"));
}
