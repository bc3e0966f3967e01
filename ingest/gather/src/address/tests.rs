//! Tests of the directory: choosing an endpoint, and keeping the replica.

mod selecting;
mod updating;

use serde_json::{Value, json};

const GF: &str = "http://minvws.github.io/generiekefuncties-docs/CodeSystem";
const URA: &str = "http://fhir.nl/fhir/NamingSystem/ura";

fn organization(id: &str, ura: Option<&str>, endpoints: &[&str]) -> Value {
    let identifier: Vec<Value> = ura
        .iter()
        .map(|ura| json!({"system": URA, "value": ura}))
        .collect();
    json!({"resourceType": "Organization", "id": id, "active": true, "name": format!("Naam van {id}"),
        "identifier": identifier, "endpoint": references(endpoints)})
}

fn references(ids: &[&str]) -> Vec<Value> {
    ids.iter()
        .map(|id| json!({"reference": format!("Endpoint/{id}")}))
        .collect()
}

fn endpoint(id: &str, address: &str, version: &str) -> Value {
    json!({"resourceType": "Endpoint", "id": id, "status": "active",
        "connectionType": {"system": "http://terminology.hl7.org/CodeSystem/endpoint-connection-type", "code": "hl7-fhir-rest"},
        "payloadType": [{"coding": [{"system": format!("{GF}/nl-gf-data-categories-cs"), "code": "Condition"}]}],
        "payloadMimeType": [format!("application/fhir+json; fhirVersion={version}")],
        "managingOrganization": {"identifier": {"system": "http://fhir.nl/fhir/NamingSystem/kvk", "value": "70000007"}},
        "address": address})
}

fn with(mut resource: Value, field: &str, value: Value) -> Value {
    resource[field] = value;
    resource
}
