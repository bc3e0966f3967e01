//! Asks a FHIR terminology server what is not known here, many questions in one call.
//!
//! A question is a value set, a system and a code. No patient, no holder, no display and no token of a user goes along,
//! and the order of the questions is that of their text: nothing tells whom they are about. A server that fails leaves
//! its questions unknown; it never makes an answer fail.

#[cfg(test)]
mod tests;

use std::time::Duration;

use samenhang_profiles::Limits;
use samenhang_profiles::tree::Tree;
use samenhang_terminology::Membership;
use samenhang_terminology::answer::{NotMember, Unknown};
use samenhang_terminology::deferred::Question;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::error::{GatherError, Service};
use crate::http::{Http, HttpError, Outgoing, Peer, Target};

/// No answer.
const SILENT: Membership = Membership::Unknown(Unknown::ServerSilent);

/// Where the terminology server is, and how much it is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TerminologyServerConfig {
    /// Base address of its FHIR interface.
    pub address: String,
    /// Time for all calls of one run, in milliseconds.
    #[serde(default = "timeout")]
    pub timeout_ms: u64,
    /// Questions in one call.
    #[serde(default = "batch")]
    pub max_batch: usize,
    /// Questions in one run; what is beyond stays unknown.
    #[serde(default = "questions")]
    pub max_questions: usize,
}

impl TerminologyServerConfig {
    /// The server at an address, asked as much as is usual.
    #[must_use]
    pub fn at(address: impl Into<String>) -> Self {
        TerminologyServerConfig {
            address: address.into(),
            timeout_ms: timeout(),
            max_batch: batch(),
            max_questions: questions(),
        }
    }
}

fn timeout() -> u64 {
    5_000
}

fn batch() -> usize {
    200
}

fn questions() -> usize {
    2_000
}

/// A FHIR terminology server.
#[derive(Clone)]
pub struct TerminologyServer {
    http: Http,
    peer: Peer,
    timeout: Duration,
    batch: usize,
    most: usize,
}

impl TerminologyServer {
    /// The server at the configured address.
    ///
    /// # Errors
    /// [`HttpError`] when the address cannot be pinned.
    pub fn new(http: Http, config: &TerminologyServerConfig) -> Result<Self, HttpError> {
        Ok(TerminologyServer {
            peer: http.peer(&config.address)?,
            http,
            timeout: Duration::from_millis(config.timeout_ms),
            batch: config.max_batch.clamp(1, 1_000),
            most: config.max_questions,
        })
    }

    /// Asks all questions, and gives as many answers in the same order. What the server does not say, and what is more
    /// than is asked in one run, is [`Unknown::ServerSilent`].
    ///
    /// # Errors
    /// [`GatherError`] when the server cannot be reached, answers with an error, or answers something else. Its
    /// questions are unknown then, those of earlier calls too.
    pub async fn ask(&self, questions: &[Question]) -> Result<Vec<Membership>, GatherError> {
        let deadline = Instant::now() + self.timeout;
        let mut answers = Vec::with_capacity(questions.len());
        let (asked, beyond) = questions.split_at(questions.len().min(self.most));
        for batch in asked.chunks(self.batch) {
            answers.extend(self.call(batch, deadline).await?);
        }
        answers.extend(beyond.iter().map(|_| SILENT));
        Ok(answers)
    }

    async fn call(&self, questions: &[Question], deadline: Instant) -> Result<Vec<Membership>, GatherError> {
        let outgoing = Outgoing::post(Target::Path(""), "application/fhir+json", bundle(questions))
            .accept("application/fhir+json");
        let answer = Box::pin(self.http.send(&self.peer, outgoing, deadline))
            .await
            .map_err(|source| GatherError::Unreachable {
                service: Service::Terminology,
                source,
            })?;
        if !answer.is_success() {
            return Err(GatherError::Status {
                service: Service::Terminology,
                status: answer.status,
            });
        }
        read(&answer.body, questions.len()).ok_or(GatherError::Answer {
            service: Service::Terminology,
            what: "it is no batch-response with an entry for each question",
        })
    }
}

/// A batch of `ValueSet/$validate-code` (FHIR R4 4.9.18.3; the same in STU3).
fn bundle(questions: &[Question]) -> Vec<u8> {
    let entries: Vec<serde_json::Value> = questions
        .iter()
        .map(|question| {
            let (url, version) = match question.value_set.rsplit_once('|') {
                Some((url, version)) => (url, Some(version)),
                None => (question.value_set.as_str(), None),
            };
            let mut parameters = vec![serde_json::json!({"name": "url", "valueUri": url})];
            if let Some(version) = version {
                parameters.push(serde_json::json!({"name": "valueSetVersion", "valueString": version}));
            }
            parameters.push(serde_json::json!({"name": "system", "valueUri": question.system}));
            parameters.push(serde_json::json!({"name": "code", "valueCode": question.code}));
            serde_json::json!({
                "resource": {"resourceType": "Parameters", "parameter": parameters},
                "request": {"method": "POST", "url": "ValueSet/$validate-code"},
            })
        })
        .collect();
    serde_json::json!({"resourceType": "Bundle", "type": "batch", "entry": entries})
        .to_string()
        .into_bytes()
}

/// The answers of a batch-response; `None` when it is not one, or has another number of entries.
fn read(body: &[u8], expected: usize) -> Option<Vec<Membership>> {
    let tree = Tree::parse(body, &Limits::default()).ok()?;
    let entries = tree.get("entry").map(Tree::items).unwrap_or_default();
    let batch = tree.text("resourceType") == Some("Bundle") && tree.text("type") == Some("batch-response");
    (batch && entries.len() == expected).then(|| entries.iter().map(entry).collect())
}

/// One answer. A no of a server that does not know the system or the value set is no answer.
fn entry(entry: &Tree<'_>) -> Membership {
    let answered = entry
        .text("response.status")
        .is_some_and(|status| status.starts_with('2'));
    let Some(parameters) = entry
        .path("resource.parameter")
        .map(Tree::items)
        .filter(|_| answered)
    else {
        return SILENT;
    };
    let named = |name: &str| {
        parameters
            .iter()
            .find(|parameter| parameter.text("name") == Some(name))
    };
    match named("result")
        .and_then(|result| result.get("valueBoolean"))
        .and_then(Tree::as_bool)
    {
        Some(true) => Membership::Member,
        Some(false) if named("x-caused-by-unknown-system").is_none() && !not_found(parameters) => {
            Membership::NotMember(NotMember::Code)
        }
        _ => SILENT,
    }
}

/// Whether a server says with its no that it lacks what it would have to judge by.
fn not_found(parameters: &[Tree<'_>]) -> bool {
    parameters
        .iter()
        .filter_map(|parameter| parameter.path("resource.issue"))
        .flat_map(Tree::items)
        .flat_map(|issue| issue.path("details.coding").map(Tree::items).unwrap_or_default())
        .any(|coding| {
            matches!(
                coding.text("code"),
                Some("not-found" | "vs-invalid" | "cs-invalid")
            )
        })
}
