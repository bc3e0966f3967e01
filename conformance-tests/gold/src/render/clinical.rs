//! Problems, allergies, alerts and observations.

use serde_json::{Value, json};

use super::Place;
use super::part::{coded, coding, concept, period, site, value, word};
use crate::statement::{Kind, Statement, Tag, When};

pub(super) fn concern(of: &Statement, place: Place<'_>) -> Value {
    let subject = json!({"reference": format!("Patient/{}", place.patient)});
    let mut json = match of.kind {
        Kind::Problem => {
            json!({"resourceType": "Condition", "profile": "nl-core-Problem", "subject": subject})
        }
        Kind::Alert => json!({"resourceType": "Flag", "profile": "nl-core-Alert", "subject": subject}),
        _ => {
            json!({"resourceType": "AllergyIntolerance", "profile": "nl-core-AllergyIntolerance", "patient": subject})
        }
    };
    json["code"] = concept(&of.concept);
    let system = if of.kind == Kind::Problem {
        "condition"
    } else {
        "allergyintolerance"
    };
    if let Some(verification) = of.word(Tag::Verification) {
        let system = if of.kind == Kind::Problem {
            "condition-ver-status"
        } else {
            "allergyintolerance-verification"
        };
        json["verificationStatus"] = word(system, verification);
    }
    if let Some(activity) = of.word(Tag::Activity) {
        json["clinicalStatus"] = word(&format!("{system}-clinical"), activity);
    }
    if let Some(status) = of.word(Tag::Status) {
        json["status"] = json!(status);
    }
    if let Some(category) = of.code(Tag::Category) {
        json["category"] = json!([coded(category)]);
    }
    if let Some(severity) = of.code(Tag::Severity) {
        json["severity"] = coded(severity);
    }
    if let Some(criticality) = of.word(Tag::Criticality) {
        json["criticality"] = json!(criticality);
    }
    if let (Kind::Problem, Some(site)) = (of.kind, site(of)) {
        json["bodySite"] = json!([site]);
    }
    match of.kind {
        Kind::Alert => {
            if let Some(period) = period(of.when, of.until) {
                json["period"] = period;
            }
        }
        _ if place.style.periods && of.kind == Kind::Problem => {
            if let Some(period) = period(of.when, None) {
                json["onsetPeriod"] = period;
            }
        }
        _ => {
            if let Some(when) = of.when {
                json["onsetDateTime"] = json!(when.text());
            }
        }
    }
    if let (Some(recorded), true) = (of.recorded, of.kind != Kind::Alert) {
        json["recordedDate"] = json!(When::second(recorded).text());
    }
    json
}

pub(super) fn observation(of: &Statement, place: Place<'_>, beside: &mut Vec<Value>) -> Value {
    let profile = match of.kind {
        Kind::Laboratory => "nl-core-LaboratoryTestResult",
        Kind::Situation => "nl-core-TobaccoUse",
        _ if of.parts.is_empty() => "nl-core-GeneralMeasurement",
        _ => "nl-core-BloodPressure",
    };
    let mut json = json!({
        "resourceType": "Observation", "profile": profile, "code": concept(&of.concept),
        "subject": {"reference": format!("Patient/{}", place.patient)},
        "status": of.word(Tag::Status).unwrap_or("final"),
    });
    match of.kind {
        Kind::Laboratory => {
            json["category"] =
                json!([{"coding": [{"system": "http://snomed.info/sct", "code": "49581000146104"}]}]);
            if place.style.wordy {
                json["category"][0]["coding"] = json!([
                    {"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "laboratory", "display": "Laboratory"},
                    {"system": "http://snomed.info/sct", "code": "49581000146104", "display": "Bevinding bij laboratoriumonderzoek"}]);
            }
        }
        Kind::Vital if of.code(Tag::Category).is_none() => {
            json["category"] = json!([word("observation-category", "vital-signs")]);
        }
        _ => {}
    }
    if let Some(category) = of.code(Tag::Category) {
        json["category"] = json!([coded(category)]);
    }
    if of.kind == Kind::Situation {
        if let Some(period) = period(of.when, of.until) {
            json["effectivePeriod"] = period;
        }
    } else if let Some(when) = of.when {
        json["effectiveDateTime"] = json!(when.text());
    }
    value(&of.value, &mut json);
    if !of.parts.is_empty() {
        let parts = of.parts.iter().map(|part| {
            let mut json = json!({"code": coded(part.what)});
            value(&part.value, &mut json);
            json
        });
        json["component"] = Value::Array(parts.collect());
    }
    if let Some(method) = of.code(Tag::Method) {
        json["method"] = coded(method);
    }
    if let Some(site) = site(of) {
        json["bodySite"] = site;
    }
    if let Some(recorded) = of.recorded {
        json["issued"] = json!(When::second(recorded).text());
    }
    if let Some(party) = of.word(Tag::Party) {
        json["performer"] = json!([{"identifier": {"system": "http://fhir.nl/fhir/NamingSystem/ura", "value": party}, "display": "Laboratorium"}]);
    }
    specimen(of, place, &mut json, beside);
    json
}

fn specimen(of: &Statement, place: Place<'_>, json: &mut Value, beside: &mut Vec<Value>) {
    let (material, number) = (of.code(Tag::Material), of.count(Tag::Specimen));
    let (organism, fasting) = (of.code(Tag::Organism), of.word(Tag::Fasting));
    if material.is_none() && number.is_none() && organism.is_none() && fasting.is_none() {
        return;
    }
    let mut specimen = json!({"resourceType": "Specimen"});
    if let Some(material) = material {
        specimen["type"] = coded(material);
    }
    // The zib has both in one concept, each a coding of its own.
    if let Some(organism) = organism {
        match specimen["type"]["coding"].as_array_mut() {
            Some(codings) => codings.push(coding(organism, false)),
            None => specimen["type"] = coded(organism),
        }
    }
    if let Some(fasting) = fasting {
        specimen["collection"] = json!({"fastingStatusCodeableConcept": word("v2-0916", fasting)});
    }
    if let Some(number) = number {
        specimen["identifier"] =
            json!([{"system": "urn:oid:2.999.700703.11", "value": format!("M{number:08}")}]);
    }
    if place.style.contained {
        specimen["id"] = json!("monster");
        json["contained"] = json!([specimen]);
        json["specimen"] = json!({"reference": "#monster"});
    } else {
        let id = format!("{}-monster", place.id);
        specimen["id"] = json!(id);
        specimen["subject"] = json!({"reference": format!("Patient/{}", place.patient)});
        json["specimen"] = json!({"reference": format!("Specimen/{id}")});
        beside.push(specimen);
    }
}
