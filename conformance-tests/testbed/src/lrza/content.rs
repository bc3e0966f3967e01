//! What stands in the directory: holders with their endpoints, and entries that a client must see through.

use jiff::{SignedDuration, Timestamp};
use samenhang_profiles::{FhirVersion, Ura};
use samenhang_terminology::{Category, category};
use serde_json::{Value, json};

use super::instant;
use crate::holder::HolderAuthorization;

const GF: &str = "http://minvws.github.io/generiekefuncties-docs/CodeSystem";
pub(super) const URA: &str = "http://fhir.nl/fhir/NamingSystem/ura";
const KVK: &str = "http://fhir.nl/fhir/NamingSystem/kvk";
const CONNECTION: &str = "http://terminology.hl7.org/CodeSystem/endpoint-connection-type";
/// The older vocabulary of what an endpoint offers.
const EXCHANGE: &str =
    "http://nuts-foundation.github.io/nl-generic-functions-ig/CodeSystem/nl-gf-data-exchange-capabilities";

/// One FHIR endpoint of a holder.
#[derive(Debug, Clone)]
pub struct DataEndpoint {
    /// The version.
    pub fhir: FhirVersion,
    /// Its base address.
    pub base: String,
    /// Whether it speaks XML and no JSON.
    pub xml: bool,
}

/// A holder as the directory lists it.
#[derive(Debug, Clone)]
pub struct Listing {
    /// Its URA.
    pub ura: Ura,
    /// Its name.
    pub name: String,
    /// Organisation type in the code system that Mitz uses.
    pub facility_type: String,
    /// Its endpoints.
    pub endpoints: Vec<DataEndpoint>,
    /// Kind of its authorization server.
    pub authorization: HolderAuthorization,
    /// Address of its authorization server.
    pub authorization_server: Option<String>,
    /// Whether its endpoints are `off`.
    pub off: bool,
}

/// Everything for these holders, in the order in which a client loads it.
pub(super) fn resources(listings: &[Listing], now: Timestamp) -> Vec<Value> {
    let mut resources = of_holders(listings);
    if let Some(first) = listings.first() {
        cut_over(first, now, &mut resources);
    }
    if let Some(second) = listings.get(1) {
        duplicate(second, &mut resources);
    }
    dangling(&mut resources);
    resources
}

/// What stands in the directory of these holders alone.
pub(super) fn of_holders(listings: &[Listing]) -> Vec<Value> {
    let mut resources = Vec::new();
    for listing in listings {
        holder(listing, &mut resources);
    }
    resources
}

/// Number of the vendor that runs a holder's systems; each holder has its own vendor here.
fn vendor(ura: &Ura) -> String {
    format!("70{}", &ura.as_str()[2..])
}

fn assigned(value: &str, vendor: &str) -> Value {
    json!({"use": "official", "system": "https://lrza.example/assigned", "value": value,
        "assigner": {"identifier": {"system": KVK, "value": vendor, "type": {"coding": [
            {"system": "http://terminology.hl7.org/CodeSystem/provenance-participant-type", "code": "custodian"}]}}}})
}

