//! The national services: OAuth server, pseudonym service, referral index, directory, Mitz, and further localisers.

use std::collections::BTreeMap;
use std::path::PathBuf;

use samenhang_profiles::Ura;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Generation;

/// The national services.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NationalConfig {
    /// Wire generation, `b` or `c`. Default: `c`.
    #[serde(default)]
    pub generation: Generation,
    /// The OAuth server of the generic functions.
    pub oauth: OAuthConfig,
    /// The pseudonym service (PRS).
    pub prs: PrsConfig,
    /// The referral index (NVI).
    pub nvi: NviConfig,
    /// The directory (LRZa).
    pub directory: DirectoryConfig,
    /// The consent service (Mitz).
    pub mitz: MitzConfig,
    /// How we deal with consent decisions.
    #[serde(default)]
    pub consent: ConsentConfig,
    /// Further localisers, beside the NVI.
    #[serde(default)]
    pub localisers: LocaliserConfig,
}

/// The referral index with the pseudonym service and the OAuth server before it: what is needed to ask it, and to
/// register with it.
#[derive(Clone, Copy)]
pub struct IndexServices<'a> {
    /// Wire generation.
    pub generation: Generation,
    /// The OAuth server of the generic functions.
    pub oauth: &'a OAuthConfig,
    /// The pseudonym service (PRS).
    pub prs: &'a PrsConfig,
    /// The referral index (NVI).
    pub nvi: &'a NviConfig,
}

impl NationalConfig {
    /// Those that the referral index needs.
    #[must_use]
    pub fn index(&self) -> IndexServices<'_> {
        IndexServices {
            generation: self.generation,
            oauth: &self.oauth,
            prs: &self.prs,
            nvi: &self.nvi,
        }
    }
}

/// Where a holder registers for whom it has data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RegistrationConfig {
    /// Wire generation, `b` or `c`. Default: `c`.
    #[serde(default)]
    pub generation: Generation,
    /// The OAuth server of the generic functions.
    pub oauth: OAuthConfig,
    /// The pseudonym service (PRS).
    pub prs: PrsConfig,
    /// The referral index (NVI).
    pub nvi: NviConfig,
    /// What a source's device is called at the index, by the name of the source. Default: `organisation.source_id`, a
    /// hyphen and the name of the source.
    #[serde(default)]
    pub devices: BTreeMap<String, String>,
}

impl RegistrationConfig {
    /// Those that the referral index needs.
    #[must_use]
    pub fn index(&self) -> IndexServices<'_> {
        IndexServices {
            generation: self.generation,
            oauth: &self.oauth,
            prs: &self.prs,
            nvi: &self.nvi,
        }
    }
}

impl NviConfig {
    /// The audience of its token.
    #[must_use]
    pub fn audience(&self) -> String {
        self.audience.clone().unwrap_or_else(|| self.url.clone())
    }
}

/// The OAuth server of the generic functions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OAuthConfig {
    /// Address of the token endpoint.
    pub token_url: String,
    /// Generation B: file with the key (PEM) that signs the client assertion. Default: the key of the client
    /// certificate.
    #[serde(default)]
    pub assertion_key_file: Option<PathBuf>,
    /// Milliseconds that a token may take. Default: 3000.
    #[serde(default = "three_seconds")]
    pub timeout_ms: u64,
}

/// The pseudonym service (PRS).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PrsConfig {
    /// Base address, without `/oprf/eval`.
    pub url: String,
    /// The audience of its token. Default: `url`.
    #[serde(default)]
    pub audience: Option<String>,
    /// The organisation that the pseudonym is for. Default: the NVI's, `oin:00000099000000001000` in generation C
    /// and `ura:90000901` in B.
    #[serde(default)]
    pub recipient_organisation: Option<String>,
    /// The scope that the pseudonym is for. Default: `nvi` in generation C, `nationale-verwijsindex` in B.
    #[serde(default)]
    pub recipient_scope: Option<String>,
    /// Milliseconds that one call may take. Default: 2000.
    #[serde(default = "two_seconds")]
    pub timeout_ms: u64,
}

impl PrsConfig {
    /// The organisation that the pseudonym is for.
    #[must_use]
    pub fn recipient_organisation(&self, generation: Generation) -> &str {
        self.recipient_organisation
            .as_deref()
            .unwrap_or(match generation {
                Generation::B => "ura:90000901",
                Generation::C => "oin:00000099000000001000",
            })
    }

