//! What an operator sets about access. There is no key that lets anyone in without a login.

use std::path::PathBuf;

use samenhang_gather::query::DeclarationForm;
use samenhang_profiles::Ura;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::access::error::AccessError;

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
    /// Tokens that another authorisation server issues, each bound to one patient. Default: none are taken.
    pub patient_tokens: Option<PatientTokensConfig>,
    /// The record systems that may start the viewer with a patient. Default: none.
    pub ehrs: Vec<EhrConfig>,
    /// How often one user of one client may ask.
    pub rate: RateConfig,
}

/// A record system that starts the viewer with a patient (SMART App Launch 2, EHR launch). It says which patient; who asks
/// is for Dezi to say.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EhrConfig {
    /// Address of its FHIR service, exactly as it names itself in `iss`.
    pub issuer: String,
    /// The id under which this server is registered there.
    pub client_id: String,
    /// File with the private key (P-384, PKCS#8 PEM) with which we prove ourselves there (`private_key_jwt`, ES384).
    pub key_file: PathBuf,
    /// Id of that key in our key set.
    pub key_id: String,
    /// Addresses below which its own description may put its endpoints and keys. Default: the origin of `issuer`.
    #[serde(default)]
    pub endpoints: Vec<String>,
    /// Scopes that are asked for. Default: `launch`, `openid`, `fhirUser`, `patient/Patient.r`.
    #[serde(default = "launch_scopes")]
    pub scopes: Vec<String>,
    /// What its launches are for: `TREAT` or `COC`. Default: `TREAT`.
    #[serde(default = "treatment")]
    pub purpose: String,
    /// Origins of its pages that may show ours in a frame: `https://ehr.example`. Default: none.
    #[serde(default)]
    pub frame_origins: Vec<String>,
}

fn launch_scopes() -> Vec<String> {
    ["launch", "openid", "fhirUser", "patient/Patient.r"]
        .map(str::to_owned)
        .to_vec()
}

fn treatment() -> String {
    "TREAT".to_owned()
}

/// The origins of all record systems that may show our pages in a frame.
pub(super) fn frame_origins(ehrs: &[EhrConfig]) -> Result<Vec<String>, AccessError> {
    let mut origins: Vec<String> = Vec::new();
    for origin in ehrs.iter().flat_map(|ehr| &ehr.frame_origins) {
        // It becomes part of a header: an origin and nothing more.
        let is_origin = url::Url::parse(origin).is_ok_and(|url| {
            matches!(url.scheme(), "https" | "http") && url.origin().ascii_serialization() == *origin
        });
        if !is_origin {
            return Err(AccessError::Setting {
                key: "access.ehrs.frame_origins",
                reason: "an origin is a scheme, a host and perhaps a port",
            });
        }
        if !origins.contains(origin) {
            origins.push(origin.clone());
        }
    }
    Ok(origins)
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
    /// Forms of Dezi's statement that are accepted: `v0.7`, `2024`. Default: `v0.7` only.
    #[serde(default = "current_form")]
    pub accept: Vec<DeclarationForm>,
    /// How the form of 2024 is read. Needed when it is accepted: the public sources leave it open.
    #[serde(default)]
    pub form_2024: Option<Form2024Config>,
}

/// How a statement of 2024 is read. What the public sources leave open is chosen here, and refused where it is not.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Form2024Config {
    /// Where the key is with which Dezi signed.
    pub key: KeyPlace,
    /// Certificates (PEM) of the authorities to which the chain in the statement must lead. Needed with
    /// `certificate-chain`, refused without.
    #[serde(default)]
    pub anchors_file: Option<PathBuf>,
    /// What holds when a statement names no address for its status. Default: `refuse`.
    #[serde(default)]
    pub without_status: WithoutStatus,
    /// Role codes in order of preference, for a statement that gives several for our organisation. Default: none; such
    /// a statement is refused.
    #[serde(default)]
    pub roles: Vec<String>,
}

/// Where the key of a statement of 2024 is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum KeyPlace {
    /// In Dezi's own key set (the first of `key_addresses`), under the `kid` of the header.
    IssuerKeys,
    /// In the certificate that the statement itself brings (claim `x5c`), which must lead to a configured authority.
    CertificateChain,
}

/// What holds when a statement cannot be withdrawn.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum WithoutStatus {
    /// Nobody logs in with it.
    #[default]
    Refuse,
    /// It is accepted until it expires; the session ends after 15 minutes as always, and is not checked in between.
    Accept,
}

fn current_form() -> Vec<DeclarationForm> {
    vec![DeclarationForm::V07]
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

/// An authorisation server whose tokens are bound to a patient, as those of MedMij and of a SMART launch are. It is asked
/// about each token (RFC 7662), and answers with the number of the patient in `patient_bsn`.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PatientTokensConfig {
    /// The server, as it names itself (`iss`); also the audience of our assertion.
    pub issuer: String,
    /// Address where it is asked about a token.
    pub introspection_url: String,
    /// The id under which we are known there.
    pub client_id: String,
    /// File with the private key (P-384, PKCS#8 PEM) with which we prove ourselves there.
    pub key_file: PathBuf,
    /// Id of that key in our key set.
    pub key_id: String,
    /// Audiences of which a token must have one. Default: the address of this server, and that of its FHIR services.
    #[serde(default)]
    pub audiences: Vec<String>,
    /// Seconds that an answer about a token is kept; 0 asks each time. At most 300. Default: 30.
    #[serde(default = "half_a_minute")]
    pub keep_s: u32,
    /// The clients whose tokens are taken.
    pub clients: Vec<BoundClientConfig>,
}

fn half_a_minute() -> u32 {
    30
}

/// A client that asks with tokens of patients.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BoundClientConfig {
    /// The id under which the authorisation server knows it.
    pub client_id: String,
    /// URA of the organisation for which it asks.
    #[schemars(with = "String")]
    pub organisation: Ura,
    /// Name of that organisation.
    pub organisation_name: String,
    /// Type of that organisation, for example `V6` or `Z3`.
    pub organisation_type: String,
    /// The care professional on whose responsibility it asks. Default: none; then consent cannot be asked for, so it
    /// gets no data.
    #[serde(default)]
    pub responsible: Option<ResponsibleConfig>,
    /// Whether patients themselves use it, as they do a PGO or a portal. Default: no, professionals do.
    #[serde(default)]
    pub used_by_patients: bool,
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
