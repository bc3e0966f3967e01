//! `samenhang station`: sets up a datastation, feeds it, and looks after what it holds.
//!
//! A station is a folder with `station.toml`. The number of a patient is never an argument, which other users of a
//! machine could see: it is read from standard input.

mod feed;
mod keep;
mod setup;
mod upkeep;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, Subcommand, ValueEnum};
use samenhang_station::lift::ByFormat;
use samenhang_station::surroundings::System;
use samenhang_station::{Config, Format, Scope, SourceId, Station, StationError};

use super::{Failure, output};
use crate::station::packs::lift;

/// Name of the configuration in the folder of a station.
const FILE: &str = "station.toml";

#[derive(Subcommand)]
pub(super) enum StationCommand {
    /// Make a new station: a folder with its configuration.
    #[command(
        after_help = "Example:\n  samenhang station init --folder ./station\n  samenhang station add-source \
        --folder ./station --ura 00000001 umc\n  samenhang station ingest --folder ./station --source umc bundle.json"
    )]
    Init(FolderArgs),
    /// Add a source, with a key of its own.
    AddSource {
        #[command(flatten)]
        folder: FolderArgs,
        /// The care provider whose data it is.
        #[arg(long)]
        ura: String,
        /// Name of the source: small letters, digits and hyphens.
        source: SourceId,
    },
    /// Take messages from files: each is on disk before it is acknowledged, and then worked on. Exit status 1 when some
    /// are held in quarantine.
    Ingest {
        #[command(flatten)]
        of: SourceArgs,
        /// How they are written. Without it: as the configuration says of the source.
        #[arg(long, value_enum)]
        format: Option<FormatArg>,
        /// The messages. The name of a file is the sender's name for the message. Files with rows are one delivery, whose
        /// name are those of its files.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Answer as a FHIR source in R4 and STU3, work on what waits, and register for whom there is data; until told to
    /// stop. Who may read, and where is registered, is in `service.toml` beside `station.toml`.
    Serve {
        #[command(flatten)]
        folder: FolderArgs,
        /// Serve whoever reaches this machine's own address, without login and audit, and register nowhere: for trying
        /// out, or behind what has all of that. Refused when there is a `service.toml`.
        #[arg(long)]
        without_login: bool,
        /// With --without-login: port on 127.0.0.1; 0 lets the system choose.
        #[arg(long, default_value_t = 0, requires = "without_login")]
        port: u16,
    },
    /// Register what is due at the referral index, once. Exit status 1 when some was not taken.
    Publish {
        #[command(flatten)]
        folder: FolderArgs,
        /// Also what was registered before, for an index that lost it.
        #[arg(long)]
        again: bool,
    },
    /// Print the JSON schema of a configuration: every key with its unit and default.
    Schema {
        /// Of which file in the folder of a station.
        #[arg(value_enum, default_value_t = SetupFile::Service)]
        file: SetupFile,
    },
    /// Check `station.toml` with its packs and keys, and `service.toml` when it is there; nothing is opened. Exit status 2 when
    /// something is wrong.
    Check(FolderArgs),
    /// Say how each source stands: messages, resources, quarantine, outbox.
    Status(FolderArgs),
    /// Report the quality of what a source sent: counts and rules, no data of patients.
    #[command(after_help = "Example:\n  samenhang station quality --source umc --format html > umc.html")]
    Quality {
        #[command(flatten)]
        of: SourceArgs,
        /// How the report is written.
        #[arg(long, value_enum, default_value_t = ReportFormat::Json)]
        format: ReportFormat,
    },
    /// Look after what is held.
    #[command(subcommand)]
    Quarantine(QuarantineCommand),
    /// Erase everything about a patient, whose number is read from standard input; prints the receipt.
    #[command(
        after_help = "Example:\n  samenhang station erase --source umc --by 'privacy officer' --reason 'art. 17' < number.txt"
    )]
    Erase {
        #[command(flatten)]
        of: SourceArgs,
        /// Who asks.
        #[arg(long)]
        by: String,
        /// On which ground.
        #[arg(long)]
        reason: String,
    },
    /// Turn the kill switch of a source on. Works also while another process has the station open.
    Stop {
        #[command(flatten)]
        of: SourceArgs,
        /// Why.
        #[arg(long)]
        reason: String,
    },
    /// Turn the kill switch of a source off.
    Resume(SourceArgs),
    /// Let messages go that were worked on and published, and are older than `keep_messages_days` of the source. What waits or
    /// is held stays, and so do resources and their versions.
    #[command(
        after_help = "Example, once a day:\n  samenhang station expire --folder ./station --source umc"
    )]
    Expire(SourceArgs),
    /// Replace the key of a source: put a new one in its key file, seal everything anew, and destroy the old one. What was
    /// cut off goes on when it is run again. Copy the key file to its safe place afterwards.
    #[command(after_help = "Example:\n  samenhang station rotate-key --folder ./station --source umc")]
    RotateKey(SourceArgs),
    /// Check that database and objects agree, and every byte against its hash. Exit status 1 when something is damaged.
    Fsck(FolderArgs),
}

