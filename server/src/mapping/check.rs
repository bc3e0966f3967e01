//! What is wrong with a pack, one thing a line: what does not compile, what the profiles of its maps do not allow, what is
//! of no use.

use samenhang_conform::{PackError, Place, Warning};
use serde::Serialize;

use super::{Choice, Loaded, MappingError};
use crate::validation::{Sources, ValidationError};

/// One thing that is wrong with a pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// `error` or `warning`.
    pub severity: &'static str,
    /// Stable code, as in the error catalogue.
    pub code: &'static str,
    /// File of the pack.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
    /// Map and number of the rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// What is wrong.
    pub text: String,
}

impl Fault {
    fn new(severity: &'static str, code: &'static str, place: &Place, text: String) -> Fault {
        Fault {
            severity,
            code,
            file: place.file.clone(),
            line: place.line,
            column: place.column,
            rule: place.rule.clone(),
            text,
        }
    }

    fn error(error: &PackError) -> Fault {
        Fault::new("error", error.code(), &error.place, error.fault.to_string())
    }

    fn warning(warning: &Warning) -> Fault {
        Fault::new(
            "warning",
            warning.code(),
            &warning.place,
            warning.notice.to_string(),
        )
    }

    /// Whether it keeps the pack from being right.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == "error"
    }
}

/// Why a pack cannot be judged.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// There is no pack that can be read.
    #[error(transparent)]
    Pack(#[from] MappingError),
    /// The definitions of the program cannot be read.
    #[error(transparent)]
    Definitions(#[from] ValidationError),
}

impl CheckError {
    /// The stable code of the error, as in the error catalogue.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            CheckError::Pack(error) => error.code(),
            CheckError::Definitions(error) => error.code(),
        }
    }
}

/// Judges a pack: by itself, then against the profiles and value sets of the program and of packages.
///
/// # Errors
/// [`CheckError`] when there is no such pack or it cannot be read.
pub fn check(choice: &Choice, sources: &Sources) -> Result<Vec<Fault>, CheckError> {
    let Loaded { pack, warnings } = match choice.load() {
        Ok(loaded) => loaded,
        Err(MappingError::Pack(errors)) => return Ok(errors.iter().map(Fault::error).collect()),
        Err(error) => return Err(error.into()),
    };
    let library = sources.library(pack.target(), &mut Vec::new())?;
    let terminology = sources.catalogue(pack.target())?;
    let mut errors = pack.check(&*library);
    errors.extend(pack.check_codes(&*library, &terminology));
    errors.sort_by(|one, other| one.place.cmp(&other.place));
    let mut faults: Vec<Fault> = errors.iter().map(Fault::error).collect();
    faults.extend(warnings.iter().map(Fault::warning));
    faults.extend(pack.unfilled(&*library).iter().map(Fault::warning));
    Ok(faults)
}
