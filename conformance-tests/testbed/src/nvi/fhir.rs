//! The FHIR interface of the index: `List`, a `transaction`, and what the reference does differently from FHIR.

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::routing::{get, post};
use http::Response;
use samenhang_terminology::category;
use serde_json::{Value, json};

use super::call::Call;
use super::{Nvi, Pseudonyms, Record, TOKEN_SYSTEM, list, transaction};
use crate::answer;
use crate::holder::Generation;
use crate::oauth::Claims;

/// Status and body of an answer, before it becomes HTTP or an entry of a transaction.
pub(super) type Outcome = (u16, Value);

pub(super) fn router(nvi: &Nvi, base: &str) -> Router {
    Router::new()
        .route(base, post(bundle))
        .route(&format!("{base}/"), post(bundle))
        .route(&format!("{base}/metadata"), get(metadata))
        .route(
            &format!("{base}/List"),
            get(search).post(create).delete(remove_many),
        )
        .route(&format!("{base}/List/{{id}}"), get(read).delete(remove_one))
        .with_state(nvi.clone())
}

fn problem(status: u16, code: &str, text: &str) -> Outcome {
    (status, answer::outcome_body("error", code, text))
}

fn send((status, body): Outcome) -> Response<Body> {
    answer::fhir(status, &body)
}

/// Runs an interaction for a caller with a token.
fn with_token(
    nvi: &Nvi,
    call: &Call,
    work: impl FnOnce(&Claims) -> Result<Outcome, Outcome>,
) -> Response<Body> {
    match call.claims(nvi) {
        Ok(claims) => send(work(&claims).unwrap_or_else(|refused| refused)),
        Err(refused) => *refused,
    }
}

/// The body as JSON.
fn json_of(call: &Call) -> Result<Value, Outcome> {
    serde_json::from_slice(&call.body).map_err(|_| problem(400, "structure", "the body is not JSON"))
}

async fn metadata(State(nvi): State<Nvi>, call: Call) -> Response<Body> {
    with_token(&nvi, &call, |_| {
        Ok((
            200,
            json!({"resourceType": "CapabilityStatement", "status": "active", "kind": "instance",
                "date": nvi.0.shared.clock().now().to_string(), "fhirVersion": "4.0.1", "format": ["json"],
                "rest": [{"mode": "server", "resource": [{"type": "List",
                    "interaction": [{"code": "read"}, {"code": "create"}, {"code": "delete"}, {"code": "search-type"}]}]}]}),
        ))
    })
}

async fn search(State(nvi): State<Nvi>, call: Call) -> Response<Body> {
    with_token(&nvi, &call, |claims| nvi.search_lists(claims, &call.query()))
}

async fn create(State(nvi): State<Nvi>, call: Call) -> Response<Body> {
    with_token(&nvi, &call, |claims| nvi.create_list(claims, &json_of(&call)?))
}

async fn read(State(nvi): State<Nvi>, Path(id): Path<String>, call: Call) -> Response<Body> {
    with_token(&nvi, &call, |claims| nvi.read_list(claims, &id))
}

async fn remove_one(State(nvi): State<Nvi>, Path(id): Path<String>, call: Call) -> Response<Body> {
    with_token(&nvi, &call, |claims| nvi.remove_list(claims, &id))
}

async fn remove_many(State(nvi): State<Nvi>, call: Call) -> Response<Body> {
    with_token(&nvi, &call, |claims| nvi.remove_lists(claims, &call.query()))
}

async fn bundle(State(nvi): State<Nvi>, call: Call) -> Response<Body> {
    with_token(&nvi, &call, |claims| {
        transaction::run(&nvi, claims, &json_of(&call)?)
    })
}

/// What a search asks for.
struct Filter {
    subject: Option<Pseudonyms>,
    source: Option<String>,
    code: Option<String>,
}

impl Filter {
    fn takes(&self, record: &Record) -> bool {
        self.subject
            .as_ref()
            .is_none_or(|wanted| wanted.contains(&record.pseudonym))
            && self.source.as_ref().is_none_or(|source| *source == record.source)
            && self
                .code
                .as_ref()
                .is_none_or(|code| record.code.as_ref() == Some(code))
    }
}

impl Nvi {
    fn deleted(&self) -> Outcome {
        let status = self.state().strictness.delete_status;
        (
            status,
            answer::outcome_body("information", "informational", "deleted"),
        )
    }

    fn generation(&self) -> Generation {
        self.0.shared.generation()
    }

    fn demand(&self, claims: &Claims, scope_c: &str, scope_b: &str) -> Result<(), Outcome> {
        let scope = match self.generation() {
            Generation::C => scope_c,
            Generation::B => scope_b,
        };
        if claims.has(scope) {
            Ok(())
        } else {
            Err(problem(403, "security", "scope is missing"))
        }
    }

