//! A datastation as a holder among the others: what it takes in is registered, localised and answered, and what it erases
//! is not found any more. Everything goes over HTTP.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use samenhang_profiles::{Bsn, FhirVersion};
use samenhang_server::station::service::Outside;
use samenhang_server::station::{Service, ServiceConfig};
use samenhang_station::config::SourceConfig;
use samenhang_station::lift::ByFormat;
use samenhang_station::seal::SourceKey;
use samenhang_station::surroundings::System;
use samenhang_station::{Config, Format, Incoming, SourceId, Station};
use samenhang_testbed::lrza::{DataEndpoint, Listing};
use samenhang_testbed::{Generation, HolderAuthorization, ServiceId, Testbed};
use serde_json::{Value, json};

use crate::country::Country;

/// Nobody else in the simulated country knows this patient.
const PATIENT: &str = "999990111";
const HOLDER: &str = "00700777";
const PATIENCE: Duration = Duration::from_secs(20);

/// A station in the simulated country.
struct Neighbour {
    folder: tempfile::TempDir,
    station: Arc<Station>,
    service: Service,
    source: SourceId,
}

/// The asker's public key as the station knows it (P-384: the last 97 bytes of the key are its point).
fn keys(testbed: &Testbed) -> Value {
    let client = testbed.client();
    let text: String = client
        .smart_public_pem
        .lines()
        .filter(|line| !line.starts_with('-'))
        .collect();
    let der = STANDARD.decode(text).expect("a PEM");
    let point = &der[der.len() - 96..];
    json!({"keys": [{
        "kty": "EC", "crv": "P-384", "kid": client.smart_kid, "alg": "ES384",
        "x": URL_SAFE_NO_PAD.encode(&point[..48]), "y": URL_SAFE_NO_PAD.encode(&point[48..])
    }]})
}

/// How the station is reached and whom it calls.
fn setup(testbed: &Testbed, folder: &Path, generation: Generation, interface: &str) -> ServiceConfig {
    let client = testbed.client();
    let addresses = testbed.addresses();
    for (name, text) in [
        ("ca.pem", client.ca_pem.clone()),
        ("client.pem", client.client_cert_pem.clone()),
        ("client.key", client.client_key_pem.clone()),
        ("asker.json", keys(testbed).to_string()),
        ("audit.key", "k".repeat(32)),
    ] {
        let path = folder.join(name);
        fs::write(&path, text).expect("a key file");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("a mode");
        }
    }
    // In generation B a holder registers for itself only, by the number in its certificate.
    let (ura, generation) = match generation {
        Generation::B => (client.ura.as_str(), "b"),
        Generation::C => (HOLDER, "c"),
    };
    let text = format!(
        r#"
[server]
listen = "127.0.0.1:0"
rhythm_ms = 50
[organisation]
ura = "{ura}"
name = "Ziekenhuis Station"
organisation_type = "V4"
oin = "{oin}"
source_id = "station"
[egress]
ca_file = "ca.pem"
client_certificate_file = "client.pem"
client_key_file = "client.key"
allowed_networks = ["127.0.0.0/8", "::1/128"]
allow_plain_http = true
[registration]
generation = "{generation}"
oauth = {{ token_url = "{oauth}/oauth/token" }}
prs = {{ url = "{prs}" }}
nvi = {{ url = "{nvi}", interface = "{interface}" }}
[[access.clients]]
client_id = "{asker}"
keys_file = "asker.json"
algorithms = ["ES384"]
scopes = ["system/*.read"]
organisation = "{asker_ura}"
organisation_name = "{asker_name}"
organisation_type = "Z3"
[audit]
path = "audit.db"
key_file = "audit.key"
"#,
        oin = client.oin,
        oauth = addresses.oauth,
        prs = addresses.prs,
        nvi = addresses.nvi,
        asker = client.smart_client_id,
        asker_ura = client.ura,
        asker_name = client.name,
    );
    let file = folder.join("service.toml");
    fs::write(&file, text).expect("a file");
    ServiceConfig::load(&file).expect("a setup")
}