#[derive(Subcommand)]
pub(super) enum QuarantineCommand {
    /// List the problems that hold messages, most messages first.
    List(SourceArgs),
    /// Print a message that is held, to make a test case of. It holds patient data.
    Show {
        #[command(flatten)]
        of: SourceArgs,
        /// Number of the message.
        message: i64,
    },
    /// Work again on what a problem holds, by the maps and rules of now. Exit status 1 when some are held again.
    Replay {
        #[command(flatten)]
        of: SourceArgs,
        /// Change nothing: only say what would come of it.
        #[arg(long)]
        dry_run: bool,
        /// The problem.
        fingerprint: String,
    },
    /// Let through what a problem holds. Never for identity.
    Waive {
        #[command(flatten)]
        of: SourceArgs,
        /// Who decides.
        #[arg(long)]
        by: String,
        /// Why.
        #[arg(long)]
        reason: String,
        /// Until when, for example `2026-12-31T00:00:00Z`.
        #[arg(long)]
        until: jiff::Timestamp,
        /// The problem.
        fingerprint: String,
    },
    /// Give up the messages that a problem holds.
    Discard {
        #[command(flatten)]
        of: SourceArgs,
        /// Who decides.
        #[arg(long)]
        by: String,
        /// Why.
        #[arg(long)]
        reason: String,
        /// The problem.
        fingerprint: String,
    },
}

#[derive(Args)]
pub(super) struct FolderArgs {
    /// Folder of the station.
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    folder: PathBuf,
}

#[derive(Args)]
pub(super) struct SourceArgs {
    #[command(flatten)]
    folder: FolderArgs,
    /// The source.
    #[arg(long)]
    source: SourceId,
}

/// How a quality report is written.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum ReportFormat {
    /// One line of JSON.
    Json,
    /// A `MeasureReport` of FHIR R4.
    Fhir,
    /// A page in Dutch and English.
    Html,
}

/// A file in the folder of a station.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum SetupFile {
    /// `service.toml`: how the station is reached and whom it calls.
    Service,
    /// `station.toml`: where it keeps what, and its sources.
    Station,
}

/// Formats as they are named on the command line.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum FormatArg {
    /// FHIR R4 in JSON.
    FhirR4,
    /// FHIR STU3 in JSON or XML, profiles of zib2017.
    FhirStu3,
    /// HL7 CDA R2, laboratory reports 3.0.0.
    Cda,
    /// HL7 version 2.
    Hl7v2,
    /// Files with rows, each with a header: all that are named, in one delivery. The source has a `pack`.
    Csv,
    /// Everything that the source has, one `Type/id` a line: what is not in it was deleted.
    Manifest,
    /// What the source deleted, one `Type/id` a line.
    Deletions,
}

