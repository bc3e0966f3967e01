//! Made-up releases in folders.

use std::fs;
use std::path::Path;

use samenhang_terminology::check_digit::verhoeff_digit;

use super::{CodeList, Releases};

/// The concept with a number, in a namespace that is no one's.
fn concept(item: u32) -> String {
    let mut digits = format!("{item}999999910");
    digits.push(char::from(verhoeff_digit(digits.as_bytes()).unwrap()));
    digits
}

fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

#[test]
fn releases_are_found_and_read_wherever_they_lie_in_their_folders() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let concepts = |item| format!("id\tactive\n{}\t1\n", concept(item));
    write(
        at,
        "int/Snapshot/Terminology/sct2_Concept_Snapshot_INT_20260301.txt",
        &concepts(1),
    );
    write(
        at,
        "int/Full/Terminology/sct2_Concept_Full_INT_20260301.txt",
        "not read",
    );
    write(
        at,
        "nl/Snapshot/Terminology/sct2_Concept_Snapshot_NL_20260331.txt",
        &concepts(2),
    );
    let link = format!(
        "active\tsourceId\tdestinationId\ttypeId\tcharacteristicTypeId\n1\t{}\t{}\t116680003\t0\n",
        concept(2),
        concept(1)
    );
    write(
        at,
        "nl/Snapshot/Terminology/sct2_Relationship_Snapshot_NL_20260331.txt",
        &link,
    );
    write(
        at,
        "loinc/LoincTable/Loinc.csv",
        "LOINC_NUM,STATUS\n9000001-9,ACTIVE\n",
    );
    write(at, "codes.csv", "code;display\n11;elf\n12;twaalf\n");
    let releases = Releases {
        snomed: vec![at.join("int"), at.join("nl")],
        loinc: Some(at.join("loinc")),
        lists: vec![CodeList {
            file: at.join("codes.csv"),
            system: Some("urn:oid:2.16.840.1.113883.2.4.4.1".to_owned()),
            complete: true,
            ..CodeList::default()
        }],
    };
    let systems = releases.load().unwrap();
    let short: Vec<(&str, usize)> = systems
        .iter()
        .map(|system| (system.url(), system.len()))
        .collect();
    assert_eq!(
        short,
        [
            ("http://snomed.info/sct", 2),
            ("http://loinc.org", 1),
            ("urn:oid:2.16.840.1.113883.2.4.4.1", 2)
        ]
    );
}

#[test]
fn what_is_not_there_is_told_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write(at, "bad.csv", "display\nx\n");
    let list = |file: &str| CodeList {
        file: at.join(file),
        ..CodeList::default()
    };
    let cases = [
        (
            Releases {
                snomed: vec![at.to_owned()],
                ..Releases::default()
            },
            "SAM-TRM-003",
        ),
        (
            Releases {
                snomed: vec![at.join("none")],
                ..Releases::default()
            },
            "SAM-TRM-003",
        ),
        (
            Releases {
                loinc: Some(at.to_owned()),
                ..Releases::default()
            },
            "SAM-TRM-003",
        ),
        (
            Releases {
                lists: vec![list("none.csv")],
                ..Releases::default()
            },
            "SAM-TRM-003",
        ),
        (
            Releases {
                lists: vec![list("bad.csv")],
                ..Releases::default()
            },
            "SAM-TRM-002",
        ),
    ];
    for (releases, code) in cases {
        let error = releases.load().unwrap_err();
        assert_eq!(error.source.code(), code, "{error}");
        assert!(error.path.starts_with(at));
    }
    assert!(Releases::default().load().unwrap().is_empty());
}

#[test]
fn a_list_is_given_in_parts() {
    let list: CodeList = "file=a.csv,system=urn:oid:1.2,version=2026-01,language=nl,complete=true"
        .parse()
        .unwrap();
    let expected = CodeList {
        file: "a.csv".into(),
        system: Some("urn:oid:1.2".to_owned()),
        version: Some("2026-01".to_owned()),
        language: Some("nl".to_owned()),
        complete: true,
    };
    assert_eq!(list, expected);
    for wrong in ["a.csv", "system=x", "file=a,kind=b", "file=a,complete=ja", ""] {
        assert!(wrong.parse::<CodeList>().is_err(), "{wrong}");
    }
}
