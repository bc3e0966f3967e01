//! Definitions: whatever is read packs and comes out the same, and a snapshot is made or refused.

use samenhang_profiles::definition::{DefinitionSet, Library, StructureDefinition};
use samenhang_profiles::pack::{Pack, compile, embedded};
use samenhang_profiles::{FhirVersion, Limits};

pub(crate) fn run(data: &[u8]) {
    let version = FhirVersion::R4;
    let _ = Pack::open(data);
    let Ok(definition) = StructureDefinition::from_json(data, version, &Limits::default()) else {
        return;
    };
    if let Ok(file) = compile(version, std::slice::from_ref(&definition)) {
        assert_eq!(Pack::open(&file).map(|pack| pack.len()), Ok(1));
    }
    let Ok(base) = embedded(version) else {
        return;
    };
    let url = definition.url.clone();
    let mut set = DefinitionSet::over(&base);
    set.add(definition);
    if let Ok(made) = set.structure(&url) {
        assert!(made.snapshot.is_some(), "an answer without snapshot");
    }
}
