//! The simulated holders, and the question about their patient.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use bytes::Bytes;
use reqwest::Client;
use samenhang_profiles::{Bsn, FhirVersion, Ura};
use samenhang_server::demo::Demo;
use samenhang_testbed::holder::{HolderAuthorization, HolderData, HolderSpec};

/// Holders that know the patient.
pub(crate) const HOLDERS: usize = 8;
/// Laboratory results that each of them has.
pub(crate) const RESULTS: usize = 100;

const PATIENT: &str = "999990019";

/// The number of a holder.
pub(crate) fn ura(at: usize) -> Ura {
    format!("0000010{at}").parse().expect("a URA")
}

/// A holder over a folder with one patient and 100 laboratory results.
pub(crate) fn holder(at: usize, folder: &Path) -> HolderSpec {
    let path = folder.join(at.to_string());
    fs::create_dir(&path).expect("a folder");
    let patient = format!(
        r#"{{"resourceType":"Patient","id":"p{at}","meta":{{"profile":["http://nictiz.nl/fhir/StructureDefinition/nl-core-Patient"]}},"identifier":[{{"system":"http://fhir.nl/fhir/NamingSystem/bsn","value":"{PATIENT}"}}],"birthDate":"1950-03-04"}}"#
    );
    fs::write(path.join("patient.json"), patient).expect("a file");
    for result in 0..RESULTS {
        fs::write(path.join(format!("o{result}.json")), observation(at, result)).expect("a file");
    }
    let mut spec = HolderSpec::new(ura(at), &format!("Bron {at}"), "V6");
    spec = spec.authorized_by(HolderAuthorization::SmartBackend);
    spec.with(
        FhirVersion::R4,
        HolderData::Folder {
            path,
            bsns: Vec::<(String, Bsn)>::new(),
        },
    )
}

fn observation(at: usize, result: usize) -> String {
    let day = 1 + result % 28;
    format!(
        r#"{{"resourceType":"Observation","id":"o{at}-{result}","meta":{{"versionId":"1","profile":["http://nictiz.nl/fhir/StructureDefinition/nl-core-LaboratoryTestResult"]}},"identifier":[{{"system":"urn:oid:2.999.{at}","value":"{result}"}}],"status":"final","category":[{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"laboratory","display":"Laboratory"}}]}}],"code":{{"coding":[{{"system":"http://loinc.org","code":"14749-6","display":"Glucose"}}]}},"subject":{{"reference":"Patient/p{at}","display":"Testpatient"}},"effectiveDateTime":"2026-10-{day:02}T08:{:02}:00+01:00","valueQuantity":{{"value":{}.{:02},"unit":"mmol/L","system":"http://unitsofmeasure.org","code":"mmol/L"}},"referenceRange":[{{"low":{{"value":4.00,"unit":"mmol/L"}},"high":{{"value":7.80,"unit":"mmol/L"}}}}]}}"#,
        result % 60,
        3 + result % 9,
        (at * 13 + result) % 100
    )
}

/// Waits until the copies of the audit events of what was measured before have arrived at the audit repository: what
/// they cost belongs to neither side.
pub(crate) async fn quiet(demo: &Demo) {
    let audit = demo.server().app().audit();
    audit.barrier().await.expect("the audit log");
    let head = usize::try_from(*audit.head().borrow()).expect("a number of events");
    while demo.testbed().services().audit_sink.count() < head {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    tokio::time::sleep(Duration::from_millis(20)).await;
}

/// An answer as the asker sees it come.
pub(crate) struct Seen {
    /// When it was asked.
    pub(crate) began: Instant,
    /// When the head of the answer was there. Nothing of a Bundle leaves before all of it may.
    pub(crate) head: Instant,
    /// When all of it was there.
    pub(crate) ended: Instant,
    /// The Bundle.
    pub(crate) answer: Bytes,
}

/// Asks the question.
pub(crate) async fn ask(client: &Client, demo: &Demo) -> Seen {
    let body = format!(
        r#"{{"resourceType":"Parameters","parameter":[{{"name":"identifier","valueIdentifier":{{"system":"http://fhir.nl/fhir/NamingSystem/bsn","value":"{PATIENT}"}}}},{{"name":"purpose","valueCode":"TREAT"}},{{"name":"category","valueCode":"ObservationLaboratory"}}]}}"#
    );
    let began = Instant::now();
    let request = client
        .post(format!("{}/fhir/R4/Patient/$overview", demo.base()))
        .header("content-type", "application/fhir+json")
        .body(body);
    let response = request.send().await.expect("an answer");
    let head = Instant::now();
    let answer = response.bytes().await.expect("a whole answer");
    Seen {
        began,
        head,
        ended: Instant::now(),
        answer,
    }
}

/// Every result is in the answer. Not part of what is measured: the plain client looks at nothing.
pub(crate) fn check(answer: &[u8]) {
    let results = answer
        .windows(14)
        .filter(|window| window == b"\"Observation\",")
        .count();
    assert_eq!(results, HOLDERS * RESULTS, "every result is in the answer");
}