    /// The scope that the pseudonym is for.
    #[must_use]
    pub fn recipient_scope(&self, generation: Generation) -> &str {
        self.recipient_scope.as_deref().unwrap_or(match generation {
            Generation::B => "nationale-verwijsindex",
            Generation::C => "nvi",
        })
    }
}

/// Which interface of the referral index is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum NviInterface {
    /// `POST {url}/localize`, generation C only.
    #[default]
    Rest,
    /// `GET {url}/fhir/List`; the only one in generation B.
    Fhir,
}

/// The referral index (NVI).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NviConfig {
    /// Base address, without `/localize` or `/fhir`.
    pub url: String,
    /// Which interface is used. Default: `rest`; generation B always uses `fhir`.
    #[serde(default)]
    pub interface: NviInterface,
    /// The audience of its token. Default: `url`.
    #[serde(default)]
    pub audience: Option<String>,
    /// Milliseconds that one call may take. Default: 3000.
    #[serde(default = "three_seconds")]
    pub timeout_ms: u64,
}

/// The directory (LRZa), of which we keep a replica.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DirectoryConfig {
    /// Base address.
    pub url: String,
    /// File in which the replica and its watermark are kept. It holds no patient data. None: kept in memory only.
    #[serde(default)]
    pub replica_file: Option<PathBuf>,
    /// Seconds between two updates. Default: 900.
    #[serde(default = "quarter")]
    pub interval_s: u64,
    /// Seconds after which a replica that could not be updated is no longer used. Default: 86400.
    #[serde(default = "day")]
    pub max_age_s: u64,
    /// Pages of one type in one update. Default: 10000.
    #[serde(default = "many_pages")]
    pub max_pages: usize,
    /// Milliseconds that one page may take. Default: 30000.
    #[serde(default = "half_minute")]
    pub timeout_ms: u64,
    /// Milliseconds before a failed page is asked again; doubled each time, with jitter. Default: 1000.
    #[serde(default = "second")]
    pub backoff_ms: u64,
}

/// The consent service (Mitz).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MitzConfig {
    /// Base address, without `/geslotenautorisatievraag`.
    pub url: String,
    /// Milliseconds that one question may take. Default: 3000.
    #[serde(default = "three_seconds")]
    pub timeout_ms: u64,
    /// Ask for several data categories in one message. Default: true.
    #[serde(default = "yes")]
    pub several_actions: bool,
}

/// How we deal with consent decisions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ConsentConfig {
    /// Seconds that a decision holds. Default and most: 60.
    pub ttl_s: u64,
    /// Type of organisation per holder (URA), where the directory does not say it or says it ambiguously.
    #[schemars(with = "BTreeMap<String, String>")]
    pub organisation_types: BTreeMap<Ura, String>,
    /// Decisions that are kept at once. Default: 10000.
    pub max_kept: usize,
}

impl Default for ConsentConfig {
    fn default() -> Self {
        ConsentConfig {
            ttl_s: 60,
            organisation_types: BTreeMap::new(),
            max_kept: 10_000,
        }
    }
}

/// Further localisers, beside the NVI.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LocaliserConfig {
    /// Also ask Mitz who knows the patient (open question). Default: false.
    pub mitz_open_question: bool,
    /// File with `CareTeam` resources (a JSON array): the holders that take part in a patient's care.
    pub care_team_file: Option<PathBuf>,
    /// Holders with whom there is a standing legal basis to ask for every patient. Default: none.
    pub partners: Vec<Partner>,
}

/// A holder with whom there is a standing legal basis.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Partner {
    /// Its URA.
    #[schemars(with = "String")]
    pub ura: Ura,
    /// Why it may be asked for every patient: contract or law.
    pub basis: String,
}

fn second() -> u64 {
    1000
}

fn two_seconds() -> u64 {
    2000
}

fn three_seconds() -> u64 {
    3000
}

fn half_minute() -> u64 {
    30_000
}

fn quarter() -> u64 {
    900
}

fn day() -> u64 {
    86_400
}

fn many_pages() -> usize {
    10_000
}

fn yes() -> bool {
    true
}
