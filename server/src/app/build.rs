//! Builds a server from its configuration. Nothing that is configured is skipped: what cannot be used is an error.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use samenhang_gather::clock::{Clock, Random, SystemClock, SystemRandom};
use samenhang_gather::gather::{Gather, GatherConfig, Material};
use samenhang_gather::http::{Http, TlsMaterial};
use samenhang_gather::ledger::Ledger;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{App, Parts};
use crate::access::{Access, AccessParts, Context};
use crate::app::start::{Listeners, Running};
use crate::audit::{Forwarder, HttpSink, Key, Log};
use crate::config::Config;
use crate::corrections::Corrections;
use crate::session::Sessions;
use crate::telemetry::Metrics;
use crate::telemetry::metrics::KeptAnswers;
use crate::validation::operation::Service;

/// Why a server could not be built or started.
#[derive(Debug, thiserror::Error)]
#[error("failed to {step}: {reason}")]
pub struct BuildError {
    /// What was being done.
    pub step: &'static str,
    /// Why it failed, without secrets.
    pub reason: String,
}

/// Names the step in an error.
fn at<E: std::fmt::Display>(step: &'static str) -> impl FnOnce(E) -> BuildError {
    move |error| BuildError {
        step,
        reason: error.to_string(),
    }
}

/// What is built before it is known whether this is the demonstration.
pub struct Foundation {
    config: Config,
    listeners: Listeners,
    base: String,
    http: Http,
    material: TlsMaterial,
    audit: Log,
    corrections: Corrections,
    sessions: Arc<Sessions>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    metrics: Metrics,
}

impl Foundation {
    /// Takes the listeners, opens the audit log and reads the keys.
    ///
    /// # Errors
    /// [`BuildError`].
    pub async fn lay(config: Config, metrics: Metrics) -> Result<Self, BuildError> {
        Box::pin(Foundation::lay_by(config, metrics, Arc::new(SystemClock))).await
    }

