//! The one rule of Touchstone that is built in: the self link of a searchset names the parameters of the request.
//!
//! By it a client sees what the server made of its search. Source: FHIR STU3 and R4, search, section "server
//! conformance"; the rule `assert-response-queryParamsInSelfLink` of the Dutch scripts.

use samenhang_profiles::FhirVersion;
use url::{Url, form_urlencoded};

use super::exchange::Exchange;

/// Ids under which scripts name the rule.
const SELF_LINK: [&str; 2] = [
    "assert-response-queryParamsInSelfLink",
    "assert_response_queryParamsInSelfLink",
];

/// Holds an exchange to a rule; `None` when the rule is not built in.
///
/// # Errors
/// What was found instead, in words.
pub(super) fn apply(id: &str, exchange: &Exchange, version: FhirVersion) -> Option<Result<(), String>> {
    SELF_LINK.contains(&id).then(|| self_link(exchange, version))
}

fn self_link(exchange: &Exchange, version: FhirVersion) -> Result<(), String> {
    let document = exchange
        .received
        .document(version)
        .map_err(|error| error.to_string())?;
    let root = document.root();
    let link = root
        .children_named("link")
        .find(|link| link.text("relation") == Some("self"))
        .and_then(|link| link.text("url"))
        .ok_or_else(|| "no self link".to_owned())?;
    let query = match Url::parse(link) {
        Ok(url) => url.query().unwrap_or_default().to_owned(),
        Err(_) => link
            .split_once('?')
            .map(|(_, query)| query.to_owned())
            .unwrap_or_default(),
    };
    let told: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let missing: Vec<&str> = exchange
        .parameters
        .iter()
        .filter(|parameter| !told.contains(parameter))
        .map(|(name, _)| name.as_str())
        .collect();
    if missing.is_empty() {
        Ok(())
    } else {
        Err(format!(
            "the self link lacks {}, or has another value for it",
            missing.join(", ")
        ))
    }
}
