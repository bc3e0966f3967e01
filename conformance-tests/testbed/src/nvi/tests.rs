//! The index over HTTP, with its quirks.

use std::time::Duration;

use serde_json::{Value, json};

use super::{CUSTODIAN, SOURCE_SYSTEM, Strictness, TOKEN_SYSTEM};
use crate::holder::Generation;
use crate::testing::National;

const P1: &str = "999990019";
const P6: &str = "999990068";

async fn filled() -> National {
    let national = National::start(Generation::C).await;
    for ura in ["00700700", "00700701"] {
        national.register(ura, P1, &[]);
    }
    national
}

async fn localize(national: &National, body: &Value) -> (u16, Value) {
    let answer = national
        .http
        .post(format!("{}/localize", national.nvi_url))
        .bearer_auth(national.token("nvi:localize").await)
        .json(body)
        .send()
        .await
        .unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

async fn question(national: &National, bsn: &str) -> Value {
    let (sealed, blind) = national.pseudonym(bsn).await;
    json!({"pseudonym": sealed, "oprf_key": blind})
}

/// One FHIR request with a token for this scope and organisation.
async fn fhir(
    national: &National,
    method: &str,
    target: &str,
    body: Option<&Value>,
    (scope, ura): (&str, &str),
) -> (u16, Value) {
    let mut request = national
        .http
        .request(
            method.parse().unwrap(),
            format!("{}/fhir{target}", national.nvi_url),
        )
        .bearer_auth(national.token_for(scope, ura).await);
    if let Some(body) = body {
        request = request
            .header("content-type", "application/fhir+json")
            .body(body.to_string());
    }
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

async fn subject(national: &National, bsn: &str) -> String {
    let value = format!("{TOKEN_SYSTEM}|{}", national.identifier(bsn).await);
    url::form_urlencoded::Serializer::new(String::new())
        .append_pair("subject:identifier", &value)
        .finish()
}

fn list(ura: &str, token: &str) -> Value {
    json!({"resourceType": "List", "status": "current", "mode": "working",
        "extension": [{"url": CUSTODIAN, "valueReference":
            {"identifier": {"system": "http://fhir.nl/fhir/NamingSystem/ura", "value": ura}}}],
        "subject": {"identifier": {"system": TOKEN_SYSTEM, "value": token}},
        "source": {"type": "Device", "identifier": {"system": SOURCE_SYSTEM, "value": "urn:x"}},
        "emptyReason": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/list-empty-reason",
            "code": "withheld"}]}})
}

#[tokio::test]
async fn a_patient_is_localised_over_all_organisations() {
    let national = filled().await;
    let (status, found) = localize(&national, &question(&national, P1).await).await;
    assert_eq!(status, 200);
    let uras: Vec<&str> = found
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|row| row["ura_number"].as_str())
        .collect();
    assert_eq!(uras, ["00700700", "00700701"]);
    assert_eq!(
        localize(&national, &question(&national, P6).await).await,
        (200, json!([]))
    );

    let query = subject(&national, P1).await;
    let (status, bundle) = fhir(
        &national,
        "GET",
        &format!("/List?{query}"),
        None,
        ("nvi:localize", "00900900"),
    )
    .await;
    assert_eq!((status, &bundle["total"]), (200, &json!(2)));
    let first = &bundle["entry"][0]["resource"];
    assert_eq!(
        first["extension"][0]["valueReference"]["identifier"]["value"],
        "00700700"
    );
    assert!(first.get("subject").is_none() && first.get("code").is_none());
    national.shared.stop().await;
}

#[tokio::test]
async fn a_sealed_pseudonym_is_used_once_and_in_time() {
    let national = filled().await;
    let asked = question(&national, P1).await;
    assert_eq!(localize(&national, &asked).await.0, 200);
    assert_eq!(
        localize(&national, &asked).await,
        (400, json!("Invalid pseudonym"))
    );
    let asked = question(&national, P1).await;
    national.shared.clock().advance(Duration::from_secs(301));
    assert_eq!(localize(&national, &asked).await.0, 400);
    national.nvi.set_strictness(Strictness {
        enforce_exp: false,
        single_use: false,
        ..Strictness::default()
    });
    assert_eq!(localize(&national, &asked).await.0, 200);
    assert_eq!(localize(&national, &json!({"pseudonym": "x"})).await.0, 422);
    national.shared.stop().await;
}

#[tokio::test]
async fn older_versions_of_the_secret_still_find_the_patient() {
    let national = filled().await;
    national.prs.rotate();
    let (_, found) = localize(&national, &question(&national, P1).await).await;
    assert_eq!(found.as_array().unwrap().len(), 2);
    national.shared.stop().await;
}

