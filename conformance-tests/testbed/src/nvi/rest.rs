//! The plain interface of generation C: `/localize` and `/registrations`. Errors are a JSON string.

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::routing::{get, post};
use http::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::call::Call;
use super::{Nvi, Pseudonyms, Record};
use crate::answer;
use crate::oauth::Claims;

type Refused = Box<Response<Body>>;

pub(super) fn router(nvi: &Nvi) -> Router {
    Router::new()
        .route("/localize", post(localize))
        .route("/registrations", get(list).post(create).delete(remove))
        .with_state(nvi.clone())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    pseudonym: String,
    oprf_key: String,
}

fn refuse(status: u16, text: &str) -> Refused {
    Box::new(answer::json(status, &Value::String(text.to_owned())))
}

/// Runs an interaction for a caller whose token has this scope.
fn allowed(
    nvi: &Nvi,
    call: &Call,
    scope: &str,
    work: impl FnOnce(&Claims) -> Result<Response<Body>, Refused>,
) -> Response<Body> {
    let done = call.claims(nvi).and_then(|claims| {
        if claims.has(scope) {
            work(&claims)
        } else {
            Err(refuse(403, "scope is missing"))
        }
    });
    done.unwrap_or_else(|refused| *refused)
}

fn from_body(nvi: &Nvi, body: &[u8]) -> Result<Pseudonyms, Refused> {
    let question: Question =
        serde_json::from_slice(body).map_err(|_| refuse(422, "the body has not the right fields"))?;
    nvi.open(&question.pseudonym, &question.oprf_key)
        .ok_or_else(|| refuse(400, "Invalid pseudonym"))
}

fn from_query(nvi: &Nvi, call: &Call) -> Result<Pseudonyms, Refused> {
    let query = call.query();
    let part = |name| answer::value(&query, name).ok_or_else(|| refuse(422, "a parameter is missing"));
    nvi.open(part("pseudonym")?, part("oprf_key")?)
        .ok_or_else(|| refuse(400, "Invalid pseudonym"))
}

fn row(record: &Record) -> Value {
    json!({"ura_number": record.ura, "source_id": record.source, "created_at": record.created.to_string()})
}

fn source(claims: &Claims) -> Result<&str, Refused> {
    claims
        .source_id
        .as_deref()
        .ok_or_else(|| refuse(403, "source_id is missing in the token"))
}

async fn localize(State(nvi): State<Nvi>, call: Call) -> Response<Body> {
    allowed(&nvi, &call, "nvi:localize", |_| {
        let wanted = from_body(&nvi, &call.body)?;
        let found = nvi.find(|record| wanted.contains(&record.pseudonym));
        Ok(answer::json(200, &found.iter().map(row).collect()))
    })
}

async fn list(State(nvi): State<Nvi>, call: Call) -> Response<Body> {
    allowed(&nvi, &call, "nvi:read", |claims| {
        let wanted = from_query(&nvi, &call)?;
        let found = nvi.find(|record| record.ura == claims.sub && wanted.contains(&record.pseudonym));
        let rows: Vec<Value> = found.iter().map(row).collect();
        Ok(answer::json(
            200,
            &json!({"registrations": rows, "total": rows.len()}),
        ))
    })
}

async fn create(State(nvi): State<Nvi>, call: Call) -> Response<Body> {
    allowed(&nvi, &call, "nvi:create", |claims| {
        let source = source(claims)?;
        let newest = *from_body(&nvi, &call.body)?
            .first()
            .ok_or_else(|| refuse(400, "Invalid pseudonym"))?;
        match nvi.add(&claims.sub, source, newest, None) {
            Some(record) => Ok(answer::json(200, &row(&record))),
            None => Err(refuse(409, "Registration exists")),
        }
    })
}

async fn remove(State(nvi): State<Nvi>, call: Call) -> Response<Body> {
    allowed(&nvi, &call, "nvi:delete", |claims| {
        let source = source(claims)?;
        let wanted = from_query(&nvi, &call)?;
        nvi.remove(|record| {
            record.ura == claims.sub && record.source == source && wanted.contains(&record.pseudonym)
        });
        Ok(answer::empty(204))
    })
}
