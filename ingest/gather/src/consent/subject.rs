//! Who asks Mitz, as the closed and the open question both write it down.

use samenhang_terminology::naming;

use crate::error::GatherError;
use crate::query::{Question, User};
use crate::xml::escape;

/// Namespace of HL7 version 3, of coded values and identifiers.
pub(crate) const HL7: &str = "urn:hl7-org:v3";
/// Code system of `purposeofuse`.
pub(crate) const PURPOSE_OID: &str = "2.16.840.1.113883.1.11.20448";

/// Role attribute.
pub(crate) const ROLE: &str = "urn:oasis:names:tc:xacml:2.0:subject:role";
/// Number of the responsible professional.
pub(crate) const PROVIDER: &str = "urn:ihe:iti:xua:2017:subject:provider-identifier";
/// URA of the asker.
pub(crate) const INSTITUTION: &str = "urn:nl:otv:names:tc:1.0:subject:provider-institution";
/// Type of the asker's organisation.
pub(crate) const FACILITY_TYPE: &str =
    "urn:nl:otv:names:tc:1.0:subject:consulting-healthcare-facility-type-code";
/// Why it is asked.
pub(crate) const PURPOSE: &str = "urn:oasis:names:tc:xspa:1.0:subject:purposeofuse";

/// The person on whose responsibility Mitz is asked.
///
/// # Errors
/// [`GatherError::Configuration`]: Mitz does not answer a system that asks on nobody's behalf.
pub(crate) fn person(question: &Question) -> Result<&User, GatherError> {
    question.asker.person().ok_or(GatherError::Configuration(
        "mitz is asked on behalf of a person only",
    ))
}

/// An identifier, `II`, in a prefix that is bound to [`HL7`].
pub(crate) fn identifier(prefix: &str, root: &str, extension: &str) -> String {
    format!(
        r#"<{prefix}:InstanceIdentifier root="{root}" extension="{}"/>"#,
        escape(extension)
    )
}

/// A coded value, `CV`, in a prefix that is bound to [`HL7`].
pub(crate) fn coded(prefix: &str, code: &str, system: &str) -> String {
    format!(
        r#"<{prefix}:CodedValue code="{}" codeSystem="{system}"/>"#,
        escape(code)
    )
}

/// The attributes of who asks: name, whether it is an identifier, and the value.
pub(crate) fn attributes(question: &Question) -> Result<Vec<(&'static str, Value)>, GatherError> {
    let person = person(question)?;
    let asker = &question.asker;
    Ok(vec![
        (ROLE, Value::Coded(person.role.clone(), naming::ROLE_OID)),
        (
            PROVIDER,
            Value::Identifier(person.number.clone(), naming::UZI_OID),
        ),
        (
            INSTITUTION,
            Value::Identifier(asker.organisation.to_string(), naming::URA_OID),
        ),
        (
            FACILITY_TYPE,
            Value::Coded(asker.organisation_type.clone(), naming::ORGANIZATION_TYPE_OID),
        ),
    ])
}

/// A value of an attribute: text and the OID of its system.
pub(crate) enum Value {
    /// `II`.
    Identifier(String, &'static str),
    /// `CV`.
    Coded(String, &'static str),
}