#[tokio::test]
async fn searches_show_the_quirks_of_the_reference() {
    let national = filled().await;
    let all = ("nvi:localize", "00700700");
    national.nvi.set_strictness(Strictness {
        legacy_code: true,
        ..Strictness::default()
    });
    assert_eq!(fhir(&national, "GET", "/List?code=x", None, all).await.0, 200);
    national.nvi.set_strictness(Strictness::default());
    let (status, outcome) = fhir(&national, "GET", "/List?code=x", None, all).await;
    assert_eq!(
        (status, &outcome["resourceType"]),
        (422, &json!("OperationOutcome"))
    );
    // Half a token is no subject: the caller's own registry is the answer.
    let (_, own) = fhir(&national, "GET", "/List?subject:identifier=%7Cabc", None, all).await;
    assert_eq!(own["total"], 1);
    assert_eq!(
        fhir(&national, "GET", "/List?source:identifier=x", None, all)
            .await
            .1["total"],
        0
    );
    assert_eq!(
        fhir(&national, "GET", "/List", None, ("nvi:read", "00700700"))
            .await
            .0,
        403
    );
    let id = own["entry"][0]["resource"]["id"].as_str().unwrap();
    let target = format!("/List/{id}");
    assert_eq!(
        fhir(&national, "GET", &target, None, ("nvi:read", "00700700"))
            .await
            .0,
        200
    );
    assert_eq!(
        fhir(&national, "GET", &target, None, ("nvi:read", "00700701"))
            .await
            .0,
        404
    );
    national.shared.stop().await;
}

#[tokio::test]
async fn registrations_come_and_go() {
    let national = filled().await;
    let create = ("nvi:create", "00900900");
    let body = list("00900900", &national.identifier(P6).await);
    assert_eq!(fhir(&national, "POST", "/List", Some(&body), create).await.0, 201);
    let again = list("00900900", &national.identifier(P6).await);
    assert_eq!(
        fhir(&national, "POST", "/List", Some(&again), create).await.0,
        409
    );
    let other = list("00700700", &national.identifier(P6).await);
    assert_eq!(
        fhir(&national, "POST", "/List", Some(&other), create).await.0,
        403
    );
    let mut wrong = list("00900900", &national.identifier(P6).await);
    wrong["source"]["identifier"]["system"] = json!("https://else");
    assert_eq!(
        fhir(&national, "POST", "/List", Some(&wrong), create).await.0,
        400
    );
    let delete = ("nvi:delete", "00900900");
    assert_eq!(fhir(&national, "DELETE", "/List/none", None, delete).await.0, 404);
    assert_eq!(fhir(&national, "DELETE", "/List", None, delete).await.0, 201);
    assert_eq!(national.nvi.registrations(), 2);
    national.shared.stop().await;
}

#[tokio::test]
async fn a_transaction_answers_per_entry() {
    let national = filled().await;
    let first = list("00900900", &national.identifier(P6).await);
    let second = list("00900900", &national.identifier(P6).await);
    let query = subject(&national, P1).await;
    let entry = |method: &str, url: &str, resource: Option<&Value>| {
        let mut entry = json!({"request": {"method": method, "url": url}});
        if let Some(resource) = resource {
            entry["resource"] = resource.clone();
        }
        entry
    };
    let bundle = json!({"resourceType": "Bundle", "type": "transaction", "entry": [
        entry("POST", "List", Some(&first)),
        entry("POST", "List", Some(&second)),
        entry("GET", &format!("List?{query}"), None)]});
    let (status, answer) = fhir(&national, "POST", "", Some(&bundle), ("nvi:create", "00900900")).await;
    assert_eq!((status, &answer["type"]), (200, &json!("searchset")));
    let statuses: Vec<&str> = answer["entry"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|entry| entry["response"]["status"].as_str())
        .collect();
    assert_eq!(statuses, ["201", "403", "422"]);
    national.shared.stop().await;
}

#[tokio::test]
async fn plain_registrations_are_of_the_caller_only() {
    let national = filled().await;
    let call = async |method: &str, scope: &str| {
        let (sealed, blind) = national.pseudonym(P6).await;
        let url = format!("{}/registrations", national.nvi_url);
        let mut request = national
            .http
            .request(method.parse().unwrap(), url)
            .bearer_auth(national.token(scope).await);
        request = if method == "POST" {
            request.json(&json!({"pseudonym": sealed, "oprf_key": blind}))
        } else {
            request.query(&[("pseudonym", sealed), ("oprf_key", blind)])
        };
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    assert_eq!(call("POST", "nvi:create").await.0, 200);
    assert_eq!(call("POST", "nvi:create").await.0, 409);
    assert!(call("GET", "nvi:read").await.1.ends_with("\"total\":1}"));
    assert_eq!(call("DELETE", "nvi:delete").await.0, 204);
    assert!(call("GET", "nvi:read").await.1.ends_with("\"total\":0}"));
    assert_eq!(call("GET", "nvi:localize").await.0, 403);
    national.shared.stop().await;
}

#[tokio::test]
async fn generation_b_registers_per_category() {
    let national = National::start(Generation::B).await;
    national.register("00700700", P1, &["MedicationRequest", "AllergyIntolerance"]);
    let scope = ("epd:read", "00900900");
    let query = subject(&national, P1).await;
    let (status, all) = fhir(&national, "GET", &format!("/List?{query}"), None, scope).await;
    assert_eq!((status, &all["total"]), (200, &json!(2)));
    let query = subject(&national, P1).await;
    let (_, some) = fhir(
        &national,
        "GET",
        &format!("/List?{query}&code=MedicationRequest"),
        None,
        scope,
    )
    .await;
    assert_eq!(some["total"], 1);
    assert_eq!(
        some["entry"][0]["resource"]["code"]["coding"][0]["code"],
        "MedicationRequest"
    );
    let plain = national
        .http
        .post(format!("{}/localize", national.nvi_url))
        .send()
        .await
        .unwrap();
    assert_eq!(plain.status().as_u16(), 404);
    national.shared.stop().await;
}
