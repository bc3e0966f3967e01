//! The shared test data: packages of definitions and folders of resources.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use samenhang_profiles::definition::{DefinitionSet, StructureDefinition};
use samenhang_profiles::document::Document;
use samenhang_profiles::validate::{Settings, Validator};
use samenhang_profiles::{FhirVersion, Limits, ReadError};
use samenhang_terminology::Catalogue;

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

/// What the tests validate against.
pub(crate) struct Definitions {
    pub(crate) library: Arc<DefinitionSet>,
    pub(crate) catalogue: Arc<Catalogue>,
}

impl Definitions {
    /// A validator as a Dutch reader sets it.
    pub(crate) fn validator(&self) -> Validator {
        let library: Arc<DefinitionSet> = Arc::clone(&self.library);
        let catalogue: Arc<Catalogue> = Arc::clone(&self.catalogue);
        Validator::new(library, catalogue, Settings::default())
    }
}

/// The zibs of 2017 and all that they stand on; nothing when there is no shared data.
pub(crate) fn zib2017() -> Option<&'static Definitions> {
    static READ: OnceLock<Option<Definitions>> = OnceLock::new();
    let read = || {
        let folder = folder()?;
        Some(read(&folder, FhirVersion::Stu3, &[STU3, ZIB2017], Some(R4)))
    };
    READ.get_or_init(read).as_ref()
}

/// nl-core and all that it stands on; nothing when there is no shared data.
pub(crate) fn nl_core() -> Option<&'static Definitions> {
    static READ: OnceLock<Option<Definitions>> = OnceLock::new();
    let read = || {
        let folder = folder()?;
        Some(read(&folder, FhirVersion::R4, &[R4, NL_CORE], None))
    };
    READ.get_or_init(read).as_ref()
}

fn read(folder: &Path, version: FhirVersion, packages: &[&str], shared: Option<&str>) -> Definitions {
    let mut set = DefinitionSet::new(version);
    for name in packages {
        definitions(folder, name, version, &mut set);
    }
    Definitions {
        library: Arc::new(set),
        catalogue: Arc::new(crate::terminology::catalogue(folder, packages, shared)),
    }
}

pub(crate) const R4: &str = "hl7.fhir.r4.core-4.0.1.tgz";
pub(crate) const STU3: &str = "hl7.fhir.r3.core-3.0.2.tgz";
pub(crate) const NL_CORE: &str = "nictiz.fhir.nl.r4.nl-core-0.12.1-beta.1.tgz";
pub(crate) const ZIB2017: &str = "nictiz.fhir.nl.stu3.zib2017-2.2.20.tgz";

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

/// The JSON files below a folder, by name.
pub(crate) fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "json") {
                let name = path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
                found.push((name, std::fs::read(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}
