//! Proves the XML reader on published test data: nothing lost, nothing invented, and a reason for each refusal.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use bytes::Bytes;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use samenhang_profiles::tree::Tree;
use samenhang_profiles::xml::{from_json, to_json};
use samenhang_profiles::{FhirVersion, Limits, RawResource};

use crate::files;

type Leaves = BTreeMap<String, usize>;

/// Attribute values outside of narratives, and the number of narratives.
fn leaves_of_xml(text: &str) -> (Leaves, usize) {
    let mut leaves = Leaves::new();
    let (mut narratives, mut inside) = (0, 0_usize);
    let mut reader = Reader::from_str(text);
    let mut add = |start: &BytesStart<'_>| {
        for attribute in start.attributes().flatten() {
            if matches!(attribute.key.0, "value" | "url" | "id") {
                let value = attribute
                    .normalized_value(quick_xml::XmlVersion::Explicit1_0)
                    .unwrap();
                *leaves.entry(value.trim().to_owned()).or_default() += 1;
            }
        }
    };
    loop {
        match reader.read_event().unwrap() {
            Event::Start(_) if inside > 0 => inside += 1,
            Event::Start(start) if start.local_name().as_ref() == "div" => {
                narratives += 1;
                inside = 1;
            }
            Event::Start(start) => add(&start),
            Event::Empty(_) if inside > 0 => {}
            Event::Empty(start) if start.local_name().as_ref() == "div" => narratives += 1,
            Event::Empty(start) => add(&start),
            Event::End(_) => inside = inside.saturating_sub(1),
            Event::Eof => return (leaves, narratives),
            _ => {}
        }
    }
}

/// Values of JSON apart from `resourceType` and narratives, and the number of narratives.
fn leaves_of_json(tree: &Tree<'_>, leaves: &mut Leaves, narratives: &mut usize) {
    match tree {
        Tree::Object(_) => {
            for (name, value) in tree.fields() {
                match name {
                    "resourceType" => {}
                    "div" => *narratives += 1,
                    _ => leaves_of_json(value, leaves, narratives),
                }
            }
        }
        Tree::Array(items) => items
            .iter()
            .for_each(|item| leaves_of_json(item, leaves, narratives)),
        Tree::String(text) | Tree::Number(text) => *leaves.entry(text.trim().to_owned()).or_default() += 1,
        Tree::Boolean(value) => *leaves.entry(value.to_string()).or_default() += 1,
        Tree::Null => {}
    }
}

/// Reads every file: the names of those that were refused, with the reason. Nothing when there are no files.
fn refused(folder: &str, version: FhirVersion) -> Option<Vec<String>> {
    let limits = Limits::default();
    let mut refused = Vec::new();
    let files = files(folder, "xml");
    if files.is_empty() {
        return None;
    }
    for (name, body) in files {
        match to_json(&body, version, &limits) {
            Ok(json) => {
                let text = String::from_utf8(body).unwrap();
                let tree = Tree::parse(&json, &limits).unwrap_or_else(|e| panic!("{name}: {e}"));
                let (mut leaves, mut narratives) = (Leaves::new(), 0);
                leaves_of_json(&tree, &mut leaves, &mut narratives);
                assert_eq!(
                    (leaves, narratives),
                    leaves_of_xml(text.trim_start_matches('\u{feff}')),
                    "{name}"
                );
                assert!(RawResource::read(json, &limits).is_ok(), "{name}");
            }
            Err(error) => refused.push(format!("{name}: {error}")),
        }
    }
    Some(refused)
}

/// Cases that are no FHIR XML, with what we say to them.
const WRONG_ON_PURPOSE: [&str; 3] = [
    "Observation-ex-pain.xml: unknown element Observation.status.@something at byte 68",
    "xml-bad-entities.xml: not acceptable XML at byte 1030: an unknown entity",
    "xml-fail.xml: not acceptable XML at byte 355: text outside of an attribute",
];

#[test]
fn medication_bundles_of_zib2020_are_read() {
    let refused = refused("mp9-consolidation", FhirVersion::R4);
    assert_eq!(refused.unwrap_or_default(), Vec::<String>::new());
}

#[test]
fn examples_of_fhirpath_are_read() {
    // One is a list of tests, no resource.
    let refused = refused("fhirpath-r4", FhirVersion::R4).unwrap_or_default();
    assert!(
        refused.iter().all(|text| text.starts_with("tests-fhir-r4.xml: ")),
        "{refused:#?}"
    );
}

#[test]
fn cases_of_the_validator_are_read_unless_they_are_wrong_on_purpose() {
    if let Some(refused) = refused("fhir-test-cases-r4", FhirVersion::R4) {
        assert_eq!(refused, WRONG_ON_PURPOSE);
    }
}

/// Writes JSON as FHIR XML, knowing no more than the rules of the two formats.
fn write_xml(name: &str, value: &Tree<'_>, beside: Option<&Tree<'_>>, out: &mut String) {
    let items = if matches!(value, Tree::Array(_)) {
        value.items()
    } else {
        std::slice::from_ref(value)
    };
    for (index, item) in items.iter().enumerate() {
        let beside = beside
            .map(|b| b.at(index).unwrap_or(b))
            .filter(|b| **b != Tree::Null);
        match item {
            Tree::String(text) if name == "div" => out.push_str(text),
            Tree::Object(_) if item.get("resourceType").is_some() => {
                let _ = write!(out, "<{name}>");
                write_resource(item, "", out);
                let _ = write!(out, "</{name}>");
            }
            Tree::Object(_) => write_element(name, None, item, out),
            Tree::Null => write_element(name, None, beside.unwrap_or(&Tree::Null), out),
            Tree::Boolean(value) => {
                write_element(name, Some(&value.to_string()), beside.unwrap_or(&Tree::Null), out);
            }
            Tree::String(text) | Tree::Number(text) => {
                write_element(name, Some(text), beside.unwrap_or(&Tree::Null), out);
            }
            Tree::Array(_) => panic!("an array in an array"),
        }
    }
}

