//! What an operator sets about access. There is no key that lets anyone in without a login.

use std::path::PathBuf;

use samenhang_profiles::Ura;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Who may log in, which systems are known, and how often they may ask.
#[derive(Debug, Clone, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AccessConfig {
    /// File with the access policy (TOML). Default: the policy that comes with the server.
    pub policy_file: Option<PathBuf>,
    /// Login of persons. Default: none, only systems get in.
    pub dezi: Option<DeziConfig>,
    /// The systems that may ask for a token.
    pub clients: Vec<ClientConfig>,
    /// How often one user of one client may ask.
    pub rate: RateConfig,
}

/// Login of care professionals with Dezi (OIDC).
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeziConfig {
    /// Address of Dezi, without a trailing slash: `https://auth.dezi.nl`.
    pub issuer: String,
    /// The id under which this server is registered at Dezi.
    pub client_id: String,
    /// Private RSA key (PEM, PKCS#8) with which Dezi's answer is decrypted. Without it only a signed answer is read.
    #[serde(default)]
    pub jwe_key_file: Option<PathBuf>,
    /// Addresses from which the keys of a declaration may come (`jku`). Default: `<issuer>/dezi/jwks.json`.
    #[serde(default)]
    pub key_addresses: Vec<String>,
    /// Issuers of declarations that are trusted (`iss`). Default: the issuer itself.
    #[serde(default)]
    pub declaration_issuers: Vec<String>,
    /// Addresses under which a declaration's status may be asked (`status_uri`). Default: the issuer itself.
    #[serde(default)]
    pub status_addresses: Vec<String>,
    /// Levels of assurance that suffice (`loa_dezi`). Default: eIDAS high only.
    #[serde(default = "high")]
    pub levels: Vec<String>,
}

fn high() -> Vec<String> {
    vec!["http://eidas.europa.eu/LoA/high".to_owned()]
}

/// A system that may ask for a token (SMART backend services).
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClientConfig {
    /// The id under which the system is known here.
    pub client_id: String,
    /// File with the system's public keys (JWK Set). Every key needs a `kid`.
    pub keys_file: PathBuf,
    /// Signature algorithms that the system uses: `ES256`, `ES384`, `PS256`, `RS384`.
    pub algorithms: Vec<String>,
    /// Scopes that the system may have, for example `system/*.read`.
    pub scopes: Vec<String>,
    /// URA of the organisation for which the system asks.
    #[schemars(with = "String")]
    pub organisation: Ura,
    /// Name of that organisation.
    pub organisation_name: String,
    /// Type of that organisation, for example `V6` or `Z3`.
    pub organisation_type: String,
    /// The care professional on whose responsibility the system asks. Default: none; then consent cannot be asked
    /// for, so the system gets no data.
    #[serde(default)]
    pub responsible: Option<ResponsibleConfig>,
}

/// The care professional on whose responsibility a system asks: told to Mitz and to holders, and in the audit log.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ResponsibleConfig {
    /// Dezi or UZI number.
    pub number: String,
    /// Role code (`RoleCodeNL`), for example `01.015`.
    pub role: String,
    /// Name as it is recorded.
    pub name: String,
}

/// A token bucket for each user of each client.
#[derive(Debug, Clone, Copy, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RateConfig {
    /// Requests at once. Default: 30.
    pub burst: u32,
    /// Requests a minute in the long run. Default: 60.
    pub per_minute: u32,
}

impl Default for RateConfig {
    fn default() -> Self {
        RateConfig {
            burst: 30,
            per_minute: 60,
        }
    }
}
