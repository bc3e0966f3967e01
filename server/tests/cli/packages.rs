//! `samenhang packages list|add|check`.

use std::fs;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::process::{Done, run};

const MANIFEST: &str =
    r#"{"name": "a.b", "version": "1.0.0", "fhirVersions": ["4.0.1"], "license": "CC0-1.0"}"#;

const PROFILE: &str = r#"{"resourceType": "StructureDefinition", "url": "http://e/p", "kind": "resource", "type": "Patient",
    "derivation": "constraint", "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Patient",
    "differential": {"element": [{"path": "Patient.name", "min": 1}]}}"#;

/// Writes an archive with these files, under these very names.
fn archive(folder: &Path, name: &str, files: &[(&str, &str)]) -> PathBuf {
    let path = folder.join(name);
    let mut archive = tar::Builder::new(GzEncoder::new(
        fs::File::create(&path).unwrap(),
        Compression::fast(),
    ));
    for (name, body) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(body.len() as u64);
        header.set_mode(0o644);
        // Set by hand: the way of the library refuses a name that leaves the folder.
        header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_cksum();
        archive.append(&header, body.as_bytes()).unwrap();
    }
    archive.into_inner().unwrap().finish().unwrap();
    path
}

fn packages(folder: &Path, args: &[&str]) -> Done {
    let folder = folder.join("packages");
    run(&[&["packages"], args, &["--folder", folder.to_str().unwrap()]].concat())
}

fn answer(done: &Done) -> Value {
    serde_json::from_str(&done.out).unwrap_or_else(|error| panic!("{error}: {}{}", done.out, done.err))
}

#[test]
fn a_package_is_added_listed_and_checked() {
    let root = tempfile::tempdir().unwrap();
    let files = [("package/package.json", MANIFEST), ("package/p.json", PROFILE)];
    let file = archive(root.path(), "a.tgz", &files);
    assert_eq!(
        answer(&packages(root.path(), &["list"]))["packages"],
        json!([]),
        "a folder that is not there is empty"
    );
    let package = json!({"name": "a.b", "version": "1.0.0", "fhirVersion": "4.0.1", "license": "CC0-1.0",
        "definitions": 1, "valueSets": 0, "codeSystems": 0});
    // The second time it takes the place of the first.
    for _ in 0..2 {
        let done = packages(root.path(), &["add", file.to_str().unwrap()]);
        assert_eq!((done.status, done.err.as_str()), (Some(0), ""));
        assert_eq!(answer(&done), json!([package]));
    }
    let done = packages(root.path(), &["list"]);
    assert_eq!(done.status, Some(0), "{}", done.err);
    assert_eq!(answer(&done)["packages"], json!([package]));
    // The second time what is compiled comes from the folder.
    for _ in 0..2 {
        let done = packages(root.path(), &["check", "a.b"]);
        assert_eq!(done.status, Some(0), "{}{}", done.out, done.err);
        let report = answer(&done);
        assert_eq!(
            (&report["packages"], &report["definitions"]),
            (&json!(["a.b#1.0.0"]), &json!(1))
        );
    }
}

#[test]
fn what_is_unresolved_ends_with_status_1_and_is_listed() {
    let root = tempfile::tempdir().unwrap();
    let orphan = PROFILE.replace("StructureDefinition/Patient", "StructureDefinition/Absent");
    let needs = MANIFEST.replace(
        "\"license\"",
        "\"dependencies\": {\"gone\": \"2.0.0\"}, \"license\"",
    );
    let files = [
        ("package/package.json", needs.as_str()),
        ("package/p.json", &orphan),
    ];
    let file = archive(root.path(), "a.tgz", &files);
    assert_eq!(
        packages(root.path(), &["add", file.to_str().unwrap()]).status,
        Some(0)
    );
    let done = packages(root.path(), &["check"]);
    assert_eq!(done.status, Some(1), "{}", done.err);
    let findings = &answer(&done)["findings"];
    assert_eq!(findings["missing"], json!(["gone#2.0.0 (needed by a.b#1.0.0)"]));
    assert_eq!(findings["withoutSnapshot"].as_array().map(Vec::len), Some(1));
    // A package that nobody added.
    let done = packages(root.path(), &["check", "x.y@1.x"]);
    assert_eq!(done.status, Some(1), "{}", done.err);
    assert_eq!(
        answer(&done)["findings"]["missing"].as_array().map(Vec::len),
        Some(1)
    );
}

#[test]
fn an_archive_that_is_none_or_leaves_its_folder_is_refused_and_writes_nothing() {
    let root = tempfile::tempdir().unwrap();
    let manifest = ("package/package.json", MANIFEST);
    let named = |name: &str| MANIFEST.replace("a.b", name);
    let broken = root.path().join("broken.tgz");
    fs::write(&broken, b"\x1f\x8b no archive").unwrap();
    let cases = [
        (broken, "SAM-PKG-"),
        (
            archive(
                root.path(),
                "up.tgz",
                &[manifest, ("package/../../../evil.json", "{}")],
            ),
            "SAM-PKG-",
        ),
        (
            archive(root.path(), "root.tgz", &[manifest, ("/tmp/evil.json", "{}")]),
            "SAM-PKG-",
        ),
        (
            archive(
                root.path(),
                "name.tgz",
                &[("package/package.json", &named("../evil"))],
            ),
            "has no usable name",
        ),
        (
            archive(root.path(), "none.tgz", &[("package/p.json", PROFILE)]),
            "is missing",
        ),
    ];
    let before = fs::read_dir(root.path()).unwrap().count();
    for (file, text) in cases {
        let done = packages(root.path(), &["add", file.to_str().unwrap()]);
        assert_eq!(done.status, Some(1), "{}: {}", file.display(), done.err);
        assert_eq!(answer(&done), json!([]));
        assert!(
            done.err.contains(text) && !done.err.contains("panicked"),
            "{}",
            done.err
        );
        assert_eq!(
            fs::read_dir(root.path()).unwrap().count(),
            before,
            "{}",
            file.display()
        );
    }
}

#[test]
fn wrong_input_is_named_before_anything_is_done() {
    let root = tempfile::tempdir().unwrap();
    let file = archive(root.path(), "a.tgz", &[("package/package.json", MANIFEST)]);
    let file = file.to_str().unwrap();
    for (args, text) in [
        (vec!["add"], "<FILE>"),
        (vec!["add", file, "absent.tgz"], "there is no file absent.tgz"),
        (vec!["remove"], "remove"),
    ] {
        let done = packages(root.path(), &args);
        assert_eq!((done.status, done.out.as_str()), (Some(2), ""), "{}", done.err);
        assert!(
            done.err.contains(text) && !done.err.contains("panicked"),
            "{}",
            done.err
        );
        assert!(!root.path().join("packages").exists());
    }
    // A folder that is a file.
    fs::write(root.path().join("packages"), "").unwrap();
    for args in [vec!["list"], vec!["add", file], vec!["check"]] {
        let done = packages(root.path(), &args);
        assert_eq!(done.status, Some(1), "{args:?}: {}", done.err);
        assert!(done.err.contains("SAM-PKG-006"), "{args:?}: {}", done.err);
    }
}
