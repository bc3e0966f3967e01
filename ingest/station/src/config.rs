//! How a station is set up: where it keeps what, and the policy for each source.

use std::path::{Path, PathBuf};

use samenhang_profiles::Ura;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::StationError;
use crate::message::Format;
use crate::source::SourceId;

/// The setup of a station. Relative paths are relative to the folder of the station.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// `sqlite:FILE`, or `postgres://...` where the binary was built for it.
    #[serde(default = "default_database")]
    pub database: String,
    /// A folder, or `s3://BUCKET/PREFIX` where the binary was built for it.
    #[serde(default = "default_objects")]
    pub objects: String,
    /// Threads that read, map and validate.
    #[serde(default = "default_workers")]
    pub workers: usize,
    /// How the S3-compatible store of `objects` is reached.
    #[serde(default, skip_serializing_if = "S3::is_as_usual")]
    pub s3: S3,
    /// The sources.
    #[serde(default, rename = "source")]
    pub sources: Vec<SourceConfig>,
    /// The folder of the station.
    #[serde(skip)]
    pub folder: PathBuf,
}

/// How an S3-compatible store is reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct S3 {
    /// Address of the service, where it is not Amazon's: `https://...`; `http://` only on this machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// Region; without it from `AWS_REGION`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// File with the access key and the secret on a line each, readable for the owner only; without it from
    /// `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`, or what the machine or the pod is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credentials_file: Option<PathBuf>,
    /// Whether the bucket is part of the host name.
    pub virtual_hosted_style: bool,
    /// How long one call may take, repetitions included, in seconds.
    pub patience_seconds: u64,
}

impl S3 {
    fn is_as_usual(&self) -> bool {
        *self == S3::default()
    }
}

impl Default for S3 {
    fn default() -> Self {
        S3 {
            endpoint: None,
            region: None,
            credentials_file: None,
            virtual_hosted_style: false,
            patience_seconds: 60,
        }
    }
}

/// What is done with a resource that validation finds errors in. What is fatal (not readable, identity in doubt) is
/// always held in quarantine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OnError {
    /// It is kept and not served.
    #[default]
    Store,
    /// It is served; the verdict is kept beside it.
    Serve,
    /// Its whole unit of work is held in quarantine.
    Quarantine,
}

/// The setup of one source.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SourceConfig {
    /// Its name in the station: 1 to 40 small letters, digits and hyphens.
    #[schemars(with = "String")]
    pub id: SourceId,
    /// The care provider whose data it is: the number of one to eight digits.
    #[schemars(with = "String")]
    pub ura: Ura,
    /// File with its secret of 32 bytes, readable for the owner only.
    pub key_file: PathBuf,
    /// How its messages are written unless a message says otherwise.
    #[serde(default = "default_format")]
    pub format: Format,
    /// The map pack for messages of `format`: a folder, or the name of one that the binary carries. Without it the
    /// binary's own for that format; there is none for CSV.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pack: Option<String>,
    /// Most rows of one delivery of files with rows, all files together.
    #[serde(default = "default_rows")]
    pub max_rows: usize,
    /// Gate: what is done about errors.
    #[serde(default)]
    pub on_error: OnError,
    /// Whether a patient without a BSN is held in quarantine.
    #[serde(default = "yes")]
    pub bsn_required: bool,
    /// Most bytes of one message.
    #[serde(default = "default_message_bytes")]
    pub max_message_bytes: usize,
    /// Most bytes that may wait to be worked on; beyond, the sender is asked to come back.
    #[serde(default = "default_waiting_bytes")]
    pub max_waiting_bytes: u64,
    /// Most bytes of messages that are kept altogether.
    #[serde(default = "default_total_bytes")]
    pub max_total_bytes: u64,
    /// After how many days a message that was worked on and published may go; without it messages are kept. Resources and
    /// their versions stay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep_messages_days: Option<u32>,
    /// The score of the quality report, 0 to 100, from which on patients are registered at the referral index; without it
    /// they are, whatever the score.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub register_from_score: Option<u8>,
    /// A complete load that would delete more than this part of what the source has is held in quarantine.
    #[serde(default = "default_mass_delete")]
    pub mass_delete_percent: u8,
}

fn default_database() -> String {
    "sqlite:station.db".to_owned()
}

fn default_objects() -> String {
    "objects".to_owned()
}

fn default_workers() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn default_format() -> Format {
    Format::FhirR4
}

fn yes() -> bool {
    true
}

fn default_message_bytes() -> usize {
    10 << 20
}

fn default_rows() -> usize {
    1_000_000
}

fn default_waiting_bytes() -> u64 {
    1 << 30
}

fn default_total_bytes() -> u64 {
    1 << 40
}

fn default_mass_delete() -> u8 {
    5
}

impl Default for Config {
    fn default() -> Self {
        Config {
            database: default_database(),
            objects: default_objects(),
            workers: default_workers(),
            s3: S3::default(),
            sources: Vec::new(),
            folder: PathBuf::new(),
        }
    }
}

impl SourceConfig {
    /// A source with the usual policy and limits.
    #[must_use]
    pub fn new(id: SourceId, ura: Ura) -> Self {
        SourceConfig {
            key_file: PathBuf::from(format!("keys/{id}.key")),
            id,
            ura,
            format: default_format(),
            pack: None,
            max_rows: default_rows(),
            on_error: OnError::default(),
            bsn_required: true,
            max_message_bytes: default_message_bytes(),
            max_waiting_bytes: default_waiting_bytes(),
            max_total_bytes: default_total_bytes(),
            keep_messages_days: None,
            register_from_score: None,
            mass_delete_percent: default_mass_delete(),
        }
    }
}

impl Config {
    /// Reads a configuration.
    ///
    /// # Errors
    /// [`StationError::Config`] when it is no TOML of this form, or names a source twice.
    pub fn read(text: &str, folder: &Path) -> Result<Self, StationError> {
        let mut config: Config =
            toml::from_str(text).map_err(|error| StationError::Config(error.message().to_owned()))?;
        folder.clone_into(&mut config.folder);
        for (at, source) in config.sources.iter().enumerate() {
            if source.register_from_score.is_some_and(|score| score > 100) {
                return Err(StationError::Config(format!(
                    "`register_from_score` of the source {} is more than 100",
                    source.id
                )));
            }
            if source.format == Format::Csv && source.pack.is_none() {
                return Err(StationError::Config(format!(
                    "the source {} sends CSV and has no `pack`: no map of the binary reads it",
                    source.id
                )));
            }
            if source.format == Format::CsvPart {
                return Err(StationError::Config(format!(
                    "the source {} sends no `csv-part`: that is what the station makes of `csv`",
                    source.id
                )));
            }
            if config.sources[..at].iter().any(|other| other.id == source.id) {
                return Err(StationError::Config(format!(
                    "the source {} is there twice",
                    source.id
                )));
            }
        }
        Ok(config)
    }

    /// The configuration as TOML.
    ///
    /// # Errors
    /// [`StationError::Config`] when a path is no text.
    pub fn write(&self) -> Result<String, StationError> {
        toml::to_string(self).map_err(|error| StationError::Config(error.to_string()))
    }

    /// A path of the station.
    #[must_use]
    pub fn path(&self, path: &Path) -> PathBuf {
        self.folder.join(path)
    }
}
