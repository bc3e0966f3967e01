//! What extensions of a profile's elements ask of a value.

use serde_json::{Value, json};

use super::{finds, patient};

/// A profile on one element with one of these extensions, by name and value.
fn asked(path: &str, name: &str, value: &Value) -> Value {
    let url = if name.contains('.') {
        format!("http://hl7.org/fhir/5.0/StructureDefinition/extension-{name}")
    } else {
        format!("http://hl7.org/fhir/StructureDefinition/{name}")
    };
    let mut extension = json!({ "url": url });
    let all = extension.as_object_mut().unwrap();
    all.extend(value.as_object().unwrap().clone());
    json!([{"id": path, "path": path, "extension": [extension]}])
}

#[test]
fn texts_are_held_to_lengths_and_patterns() {
    let value = |text: &str| patient(&json!({"identifier": [{"value": text}]}));
    let least = asked(
        "Patient.identifier.value",
        "minLength",
        &json!({"valueInteger": 3}),
    );
    finds(&least, &value("abc"), &[]);
    finds(&least, &value("é2"), &["min-length Patient.identifier[0].value"]);
    let pattern = asked(
        "Patient.identifier.value",
        "regex",
        &json!({"valueString": "a+|b"}),
    );
    finds(&pattern, &value("aaa"), &[]);
    finds(&pattern, &value("ab"), &["regex Patient.identifier[0].value"]);
    let broken = asked("Patient.identifier.value", "regex", &json!({"valueString": "("}));
    finds(&broken, &value("ab"), &["definition-unchecked Patient"]);
}

#[test]
fn a_value_has_to_be_there_or_what_stands_in_for_it() {
    let url = "http://hl7.org/fhir/StructureDefinition/data-absent-reason";
    let value = json!({"active": true});
    let absent = json!({"_active": {"extension": [{"url": url, "valueCode": "unknown"}]}});
    let must = asked(
        "Patient.active",
        "ElementDefinition.mustHaveValue",
        &json!({"valueBoolean": true}),
    );
    finds(&must, &patient(&value), &[]);
    finds(&must, &patient(&absent), &["value-required Patient.active"]);
    let other = json!({"valueCanonical": "http://example.nl/other"});
    for (allowed, expected) in [
        (json!({"valueCanonical": url}), &[][..]),
        (other, &["value-required Patient.active"][..]),
    ] {
        let alternatives = asked("Patient.active", "ElementDefinition.valueAlternatives", &allowed);
        finds(&alternatives, &patient(&value), &[]);
        finds(&alternatives, &patient(&absent), expected);
    }
}

/// A Patient with a narrative of these parts.
fn told(inner: &str, language: &str) -> Value {
    let div = format!("<div xmlns=\"http://www.w3.org/1999/xhtml\">{inner}</div>");
    patient(&json!({"language": language, "text": {"status": "generated", "div": div}}))
}

#[test]
fn narratives_are_divided_as_asked() {
    let source = asked(
        "Patient.text",
        "narrative-source-control",
        &json!({"valueCode": "error"}),
    );
    finds(
        &source,
        &told("<p class=\"generated\">a</p> <p class=\"x original\">b</p>", "nl"),
        &[],
    );
    for inner in [
        "<p class=\"generated\">a</p>b",
        "<p class=\"x\">a</p>",
        "<p><b class=\"original\">a</b></p>",
    ] {
        finds(&source, &told(inner, "nl"), &["narrative-source Patient.text"]);
    }
    let dutch = "<div xml:lang=\"nl\">a</div><div xml:lang=\"de\">b</div>";
    let wrong = &["narrative-language Patient.text"][..];
    for (asked_for, inner, expected) in [
        ("_yes", dutch, &[][..]),
        ("_yes", "<p xml:lang=\"nl\">a</p>", wrong),
        ("_no", "<p>a</p>", &[]),
        ("#no", dutch, wrong),
        ("_resource", dutch, &[]),
        ("_resource", "<div xml:lang=\"de\">b</div>", wrong),
        ("de", dutch, &[]),
        ("en", dutch, wrong),
    ] {
        let languages = asked(
            "Patient.text",
            "narrative-language-control",
            &json!({"valueCode": asked_for}),
        );
        finds(&languages, &told(inner, "nl"), expected);
    }
}
