//! The HTTP side of the directory.

use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use http::header::{ETAG, IF_MATCH};
use http::{HeaderMap, HeaderValue, Response, Uri};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{ChangeError, Lrza, TYPES, Version, instant};
use crate::answer;

/// Entries on a page when the client does not say.
const PAGE: usize = 10;
/// Entries on a page at most.
const MAX_PAGE: usize = 100;

type Answer = Result<Response<Body>, Box<Response<Body>>>;

fn refuse(status: u16, code: &str, text: &str) -> Box<Response<Body>> {
    Box::new(answer::outcome(status, code, text))
}

fn known(kind: &str) -> Result<(), Box<Response<Body>>> {
    if TYPES.contains(&kind) {
        Ok(())
    } else {
        Err(refuse(404, "not-supported", "no such type in the directory"))
    }
}

fn number(query: &[(String, String)], name: &str) -> Result<Option<usize>, Box<Response<Body>>> {
    answer::value(query, name)
        .map(|text| text.parse().map_err(|_| refuse(400, "invalid", "not a number")))
        .transpose()
}

fn only(query: &[(String, String)], names: &[&str]) -> Result<(), Box<Response<Body>>> {
    if query.iter().all(|(name, _)| names.contains(&name.as_str())) {
        Ok(())
    } else {
        Err(refuse(
            400,
            "not-supported",
            "the directory does not support matching",
        ))
    }
}

pub(super) async fn metadata(State(lrza): State<Lrza>) -> Response<Body> {
    let resources: Vec<Value> = TYPES
        .iter()
        .map(|kind| {
            json!({"type": kind, "versioning": "versioned-update",
                "interaction": [{"code": "read"}, {"code": "search-type"}, {"code": "history-type"}, {"code": "update"}]})
        })
        .collect();
    answer::fhir(
        200,
        &json!({"resourceType": "CapabilityStatement", "status": "active", "kind": "instance",
            "date": instant(lrza.0.shared.clock().now()), "fhirVersion": "4.0.1", "format": ["json"],
            "rest": [{"mode": "server", "resource": resources}]}),
    )
}

pub(super) async fn list(State(lrza): State<Lrza>, Path(kind): Path<String>, uri: Uri) -> Response<Body> {
    lrza.page(&kind, &uri).unwrap_or_else(|refused| *refused)
}

pub(super) async fn history(State(lrza): State<Lrza>, Path(kind): Path<String>, uri: Uri) -> Response<Body> {
    lrza.history(&kind, &uri).unwrap_or_else(|refused| *refused)
}

pub(super) async fn read(
    State(lrza): State<Lrza>,
    Path((kind, id)): Path<(String, String)>,
) -> Response<Body> {
    let state = lrza.state();
    state.current(&kind, &id).map_or_else(
        || answer::outcome(404, "not-found", "no such resource"),
        |version| tagged(answer::fhir(200, &version.resource), version.number),
    )
}

