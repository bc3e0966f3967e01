//! The shared test data: packages of definitions and folders of resources.

use std::io::Read;
use std::path::{Path, PathBuf};

use samenhang_profiles::definition::{DefinitionSet, StructureDefinition};
use samenhang_profiles::document::Document;
use samenhang_profiles::{FhirVersion, Limits, ReadError};

/// The folder of the shared data, or nothing when it is not there and not demanded.
pub(crate) fn folder() -> Option<PathBuf> {
    let shared = std::env::var("SAMENHANG_SHARED").unwrap_or_else(|_| "../shared".to_owned());
    // A relative path counts from the root of the workspace.
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).join(shared);
    if folder.join("fhir").is_dir() && folder.join("testdata").is_dir() {
        return Some(folder);
    }
    let demanded = std::env::var("SAMENHANG_REQUIRE_SHARED").is_ok_and(|value| value == "1");
    assert!(!demanded, "no shared test data at {}", folder.display());
    eprintln!("skipped: no shared test data at {}", folder.display());
    None
}

/// Limits for definitions, which are larger than what sources send.
pub(crate) fn generous() -> Limits {
    Limits {
        max_bytes: 64 << 20,
        max_nodes: 5_000_000,
        max_string: 8 << 20,
        ..Limits::default()
    }
}

/// Calls `each` with the name and the text of every resource of a package.
pub(crate) fn package(folder: &Path, name: &str, mut each: impl FnMut(&str, &[u8])) {
    let file = std::fs::File::open(folder.join("fhir").join(name)).unwrap();
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(file));
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let path = entry.path().unwrap().into_owned();
        let inside = path.strip_prefix("package").ok();
        if inside.is_none_or(|inside| inside.components().count() != 1)
            || path.extension().is_none_or(|e| e != "json")
        {
            continue;
        }
        let mut body = Vec::new();
        entry.read_to_end(&mut body).unwrap();
        each(&path.file_name().unwrap().to_string_lossy(), &body);
    }
}

/// Adds every structure definition of a package to a set.
pub(crate) fn definitions(folder: &Path, name: &str, version: FhirVersion, set: &mut DefinitionSet) {
    package(folder, name, |_, body| {
        if let Ok(definition) = StructureDefinition::from_json(body, version, &generous()) {
            set.add(definition);
        }
    });
}

/// Reads a resource, in the format that its name says.
pub(crate) fn document<'a>(
    name: &str,
    body: &'a [u8],
    version: FhirVersion,
) -> Result<Document<'a>, ReadError> {
    if Path::new(name)
        .extension()
        .is_some_and(|extension| extension == "xml")
    {
        Document::from_xml(body, version, &generous())
    } else {
        Document::from_json(body, version, &generous())
    }
}
