use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use tar::{Builder, EntryType, Header};

use super::{
    ArchiveLimits, Conflict, Missing, Package, PackageError, PackageSet, PackageVersion, VersionRequest,
};
use crate::FhirVersion;
use crate::definition::DefinitionSet;

const MANIFEST: &str =
    r#"{"name": "a.b", "version": "1.0.0", "fhirVersions": ["4.0.1"], "license": "CC0-1.0"}"#;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// An entry with a name that a well-meant library would not write.
fn entry(builder: &mut Builder<Vec<u8>>, name: &str, kind: EntryType, content: &[u8]) {
    let mut header = Header::new_gnu();
    header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
    header.set_entry_type(kind);
    header.set_size(content.len() as u64);
    header.set_mode(0o644);
    if kind.is_symlink() {
        header.set_link_name("package/package.json").unwrap();
    }
    header.set_cksum();
    builder.append(&header, content).unwrap();
}

fn archive(files: &[(&str, &str)]) -> Vec<u8> {
    let mut builder = Builder::new(Vec::new());
    for (name, content) in files {
        entry(&mut builder, name, EntryType::Regular, content.as_bytes());
    }
    gzip(&builder.into_inner().unwrap())
}

fn read(archive: &[u8]) -> Result<Package, PackageError> {
    Package::read(archive, &ArchiveLimits::default())
}

