use crate::element_table::{Element, Primitive, Table, Type};
use crate::version::FhirVersion;

fn code(element: &Element) -> &'static str {
    Table::of(FhirVersion::R4).type_of(element).name
}

fn kind(name: &str) -> &'static Type {
    Table::of(FhirVersion::R4).named(name).unwrap()
}

#[test]
fn every_type_that_a_table_names_is_in_it() {
    for version in [FhirVersion::Stu3, FhirVersion::R4] {
        let table = Table::of(version);
        assert!(table.types.len() > 400, "{version:?}");
        for kind in &table.types {
            assert!(
                kind.base.is_empty() || table.named(kind.base).is_some(),
                "{}",
                kind.name
            );
            for element in &kind.elements {
                let own = format!("{}.{}", kind.name, element.name);
                assert!(!table.type_of(element).name.is_empty(), "{own}");
                assert!(
                    kind.element(&element.name)
                        .is_some_and(|found| std::ptr::eq(found, element)),
                    "{own}"
                );
            }
        }
    }
}

#[test]
fn elements_are_found_with_their_bases() {
    let given = kind("HumanName").element("given").unwrap();
    assert!(given.many && !given.attribute);
    let url = kind("Extension").element("url").unwrap();
    assert!(url.attribute && code(url) == "uri");
    assert!(kind("Observation").element("contained").unwrap().many);
    let value = kind("Observation").element("valueQuantity").unwrap();
    assert_eq!((code(value), value.definition), ("Quantity", "value[x]"));
    assert_eq!(code(kind("Age").element("value").unwrap()), "decimal");
    let range = kind("Observation.component").element("referenceRange").unwrap();
    assert_eq!(code(range), "Observation.referenceRange");
    assert!(kind("Observation").element("value[x]").is_none());
    assert!(kind("Observation").element("").is_none());
    assert!(kind("code").element("id").is_none());
    assert_eq!(kind("positiveInt").primitive, Some(Primitive::Number));
    assert!(kind("ServiceRequest").resource);
    let stu3 = Table::of(FhirVersion::Stu3);
    assert!(stu3.named("ServiceRequest").is_none());
    assert!(stu3.named("Patient").unwrap().element("animal").is_some());
}

#[test]
fn the_order_is_that_of_the_definition() {
    let order = |name| kind("Observation").element(name).unwrap().order;
    let names = [
        "id",
        "meta",
        "text",
        "contained",
        "extension",
        "identifier",
        "status",
        "valueString",
        "note",
    ];
    assert!(names.is_sorted_by(|a, b| order(a) < order(b)));
    assert_eq!(order("valueString"), order("valueQuantity"));
}

#[test]
fn a_type_is_what_it_is_based_on() {
    let table = Table::of(FhirVersion::R4);
    for (name, base) in [
        ("Patient", "Patient"),
        ("Patient", "DomainResource"),
        ("Patient", "Resource"),
        ("Age", "Quantity"),
        ("Patient.contact", "BackboneElement"),
        ("Patient.contact", "Element"),
    ] {
        assert!(table.is_a(name, base), "{name} {base}");
    }
    for (name, base) in [
        ("Bundle", "DomainResource"),
        ("Quantity", "Age"),
        ("", "Resource"),
        ("x", "y"),
    ] {
        assert!(!table.is_a(name, base), "{name} {base}");
    }
}
