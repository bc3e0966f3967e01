//! A receiver of audit events: takes them in, gives them back, never changes or deletes one.
//!
//! An outage is a fault like any other (`status:503` or `hang` on `audit-sink`).

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::routing::{get, post};
use http::{Response, Uri};
use serde_json::{Value, json};

use crate::answer;

/// Events on a page at most.
const MAX_PAGE: usize = 1000;

/// The receiver.
#[derive(Clone, Default)]
pub struct AuditSink(Arc<Mutex<Vec<Value>>>);

impl AuditSink {
    /// Its pages.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/", post(many))
            .route("/AuditEvent", get(search).post(create))
            .route("/AuditEvent/{id}", get(read))
            .with_state(self.clone())
    }

    /// Every event that was received, oldest first.
    #[must_use]
    pub fn events(&self) -> Vec<Value> {
        self.held().clone()
    }

    /// How many events were received.
    #[must_use]
    pub fn count(&self) -> usize {
        self.held().len()
    }

    fn held(&self) -> MutexGuard<'_, Vec<Value>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes an event in and gives its number; `None` when it is not one.
    pub(crate) fn take(&self, mut event: Value) -> Option<String> {
        if event["resourceType"] != "AuditEvent"
            || !event["agent"].is_array()
            || !event["recorded"].is_string()
        {
            return None;
        }
        let mut held = self.held();
        let id = (held.len() + 1).to_string();
        event["id"] = json!(id);
        held.push(event);
        Some(id)
    }
}

async fn create(State(sink): State<AuditSink>, body: Bytes) -> Response<Body> {
    let Ok(event) = serde_json::from_slice::<Value>(&body) else {
        return answer::outcome(400, "structure", "the body is not JSON");
    };
    match sink.take(event) {
        Some(id) => answer::located(answer::empty(201), &format!("AuditEvent/{id}")),
        None => answer::outcome(422, "invalid", "not an AuditEvent with agent and recorded"),
    }
}

/// A batch of events, each for itself.
async fn many(State(sink): State<AuditSink>, body: Bytes) -> Response<Body> {
    let bundle: Value = serde_json::from_slice(&body).unwrap_or_default();
    let Some(entries) = bundle["entry"]
        .as_array()
        .filter(|_| bundle["resourceType"] == "Bundle")
    else {
        return answer::outcome(400, "structure", "the body is not a Bundle");
    };
    let answers: Vec<Value> = entries
        .iter()
        .map(|entry| match sink.take(entry["resource"].clone()) {
            Some(id) => json!({"response": {"status": "201", "location": format!("AuditEvent/{id}")}}),
            None => json!({"response": {"status": "422"}}),
        })
        .collect();
    answer::fhir(
        200,
        &json!({"resourceType": "Bundle", "type": "batch-response", "entry": answers}),
    )
}

async fn read(State(sink): State<AuditSink>, Path(id): Path<String>) -> Response<Body> {
    let found = sink
        .held()
        .iter()
        .find(|event| event["id"] == id.as_str())
        .cloned();
    found.map_or_else(
        || answer::outcome(404, "not-found", "no such AuditEvent"),
        |event| answer::fhir(200, &event),
    )
}

/// `_count`, `_page`, `action`, `outcome`, and `date=ge...`; anything else is refused.
async fn search(State(sink): State<AuditSink>, uri: Uri) -> Response<Body> {
    let query = answer::pairs(uri.query().unwrap_or_default());
    let known = ["_count", "_page", "action", "outcome", "date"];
    if query.iter().any(|(name, _)| !known.contains(&name.as_str())) {
        return answer::outcome(400, "not-supported", "a parameter is not known");
    }
    let number = |name, default: usize| {
        answer::value(&query, name)
            .and_then(|text| text.parse().ok())
            .unwrap_or(default)
            .max(1)
    };
    let since = answer::value(&query, "date").map(|date| date.trim_start_matches("ge"));
    let equal =
        |event: &Value, name: &str| answer::value(&query, name).is_none_or(|wanted| event[name] == wanted);
    let found: Vec<Value> = sink
        .held()
        .iter()
        .filter(|event| equal(event, "action") && equal(event, "outcome"))
        .filter(|event| since.is_none_or(|since| event["recorded"].as_str().unwrap_or_default() >= since))
        .cloned()
        .collect();
    let (count, place) = (number("_count", 100).min(MAX_PAGE), number("_page", 1));
    let entries: Vec<Value> = found
        .iter()
        .skip((place - 1).saturating_mul(count))
        .take(count)
        .map(|event| json!({"resource": event}))
        .collect();
    answer::fhir(
        200,
        &json!({"resourceType": "Bundle", "type": "searchset", "total": found.len(), "entry": entries}),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::AuditSink;
    use crate::faults::{Fault, ServiceId};
    use crate::holder::TestbedConfig;
    use crate::net::{Shared, serve};
    use crate::testing;

    #[tokio::test]
    async fn events_are_kept_and_never_changed() {
        let shared = Shared::new(&TestbedConfig {
            tls: false,
            ..TestbedConfig::default()
        })
        .unwrap();
        let sink = AuditSink::default();
        let url = serve(ServiceId::AuditSink, sink.router(), &shared)
            .await
            .unwrap()
            .url;
        let target = format!("{url}/AuditEvent");
        let http = testing::client(&shared);
        let event = |outcome: &str| {
            json!({"resourceType": "AuditEvent", "recorded": "2026-09-01T08:15:02.118Z", "action": "E",
                "outcome": outcome, "agent": [{"requestor": true}]})
            .to_string()
        };
        let post = async |body: String| {
            http.post(&target)
                .body(body)
                .send()
                .await
                .unwrap()
                .status()
                .as_u16()
        };
        assert_eq!(post(event("0")).await, 201);
        assert_eq!(post(event("8")).await, 201);
        assert_eq!(post("{}".to_owned()).await, 422);
        assert_eq!(post("{".to_owned()).await, 400);
        shared.faults().set(
            ServiceId::AuditSink,
            "status:503*1".parse::<crate::FaultSpec>().unwrap(),
        );
        assert_eq!(post(event("0")).await, 503);
        let found: Value = http
            .get(format!("{target}?outcome=8"))
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        assert_eq!(
            (&found["total"], &found["entry"][0]["resource"]["id"]),
            (&json!(1), &json!("2"))
        );
        assert_eq!(
            http.delete(format!("{target}/1"))
                .send()
                .await
                .unwrap()
                .status()
                .as_u16(),
            405
        );
        assert_eq!(
            http.get(format!("{target}?x=y"))
                .send()
                .await
                .unwrap()
                .status()
                .as_u16(),
            400
        );
        assert_eq!((sink.events().len(), sink.count()), (2, 2));
        shared.faults().set(ServiceId::AuditSink, Fault::Reset);
        assert!(http.post(&target).body(event("0")).send().await.is_err());
        shared.stop().await;
    }
}