impl Neighbour {
    async fn start(testbed: &Testbed, generation: Generation, interface: &str, format: Format) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let setup = setup(testbed, folder.path(), generation, interface);
        let source: SourceId = "umc".parse().expect("a name");
        let mut of_source = SourceConfig::new(source.clone(), setup.organisation.ura.clone());
        of_source.key_file = "umc.key".into();
        of_source.format = format;
        SourceKey::create(&folder.path().join("umc.key"), &System).expect("a key");
        let config = Config {
            sources: vec![of_source],
            folder: folder.path().to_owned(),
            ..Config::default()
        };
        let station = Station::open(&config, Arc::new(ByFormat::default()), Arc::new(System));
        let station = Arc::new(Box::pin(station).await.expect("a station"));
        let outside = Outside::open(setup).await.expect("an audit log and keys");
        let service = Box::pin(Service::start(Arc::clone(&station), outside)).await;
        Neighbour {
            folder,
            station,
            service: service.expect("a service"),
            source,
        }
    }

    async fn take(&self, name: &str, format: Format, body: String) {
        let incoming = Incoming {
            external: name.to_owned(),
            format,
            body: body.into(),
            clock: None,
        };
        self.station
            .accept(&self.source, incoming)
            .await
            .expect("a receipt");
    }

    /// Lists the station in the directory, in the versions that it speaks.
    async fn list(&self, country: &Country, versions: &[FhirVersion]) {
        let base = self.service.base();
        let endpoint = |fhir: &FhirVersion| DataEndpoint {
            fhir: *fhir,
            base: match fhir {
                FhirVersion::R4 => format!("{base}/umc/fhir/R4"),
                FhirVersion::Stu3 => format!("{base}/umc/fhir/STU3"),
            },
            xml: false,
        };
        let services = country.demo.testbed().services();
        services.lrza.add(&[Listing {
            ura: HOLDER.parse().expect("a URA"),
            name: "Ziekenhuis Station".to_owned(),
            facility_type: "V4".to_owned(),
            endpoints: versions.iter().map(endpoint).collect(),
            authorization: HolderAuthorization::SmartBackend,
            authorization_server: Some(format!("{base}/umc")),
            off: false,
        }]);
        let gather = country.demo.server().app().gather();
        gather.refresh_directory().await.expect("a directory");
    }

    /// Waits until the outbox is empty.
    async fn settled(&self) {
        let scope = self.station.scope(&self.source).expect("a source");
        let work = async {
            loop {
                let status = self.station.status(&scope).await.expect("a status");
                let is_idle = !status.messages.contains_key("pending") && status.publication.waiting == 0;
                if is_idle {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let settled = tokio::time::timeout(PATIENCE, work).await;
        let status = self.station.status(&scope).await.expect("a status");
        assert!(settled.is_ok(), "{:?} {:?}", status.messages, status.publication);
    }

    async fn erase(&self) {
        let scope = self.station.scope(&self.source).expect("a source");
        let patient = Bsn::parse(PATIENT).expect("a number");
        let erased = Box::pin(self.station.erase(&scope, &patient, "me", "art. 17")).await;
        erased.expect("a receipt");
    }
}

/// A patient with a laboratory result and an allergy.
fn dossier() -> String {
    json!({"resourceType": "Bundle", "type": "collection", "entry": [
        {"resource": {"resourceType": "Patient", "id": "p",
            "identifier": [{"system": "http://fhir.nl/fhir/NamingSystem/bsn", "value": PATIENT}],
            "name": [{"family": "Voorbeeld", "given": ["Anna"]}], "gender": "female", "birthDate": "1961-02-03"}},
        {"resource": {"resourceType": "Observation", "id": "o", "status": "final",
            "category": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category",
                "code": "laboratory"}]}],
            "code": {"coding": [{"system": "http://loinc.org", "code": "2951-2"}]},
            "subject": {"reference": "Patient/p"}, "effectiveDateTime": "2026-10-01",
            "performer": [{"reference": "Practitioner/d"}],
            "valueQuantity": {"value": 140, "system": "http://unitsofmeasure.org", "code": "mmol/L", "unit": "mmol/L"}}},
        {"resource": {"resourceType": "AllergyIntolerance", "id": "a",
            "clinicalStatus": {"coding": [{
                "system": "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "code": "active"}]},
            "code": {"coding": [{"system": "http://snomed.info/sct", "code": "373270004"}]},
            "patient": {"reference": "Patient/p"}}},
        {"resource": {"resourceType": "Practitioner", "id": "d", "name": [{"family": "Arts"}]}}
    ]})
    .to_string()
}

#[tokio::test]
async fn what_a_station_takes_in_is_localised_and_answered_until_it_is_erased() {
    let country = Country::start().await;
    let testbed = country.demo.testbed();
    let neighbour = Neighbour::start(testbed, Generation::C, "rest", Format::FhirR4).await;
    neighbour.list(&country, &[FhirVersion::R4]).await;
    let registered = testbed.services().nvi.registrations();
    let before = country.ask(PATIENT).await;
    assert_eq!(before.status, 200, "{}", before.text);
    assert!(before.holders().is_empty());

    neighbour.take("m", Format::FhirR4, dossier()).await;
    neighbour.settled().await;
    assert_eq!(testbed.services().nvi.registrations(), registered + 1);
    let answer = country.ask(PATIENT).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.holders().into_iter().collect::<Vec<_>>(), [HOLDER]);
    let kinds: Vec<&str> = answer
        .data()
        .filter_map(|entry| entry["resource"]["resourceType"].as_str())
        .collect();
    for kind in ["Patient", "Observation", "AllergyIntolerance", "Practitioner"] {
        assert!(kinds.contains(&kind), "{kind} of {kinds:?}\n{}", answer.text);
    }

    neighbour.erase().await;
    neighbour.settled().await;
    assert_eq!(testbed.services().nvi.registrations(), registered);
    let after = country.ask(PATIENT).await;
    assert_eq!(after.status, 200);
    assert!(!after.text.contains(HOLDER), "{}", after.text);
    let audit = neighbour.folder.path().join("audit.db");
    neighbour.service.stop().await;
    country.stop().await;
    let report = samenhang_server::audit::verify(&audit).await.expect("a log");
    // Two tokens, two pseudonyms, two registrations, and each answer that left.
    assert!(report.broken.is_none() && report.events >= 10, "{report:?}");
    let text = fs::read(&audit).expect("the log");
    assert!(
        !text.windows(9).any(|part| part == PATIENT.as_bytes()),
        "a number in the log"
    );
}

