//! Quirks of the shape of JSON, by what the reader of documents notes as irregular.

use std::collections::HashSet;

use samenhang_profiles::document::{Document, Irregularity, Node, Rule, ValueKind};

use super::Quirk;
use super::edit::{after, before, end_of, property, quoted};
use super::examine::Look;
use crate::functions;

/// Types whose names are told apart by nothing but capitals: what a source may mean by `patient`.
const TYPES: [&str; 44] = [
    "AllergyIntolerance",
    "Appointment",
    "Binary",
    "BodySite",
    "BodyStructure",
    "Bundle",
    "CarePlan",
    "CareTeam",
    "ClinicalImpression",
    "Composition",
    "Condition",
    "Consent",
    "Coverage",
    "Device",
    "DeviceRequest",
    "DeviceUseStatement",
    "DiagnosticReport",
    "DocumentReference",
    "Encounter",
    "EpisodeOfCare",
    "Flag",
    "Goal",
    "HealthcareService",
    "ImagingStudy",
    "Immunization",
    "ImmunizationRecommendation",
    "Location",
    "Media",
    "Medication",
    "MedicationAdministration",
    "MedicationDispense",
    "MedicationRequest",
    "MedicationStatement",
    "NutritionOrder",
    "Observation",
    "Organization",
    "Patient",
    "Practitioner",
    "PractitionerRole",
    "Procedure",
    "ProcedureRequest",
    "RelatedPerson",
    "ServiceRequest",
    "Specimen",
];
/// Names of lists in which the same thing twice says no more than once.
const SETS: [&str; 4] = ["extension", "identifier", "coding", "profile"];

/// A fault of shape.
pub(super) fn irregularity(look: &mut Look<'_>, document: &Document<'_>, irregularity: &Irregularity) {
    let Some(text) = look.text else { return };
    let node = document.node_of(irregularity);
    match irregularity.rule() {
        Rule::Empty | Rule::EmptyArray | Rule::Null => look.hollow(node),
        Rule::WrongKind => wrong_kind(look, text, node),
        // What also has an `_name` would need that in a list too.
        Rule::MissingArray if node.is_primitive() && node.children().next().is_some() => {
            look.note(Quirk::ShapeMisfit, node);
        }
        Rule::MissingArray => {
            look.note(Quirk::MissingArray, node);
            if let Some(end) = end_of(text, node.offset()) {
                look.edit(node.offset(), node.offset(), "[".to_owned());
                look.edit(end, end, "]".to_owned());
            }
        }
        Rule::UnexpectedArray => unexpected_array(look, text, node),
        Rule::NestedArray => look.note(Quirk::ShapeMisfit, node),
        Rule::UnknownResourceType => type_in_other_case(look, text, node),
        _ => {}
    }
}

/// Text for a number or boolean, or the other way around.
fn wrong_kind(look: &mut Look<'_>, text: &[u8], node: Node<'_>) {
    let value = node.primitive().unwrap_or_default();
    let is_string = text.get(node.offset()) == Some(&b'"');
    let is_number = is_json_number(text.get(node.offset()..).unwrap_or_default());
    let end = end_of(text, node.offset()).unwrap_or(node.offset());
    match node.kind() {
        ValueKind::Number if is_string && functions::plain_number(value) => {
            look.note(Quirk::NumberAsText, node);
            look.edit(node.offset(), end, value.to_owned());
        }
        ValueKind::Boolean if is_string && ["true", "false"].contains(&value) => {
            look.note(Quirk::NumberAsText, node);
            look.edit(node.offset(), end, value.to_owned());
        }
        ValueKind::Text if !is_string && is_number => {
            look.note(Quirk::TextAsNumber, node);
            look.edit(node.offset(), end, quoted(value));
        }
        ValueKind::Number if is_string => look.note(Quirk::NumberInWords, node),
        _ => look.note(Quirk::ShapeMisfit, node),
    }
}

fn is_json_number(text: &[u8]) -> bool {
    matches!(text.first(), Some(b'-' | b'0'..=b'9'))
}

/// A list of one where one stands.
fn unexpected_array(look: &mut Look<'_>, text: &[u8], node: Node<'_>) {
    let name = node.name();
    let same = node
        .parent()
        .map_or(0, |above| above.children_named(name).count());
    let open = before(text, node.offset()).filter(|at| text.get(*at) == Some(&b'['));
    let end = end_of(text, node.offset());
    let close = end
        .and_then(|end| after(text, end))
        .filter(|at| text.get(*at) == Some(&b']'));
    match (open, end, close) {
        (Some(open), Some(end), Some(close))
            if same == 1 && node.children().next().is_none_or(|_| !node.is_primitive()) =>
        {
            look.note(Quirk::ListOfOne, node);
            look.edit(open, node.offset(), String::new());
            look.edit(end, close + 1, String::new());
        }
        _ => look.note(Quirk::ShapeMisfit, node),
    }
}

/// `resourceType` in other capitals.
fn type_in_other_case(look: &mut Look<'_>, text: &[u8], node: Node<'_>) {
    let sent = node.resource_type();
    let Some(meant) = TYPES.iter().find(|name| name.eq_ignore_ascii_case(sent)) else {
        return;
    };
    let known = node.document().has_resource(meant);
    if let Some(at) = property(text, node.offset(), "resourceType").filter(|_| known) {
        look.note(Quirk::TypeInOtherCase, node);
        if let Some(end) = end_of(text, at) {
            look.edit(at, end, quoted(meant));
        }
    }
}

/// The same item twice in a list that is a set; `second` is the second item of any list.
pub(super) fn repeated(look: &mut Look<'_>, second: Node<'_>) {
    let name = second.name();
    let (Some(text), Some(above), true) = (look.text, second.parent(), SETS.contains(&name)) else {
        return;
    };
    let mut seen: HashSet<&[u8]> = HashSet::new();
    let mut last = None;
    for item in above.children_named(name) {
        let Some(end) = end_of(text, item.offset()) else {
            return;
        };
        let Some(body) = text.get(item.offset()..end) else {
            return;
        };
        // What has an `_name` too is not whole here.
        let is_whole = !item.is_primitive() || item.children().next().is_none();
        match last {
            Some(last) if is_whole && seen.contains(body) => {
                look.note(Quirk::RepeatedItem, item);
                look.edit(last, end, String::new());
            }
            _ => {
                seen.insert(body);
            }
        }
        last = Some(end);
    }
}
