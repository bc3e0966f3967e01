//! Section `[server]`.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

use super::Finding;

/// Listeners and limits of the server itself.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ServerConfig {
    /// Address and port that askers reach. TLS is ended in front of it. Default `127.0.0.1:8080`.
    #[schemars(with = "String")]
    pub listen: SocketAddr,
    /// Address and port for health and metrics; never reachable for askers. Default `127.0.0.1:8081`.
    #[schemars(with = "String")]
    pub internal_listen: SocketAddr,
    /// Address under which askers know the server, without a trailing slash. Default: `http://` and `listen`.
    pub public_base: Option<String>,
    /// Questions at once; more get 503 with `Retry-After`. Default 32.
    pub max_questions: usize,
    /// Connections at once. Default 1024.
    pub max_connections: usize,
    /// Milliseconds that a reader may take to accept more bytes before the connection is closed. Default 10000.
    pub write_timeout_ms: u64,
    /// Sources of stations whose quality and quarantine the page for the operator shows. Default: none.
    pub stations: Vec<StationReport>,
    /// Milliseconds that running questions get to end when the server stops. Default 10000.
    pub drain_ms: u64,
}

/// What a station, which is a process of its own, told of one of its sources.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StationReport {
    /// What the operator calls the source.
    pub source: String,
    /// File with the output of `samenhang station quarantine list`, which is written anew now and then.
    pub report_file: PathBuf,
    /// File with the output of `samenhang station quality`, which is written anew once a day. Default: none, no report is
    /// shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality_file: Option<PathBuf>,
}

impl Default for ServerConfig {
    fn default() -> Self {
        ServerConfig {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            internal_listen: SocketAddr::from(([127, 0, 0, 1], 8081)),
            public_base: None,
            max_questions: 32,
            max_connections: 1024,
            write_timeout_ms: 10_000,
            drain_ms: 10_000,
            stations: Vec::new(),
        }
    }
}

impl ServerConfig {
    /// The address under which askers know the server, without a trailing slash.
    #[must_use]
    pub fn base(&self) -> String {
        public_address(self.public_base.as_deref(), self.listen)
    }

    /// Everything that is wrong with the section.
    #[must_use]
    pub fn check(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut wrong = |key: &str, reason: &str| {
            findings.push(Finding {
                key: format!("server.{key}"),
                reason: reason.to_owned(),
            });
        };
        if self.listen == self.internal_listen && self.listen.port() != 0 {
            wrong("internal_listen", "it is the same as server.listen");
        }
        if self.public_base.as_deref().is_some_and(|base| !is_address(base)) {
            wrong("public_base", "it is not an http or https address");
        }
        if self.max_questions == 0 {
            wrong("max_questions", "it is at least 1");
        }
        if self.max_connections == 0 {
            wrong("max_connections", "it is at least 1");
        }
        let mut sources = BTreeSet::new();
        let is_named = |told: &StationReport| !told.source.trim().is_empty();
        if !self.stations.iter().all(is_named) {
            wrong("stations", "a source has no name");
        }
        if !self.stations.iter().all(|told| sources.insert(&told.source)) {
            wrong("stations", "two sources have one name");
        }
        if self.write_timeout_ms == 0 {
            wrong("write_timeout_ms", "it is at least 1 millisecond");
        }
        findings
    }
}

/// The address under which askers know a listener, without a trailing slash: the one that is given, else its own.
pub(crate) fn public_address(given: Option<&str>, listen: SocketAddr) -> String {
    match given {
        Some(base) => base.trim_end_matches('/').to_owned(),
        None => format!("http://{listen}"),
    }
}

/// Whether a text is an address that paths can stand behind.
pub(crate) fn is_address(base: &str) -> bool {
    Url::parse(base).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.query().is_none())
}
