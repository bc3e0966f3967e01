//! Published Dutch material, found by `SAMENHANG_SHARED` and never copied.

mod received;

use std::path::PathBuf;

use samenhang_profiles::page::Page;
use samenhang_profiles::{FhirVersion, Limits, RawResource, xml};

pub(crate) use received::at;

/// Files below a folder of the shared test data, or nothing when it is not there and not demanded.
pub(crate) fn files(folder: &str, extension: &str) -> Vec<(String, Vec<u8>)> {
    let shared = std::env::var("SAMENHANG_SHARED").unwrap_or_else(|_| "../shared".to_owned());
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let folder = PathBuf::from(root).join(shared).join("testdata").join(folder);
    let mut found: Vec<(String, Vec<u8>)> = std::fs::read_dir(&folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|e| e == extension))
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read(&path).unwrap())
        })
        .collect();
    if found.is_empty() {
        let demanded = std::env::var("SAMENHANG_REQUIRE_SHARED").is_ok_and(|value| value == "1");
        assert!(!demanded, "no test data at {}", folder.display());
        eprintln!("skipped: no test data at {}", folder.display());
    }
    found.sort();
    found
}

/// The bundles of building blocks of medication.
pub(crate) fn blocks() -> Vec<(String, Vec<RawResource>)> {
    files("mp9-consolidation", "xml")
        .into_iter()
        .map(|(name, body)| {
            let json = xml::to_json(&body, FhirVersion::R4, &Limits::default()).unwrap();
            let page = Page::read(json, &Limits::default()).unwrap();
            let resources = page
                .entries
                .into_iter()
                .filter_map(|entry| entry.resource)
                .collect();
            (name, resources)
        })
        .collect()
}
