//! What was done, given, agreed and planned, and who and where.

use serde_json::{Value, json};

use super::Place;
use super::part::{coding, concept, period, site};
use crate::statement::{Kind, Statement, Tag, When};

const URA: &str = "http://fhir.nl/fhir/NamingSystem/ura";

pub(super) fn event(of: &Statement, place: Place<'_>, beside: &mut Vec<Value>) -> Value {
    let subject = json!({"reference": format!("Patient/{}", place.patient)});
    let status = |other: &'static str| of.word(Tag::Status).unwrap_or(other);
    match of.kind {
        Kind::Procedure => {
            let mut json = json!({"resourceType": "Procedure", "profile": "nl-core-Procedure-event", "subject": subject,
                "status": status("completed"), "code": concept(&of.concept)});
            if let Some(site) = site(of) {
                json["bodySite"] = json!([site]);
            }
            if let Some(when) = of.when {
                if place.style.periods {
                    json["performedPeriod"] = json!({"start": when.text(), "end": when.text()});
                } else {
                    json["performedDateTime"] = json!(when.text());
                }
            }
            json
        }
        Kind::Vaccination => vaccination(of, &subject, status("completed")),
        Kind::DeviceUse => device(of, place, &subject, status("active"), beside),
        Kind::Encounter => {
            let class = of.concept.codes.first().map(|code| json!({"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": code.code}));
            let mut json = json!({"resourceType": "Encounter", "profile": "nl-core-Encounter", "subject": subject,
                "status": status("finished"), "class": class});
            if let Some(period) = period(of.when, of.until) {
                json["period"] = period;
            }
            if let Some(party) = of.word(Tag::Party) {
                json["serviceProvider"] = json!({"identifier": {"system": URA, "value": party}});
            }
            json
        }
        Kind::Directive => {
            json!({"resourceType": "Consent", "profile": "nl-core-TreatmentDirective2", "patient": subject,
            "status": "active", "scope": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "treatment"}]},
            "category": [{"coding": [{"system": "http://snomed.info/sct", "code": "129125009"}]}],
            "dateTime": of.when.map(When::text), "policy": [{"uri": "https://wetten.overheid.nl/"}],
            "provision": {"type": of.word(Tag::Choice), "code": [concept(&of.concept)]}})
        }
        Kind::Payer => {
            let mut json = json!({"resourceType": "Coverage", "profile": "nl-core-Payer.InsuranceCompany", "beneficiary": subject,
                "status": status("active"), "type": concept(&of.concept)});
            if let Some(party) = of.word(Tag::Party) {
                json["payor"] = json!([{"identifier": {"system": "http://fhir.nl/fhir/NamingSystem/uzovi", "value": party}}]);
            }
            if let Some(policy) = of.count(Tag::Serial) {
                json["subscriberId"] = json!(format!("P{policy:09}"));
            }
            if let Some(period) = period(of.when, of.until) {
                json["period"] = period;
            }
            json
        }
        Kind::Document => {
            json!({"resourceType": "DocumentReference", "subject": subject, "status": "current",
            "type": concept(&of.concept), "date": of.when.map(When::text),
            "content": [{"attachment": {"contentType": "application/pdf", "title": of.concept.text, "hash": format!("{:040x}", of.count(Tag::Serial).unwrap_or_default())}}]})
        }
        Kind::PlannedCare => {
            json!({"resourceType": "ServiceRequest", "profile": "nl-core-Procedure-request", "subject": subject,
            "status": status("active"), "intent": of.word(Tag::Intent).unwrap_or("order"), "code": concept(&of.concept),
            "occurrenceDateTime": of.when.map(When::text)})
        }
        Kind::ContactPerson => {
            json!({"resourceType": "RelatedPerson", "profile": "nl-core-ContactPerson", "patient": subject,
            "active": true, "name": [{"text": of.concept.text}], "relationship": [{"coding": of.concept.codes.iter().map(|code| coding(*code, false)).collect::<Vec<_>>()}]})
        }
        Kind::Organization => {
            json!({"resourceType": "Organization", "profile": "nl-core-HealthcareProvider-Organization",
            "active": true, "name": of.concept.text})
        }
        _ => json!({"resourceType": "Practitioner", "profile": "nl-core-HealthProfessional-Practitioner",
            "active": true, "name": [{"text": of.concept.text}]}),
    }
}

fn vaccination(of: &Statement, subject: &Value, status: &str) -> Value {
    let mut json = json!({"resourceType": "Immunization", "profile": "nl-core-Vaccination-event", "patient": subject,
        "status": status, "vaccineCode": concept(&of.concept), "primarySource": true});
    if let Some(when) = of.when {
        json["occurrenceDateTime"] = json!(when.text());
    } else {
        json["occurrenceString"] = json!("onbekend");
    }
    if let Some(lot) = of.count(Tag::Lot) {
        json["lotNumber"] = json!(format!("LOT{lot}"));
    }
    if let Some(dose) = of.count(Tag::DoseNumber) {
        json["protocolApplied"] = json!([{"doseNumberPositiveInt": dose}]);
    }
    json
}

fn device(of: &Statement, place: Place<'_>, subject: &Value, status: &str, beside: &mut Vec<Value>) -> Value {
    let mut json = json!({"resourceType": "DeviceUseStatement", "profile": "nl-core-MedicalDevice", "subject": subject, "status": status});
    let mut product = json!({"resourceType": "Device", "type": concept(&of.concept), "status": "active"});
    if let Some(serial) = of.count(Tag::Serial) {
        product["serialNumber"] = json!(format!("SN-{serial}"));
    }
    let id = format!("{}-product", place.id);
    if place.style.contained {
        product["id"] = json!("product");
        json["contained"] = json!([product]);
        json["device"] = json!({"reference": "#product"});
    } else {
        product["id"] = json!(id);
        product["patient"] = subject.clone();
        json["device"] = json!({"reference": format!("Device/{id}")});
        beside.push(product);
    }
    if let Some(site) = site(of) {
        json["bodySite"] = site;
    }
    if let Some(period) = period(of.when, of.until) {
        json["timingPeriod"] = period;
    }
    json
}