fn holder(listing: &Listing, resources: &mut Vec<Value>) {
    let ura = &listing.ura;
    let vendor = vendor(ura);
    let ids: Vec<String> = listing
        .endpoints
        .iter()
        .map(|endpoint| endpoint_id(ura, endpoint.fhir))
        .collect();
    let mut references: Vec<Value> = ids.iter().map(|id| reference("Endpoint", id)).collect();
    let mut endpoints: Vec<Value> = listing
        .endpoints
        .iter()
        .map(|endpoint| data_endpoint(listing, &vendor, endpoint))
        .collect();
    if let Some(endpoint) = authorization_endpoint(listing, &vendor) {
        references.push(reference("Endpoint", &format!("as-{ura}")));
        endpoints.push(endpoint);
    }
    let organization = format!("org-{ura}");
    resources.push(json!({
        "resourceType": "Organization", "id": organization, "active": true, "name": listing.name,
        "identifier": [assigned(&organization, &vendor), {"system": URA, "value": ura.as_str()}],
        "type": [
            {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/organization-type", "code": "prov"}]},
            {"coding": [{"system": "http://nictiz.nl/fhir/NamingSystem/organization-type",
                "code": listing.facility_type}]}],
        "endpoint": references,
    }));
    resources.push(json!({
        "resourceType": "Organization", "id": format!("vendor-{ura}"), "active": true,
        "name": format!("Leverancier van {}", listing.name),
        "identifier": [assigned(&format!("vendor-{ura}"), &vendor), {"system": KVK, "value": vendor}],
        "type": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/organization-type", "code": "bus"}]}],
    }));
    resources.push(json!({
        "resourceType": "Location", "id": format!("loc-{ura}"), "status": "active", "name": listing.name,
        "identifier": [assigned(&format!("loc-{ura}"), &vendor)],
        "type": [{"text": "hoofdlocatie"}], "managingOrganization": reference("Organization", &organization),
    }));
    resources.push(json!({
        "resourceType": "HealthcareService", "id": format!("hcs-{ura}"), "active": true,
        "identifier": [assigned(&format!("hcs-{ura}"), &vendor)],
        "providedBy": reference("Organization", &organization), "type": [{"text": "zorg"}],
        "endpoint": ids.iter().map(|id| reference("Endpoint", id)).collect::<Vec<_>>(),
    }));
    resources.append(&mut endpoints);
    resources.push(json!({
        "resourceType": "OrganizationAffiliation", "id": format!("aff-{ura}"), "active": true,
        "identifier": [assigned(&format!("aff-{ura}"), &vendor)],
        "organization": reference("Organization", &organization),
        "participatingOrganization": reference("Organization", &format!("vendor-{ura}")),
        "code": [{"coding": [{"system": format!("{GF}/nl-gf-authorization-type-cs"), "code": "lrza-endpoint-admin"}]}],
    }));
}

fn endpoint_id(ura: &Ura, fhir: FhirVersion) -> String {
    match fhir {
        FhirVersion::R4 => format!("ep-{ura}-r4"),
        FhirVersion::Stu3 => format!("ep-{ura}-stu3"),
    }
}

fn reference(kind: &str, id: &str) -> Value {
    json!({"reference": format!("{kind}/{id}")})
}

fn data_endpoint(listing: &Listing, vendor: &str, endpoint: &DataEndpoint) -> Value {
    let mut payload: Vec<Value> = Category::ALL
        .iter()
        .filter(|category| **category != Category::Other)
        .map(|category| json!({"coding": [{"system": category::SYSTEM, "code": category.code()}]}))
        .collect();
    // Finer categories of the national code system, all offered.
    for code in [
        "ObservationActivity",
        "ObservationExam",
        "ObservationProcedure",
        "ObservationTherapy",
        "Specimen",
    ] {
        payload.push(json!({"coding": [{"system": category::SYSTEM, "code": code}]}));
    }
    if endpoint.fhir == FhirVersion::Stu3 {
        payload.push(json!({"coding": [{"system": EXCHANGE,
            "code": "http://nictiz.nl/fhir/CapabilityStatement/bgz2017-servercapabilities"}]}));
    }
    json!({
        "resourceType": "Endpoint", "id": endpoint_id(&listing.ura, endpoint.fhir),
        "status": if listing.off { "off" } else { "active" },
        "connectionType": {"system": CONNECTION, "code": "hl7-fhir-rest"}, "name": "FHIR",
        "managingOrganization": {"identifier": {"system": KVK, "value": vendor}},
        "period": {"start": "2026-01-01T00:00:00+01:00"}, "payloadType": payload,
        "payloadMimeType": [format!("application/fhir+{}; fhirVersion={}",
            if endpoint.xml { "xml" } else { "json" }, endpoint.fhir.media_parameter())],
        "address": endpoint.base,
    })
}

fn authorization_endpoint(listing: &Listing, vendor: &str) -> Option<Value> {
    let code = match listing.authorization {
        HolderAuthorization::Nuts => "oauth-nuts",
        HolderAuthorization::SmartBackend => "oauth2",
        HolderAuthorization::GenericFunctions => "oauth2-fapi2",
        HolderAuthorization::None => return None,
    };
    let address = listing.authorization_server.as_ref()?;
    Some(json!({
        "resourceType": "Endpoint", "id": format!("as-{}", listing.ura),
        "status": if listing.off { "off" } else { "active" },
        "connectionType": {"system": format!("{GF}/nl-gf-authorization-server-cs"), "code": code},
        "managingOrganization": {"identifier": {"system": KVK, "value": vendor}},
        "payloadType": [{"coding": [
            {"system": "http://terminology.hl7.org/CodeSystem/endpoint-payload-type", "code": "none"}]}],
        "address": address,
    }))
}

/// An endpoint that was replaced: still `active`, but its period has ended.
fn cut_over(listing: &Listing, now: Timestamp, resources: &mut Vec<Value>) {
    let Some(endpoint) = listing.endpoints.first() else {
        return;
    };
    let mut old = data_endpoint(listing, &vendor(&listing.ura), endpoint);
    let id = format!("ep-{}-old", listing.ura);
    let ended = now
        .checked_sub(SignedDuration::from_hours(24 * 30))
        .unwrap_or(now);
    old["id"] = json!(id);
    old["address"] = json!(format!("{}/replaced", endpoint.base));
    old["period"] = json!({"start": "2020-01-01T00:00:00+01:00", "end": instant(ended)});
    resources.push(old);
    refer(resources, &listing.ura, &id);
}

/// The same endpoint, registered twice.
fn duplicate(listing: &Listing, resources: &mut Vec<Value>) {
    let Some(endpoint) = listing.endpoints.first() else {
        return;
    };
    let mut twin = data_endpoint(listing, &vendor(&listing.ura), endpoint);
    let id = format!("ep-{}-again", listing.ura);
    twin["id"] = json!(id);
    resources.push(twin);
    refer(resources, &listing.ura, &id);
}

fn refer(resources: &mut [Value], ura: &Ura, endpoint: &str) {
    let organization = format!("org-{ura}");
    let endpoints = resources
        .iter_mut()
        .find(|resource| resource["id"] == organization.as_str())
        .and_then(|resource| resource["endpoint"].as_array_mut());
    if let Some(endpoints) = endpoints {
        endpoints.push(reference("Endpoint", endpoint));
    }
}

/// An organisation that refers to what is not there, and one that has ended.
fn dangling(resources: &mut Vec<Value>) {
    let kind = json!([{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/organization-type", "code": "prov"}]}]);
    for (id, ura, active) in [
        ("org-dangling", "00700790", true),
        ("org-ended", "00700791", false),
    ] {
        resources.push(json!({
            "resourceType": "Organization", "id": id, "active": active, "name": "Praktijk zonder gegevens",
            "identifier": [assigned(id, "70700790"), {"system": URA, "value": ura}], "type": kind,
            "partOf": reference("Organization", "org-not-there"),
            "endpoint": [reference("Endpoint", "ep-not-there"), reference("Endpoint", "ep-error")],
        }));
    }
    resources.push(json!({
        "resourceType": "Endpoint", "id": "ep-error", "status": "entered-in-error",
        "connectionType": {"system": CONNECTION, "code": "hl7-fhir-rest"},
        "managingOrganization": {"identifier": {"system": KVK, "value": "70700790"}},
        "payloadType": [{"coding": [{"system": EXCHANGE, "code": "eOverdracht-notification"}]}],
        "payloadMimeType": ["application/fhir+json; fhirVersion=4.0"], "address": "https://nowhere.example/fhir",
    }));
}