/// As a source of STU3 writes it: one blank too many, so that it can be told from what is made.
const ALLERGY: &str = r#"{"resourceType": "AllergyIntolerance", "id": "a",  "clinicalStatus":"active","verificationStatus":"confirmed","code":{"coding":[{"system":"http://snomed.info/sct","code":"373270004"}]},"patient":{"reference":"Patient/p"}}"#;

fn dossier_stu3() -> String {
    format!(
        r#"{{"resourceType":"Bundle","type":"collection","entry":[{{"resource":{{"resourceType":"Patient","id":"p","identifier":[{{"system":"http://fhir.nl/fhir/NamingSystem/bsn","value":"{PATIENT}"}}],"gender":"female","birthDate":"1961-02-03"}}}},{{"resource":{ALLERGY}}}]}}"#
    )
}

#[tokio::test]
async fn a_source_of_stu3_is_answered_in_both_versions() {
    for version in [FhirVersion::Stu3, FhirVersion::R4] {
        let country = Country::start().await;
        let testbed = country.demo.testbed();
        let neighbour = Neighbour::start(testbed, Generation::C, "fhir", Format::FhirStu3).await;
        neighbour.list(&country, &[version]).await;
        neighbour.take("m", Format::FhirStu3, dossier_stu3()).await;
        neighbour.settled().await;
        let answer = country.ask_for(PATIENT, &["AllergyIntolerance"]).await;
        let allergies: Vec<&Value> = answer
            .data()
            .map(|entry| &entry["resource"])
            .filter(|resource| resource["resourceType"] == "AllergyIntolerance")
            .collect();
        assert_eq!(allergies.len(), 1, "{}", answer.text);
        // The overview is in R4, whoever made it so.
        assert_eq!(
            allergies[0]["clinicalStatus"]["coding"][0]["code"], "active",
            "{}",
            answer.text
        );
        neighbour.service.stop().await;
        country.stop().await;
    }
}

