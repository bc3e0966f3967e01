use std::sync::Arc;

use super::{Pack, PackError, compile, embedded};
use crate::definition::{DefinitionSet, Library, StructureDefinition};
use crate::{FhirVersion, Limits};

/// A definition that uses everything that a pack can hold.
const EVERYTHING: &str = r#"{"resourceType": "StructureDefinition", "url": "http://e/a", "version": "1.2", "name": "A",
    "kind": "complex-type", "abstract": true, "type": "Extension", "derivation": "constraint", "baseDefinition": "http://e/b",
    "context": [{"type": "fhirpath", "expression": "a.b"}], "contextInvariant": ["true"],
    "differential": {"element": [
    {"id": "A.b[x]:c", "path": "A.bString", "sliceName": "d", "min": 1, "max": "7", "maxLength": 3, "isModifier": true,
     "mustSupport": false, "condition": ["k"], "fixedBoolean": true, "patternQuantity": {"value": 1.50, "x": [null, "y"]},
     "minValueInteger": 1, "maxValueInteger": 2, "contentReference": "A.b",
     "type": [{"code": "Reference", "profile": ["p"], "targetProfile": ["t"], "aggregation": ["bundled"],
               "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/regex", "valueString": "[a]"}]}],
     "slicing": {"discriminator": [{"type": "profile", "path": "$this"}], "rules": "openAtEnd", "ordered": true},
     "binding": {"strength": "preferred", "valueSet": "v"},
     "constraint": [{"key": "k", "severity": "warning", "expression": "e", "source": "http://e/s"}],
     "mapping": [{"identity": "zib-x-2020EN", "map": "NL-CM:1.1"}]},
    {"id": "A.b[x]:c.d", "path": "A.b[x].d", "max": "*"}]}}"#;

fn read(text: &str) -> StructureDefinition {
    StructureDefinition::from_json(text.as_bytes(), FhirVersion::R4, &Limits::default()).unwrap()
}

#[test]
fn a_definition_comes_out_as_it_went_in() {
    let definition = read(EVERYTHING);
    let mut snapshot = read(&EVERYTHING.replace("differential", "snapshot"));
    snapshot.url = "http://e/0".to_owned();
    let file = compile(FhirVersion::R4, &[definition.clone(), snapshot.clone()]).unwrap();
    let pack = Pack::open(&file).unwrap();
    assert_eq!((pack.len(), pack.fhir_version()), (2, FhirVersion::R4));
    assert_eq!(pack.definition(0).unwrap(), snapshot);
    assert_eq!(pack.definition(1).unwrap(), definition);
    assert_eq!(pack.definition(2), Err(PackError));
}

#[test]
fn the_order_of_the_definitions_does_not_count() {
    let first = read(EVERYTHING);
    let second = StructureDefinition {
        version: None,
        ..first.clone()
    };
    let one = compile(FhirVersion::R4, &[first.clone(), second.clone()]).unwrap();
    assert_eq!(one, compile(FhirVersion::R4, &[second, first]).unwrap());
}

#[test]
fn a_damaged_pack_is_an_error_and_never_a_panic() {
    let file = compile(FhirVersion::R4, &[read(EVERYTHING)]).unwrap();
    let whole = Pack::open(&file).unwrap();
    assert!(matches!(Pack::open(b""), Err(PackError)));
    assert!(matches!(Pack::open(&file[..file.len() - 1]), Err(PackError)));
    for at in 0..10 {
        let mut damaged = file.clone();
        damaged[at] ^= 0xff;
        assert!(matches!(Pack::open(&damaged), Err(PackError)), "byte {at}");
    }
    // Every byte of what is inflated, changed and cut off.
    for at in 0..whole.body.len() {
        for change in [0x01, 0x40, 0x80, 0xff] {
            let mut body = whole.body.clone();
            body[at] ^= change;
            if let Ok(pack) = super::decode::open(FhirVersion::R4, body) {
                let _ = pack.definition(0);
            }
        }
        assert!(super::decode::open(FhirVersion::R4, whole.body[..at].to_vec()).is_err());
    }
}

#[test]
fn the_binary_carries_what_dutch_profiles_need() {
    for (version, profiles) in [
        (
            FhirVersion::Stu3,
            [
                "http://fhir.nl/fhir/StructureDefinition/nl-core-patient",
                "http://nictiz.nl/fhir/StructureDefinition/zib-BloodPressure",
            ],
        ),
        (
            FhirVersion::R4,
            [
                "http://nictiz.nl/fhir/StructureDefinition/nl-core-Patient",
                "http://nictiz.nl/fhir/StructureDefinition/mp-MedicationAgreement",
            ],
        ),
    ] {
        let library = embedded(version).unwrap();
        for url in profiles {
            let definition = library.structure(url).unwrap();
            assert!(definition.snapshot.as_ref().unwrap().len() > 20, "{url}");
        }
        let patient = library.type_named("Patient").unwrap();
        assert!(patient.element("Patient.contact.name").is_some());
    }
}

#[test]
fn every_definition_that_the_binary_carries_has_a_snapshot_and_no_prose() {
    let files: [(_, &[u8]); 2] = [
        (FhirVersion::Stu3, include_bytes!("../../data/stu3.pack")),
        (FhirVersion::R4, include_bytes!("../../data/r4.pack")),
    ];
    for (version, file) in files {
        let pack = Arc::new(Pack::open(file).unwrap());
        let urls: Vec<String> = pack.index().map(|(url, _)| url.to_owned()).collect();
        let set = DefinitionSet::of_pack(&pack);
        assert_eq!(set.fhir_version(), version);
        for url in &urls {
            let definition = set.structure(url).unwrap_or_else(|error| panic!("{error}"));
            for element in definition.snapshot.iter().flatten() {
                assert!(
                    element
                        .constraints
                        .iter()
                        .all(|constraint| constraint.human.is_none())
                );
            }
        }
    }
}

/// A profile on `Patient` that asks for more than the one that the binary has under the same address.
const REPLACED: &str = r#"{"resourceType": "StructureDefinition", "kind": "resource", "type": "Patient", "abstract": true,
    "url": "http://nictiz.nl/fhir/StructureDefinition/zib-Patient", "derivation": "constraint",
    "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Patient",
    "differential": {"element": [{"id": "Patient.active", "path": "Patient.active", "min": 1}]}}"#;

#[test]
fn what_stands_on_a_replaced_base_is_made_anew_on_it() {
    const DERIVED: &str = "http://nictiz.nl/fhir/StructureDefinition/nl-core-Patient";
    let base = embedded(FhirVersion::R4).unwrap();
    let minimum = |library: &dyn Library, element: &str| {
        let definition = library.structure(DERIVED).unwrap();
        definition.element(element).unwrap().min
    };
    assert_eq!(minimum(&*base, "Patient.active"), Some(0));
    let mut set = DefinitionSet::over(&base);
    set.add(StructureDefinition {
        version: base
            .structure("http://nictiz.nl/fhir/StructureDefinition/zib-Patient")
            .unwrap()
            .version
            .clone(),
        ..read(REPLACED)
    });
    assert_eq!(minimum(&set, "Patient.active"), Some(1));
    assert_eq!(
        minimum(&*base, "Patient.active"),
        Some(0),
        "the binary's own stays as it is"
    );
    let own: Vec<&str> = set.urls().collect();
    assert_eq!(own, ["http://nictiz.nl/fhir/StructureDefinition/zib-Patient"]);
    assert_eq!(set.definitions().count(), 1);
}
