//! What an operator configures of the outbound calls: where the national services are, who we are, how we go out.
//!
//! Unknown fields are refused, so that a misspelt limit cannot silently be absent. Secrets are named by file, never
//! written here. Every field says its unit and its default; `samenhang config schema` prints them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use ipnet::IpNet;
use samenhang_profiles::Ura;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

mod services;

pub use services::{
    ConsentConfig, DirectoryConfig, IndexServices, LocaliserConfig, MitzConfig, NationalConfig, NviConfig,
    NviInterface, OAuthConfig, Partner, PrsConfig, RegistrationConfig,
};

/// The wire generation of the generic functions (section 0.1). The two do not understand each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Generation {
    /// The test field of 2025/26: signed client assertion, `epd:read`, recipient by URA.
    B,
    /// Current: mutual TLS with an OIN certificate, `nvi:localize`, recipient by OIN.
    #[default]
    C,
}

/// Who we are in every call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OwnOrganisation {
    /// Our URA: one to eight digits. Never asked as a holder.
    #[schemars(with = "String")]
    pub ura: Ura,
    /// Our name.
    pub name: String,
    /// Our type of organisation (OID 2.16.840.1.113883.2.4.15.1060), for example `V6` or `Z3`.
    pub organisation_type: String,
    /// Our organisation identification number: 20 characters.
    pub oin: String,
    /// The id of this system, as it is registered at the referral index.
    pub source_id: String,
}

/// What the certificate of a holder's server must state about whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum HolderCertificates {
    /// Nothing: any certificate that the authorities vouch for.
    Any,
    /// The holder's URA, when it states a URA at all.
    #[default]
    WhenStated,
    /// The holder's URA.
    Required,
}

/// How calls leave this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct EgressConfig {
    /// File with the certificate authorities (PEM) that other parties are trusted by. None: no TLS peer is trusted.
    pub ca_file: Option<PathBuf>,
    /// File with our client certificate and its chain (PEM).
    pub client_certificate_file: Option<PathBuf>,
    /// File with the private key (PEM) of the client certificate.
    pub client_key_file: Option<PathBuf>,
    /// Seconds after which these three files are read again, so that a renewed certificate is used without a restart;
    /// 0 for never. Default: 60.
    pub reload_seconds: u64,
    /// What the certificate of a holder must state: `any`, `when-stated` or `required`. A URA that is stated must be
    /// the holder's, or one of `hosted_by`. Default: `when-stated`.
    pub holder_certificates: HolderCertificates,
    /// Organisations (URA) whose certificates may stand for that of a holder (URA): those that host it. Default: none.
    #[schemars(with = "BTreeMap<String, Vec<String>>")]
    pub hosted_by: BTreeMap<Ura, Vec<Ura>>,
    /// Private networks (CIDR) that calls may go to. Default: none, public addresses only. Loopback, link-local and
    /// private ranges need a mention here; metadata, multicast and unspecified addresses are refused always.
    #[schemars(with = "Vec<String>")]
    pub allowed_networks: Vec<IpNet>,
    /// Allow `http:` to a loopback address, for a test country on this machine. Default: false.
    pub allow_plain_http: bool,
    /// Bytes of one answer, after decompression. Default: 10 MiB.
    pub max_answer_bytes: usize,
    /// Bytes of all headers of one answer. Default: 32 KiB.
    pub max_header_bytes: usize,
    /// Number of headers of one answer. Default: 100.
    pub max_headers: usize,
    /// How often larger a decompressed answer may be than what was sent. Default: 100.
    pub max_inflation: usize,
    /// Bytes per second that an answer must deliver after its grace. Default: 1024.
    pub min_bytes_per_second: usize,
    /// Milliseconds before the minimum throughput holds, and over which it is measured. Default: 2000.
    pub throughput_grace_ms: u64,
    /// Milliseconds to resolve a name, connect and agree on TLS. Default: 3000.
    pub connect_timeout_ms: u64,
    /// Milliseconds that one call may take, whatever the deadline of its question. Default: 60000.
    pub call_timeout_ms: u64,
}

impl Default for EgressConfig {
    fn default() -> Self {
        EgressConfig {
            ca_file: None,
            client_certificate_file: None,
            client_key_file: None,
            reload_seconds: 60,
            holder_certificates: HolderCertificates::default(),
            hosted_by: BTreeMap::new(),
            allowed_networks: Vec::new(),
            allow_plain_http: false,
            max_answer_bytes: 10 << 20,
            max_header_bytes: 32 << 10,
            max_headers: 100,
            max_inflation: 100,
            min_bytes_per_second: 1024,
            throughput_grace_ms: 2000,
            connect_timeout_ms: 3000,
            call_timeout_ms: 60_000,
        }
    }
}

impl EgressConfig {
    /// For a test country on this machine: loopback, and `http:` where the peer has no TLS.
    #[must_use]
    pub fn loopback() -> Self {
        EgressConfig {
            allowed_networks: vec![
                IpNet::from(ipnet::Ipv4Net::new_assert(
                    std::net::Ipv4Addr::new(127, 0, 0, 0),
                    8,
                )),
                IpNet::from(ipnet::Ipv6Net::new_assert(std::net::Ipv6Addr::LOCALHOST, 128)),
            ],
            allow_plain_http: true,
            ..EgressConfig::default()
        }
    }
}

#[cfg(test)]
mod tests;
