//! What a run asks of a terminology server, and what comes of the answers and of a server that fails.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::post;
use samenhang_gather::config::EgressConfig;
use samenhang_gather::http::{Http, TlsMaterial};
use samenhang_gather::terminology::{TerminologyServer, TerminologyServerConfig};
use samenhang_profiles::Limits;
use samenhang_profiles::validate::{Request, Verdict};
use serde_json::{Value, json};

use super::consult::PAUSE;
use super::{Asking, Consultant, Engine, Form, Sources};
use crate::packages::Folder;

/// A profile that binds `Observation.method` to a value set that nobody here has.
const PROFILE: &str = r#"{"resourceType": "StructureDefinition", "url": "http://e/p", "kind": "resource",
    "type": "Observation", "derivation": "constraint",
    "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Observation",
    "differential": {"element": [{"id": "Observation.method", "path": "Observation.method",
        "binding": {"strength": "required", "valueSet": "http://e/v"}}]}}"#;

fn engine() -> Engine {
    let root = tempfile::tempdir().unwrap();
    let package = root.path().join("a.b#1.0.0").join("package");
    fs::create_dir_all(&package).unwrap();
    let manifest = r#"{"name": "a.b", "version": "1.0.0", "fhirVersions": ["4.0.1"],
        "dependencies": {"hl7.fhir.r4.core": "4.0.1", "gone": "2.0.0"}}"#;
    fs::write(package.join("package.json"), manifest).unwrap();
    fs::write(package.join("p.json"), PROFILE).unwrap();
    let mut sources = Sources::default();
    let told = sources
        .add_folder(&Folder::at(root.path().to_owned()), &[])
        .unwrap();
    assert_eq!(told, Vec::<String>::new());
    Engine::new(&sources).unwrap()
}

fn observation(code: &str) -> String {
    json!({"resourceType": "Observation", "meta": {"profile": ["http://e/p"]}, "status": "final",
        "code": {"text": "canary"}, "subject": {"display": "canary"},
        "method": {"text": "canary", "coding": [{"system": "http://e/s", "code": code, "display": "canary"}]}})
    .to_string()
}

fn judge(engine: &Engine, body: &str, asking: Option<&Asking>) -> Verdict {
    let limits = Limits::default();
    let judged = engine.judge(
        body.as_bytes(),
        Form::Json,
        None,
        &limits,
        &Request::default(),
        asking,
    );
    judged.unwrap().verdict()
}

/// Answers by the code: `in` and `out`; by the path: `yes` as it should, `error` and `slow` not.
async fn answer(Path(how): Path<String>, calls: Arc<AtomicUsize>, body: String) -> axum::response::Response {
    calls.fetch_add(1, Ordering::SeqCst);
    assert!(!body.contains("canary"), "{body}");
    match how.as_str() {
        "error" => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        "slow" => std::future::pending::<()>().await,
        _ => {}
    }
    let asked: Value = serde_json::from_str(&body).unwrap();
    let entries = asked["entry"].as_array().unwrap().iter().map(|entry| {
        let parameters = entry["resource"]["parameter"].as_array().unwrap();
        let code = parameters.iter().find(|part| part["name"] == "code").unwrap();
        json!({"response": {"status": "200"}, "resource": {"resourceType": "Parameters",
            "parameter": [{"name": "result", "valueBoolean": code["valueCode"] == "in"}]}})
    });
    let entries: Vec<Value> = entries.collect();
    json!({"resourceType": "Bundle", "type": "batch-response", "entry": entries})
        .to_string()
        .into_response()
}

/// A consultant with a server that answers in a way, and how often it was called.
async fn consultant(how: &str) -> (Consultant, Arc<AtomicUsize>) {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let routes = Router::new().route(
        "/{how}",
        post(move |how: Path<String>, body: String| answer(how, counted, body)),
    );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, routes).await });
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = Http::new(&EgressConfig::loopback(), &TlsMaterial::default()).unwrap();
    let config = TerminologyServerConfig {
        timeout_ms: if how == "slow" { 200 } else { 20_000 },
        ..TerminologyServerConfig::at(format!("http://{address}/{how}"))
    };
    let server = TerminologyServer::new(http, &config).unwrap();
    (Consultant::new(server), calls)
}

