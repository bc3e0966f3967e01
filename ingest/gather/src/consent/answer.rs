//! Reads the answer to a closed question, and holds it against what was asked (control C18, faults F28 and F29).

use std::collections::{BTreeMap, BTreeSet};

use samenhang_profiles::Ura;
use uuid::Uuid;

use super::Verdict;
use super::request::{AUTHOR, EVENT_CODE, RESOURCE_ID, XACML};
use super::subject::HL7;
use crate::xml::soap::Opened;
use crate::xml::{Element, XmlError};

const OK: &str = "urn:oasis:names:tc:xacml:1.0:status:ok";

/// What was asked.
pub(super) struct Asked<'a> {
    pub(super) message: Uuid,
    pub(super) patient: &'a str,
    pub(super) holder: &'a Ura,
    pub(super) categories: &'a BTreeSet<&'static str>,
}

/// One verdict for each category asked, in the order of asking.
///
/// An answer with more, fewer or other results than were asked, or about another patient or holder, is refused whole.
pub(super) fn read(bytes: &[u8], asked: &Asked<'_>) -> Result<BTreeMap<&'static str, Verdict>, XmlError> {
    let opened = Opened::open(bytes, asked.message)?;
    let response = find(opened.body(), "Response")?;
    let results: Vec<&Element> = response.all(XACML, "Result").collect();
    if results.len() != asked.categories.len() {
        return Err(XmlError("it has not one result for each action"));
    }
    let mut verdicts = BTreeMap::new();
    for (result, category) in results.into_iter().zip(asked.categories) {
        let about = bound_to(result, asked)?.unwrap_or(category);
        if verdicts.insert(about, verdict(result)?).is_some() {
            return Err(XmlError("it has two results for one action"));
        }
    }
    Ok(verdicts)
}

/// The only XACML element of a name, at the top of the body or within one wrapper.
fn find<'a>(body: &'a Element, name: &'static str) -> Result<&'a Element, XmlError> {
    let direct = body.only(XACML, name);
    let wrapped = match body.children() {
        [wrapper] => {
            let mut found = None;
            let mut count = 0;
            wrapper.visit(&mut |element| {
                if element.is(XACML, name) {
                    found = Some(element);
                    count += 1;
                }
            });
            found.filter(|_| count == 1)
        }
        _ => None,
    };
    direct
        .or(wrapped)
        .ok_or(XmlError("it is not an answer to a closed question"))
}

fn verdict(result: &Element) -> Result<Verdict, XmlError> {
    let decision = result
        .only(XACML, "Decision")
        .ok_or(XmlError("a result has not one decision"))?;
    match decision.text() {
        "Permit" => {}
        "Deny" | "Indeterminate" | "NotApplicable" => return Ok(Verdict::NoPermit),
        _ => return Err(XmlError("a decision is none of the four")),
    }
    let status = result
        .only(XACML, "Status")
        .and_then(|status| status.only(XACML, "StatusCode"))
        .and_then(|code| code.attribute("Value"));
    // XACML 3.0, section 7.18: who does not understand an obligation must not act on the permit.
    let obliged = result
        .all(XACML, "Obligations")
        .any(|obligations| !obligations.children().is_empty());
    if obliged || status.is_some_and(|status| status != OK) {
        Ok(Verdict::NoPermit)
    } else {
        Ok(Verdict::Permit)
    }
}

/// The category that a result says it is about. What it says about patient and holder must be what was asked.
fn bound_to(result: &Element, asked: &Asked<'_>) -> Result<Option<&'static str>, XmlError> {
    let mut about = None;
    for attribute in result
        .all(XACML, "Attributes")
        .flat_map(|block| block.all(XACML, "Attribute"))
    {
        let id = attribute.attribute("AttributeId").unwrap_or_default();
        for value in attribute.all(XACML, "AttributeValue") {
            let identifier = value
                .only(HL7, "InstanceIdentifier")
                .and_then(|value| value.attribute("extension"));
            let code = value
                .only(HL7, "CodedValue")
                .and_then(|value| value.attribute("code"));
            match id {
                RESOURCE_ID if identifier != Some(asked.patient) => {
                    return Err(XmlError("it is about another patient"));
                }
                AUTHOR if identifier.and_then(|text| text.parse().ok()).as_ref() != Some(asked.holder) => {
                    return Err(XmlError("it is about another holder"));
                }
                EVENT_CODE => {
                    let category = asked
                        .categories
                        .iter()
                        .find(|category| code == Some(**category))
                        .ok_or(XmlError("it is about another category"))?;
                    if about.replace(*category).is_some_and(|before| before != *category) {
                        return Err(XmlError("a result is about two categories"));
                    }
                }
                _ => {}
            }
        }
    }
    Ok(about)
}
