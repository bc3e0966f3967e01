//! A statement as the FHIR R4 resource that a holder would send, in the shapes of the zibs of 2020.

mod clinical;
mod course;
mod medication;
mod part;

use serde_json::{Map, Value, json};

use crate::statement::{Kind, Statement, Tag};
pub(crate) use part::DIGITS;
use part::{numbers, remark};

/// How a set of seeds writes what can be written in more ways than one.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Style {
    /// A specimen and a product are contained and not beside the resource.
    pub(crate) contained: bool,
    /// A begin is the start of a period and not a moment.
    pub(crate) periods: bool,
    /// A category has its display and a second coding.
    pub(crate) wordy: bool,
}

/// Where a resource is written.
#[derive(Clone, Copy)]
pub(crate) struct Place<'p> {
    /// Logical id.
    pub(crate) id: &'p str,
    /// Logical id of the patient at the holder.
    pub(crate) patient: &'p str,
    pub(crate) style: Style,
}

/// Base of the structure definitions of the zibs.
pub(crate) const ZIB: &str = "http://nictiz.nl/fhir/StructureDefinition/";

/// The resource, and what it needs beside it.
pub(crate) fn render(statement: &Statement, place: Place<'_>) -> Vec<Value> {
    let mut beside = Vec::new();
    let mut json = match statement.kind {
        Kind::Problem | Kind::Allergy | Kind::NoKnownAllergy | Kind::Alert => {
            clinical::concern(statement, place)
        }
        Kind::Laboratory | Kind::Vital | Kind::Situation => {
            clinical::observation(statement, place, &mut beside)
        }
        Kind::Agreement | Kind::AdministrationAgreement | Kind::MedicationUse => {
            medication::block(statement, place, &mut beside)
        }
        _ => course::event(statement, place, &mut beside),
    };
    let mut head = Map::new();
    head.insert("id".to_owned(), json!(place.id));
    if let Some(object) = json.as_object_mut() {
        head.insert(
            "resourceType".to_owned(),
            object.remove("resourceType").unwrap_or_default(),
        );
        let mut meta = Map::new();
        if let Some(profile) = object.remove("profile") {
            let profile = format!("{ZIB}{}", profile.as_str().unwrap_or_default());
            meta.insert("profile".to_owned(), json!([profile]));
        }
        if statement.word(Tag::Restricted).is_some() {
            let label =
                json!({"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"});
            meta.insert("security".to_owned(), json!([label]));
        }
        if !meta.is_empty() {
            head.insert("meta".to_owned(), Value::Object(meta));
        }
        if !statement.numbers.is_empty() {
            head.insert("identifier".to_owned(), numbers(&statement.numbers));
        }
        head.append(object);
        // What is not known is left out.
        head.retain(|_, value| !value.is_null());
    }
    let mut json = Value::Object(head);
    remark(statement, &mut json);
    part::marked(statement, &mut json);
    part::qualify(statement, &mut json);
    let mut all = vec![json];
    all.append(&mut beside);
    all
}
