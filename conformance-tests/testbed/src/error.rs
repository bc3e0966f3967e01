//! What can go wrong when the testbed starts; a running testbed answers over HTTP instead.

/// Why the testbed could not start, or a part of it could not do what was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TestbedError {
    /// A loopback port could not be taken.
    #[error("failed to listen on 127.0.0.1:{port}: {error}")]
    Listen {
        /// The port; 0 for any that is free.
        port: u16,
        /// Why.
        error: std::io::Error,
    },
    /// A key or certificate could not be made.
    #[error("failed to make key material: {0}")]
    Key(String),
    /// Synthetic data of a holder could not be read.
    #[error("failed to load the data of holder {holder}: {reason}")]
    Data {
        /// URA of the holder.
        holder: String,
        /// What is wrong, without content.
        reason: String,
    },
    /// A text is not a fault, service, quirk or holder specification.
    #[error("'{text}' is not a {what}")]
    Text {
        /// What was expected.
        what: &'static str,
        /// The text as given.
        text: String,
    },
}

impl TestbedError {
    /// The stable code of this error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            TestbedError::Listen { .. } => "SAM-TST-001",
            TestbedError::Key(_) => "SAM-TST-002",
            TestbedError::Data { .. } => "SAM-TST-003",
            TestbedError::Text { .. } => "SAM-TST-004",
        }
    }
}
