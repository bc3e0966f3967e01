//! The configuration of all of gathering, and the keys that it names.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::config::{EgressConfig, NationalConfig, OwnOrganisation};
use crate::fanout::FanoutConfig;
use crate::http::{TlsError, TlsMaterial};
use crate::token::config::KeyError;
use crate::token::{AuthorisationConfig, ClientKeys};

/// All outbound calls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GatherConfig {
    /// Who we are.
    pub own: OwnOrganisation,
    /// How calls leave this machine.
    #[serde(default)]
    pub egress: EgressConfig,
    /// The national services.
    pub national: NationalConfig,
    /// How we ask holders for tokens.
    #[serde(default)]
    pub authorisation: AuthorisationConfig,
    /// How holders are asked.
    #[serde(default)]
    pub fanout: FanoutConfig,
}

/// Certificates and keys. Holds private keys: no `Debug`.
#[derive(Default)]
pub struct Material {
    /// For TLS.
    pub tls: TlsMaterial,
    /// For tokens of holders.
    pub keys: ClientKeys,
}

/// Why certificates or keys cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MaterialError {
    /// For TLS.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// For tokens.
    #[error(transparent)]
    Keys(#[from] KeyError),
}

impl Material {
    /// Reads the configured files.
    ///
    /// # Errors
    /// [`MaterialError`].
    pub fn load(config: &GatherConfig) -> Result<Self, MaterialError> {
        Ok(Material {
            tls: TlsMaterial::load(&config.egress)?,
            keys: config.authorisation.load()?,
        })
    }
}
