//! What an operator sets about the audit log.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The audit log. It has no switch: without a log the server does not start.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AuditConfig {
    /// The database file of the log. It is created readable for its owner only; a file `<path>.anchor` beside it
    /// holds the sealed end of the chain and belongs on another disk's backup.
    pub path: PathBuf,
    /// A file of at least 32 random bytes, readable for its owner only. It makes the patient pseudonyms and
    /// seals the chain. Another key needs another log file.
    pub key_file: PathBuf,
    /// Address of an audit repository that gets a copy of every event by `POST` (a FHIR base; `/AuditEvent` is
    /// added). Default: none. The log itself stays the truth: an unreachable repository loses nothing.
    #[serde(default)]
    pub forward_to: Option<String>,
}
