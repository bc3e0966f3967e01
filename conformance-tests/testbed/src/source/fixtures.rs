//! A small holder for the tests of this area: two patients, written to a folder of its own.

use std::fs;
use std::path::PathBuf;

use samenhang_profiles::FhirVersion;
use tempfile::TempDir;

use super::json::Json;
use super::quirk::Quirk;
use super::{Started, start};
use crate::clock::SimClock;
use crate::faults::{Fault, ServiceId};
use crate::holder::{HolderAuthorization, HolderData, HolderSpec, TestbedConfig};
use crate::net::Shared;
use crate::testing;

/// BSN system and number of the first patient, as a search value.
pub(super) const NUMBER: &str = "http://fhir.nl/fhir/NamingSystem/bsn|999990019";

pub(super) struct Holder {
    pub(super) shared: Shared,
    pub(super) client: reqwest::Client,
    pub(super) started: Started,
    pub(super) base: String,
    _folder: TempDir,
}

/// What a source answered.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) json: Json,
}

impl Answer {
    pub(super) fn ids(&self, mode: &str) -> Vec<String> {
        let entries = self.json.list("entry").iter();
        let entries = entries.filter(|entry| entry.at("search.mode")[0].as_str() == Some(mode));
        entries
            .map(|entry| entry.at("resource.id")[0].as_str().unwrap().to_owned())
            .collect()
    }

    pub(super) fn link(&self, relation: &str) -> Option<String> {
        let links = self.json.list("link").iter();
        let link = links.rev().find(|link| link.str("relation") == Some(relation))?;
        link.str("url").map(str::to_owned)
    }

    pub(super) fn total(&self) -> String {
        match self.json.get("total") {
            Some(Json::Literal(total)) => total.to_string(),
            _ => "none".to_owned(),
        }
    }
}

fn resources(version: FhirVersion) -> Vec<String> {
    let active = match version {
        FhirVersion::R4 => {
            r#"{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]}"#
        }
        FhirVersion::Stu3 => r#""active""#,
    };
    let mut all = vec![
        r#"{"resourceType":"Patient","id":"p1","identifier":[{"system":"http://fhir.nl/fhir/NamingSystem/bsn","value":"999990019"}],"birthDate":"1970-01-01"}"#.to_owned(),
        r#"{"resourceType":"Patient","id":"p2","identifier":[{"system":"http://fhir.nl/fhir/NamingSystem/bsn","value":"999990020"}]}"#.to_owned(),
        r#"{"resourceType":"Organization","id":"o1","name":"Verzekeraar"}"#.to_owned(),
        r#"{"resourceType":"Coverage","id":"v1","status":"active","beneficiary":{"reference":"Patient/p1"},"payor":[{"reference":"Organization/o1"}]}"#.to_owned(),
        r#"{"resourceType":"Condition","id":"other","subject":{"reference":"Patient/p2"}}"#.to_owned(),
        r#"{"resourceType":"Provenance","id":"h1","target":[{"reference":"Condition/c2"}]}"#.to_owned(),
        r#"{"resourceType":"Observation","id":"w1","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"29463-7"}]},"subject":{"reference":"Patient/p1"},"effectiveDateTime":"2020-01-01","valueQuantity":{"value":80.50}}"#.to_owned(),
        r#"{"resourceType":"Observation","id":"w2","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"29463-7"}]},"subject":{"reference":"Patient/p1"},"effectiveDateTime":"2021-01-01","valueQuantity":{"value":81.0}}"#.to_owned(),
    ];
    for number in 1..=7 {
        all.push(format!(
            r#"{{"resourceType":"Condition","id":"c{number}","meta":{{"profile":["http://nictiz.nl/fhir/StructureDefinition/nl-core-Problem"]}},"clinicalStatus":{active},"code":{{"coding":[{{"system":"http://snomed.info/sct","code":"{number}","display":"Klacht {number}"}}]}},"subject":{{"reference":"Patient/p1"}}}}"#
        ));
    }
    all
}

impl Holder {
    pub(super) async fn start(
        version: FhirVersion,
        quirk: Quirk,
        authorization: HolderAuthorization,
    ) -> Holder {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("all.ndjson"), resources(version).join("\n")).unwrap();
        let shared = Shared::new(&TestbedConfig {
            tls: false,
            clock: SimClock::frozen("2026-11-22T10:00:00Z".parse().unwrap()),
            ..TestbedConfig::default()
        })
        .unwrap();
        let data = HolderData::Folder {
            path: folder.path().to_owned(),
            bsns: Vec::new(),
        };
        let mut holder = HolderSpec::new("00700799".parse().unwrap(), "Bron", "V6")
            .with(version, data)
            .authorized_by(authorization);
        holder.quirk = quirk;
        let started = start(&holder, &shared).await.unwrap();
        Holder {
            client: testing::client(&shared),
            base: started.addresses[0].base.clone(),
            started,
            shared,
            _folder: folder,
        }
    }

    pub(super) async fn open(quirk: Quirk) -> Holder {
        Holder::start(FhirVersion::R4, quirk, HolderAuthorization::None).await
    }

    pub(super) fn fault(&self, fault: Fault) {
        let service = ServiceId::Source(self.started.addresses[0].ura.clone());
        self.shared.faults().set(service, fault);
    }

    pub(super) async fn get(&self, target: &str) -> Answer {
        let url = if target.starts_with("http") {
            target.to_owned()
        } else {
            format!("{}/{target}", self.base)
        };
        read(self.client.get(url)).await
    }

    pub(super) async fn post(&self, target: &str, form: &[(&str, &str)]) -> Answer {
        read(self.client.post(format!("{}/{target}", self.base)).form(form)).await
    }

    pub(super) async fn patient(&self) -> Answer {
        self.post("Patient/_search", &[("identifier", NUMBER)]).await
    }

    /// Every match of a search, page after page, at most ten pages.
    pub(super) async fn walk(&self, target: &str) -> (Vec<Vec<String>>, String) {
        let mut answer = self.get(target).await;
        let total = answer.total();
        let mut pages = vec![answer.ids("match")];
        while let Some(next) = answer.link("next").filter(|_| pages.len() < 10) {
            answer = self.get(&next).await;
            pages.push(answer.ids("match"));
        }
        (pages, total)
    }
}

pub(super) async fn read(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let body = response.bytes().await.unwrap();
    Answer {
        status,
        json: Json::parse(&body).unwrap_or_else(|_| Json::text("not json")),
    }
}

/// The shared test data, which is not part of the project.
pub(super) fn shared_data(part: &str) -> Option<PathBuf> {
    let root = std::env::var("SAMENHANG_SHARED").map_or_else(
        |_| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let path = root.join("testdata").join(part);
    if path.is_dir() {
        return Some(path);
    }
    assert!(
        std::env::var("SAMENHANG_REQUIRE_SHARED").as_deref() != Ok("1"),
        "the shared test data {part} is required and not there"
    );
    eprintln!("skipped: the shared test data {part} is not there; set SAMENHANG_SHARED");
    None
}
