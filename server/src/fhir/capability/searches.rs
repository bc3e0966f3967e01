//! The searches of a CapabilityStatement, from the table of search parameters.

use samenhang_gather::plan;
use samenhang_profiles::FhirVersion;
use serde_json::{Value, json};

use crate::search::parameter::{self, Kind, Parameter};

/// The operation of FHIR itself, in both versions.
pub(super) const LASTN: &str = "http://hl7.org/fhir/OperationDefinition/Observation-lastn";

/// The parameters that every search has, which say how the matches are given.
pub(super) fn controls() -> Value {
    json!([
        { "name": "_count", "type": "number",
          "documentation": "Matches of one page; without it all come at once. The link next leads to the following page, \
              of the same answer, for a few minutes and for the same asker only. 0 asks for the number only." },
        { "name": "_sort", "type": "string",
          "documentation": "Dates of the type and _id, at most 8 with a comma between them, - before one that descends. \
              What has no value comes last. Anything else is refused." },
        { "name": "_reconciled", "type": "token",
          "documentation": "false shows the copies too that another record stands for; true is the same as nothing." },
        { "name": "_summary", "type": "string",
          "documentation": "count or false. Resources are given whole: other summaries and _elements are refused." }
    ])
}

/// The resources that can be searched, then `others`. `overview` are the operations of Patient, if any.
pub(super) fn resources(version: FhirVersion, overview: Value, others: Vec<Value>) -> Vec<Value> {
    let mut resources: Vec<Value> = parameter::searchable(version)
        .map(|kind| resource(version, kind))
        .collect();
    if let (Some(Value::Object(patient)), Value::Array(_)) = (resources.first_mut(), &overview) {
        patient.insert("operation".to_owned(), overview);
    }
    resources.extend(others);
    resources
}

/// The resources that can be searched and read at a source: also by the logical id of the patient.
pub(super) fn of_source(version: FhirVersion) -> Vec<Value> {
    let with_patient = |kind: &'static str| {
        let mut resource = resource(version, kind);
        resource["interaction"] = json!([{ "code": "search-type" }, { "code": "read" }, { "code": "vread" }]);
        let row = plan::table(version).iter().find(|row| row.kind == kind);
        let names = row.map(|row| ["patient", row.patient]).into_iter().flatten();
        if let Some(parameters) = resource["searchParam"].as_array_mut() {
            for name in names {
                if parameters.iter().all(|parameter| parameter["name"] != name) {
                    parameters.push(json!({ "name": name, "type": "reference" }));
                }
            }
        }
        resource
    };
    let readable = [
        "Practitioner",
        "PractitionerRole",
        "Organization",
        "Location",
        "Medication",
        "Device",
    ];
    let mut resources: Vec<Value> = parameter::searchable(version).map(with_patient).collect();
    let known: Vec<&str> = parameter::searchable(version).collect();
    let others = readable.into_iter().filter(|kind| !known.contains(kind));
    resources.extend(others.map(|kind| json!({ "type": kind, "interaction": [{ "code": "read" }] })));
    resources
}

fn resource(version: FhirVersion, kind: &str) -> Value {
    let own: Vec<&Parameter> = parameter::of_kind(version, kind).collect();
    let chained = parameter::naming_patient(version, kind).iter();
    let chained = chained.filter(|name| own.iter().all(|parameter| parameter.name != **name));
    let mut parameters: Vec<Value> = chained
        .map(|name| {
            json!({ "name": name, "type": "token",
                    "documentation": "The patient: http://fhir.nl/fhir/NamingSystem/bsn and nine digits." })
        })
        .collect();
    parameters.extend(
        own.iter()
            .map(|parameter| json!({ "name": parameter.name, "type": parameter.kind.code() })),
    );
    let includes: Vec<String> = own
        .iter()
        .filter(|parameter| parameter.kind == Kind::Reference)
        .map(|parameter| format!("{kind}:{}", parameter.name))
        .collect();
    let mut resource = json!({
        "type": kind,
        "interaction": [{ "code": "search-type" }],
        "searchRevInclude": ["Provenance:target"],
        "searchParam": parameters
    });
    if !includes.is_empty() {
        resource["searchInclude"] = json!(includes);
    }
    if kind == "Observation" && version == FhirVersion::R4 {
        resource["operation"] = json!([{ "name": "lastn", "definition": LASTN }]);
    }
    resource
}