#[tokio::test]
async fn an_index_that_fails_is_told_later_and_the_operator_sees_why() {
    for (generation, interface) in [
        (Generation::C, "rest"),
        (Generation::C, "fhir"),
        (Generation::B, "fhir"),
    ] {
        let options = samenhang_server::demo::DemoOptions {
            country: samenhang_testbed::TestbedConfig {
                generation,
                ..samenhang_testbed::TestbedConfig::default()
            },
            ..samenhang_server::demo::DemoOptions::default()
        };
        let country = Country::with(options).await;
        let testbed = country.demo.testbed();
        let registered = testbed.services().nvi.registrations();
        let neighbour = Neighbour::start(testbed, generation, interface, Format::FhirR4).await;
        country.fault(ServiceId::Nvi, "status:503");
        neighbour.take("m", Format::FhirR4, dossier()).await;
        let scope = neighbour.station.scope(&neighbour.source).expect("a source");
        let failing = async {
            loop {
                let state = neighbour.station.publication(&scope).await.expect("a state");
                if state.failing == 1 {
                    return state;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let state = tokio::time::timeout(PATIENCE, failing).await.expect("a failure");
        assert_eq!(
            (state.waiting, state.problem.as_deref()),
            (1, Some("SAM-GAT-002"))
        );
        assert_eq!(testbed.services().nvi.registrations(), registered);
        testbed.faults().clear_all();
        neighbour.settled().await;
        let added = testbed.services().nvi.registrations() - registered;
        // Generation B has one for each category.
        assert_eq!(added > 1, generation == Generation::B, "{added}");
        // The same again changes nothing.
        assert_eq!(neighbour.station.announce_again(&scope).await.expect("again"), 1);
        neighbour.settled().await;
        assert_eq!(testbed.services().nvi.registrations() - registered, added);
        neighbour.erase().await;
        neighbour.settled().await;
        assert_eq!(testbed.services().nvi.registrations(), registered);
        neighbour.service.stop().await;
        country.stop().await;
    }
}

#[tokio::test]
async fn nobody_reads_without_a_token_and_what_can_be_asked_is_open() {
    let country = Country::start().await;
    let testbed = country.demo.testbed();
    let neighbour = Neighbour::start(testbed, Generation::C, "rest", Format::FhirR4).await;
    neighbour.take("m", Format::FhirR4, dossier()).await;
    neighbour.settled().await;
    let base = neighbour.service.base().to_owned();
    let client = country.client();
    let status = async |path: &str, token: Option<&str>| {
        let mut request = client.get(format!("{base}{path}"));
        if let Some(token) = token {
            request = request.header("authorization", token);
        }
        let answer = request.send().await.expect("an answer");
        (answer.status().as_u16(), answer.text().await.expect("a text"))
    };
    for path in [
        "/umc/fhir/R4/Patient/p",
        "/umc/fhir/STU3/Patient/p",
        "/umc/fhir/R4/Patient/p/_history/1",
        "/umc/fhir/R4/Observation?patient=p",
        "/umc/fhir/R4/Observation/$lastn?patient=p",
    ] {
        for token in [None, Some("Bearer nonsense"), Some("Basic YTpi"), Some("DPoP x")] {
            let (code, text) = status(path, token).await;
            assert_eq!(code, 401, "{path} {token:?}");
            assert!(text.contains("OperationOutcome") && !text.contains(PATIENT));
        }
    }
    for (path, holds) in [
        ("/umc/fhir/R4/metadata", "\"fhirVersion\":\"4.0.1\""),
        ("/umc/fhir/STU3/metadata", "\"fhirVersion\":\"3.0.2\""),
        ("/umc/.well-known/smart-configuration", "/umc/oauth/token"),
        ("/.well-known/oauth-authorization-server/umc", "\"issuer\""),
    ] {
        let (code, text) = status(path, None).await;
        assert_eq!(code, 200, "{path}");
        assert!(text.contains(holds), "{path}: {text}");
    }
    neighbour.service.stop().await;
    country.stop().await;
}
