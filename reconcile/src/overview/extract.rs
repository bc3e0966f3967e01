//! Finds in a resource the few texts that a person sees, in R4 and in STU3. As sent, or not at all.

use std::collections::BTreeMap;

use samenhang_profiles::Received;
use samenhang_profiles::tree::Tree;

use super::recorder::{People, Recorder};
use crate::CHECKED;
use crate::subject::local;

/// What a resource says to a person.
pub(super) struct Said {
    pub(super) title: String,
    pub(super) detail: String,
    pub(super) status: Option<String>,
    pub(super) recorder: Option<Recorder>,
}

/// Names of products and people by endpoint and id, for a reference without a display.
pub(super) struct Products<'a> {
    names: BTreeMap<(&'a str, &'a str, &'a str), String>,
    people: People<'a>,
}

impl<'a> Products<'a> {
    pub(super) fn new(items: &'a [Received]) -> Self {
        let names = items
            .iter()
            .filter(|item| matches!(item.resource.resource_type(), "Medication" | "Device"))
            .filter_map(|item| {
                let tree = Tree::parse(item.resource.body(), &CHECKED).ok()?;
                let name = concept(tree.get("code")).or_else(|| concept(tree.get("type")))?;
                let kind = item.resource.resource_type();
                Some(((&*item.lineage.endpoint, kind, item.resource.id()?), name))
            })
            .collect();
        Products {
            names,
            people: People::new(items),
        }
    }

    fn name(&self, endpoint: &str, reference: Option<&Tree<'_>>) -> Option<String> {
        let reference = reference?;
        let display = reference.text("display").map(str::to_owned);
        display.or_else(|| {
            let (kind, id) = local(reference.text("reference")?, endpoint)?;
            self.names.get(&(endpoint, kind, id)).cloned()
        })
    }
}

pub(super) fn said(received: &Received, products: &Products<'_>) -> Said {
    let Ok(tree) = Tree::parse(received.resource.body(), &CHECKED) else {
        return Said {
            title: received.resource.resource_type().to_owned(),
            detail: String::new(),
            status: None,
            recorder: None,
        };
    };
    let endpoint = &*received.lineage.endpoint;
    let kind = received.resource.resource_type();
    let title = title(kind, &tree, endpoint, products).unwrap_or_else(|| kind.to_owned());
    let detail: Vec<String> = detail(kind, &tree);
    Said {
        title,
        detail: detail.join("; "),
        status: status(&tree),
        recorder: products.people.recorder(kind, &tree, endpoint),
    }
}

fn title(kind: &str, tree: &Tree<'_>, endpoint: &str, products: &Products<'_>) -> Option<String> {
    match kind {
        "Patient" | "RelatedPerson" => human(tree.get("name")),
        "CareTeam" => tree.text("name").map(str::to_owned),
        "Coverage" => first(tree.get("payor"))
            .and_then(|payor| payor.text("display").map(str::to_owned))
            .or_else(|| concept(tree.get("type"))),
        "MedicationRequest" | "MedicationDispense" | "MedicationStatement" | "MedicationAdministration" => {
            concept(tree.get("medicationCodeableConcept"))
                .or_else(|| products.name(endpoint, tree.get("medicationReference")))
        }
        "Immunization" => concept(tree.get("vaccineCode")),
        "DeviceUseStatement" => products.name(endpoint, tree.get("device")),
        "Device" => concept(tree.get("type")),
        "Encounter" => concept(first(tree.get("reasonCode")))
            .or_else(|| concept(first(tree.get("reason"))))
            .or_else(|| tree.text("class.display").map(str::to_owned)),
        "Consent" => concept(tree.path("provision.code.0"))
            .or_else(|| {
                extension(tree, "zib-TreatmentDirective-Treatment")
                    .and_then(|e| concept(e.get("valueCodeableConcept")))
            })
            .or_else(|| concept(first(tree.get("category")))),
        "NutritionOrder" => concept(tree.path("oralDiet.type.0")),
        "Appointment" => tree.text("description").map(str::to_owned),
        "EpisodeOfCare" => tree
            .path("diagnosis.0.condition")
            .and_then(|condition| condition.text("display").map(str::to_owned)),
        _ => None,
    }
    .or_else(|| concept(tree.get("code")))
    .or_else(|| {
        tree.get("type")
            .and_then(|kind| concept(first(Some(kind)).or(Some(kind))))
    })
    .or_else(|| concept(first(tree.get("category"))).filter(|_| kind != "Observation"))
}

