//! What the server says about itself: CapabilityStatement and `OperationDefinition`.
//!
//! Only what works is declared; the searches come from the table that they are read with. The statement is the same for everybody and needs no login; it is written once and
//! carries an `ETag`.

pub(crate) mod operations;
mod searches;

use bytes::Bytes;
use samenhang_profiles::FhirVersion;
use samenhang_terminology::naming::SAMENHANG;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// Date of the last change to these statements.
pub(crate) const DATE: &str = "2026-11-22";

/// The operation of FHIR itself, in both versions.
const VALIDATE: &str = "http://hl7.org/fhir/OperationDefinition/Resource-validate";

/// A document that is the same for everybody.
#[derive(Debug, Clone)]
pub struct Published {
    /// JSON.
    pub body: Bytes,
    /// Its entity tag, with quotes.
    pub etag: String,
}

impl Published {
    fn new(value: &Value) -> Self {
        let body = serde_json::to_vec(value).unwrap_or_default();
        let hash = Sha256::digest(&body);
        let tag: String = hash.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
        Published {
            body: body.into(),
            etag: format!("\"{tag}\""),
        }
    }
}

/// The CapabilityStatement of a version; `base` is its public address, for example `https://host/fhir/R4`.
#[must_use]
pub fn statement(version: FhirVersion, base: &str) -> Published {
    Published::new(&match version {
        FhirVersion::R4 => r4(base),
        FhirVersion::Stu3 => stu3(base),
    })
}

/// The `OperationDefinition` of `Patient/$overview`, in a version; `base` as in [`statement`].
#[must_use]
pub fn overview_definition(version: FhirVersion, base: &str) -> Published {
    Published::new(&overview(version, base))
}

/// What can be searched and read at a source, which also knows the patient by logical id.
pub(crate) fn readable(version: FhirVersion) -> Vec<Value> {
    searches::of_source(version)
}

/// The operation `$lastn` as a statement of STU3 lists it.
pub(crate) fn lastn_of_server() -> Value {
    json!({ "name": "lastn", "definition": { "reference": searches::LASTN } })
}
/// The forms of an overview.
const OVERVIEW: &str = "POST Patient/$overview. JSON gives one Bundle; NDJSON a Bundle a line as holders answer, the \
    completeness statement last; text/event-stream the events holder, entries, category, notice, completeness and done.";

fn software() -> Value {
    json!({ "name": "Samenhang", "version": env!("CARGO_PKG_VERSION") })
}

fn r4(base: &str) -> Value {
    json!({
        "resourceType": "CapabilityStatement",
        "id": "samenhang-r4",
        "url": format!("{SAMENHANG}/CapabilityStatement/samenhang-r4"),
        "name": "SamenhangR4",
        "title": "Samenhang, FHIR R4",
        "status": "active",
        "experimental": true,
        "date": DATE,
        "publisher": "Samenhang",
        "description": "Answers one question about one patient, what is known, without the asker naming a source.",
        "kind": "instance",
        "software": software(),
        "implementation": { "description": "Samenhang", "url": base },
        "fhirVersion": FhirVersion::R4.full(),
        "format": ["application/fhir+json", "application/fhir+xml", "application/fhir+ndjson", "text/event-stream"],
        "rest": [{
            "mode": "server",
            "documentation": "Each search is about one patient, and a patient identifier is only accepted in the body of \
                a POST. XML is for searches and $validate only. Send Prefer: \
                handling=strict to have unknown parameters refused; otherwise they are ignored and reported. \
                Every answer is Cache-Control: no-store.",
            "security": {
                "cors": false,
                "service": [{ "coding": [{
                    "system": "http://terminology.hl7.org/CodeSystem/restful-security-service",
                    "code": "OAuth"
                }] }],
                "description": "A person logs in through Dezi (OpenID Connect, PKCE); a system uses client \
                    credentials. Role and purpose are checked for each question; deny by default."
            },
            "searchParam": searches::controls(),
            "resource": searches::resources(FhirVersion::R4, json!([{
                "name": "overview",
                "definition": format!("{base}/OperationDefinition/Patient-overview"),
                "documentation": OVERVIEW
            }, {
                "name": "reconcile",
                "definition": format!("{base}/OperationDefinition/Patient-reconcile")
            }, {
                "name": "unlink",
                "definition": format!("{base}/OperationDefinition/Patient-unlink")
            }]), vec![json!({
                "type": "OperationDefinition",
                "interaction": [{ "code": "read" }]
            }), json!({
                "type": "Resource",
                "documentation": "Of every type: POST {type}/$validate, in JSON or XML. Nothing is stored.",
                "operation": [{
                    "name": "validate",
                    "definition": VALIDATE,
                    "documentation": "POST {type}/$validate: a resource, or Parameters with resource, profile and mode. \
                        The first issue says what it comes to: valid, invalid or unchecked."
                }]
            })])
        }]
    })
}

