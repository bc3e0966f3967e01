//! Notifications of Mitz: a patient's choices changed (section 3.5). Read from JSON or XML.
//!
//! What changed does not matter here: whoever it is about, every permit ends and is asked anew. A number that is found
//! is never let go, and a notification in which none is found is refused, so that it is not lost unnoticed.

use std::collections::BTreeSet;

use jiff::Timestamp;
use samenhang_profiles::Bsn;
use samenhang_terminology::naming;
use serde_json::Value;

use super::permit::Register;
use crate::xml::Element;

const FHIR: &str = "http://hl7.org/fhir";
/// Bytes of a notification.
const MAX_BYTES: usize = 1 << 20;

/// Why a notification cannot be taken. Carries no content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotificationError {
    /// Too large.
    #[error("the notification is larger than 1 MiB")]
    TooLarge,
    /// Neither a JSON nor an XML resource.
    #[error("the notification is neither fhir json nor fhir xml")]
    Format,
    /// It is not about consent.
    #[error("the notification has no Consent")]
    NoConsent,
    /// It names nobody.
    #[error("the notification names no patient by a valid bsn")]
    NoPatient,
}

impl NotificationError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            NotificationError::TooLarge => "SAM-GAT-121",
            NotificationError::Format => "SAM-GAT-122",
            NotificationError::NoConsent => "SAM-GAT-123",
            NotificationError::NoPatient => "SAM-GAT-124",
        }
    }
}

/// A notification. No `Debug`: it holds numbers.
pub struct Notification {
    patients: BTreeSet<Bsn>,
}

impl Notification {
    /// Reads a `Bundle` of `Consent` resources, or a single `Consent`.
    ///
    /// # Errors
    /// [`NotificationError`].
    pub fn read(body: &[u8]) -> Result<Self, NotificationError> {
        if body.len() > MAX_BYTES {
            return Err(NotificationError::TooLarge);
        }
        let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
        let mut seen = Seen::default();
        match body.iter().find(|byte| !byte.is_ascii_whitespace()) {
            Some(b'{') => {
                let value: Value = serde_json::from_slice(body).map_err(|_| NotificationError::Format)?;
                seen.json(&value);
            }
            Some(b'<') => {
                let root = Element::parse(body).map_err(|_| NotificationError::Format)?;
                root.visit(&mut |element| seen.xml(element));
            }
            _ => return Err(NotificationError::Format),
        }
        if !seen.consent {
            return Err(NotificationError::NoConsent);
        }
        if seen.patients.is_empty() {
            return Err(NotificationError::NoPatient);
        }
        Ok(Notification {
            patients: seen.patients,
        })
    }

    /// Ends every permit about the patients that it names.
    pub fn apply(&self, register: &Register, now: Timestamp) {
        for patient in &self.patients {
            register.revoke(patient, now);
        }
    }

    /// How many patients it names.
    #[must_use]
    pub fn count(&self) -> usize {
        self.patients.len()
    }
}

#[derive(Default)]
struct Seen {
    consent: bool,
    patients: BTreeSet<Bsn>,
}

impl Seen {
    fn identifier(&mut self, system: Option<&str>, value: Option<&str>) {
        let oid = system.and_then(|system| system.strip_prefix("urn:oid:"));
        if system == Some(naming::BSN) || oid == Some(naming::BSN_OID) {
            self.patients
                .extend(value.and_then(|value| Bsn::parse(value).ok()));
        }
    }

    fn json(&mut self, value: &Value) {
        match value {
            Value::Object(fields) => {
                self.consent |= fields.get("resourceType").and_then(Value::as_str) == Some("Consent");
                let text = |name| fields.get(name).and_then(Value::as_str);
                self.identifier(text("system"), text("value"));
                fields.values().for_each(|value| self.json(value));
            }
            Value::Array(items) => items.iter().for_each(|value| self.json(value)),
            _ => {}
        }
    }

    fn xml(&mut self, element: &Element) {
        self.consent |= element.is(FHIR, "Consent");
        let text = |name| {
            element
                .only(FHIR, name)
                .and_then(|child| child.attribute("value"))
        };
        self.identifier(text("system"), text("value"));
    }
}
