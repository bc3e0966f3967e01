//! A name beside each reference: that of what it leads to, when that is in the answer and the source gave none.
//!
//! The Dutch FHIR guides ask for it on every Reference. Nothing is invented: what has no name of its own gets none.

use samenhang_profiles::document::{Document, Node};

use super::shelf::Shelf;
use super::splice::Splice;

/// The displays that are missing in a resource and can be given.
pub(super) fn missing(shelf: &Shelf<'_>, index: usize, document: &Document<'_>) -> Vec<Splice> {
    let nodes = (0..document.len()).filter_map(|id| document.node(id));
    let references = nodes.filter(|node| node.fhir_type() == "Reference" && node.child("display").is_none());
    references
        .filter_map(|node| {
            let target = shelf.root(shelf.resolve(index, node.text("reference")?)?)?;
            let name = serde_json::to_string(&name(target)?).ok()?;
            // Behind the brace that opens the object; it holds `reference`, so a comma follows.
            let at = node.offset() + 1;
            Some(Splice {
                from: at,
                to: at,
                text: format!("\"display\":{name},").into_bytes(),
            })
        })
        .collect()
}

/// The name of a resource in words.
fn name(root: Node<'_>) -> Option<String> {
    let concept = |name: &str| {
        let concept = root.child(name)?;
        let coding = concept
            .children_named("coding")
            .find_map(|coding| coding.text("display"));
        concept.text("text").or(coding).map(str::to_owned)
    };
    match root.resource_type() {
        "Patient" | "Practitioner" | "RelatedPerson" => root.children_named("name").find_map(person),
        "Organization" | "Location" | "CareTeam" | "HealthcareService" => {
            root.text("name").map(str::to_owned)
        }
        "PractitionerRole" => concept("specialty").or_else(|| concept("code")),
        "Device" | "Encounter" | "Specimen" => concept("type"),
        _ => concept("code"),
    }
}

/// A name of a person: as text, else the given names and the family name.
fn person(name: Node<'_>) -> Option<String> {
    if let Some(text) = name.text("text") {
        return Some(text.to_owned());
    }
    let given = name.children_named("given").filter_map(Node::primitive);
    let parts: Vec<&str> = given.chain(name.text("family")).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}
