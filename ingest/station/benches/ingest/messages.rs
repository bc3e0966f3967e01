//! What is sent: dossiers of synthetic patients, in R4, in STU3, and the fixtures of the BgZ under numbers and ids of
//! their own.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use bytes::Bytes;
use samenhang_profiles::Bsn;
use samenhang_station::Format;
use serde_json::Value;

/// What a source sends, and how many resources each message has.
pub(crate) struct Load {
    pub(crate) name: String,
    pub(crate) format: Format,
    pub(crate) bodies: Vec<Bytes>,
    pub(crate) resources: usize,
}

/// The numbers of the test range that pass the 11-proef.
pub(crate) fn numbers() -> impl Iterator<Item = String> {
    (999_900_000_u32..)
        .map(|number| number.to_string())
        .filter(|text| Bsn::parse(text).is_ok())
}

/// Patients with laboratory results as a Dutch source writes them.
pub(crate) fn laboratory(format: Format, messages: usize, results: usize) -> Load {
    let bodies = numbers().take(messages).enumerate();
    let version = if format == Format::FhirR4 {
        "R4, as sent"
    } else {
        "STU3, lifted"
    };
    Load {
        name: format!("{version}: laboratory results"),
        format,
        bodies: bodies
            .map(|(n, bsn)| Bytes::from(dossier(format, n, &bsn, results)))
            .collect(),
        resources: messages * (results + 1),
    }
}

fn dossier(format: Format, n: usize, bsn: &str, results: usize) -> String {
    let (patient, profile) = if format == Format::FhirR4 {
        ("", "nl-core-LaboratoryTestResult")
    } else {
        (
            r#""meta":{"profile":["http://fhir.nl/fhir/StructureDefinition/nl-core-patient"]},"#,
            "zib-LaboratoryTestResult-Observation",
        )
    };
    let mut text = format!(
        r#"{{"resourceType":"Bundle","type":"collection","entry":[{{"resource":{{"resourceType":"Patient","id":"p{n}",{patient}"identifier":[{{"system":"http://fhir.nl/fhir/NamingSystem/bsn","value":"{bsn}"}}],"name":[{{"family":"Voorbeeld","given":["Test"]}}],"gender":"female","birthDate":"1970-01-01"}}}}"#
    );
    for at in 0..results {
        write!(
            text,
            r#",{{"resource":{{"resourceType":"Observation","id":"o{n}-{at}","meta":{{"lastUpdated":"2026-01-02T03:04:05Z","profile":["http://nictiz.nl/fhir/StructureDefinition/{profile}"]}},"status":"final","category":[{{"coding":[{{"system":"http://snomed.info/sct","code":"49581000146104"}}]}}],"code":{{"coding":[{{"system":"http://loinc.org","code":"2951-2"}}]}},"subject":{{"reference":"Patient/p{n}"}},"effectiveDateTime":"2026-01-02T03:00:00Z","valueQuantity":{{"value":{}.50,"unit":"mmol/L","system":"http://unitsofmeasure.org","code":"mmol/L"}}}}}}"#,
            130 + at % 20
        )
        .unwrap();
    }
    text.push_str("]}");
    text
}

/// The dossiers of the BgZ fixtures in STU3, again and again for other patients: one Bundle a patient. Nothing when
/// there is no shared test data.
pub(crate) fn bgz(copies: usize) -> Option<Load> {
    let shared = std::env::var("SAMENHANG_SHARED").unwrap_or_else(|_| "../shared".to_owned());
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let mut files = Vec::new();
    for set in std::fs::read_dir(root.join(shared).join("testdata/bgz-stu3"))
        .ok()?
        .flatten()
    {
        files.extend(
            std::fs::read_dir(set.path())
                .ok()?
                .flatten()
                .map(|file| file.path()),
        );
    }
    files.sort();
    let mut dossiers: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for file in files {
        let resource: Value = serde_json::from_slice(&std::fs::read(file).ok()?).ok()?;
        if let Some(patient) = patient_of(&resource) {
            dossiers.entry(patient).or_default().push(resource);
        }
    }
    // A dossier of which the patient is there.
    dossiers.retain(|_, resources| resources.iter().any(|one| one["resourceType"] == "Patient"));
    let mut resources = 0;
    let mut bodies = Vec::new();
    for (n, bsn) in (0..copies).zip(numbers()) {
        let dossier = dossiers.values().nth(n % dossiers.len())?;
        resources += dossier.len();
        let entries: Vec<Value> = dossier
            .iter()
            .map(|resource| serde_json::json!({"resource": renamed(resource.clone(), n, &bsn)}))
            .collect();
        let bundle = serde_json::json!({"resourceType": "Bundle", "type": "collection", "entry": entries});
        bodies.push(Bytes::from(bundle.to_string()));
    }
    (resources > 0).then(|| Load {
        name: "STU3, lifted: BgZ of the fixtures".to_owned(),
        format: Format::FhirStu3,
        bodies,
        resources,
    })
}

/// The id of the patient whose a resource is.
fn patient_of(resource: &Value) -> Option<String> {
    if resource["resourceType"] == "Patient" {
        return resource["id"].as_str().map(str::to_owned);
    }
    let reference = [
        &resource["subject"],
        &resource["patient"],
        &resource["beneficiary"],
    ]
    .into_iter()
    .find_map(|element| element["reference"].as_str())?;
    reference.strip_prefix("Patient/").map(str::to_owned)
}

/// A resource as another patient's: with ids that only this copy has.
fn renamed(mut resource: Value, n: usize, bsn: &str) -> Value {
    fn follow(value: &mut Value, n: usize) {
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    match member {
                        Value::String(text) if name == "reference" => *text = copied(text, n),
                        _ => follow(member, n),
                    }
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| follow(item, n)),
            _ => {}
        }
    }
    follow(&mut resource, n);
    let id = resource["id"].as_str().unwrap_or_default();
    resource["id"] = copied(id, n).into();
    if resource["resourceType"] == "Patient" {
        resource["identifier"] =
            serde_json::json!([{"system": "http://fhir.nl/fhir/NamingSystem/bsn", "value": bsn}]);
    }
    resource
}

/// An id, alone or behind its type, as that of copy n: the last 50 characters, and n.
fn copied(text: &str, n: usize) -> String {
    let (kind, id) = text.rsplit_once('/').map_or(("", text), |(kind, id)| (kind, id));
    let end: String = id.chars().skip(id.chars().count().saturating_sub(50)).collect();
    if kind.is_empty() {
        format!("{end}-{n}")
    } else {
        format!("{kind}/{end}-{n}")
    }
}
