//! `validateProfileId`: the validator over the profiles and the terminology in the binary.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use samenhang_profiles::FhirVersion;
use samenhang_profiles::pack;
use samenhang_profiles::validate::{Language, Request, Settings, Severity, Validator, Values};
use samenhang_terminology::catalogue::Builder;

use crate::testscript::error::TestScriptError;
use crate::testscript::exchange::Payload;

/// Judges resources of one version of FHIR. Share it: a profile is compiled once.
#[derive(Clone)]
pub struct Judge {
    validator: Arc<Validator>,
}

impl fmt::Debug for Judge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Judge").finish_non_exhaustive()
    }
}

impl Judge {
    /// A judge over what the binary carries.
    ///
    /// # Errors
    /// [`TestScriptError::Definitions`].
    pub fn new(version: FhirVersion) -> Result<Judge, TestScriptError> {
        let definitions = |_| TestScriptError::Definitions;
        let library = pack::embedded(version).map_err(definitions)?;
        let mut builder = Builder::new();
        pack::embedded_terminology(version)
            .map_err(definitions)?
            .add_to(&mut builder)
            .map_err(|_| TestScriptError::Definitions)?;
        if version == FhirVersion::Stu3 {
            builder.stu3_names();
        }
        let validator = Validator::new(library, Arc::new(builder.build()), Settings::default());
        Ok(Judge {
            validator: Arc::new(validator),
        })
    }

    /// Whether a resource is valid against a profile and those that it and its entries claim. What is not checked for
    /// want of terminology is no error.
    pub(in crate::testscript) fn held(
        &self,
        payload: &Payload,
        version: FhirVersion,
        profile: &str,
        now: Timestamp,
    ) -> Result<(), String> {
        let document = payload.document(version).map_err(|error| error.to_string())?;
        let request = Request {
            profiles: &[profile],
            now: Some(now),
            ..Request::default()
        };
        let outcome = self.validator.validate(&document, &request);
        let errors: BTreeSet<String> = outcome
            .findings
            .iter()
            .filter(|finding| finding.severity == Severity::Error)
            .map(|finding| {
                let text = finding.text(Language::English, Values::Hidden);
                format!("{} at {}: {text}", finding.rule.code, finding.expression)
            })
            .collect();
        if errors.is_empty() {
            return Ok(());
        }
        let shown: Vec<String> = errors.iter().take(5).cloned().collect();
        Err(format!("{} errors: {}", errors.len(), shown.join("; ")))
    }
}
