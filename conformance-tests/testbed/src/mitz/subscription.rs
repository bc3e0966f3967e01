//! Subscriptions: a holder says for which patient it wants to hear of changes (section 3.5).

use axum::body::{Body, Bytes};
use axum::extract::State;
use http::Response;
use samenhang_profiles::{Bsn, Ura};
use serde_json::Value;

use super::Mitz;
use crate::answer;

/// One subscription.
#[derive(Clone)]
pub(super) struct Subscription {
    pub(super) patient: Bsn,
    pub(super) holder: Ura,
    pub(super) holder_type: String,
    /// Where notifications go.
    pub(super) endpoint: String,
}

impl Subscription {
    fn read(resource: &Value) -> Result<Self, &'static str> {
        if resource["resourceType"] != "Subscription" || resource["status"] != "requested" {
            return Err("not a requested Subscription");
        }
        if resource["channel"]["type"] != "rest-hook" {
            return Err("the channel is not a rest-hook");
        }
        let endpoint = resource["channel"]["endpoint"]
            .as_str()
            .filter(|endpoint| endpoint.starts_with("http"))
            .ok_or("the channel has no endpoint")?;
        let criteria = resource["criteria"]
            .as_str()
            .and_then(|criteria| criteria.strip_prefix("Consent?"))
            .ok_or("the criteria are not about Consent")?;
        let criteria = answer::pairs(criteria);
        if answer::value(&criteria, "_query") != Some("otv") {
            return Err("the criteria are not the query otv");
        }
        let part = |name| answer::value(&criteria, name).ok_or("the criteria are incomplete");
        Ok(Subscription {
            patient: Bsn::parse(part("patientid")?).map_err(|_| "patientid is not a BSN")?,
            holder: part("providerid")?
                .parse()
                .map_err(|_| "providerid is not a URA")?,
            holder_type: part("providertype")?.to_owned(),
            endpoint: endpoint.to_owned(),
        })
    }
}

pub(super) async fn create(State(mitz): State<Mitz>, body: Bytes) -> Response<Body> {
    let Ok(resource) = serde_json::from_slice::<Value>(&body) else {
        return answer::outcome(400, "structure", "the body is not JSON");
    };
    let subscription = match Subscription::read(&resource) {
        Ok(subscription) => subscription,
        Err(text) => return answer::outcome(422, "invalid", text),
    };
    mitz.take_part(&subscription.patient, &subscription.holder);
    mitz.state().subscriptions.push(subscription);
    let location = format!(
        "{}/abonnementen/fhir/Subscription/{}",
        mitz.0.base,
        mitz.message_id()
    );
    answer::located(answer::empty(202), &location)
}