fn stu3(base: &str) -> Value {
    json!({
        "resourceType": "CapabilityStatement",
        "id": "samenhang-stu3",
        "url": format!("{SAMENHANG}/CapabilityStatement/samenhang-stu3"),
        "name": "SamenhangStu3",
        "title": "Samenhang, FHIR STU3",
        "status": "active",
        "experimental": true,
        "date": DATE,
        "publisher": "Samenhang",
        "description": "Answers one question about one patient, what is known, and the queries of MedMij BgZ 3.0 and \
            BgZ-MSZ 2.0, from all holders.",
        "kind": "instance",
        "software": software(),
        "implementation": { "description": "Samenhang", "url": base },
        "fhirVersion": FhirVersion::Stu3.full(),
        "acceptUnknown": "no",
        "format": ["application/fhir+json", "application/fhir+xml", "application/fhir+ndjson", "text/event-stream"],
        "rest": [{
            "mode": "server",
            "documentation": format!("{OVERVIEW} Each search is about one patient: the one that the access token is bound to, or that \
                patient.identifier names, by GET or in the body of POST {{type}}/_search. Send Prefer: handling=strict to \
                have unknown parameters refused; otherwise they are ignored and reported. Of every type: POST \
                {{type}}/$validate, in JSON or XML; a resource, or Parameters with resource, profile and mode. Nothing is \
                stored."),
            "searchParam": searches::controls(),
            "resource": searches::resources(FhirVersion::Stu3, Value::Null, Vec::new()),
            "operation": [
                { "name": "overview",
                  "definition": { "reference": format!("{base}/OperationDefinition/Patient-overview") } },
                lastn_of_server(),
                { "name": "validate", "definition": { "reference": VALIDATE } }
            ]
        }]
    })
}

fn overview(version: FhirVersion, base: &str) -> Value {
    let parameter = |name: &str, min: u8, max: &str, kind: &str, documentation: &str| json!({ "name": name, "use": "in", "min": min, "max": max, "documentation": documentation, "type": kind });
    let mut definition = json!({
        "resourceType": "OperationDefinition",
        "id": "Patient-overview",
        "url": format!("{base}/OperationDefinition/Patient-overview"),
        "name": "PatientOverview",
        "status": "active",
        "experimental": true,
        "kind": "operation",
        "date": DATE,
        "publisher": "Samenhang",
        "description": "Finds the holders of data about one patient, respects the patient's choice, asks all holders \
            within one deadline, and answers with one coherent set of resources and a completeness statement.",
        "code": "overview",
        "resource": ["Patient"],
        "system": false,
        "type": true,
        "instance": false,
        "parameter": [
            parameter("identifier", 1, "1", "Identifier",
                "The patient: system http://fhir.nl/fhir/NamingSystem/bsn and nine digits."),
            parameter("category", 0, "*", "code",
                "Data category (nl-gf-data-categories-cs); all categories when absent. A Coding is accepted too."),
            parameter("purpose", 1, "1", "code",
                "Why it is asked (v3-ActReason): TREAT or COC. A Coding is accepted too."),
            parameter("birthDate", 0, "1", "date",
                "The date of birth as the asker knows it, to check each holder's patient against."),
            parameter("family", 0, "1", "string",
                "The family name as the asker knows it, to check each holder's patient against."),
            parameter("confirm-identity", 0, "*", "string",
                "URA of a holder whose deviating demographics the asker has looked at and confirmed."),
            parameter("view", 0, "1", "code",
                "What the Composition shows first: whole (when absent), acute, medication-check, referral or own. What it \
                    leaves out stays in the answer and is counted."),
            { "name": "return", "use": "out", "min": 1, "max": "1", "type": "Bundle",
              "documentation": "A searchset. The first entry (search.mode outcome) is the completeness statement." }
        ]
    });
    match version {
        FhirVersion::R4 => {
            definition["title"] = json!("What is known about this patient");
            definition["affectsState"] = json!(false);
        }
        // It has no title, and says of an operation whether it can be repeated.
        FhirVersion::Stu3 => definition["idempotent"] = json!(true),
    }
    definition
}

#[cfg(test)]
mod tests {
    use samenhang_profiles::FhirVersion;

    use super::{overview_definition, statement};

    #[test]
    fn statements_are_stable() {
        let read = |body: &[u8]| -> serde_json::Value { serde_json::from_slice(body).unwrap() };
        let mut r4 = read(&statement(FhirVersion::R4, "https://host.example/fhir/R4").body);
        r4["software"]["version"] = "[version]".into();
        insta::assert_json_snapshot!("metadata-r4", r4);
        let mut stu3 = read(&statement(FhirVersion::Stu3, "https://host.example/fhir/STU3").body);
        stu3["software"]["version"] = "[version]".into();
        insta::assert_json_snapshot!("metadata-stu3", stu3);
        let definition = overview_definition(FhirVersion::R4, "https://host.example/fhir/R4");
        insta::assert_json_snapshot!("overview-definition", read(&definition.body));
        let stu3 = overview_definition(FhirVersion::Stu3, "https://host.example/fhir/STU3");
        insta::assert_json_snapshot!("overview-definition-stu3", read(&stu3.body));
        let base = "https://host.example/fhir/R4";
        let reconcile = super::operations::reconcile(base);
        insta::assert_json_snapshot!("reconcile-definition", read(&reconcile.body));
        let unlink = super::operations::unlink(base);
        insta::assert_json_snapshot!("unlink-definition", read(&unlink.body));
        assert!(definition.etag.starts_with('"') && definition.etag.len() == 26);
    }
}
