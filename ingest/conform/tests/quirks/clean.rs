//! Data without quirks: the public examples of Nictiz, found by `SAMENHANG_SHARED`. Nothing in them is put right that is
//! not explained in `clean.tsv`, and what is counted there is all that is found.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use samenhang_conform::quirks::{Action, mend};
use samenhang_profiles::{FhirVersion, Limits, xml};

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// The resources of a folder in JSON; none when there is no test data and none is demanded.
fn resources(folder: &str, version: FhirVersion) -> Vec<Vec<u8>> {
    let shared = std::env::var("SAMENHANG_SHARED").unwrap_or_else(|_| "../shared".to_owned());
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let folder = PathBuf::from(root).join(shared).join("testdata").join(folder);
    let mut found = Vec::new();
    files(&folder, &mut found);
    found.sort();
    if found.is_empty() {
        let demanded = std::env::var("SAMENHANG_REQUIRE_SHARED").is_ok_and(|value| value == "1");
        assert!(!demanded, "no test data at {}", folder.display());
        eprintln!("skipped: no test data at {}", folder.display());
    }
    let limits = Limits::default();
    let mut resources = Vec::new();
    for path in found {
        let body = std::fs::read(&path).unwrap();
        if body.trim_ascii_start().starts_with(b"<") {
            resources.extend(xml::to_json(&body, version, &limits).map(|json| json.to_vec()));
        } else if body.trim_ascii_start().starts_with(b"{") {
            resources.push(body);
        }
    }
    resources
}

#[test]
fn clean_data_has_no_quirks_but_those_that_are_explained() {
    let sets = [
        ("bgz-stu3", FhirVersion::Stu3),
        ("nl-core-r4-examples", FhirVersion::R4),
    ];
    for (set, version) in sets {
        let mut found: BTreeMap<String, usize> = BTreeMap::new();
        let all = resources(set, version);
        if all.is_empty() {
            continue;
        }
        for body in &all {
            let mended = mend(body, version, &Limits::default()).unwrap();
            for (quirk, place, count) in mended.met.places() {
                *found.entry(format!("{quirk}\t{place}")).or_default() += count;
            }
            let repaired = mended.met.only(Action::Repair);
            assert_eq!(mended.is_changed(), !repaired.is_empty());
        }
        let explained: BTreeMap<String, usize> = include_str!("clean.tsv")
            .lines()
            .filter_map(|line| {
                let mut parts = line.strip_prefix(set)?.strip_prefix('\t')?.split('\t');
                let (id, place, count) = (parts.next()?, parts.next()?, parts.next()?);
                Some((format!("{id}\t{place}"), count.parse().ok()?))
            })
            .collect();
        eprintln!("{set}: {} resources", all.len());
        assert_eq!(found, explained, "{set}");
    }
}
