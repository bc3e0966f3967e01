//! The data types of FHIR that statements are written with.

use serde_json::{Value, json};

use super::ZIB;
use crate::statement::{Concept, Kind, Number, Said, Statement, Tag, UnitForm, When};
use crate::term::Code;

/// Before the text of a number that must keep its digits: a number of JSON would lose the zeros at its end.
pub(crate) const DIGITS: &str = "digits:";

pub(super) fn coding(code: Code, as_oid: bool) -> Value {
    let system = if as_oid { code.system.oid() } else { None };
    json!({"system": system.unwrap_or(code.system.uri()), "code": code.code, "display": code.name})
}

pub(super) fn coded(code: Code) -> Value {
    json!({"coding": [coding(code, false)], "text": code.name})
}

pub(super) fn concept(concept: &Concept) -> Value {
    let mut json = json!({});
    if !concept.codes.is_empty() {
        let codings: Vec<Value> = concept
            .codes
            .iter()
            .map(|code| coding(*code, concept.as_oid))
            .collect();
        json["coding"] = json!(codings);
    }
    if let Some(text) = &concept.text {
        json["text"] = json!(text);
    }
    json
}

/// The mark that it is a copy, where nl-core has a place for it.
pub(super) fn marked(of: &Statement, json: &mut Value) {
    if !of.is_copy || !of.kind.is_marked() {
        return;
    }
    let mark = extension("ext-CopyIndicator", "valueBoolean", &json!(true));
    match json.get_mut("extension").and_then(Value::as_array_mut) {
        Some(extensions) => extensions.push(mark),
        None => json["extension"] = json!([mark]),
    }
}

/// A code of FHIR itself, as a concept.
pub(super) fn word(system: &str, code: &str) -> Value {
    json!({"coding": [{"system": format!("http://terminology.hl7.org/CodeSystem/{system}"), "code": code}]})
}

pub(super) fn numbers(numbers: &[Number]) -> Value {
    let written = numbers.iter().map(|number| {
        let mut json = json!({"system": number.system, "value": number.value});
        if let Some(assigner) = &number.assigner {
            json["assigner"] =
                json!({"identifier": {"system": "http://fhir.nl/fhir/NamingSystem/ura", "value": assigner}});
        }
        json
    });
    Value::Array(written.collect())
}

pub(super) fn period(start: Option<When>, end: Option<When>) -> Option<Value> {
    let mut json = json!({});
    if let Some(start) = start {
        json["start"] = json!(start.text());
    }
    if let Some(end) = end {
        json["end"] = json!(end.text());
    }
    (start.is_some() || end.is_some()).then_some(json)
}

/// Sets `value[x]`, or why there is none.
pub(super) fn value(said: &Said, json: &mut Value) {
    match said {
        Said::Nothing => {}
        Said::Code(code) => json["valueCodeableConcept"] = coded(*code),
        Said::Absent(reason) => json["dataAbsentReason"] = coded(*reason),
        Said::Quantity(amount) => {
            let mut quantity =
                json!({"value": format!("{DIGITS}{}", amount.text()), "unit": amount.unit.written});
            match amount.form {
                UnitForm::Coded => {
                    quantity["system"] = json!("http://unitsofmeasure.org");
                    quantity["code"] = json!(amount.unit.ucum);
                }
                UnitForm::Written => {}
                UnitForm::Obscure => quantity["unit"] = json!("eenheden"),
            }
            if let Some(comparator) = amount.comparator {
                quantity["comparator"] = json!(comparator);
            }
            json["valueQuantity"] = quantity;
        }
    }
}

/// A body site with its side; nothing when there is neither.
pub(super) fn site(statement: &Statement) -> Option<Value> {
    let (site, side) = (statement.code(Tag::Site), statement.code(Tag::Side));
    if site.is_none() && side.is_none() {
        return None;
    }
    let mut json = site.map_or_else(|| json!({"text": "zie zijde"}), coded);
    if let Some(side) = side {
        json["extension"] = json!([extension(
            "ext-AnatomicalLocation.Laterality",
            "valueCodeableConcept",
            &coded(side)
        )]);
    }
    Some(json)
}

pub(super) fn extension(name: &str, field: &str, value: &Value) -> Value {
    json!({"url": format!("{ZIB}{name}"), field: value})
}

/// What a holder adds that says nothing about the patient.
pub(super) fn remark(statement: &Statement, json: &mut Value) {
    let Some(remark) = &statement.remark else { return };
    let has_note = !matches!(
        statement.kind,
        Kind::Alert
            | Kind::Encounter
            | Kind::Directive
            | Kind::Payer
            | Kind::Document
            | Kind::ContactPerson
            | Kind::Organization
            | Kind::Practitioner
    );
    if has_note {
        json["note"] = json!([{"text": remark}]);
    } else {
        json["language"] = json!("nl-NL");
        json["extension"] = json!([{"url": "urn:oid:2.999.900.7", "valueString": remark}]);
    }
}

/// What changes the meaning of the whole.
pub(super) fn qualify(statement: &Statement, json: &mut Value) {
    if statement.word(Tag::Modifier).is_some() {
        json["modifierExtension"] = json!([{"url": "urn:oid:2.999.900.8", "valueBoolean": true}]);
    }
    if let Some(focus) = statement.word(Tag::Focus) {
        json["focus"] = json!([{"type": "RelatedPerson", "display": focus}]);
    }
}
