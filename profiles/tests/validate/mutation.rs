//! Variants of valid resources that are not valid: each must be rejected.
//!
//! A class of variants is a way to break a resource. A variant is made at every place where the class applies, up to a
//! number a resource, so that no resource outweighs the others.

use std::collections::BTreeMap;
use std::path::Path;

use samenhang_profiles::FhirVersion;
use samenhang_profiles::definition::Library;
use samenhang_profiles::tree::Tree;
use samenhang_profiles::validate::{Request, Verdict};
use serde_json::{Map, Value, json};

use crate::shared;

/// Variants of one class of one resource.
const MOST: usize = 4;

/// A way to break a resource: gives the variants, each with the place that was changed.
type Class = (&'static str, fn(&Value, &dyn Library) -> Vec<(String, Value)>);

const CLASSES: [Class; 8] = [
    ("unknown property", unknown_property),
    ("bad code", bad_code),
    ("bad date", bad_date),
    ("wrong type", wrong_type),
    ("wrong reference target", wrong_target),
    ("broken pattern", broken_pattern),
    ("missing required", missing_required),
    ("empty object", empty_object),
];

/// Changes the value at every place that `change` gives a new one for.
fn everywhere(resource: &Value, change: &dyn Fn(&str, &Value) -> Option<Value>) -> Vec<(String, Value)> {
    let mut places = Vec::new();
    find(resource, "", "", change, &mut places);
    let step = places.len().div_ceil(MOST).max(1);
    let chosen = places.into_iter().step_by(step);
    chosen
        .map(|(pointer, value)| {
            let mut variant = resource.clone();
            *variant.pointer_mut(&pointer).unwrap() = value;
            (pointer, variant)
        })
        .collect()
}

fn find(
    value: &Value,
    pointer: &str,
    name: &str,
    change: &dyn Fn(&str, &Value) -> Option<Value>,
    places: &mut Vec<(String, Value)>,
) {
    if let Some(changed) = change(name, value) {
        places.push((pointer.to_owned(), changed));
    }
    match value {
        Value::Object(fields) => {
            for (name, value) in fields
                .iter()
                .filter(|(name, _)| *name != "text" && *name != "resourceType")
            {
                find(value, &format!("{pointer}/{name}"), name, change, places);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                find(item, &format!("{pointer}/{index}"), name, change, places);
            }
        }
        _ => {}
    }
}

fn unknown_property(resource: &Value, _: &dyn Library) -> Vec<(String, Value)> {
    everywhere(resource, &|_, value| {
        let mut fields = value.as_object()?.clone();
        fields.insert("unknownProperty".to_owned(), json!("x"));
        Some(Value::Object(fields))
    })
}

/// Codes of value sets that every version of FHIR requires and that are defined in full.
fn bad_code(resource: &Value, _: &dyn Library) -> Vec<(String, Value)> {
    everywhere(resource, &|name, value| {
        let coded = matches!(
            name,
            "status" | "gender" | "use" | "intent" | "comparator" | "mode" | "action"
        );
        (coded && value.is_string()).then(|| json!("no-such-code"))
    })
}

fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    text.len() >= 10
        && text.is_ascii()
        && bytes[4] == b'-'
        && bytes[7] == b'-'
        && bytes[..4].iter().all(u8::is_ascii_digit)
}

fn bad_date(resource: &Value, _: &dyn Library) -> Vec<(String, Value)> {
    everywhere(resource, &|name, value| {
        // An identifier or a text may look like a date.
        let dated = name.to_lowercase().ends_with("date")
            || name.ends_with("Time")
            || matches!(name, "start" | "end" | "issued");
        let text = value.as_str().filter(|text| dated && is_date(text))?;
        Some(json!(format!("{}13-45{}", &text[..5], &text[10..])))
    })
}

/// A text where an object must be.
fn wrong_type(resource: &Value, _: &dyn Library) -> Vec<(String, Value)> {
    let root = resource.as_object().unwrap().len();
    everywhere(resource, &|name, value| {
        let is_root = value
            .as_object()
            .is_some_and(|fields| fields.len() == root && fields.contains_key("resourceType"));
        (value.is_object() && !is_root && !name.is_empty()).then(|| json!("text"))
    })
}

/// References to a type that no clinical reference is to; not where a reference may be to anything.
fn wrong_target(resource: &Value, _: &dyn Library) -> Vec<(String, Value)> {
    everywhere(resource, &|name, value| {
        if matches!(name, "target" | "focus" | "item" | "entry" | "valueReference") {
            return None;
        }
        let literal = value["reference"]
            .as_str()
            .filter(|text| text.contains('/') && !text.starts_with("urn"));
        literal.map(|_| json!({"reference": "SearchParameter/1"}))
    })
}

