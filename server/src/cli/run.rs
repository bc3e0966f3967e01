//! Runs a command.

mod country;
mod terminology;
mod validate;

use std::path::Path;

use serde::Serialize;
use tokio::runtime::Runtime;

use super::{AuditCommand, Command, ConfigCommand, Failure, TerminologyCommand, output};
use crate::app::build::{BuildError, Foundation};
use crate::app::start::told_to_stop;
use crate::audit;
use crate::config::{Config, Finding};
use crate::http::layers::quiet_panics;
use crate::telemetry::{self, Metrics};

/// Runs a command; the exit status, or why it failed.
pub(super) fn run(command: Command) -> Result<u8, Failure> {
    match command {
        Command::Demo(args) => block_on(country::demo(args)),
        Command::Serve(args) => block_on(serve(&args.config)),
        Command::Testbed(args) => block_on(country::testbed(args)),
        Command::Validate(args) => validate::validate(&args),
        Command::Reconcile(args) => super::reconcile::reconcile(&args),
        Command::Map(command) => super::map::map(&command),
        Command::Config(ConfigCommand::Schema) => print(&Config::schema()),
        Command::Config(ConfigCommand::Check { file }) => check(&file),
        Command::Packages(command) => super::packages::run(command),
        Command::Station(command) => block_on(super::station::run(command)),
        Command::Audit(AuditCommand::Verify { file, key }) => block_on(verify(&file, key.as_deref())),
        Command::Terminology(TerminologyCommand::Check(releases)) => terminology::check(&releases),
    }
}

/// Runs on a runtime.
fn block_on(work: impl Future<Output = Result<u8, Failure>>) -> Result<u8, Failure> {
    runtime()?.block_on(Box::pin(work))
}

/// A runtime; every command that needs one may also need TLS.
fn runtime() -> Result<Runtime, Failure> {
    // An error only says that a provider is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Runtime::new().map_err(|error| Failure::finding(format!("failed to start: {error}")))
}

/// Prints a result as one line of JSON.
fn print(value: &impl Serialize) -> Result<u8, Failure> {
    output::write_line(value)
        .map_err(|error| Failure::finding(format!("failed to write the result: {error}")))?;
    Ok(0)
}

fn load(file: &Path) -> Result<Config, Failure> {
    match Config::load(file) {
        Ok(config) => Ok(config),
        Err(findings) => {
            for finding in &findings {
                output::notice(&format!("{}: {finding}", file.display()));
            }
            let message = match findings.len() {
                1 => "the configuration has an error".to_owned(),
                count => format!("the configuration has {count} errors"),
            };
            Err(Failure::misuse(message)
                .hint("`samenhang config schema` prints every key with its unit and default"))
        }
    }
}

#[derive(Serialize)]
struct Checked {
    file: String,
    valid: bool,
    findings: Vec<Finding>,
}

fn check(file: &Path) -> Result<u8, Failure> {
    if !file.is_file() {
        return Err(no_file(file));
    }
    let findings: Vec<Finding> = Config::load(file).err().unwrap_or_default();
    let valid = findings.is_empty();
    print(&Checked {
        file: file.display().to_string(),
        valid,
        findings,
    })?;
    Ok(if valid { 0 } else { 1 })
}

async fn verify(file: &Path, key: Option<&Path>) -> Result<u8, Failure> {
    if let Some(absent) = [Some(file), key]
        .into_iter()
        .flatten()
        .find(|path| !path.is_file())
    {
        return Err(no_file(absent));
    }
    let key = key
        .map(audit::Key::read)
        .transpose()
        .map_err(|error| Failure::misuse(format!("failed to read the key: {error}")))?;
    let report = match &key {
        Some(key) => audit::verify_sealed(file, key).await,
        None => audit::verify(file).await,
    };
    let report =
        report.map_err(|error| Failure::finding(format!("failed to verify the audit log: {error}")))?;
    print(&report)?;
    Ok(if report.broken.is_none() { 0 } else { 1 })
}

fn no_file(file: &Path) -> Failure {
    Failure::misuse(format!("there is no file {}", file.display())).hint("name an existing file")
}

async fn serve(file: &Path) -> Result<u8, Failure> {
    if !file.is_file() {
        return Err(no_file(file));
    }
    let config = load(file)?;
    let metrics = Metrics::default();
    let guard = telemetry::start(&config.telemetry, &metrics)
        .map_err(|error| Failure::misuse(format!("failed to start telemetry: {error}")))?;
    quiet_panics();
    let foundation = Box::pin(Foundation::lay(config, metrics))
        .await
        .map_err(|error| built(&error))?;
    output::notice(&format!(
        "samenhang serves {} (health and metrics on http://{})",
        foundation.base(),
        foundation.internal()
    ));
    let access = foundation.access().map_err(|error| built(&error))?;
    let server = foundation.serve(access, false).map_err(|error| built(&error))?;
    told_to_stop().await;
    output::notice("samenhang stops: running questions get their time");
    let in_time = server.stop().await;
    guard.stop().await;
    Ok(if in_time { 0 } else { 1 })
}

/// A server that could not be built.
pub(super) fn built(error: &BuildError) -> Failure {
    Failure::finding(error.to_string())
}
