//! The closed question: may this holder give these categories to this asker (section 3.3)?

use axum::body::{Body, Bytes};
use axum::extract::State;
use http::{HeaderMap, Response};

use super::soap::{self, Element};
use super::{Behaviour, Decision, Mitz};

const PROTOCOL: &str = "urn:oasis:names:tc:xacml:3.0:profile:saml2.0:v2:schema:protocol:wd-14";
const XACML: &str = "urn:oasis:names:tc:xacml:3.0:core:schema:wd-17";
const HL7: &str = "urn:hl7-org:v3";
const ACTION: &str = "http://schemas.otv.nl/toestemmingsregister/XACMLAuthzDecisionQuery/IGeslotenAutorisatievraagService/XACMLAuthzDecisionQueryResponse";

const RESOURCE: &str = "urn:oasis:names:tc:xacml:3.0:attribute-category:resource";
const CATEGORY: &str = "urn:oasis:names:tc:xacml:3.0:attribute-category:action";
const SUBJECT: &str = "urn:oasis:names:tc:xacml:1.0:subject-category:access-subject";
const ENVIRONMENT: &str = "urn:oasis:names:tc:xacml:3.0:attribute-category:environment";

const BSN: &str = "2.16.840.1.113883.2.4.6.3";
const URA: &str = "2.16.528.1.1007.3.3";
const UZI: &str = "2.16.528.1.1007.3.1";
const FACILITY: &str = "2.16.840.1.113883.2.4.15.1060";
const ROLE: &str = "2.16.840.1.113883.2.4.15.111";
const DATA_CATEGORY: &str = "2.16.840.1.113883.2.4.3.111.5.10.1";
const PURPOSE: &str = "2.16.840.1.113883.1.11.20448";

pub(super) async fn answer(State(mitz): State<Mitz>, headers: HeaderMap, body: Bytes) -> Response<Body> {
    let typed = headers
        .get("content-type")
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.starts_with("application/soap+xml"));
    if !typed {
        return soap::fault(true, "the content type is not application/soap+xml");
    }
    let message = match soap::read(&body) {
        Ok(message) => message,
        Err(text) => return soap::fault(true, text),
    };
    if message.action != "XACMLAuthorizationDecisionQueryRequest" {
        return soap::fault(true, "wsa:Action is not known");
    }
    let question = match Question::read(&message.body) {
        Ok(question) => question,
        Err(text) => return soap::fault(true, text),
    };
    let (behaviour, mut decisions) = {
        let state = mitz.state();
        let decisions: Vec<Decision> = question
            .categories
            .iter()
            .map(|category| state.matrix.decide(&question.patient, &question.holder, category))
            .collect();
        (state.behaviour, decisions)
    };
    if decisions.contains(&Decision::Hang) {
        // Longer than any client waits, and not longer than the testbed lives.
        mitz.0.shared.stopping().cancelled().await;
        return soap::fault(false, "the register is going down");
    }
    match behaviour {
        Behaviour::SoapFault => return soap::fault(false, "the register cannot decide now"),
        Behaviour::MissingResult => {
            decisions.pop();
        }
        Behaviour::Normal | Behaviour::WrongRelatesTo => {}
    }
    let relates_to = if behaviour == Behaviour::WrongRelatesTo {
        "urn:uuid:00000000-0000-4000-8000-000000000000"
    } else {
        &message.id
    };
    let results: String = decisions
        .iter()
        .map(|decision| {
            format!(
                "<x:Result><x:Decision>{}</x:Decision></x:Result>",
                decision.text()
            )
        })
        .collect();
    let body = format!(r#"<x:Response xmlns:x="{XACML}">{results}</x:Response>"#);
    soap::write(ACTION, &mitz.message_id(), relates_to, &body)
}

/// What is asked.
struct Question {
    patient: String,
    holder: String,
    categories: Vec<String>,
}

impl Question {
    fn read(body: &Element) -> Result<Self, &'static str> {
        if body.name != "XACMLAuthzDecisionQuery" || body.namespace != PROTOCOL {
            return Err("not an XACMLAuthzDecisionQuery");
        }
        let request = body
            .child(XACML, "Request")
            .ok_or("the XACML request is missing")?;
        let blocks = |category: &'static str| {
            request
                .all(XACML, "Attributes")
                .filter(move |block| block.attribute("Category") == Some(category))
        };
        let resource = blocks(RESOURCE).next().ok_or("the resource is missing")?;
        let subject = blocks(SUBJECT).next().ok_or("the access subject is missing")?;
        let environment = blocks(ENVIRONMENT).next().ok_or("the environment is missing")?;
        let patient =
            identifier(resource, "urn:oasis:names:tc:xacml:2.0:resource:resource-id", BSN).ok_or("no BSN")?;
        let holder = identifier(resource, "urn:ihe:iti:appc:2016:author-institution:id", URA)
            .ok_or("no URA of the holder")?;
        code(
            resource,
            "urn:ihe:iti:appc:2016:document-entry:healthcare-facility-type-code",
            FACILITY,
        )
        .ok_or("no facility type of the holder")?;
        code(subject, "urn:oasis:names:tc:xacml:2.0:subject:role", ROLE).ok_or("no role of the asker")?;
        identifier(subject, "urn:ihe:iti:xua:2017:subject:provider-identifier", UZI)
            .ok_or("no number of the professional")?;
        identifier(
            subject,
            "urn:nl:otv:names:tc:1.0:subject:provider-institution",
            URA,
        )
        .ok_or("no URA of the asker")?;
        code(
            subject,
            "urn:nl:otv:names:tc:1.0:subject:consulting-healthcare-facility-type-code",
            FACILITY,
        )
        .ok_or("no facility type of the asker")?;
        let purpose = code(
            environment,
            "urn:oasis:names:tc:xspa:1.0:subject:purposeofuse",
            PURPOSE,
        )
        .ok_or("no purpose of use")?;
        if !["TREAT", "COC"].contains(&purpose.as_str()) {
            return Err("the purpose of use is not known");
        }
        let categories: Option<Vec<String>> = blocks(CATEGORY)
            .map(|block| {
                code(
                    block,
                    "urn:ihe:iti:appc:2016:document-entry:event-code",
                    DATA_CATEGORY,
                )
            })
            .collect();
        let categories = categories
            .filter(|categories| !categories.is_empty())
            .ok_or("no data category")?;
        Ok(Question {
            patient,
            holder,
            categories,
        })
    }
}

fn value<'a>(block: &'a Element, id: &str, name: &'static str) -> Option<&'a Element> {
    block
        .all(XACML, "Attribute")
        .find(|attribute| attribute.attribute("AttributeId") == Some(id))?
        .child(XACML, "AttributeValue")?
        .child(HL7, name)
}

fn identifier(block: &Element, id: &str, root: &str) -> Option<String> {
    let found = value(block, id, "InstanceIdentifier")?;
    (found.attribute("root") == Some(root)).then(|| found.attribute("extension").map(str::to_owned))?
}

fn code(block: &Element, id: &str, system: &str) -> Option<String> {
    let found = value(block, id, "CodedValue")?;
    (found.attribute("codeSystem") == Some(system)).then(|| found.attribute("code").map(str::to_owned))?
}
