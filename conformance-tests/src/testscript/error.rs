//! Why a script cannot be run at all. A script that runs never ends in an error: what it finds is in its report.

/// Why a script cannot be run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TestScriptError {
    /// The text is no resource.
    #[error("the script cannot be read: {0}")]
    Unreadable(#[from] samenhang_profiles::ReadError),
    /// The resource is no `TestScript`.
    #[error("the resource is no TestScript")]
    OtherResource,
    /// The definitions in the binary cannot be opened.
    #[error("the definitions cannot be opened")]
    Definitions,
    /// The list of known failures is not as it should be.
    #[error("the list of known failures cannot be read: {0}")]
    KnownList(String),
    /// No HTTP client can be made.
    #[error("no client can be made")]
    Client,
}

impl TestScriptError {
    /// The stable code of the error, as in the error catalogue.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            TestScriptError::Unreadable(_) => "SAM-TSC-001",
            TestScriptError::OtherResource => "SAM-TSC-002",
            TestScriptError::Definitions => "SAM-TSC-003",
            TestScriptError::KnownList(_) => "SAM-TSC-004",
            TestScriptError::Client => "SAM-TSC-005",
        }
    }
}
