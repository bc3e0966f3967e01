//! Searches with a token that is bound to a patient, as the backend of a PGO and a SMART application have one: issued by
//! the simulated EHR, and looked up by the server on the back channel.

use samenhang_profiles::Bsn;
use samenhang_testbed::{ServiceId, SimClock, TestbedConfig};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use samenhang_server::demo::DemoOptions;

use crate::answer::Answer;
use crate::country::{Country, P1, P2, parameters, read};

const SCOPE: &str = "patient/*.read";

fn audience(country: &Country) -> String {
    country.url("/fhir/R4")
}

/// A token for one of our own patients.
fn token(country: &Country, bsn: &str, scope: &str) -> String {
    let patient = Bsn::parse(bsn).expect("a number");
    let issued = country
        .demo
        .testbed()
        .ehr()
        .issue(&patient, scope, &audience(country));
    issued.expect("a patient of our own")
}

async fn search(country: &Country, path: &str, token: &str) -> Answer {
    read(country.client().get(country.url(path)).bearer_auth(token)).await
}

fn resources<'a>(answer: &'a Value, kind: &str) -> Vec<&'a Value> {
    answer["entry"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|entry| &entry["resource"])
        .filter(|resource| resource["resourceType"] == kind)
        .collect()
}

#[tokio::test]
async fn a_token_says_whose_data_is_searched() {
    let country = Country::start().await;
    let access = token(&country, P1, SCOPE);
    for version in ["R4", "STU3"] {
        let found = search(&country, &format!("/fhir/{version}/AllergyIntolerance"), &access).await;
        assert_eq!(found.status, 200, "{version}: {}", found.text);
        let bundle: Value = serde_json::from_str(&found.text).expect("JSON");
        assert_eq!(bundle["type"], "searchset");
        assert!(
            !resources(&bundle, "AllergyIntolerance").is_empty(),
            "{version}: {}",
            found.text
        );
        assert!(!found.text.contains(P1), "{version}: the number is in no answer");
    }
    let patients = search(&country, "/fhir/R4/Patient", &access).await;
    assert_eq!(patients.status, 200, "{}", patients.text);
    assert!(!patients.text.contains(P1));
    country.stop().await;
}

#[tokio::test]
async fn another_patient_is_refused_by_search_and_overview() {
    let country = Country::start().await;
    let access = token(&country, P1, SCOPE);
    let named = |bsn: &str| {
        let form = format!("patient.identifier=http://fhir.nl/fhir/NamingSystem/bsn|{bsn}");
        country
            .client()
            .post(country.url("/fhir/R4/Condition/_search"))
            .bearer_auth(&access)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form)
    };
    assert_eq!(read(named(P1)).await.status, 200, "the same patient may be named");
    let journal = country.demo.testbed().journal();
    journal.clear();
    let refused = read(named(P2)).await;
    assert_eq!(refused.status, 403, "{}", refused.text);
    let overview = |bsn: &str| {
        country
            .client()
            .post(country.url("/fhir/R4/Patient/$overview"))
            .bearer_auth(&access)
            .header("content-type", "application/fhir+json")
            .body(parameters(bsn, &[]).to_string())
    };
    let other = read(overview(P2)).await;
    assert_eq!(other.status, 403, "{}", other.text);
    assert!(other.text.contains("SAM-ACC-018"), "{}", other.text);
    let asked = journal.count(|entry| !matches!(entry.service, ServiceId::EhrHost | ServiceId::AuditSink));
    assert_eq!(asked, 0, "nobody was asked about another patient");
    assert_eq!(read(overview(P1)).await.status, 200);
    country.stop().await;
}

#[tokio::test]
async fn a_token_that_does_not_fit_gets_nothing() {
    let clock = SimClock::real();
    let country = Country::with(DemoOptions {
        country: TestbedConfig {
            clock: clock.clone(),
            ..TestbedConfig::default()
        },
        ..DemoOptions::default()
    })
    .await;
    let status = async |token: &str| search(&country, "/fhir/R4/Condition", token).await;
    let guess = status("guess").await;
    assert_eq!(guess.status, 401);
    assert!(
        guess.text.contains("SAM-ACC-003") && guess.headers["www-authenticate"].contains("invalid_token")
    );
    let narrow = status(&token(&country, P1, "patient/Patient.r")).await;
    assert_eq!(narrow.status, 403);
    assert!(narrow.text.contains("SAM-ACC-006"), "{}", narrow.text);
    let elsewhere = country.demo.testbed().ehr();
    let patient = Bsn::parse(P1).expect("a number");
    let foreign = elsewhere
        .issue(&patient, SCOPE, "http://elsewhere.invalid/fhir")
        .expect("a token");
    assert_eq!(status(&foreign).await.status, 401, "a token for another server");
    let withdrawn = token(&country, P1, SCOPE);
    assert_eq!(status(&withdrawn).await.status, 200);
    country.demo.testbed().ehr().withdraw(&withdrawn);
    clock.advance(std::time::Duration::from_secs(30));
    assert_eq!(
        status(&withdrawn).await.status,
        401,
        "withdrawn half a minute ago"
    );
    let expired = token(&country, P1, SCOPE);
    clock.advance(std::time::Duration::from_secs(600));
    assert_eq!(status(&expired).await.status, 401, "expired");
    country.stop().await;
}

