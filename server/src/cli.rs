//! The command line: what can be asked for, and what the exit status means.
//!
//! Exit status 0 is success, 1 a finding (an answer that could not be given, a broken audit chain, a wrong
//! configuration), 2 misuse of the command line. Results are JSON on stdout; everything else goes to stderr.

mod map;
mod maps;
pub mod output;
mod packages;
mod reconcile;
mod run;
mod station;
mod validate;
mod walk;

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use samenhang_testbed::source::option::HELP as SOURCE_HELP;

use self::validate::ValidateArgs;
use crate::releases::Releases;

/// One patient, one question: what is known? Finds the holders, respects the patient's choice, asks them all, and
/// returns one coherent set of zib/BgZ resources with a plain statement of what is missing.
#[derive(Parser)]
#[command(
    name = "samenhang",
    version,
    after_help = "Start here:\n  samenhang demo                       a simulated country and the server, on this machine only\n  \
        samenhang demo --answer 999990019    print the answer about one synthetic patient and end\n  \
        samenhang validate patient.json      judge a FHIR resource against its profiles\n\n\
        Exit status: 0 success, 1 a finding, 2 misuse. Results are JSON on stdout, logs go to stderr.",
    subcommand_required = true,
    arg_required_else_help = true
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run a simulated country and the server in one process on loopback, with synthetic patients.
    Demo(DemoArgs),
    /// Run the server.
    Serve(ServeArgs),
    /// Run the simulated country alone: national services and sources, on loopback.
    Testbed(TestbedArgs),
    Validate(ValidateArgs),
    Reconcile(reconcile::ReconcileArgs),
    /// Run, judge and test packs of maps, which make zib2020 of what sources send.
    #[command(subcommand)]
    Map(map::MapCommand),
    /// Check a configuration, or print its JSON schema.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Look after the audit log.
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Look after releases of licensed code systems.
    #[command(subcommand)]
    Terminology(TerminologyCommand),
    /// List, add and check FHIR packages.
    #[command(subcommand)]
    Packages(packages::PackagesCommand),
    /// Run a datastation: keep what sources send, hold what is unclear, serve the rest.
    #[command(subcommand)]
    Station(station::StationCommand),
}

#[derive(Args)]
#[command(
    after_help = "Examples:\n  samenhang demo\n  samenhang demo --answer 999990019 | jq '.entry | length'\n  \
    samenhang demo --source ura=00000001,name=A,fhir=r4,dir=./my-bundles --answer 999990019"
)]
struct DemoArgs {
    /// Print the reconciled Bundle about the patient with this BSN (test range) and end. Exit status 1 when there is
    /// no answer.
    #[arg(long, value_name = "BSN")]
    answer: Option<String>,
    /// Port of the server on 127.0.0.1; 0 lets the system choose.
    #[arg(long, default_value_t = 0)]
    port: u16,
    #[arg(long = "source", value_name = "SOURCE", help = SOURCE_HELP)]
    sources: Vec<String>,
    /// Access token that stands for a patient, as MedMij gives them: with it a search needs no number, and has none in
    /// its answer. Repeatable.
    #[arg(long = "token", value_name = "TOKEN:BSN")]
    tokens: Vec<String>,
}

#[derive(Args)]
struct ServeArgs {
    /// Configuration in TOML. Every key can be set as an environment variable: `SAMENHANG__AREA__KEY`.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

#[derive(Args)]
#[command(
    after_help = "Example:\n  samenhang testbed --write-config samenhang.toml &\n  samenhang serve --config samenhang.toml"
)]
struct TestbedArgs {
    #[arg(long = "source", value_name = "SOURCE", help = SOURCE_HELP)]
    sources: Vec<String>,
    /// Write a configuration with which `samenhang serve` asks this simulated country; keys and certificates go
    /// beside it.
    #[arg(long, value_name = "FILE")]
    write_config: Option<PathBuf>,
    /// First port; the services take the ports from there on. 0 lets the system choose.
    #[arg(long, default_value_t = 0)]
    port: u16,
}

#[derive(Subcommand)]
enum ConfigCommand {
    /// Check a configuration and list everything that is wrong with it.
    Check {
        /// Configuration in TOML.
        file: PathBuf,
    },
    /// Print the JSON schema of the configuration.
    Schema,
}

#[derive(Subcommand)]
enum AuditCommand {
    /// Verify the hash chain of an audit log; with its key also that nobody made the chain anew.
    Verify {
        /// The SQLite file of the audit log.
        file: PathBuf,
        /// The key file of the log (`audit.key_file` in the configuration).
        #[arg(long, value_name = "FILE")]
        key: Option<PathBuf>,
    },
}

#[derive(Subcommand)]
enum TerminologyCommand {
    /// Read releases of SNOMED CT, LOINC and lists of codes, and say how many concepts and bytes each has.
    Check(Releases),
}

/// Why a command did not succeed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Exit status: 1 for a finding, 2 for misuse.
    pub status: u8,
    /// One line: what is wrong.
    pub message: String,
    /// One line: what to do.
    pub hint: Option<String>,
}

impl Failure {
    /// The input was fine; what was asked for did not succeed.
    #[must_use]
    pub fn finding(message: impl Into<String>) -> Self {
        Failure {
            status: 1,
            message: message.into(),
            hint: None,
        }
    }

    /// The input is wrong.
    #[must_use]
    pub fn misuse(message: impl Into<String>) -> Self {
        Failure {
            status: 2,
            message: message.into(),
            hint: None,
        }
    }

    /// Adds what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "samenhang: {}", self.message)?;
        match &self.hint {
            Some(hint) => write!(f, "\n  hint: {hint}"),
            None => Ok(()),
        }
    }
}

/// Reads the arguments, runs the command and gives its exit status.
#[must_use]
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => return explain(&error),
    };
    match run::run(cli.command) {
        Ok(status) => ExitCode::from(status),
        Err(failure) => {
            output::notice(&failure.to_string());
            ExitCode::from(failure.status)
        }
    }
}

/// Help and version go to stdout; misuse is one line and a hint on stderr.
fn explain(error: &clap::Error) -> ExitCode {
    use clap::error::ErrorKind::{DisplayHelp, DisplayVersion};
    let text = error.render().to_string();
    if matches!(error.kind(), DisplayHelp | DisplayVersion) {
        return match output::write(text.as_bytes()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        };
    }
    output::notice(text.trim_end());
    ExitCode::from(2)
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::{Cli, Command, Failure};

    #[test]
    fn the_definition_is_sound_and_its_help_is_stable() {
        let mut command = Cli::command();
        command.build();
        command.clone().debug_assert();
        let mut text = command.render_long_help().to_string();
        for name in ["demo", "serve", "testbed", "validate", "reconcile"] {
            let sub = command.find_subcommand_mut(name).unwrap();
            text.push_str(&format!("\n== {name}\n{}", sub.render_long_help()));
        }
        insta::assert_snapshot!("help", text);
    }

    #[test]
    fn reads_a_demo_with_sources() {
        let line = "samenhang demo --answer 999990019 --source ura=1,name=A,fhir=r4,dir=x --source ura=2,name=B,fhir=stu3,dir=y";
        let cli = Cli::try_parse_from(line.split(' ')).ok().unwrap();
        let Command::Demo(args) = cli.command else {
            panic!("not demo")
        };
        assert_eq!(args.sources.len(), 2);
    }

    #[test]
    fn a_failure_is_one_line_and_a_hint() {
        let failure = Failure::misuse("no such file").hint("name a file");
        assert_eq!(
            failure.to_string(),
            "samenhang: no such file\n  hint: name a file"
        );
    }
}
