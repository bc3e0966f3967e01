//! `POST /fhir` with a transaction: not atomic, and with the oddities of the reference.

use serde_json::{Value, json};

use super::Nvi;
use super::fhir::Outcome;
use crate::answer;
use crate::oauth::Claims;

/// Entries that are run.
const MAX_ENTRIES: usize = 100;

/// Runs every entry, each for itself. The answer is a `searchset`, as the reference leaves the type at its default.
pub(super) fn run(nvi: &Nvi, claims: &Claims, bundle: &Value) -> Result<Outcome, Outcome> {
    let refuse = |text| (400, answer::outcome_body("error", "invalid", text));
    if bundle["resourceType"] != "Bundle" || bundle["type"] != "transaction" {
        return Err(refuse("not a transaction"));
    }
    let empty = Vec::new();
    let entries = bundle["entry"].as_array().unwrap_or(&empty);
    if entries.len() > MAX_ENTRIES {
        return Err(refuse("too many entries"));
    }
    let answers: Vec<Value> = entries
        .iter()
        .map(|entry| {
            let (status, body) = one(nvi, claims, entry).unwrap_or_else(|refused| refused);
            // A duplicate reads 403 here, although alone it reads 409.
            let status = if status == 409 { 403 } else { status };
            let mut answered = json!({"response": {"status": status.to_string()}});
            if body["resourceType"] == "OperationOutcome" {
                answered["response"]["outcome"] = body;
            } else {
                answered["resource"] = body;
            }
            answered
        })
        .collect();
    Ok((
        200,
        json!({"resourceType": "Bundle", "type": "searchset", "total": answers.len(), "entry": answers}),
    ))
}

fn one(nvi: &Nvi, claims: &Claims, entry: &Value) -> Result<Outcome, Outcome> {
    let method = entry["request"]["method"].as_str().unwrap_or_default();
    let url = entry["request"]["url"].as_str().unwrap_or_default();
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let path = path.trim_start_matches('/').trim_start_matches("fhir/");
    let mut query = answer::pairs(query);
    let unusable = || {
        (
            422,
            answer::outcome_body("error", "required", "a parameter is missing"),
        )
    };
    // The reference loses the parameters when there is exactly one, so that a localisation cannot be batched.
    let lost = query.len() == 1;
    if lost {
        query.clear();
    }
    match (method, path, path.strip_prefix("List/")) {
        ("POST", "List", _) => nvi.create_list(claims, &entry["resource"]),
        ("GET" | "DELETE", "List", _) if lost => Err(unusable()),
        ("GET", "List", _) => nvi.search_lists(claims, &query),
        ("DELETE", "List", _) => nvi.remove_lists(claims, &query),
        ("GET", _, Some(id)) => nvi.read_list(claims, id),
        ("DELETE", _, Some(id)) => nvi.remove_list(claims, id),
        _ => Err(unusable()),
    }
}
