use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use samenhang_profiles::Bsn;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{EhrHost, patient_log};
use crate::audit_sink::AuditSink;
use crate::faults::ServiceId;
use crate::holder::TestbedConfig;
use crate::journal::Incoming;
use crate::net::{Shared, bind};
use crate::{SimClock, testing};

async fn start() -> (Shared, String, AuditSink) {
    let shared = Shared::new(&TestbedConfig {
        tls: false,
        clock: SimClock::frozen("2026-11-22T10:00:00Z".parse().unwrap()),
        ..TestbedConfig::default()
    })
    .unwrap();
    let bound = bind(ServiceId::EhrHost, &shared).await.unwrap();
    let sink = AuditSink::default();
    let host = EhrHost::new(&shared, bound.url(), &sink).unwrap();
    let served = bound.serve(host.router());
    (shared, served.url, sink)
}

/// A parameter of the address that an answer sends the browser to.
fn back(response: &reqwest::Response, name: &str) -> String {
    let location = response.headers()["location"].to_str().unwrap();
    let url = url::Url::parse(location).unwrap();
    let found = url.query_pairs().find(|(key, _)| key == name);
    found.unwrap().1.into_owned()
}

#[tokio::test]
async fn an_application_is_launched_with_one_patient() {
    let (shared, url, _) = start().await;
    let http = testing::client(&shared);
    let patient = EhrHost::patient_id(&Bsn::parse("999990019").unwrap()).unwrap();
    let app = "http://127.0.0.1:9/launch";
    let begin = async || {
        let url = format!("{url}/launch/{patient}?app={app}");
        http.get(url).send().await.unwrap()
    };
    assert_eq!(
        http.get(format!("{url}/launch/nobody?app={app}"))
            .send()
            .await
            .unwrap()
            .status(),
        404
    );
    let started = begin().await;
    let (issuer, launch) = (back(&started, "iss"), back(&started, "launch"));
    let places: Value = http
        .get(format!("{issuer}/.well-known/smart-configuration"))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let verifier = "a-verifier-of-more-than-forty-three-characters-in-all";
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
    let ask = async |changes: &[(&str, &str)]| {
        let mut query = json!({"response_type": "code", "client_id": shared.client().smart_client_id, "aud": issuer,
            "scope": "launch patient/Patient.r", "state": "s", "code_challenge": challenge,
            "code_challenge_method": "S256", "launch": launch, "redirect_uri": "http://127.0.0.1:9/back"});
        for (name, value) in changes {
            query[*name] = json!(value);
        }
        let place = places["authorization_endpoint"].as_str().unwrap();
        http.get(place).query(&query).send().await.unwrap()
    };
    for change in [
        ("aud", "http://elsewhere.invalid"),
        ("client_id", "stranger"),
        ("scope", "patient/Patient.r"),
        ("state", ""),
        ("code_challenge_method", "plain"),
        ("launch", "guess"),
        ("redirect_uri", "http://127.0.0.1:10/back"),
    ] {
        assert_eq!(ask(&[change]).await.status(), 400, "{change:?}");
    }
    let sent = ask(&[]).await;
    assert_eq!(
        (sent.status().as_u16(), back(&sent, "state").as_str()),
        (302, "s")
    );
    assert_eq!(ask(&[]).await.status(), 400, "a launch is used once");

    let redeem = async |code: &str, verifier: &str| -> (u16, Value) {
        let form = [
            ("grant_type", "authorization_code"),
            ("client_id", &shared.client().smart_client_id),
            ("code", code),
            ("redirect_uri", "http://127.0.0.1:9/back"),
            ("code_verifier", verifier),
        ];
        let place = places["token_endpoint"].as_str().unwrap();
        let answer = http.post(place).form(&form).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    };
    let code = back(&sent, "code");
    let (_, given) = redeem(&code, verifier).await;
    assert_eq!(given["patient"], patient.as_str());
    assert_eq!(redeem(&code, verifier).await.0, 400, "a code is used once");
    let read = async |id: &str| {
        let request = http.get(format!("{issuer}/Patient/{id}"));
        request
            .bearer_auth(given["access_token"].as_str().unwrap())
            .send()
            .await
            .unwrap()
    };
    let found: Value = read(&patient).await.json().await.unwrap();
    assert_eq!(found["identifier"][0]["value"], "999990019");
    assert_eq!(given["scope"], "launch patient/Patient.r");
    assert_eq!(read("ehr-2").await.status(), 403);
    shared.clock().advance(std::time::Duration::from_secs(601));
    assert_eq!(read(&patient).await.status(), 401);
    // No address of the host ever holds the number.
    for entry in shared.journal().entries() {
        assert!(!entry.head_contains("999990019"), "{entry:?}");
    }
    shared.stop().await;
}

fn event(activity: &str, holder: Option<&str>, question: &str) -> Value {
    let mut event = json!({
        "resourceType": "AuditEvent", "recorded": "2026-11-22T10:00:00.000Z", "outcome": "0",
        "subtype": [{"system": "https://samenhang.example/fhir/CodeSystem/audit-activity", "code": activity}],
        "purposeOfEvent": [{"coding": [{"code": "TREAT"}]}],
        "agent": [{"requestor": true, "type": {"coding": [{"code": "humanuser"}]}, "policy": ["policy|1#care"],
            "role": [{"coding": [{"code": "01.015"}]}], "who": {"identifier": {"value": "900000009"}}},
            {"requestor": false, "type": {"coding": [{"code": "110153"}]}, "who": {"identifier": {"value": "00900900"}}}],
        "entity": [{"type": {"code": "1"}, "what": {"identifier": {"value": "pseudonym"}}},
            {"type": {"code": "2"}, "detail": [{"type": "category", "valueString": "Condition"},
                {"type": "X-Request-Id", "valueString": question}]}],
    });
    if let Some(holder) = holder {
        event["agent"]
            .as_array_mut()
            .unwrap()
            .push(json!({"requestor": false,
            "type": {"coding": [{"code": "110152"}]}, "who": {"identifier": {"value": holder}}}));
    }
    event
}

