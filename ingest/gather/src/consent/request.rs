//! Writes the closed question: XACML 3.0 in a SAML 2.0 query (section 3.3).

use std::collections::BTreeSet;

use samenhang_terminology::naming;

use super::Holder;
use super::subject::{self, Value, coded, identifier};
use crate::error::GatherError;
use crate::query::Question;

/// `wsa:Action` of the question.
pub(super) const ACTION: &str = "XACMLAuthorizationDecisionQueryRequest";
/// Namespace of the query.
pub(super) const QUERY: &str = "urn:oasis:names:tc:xacml:3.0:profile:saml2.0:v2:schema:protocol:wd-14";
/// Namespace of XACML 3.0.
pub(super) const XACML: &str = "urn:oasis:names:tc:xacml:3.0:core:schema:wd-17";
/// Attribute of the data category.
pub(super) const EVENT_CODE: &str = "urn:ihe:iti:appc:2016:document-entry:event-code";
/// Attribute of the patient.
pub(super) const RESOURCE_ID: &str = "urn:oasis:names:tc:xacml:2.0:resource:resource-id";
/// Attribute of the holder.
pub(super) const AUTHOR: &str = "urn:ihe:iti:appc:2016:author-institution:id";
const HOLDER_TYPE: &str = "urn:ihe:iti:appc:2016:document-entry:healthcare-facility-type-code";

const RESOURCE: &str = "urn:oasis:names:tc:xacml:3.0:attribute-category:resource";
const ACTION_CATEGORY: &str = "urn:oasis:names:tc:xacml:3.0:attribute-category:action";
const SUBJECT: &str = "urn:oasis:names:tc:xacml:1.0:subject-category:access-subject";
const ENVIRONMENT: &str = "urn:oasis:names:tc:xacml:3.0:attribute-category:environment";

/// The body of the question; one block of actions for each data category, in order.
pub(super) fn body(
    question: &Question,
    holder: &Holder,
    categories: &BTreeSet<&'static str>,
) -> Result<String, GatherError> {
    let mut text = format!(
        concat!(
            r#"<q:XACMLAuthzDecisionQuery xmlns:q="{query}" xmlns:x="{xacml}" xmlns:h="{hl7}">"#,
            r#"<x:Request CombinedDecision="false" ReturnPolicyIdList="false">"#
        ),
        query = QUERY,
        xacml = XACML,
        hl7 = subject::HL7,
    );
    let resource = [
        attribute(
            RESOURCE_ID,
            &Value::Identifier(question.patient.expose().to_owned(), naming::BSN_OID),
        ),
        attribute(
            HOLDER_TYPE,
            &Value::Coded(holder.organisation_type.clone(), naming::ORGANIZATION_TYPE_OID),
        ),
        attribute(
            AUTHOR,
            &Value::Identifier(holder.ura.to_string(), naming::URA_OID),
        ),
    ];
    block(&mut text, RESOURCE, None, &resource);
    for (at, category) in categories.iter().enumerate() {
        let code = Value::Coded((*category).to_owned(), naming::GEGEVENSCATEGORIE_OID);
        block(
            &mut text,
            ACTION_CATEGORY,
            Some(at),
            &[attribute(EVENT_CODE, &code)],
        );
    }
    let who: Vec<_> = subject::attributes(question)?
        .iter()
        .map(|(name, value)| attribute(name, value))
        .collect();
    block(&mut text, SUBJECT, None, &who);
    let purpose = Value::Coded(question.purpose.code().to_owned(), subject::PURPOSE_OID);
    block(
        &mut text,
        ENVIRONMENT,
        None,
        &[attribute(subject::PURPOSE, &purpose)],
    );
    text.push_str("</x:Request></q:XACMLAuthzDecisionQuery>");
    Ok(text)
}

fn block(text: &mut String, category: &str, action: Option<usize>, attributes: &[String]) {
    let id = action
        .map(|at| format!(r#" xml:id="action{at}""#))
        .unwrap_or_default();
    text.push_str(&format!(r#"<x:Attributes Category="{category}"{id}>"#));
    for attribute in attributes {
        text.push_str(attribute);
    }
    text.push_str("</x:Attributes>");
}

fn attribute(id: &str, value: &Value) -> String {
    let (kind, value) = match value {
        Value::Identifier(text, root) => ("II", identifier("h", root, text)),
        Value::Coded(code, system) => ("CV", coded("h", code, system)),
    };
    format!(
        concat!(
            r#"<x:Attribute AttributeId="{id}" IncludeInResult="false">"#,
            r#"<x:AttributeValue DataType="urn:hl7-org:v3#{kind}">{value}</x:AttributeValue></x:Attribute>"#
        ),
        id = id,
        kind = kind,
        value = value,
    )
}