pub(super) async fn update(
    State(lrza): State<Lrza>,
    Path((kind, id)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    lrza.update(&kind, &id, &headers, &body)
        .unwrap_or_else(|refused| *refused)
}

fn tagged(mut response: Response<Body>, number: u32) -> Response<Body> {
    if let Ok(tag) = HeaderValue::from_str(&format!("W/\"{number}\"")) {
        response.headers_mut().insert(ETAG, tag);
    }
    response
}

impl Lrza {
    fn page(&self, kind: &str, uri: &Uri) -> Answer {
        known(kind)?;
        let query = answer::pairs(uri.query().unwrap_or_default());
        only(&query, &["_page", "_format"])?;
        let place = number(&query, "_page")?.unwrap_or(1).max(1);
        let now = self.0.shared.clock().now();
        let base = &self.0.base;
        let mut state = self.state();
        let all = state.all(kind);
        let entries: Vec<Value> = all
            .iter()
            .skip((place - 1) * PAGE)
            .take(PAGE)
            .map(|version| {
                json!({"fullUrl": format!("{base}/{kind}/{}", version.id), "resource": version.resource,
                    "search": {"mode": "match"}})
            })
            .collect();
        let mut links = vec![json!({"relation": "self", "url": self.link(uri)})];
        if place * PAGE < all.len() {
            let next = format!("{base}/{kind}?_page={}", place + 1);
            links.push(json!({"relation": "next", "url": next}));
        }
        for resource in std::mem::take(&mut state.during_load) {
            let _ = self.store(&mut state, &resource, now);
        }
        Ok(answer::fhir(
            200,
            &json!({"resourceType": "Bundle", "type": "searchset", "meta": {"lastUpdated": instant(now)},
                "total": all.len(), "link": links, "entry": entries}),
        ))
    }

    fn history(&self, kind: &str, uri: &Uri) -> Answer {
        known(kind)?;
        let query = answer::pairs(uri.query().unwrap_or_default());
        only(&query, &["_since", "_count", "_page", "_format"])?;
        let since: Option<Timestamp> = answer::value(&query, "_since")
            .map(|text| {
                text.parse()
                    .map_err(|_| refuse(400, "invalid", "_since is not an instant"))
            })
            .transpose()?;
        let count = number(&query, "_count")?.unwrap_or(PAGE).clamp(1, MAX_PAGE);
        let place = number(&query, "_page")?.unwrap_or(1).max(1);
        let base = &self.0.base;
        let state = self.state();
        // Newest first, as FHIR says; `_since` is inclusive.
        let found: Vec<&Version> = state
            .versions
            .iter()
            .rev()
            .filter(|version| version.kind == kind && since.is_none_or(|since| version.at >= since))
            .collect();
        let entries: Vec<Value> = found
            .iter()
            .skip((place - 1) * count)
            .take(count)
            .map(|version| {
                let url = format!("{kind}/{}", version.id);
                json!({"fullUrl": format!("{base}/{url}"), "resource": version.resource,
                    "request": {"method": "PUT", "url": url},
                    "response": {"status": if version.number == 1 { "201" } else { "200" },
                        "etag": format!("W/\"{}\"", version.number), "lastModified": instant(version.at)}})
            })
            .collect();
        let mut links = vec![json!({"relation": "self", "url": self.link(uri)})];
        if place * count < found.len() {
            let since = answer::value(&query, "_since").unwrap_or_default();
            let next = url::form_urlencoded::Serializer::new(String::new())
                .extend_pairs((!since.is_empty()).then_some(("_since", since)))
                .append_pair("_count", &count.to_string())
                .append_pair("_page", &(place + 1).to_string())
                .finish();
            links.push(json!({"relation": "next", "url": format!("{base}/{kind}/_history?{next}")}));
        }
        let now = self.0.shared.clock().now();
        Ok(answer::fhir(
            200,
            &json!({"resourceType": "Bundle", "type": "history", "meta": {"lastUpdated": instant(now)},
                "total": found.len(), "link": links, "entry": entries}),
        ))
    }

    fn update(&self, kind: &str, id: &str, headers: &HeaderMap, body: &[u8]) -> Answer {
        known(kind)?;
        let resource: Value =
            serde_json::from_slice(body).map_err(|_| refuse(400, "structure", "the body is not JSON"))?;
        if resource["resourceType"] != kind || resource["id"] != id {
            return Err(refuse(400, "invalid", "type or id differs from the path"));
        }
        let now = self.0.shared.clock().now();
        let mut state = self.state();
        let current = state.current(kind, id).map(|version| version.number);
        let matched = headers.get(IF_MATCH).and_then(|tag| tag.to_str().ok());
        if let Some(current) = current
            && matched != Some(&format!("W/\"{current}\""))
        {
            return Err(refuse(412, "conflict", &ChangeError::OtherVersion.to_string()));
        }
        let number = state
            .put(&resource, now)
            .map_err(|error| refuse(422, "invalid", &error.to_string()))?;
        let stored = state
            .current(kind, id)
            .map_or(Value::Null, |version| version.resource.clone());
        let status = if number == 1 { 201 } else { 200 };
        Ok(tagged(answer::fhir(status, &stored), number))
    }

    fn link(&self, uri: &Uri) -> String {
        let target = uri.path_and_query().map_or("/", |target| target.as_str());
        format!("{}{target}", self.0.base)
    }
}