    fn source_id(&self, claims: &Claims) -> Result<Option<String>, Outcome> {
        match (self.generation(), &claims.source_id) {
            (Generation::C, None) => Err(problem(403, "security", "source_id is missing in the token")),
            (_, source) => Ok(source.clone()),
        }
    }

    fn filter(&self, query: &[(String, String)]) -> Result<Filter, Outcome> {
        let mut filter = Filter {
            subject: None,
            source: None,
            code: None,
        };
        for (name, value) in query {
            let (system, code) = value.split_once('|').unwrap_or(("", value));
            match name.as_str() {
                "subject:identifier" => {
                    // The trap of the reference: half a token is no subject, and the search is then for everything.
                    if system.is_empty() || code.is_empty() {
                        continue;
                    }
                    if system != TOKEN_SYSTEM {
                        return Err(problem(
                            400,
                            "invalid",
                            "the system of subject:identifier is not known",
                        ));
                    }
                    let opened = self
                        .open_token(code)
                        .ok_or_else(|| problem(400, "invalid", "Invalid pseudonym"))?;
                    filter.subject = Some(opened);
                }
                "source:identifier" => filter.source = Some(code.to_owned()),
                "code" if self.generation() == Generation::B => {
                    if ![category::SYSTEM, category::SYSTEM_OLD, ""].contains(&system) {
                        return Err(problem(422, "invalid", "the system of code is not known"));
                    }
                    filter.code = Some(code.to_owned());
                }
                "code" if self.state().strictness.legacy_code => {}
                // The model of the reference forbids what it does not know, `code` included.
                _ => return Err(problem(422, "invalid", "Extra inputs are not permitted")),
            }
        }
        Ok(filter)
    }

    /// `GET List`: with a subject and no source over all organisations, else the caller's own.
    pub(super) fn search_lists(
        &self,
        claims: &Claims,
        query: &[(String, String)],
    ) -> Result<Outcome, Outcome> {
        self.demand(claims, "nvi:localize", "epd:read")?;
        let filter = self.filter(query)?;
        let everywhere = filter.subject.is_some() && filter.source.is_none();
        let found = self.find(|record| (everywhere || record.ura == claims.sub) && filter.takes(record));
        Ok((200, list::bundle(&found)))
    }

    pub(super) fn create_list(&self, claims: &Claims, body: &Value) -> Result<Outcome, Outcome> {
        self.demand(claims, "nvi:create", "epd:write")?;
        self.source_id(claims)?;
        let registration = list::read(body).map_err(|text| problem(400, "invalid", text))?;
        if registration.ura != claims.sub {
            return Err(problem(403, "security", "the custodian is another organisation"));
        }
        let code = match self.generation() {
            Generation::C => None,
            Generation::B => Some(
                registration
                    .code
                    .ok_or_else(|| problem(422, "required", "code is missing"))?,
            ),
        };
        let newest = self
            .open_token(&registration.token)
            .and_then(|versions| versions.first().copied())
            .ok_or_else(|| problem(400, "invalid", "Invalid pseudonym"))?;
        match self.add(&registration.ura, &registration.source, newest, code) {
            Some(record) => Ok((201, list::write(&record))),
            None => Err(problem(409, "conflict", "Registration exists")),
        }
    }

    pub(super) fn read_list(&self, claims: &Claims, id: &str) -> Result<Outcome, Outcome> {
        self.demand(claims, "nvi:read", "epd:read")?;
        self.find(|record| record.id.to_string() == id && record.ura == claims.sub)
            .first()
            .map(|record| (200, list::write(record)))
            .ok_or_else(|| problem(404, "not-found", "no such List"))
    }

    /// Answers 201, as the reference does.
    pub(super) fn remove_list(&self, claims: &Claims, id: &str) -> Result<Outcome, Outcome> {
        self.demand(claims, "nvi:delete", "epd:write")?;
        match self.remove(|record| record.id.to_string() == id && record.ura == claims.sub) {
            0 => Err(problem(404, "not-found", "no such List")),
            _ => Ok(self.deleted()),
        }
    }

    /// Without parameters this deletes everything of the caller's organisation, and answers 201.
    pub(super) fn remove_lists(
        &self,
        claims: &Claims,
        query: &[(String, String)],
    ) -> Result<Outcome, Outcome> {
        self.demand(claims, "nvi:delete", "epd:write")?;
        self.source_id(claims)?;
        let filter = self.filter(query)?;
        self.remove(|record| record.ura == claims.sub && filter.takes(record));
        Ok(self.deleted())
    }
}
