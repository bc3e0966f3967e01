//! The demonstration: a simulated country and the server in one process, on this machine only.
//!
//! The server is the one of `samenhang serve`, from a configuration file in a private folder that goes with the
//! process. It logs in by itself, through the testbed's Dezi, and says so. It answers about numbers of the public
//! test range only.

pub mod kit;
mod login;
mod station;

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use samenhang_gather::clock::Clock;
use samenhang_profiles::Bsn;
use samenhang_testbed::{SimClock, Testbed, TestbedConfig};
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::access::{Context, demo_context, login_routes};
use crate::app::build::{BuildError, Foundation, Server};
use crate::config::Config;
use crate::telemetry::Metrics;

/// What to demonstrate.
#[derive(Clone, Default)]
pub struct DemoOptions {
    /// The simulated country.
    pub country: TestbedConfig,
    /// Configuration that replaces what the demonstration would choose, key by key.
    pub overlay: toml::Table,
    /// Access tokens that stand for a patient, as MedMij gives them.
    pub tokens: BTreeMap<String, Bsn>,
    /// Whether a station works on what two holders of our own patients would send to theirs, so that the page for the operator
    /// has reports. Costs seconds of a core, after the start.
    pub station: bool,
    /// Port of the server; 0 lets the system choose.
    pub port: u16,
    /// What is logged.
    pub log: String,
}

/// The clock of the simulated country, which the server shares.
struct CountryClock(SimClock);

impl Clock for CountryClock {
    fn now(&self) -> Timestamp {
        self.0.now()
    }
}

/// A folder that goes with its owner.
struct Folder(PathBuf);

impl Folder {
    fn new() -> std::io::Result<Self> {
        let path = std::env::temp_dir().join(format!("samenhang-demo-{}", Uuid::new_v4()));
        kit::private_folder(&path)?;
        Ok(Folder(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left holds made-up patients and keys of a country that is gone.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A running demonstration.
pub struct Demo {
    server: Server,
    testbed: Testbed,
    context: Context,
    base: String,
    internal: SocketAddr,
    reports: Option<JoinHandle<Result<(), BuildError>>>,
    folder: Folder,
}

impl Demo {
    /// Starts the country, then the server, and logs in.
    ///
    /// # Errors
    /// [`BuildError`].
    pub async fn start(options: DemoOptions, metrics: Metrics) -> Result<Self, BuildError> {
        let generation = options.country.generation;
        let has_station = options.station && options.country.own_patients;
        let clock = Arc::new(CountryClock(options.country.clock.clone()));
        let testbed = Box::pin(Testbed::start(options.country))
            .await
            .map_err(failed("start the simulated country"))?;
        let folder = Folder::new().map_err(failed("make a private folder"))?;
        let file = folder.0.join("samenhang.toml");
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, options.port));
        let internal = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let stations = if has_station {
            station::told(&folder.0)
        } else {
            Vec::new()
        };
        let setup = kit::Setup {
            stations,
            generation,
            listen,
            internal,
            log: options.log,
            overlay: options.overlay,
        };
        kit::write(&testbed, &file, &setup).map_err(failed("write the configuration"))?;
        let config = load(&file)?;
        let foundation = Box::pin(Foundation::lay_by(config, metrics, clock)).await?;
        let context = log_in(&foundation, testbed.patients(), options.tokens).await?;
        let (base, internal) = (foundation.base().to_owned(), foundation.internal());
        let access = foundation.demo_access(context.clone())?;
        let server = foundation.serve(access, true)?;
        let mut demo = Demo {
            server,
            testbed,
            context,
            base,
            internal,
            reports: None,
            folder,
        };
        // Until the directory is known nobody can be asked; `serve` says so at /readyz, the demonstration waits.
        demo.server
            .app()
            .gather()
            .refresh_directory()
            .await
            .map_err(failed("read the directory"))?;
        if has_station {
            let folder = demo.folder.0.clone();
            demo.reports = Some(tokio::spawn(async move {
                let reported = Box::pin(station::report(&folder)).await;
                if let Err(error) = &reported {
                    tracing::warn!(step = error.step, "the station of the demonstration failed");
                }
                reported
            }));
        }
        Ok(demo)
    }

    /// Waits until the station has written its reports; at once when there is none.
    ///
    /// # Errors
    /// [`BuildError`].
    pub async fn reported(&mut self) -> Result<(), BuildError> {
        match self.reports.take() {
            Some(reports) => reports.await.map_err(failed("run a station"))?,
            None => Ok(()),
        }
    }

    /// The public address.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The internal address.
    #[must_use]
    pub fn internal(&self) -> SocketAddr {
        self.internal
    }

    /// The simulated country.
    #[must_use]
    pub fn testbed(&self) -> &Testbed {
        &self.testbed
    }

    /// The server.
    #[must_use]
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// Who is logged in.
    #[must_use]
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// The patients that the index knows.
    #[must_use]
    pub fn patients(&self) -> &BTreeSet<Bsn> {
        self.testbed.patients()
    }

    /// Stops the server, then the country.
    pub async fn stop(self) {
        if let Some(reports) = self.reports {
            reports.abort();
            // What it says of being cut off is no news.
            let _ = reports.await;
        }
        self.server.stop().await;
        self.testbed.stop().await;
    }
}

/// Reads the configuration; all that is wrong with it is a defect of ours here.
fn load(file: &Path) -> Result<Config, BuildError> {
    Config::load(file).map_err(|findings| {
        let all: Vec<String> = findings.iter().map(ToString::to_string).collect();
        BuildError {
            step: "read the configuration",
            reason: all.join("; "),
        }
    })
}

/// Logs in through the testbed's Dezi, as a clinician in a browser would.
async fn log_in(
    foundation: &Foundation,
    known: &BTreeSet<Bsn>,
    tokens: BTreeMap<String, Bsn>,
) -> Result<Context, BuildError> {
    let access = foundation.access()?;
    let token = login::through_dezi(&login_routes(access))
        .await
        .map_err(failed("log in through Dezi"))?;
    let live = foundation.sessions().find(&token).ok_or(BuildError {
        step: "log in through Dezi",
        reason: "the session is not there".to_owned(),
    })?;
    Ok(demo_context(
        Arc::clone(live.context.asker()),
        known.clone(),
        tokens,
    ))
}

fn failed<E: std::fmt::Display>(step: &'static str) -> impl FnOnce(E) -> BuildError {
    move |error| BuildError {
        step,
        reason: error.to_string(),
    }
}

#[cfg(test)]
mod tests;