    /// The same, by another clock: the demonstration shares that of its simulated country.
    ///
    /// # Errors
    /// [`BuildError`].
    pub async fn lay_by(
        mut config: Config,
        metrics: Metrics,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, BuildError> {
        let listeners = Listeners::bind(config.server.listen, config.server.internal_listen)
            .await
            .map_err(at(
                "take the addresses of server.listen and server.internal_listen",
            ))?;
        // With port 0 the system has chosen one; from here on it is known.
        config.server.listen = listeners
            .public()
            .map_err(at("read the address of the listener"))?;
        config.server.internal_listen = listeners
            .internal()
            .map_err(at("read the address of the listener"))?;
        let base = config.server.base();
        let random: Arc<dyn Random> = Arc::new(SystemRandom);
        let material = TlsMaterial::load(&config.egress).map_err(at("read the certificates of [egress]"))?;
        let http = Http::new(&config.egress, &material).map_err(at("set up outbound calls from [egress]"))?;
        let key = Key::read(&config.audit.key_file).map_err(at("read audit.key_file"))?;
        let corrections = Corrections::open(&Corrections::path(&config.audit.path), key.clone())
            .await
            .map_err(at("open what is kept beside audit.path"))?;
        let audit = Log::open(
            &config.audit.path,
            key,
            config.organisation.ura.clone(),
            Arc::clone(&clock),
        )
        .await
        .map_err(at("open the audit log"))?;
        let sessions = Sessions::with(config.session.clone(), Arc::clone(&clock), Arc::clone(&random));
        let sessions = Arc::new(sessions);
        Ok(Foundation {
            config,
            listeners,
            base,
            http,
            material,
            audit,
            corrections,
            sessions,
            clock,
            random,
            metrics,
        })
    }

    /// The public address.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The public address of the internal listener.
    #[must_use]
    pub fn internal(&self) -> SocketAddr {
        self.config.server.internal_listen
    }

    /// The viewer sessions.
    #[must_use]
    pub fn sessions(&self) -> &Arc<Sessions> {
        &self.sessions
    }

    fn access_parts(&self) -> AccessParts {
        AccessParts {
            base: self.base.clone(),
            organisation: self.config.organisation.ura.clone(),
            organisation_name: self.config.organisation.name.clone(),
            organisation_type: self.config.organisation.organisation_type.clone(),
            http: self.http.clone(),
            log: self.audit.clone(),
            sessions: Arc::clone(&self.sessions),
            clock: Arc::clone(&self.clock),
            random: Arc::clone(&self.random),
        }
    }

    /// The gate.
    ///
    /// # Errors
    /// [`BuildError`].
    pub fn access(&self) -> Result<Access, BuildError> {
        Access::new(&self.config.access, self.access_parts()).map_err(at("set up [access]"))
    }

    /// The gate of the demonstration.
    ///
    /// # Errors
    /// [`BuildError`].
    pub fn demo_access(&self, context: Context) -> Result<Access, BuildError> {
        Access::for_demo(&self.config.access, self.access_parts(), context).map_err(at("set up [access]"))
    }

    /// Puts the rest on the foundation and serves.
    ///
    /// # Errors
    /// [`BuildError`].
    pub fn serve(self, access: Access, demo: bool) -> Result<Server, BuildError> {
        let ledger: Arc<dyn Ledger> = Arc::new(self.audit.clone());
        let config = GatherConfig {
            own: self.config.organisation.clone(),
            egress: self.config.egress.clone(),
            national: self.config.national.clone(),
            authorisation: self.config.authorisation.clone(),
            fanout: self.config.fanout.clone(),
        };
        let keys = config
            .authorisation
            .load()
            .map_err(at("read the keys of [authorisation]"))?;
        let material = Material {
            tls: self.material,
            keys,
        };
        let gather = Gather::new(&config, material, Arc::clone(&self.clock), self.random, ledger)
            .map_err(at("set up [national]"))?;
        let gather = Arc::new(gather);
        self.metrics.watch_breakers({
            let gather = Arc::downgrade(&gather);
            move || {
                let states = gather.upgrade().map(|gather| gather.fan_out_part().breakers());
                states.into_iter().flatten().map(|(_, state)| state).collect()
            }
        });
        self.metrics.watch_memory({
            let sessions = Arc::downgrade(&self.sessions);
            move || {
                let kept = sessions.upgrade().map(|sessions| KeptAnswers {
                    answers: sessions.answers(),
                    bytes: sessions.bytes(),
                });
                kept.unwrap_or_default()
            }
        });
        self.metrics.watch_quirks({
            let gather = Arc::downgrade(&gather);
            move || {
                let shown = gather.upgrade().map(|gather| gather.fan_out_part().quirks());
                let mut counts = BTreeMap::new();
                for (_, quirk, count) in shown.into_iter().flatten() {
                    *counts.entry(quirk.id()).or_default() += count;
                }
                counts.into_iter().collect()
            }
        });
        let stop = CancellationToken::new();
        let mut tasks = vec![self.sessions.start_sweeping()];
        tasks.push(tokio::spawn({
            let (gather, stop) = (Arc::clone(&gather), stop.clone());
            async move { gather.keep_directory(stop).await }
        }));
        for renewed in [self.http.clone(), gather.http().clone()] {
            let (egress, stop) = (self.config.egress.clone(), stop.clone());
            tasks.push(tokio::spawn(async move {
                renewed.keep_certificates(egress, stop).await;
            }));
        }
        if let Some(address) = &self.config.audit.forward_to {
            let sink = HttpSink::new(self.http.clone(), address).map_err(at("use audit.forward_to"))?;
            tasks.push(Forwarder::start(&self.audit, Arc::new(sink)));
        }
        let section = &self.config.validation;
        let opened = section
            .open(&self.http)
            .map_err(at("read what [validation] names"))?;
        for told in &opened.told {
            tracing::warn!(fault = %told, "something of [validation] is not as it should be");
        }
        let validation = Service::new(opened, section);
        let maps = self
            .config
            .reconciliation
            .open()
            .map_err(at("read the maps that [reconciliation] names"))?;
        if !maps.names().is_empty() {
            tracing::info!(count = maps.names().len(), "maps of codes may join records");
        }
        if maps.ambiguous() > 0 {
            tracing::warn!(
                count = maps.ambiguous(),
                "sets of equivalent codes are not used: one code system has two codes in them"
            );
        }
        let app = App::new(Parts {
            config: self.config.server.clone(),
            gather,
            access,
            audit: self.audit.clone(),
            corrections: self.corrections,
            maps,
            clock: self.clock,
            metrics: self.metrics,
            validation,
            patience: Duration::from_secs(self.config.fanout.interactive_seconds),
            stream_patience: Duration::from_secs(self.config.fanout.whole_seconds),
            demo,
        });
        Ok(Server {
            running: Running::start(app, self.listeners),
            stop,
            tasks,
            audit: self.audit,
        })
    }
}

/// A server that runs, with what runs beside it.
pub struct Server {
    running: Running,
    stop: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
    audit: Log,
}

impl Server {
    /// The server's parts.
    #[must_use]
    pub fn app(&self) -> &Arc<App> {
        self.running.app()
    }

    /// Stops gracefully. Whether all questions ended by themselves.
    pub async fn stop(self) -> bool {
        let in_time = {
            let app = Arc::clone(self.running.app());
            let in_time = self.running.stop().await;
            app.access().sessions().end_all();
            in_time
        };
        self.stop.cancel();
        for task in self.tasks {
            task.abort();
            // Ended, or on its way: either way nothing of it writes to the log any more.
            drop(task.await);
        }
        self.audit.close().await;
        in_time
    }
}