#[tokio::test]
async fn the_log_tells_what_is_missing_and_what_is_too_much() {
    let (shared, url, sink) = start().await;
    let ura = "00700700";
    let call = |path: &str| {
        let sequence = shared.journal().begin(
            shared.clock().now(),
            Incoming {
                service: ServiceId::Source(ura.parse().unwrap()),
                method: "GET".to_owned(),
                path: path.to_owned(),
                query: String::new(),
                headers: vec![("x-correlation-id".to_owned(), "q1".to_owned())],
                body: bytes::Bytes::new(),
            },
        );
        shared.journal().finish(sequence, 200, "");
    };
    for path in [
        "/fhir/r4/Patient/_search",
        "/fhir/r4/Condition",
        "/fhir/r4/_page/x",
        "/fhir/r4/Medication/m1",
    ] {
        call(path);
    }
    let http = testing::client(&shared);
    let post = |event: Value| assert!(sink.take(event).is_some());
    for (activity, holder) in [
        ("decision", None),
        ("patient-search", Some(ura)),
        ("search", Some(ura)),
        ("search", Some(ura)),
        ("read", Some(ura)),
    ] {
        post(event(activity, holder, "q1"));
    }
    let complete = async |question: &str| -> Value {
        let url = format!("{url}/log/completeness?question={question}");
        http.get(url).send().await.unwrap().json().await.unwrap()
    };
    assert_eq!(complete("q1").await, json!({"complete": true, "gap": []}));
    assert_eq!(
        complete("q2").await["gap"][0]["activity"],
        "decision",
        "an unknown question has no log"
    );
    call("/fhir/r4/Condition");
    assert_eq!(
        complete("q1").await["gap"],
        json!([{"activity": "search", "holder": ura, "calls": 3, "records": 2}])
    );
    post(event("search", Some(ura), "q1"));
    post(event("read", Some("00700701"), "q1"));
    assert_eq!(
        complete("q1").await["gap"],
        json!([{"activity": "read", "holder": "00700701", "calls": 0, "records": 1}])
    );
    let log: Value = http
        .get(format!("{url}/log?patient=pseudonym&holder={ura}"))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(
        (&log["total"], &log["line"][0]["user"]),
        (&json!(5), &json!("900000009"))
    );
    assert_eq!(log["line"][0]["basis"], "policy|1#care");
    assert!(patient_log::lines(&sink.events(), "another").is_empty());
    shared.stop().await;
}

#[tokio::test]
async fn a_resource_server_that_proves_itself_is_told_whose_a_token_is() {
    let shared = Shared::new(&TestbedConfig {
        tls: false,
        clock: SimClock::frozen("2026-11-22T10:00:00Z".parse().unwrap()),
        ..TestbedConfig::default()
    })
    .unwrap();
    let bound = bind(ServiceId::EhrHost, &shared).await.unwrap();
    let host = EhrHost::new(&shared, bound.url(), &AuditSink::default()).unwrap();
    let url = bound.serve(host.router()).url;
    let patient = Bsn::parse("999990019").unwrap();
    let token = host
        .issue(&patient, "patient/*.read", "http://resource.example/fhir")
        .unwrap();
    let unknown = Bsn::parse("111222333").unwrap();
    assert!(host.issue(&unknown, "patient/*.read", "x").is_none());
    let now = shared.clock().seconds();
    let ask = async |token: &str, change: &dyn Fn(&mut Value)| -> (u16, Value) {
        let client = shared.client();
        let mut claims = json!({"iss": client.smart_client_id, "sub": client.smart_client_id,
            "aud": format!("{url}/fhir"), "exp": now + 60, "jti": "j"});
        change(&mut claims);
        let key = jsonwebtoken::EncodingKey::from_ec_pem(client.smart_key_es384_pem.as_bytes()).unwrap();
        let header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::ES384);
        let assertion = jsonwebtoken::encode(&header, &claims, &key).unwrap();
        let form = [
            ("token", token),
            (
                "client_assertion_type",
                "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            ),
            ("client_assertion", &assertion),
        ];
        let request = testing::client(&shared)
            .post(format!("{url}/introspect"))
            .form(&form);
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    };
    let (status, told) = ask(&token, &|_| {}).await;
    assert_eq!((status, &told["active"]), (200, &json!(true)));
    assert_eq!(told["patient"], "ehr-1");
    assert_eq!(told["patient_bsn"], "999990019");
    assert_eq!(told["aud"], "http://resource.example/fhir");
    assert_eq!(told["exp"], json!(now + 600));
    let inactive = (200, json!({"active": false}));
    assert_eq!(ask("guess", &|_| {}).await, inactive);
    for (name, value) in [
        ("iss", json!("stranger")),
        ("aud", json!("http://elsewhere.invalid")),
        ("exp", json!(now - 1)),
        ("exp", json!(now + 3600)),
    ] {
        let (status, _) = ask(&token, &|claims| claims[name] = value.clone()).await;
        assert_eq!(status, 401, "{name} {value}");
    }
    host.withdraw(&token);
    assert_eq!(ask(&token, &|_| {}).await, inactive);
    let late = host.issue(&patient, "patient/*.read", "x").unwrap();
    shared.clock().advance(std::time::Duration::from_secs(600));
    let (_, told) = ask(&late, &|claims| claims["exp"] = json!(now + 660)).await;
    assert_eq!(told, json!({"active": false}));
    shared.stop().await;
}
