//! Building blocks of Medicatieproces 9.

use serde_json::{Value, json};

use super::Place;
use super::part::{coded, concept, extension, period};
use crate::statement::{Kind, Mark, Statement, Tag, When};

pub(super) fn block(of: &Statement, place: Place<'_>, beside: &mut Vec<Value>) -> Value {
    let subject = json!({"reference": format!("Patient/{}", place.patient)});
    let (kind, profile, category, dosage) = match of.kind {
        Kind::Agreement => (
            "MedicationRequest",
            "mp-MedicationAgreement",
            "33633005",
            "dosageInstruction",
        ),
        Kind::AdministrationAgreement => (
            "MedicationDispense",
            "mp-AdministrationAgreement",
            "422037009",
            "dosageInstruction",
        ),
        _ => ("MedicationStatement", "mp-MedicationUse2", "422979000", "dosage"),
    };
    let coding = json!({"coding": [{"system": "http://snomed.info/sct", "code": category}]});
    let category = if of.kind == Kind::Agreement {
        json!([coding])
    } else {
        coding
    };
    let status = of.word(Tag::Status).unwrap_or("active");
    let mut json = json!({"resourceType": kind, "profile": profile, "status": status, "category": category, "subject": subject});
    if of.kind == Kind::Agreement {
        json["intent"] = json!(of.word(Tag::Intent).unwrap_or("order"));
    }
    if of.word(Tag::NotToDo).is_some() {
        json["doNotPerform"] = json!(true);
    }
    let mut extensions = Vec::new();
    if let Some(period) = period(of.when, of.until) {
        if of.kind == Kind::MedicationUse {
            json["effectivePeriod"] = period;
        } else {
            extensions.push(extension("ext-TimeInterval.Period", "valuePeriod", &period));
        }
    }
    if let Some(treatment) = of.count(Tag::Treatment) {
        let identifier = json!({"system": "urn:oid:2.999.700700.77", "value": format!("MBH-{treatment}")});
        extensions.push(extension(
            "ext-PharmaceuticalTreatment.Identifier",
            "valueIdentifier",
            &identifier,
        ));
    }
    if let Some(recorded) = of.recorded {
        let when = json!(When::second(recorded).text());
        match of.kind {
            Kind::MedicationUse => json["dateAsserted"] = when,
            _ => extensions.push(extension("ext-RegistrationDateTime", "valueDateTime", &when)),
        }
    }
    if !extensions.is_empty() {
        json["extension"] = json!(extensions);
    }
    if let Some(Mark::Code(stop)) = of.tags.get(&Tag::Stop) {
        json["modifierExtension"] = json!([extension("ext-StopType", "valueCodeableConcept", &coded(*stop))]);
    }
    if place.style.contained {
        json["medicationCodeableConcept"] = concept(&of.concept);
    } else {
        let id = format!("{}-product", place.id);
        beside.push(json!({"resourceType": "Medication", "id": id, "code": concept(&of.concept)}));
        json["medicationReference"] = json!({"reference": format!("Medication/{id}")});
    }
    if let Some(dose) = of.count(Tag::Dose) {
        json[dosage] = json!([{
            "text": format!("{dose} maal per dag 1 stuk, oraal"),
            "timing": {"repeat": {"frequency": dose, "period": 1, "periodUnit": "d"}},
            "route": {"coding": [{"system": "urn:oid:2.16.840.1.113883.2.4.4.9", "code": "9", "display": "oraal"}]},
            "doseAndRate": [{"doseQuantity": {"value": 1, "unit": "stuk", "system": "http://unitsofmeasure.org", "code": "1"}}]
        }]);
    }
    json
}
