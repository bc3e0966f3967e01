//! What differs from the specification in a message of FHIR: put right before anything else, and found.
//!
//! The message itself stays in the inbox as it was sent.

use bytes::Bytes;
use samenhang_conform::quirks::{Action, Met, examine, mend};
use samenhang_profiles::document::Document;
use samenhang_profiles::{FhirVersion, Limits, ReadError, xml};

use super::{Findings, Reason, Stage};

/// The rule under which quirks are found.
pub(crate) const RULE: &str = "quirk";

/// A message, put right.
pub(super) struct Mended {
    /// The message: as it was sent when there was nothing to put right. XML of which something was is JSON here.
    pub(super) body: Bytes,
    /// What was met.
    pub(super) findings: Findings,
}

/// Puts a message of FHIR in JSON or XML right.
///
/// # Errors
/// [`ReadError`] when it cannot be read.
pub(super) fn mended(body: &Bytes, version: FhirVersion, limits: &Limits) -> Result<Mended, ReadError> {
    if !super::by_format::is_xml(body) {
        let mended = mend(body, version, limits)?;
        return Ok(Mended {
            findings: findings(&mended.met),
            body: match mended.is_changed() {
                true => Bytes::from(mended.body.into_owned()),
                false => body.clone(),
            },
        });
    }
    let examined = examine(&Document::from_xml(body, version, limits)?, None);
    if examined.is_sound() {
        return Ok(Mended {
            body: body.clone(),
            findings: findings(&examined.met),
        });
    }
    let json = xml::to_json(body, version, limits)?;
    let mended = mend(&json, version, limits)?;
    Ok(Mended {
        findings: findings(&mended.met),
        body: Bytes::from(mended.body.into_owned()),
    })
}

fn findings(met: &Met) -> Findings {
    let found = met.places().map(|(quirk, place, count)| {
        let severity = match quirk.action() {
            Action::Tolerate => "information",
            Action::Repair | Action::Refuse => "warning",
        };
        let reason = Reason::new(Stage::Map, RULE).at(place).code(quirk.id());
        ((reason, severity), u64::try_from(count).unwrap_or(u64::MAX))
    });
    found.collect()
}
