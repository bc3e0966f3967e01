use samenhang_profiles::FhirVersion;

use super::{Started, start};
use crate::holder::{HolderData, HolderSpec, TestbedConfig};
use crate::net::Shared;
use crate::patients;
use crate::source::fixtures::{Answer, read, shared_data};
use crate::testing;

fn plain() -> Shared {
    Shared::new(&TestbedConfig {
        tls: false,
        ..TestbedConfig::default()
    })
    .unwrap()
}

#[tokio::test]
async fn our_own_holders_start_with_all_of_their_data() {
    let shared = plain();
    for own in patients::holders() {
        let mut holder = HolderSpec::new(own.ura.clone(), own.name, own.facility_type);
        for endpoint in &own.endpoints {
            holder = holder.with(endpoint.fhir, HolderData::Own);
        }
        let Started {
            addresses, reports, ..
        } = start(&holder, &shared).await.unwrap();
        assert_eq!(addresses.len(), own.endpoints.len());
        for (report, endpoint) in reports.iter().zip(&own.endpoints) {
            assert_eq!(report.files, endpoint.files.len(), "{}", own.ura);
            assert!(
                report.skipped.is_empty() && report.repeated.is_empty(),
                "{}: {report:?}",
                own.ura
            );
        }
    }
    shared.stop().await;
}

#[tokio::test]
async fn a_holder_without_data_does_not_start() {
    let shared = plain();
    let folder = tempfile::tempdir().unwrap();
    let data = HolderData::Folder {
        path: folder.path().to_owned(),
        bsns: Vec::new(),
    };
    let holder = HolderSpec::new("1".parse().unwrap(), "Leeg", "V6").with(FhirVersion::R4, data);
    let error = start(&holder, &shared)
        .await
        .err()
        .map(|error| error.to_string())
        .unwrap();
    assert!(
        error.contains("00000001") && error.contains("SAM-TST-102"),
        "{error}"
    );
    shared.stop().await;
}

/// The queries of the BgZ over the shared STU3 set, with the numbers of results that its files give.
#[tokio::test]
async fn the_shared_stu3_set_answers_the_queries_of_the_bgz() {
    let Some(path) = shared_data("bgz-stu3/msz-2.0-test") else {
        return;
    };
    let shared = plain();
    let data = HolderData::Folder {
        path,
        bsns: Vec::new(),
    };
    let holder = HolderSpec::new("1".parse().unwrap(), "Bron", "V6").with(FhirVersion::Stu3, data);
    let started = start(&holder, &shared).await.unwrap();
    let client = testing::client(&shared);
    let base = &started.addresses[0].base;
    let search = async |kind: &str, query: &str| -> Answer {
        let body = format!("{query}&_count=500");
        let request = client
            .post(format!("{base}/{kind}/_search"))
            .header("content-type", "application/x-www-form-urlencoded");
        read(request.body(body)).await
    };
    let bsn = "identifier=http://fhir.nl/fhir/NamingSystem/bsn|999901497";
    let patient = search("Patient", &format!("{bsn}&_include=Patient:general-practitioner")).await;
    assert_eq!(patient.ids("match"), ["bgz-msz-patD"]);
    for (kind, query, expected) in [
        ("Condition", "", 4),
        ("AllergyIntolerance", "", 2),
        ("Flag", "", 2),
        ("Coverage", "_include=Coverage:payor", 1),
        ("Consent", "category=http://snomed.info/sct|11291000146105", 1),
        ("Observation", "code=http://loinc.org|85354-9", 1),
        (
            "MedicationStatement",
            "_include=MedicationStatement:medication",
            1,
        ),
        ("Encounter", "", 6),
        ("CareTeam", "status=active&_include=CareTeam:participant", 1),
    ] {
        let by = if kind == "Coverage" {
            "beneficiary"
        } else {
            "patient"
        };
        let answer = search(kind, &format!("{by}.{bsn}&{query}")).await;
        let found = answer.ids("match").len();
        assert_eq!((answer.status, found), (200, expected), "{kind} {query}");
        if query.contains("_include") {
            assert!(!answer.ids("include").is_empty(), "{kind} {query}");
        }
    }
    shared.stop().await;
}
