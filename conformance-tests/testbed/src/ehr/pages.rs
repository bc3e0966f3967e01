//! What the host shows: a page to start an application from, and the patient and practitioner of a launch.

use axum::body::Body;
use axum::extract::{Path, State};
use http::{HeaderMap, Response, Uri, header};
use serde_json::json;

use super::{EhrHost, EhrMode, number};
use crate::answer;
use crate::client::USER_NUMBER;
use crate::patients;

/// The number that another patient of the test range has.
const OTHER_NUMBER: &str = patients::P2;

/// A page with a link for each patient, as the record system of a practice would have in each record. `?app=` is the
/// launch address of the application.
pub(super) async fn workplace(State(host): State<EhrHost>, uri: Uri) -> Response<Body> {
    let query = answer::pairs(uri.query().unwrap_or_default());
    let app = answer::value(&query, "app").unwrap_or_default();
    let app: String = url::form_urlencoded::byte_serialize(app.as_bytes()).collect();
    let links: String = (1..=patients::ALL.len())
        .map(|place| {
            let base = &host.0.base;
            format!("<li><a href=\"{base}/launch/ehr-{place}?app={app}\">Patient ehr-{place}</a></li>")
        })
        .collect();
    answer::typed(
        200,
        "text/html; charset=utf-8",
        format!(
            "<!doctype html><html lang=\"nl\"><meta charset=\"utf-8\"><link rel=\"icon\" href=\"data:,\">\
             <title>EPD (gesimuleerd)</title>\
             <h1>EPD (gesimuleerd)</h1><p>Open Samenhang uit het dossier van een verzonnen patiënt / Open Samenhang from \
             the record of a made-up patient.</p><ul>{links}</ul></html>"
        ),
    )
}

/// The patient that the token of a request is for.
fn allowed(host: &EhrHost, headers: &HeaderMap) -> Option<String> {
    let token = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))?;
    let now = host.0.shared.clock().seconds();
    host.launches()
        .bound(token, now)
        .map(|bound| bound.patient.clone())
}

/// The patient in context: the only one that the token is for.
pub(super) async fn patient(
    State(host): State<EhrHost>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response<Body> {
    let system = "http://fhir.nl/fhir/NamingSystem/bsn";
    match (allowed(&host, &headers), number(&id)) {
        (Some(allowed), Some(number)) if allowed == id => {
            let numbers = match host.mode() {
                EhrMode::NoNumber => json!([{"system": "http://ehr.example/number", "value": id}]),
                EhrMode::TwoNumbers => json!([{"system": system, "value": number},
                    {"system": system, "value": OTHER_NUMBER}]),
                _ => json!([{"system": system, "value": number}]),
            };
            let id = if host.mode() == EhrMode::OtherPatient {
                "ehr-8"
            } else {
                &id
            };
            answer::fhir(
                200,
                &json!({"resourceType": "Patient", "id": id, "identifier": numbers}),
            )
        }
        (Some(_), _) => answer::outcome(403, "forbidden", "the token is for another patient"),
        (None, _) => answer::outcome(401, "login", "no token, or one that has expired"),
    }
}

/// The user who started the application.
pub(super) async fn practitioner(
    State(host): State<EhrHost>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response<Body> {
    if allowed(&host, &headers).is_none() {
        return answer::outcome(401, "login", "no token, or one that has expired");
    }
    if id != USER_NUMBER {
        return answer::outcome(404, "not-found", "no such practitioner");
    }
    let number = if host.mode() == EhrMode::OtherUser {
        "900000010"
    } else {
        USER_NUMBER
    };
    answer::fhir(
        200,
        &json!({"resourceType": "Practitioner", "id": id, "identifier": [
            {"system": "http://fhir.nl/fhir/NamingSystem/uzi", "value": number}]}),
    )
}
