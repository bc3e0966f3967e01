//! What keeps a validation from starting, and what keeps one text from being judged.

use std::io::ErrorKind;
use std::path::PathBuf;

use samenhang_gather::http::HttpError;
use samenhang_profiles::ReadError;
use samenhang_profiles::pack::PackError;
use samenhang_profiles::package::PackageError;
use samenhang_profiles::validate::Language;
use samenhang_terminology::TerminologyError;

use crate::packages::FolderError;
use crate::releases::ReleaseError;

/// Why validation cannot start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ValidationError {
    /// A package cannot be opened.
    #[error("the package {} cannot be opened: {kind}", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// What the system said.
        kind: ErrorKind,
    },
    /// A package cannot be used.
    #[error("the package {} cannot be used: {source}", path.display())]
    Package {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: PackageError,
    },
    /// The folder of packages cannot be read.
    #[error("the folder of packages cannot be read: {0}")]
    Folder(#[from] FolderError),
    /// A package that was named is not in the folder.
    #[error("the package {0} is not in the folder of packages")]
    NotInFolder(String),
    /// A release of a code system cannot be read.
    #[error("a release cannot be read: {0}")]
    Release(#[from] ReleaseError),
    /// The terminology server cannot be asked.
    #[error("the terminology server cannot be asked: {0}")]
    Server(#[from] HttpError),
    /// A profile that was asked for is in no package and not in the binary.
    #[error("the profile {0} is not known")]
    Profile(String),
    /// Terminology of the packages is more than is taken.
    #[error("the terminology of the packages cannot be used: {0}")]
    Terminology(#[from] TerminologyError),
    /// The definitions in the binary cannot be read.
    #[error(transparent)]
    Pack(#[from] PackError),
}

impl ValidationError {
    /// The stable code of the error, as in the error catalogue.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            ValidationError::Open { .. } => "SAM-VAL-001",
            ValidationError::Package { source, .. } => source.code(),
            ValidationError::Folder(source) => source.code(),
            ValidationError::NotInFolder(_) => "SAM-VAL-007",
            ValidationError::Release(source) => source.source.code(),
            ValidationError::Server(_) => "SAM-VAL-008",
            ValidationError::Profile(_) => "SAM-VAL-002",
            ValidationError::Terminology(source) => source.code(),
            ValidationError::Pack(source) => source.code(),
        }
    }
}

/// Why a text cannot be judged: it is no FHIR resource that can be read. Carries places and limits, never content.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The file is not there, or may not be read.
    Unopened(ErrorKind),
    /// There is nothing in it.
    Empty,
    /// It begins as neither JSON nor XML does.
    Formless,
    /// A folder without any file that could hold a resource.
    NoFiles,
    /// It cannot be read as FHIR.
    Read(ReadError),
}

impl From<ReadError> for Fault {
    fn from(error: ReadError) -> Self {
        Fault::Read(error)
    }
}

impl Fault {
    /// The stable code of the fault, as in the error catalogue.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Fault::Unopened(_) => "SAM-VAL-003",
            Fault::Empty => "SAM-VAL-004",
            Fault::Formless => "SAM-VAL-005",
            Fault::NoFiles => "SAM-VAL-006",
            Fault::Read(error) => error.code(),
        }
    }

    /// The code of `OperationOutcome.issue.code` (value set `issue-type`).
    #[must_use]
    pub fn issue_type(&self) -> &'static str {
        match self {
            Fault::Unopened(_) | Fault::NoFiles => "not-found",
            Fault::Read(ReadError::Limit { .. }) => "too-costly",
            Fault::Empty | Fault::Formless | Fault::Read(_) => "structure",
        }
    }

    /// Byte offset of the place, when there is one.
    #[must_use]
    pub fn offset(&self) -> Option<usize> {
        match self {
            Fault::Read(
                ReadError::Malformed { at, .. }
                | ReadError::Limit { at, .. }
                | ReadError::DuplicateKey { at }
                | ReadError::MalformedXml { at, .. }
                | ReadError::UnknownElement { at, .. },
            ) => Some(*at),
            _ => None,
        }
    }

    /// What is the matter, in one sentence without a capital and a full stop.
    #[must_use]
    pub fn text(&self, language: Language) -> String {
        match (self, language) {
            (Fault::Unopened(kind), Language::English) => format!("the file cannot be opened: {kind}"),
            (Fault::Unopened(kind), Language::Dutch) => {
                format!("het bestand kan niet worden geopend: {kind}")
            }
            (Fault::Empty, Language::English) => "there is nothing in it".to_owned(),
            (Fault::Empty, Language::Dutch) => "er staat niets in".to_owned(),
            (Fault::Formless, Language::English) => "it is neither JSON nor XML".to_owned(),
            (Fault::Formless, Language::Dutch) => "het is geen JSON en geen XML".to_owned(),
            (Fault::NoFiles, Language::English) => {
                "the folder holds no .json, .xml or .ndjson file".to_owned()
            }
            (Fault::NoFiles, Language::Dutch) => {
                "de map bevat geen .json-, .xml- of .ndjson-bestand".to_owned()
            }
            (Fault::Read(error), Language::English) => error.to_string(),
            (Fault::Read(error), Language::Dutch) => dutch(error),
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self, language: Language) -> &'static str {
        let (en, nl) = match self {
            Fault::Unopened(_) => (
                "Name a file that is there and may be read.",
                "Noem een bestand dat er is en gelezen mag worden.",
            ),
            Fault::Empty | Fault::Formless | Fault::NoFiles => (
                "Give a FHIR resource in JSON, XML or NDJSON.",
                "Geef een FHIR-resource in JSON, XML of NDJSON.",
            ),
            Fault::Read(ReadError::Limit { .. }) => {
                ("Give it in smaller parts.", "Geef het in kleinere delen.")
            }
            Fault::Read(_) => (
                "Correct the text at this place; nothing after it was judged.",
                "Verbeter de tekst op deze plaats; wat erna komt is niet beoordeeld.",
            ),
        };
        match language {
            Language::English => en,
            Language::Dutch => nl,
        }
    }
}

/// A fault of reading in Dutch. What exactly was expected is said in English only; the place says the rest.
fn dutch(error: &ReadError) -> String {
    match error {
        ReadError::Malformed { at, .. } => format!("geen welgevormde JSON op byte {at}"),
        ReadError::Limit { limit, at, .. } => {
            format!("een grens van de lezer ({limit}) is overschreden op byte {at}")
        }
        ReadError::DuplicateKey { at } => {
            format!("een eigenschap staat twee keer in hetzelfde object, op byte {at}")
        }
        ReadError::MalformedXml { at, .. } => format!("geen aanvaardbare XML op byte {at}"),
        ReadError::UnknownElement { path, at } => format!("onbekend element {path} op byte {at}"),
        _ => "dit is geen FHIR-resource".to_owned(),
    }
}
