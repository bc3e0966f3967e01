//! Keys and credentials with which we ask holders for tokens.

use std::fs;
use std::path::{Path, PathBuf};

use jsonwebtoken::EncodingKey;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::client_key::ClientKey;

/// How we ask the authorisation servers of holders for tokens.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AuthorisationConfig {
    /// For servers of type `oauth-nuts` and `oauth2-fapi2`. Default: none, such holders are reported as refused.
    pub nuts: Option<NutsConfig>,
    /// For servers of type `oauth2`. Default: none, such holders are reported as refused.
    pub smart: Option<SmartConfig>,
}

/// Nuts RFC021 and GFI-004: a decentralised identifier and what is said about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NutsConfig {
    /// Our DID, for example `did:web:node.example:iam:west`.
    pub did: String,
    /// `client_id` of token requests. Default: the DID.
    #[serde(default)]
    pub client_id: Option<String>,
    /// File with the private key (P-256, PKCS#8 PEM) that signs presentations.
    pub key_file: PathBuf,
    /// Id of that key in the DID document.
    pub key_id: String,
    /// File with our `X509Credential` (a JWT).
    pub credential_file: PathBuf,
    /// Scope. Default: `360-graden`.
    #[serde(default = "nuts_scope")]
    pub scope: String,
    /// Whether tokens of `oauth-nuts` servers are bound to a key of ours (RFC 9449). Those of `oauth2-fapi2` servers
    /// always are, or to the client certificate. Default: `when-offered`.
    #[serde(default)]
    pub dpop: DpopUse,
}

/// When a token is bound to a key of ours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DpopUse {
    /// When the server says that it can.
    #[default]
    WhenOffered,
    /// Never: for holders whose server offers it while their source takes bearer tokens only.
    Never,
}

/// SMART Backend Services.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SmartConfig {
    /// Our client id.
    pub client_id: String,
    /// File with the private key (P-384, PKCS#8 PEM) that signs assertions.
    pub key_file: PathBuf,
    /// Id of that key in our key set.
    pub key_id: String,
    /// Scope. Default: `system/*.read`.
    #[serde(default = "smart_scope")]
    pub scope: String,
}

fn nuts_scope() -> String {
    "360-graden".to_owned()
}

fn smart_scope() -> String {
    "system/*.read".to_owned()
}

/// Why keys cannot be used. Names the file, never its content.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// A file cannot be read.
    #[error("failed to read {file}: {source}")]
    File {
        /// Which file.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Text is not a private key of the expected kind.
    #[error("the {0} is not a private key on a curve in PKCS#8 PEM")]
    Key(&'static str),
}

/// Keys for Nuts RFC021 and GFI-004. Holds a private key: no `Debug`.
pub struct NutsKeys {
    pub(super) did: String,
    pub(super) client_id: String,
    pub(super) key: EncodingKey,
    pub(super) key_id: String,
    pub(super) credential: String,
    pub(super) scope: String,
    pub(super) dpop: DpopUse,
}

/// Keys for SMART Backend Services. Holds a private key: no `Debug`.
pub struct SmartKeys {
    pub(super) key: ClientKey,
    pub(super) scope: String,
}

/// The keys of all protocols.
#[derive(Default)]
pub struct ClientKeys {
    /// Nuts RFC021 and GFI-004.
    pub nuts: Option<NutsKeys>,
    /// SMART Backend Services.
    pub smart: Option<SmartKeys>,
}

impl NutsKeys {
    /// Keys from texts; the scope is the default one.
    ///
    /// # Errors
    /// [`KeyError::Key`].
    pub fn new(did: &str, key_pem: &str, key_id: &str, credential: &str) -> Result<Self, KeyError> {
        let key =
            EncodingKey::from_ec_pem(key_pem.as_bytes()).map_err(|_| KeyError::Key("presentation key"))?;
        Ok(NutsKeys {
            did: did.to_owned(),
            client_id: did.to_owned(),
            key,
            key_id: key_id.to_owned(),
            credential: credential.trim().to_owned(),
            scope: nuts_scope(),
            dpop: DpopUse::default(),
        })
    }
}

impl SmartKeys {
    /// Keys from texts; the scope is the default one.
    ///
    /// # Errors
    /// [`KeyError::Key`].
    pub fn new(client_id: &str, key_pem: &str, key_id: &str) -> Result<Self, KeyError> {
        Ok(SmartKeys {
            key: ClientKey::new(client_id, key_pem.as_bytes(), key_id)?,
            scope: smart_scope(),
        })
    }
}

impl AuthorisationConfig {
    /// Reads the files.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn load(&self) -> Result<ClientKeys, KeyError> {
        let nuts = self.nuts.as_ref().map(|config| {
            let credential = read(&config.credential_file)?;
            let mut keys = NutsKeys::new(&config.did, &read(&config.key_file)?, &config.key_id, &credential)?;
            keys.scope.clone_from(&config.scope);
            keys.dpop = config.dpop;
            if let Some(client_id) = &config.client_id {
                keys.client_id.clone_from(client_id);
            }
            Ok::<_, KeyError>(keys)
        });
        let smart = self.smart.as_ref().map(|config| {
            let mut keys = SmartKeys::new(&config.client_id, &read(&config.key_file)?, &config.key_id)?;
            keys.scope.clone_from(&config.scope);
            Ok::<_, KeyError>(keys)
        });
        Ok(ClientKeys {
            nuts: nuts.transpose()?,
            smart: smart.transpose()?,
        })
    }
}

fn read(file: &Path) -> Result<Zeroizing<String>, KeyError> {
    fs::read_to_string(file)
        .map(Zeroizing::new)
        .map_err(|source| KeyError::File {
            file: file.to_owned(),
            source,
        })
}
