//! The plain interface of generation C: `/localize` and `/registrations`. Errors are a JSON string.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::routing::{get, post};
use http::{Extensions, HeaderMap, Response, Uri};
use serde::Deserialize;
use serde_json::{Value, json};

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

/// The token, if it has this scope.
fn allow(nvi: &Nvi, headers: &HeaderMap, extensions: &Extensions, scope: &str) -> Result<Claims, Refused> {
    let claims = nvi.0.gate.check(headers, extensions)?;
    if claims.has(scope) {
        Ok(claims)
    } else {
        Err(refuse(403, "scope is missing"))
    }
}

fn from_body(nvi: &Nvi, body: &[u8]) -> Result<Pseudonyms, Refused> {
    let question: Question =
        serde_json::from_slice(body).map_err(|_| refuse(422, "the body has not the right fields"))?;
    nvi.open(&question.pseudonym, &question.oprf_key)
        .ok_or_else(|| refuse(400, "Invalid pseudonym"))
}

fn from_query(nvi: &Nvi, uri: &Uri) -> Result<Pseudonyms, Refused> {
    let query = answer::pairs(uri.query().unwrap_or_default());
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

async fn localize(
    State(nvi): State<Nvi>,
    headers: HeaderMap,
    extensions: Extensions,
    body: Bytes,
) -> Response<Body> {
    let work = || {
        allow(&nvi, &headers, &extensions, "nvi:localize")?;
        let wanted = from_body(&nvi, &body)?;
        let found = nvi.find(|record| wanted.contains(&record.pseudonym));
        Ok::<_, Refused>(answer::json(200, &found.iter().map(row).collect()))
    };
    work().unwrap_or_else(|refused| *refused)
}

async fn list(
    State(nvi): State<Nvi>,
    headers: HeaderMap,
    extensions: Extensions,
    uri: Uri,
) -> Response<Body> {
    let work = || {
        let claims = allow(&nvi, &headers, &extensions, "nvi:read")?;
        let wanted = from_query(&nvi, &uri)?;
        let found = nvi.find(|record| record.ura == claims.sub && wanted.contains(&record.pseudonym));
        let rows: Vec<Value> = found.iter().map(row).collect();
        Ok::<_, Refused>(answer::json(
            200,
            &json!({"registrations": rows, "total": rows.len()}),
        ))
    };
    work().unwrap_or_else(|refused| *refused)
}

async fn create(
    State(nvi): State<Nvi>,
    headers: HeaderMap,
    extensions: Extensions,
    body: Bytes,
) -> Response<Body> {
    let work = || {
        let claims = allow(&nvi, &headers, &extensions, "nvi:create")?;
        let source = source(&claims)?;
        let newest = *from_body(&nvi, &body)?
            .first()
            .ok_or_else(|| refuse(400, "Invalid pseudonym"))?;
        match nvi.add(&claims.sub, source, newest, None) {
            Some(record) => Ok::<_, Refused>(answer::json(200, &row(&record))),
            None => Err(refuse(409, "Registration exists")),
        }
    };
    work().unwrap_or_else(|refused| *refused)
}

async fn remove(
    State(nvi): State<Nvi>,
    headers: HeaderMap,
    extensions: Extensions,
    uri: Uri,
) -> Response<Body> {
    let work = || {
        let claims = allow(&nvi, &headers, &extensions, "nvi:delete")?;
        let source = source(&claims)?;
        let wanted = from_query(&nvi, &uri)?;
        nvi.remove(|record| {
            record.ura == claims.sub && record.source == source && wanted.contains(&record.pseudonym)
        });
        Ok::<_, Refused>(answer::empty(204))
    };
    work().unwrap_or_else(|refused| *refused)
}
