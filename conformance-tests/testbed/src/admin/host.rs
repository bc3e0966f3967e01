//! Tokens of the EHR host, without a launch.

use axum::body::{Body, Bytes};
use axum::extract::State;
use http::Response;
use samenhang_profiles::Bsn;
use serde::Deserialize;
use serde_json::json;

use super::{Admin, read, send, text};
use crate::answer;

/// `{"resource": "http://127.0.0.1:8080/fhir/R4"}`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Protect {
    resource: String,
}

pub(super) async fn protect(State(admin): State<Admin>, body: Bytes) -> Response<Body> {
    let work = || {
        let asked: Protect = read(&body)?;
        admin.0.ehr.protect(&asked.resource);
        Ok(answer::empty(204))
    };
    send(work())
}

/// `{"patient": "<bsn>", "audience": "http://127.0.0.1:8080/fhir/R4", "scope": "patient/*.read"}`; without `scope` it is
/// that one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Issue {
    patient: String,
    audience: String,
    scope: Option<String>,
}

pub(super) async fn issue(State(admin): State<Admin>, body: Bytes) -> Response<Body> {
    let work = || {
        let asked: Issue = read(&body)?;
        let patient = Bsn::parse(&asked.patient).map_err(text)?;
        let scope = asked.scope.as_deref().unwrap_or("patient/*.read");
        let token = admin
            .0
            .ehr
            .issue(&patient, scope, &asked.audience)
            .ok_or("the patient is none of our own")?;
        Ok(answer::json(
            200,
            &json!({"access_token": token, "token_type": "Bearer", "scope": scope}),
        ))
    };
    send(work())
}

/// `{"token": "..."}`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Withdraw {
    token: String,
}

pub(super) async fn withdraw(State(admin): State<Admin>, body: Bytes) -> Response<Body> {
    let work = || {
        let asked: Withdraw = read(&body)?;
        admin.0.ehr.withdraw(&asked.token);
        Ok(answer::empty(204))
    };
    send(work())
}
