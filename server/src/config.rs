//! Configuration: one TOML file, with every key also as an environment variable `SAMENHANG__AREA__KEY`.
//!
//! Unknown keys are refused, everything that is wrong is told at once, and secrets are named by file, never written
//! here. `samenhang config schema` prints what there is, with units and defaults.

pub mod load;
mod schema;
pub mod server;

use std::fmt;
use std::path::Path;

use samenhang_gather::config::{EgressConfig, NationalConfig, OwnOrganisation};
use samenhang_gather::fanout::FanoutConfig;
use samenhang_gather::token::AuthorisationConfig;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::access::AccessConfig;
use crate::audit::AuditConfig;
use crate::reconciliation::ReconciliationConfig;
use crate::session::SessionConfig;
use crate::telemetry::TelemetryConfig;
use crate::validation::ValidationConfig;

pub use self::server::{ServerConfig, StationReport};

/// Something that is wrong with a configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The key, with dots; empty for the whole.
    pub key: String,
    /// Why.
    pub reason: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.key.is_empty() {
            f.write_str(&self.reason)
        } else {
            write!(f, "{}: {}", self.key, self.reason)
        }
    }
}

/// The configuration of `samenhang serve`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Listeners and limits of the server itself.
    #[serde(default)]
    pub server: ServerConfig,
    /// Who we are in every call.
    pub organisation: OwnOrganisation,
    /// How calls leave this machine.
    #[serde(default)]
    pub egress: EgressConfig,
    /// The national services.
    pub national: NationalConfig,
    /// How holders' authorization servers are convinced.
    #[serde(default)]
    pub authorisation: AuthorisationConfig,
    /// Deadlines and limits of asking the holders.
    #[serde(default)]
    pub fanout: FanoutConfig,
    /// Who may ask.
    #[serde(default)]
    pub access: AccessConfig,
    /// What viewer sessions keep of the answers that they showed, in memory.
    #[serde(default)]
    pub session: SessionConfig,
    /// What `$validate` judges by besides what the binary carries, and how much at once.
    #[serde(default)]
    pub validation: ValidationConfig,
    /// What reconciliation uses besides the policy that the binary carries.
    #[serde(default)]
    pub reconciliation: ReconciliationConfig,
    /// The audit log.
    pub audit: AuditConfig,
    /// Logs, traces and metrics.
    #[serde(default)]
    pub telemetry: TelemetryConfig,
}

impl Config {
    /// Reads a file and the environment, and checks it.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub fn load(file: &Path) -> Result<Config, Vec<Finding>> {
        load::checked(file, Config::check)
    }

    /// Everything that is wrong with it, beyond its form.
    #[must_use]
    pub fn check(&self) -> Vec<Finding> {
        let mut findings = self.server.check();
        let telemetry = self.telemetry.check().into_iter();
        findings.extend(telemetry.map(|(key, reason)| Finding {
            key: key.to_owned(),
            reason,
        }));
        let bounded = self.session.check().into_iter().chain(self.fanout.check());
        findings.extend(bounded.map(|(key, reason)| Finding {
            key: key.to_owned(),
            reason: reason.to_owned(),
        }));
        findings.extend(self.validation.check());
        findings.extend(self.reconciliation.check());
        findings.extend(self.missing_files());
        findings
    }

    /// Files that are named and are not there. What a file holds is checked when it is used.
    fn missing_files(&self) -> Vec<Finding> {
        let egress = &self.egress;
        let nuts = self.authorisation.nuts.as_ref();
        let smart = self.authorisation.smart.as_ref();
        let dezi = self.access.dezi.as_ref();
        let mut named: Vec<(String, Option<&Path>)> = [
            ("egress.ca_file", egress.ca_file.as_deref()),
            (
                "egress.client_certificate_file",
                egress.client_certificate_file.as_deref(),
            ),
            ("egress.client_key_file", egress.client_key_file.as_deref()),
            (
                "authorisation.nuts.key_file",
                nuts.map(|nuts| nuts.key_file.as_path()),
            ),
            (
                "authorisation.nuts.credential_file",
                nuts.map(|nuts| nuts.credential_file.as_path()),
            ),
            (
                "authorisation.smart.key_file",
                smart.map(|smart| smart.key_file.as_path()),
            ),
            ("access.policy_file", self.access.policy_file.as_deref()),
            (
                "national.localisers.care_team_file",
                self.national.localisers.care_team_file.as_deref(),
            ),
            (
                "access.dezi.jwe_key_file",
                dezi.and_then(|dezi| dezi.jwe_key_file.as_deref()),
            ),
            (
                "access.dezi.form_2024.anchors_file",
                dezi.and_then(|dezi| dezi.form_2024.as_ref()?.anchors_file.as_deref()),
            ),
            (
                "access.patient_tokens.key_file",
                self.access
                    .patient_tokens
                    .as_ref()
                    .map(|tokens| tokens.key_file.as_path()),
            ),
            (
                "national.oauth.assertion_key_file",
                self.national.oauth.assertion_key_file.as_deref(),
            ),
            ("audit.key_file", Some(self.audit.key_file.as_path())),
        ]
        .map(|(key, path)| (key.to_owned(), path))
        .into();
        named.extend(self.access.ehrs.iter().enumerate().map(|(index, ehr)| {
            let key = format!("access.ehrs[{index}].key_file");
            (key, Some(ehr.key_file.as_path()))
        }));
        named.extend(self.access.clients.iter().enumerate().map(|(index, client)| {
            let key = format!("access.clients[{index}].keys_file");
            (key, Some(client.keys_file.as_path()))
        }));
        let missing = named
            .into_iter()
            .filter(|(_, path)| path.is_some_and(|path| !path.is_file()));
        missing
            .map(|(key, _)| Finding {
                key,
                reason: "the file is not there".to_owned(),
            })
            .collect()
    }

    /// The JSON schema of the configuration.
    #[must_use]
    pub fn schema() -> Value {
        schema_of::<Config>()
    }
}

pub(crate) fn schema_of<T: JsonSchema>() -> Value {
    schemars::schema_for!(T).to_value()
}

#[cfg(test)]
mod tests;