#[tokio::test]
async fn what_is_not_known_is_asked_once_for_all_and_judged_again() {
    let engine = engine();
    let (consultant, calls) = consultant("yes").await;
    let bodies = ["in", "out", "in"].map(observation);
    let mut askings: Vec<Asking> = bodies
        .iter()
        .map(|_| engine.asking(consultant.answers()))
        .collect();
    for (body, asking) in bodies.iter().zip(&askings) {
        assert_eq!(
            judge(&engine, body, None),
            Verdict::Unchecked(1),
            "without a server"
        );
        assert_eq!(
            judge(&engine, body, Some(asking)),
            Verdict::Unchecked(1),
            "not asked yet"
        );
    }
    let consulted = consultant.consult(&mut askings).await;
    assert_eq!(
        (consulted.again, consulted.failure),
        (vec![true, true, true], None)
    );
    let verdicts: Vec<Verdict> = bodies
        .iter()
        .zip(&askings)
        .map(|(body, asking)| judge(&engine, body, Some(asking)))
        .collect();
    assert_eq!(verdicts, [Verdict::Valid, Verdict::Invalid, Verdict::Valid]);
    assert_eq!(calls.load(Ordering::SeqCst), 1);
    // A later text knows the answers, and asks nothing.
    let mut later = [engine.asking(consultant.answers())];
    assert_eq!(judge(&engine, &bodies[1], Some(&later[0])), Verdict::Invalid);
    assert_eq!(consultant.consult(&mut later).await.again, [false]);
    assert_eq!(calls.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_server_that_fails_or_is_slow_leaves_it_unchecked_and_is_left_alone_for_a_while() {
    let engine = engine();
    let body = observation("in");
    for how in ["error", "slow"] {
        let (consultant, calls) = consultant(how).await;
        for (run, expected) in [(0, 1), (1, 1), (2, 2)] {
            if run == 2 {
                tokio::time::pause();
                tokio::time::advance(PAUSE).await;
                tokio::time::resume();
            }
            let mut asking = [engine.asking(consultant.answers())];
            assert_eq!(judge(&engine, &body, Some(&asking[0])), Verdict::Unchecked(1));
            let consulted = consultant.consult(&mut asking).await;
            assert_eq!(consulted.again, [true], "{how}");
            // It is told once, and not each time that the server is left alone.
            assert_eq!(consulted.failure.is_some(), run != 1, "{how} {run}");
            assert_eq!(judge(&engine, &body, Some(&asking[0])), Verdict::Unchecked(1));
            assert_eq!(calls.load(Ordering::SeqCst), expected, "{how} {run}");
        }
    }
}

#[test]
fn a_package_that_is_needed_and_not_there_is_named() {
    let notices: Vec<String> = engine().notices().collect();
    assert_eq!(
        notices,
        ["the package gone#2.0.0 (needed by a.b#1.0.0) is not there; what stands on it is unchecked"]
    );
}

/// Of a package that the binary carries, the folder counts only when it has a newer version.
#[test]
fn an_older_package_in_the_folder_does_not_replace_what_the_binary_has() {
    const URL: &str = "http://nictiz.nl/fhir/StructureDefinition/nl-core-Patient";
    let replaced = PROFILE
        .replace("http://e/p", URL)
        .replace("Observation.method", "Patient.maritalStatus")
        .replace("Observation", "Patient");
    let patient = format!(
        r#"{{"resourceType":"Patient","meta":{{"profile":["{URL}"]}},"maritalStatus":{{"coding":[{{"system":"http://e/s","code":"in"}}]}}}}"#
    );
    for (version, counts) in [("0.11.0", false), ("0.12.1-beta.1", false), ("0.13.0", true)] {
        let root = tempfile::tempdir().unwrap();
        let name = "nictiz.fhir.nl.r4.nl-core";
        let package = root.path().join(format!("{name}#{version}")).join("package");
        fs::create_dir_all(&package).unwrap();
        let manifest = json!({"name": name, "version": version, "fhirVersions": ["4.0.1"]});
        fs::write(package.join("package.json"), manifest.to_string()).unwrap();
        fs::write(package.join("p.json"), &replaced).unwrap();
        let mut sources = Sources::default();
        sources
            .add_folder(&Folder::at(root.path().to_owned()), &[])
            .unwrap();
        let engine = Engine::new(&sources).unwrap();
        let limits = Limits::default();
        let judged = engine.judge(
            patient.as_bytes(),
            Form::Json,
            None,
            &limits,
            &Request::default(),
            None,
        );
        let asks = judged.unwrap().findings.iter().any(|finding| {
            finding.rule.code == "binding-unchecked"
                && finding
                    .arguments
                    .iter()
                    .any(|argument| *argument == samenhang_profiles::validate::Argument::name("http://e/v"))
        });
        assert_eq!(asks, counts, "{version}");
    }
}