fn write_element(name: &str, value: Option<&str>, object: &Tree<'_>, out: &mut String) {
    let _ = write!(out, "<{name}");
    let mut attribute = |name: &str, text: &str| {
        let text = quick_xml::escape::escape(text)
            .replace('\n', "&#10;")
            .replace('\r', "&#13;");
        let _ = write!(out, " {name}=\"{}\"", text.replace('\t', "&#9;"));
    };
    value.into_iter().for_each(|value| attribute("value", value));
    for (field, inner) in object.fields().filter(|(field, _)| is_attribute(name, field)) {
        attribute(field, inner.as_str().unwrap());
    }
    out.push('>');
    write_fields(object, |field| is_attribute(name, field), out);
    let _ = write!(out, "</{name}>");
}

fn is_attribute(element: &str, field: &str) -> bool {
    field == "id" || field == "url" && matches!(element, "extension" | "modifierExtension")
}

fn write_resource(resource: &Tree<'_>, declaration: &str, out: &mut String) {
    let kind = resource.text("resourceType").unwrap();
    let _ = write!(out, "<{kind}{declaration}>");
    write_fields(resource, |field| field == "resourceType", out);
    let _ = write!(out, "</{kind}>");
}

fn write_fields(object: &Tree<'_>, skip: impl Fn(&str) -> bool, out: &mut String) {
    for (field, value) in object.fields().filter(|(field, _)| !skip(field)) {
        match field.strip_prefix('_') {
            Some(name) if object.get(name).is_some() => {}
            Some(name) => {
                let nulls: Vec<_> = value.items().iter().map(|_| Tree::Null).collect();
                let none = if nulls.is_empty() {
                    Tree::Null
                } else {
                    Tree::Array(nulls)
                };
                write_xml(name, &none, Some(value), out);
            }
            None => write_xml(field, value, object.get(&format!("_{field}")), out),
        }
    }
}

/// The same tree with its properties in order of name.
fn sorted(tree: Tree<'static>) -> Tree<'static> {
    match tree {
        Tree::Array(items) => Tree::Array(items.into_iter().map(sorted).collect()),
        Tree::Object(mut fields) => {
            fields.sort_by(|a, b| a.0.cmp(&b.0));
            Tree::Object(
                fields
                    .into_iter()
                    .map(|(name, value)| (name, sorted(value)))
                    .collect(),
            )
        }
        other => other,
    }
}

#[track_caller]
fn round_trip(folder: &str, version: FhirVersion) {
    let limits = Limits::default();
    for (name, body) in files(folder, "json") {
        let tree = Tree::parse(&body, &limits).unwrap();
        let mut xml = String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>");
        write_resource(&tree, " xmlns=\"http://hl7.org/fhir\"", &mut xml);
        let json =
            to_json(xml.as_bytes(), version, &limits).unwrap_or_else(|error| panic!("{name}: {error}"));
        let back = Tree::parse(&json, &limits).unwrap();
        assert_eq!(sorted(back.into_owned()), sorted(tree.into_owned()), "{name}");
    }
}

#[test]
fn resources_of_zib2017_survive_xml() {
    round_trip("bgz-stu3", FhirVersion::Stu3);
}

#[test]
fn resources_of_zib2020_survive_xml() {
    round_trip("nl-core-r4-examples", FhirVersion::R4);
}

#[test]
fn garbage_never_panics() {
    for (name, body) in files("mp9-consolidation", "xml").into_iter().take(2) {
        for at in (0..body.len()).step_by(97) {
            let mut broken = body.clone();
            broken[at] = broken[at].wrapping_add(1 + u8::try_from(at % 250).unwrap());
            let _ = to_json(&broken, FhirVersion::R4, &Limits::default());
            let cut = to_json(
                &Bytes::from(body[..at].to_vec()),
                FhirVersion::R4,
                &Limits::default(),
            );
            assert!(cut.is_err(), "{name} cut at {at}");
        }
    }
}

#[test]
fn what_is_written_as_xml_is_read_as_the_same_values() {
    let limits = Limits::default();
    for folder in [
        "bgz-stu3/medmij-3.0-test",
        "bgz-stu3/msz-2.0-test",
        "nl-core-r4-examples",
    ] {
        let version = if folder.starts_with("bgz") {
            FhirVersion::Stu3
        } else {
            FhirVersion::R4
        };
        for (name, body) in files(folder, "json") {
            let written =
                from_json(&body, version, &limits).unwrap_or_else(|error| panic!("{name}: {error}"));
            let back = to_json(written.as_bytes(), version, &limits)
                .unwrap_or_else(|error| panic!("{name}: {error}"));
            let leaves = |body: &[u8]| {
                let (mut leaves, mut narratives) = (Leaves::new(), 0);
                leaves_of_json(&Tree::parse(body, &limits).unwrap(), &mut leaves, &mut narratives);
                (leaves, narratives)
            };
            assert_eq!(leaves(&back), leaves(&body), "{name}");
        }
    }
}