fn detail(kind: &str, tree: &Tree<'_>) -> Vec<String> {
    let mut said: Vec<String> = value(tree).into_iter().collect();
    match kind {
        "Patient" => said.extend(
            [tree.text("birthDate"), tree.text("gender")]
                .into_iter()
                .flatten()
                .map(str::to_owned),
        ),
        "RelatedPerson" => said.extend(concept(
            tree.get("relationship").map(|r| first(Some(r)).unwrap_or(r)),
        )),
        "CareTeam" => said.extend(displays(tree.get("participant"), "member.display")),
        "AllergyIntolerance" => {
            said.extend(tree.text("criticality").map(str::to_owned));
            for reaction in items(tree.get("reaction")) {
                let manifestations = items(reaction.get("manifestation"));
                said.extend(manifestations.iter().filter_map(|m| concept(Some(m))));
                said.extend(reaction.text("severity").map(str::to_owned));
            }
        }
        "MedicationRequest" | "MedicationDispense" => {
            said.extend(displays(tree.get("dosageInstruction"), "text"));
            said.extend(quantity(tree.get("quantity")));
            said.extend(quantity(tree.path("dispenseRequest.quantity")));
        }
        "MedicationStatement" => said.extend(displays(tree.get("dosage"), "text")),
        "MedicationAdministration" => said.extend(quantity(tree.path("dosage.dose"))),
        "Immunization" => said.extend(tree.text("lotNumber").map(str::to_owned)),
        "Observation" => {
            for component in items(tree.get("component")) {
                let parts = [concept(component.get("code")), value(component)];
                said.push(parts.into_iter().flatten().collect::<Vec<_>>().join(" "));
            }
            said.extend(displays(tree.get("hasMember"), "display"));
        }
        "DiagnosticReport" => said.extend(tree.text("conclusion").map(str::to_owned)),
        "Consent" => {
            said.extend(tree.text("provision.type").map(str::to_owned));
            let permitted = items(tree.get("modifierExtension"));
            said.extend(
                permitted
                    .iter()
                    .filter_map(|e| concept(e.get("valueCodeableConcept"))),
            );
            said.extend(
                permitted
                    .iter()
                    .filter_map(|e| e.text("valueString").map(str::to_owned)),
            );
        }
        "DeviceUseStatement" | "Procedure" | "Condition" => {
            let sites = tree.get("bodySite");
            said.extend(
                items(sites)
                    .iter()
                    .chain(sites)
                    .filter_map(|site| concept(Some(site))),
            );
        }
        "Flag" => said.extend(concept(tree.get("category").map(|c| first(Some(c)).unwrap_or(c)))),
        "Encounter" => said.extend(tree.text("class.display").map(str::to_owned)),
        "Appointment" => said.extend(displays(tree.get("participant"), "actor.display")),
        "Coverage" => said.extend(concept(tree.get("type"))),
        _ => {}
    }
    if kind != "MedicationAdministration" {
        said.extend(displays(tree.get("reasonReference"), "display"));
    }
    said.extend(displays(tree.get("note"), "text"));
    said.extend(tree.text("comment").map(str::to_owned));
    said.retain(|text| !text.is_empty());
    said
}

/// Status, clinical status and verification status, each as sent.
fn status(tree: &Tree<'_>) -> Option<String> {
    let code = |name: &str| {
        let element = tree.get(name)?;
        let text = element
            .as_str()
            .or_else(|| element.text("coding.0.code"))
            .or_else(|| element.text("text"))?;
        Some(text.to_owned())
    };
    let said: Vec<String> = ["status", "clinicalStatus", "verificationStatus"]
        .into_iter()
        .filter_map(code)
        .collect();
    (!said.is_empty()).then(|| said.join(", "))
}

/// A concept as a person reads it: its text, else the first display, else the first code.
pub(super) fn concept(concept: Option<&Tree<'_>>) -> Option<String> {
    let concept = concept?;
    let codings = items(concept.get("coding"));
    concept
        .text("text")
        .or_else(|| codings.iter().find_map(|coding| coding.text("display")))
        .or_else(|| codings.iter().find_map(|coding| coding.text("code")))
        .map(str::to_owned)
}

/// A quantity: its number as sent and its unit.
pub(super) fn quantity(quantity: Option<&Tree<'_>>) -> Option<String> {
    let quantity = quantity?;
    let number = quantity.get("value")?.as_number()?;
    let comparator = quantity.text("comparator").unwrap_or_default();
    let unit = quantity
        .text("unit")
        .or_else(|| quantity.text("code"))
        .unwrap_or_default();
    Some(format!("{comparator}{number} {unit}").trim_end().to_owned())
}

/// `value[x]` of an Observation or a component.
fn value(tree: &Tree<'_>) -> Option<String> {
    let plain = |name: &str| {
        let value = tree.get(name)?;
        let text = value.as_str().or_else(|| value.as_number()).map(str::to_owned);
        text.or_else(|| value.as_bool().map(|value| value.to_string()))
    };
    quantity(tree.get("valueQuantity"))
        .or_else(|| concept(tree.get("valueCodeableConcept")))
        .or_else(|| {
            [
                "valueString",
                "valueInteger",
                "valueBoolean",
                "valueDateTime",
                "valueTime",
            ]
            .into_iter()
            .find_map(plain)
        })
        .or_else(|| concept(tree.get("dataAbsentReason")))
}

pub(super) fn human(name: Option<&Tree<'_>>) -> Option<String> {
    let name = first(name)?;
    if let Some(text) = name.text("text") {
        return Some(text.to_owned());
    }
    let given = items(name.get("given")).iter().filter_map(Tree::as_str);
    let parts: Vec<&str> = given.chain(name.text("family")).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

fn extension<'t, 'a>(tree: &'t Tree<'a>, name: &str) -> Option<&'t Tree<'a>> {
    tree.get("extension")?.items().iter().find(|extension| {
        extension
            .text("url")
            .is_some_and(|url| url.rsplit('/').next() == Some(name))
    })
}

fn displays(list: Option<&Tree<'_>>, path: &str) -> Vec<String> {
    items(list)
        .iter()
        .filter_map(|item| item.text(path).map(str::to_owned))
        .collect()
}

pub(super) fn items<'t, 'a>(list: Option<&'t Tree<'a>>) -> &'t [Tree<'a>] {
    list.map_or(&[], Tree::items)
}

pub(super) fn first<'t, 'a>(list: Option<&'t Tree<'a>>) -> Option<&'t Tree<'a>> {
    list?.at(0)
}
