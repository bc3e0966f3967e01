//! The definitions of packages with their snapshots, compiled once for the same packages.

use std::fs;
use std::io::Write as _;
use std::sync::Arc;

use samenhang_profiles::FhirVersion;
use samenhang_profiles::definition::{DefinitionSet, Library, LibraryError, StructureDefinition};
use samenhang_profiles::pack::{Pack, PackError, compile, embedded};
use samenhang_profiles::package::Package;
use sha2::{Digest as _, Sha256};

use super::{Folder, STATE};

/// What was compiled: the library, and the definitions that have no snapshot.
pub struct Compiled {
    /// The definitions of the packages, over those that the binary carries.
    pub library: Arc<dyn Library>,
    /// Why a definition has no snapshot.
    pub failed: Vec<LibraryError>,
    /// Whether it came from the cache.
    pub cached: bool,
}

/// Compiles the definitions of packages of one version of FHIR, or takes them from the cache in the folder.
///
/// A cache that cannot be written is no error: it is made again the next time. Definitions that fail are made again
/// each time too, so that the reason is told.
///
/// # Errors
/// [`PackError`] when the pack in the binary is damaged.
pub fn compiled(folder: &Folder, version: FhirVersion, packages: &[&Package]) -> Result<Compiled, PackError> {
    let base = embedded(version)?;
    let file = folder
        .path()
        .join(STATE)
        .join(format!("{}.pack", key(version, packages)));
    if let Some(pack) = fs::read(&file).ok().and_then(|bytes| Pack::open(&bytes).ok()) {
        return Ok(Compiled {
            library: Arc::new(DefinitionSet::of_pack_over(&Arc::new(pack), &base)),
            failed: Vec::new(),
            cached: true,
        });
    }
    let mut set = DefinitionSet::over(&base);
    for package in packages {
        // A file that is no readable definition is told by the check of the package.
        let _ = package.add_definitions(&mut set);
    }
    let mut made: Vec<StructureDefinition> = Vec::new();
    let mut failed = Vec::new();
    let mut canonicals: Vec<String> = set
        .definitions()
        .map(|definition| match &definition.version {
            Some(version) => format!("{}|{version}", definition.url),
            None => definition.url.clone(),
        })
        .collect();
    canonicals.sort();
    for canonical in canonicals {
        match set.structure(&canonical) {
            Ok(definition) => made.push(StructureDefinition::clone(&definition)),
            Err(error) => failed.push(error),
        }
    }
    if failed.is_empty()
        && let Ok(bytes) = compile(version, &made)
    {
        // Written beside and renamed, so that no reader ever sees half a file.
        let new = file.with_extension("new");
        let written = fs::create_dir_all(folder.path().join(STATE))
            .and_then(|()| fs::File::create(&new))
            .and_then(|mut out| out.write_all(&bytes))
            .and_then(|()| fs::rename(&new, &file));
        drop(written);
    }
    Ok(Compiled {
        library: Arc::new(set),
        failed,
        cached: false,
    })
}

/// The hash of what is compiled, and by which version of the program.
fn key(version: FhirVersion, packages: &[&Package]) -> String {
    let mut hash = Sha256::new();
    hash.update(env!("CARGO_PKG_VERSION"));
    hash.update(version.full());
    for package in packages {
        hash.update(format!(
            "\n{}#{}\n",
            package.manifest.name, package.manifest.version
        ));
        for resource in package.of_type("StructureDefinition") {
            hash.update((resource.body.len() as u64).to_le_bytes());
            hash.update(&resource.body);
        }
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