/// What the claimed profiles fix, or give a pattern for, outside of slices: the first text of it, changed.
fn broken_pattern(resource: &Value, library: &dyn Library) -> Vec<(String, Value)> {
    let mut variants = Vec::new();
    let claims = resource["meta"]["profile"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    for claim in claims.iter().filter_map(Value::as_str) {
        let Ok(profile) = library.structure(claim) else {
            continue;
        };
        let elements = profile.snapshot.as_deref().unwrap();
        for element in elements {
            let sliced = |path: &str| {
                elements
                    .iter()
                    .any(|other| other.id == path && other.slicing.is_some())
            };
            let mut ancestors = element
                .id
                .match_indices('.')
                .map(|(at, _)| &element.id[..at])
                .chain([element.id.as_str()]);
            let Some(asked) = element.fixed.as_ref().or(element.pattern.as_ref()) else {
                continue;
            };
            if element.id.contains(':') || ancestors.any(sliced) {
                continue;
            }
            let Some(text) = first_text(&asked.value) else {
                continue;
            };
            let names: Vec<&str> = element.path.split('.').skip(1).collect();
            let Some(pointer) = reach(resource, &names, text, String::new()) else {
                continue;
            };
            let mut variant = resource.clone();
            *variant.pointer_mut(&pointer).unwrap() = json!("0000000");
            variants.push((pointer, variant));
        }
    }
    variants
}

/// The first text in a fixed value that stands for itself.
fn first_text<'t>(value: &'t Tree<'_>) -> Option<&'t str> {
    match value {
        Tree::String(text) => Some(text),
        Tree::Array(items) => items.iter().find_map(first_text),
        Tree::Object(fields) => fields.iter().rev().find_map(|(_, value)| first_text(value)),
        _ => None,
    }
}

/// Where a text stands, below the only element that the names lead to.
fn reach(value: &Value, names: &[&str], text: &str, pointer: String) -> Option<String> {
    match value {
        Value::Array(items) => match &items[..] {
            [only] => reach(only, names, text, format!("{pointer}/0")),
            _ => None,
        },
        Value::Object(fields) => match names {
            [name, rest @ ..] => reach(fields.get(*name)?, rest, text, format!("{pointer}/{name}")),
            [] => fields
                .iter()
                .find_map(|(name, value)| reach(value, names, text, format!("{pointer}/{name}"))),
        },
        _ => (names.is_empty() && value == text).then_some(pointer),
    }
}

/// Elements that the base types require.
const REQUIRED: [(&str, &str); 20] = [
    ("Observation", "status"),
    ("Observation", "code"),
    ("Condition", "subject"),
    ("Procedure", "status"),
    ("Procedure", "subject"),
    ("Encounter", "status"),
    ("Encounter", "class"),
    ("Immunization", "status"),
    ("Immunization", "vaccineCode"),
    ("Flag", "status"),
    ("Flag", "code"),
    ("Consent", "status"),
    ("AllergyIntolerance", "patient"),
    ("MedicationRequest", "intent"),
    ("MedicationStatement", "status"),
    ("DeviceUseStatement", "status"),
    ("NutritionOrder", "status"),
    ("EpisodeOfCare", "status"),
    ("RelatedPerson", "patient"),
    ("Goal", "description"),
];

fn missing_required(resource: &Value, library: &dyn Library) -> Vec<(String, Value)> {
    let required = REQUIRED.iter().filter(|(kind, name)| {
        // What STU3 leaves optional.
        let optional = library.fhir_version() == FhirVersion::Stu3
            && matches!(
                (*kind, *name),
                ("Encounter", "class") | ("NutritionOrder", "status")
            );
        // An extension may stand for the value.
        let extended = resource.get(format!("_{name}")).is_some();
        !optional && !extended && resource["resourceType"] == *kind && resource.get(*name).is_some()
    });
    required
        .map(|(_, name)| {
            let mut variant = resource.clone();
            variant.as_object_mut().unwrap().remove(*name);
            (format!("/{name}"), variant)
        })
        .collect()
}

fn empty_object(resource: &Value, _: &dyn Library) -> Vec<(String, Value)> {
    let root = resource.as_object().unwrap().len();
    everywhere(resource, &|name, value| {
        let is_root = value
            .as_object()
            .is_some_and(|fields| fields.len() == root && fields.contains_key("resourceType"));
        (value.is_object() && !is_root && !name.is_empty()).then(|| Value::Object(Map::new()))
    })
}

/// Makes every variant of every file that is accepted as it is, and counts those that are rejected.
#[track_caller]
fn rejects(definitions: &shared::Definitions, folder: &Path) {
    let validator = definitions.validator();
    let library = &*definitions.library;
    let version = library.fhir_version();
    let mut rejected = BTreeMap::<&str, (usize, usize)>::new();
    for (name, body) in shared::files(folder) {
        let verdict = |body: &[u8]| match shared::document(&name, body, version) {
            Ok(document) => validator.validate(&document, &Request::default()).verdict(),
            Err(_) => Verdict::Invalid,
        };
        if verdict(&body) == Verdict::Invalid {
            continue;
        }
        let resource: Value = serde_json::from_slice(&body).unwrap();
        for (class, variants) in CLASSES {
            for (place, variant) in variants(&resource, library) {
                let body = serde_json::to_vec(&variant).unwrap();
                let count = rejected.entry(class).or_default();
                count.1 += 1;
                if verdict(&body) == Verdict::Invalid {
                    count.0 += 1;
                } else {
                    eprintln!("not rejected: {class} at {place} of {name}");
                }
            }
        }
    }
    let (mut all_rejected, mut all) = (0, 0);
    for (class, (rejected, total)) in &rejected {
        eprintln!("{class}: {rejected} of {total} rejected");
        all_rejected += rejected;
        all += total;
    }
    eprintln!("{all_rejected} of {all} variants rejected");
    assert_eq!(rejected.len(), CLASSES.len(), "a class has no variant");
    assert!(all_rejected * 100 >= all * 99, "{all_rejected} of {all}");
}

#[test]
fn variants_of_resources_of_zib2017_are_rejected() {
    let Some((shared, definitions)) = shared::folder().zip(shared::zib2017()) else {
        return;
    };
    rejects(definitions, &shared.join("testdata/bgz-stu3"));
}

#[test]
fn variants_of_examples_of_nl_core_are_rejected() {
    let Some((shared, definitions)) = shared::folder().zip(shared::nl_core()) else {
        return;
    };
    rejects(definitions, &shared.join("testdata/nl-core-r4-examples"));
}
