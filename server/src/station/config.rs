//! How a station is reached and whom it calls: the file `service.toml` in its folder. What it keeps is in `station.toml`.

use std::net::SocketAddr;
use std::path::Path;

use samenhang_gather::config::{EgressConfig, OwnOrganisation, RegistrationConfig};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::mllp::MllpConfig;
use crate::access::AccessConfig;
use crate::access::config::{ClientConfig, RateConfig};
use crate::audit::AuditConfig;
use crate::config::server::{is_address, public_address};
use crate::config::{Finding, load, schema_of};
use crate::telemetry::TelemetryConfig;

/// Name of the file in the folder of a station.
pub const FILE: &str = "service.toml";

/// How a station is reached and whom it calls.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ServiceConfig {
    /// Where it listens.
    #[serde(default)]
    pub server: StationServerConfig,
    /// Who runs the station, in every call and in the audit log.
    pub organisation: OwnOrganisation,
    /// How calls leave this machine.
    #[serde(default)]
    pub egress: EgressConfig,
    /// Where it registers for whom it has data. Default: nowhere; then nobody localises it.
    #[serde(default)]
    pub registration: Option<RegistrationConfig>,
    /// Who may read.
    #[serde(default)]
    pub access: StationAccessConfig,
    /// Listeners for messages of HL7 version 2.
    #[serde(default)]
    pub mllp: Vec<MllpConfig>,
    /// The audit log.
    pub audit: AuditConfig,
    /// Logs.
    #[serde(default)]
    pub telemetry: TelemetryConfig,
}

/// Where a station listens.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct StationServerConfig {
    /// Address and port. TLS is ended in front of it. Default `127.0.0.1:8090`.
    #[schemars(with = "String")]
    pub listen: SocketAddr,
    /// Address under which askers know the station, without a trailing slash. Default: `http://` and `listen`.
    pub public_base: Option<String>,
    /// Connections at once. Default 256.
    pub max_connections: usize,
    /// Milliseconds that a reader may take to accept more bytes before the connection is closed. Default 10000.
    pub write_timeout_ms: u64,
    /// Milliseconds between two looks at what waits to be worked on and to be registered. Default 1000.
    pub rhythm_ms: u64,
    /// Seconds that a registration may wait before it is reported as late. Default 900.
    pub late_s: u64,
}

/// Who may read. Nobody, unless a client or an authorization server is named.
#[derive(Debug, Clone, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct StationAccessConfig {
    /// The systems that may ask the station itself for a token (SMART backend services).
    pub clients: Vec<ClientConfig>,
    /// The authorization servers whose tokens are taken, such as the Nuts node of the holder.
    pub introspection: Vec<IntrospectionConfig>,
    /// How often one user of one client may ask.
    pub rate: RateConfig,
}

/// An authorization server of the holder, asked what a token says (RFC 7662). It is one of the holder's own: a token
/// goes to it as it came.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IntrospectionConfig {
    /// The source that is read with its tokens.
    pub source: String,
    /// Address of its introspection endpoint.
    pub url: String,
    /// What a token must be for (`aud`, else `iss`): the authorization server of the holder as the directory names it.
    pub audience: String,
    /// Scope that a token must have. Default: `360-graden`.
    #[serde(default = "nuts_scope")]
    pub scope: String,
    /// Milliseconds that a question may take. Default: 3000.
    #[serde(default = "three_seconds")]
    pub timeout_ms: u64,
}

fn nuts_scope() -> String {
    "360-graden".to_owned()
}

fn three_seconds() -> u64 {
    3000
}

impl Default for StationServerConfig {
    fn default() -> Self {
        StationServerConfig {
            listen: SocketAddr::from(([127, 0, 0, 1], 8090)),
            public_base: None,
            max_connections: 256,
            write_timeout_ms: 10_000,
            rhythm_ms: 1000,
            late_s: 900,
        }
    }
}

impl StationServerConfig {
    /// The address under which askers know the station, without a trailing slash.
    #[must_use]
    pub fn base(&self) -> String {
        public_address(self.public_base.as_deref(), self.listen)
    }
}

impl ServiceConfig {
    /// Reads the file and the environment, and checks it.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub fn load(file: &Path) -> Result<Self, Vec<Finding>> {
        load::checked(file, ServiceConfig::check)
    }

    /// Everything that is wrong with it, beyond its form.
    #[must_use]
    pub fn check(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut wrong = |key: &str, reason: &str| {
            findings.push(Finding {
                key: key.to_owned(),
                reason: reason.to_owned(),
            });
        };
        let server = &self.server;
        for (is_zero, key) in [
            (server.max_connections == 0, "server.max_connections"),
            (server.write_timeout_ms == 0, "server.write_timeout_ms"),
            (server.rhythm_ms == 0, "server.rhythm_ms"),
        ] {
            if is_zero {
                wrong(key, "it is at least 1");
            }
        }
        if server
            .public_base
            .as_deref()
            .is_some_and(|base| !is_address(base))
        {
            wrong("server.public_base", "it is not an http or https address");
        }
        for (at, one) in self.access.introspection.iter().enumerate() {
            if one.audience.is_empty() || one.scope.is_empty() {
                wrong(
                    &format!("access.introspection[{at}]"),
                    "a token must be for somebody and have a scope",
                );
            }
        }
        for (at, one) in self.mllp.iter().enumerate() {
            findings.extend(one.check(&format!("mllp[{at}]")));
        }
        findings.extend(self.telemetry.check().into_iter().map(|(key, reason)| Finding {
            key: key.to_owned(),
            reason,
        }));
        findings
    }

    /// The JSON schema of the file.
    #[must_use]
    pub fn schema() -> Value {
        schema_of::<ServiceConfig>()
    }
}

impl StationAccessConfig {
    /// What the gate of a source is made of.
    pub(super) fn of_gate(&self) -> AccessConfig {
        AccessConfig {
            clients: self.clients.clone(),
            rate: self.rate,
            ..AccessConfig::default()
        }
    }
}
