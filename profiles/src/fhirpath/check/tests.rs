use crate::FhirVersion;
use crate::fhirpath::error::{CompileFault, SemanticFault};
use crate::fhirpath::{Expression, TypeSet};

fn check(context: &str, text: &str) -> Result<TypeSet, (usize, SemanticFault)> {
    let expression = Expression::compile(text).unwrap();
    expression
        .check(context, FhirVersion::R4)
        .map_err(|error| match error.fault {
            CompileFault::Semantic(fault) => (error.at, fault),
            fault => panic!("{fault:?}"),
        })
}

fn types(context: &str, text: &str) -> Vec<String> {
    let types = check(context, text).unwrap();
    assert!(!types.is_open(), "{text}");
    types
        .types()
        .map(|(space, name)| format!("{space}.{name}"))
        .collect()
}

#[test]
fn paths_have_the_types_of_their_elements() {
    assert_eq!(types("Patient", "Patient.name.given"), ["FHIR.string"]);
    assert_eq!(types("Patient", "contact.name"), ["FHIR.HumanName"]);
    assert_eq!(types("Patient.contact", "name.period.start"), ["FHIR.dateTime"]);
    assert_eq!(
        types("Observation", "value.ofType(Quantity).unit"),
        ["FHIR.string"]
    );
    assert_eq!(types("Observation", "value").len(), 11);
    assert_eq!(
        types("Patient", "birthDate.extension.value.as(Age)"),
        ["FHIR.Age"]
    );
    assert_eq!(types("Patient", "name.count() + 1"), ["System.Integer"]);
    assert_eq!(types("Patient", "name.select(given | family)"), ["FHIR.string"]);
    assert_eq!(types("Patient", "name.exists() and active"), ["System.Boolean"]);
    assert_eq!(types("Questionnaire", "repeat(item).linkId"), ["FHIR.string"]);
    assert_eq!(
        types("Patient", "iif(active, 1, 'a')"),
        ["System.Integer", "System.String"]
    );
    assert!(check("Patient", "name").unwrap().is_many());
    assert!(!check("Patient", "name.first().family").unwrap().is_many());
    assert!(
        check("Patient", "managingOrganization.resolve()")
            .unwrap()
            .is_open()
    );
    assert!(check("", "whatever.else").unwrap().is_open());
}

#[test]
fn what_can_never_be_right_is_refused_at_its_place() {
    for (context, text, at, fault) in [
        ("Patient", "name.given1", 5, SemanticFault::UnknownElement),
        ("Patient", "Encounter.name", 0, SemanticFault::UnknownElement),
        (
            "Observation",
            "valueQuantity.unit",
            0,
            SemanticFault::UnknownElement,
        ),
        (
            "Observation",
            "(value as Period).unit",
            18,
            SemanticFault::UnknownElement,
        ),
        (
            "Patient",
            "name.where(givn.exists())",
            11,
            SemanticFault::UnknownElement,
        ),
        ("Patient", "gender.as(string1)", 10, SemanticFault::UnknownType),
        (
            "Patient",
            "identifier.startsWith('a')",
            11,
            SemanticFault::OperandType,
        ),
        ("Patient", "iif('a', 1, 2)", 0, SemanticFault::OperandType),
        ("Patient", "birthDate + 7", 0, SemanticFault::OperandType),
        ("Patient", "children().first()", 11, SemanticFault::Unordered),
    ] {
        assert_eq!(check(context, text), Err((at, fault)), "{text}");
    }
}

#[test]
fn what_may_be_right_is_accepted() {
    for (context, text) in [
        ("Patient", "contained.code.exists()"),
        ("Patient", "active.is(System.Patient)"),
        ("Patient", "gender.as(id).empty()"),
        ("Patient", "descendants().where(whatever = 1).exists()"),
        ("Observation", "value.extension('a').exists()"),
        ("Bundle", "entry.resource.ofType(Patient).name.family"),
        ("Patient", "%resource.name.exists() and %other.thing"),
        ("Patient", "type().name = 'Patient'"),
    ] {
        assert!(check(context, text).is_ok(), "{text}");
    }
}