#[tokio::test]
async fn a_server_of_tokens_that_does_not_answer_lets_nobody_in() {
    let country = Country::start().await;
    let access = token(&country, P1, SCOPE);
    for fault in [
        "status:500@/introspect",
        "reset@/introspect",
        "malformed@/introspect",
        "hang@/introspect",
    ] {
        country.fault(ServiceId::EhrHost, fault);
        let refused = search(&country, "/fhir/R4/Condition", &access).await;
        assert_eq!(refused.status, 503, "{fault}: {}", refused.text);
        assert!(refused.text.contains("SAM-ACC-020"), "{fault}: {}", refused.text);
        country.demo.testbed().faults().clear_all();
    }
    assert_eq!(search(&country, "/fhir/R4/Condition", &access).await.status, 200);
    country.stop().await;
}

#[tokio::test]
async fn a_token_and_a_number_travel_on_the_back_channel_only() {
    let country = Country::start().await;
    let access = token(&country, P1, SCOPE);
    assert_eq!(
        search(&country, "/fhir/STU3/Condition", &access).await.status,
        200
    );
    let mut told = 0;
    for entry in country.demo.testbed().journal().entries() {
        let body = String::from_utf8_lossy(&entry.body);
        let in_header = entry.headers.iter().any(|(_, value)| value.contains(&access));
        assert!(
            !in_header && !entry.target().contains(&access),
            "{:?}",
            entry.service
        );
        if entry.service == ServiceId::EhrHost && entry.path == "/introspect" {
            told += 1;
            assert!(body.contains(&access));
        } else {
            assert!(!body.contains(&access), "the token went to {:?}", entry.service);
        }
    }
    assert_eq!(told, 1);
    country.stop().await;
}

/// A parameter of the address that an answer sends the browser to.
fn back(answer: &Answer, name: &str) -> String {
    let url = reqwest::Url::parse(&answer.headers["location"]).expect("an address");
    let found = url.query_pairs().find(|(key, _)| key == name);
    found.expect("the parameter").1.into_owned()
}

#[tokio::test]
async fn an_application_that_was_launched_searches_for_its_patient() {
    let country = Country::start().await;
    let host = country.demo.testbed().addresses().ehr_host.clone();
    country.demo.testbed().ehr().protect(&audience(&country));
    let get = async |url: String, query: &[(&str, &str)]| read(country.client().get(url).query(query)).await;
    let (app, redirect) = ("http://127.0.0.1:9/launch", "http://127.0.0.1:9/back");
    let launched = get(format!("{host}/launch/ehr-1"), &[("app", app)]).await;
    let launch = back(&launched, "launch");
    let verifier = "a-verifier-of-more-than-forty-three-characters-in-all";
    let challenge = base64::Engine::encode(
        &base64::engine::general_purpose::URL_SAFE_NO_PAD,
        Sha256::digest(verifier.as_bytes()),
    );
    let client = country.demo.testbed().client().smart_client_id.clone();
    let audience = audience(&country);
    let authorized = get(
        format!("{host}/authorize"),
        &[
            ("response_type", "code"),
            ("client_id", &client),
            ("aud", &audience),
            ("scope", "launch patient/*.rs system/*.write"),
            ("state", "s"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
            ("launch", &launch),
            ("redirect_uri", redirect),
        ],
    )
    .await;
    assert_eq!(authorized.status, 302, "{}", authorized.text);
    let code = back(&authorized, "code");
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", &client),
        ("code", &code),
        ("redirect_uri", redirect),
        ("code_verifier", verifier),
    ];
    let given = read(country.client().post(format!("{host}/token")).form(&form)).await;
    let given: Value = serde_json::from_str(&given.text).expect("JSON");
    assert_eq!(given["patient"], "ehr-1", "an id of the host, not a number");
    assert_eq!(given["scope"], "launch patient/*.rs");
    let access = given["access_token"].as_str().expect("a token");
    let found = search(&country, "/fhir/R4/MedicationStatement", access).await;
    assert_eq!(found.status, 200, "{}", found.text);
    assert!(!found.text.contains(P1));
    country.stop().await;
}
