//! The open question: which holders have data of this patient that this asker may see (section 3.4)?

use axum::body::{Body, Bytes};
use axum::extract::State;
use http::Response;
use samenhang_profiles::Bsn;

use super::{Behaviour, Decision, Mitz, soap};

const XCPD: &str = "urn:ihe:iti:xcpd:2009";
const BSN: &str = "2.16.840.1.113883.2.4.6.3";
const URA: &str = "2.16.528.1.1007.3.3";

pub(super) async fn answer(State(mitz): State<Mitz>, body: Bytes) -> Response<Body> {
    let message = match soap::read(&body) {
        Ok(message) => message,
        Err(text) => return soap::fault(true, text),
    };
    if message.action != "urn:ihe:iti:2009:PatientLocationQuery" {
        return soap::fault(true, "wsa:Action is not known");
    }
    if !message.asserted {
        return soap::fault(true, "the SAML assertion is missing");
    }
    if message.body.name != "PatientLocationQueryRequest" || message.body.namespace != XCPD {
        return soap::fault(true, "not a PatientLocationQueryRequest");
    }
    let patient = message
        .body
        .child(XCPD, "RequestedPatientId")
        .filter(|id| id.attribute("root") == Some(BSN))
        .and_then(|id| id.attribute("extension"))
        .and_then(|number| Bsn::parse(number).ok());
    let Some(patient) = patient else {
        return soap::fault(true, "no BSN");
    };
    let (behaviour, decisions) = {
        let state = mitz.state();
        let decisions: Vec<_> = state
            .holders
            .get(&patient)
            .into_iter()
            .flatten()
            .map(|holder| {
                let decision = state.matrix.decide(patient.expose(), holder.as_str(), "GGC002");
                (holder.clone(), decision)
            })
            .collect();
        (state.behaviour, decisions)
    };
    if decisions.iter().any(|(_, decision)| *decision == Decision::Hang) {
        mitz.0.shared.stopping().cancelled().await;
        return soap::fault(false, "the register is going down");
    }
    if behaviour == Behaviour::SoapFault {
        return soap::fault(false, "the register cannot answer now");
    }
    let relates_to = if behaviour == Behaviour::WrongRelatesTo {
        "urn:uuid:00000000-0000-4000-8000-000000000000"
    } else {
        &message.id
    };
    let locations: String = decisions
        .iter()
        .filter(|(_, decision)| *decision == Decision::Permit)
        .map(|(holder, _)| {
            format!(
                r#"<PatientLocationResponse><HomeCommunityId>urn:oid:2.999.1</HomeCommunityId><CorrespondingPatientId root="{BSN}" extension="{}"/><SourceId>urn:oid:2.999.1.1</SourceId><author-institution root="{URA}" extension="{holder}"/></PatientLocationResponse>"#,
                patient.expose()
            )
        })
        .collect();
    let body =
        format!(r#"<PatientLocationQueryResponse xmlns="{XCPD}">{locations}</PatientLocationQueryResponse>"#);
    soap::write(
        "urn:ihe:iti:2009:PatientLocationQueryResponse",
        &mitz.message_id(),
        relates_to,
        &body,
    )
}