#[test]
fn a_package_is_its_manifest_and_what_can_be_referred_to() {
    let archive = archive(&[
        ("package/package.json", MANIFEST),
        ("package/.index.json", "{}"),
        (
            "package/b.json",
            "\u{feff}{\"resourceType\": \"ValueSet\", \"url\": \"http://e/v\", \"version\": \"2\", \"id\": \"b\"}",
        ),
        ("package/n.json", r#"{"resourceType": "NamingSystem", "id": "n"}"#),
        ("package/p.json", r#"{"resourceType": "Patient", "id": "p"}"#),
        ("package/broken.json", "{"),
        ("package/example/e.json", "{"),
        ("package/readme.md", "# read me"),
        (
            "package/s.json",
            r#"{"resourceType": "StructureDefinition", "url": "http://e/s", "kind": "resource", "type": "Patient"}"#,
        ),
    ]);
    let package = read(&archive).unwrap();
    assert_eq!(
        (&*package.manifest.name, &*package.manifest.version),
        ("a.b", "1.0.0")
    );
    assert_eq!(package.fhir_version(), FhirVersion::R4);
    let files: Vec<_> = package.resources.iter().map(|resource| &*resource.file).collect();
    assert_eq!(files, ["b.json", "n.json", "s.json"]);
    assert_eq!(package.resources[0].version.as_deref(), Some("2"));
    assert_eq!(package.unread.len(), 1);
    assert_eq!(package.of_type("ValueSet").count(), 1);
    let mut set = DefinitionSet::new(FhirVersion::R4);
    assert_eq!(package.add_definitions(&mut set), []);
    assert_eq!(set.urls().collect::<Vec<_>>(), ["http://e/s"]);
}

#[test]
fn a_manifest_must_be_usable() {
    let refused = |manifest: &str| read(&archive(&[("package/package.json", manifest)])).unwrap_err();
    assert_eq!(
        read(&archive(&[("package/x.json", "{}")])),
        Err(PackageError::Manifest("is missing"))
    );
    assert_eq!(
        refused(r#"{"version": "1"}"#),
        PackageError::Manifest("has no usable name")
    );
    // A name becomes the name of a folder.
    assert_eq!(
        refused(r#"{"name": "../a", "version": "1", "fhirVersions": ["4.0.1"]}"#),
        PackageError::Manifest("has no usable name")
    );
    assert_eq!(
        refused(r#"{"name": "a", "version": "1", "fhirVersions": ["5.0.0"]}"#),
        PackageError::FhirVersion
    );
    assert_eq!(
        refused(r#"{"name": "a", "version": "1"}"#),
        PackageError::FhirVersion
    );
    let old = r#"{"name": "nl.stu3.zib", "version": "1"}"#;
    let old = read(&archive(&[("package/package.json", old)])).unwrap();
    assert_eq!(old.fhir_version(), FhirVersion::Stu3);
}

#[test]
fn entries_that_could_leave_their_folder_are_refused() {
    let refused = |name: &str, kind: EntryType, reason: &'static str| {
        let mut builder = Builder::new(Vec::new());
        entry(
            &mut builder,
            "package/package.json",
            EntryType::Regular,
            MANIFEST.as_bytes(),
        );
        entry(&mut builder, name, kind, b"");
        let archive = gzip(&builder.into_inner().unwrap());
        assert_eq!(read(&archive), Err(PackageError::UnsafeEntry(reason)), "{name}");
    };
    refused(
        "package/../../etc/x.json",
        EntryType::Regular,
        "a path that leaves its folder",
    );
    refused("/etc/x.json", EntryType::Regular, "an absolute path");
    refused("C:/x.json", EntryType::Regular, "an absolute path");
    refused(
        "package\\..\\x.json",
        EntryType::Regular,
        "named with a backslash or a zero",
    );
    refused("package/x.json", EntryType::Symlink, "a link");
    refused("package/x.json", EntryType::Link, "a link");
    refused("package/x", EntryType::Char, "neither a file nor a folder");
    refused("package/x", EntryType::Fifo, "neither a file nor a folder");
}

#[test]
fn every_limit_holds_and_is_named() {
    let limited = |archive: &[u8], limits: ArchiveLimits, what: &'static str, limit: u64| {
        let found = Package::read(archive, &limits);
        assert_eq!(found, Err(PackageError::Limit { what, limit }));
    };
    let limits = ArchiveLimits::default();
    let zeros = "0".repeat(32 << 20);
    let bomb = archive(&[("package/package.json", MANIFEST), ("package/readme", &zeros)]);
    limited(&bomb, limits, "bytes of content for each byte of archive", 100);
    let few = ArchiveLimits {
        max_total: 1 << 20,
        ..limits
    };
    limited(&bomb, few, "bytes of content", 1 << 20);
    let small = ArchiveLimits {
        max_file: 10,
        ..limits
    };
    limited(&bomb, small, "bytes in a file", 10);
    let one = ArchiveLimits {
        max_entries: 1,
        ..limits
    };
    limited(&bomb, one, "entries", 1);
    limited(&gzip(&bomb), limits, "level of compression", 1);
}

#[test]
fn what_is_no_archive_is_an_error() {
    let whole = archive(&[("package/package.json", MANIFEST)]);
    for bytes in [
        b"".as_slice(),
        b"{}",
        &whole[..whole.len() / 2],
        &gzip(b"not a tar"),
    ] {
        assert!(matches!(
            read(bytes),
            Err(PackageError::Archive(_) | PackageError::Manifest(_))
        ));
    }
}

#[test]
fn versions_have_the_order_of_semantic_versioning() {
    let ordered = [
        "0.9",
        "1.0.0-alpha",
        "1.0.0-rc.2",
        "1.0.0-rc.10",
        "1.0.0",
        "1.0.1",
        "1.10.0",
    ];
    for pair in ordered.windows(2) {
        assert!(PackageVersion(pair[0]) < PackageVersion(pair[1]), "{pair:?}");
    }
}

#[test]
fn a_request_chooses_a_version() {
    let versions = ["4.0.1", "4.0.2", "4.1.0", "5.0.0-rc.1", "dev"];
    for (request, chosen) in [
        ("4.0.1", Some("4.0.1")),
        ("4.0.x", Some("4.0.2")),
        ("4.x", Some("4.1.0")),
        ("latest", Some("4.1.0")),
        ("", Some("4.1.0")),
        ("dev", Some("dev")),
        ("current", Some("dev")),
        ("3.0.x", None),
        ("4.0", None),
    ] {
        assert_eq!(VersionRequest::of(request).choose(versions), chosen, "{request}");
    }
    assert_eq!(
        VersionRequest::Latest.choose(["1.0.0-rc.1", "1.0.0-rc.2"]),
        Some("1.0.0-rc.2")
    );
}

fn package(name: &str, version: &str, needs: &[(&str, &str)], resources: &[(&str, &str)]) -> Package {
    let needs: Vec<String> = needs
        .iter()
        .map(|(name, version)| format!(r#""{name}": "{version}""#))
        .collect();
    let manifest = format!(
        r#"{{"name": "{name}", "version": "{version}", "fhirVersions": ["4.0.1"], "dependencies": {{{}}}}}"#,
        needs.join(",")
    );
    let mut files = vec![("package.json".to_owned(), manifest.into())];
    for (url, version) in resources {
        let text = format!(r#"{{"resourceType": "ValueSet", "url": "{url}", "version": "{version}"}}"#);
        files.push((format!("{version}.json"), text.into()));
    }
    Package::from_files(files).unwrap()
}

#[test]
fn dependencies_come_first_and_what_is_missing_or_conflicts_is_told() {
    let mut set = PackageSet::default();
    set.add(package(
        "core",
        "4.0.1",
        &[],
        &[("http://e/v", "1.0.0"), ("http://e/w", "1")],
    ));
    set.add(package("core", "4.0.0", &[], &[]));
    set.add(package(
        "a",
        "1.0.0",
        &[("core", "4.0.x"), ("gone", "1.0.0")],
        &[("http://e/v", "2.0.0")],
    ));
    set.add(package(
        "b",
        "1.0.0",
        &[("core", "4.0.0"), ("a", "latest")],
        &[("http://e/w", "1")],
    ));
    let resolution = set.resolve(&[("b", VersionRequest::Latest)]);
    let names: Vec<_> = resolution
        .packages
        .iter()
        .map(|package| format!("{}#{}", package.manifest.name, package.manifest.version))
        .collect();
    assert_eq!(names, ["core#4.0.1", "a#1.0.0", "b#1.0.0"]);
    assert_eq!(
        resolution.missing,
        [Missing {
            name: "gone".to_owned(),
            version: "1.0.0".to_owned(),
            needed_by: Some("a#1.0.0".to_owned()),
        }]
    );
    assert_eq!(
        resolution.conflicts,
        [Conflict {
            name: "core".to_owned(),
            versions: vec![
                ("4.0.0".to_owned(), vec!["b#1.0.0".to_owned()]),
                ("4.0.1".to_owned(), vec!["a#1.0.0".to_owned()]),
            ],
        }]
    );
    let found = |canonical: &str| {
        resolution
            .resource(canonical)
            .map(|(package, _)| &*package.manifest.name)
    };
    assert_eq!(found("http://e/v"), Some("a"));
    assert_eq!(found("http://e/v|1.0"), Some("core"));
    assert_eq!(found("http://e/v|3"), None);
    // Of the same version, the one of the package that builds on the other.
    assert_eq!(found("http://e/w"), Some("b"));
}

#[test]
fn packages_may_depend_on_each_other() {
    let mut set = PackageSet::default();
    set.add(package("a", "1.0.0", &[("b", "latest")], &[]));
    set.add(package("b", "1.0.0", &[("a", "latest")], &[]));
    let resolution = set.resolve(&[("a", VersionRequest::Latest)]);
    assert_eq!((resolution.packages.len(), resolution.missing.len()), (2, 0));
}