impl From<FormatArg> for Format {
    fn from(format: FormatArg) -> Self {
        match format {
            FormatArg::FhirR4 => Format::FhirR4,
            FormatArg::FhirStu3 => Format::FhirStu3,
            FormatArg::Cda => Format::Cda,
            FormatArg::Hl7v2 => Format::Hl7v2,
            FormatArg::Csv => Format::Csv,
            FormatArg::Manifest => Format::Manifest,
            FormatArg::Deletions => Format::Deletions,
        }
    }
}

/// Runs a command; the exit status, or why it failed.
pub(super) async fn run(command: StationCommand) -> Result<u8, Failure> {
    match command {
        StationCommand::Init(folder) => setup::init(&folder.folder),
        StationCommand::AddSource { folder, ura, source } => setup::add_source(&folder.folder, source, &ura),
        StationCommand::Ingest { of, format, files } => feed::ingest(of, format, &files).await,
        StationCommand::Serve {
            folder,
            without_login,
            port,
        } => keep::serve(&folder.folder, port, without_login).await,
        StationCommand::Publish { folder, again } => keep::publish(&folder.folder, again).await,
        StationCommand::Schema { file } => setup::schema(file),
        StationCommand::Check(folder) => setup::check(&folder.folder),
        StationCommand::Quality { of, format } => keep::quality(of, format).await,
        StationCommand::Status(folder) => keep::status(&folder.folder).await,
        StationCommand::Quarantine(command) => feed::quarantine(command).await,
        StationCommand::Erase { of, by, reason } => keep::erase(of, &by, &reason).await,
        StationCommand::Stop { of, reason } => keep::switch(of, Some(&reason)).await,
        StationCommand::Resume(of) => keep::switch(of, None).await,
        StationCommand::Expire(of) => upkeep::expire(of).await,
        StationCommand::RotateKey(of) => upkeep::rotate_key(of).await,
        StationCommand::Fsck(folder) => keep::fsck(&folder.folder).await,
    }
}

/// Reads the configuration of a station.
fn load(folder: &Path) -> Result<Config, Failure> {
    let file = folder.join(FILE);
    let text = std::fs::read_to_string(&file).map_err(|_| {
        Failure::misuse(format!("there is no station in {}", folder.display()))
            .hint("make one with `samenhang station init --folder FOLDER`")
    })?;
    Config::read(&text, folder).map_err(|error| failed(&error))
}

/// The packs of the binary and of the sources.
fn packs(config: &Config) -> Result<ByFormat, Failure> {
    lift(config).map_err(|error| {
        Failure::misuse(format!("{}: {error}", error.code()))
            .hint("`pack` of the source is a folder, or the name of a pack of this program")
    })
}

/// Opens a station, and takes up what a crash cut off.
async fn open(config: &Config) -> Result<Station, Failure> {
    let lift = packs(config)?;
    let station = Box::pin(Station::open(config, Arc::new(lift), Arc::new(System)))
        .await
        .map_err(|error| failed(&error))?;
    for source in &config.sources {
        let scope = scope(&station, &source.id)?;
        Box::pin(station.resume_erasures(&scope))
            .await
            .map_err(|error| failed(&error))?;
    }
    Ok(station)
}

fn scope(station: &Station, source: &SourceId) -> Result<Scope, Failure> {
    station.scope(source).map_err(|error| failed(&error))
}

fn print(value: &impl serde::Serialize) -> Result<(), Failure> {
    output::write_line(value)
        .map_err(|error| Failure::finding(format!("failed to write the result: {error}")))
}

fn failed(error: &StationError) -> Failure {
    let code = error.code();
    let failure = match error {
        StationError::Config(_) | StationError::UnknownSource => Failure::misuse(format!("{code}: {error}")),
        _ => Failure::finding(format!("{code}: {error}")),
    };
    failure.hint(format!("see {code} in the error catalogue"))
}
