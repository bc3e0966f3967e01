//! A station that runs: it works on what came in, registers for whom it has data, and answers.
//!
//! What waits is looked at again and again, so that nothing has to be told when there is something; a registration that
//! fails is tried again by the outbox. One that waits too long is reported: a patient whose data is not registered is not
//! found, and one who is registered without data is told of wrongly.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use samenhang_gather::clock::{Clock, Random, SystemClock, SystemRandom};
use samenhang_gather::http::{Http, TlsMaterial};
use samenhang_gather::ledger::Ledger;
use samenhang_gather::registration::Registrations;
use samenhang_station::publish::Registrar;
use samenhang_station::{SourceId, Station, StationError};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use super::config::{ServiceConfig, StationServerConfig};
use super::gate::{Gate, Login};
use super::introspection::Introspection;
use super::mllp::{self, MllpConfig, Receiver};
use super::registrar::IndexRegistrar;
use super::routes::router;
use crate::access::{Access, AccessParts};
use crate::app::Drain;
use crate::app::build::BuildError;
use crate::audit::{Forwarder, HttpSink, Key, Log};
use crate::http::listener::{Guarded, Patience};
use crate::http::serving;
use crate::session::{SessionConfig, Sessions};

/// How long running requests get to end when the service stops.
const DRAIN: Duration = Duration::from_secs(10);
/// How long connections without a request, and messages on their way, get after that.
const LINGER: Duration = Duration::from_secs(1);

/// Names the step in an error.
fn at<E: std::fmt::Display>(step: &'static str) -> impl FnOnce(E) -> BuildError {
    move |error| BuildError {
        step,
        reason: error.to_string(),
    }
}

/// What a station needs to call others and to be called: its audit log, keys and clock.
pub struct Outside {
    config: ServiceConfig,
    http: Http,
    material: TlsMaterial,
    log: Log,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl Outside {
    /// Opens the audit log and reads the keys.
    ///
    /// # Errors
    /// [`BuildError`].
    pub async fn open(config: ServiceConfig) -> Result<Self, BuildError> {
        Outside::open_by(config, Arc::new(SystemClock)).await
    }

    /// The same, by another clock.
    ///
    /// # Errors
    /// [`BuildError`].
    pub async fn open_by(config: ServiceConfig, clock: Arc<dyn Clock>) -> Result<Self, BuildError> {
        let material = TlsMaterial::load(&config.egress).map_err(at("read the certificates of [egress]"))?;
        let http = Http::new(&config.egress, &material).map_err(at("set up outbound calls from [egress]"))?;
        let key = Key::read(&config.audit.key_file).map_err(at("read audit.key_file"))?;
        let own = config.organisation.ura.clone();
        let log = Log::open(&config.audit.path, key, own, Arc::clone(&clock));
        let log = log.await.map_err(at("open the audit log"))?;
        Ok(Outside {
            config,
            http,
            material,
            log,
            clock,
            random: Arc::new(SystemRandom),
        })
    }

    /// The referral index, when the station registers anywhere.
    ///
    /// # Errors
    /// [`BuildError`].
    pub fn registrar(&self) -> Result<Option<Arc<dyn Registrar>>, BuildError> {
        let Some(config) = &self.config.registration else {
            return Ok(None);
        };
        let ledger: Arc<dyn Ledger> = Arc::new(self.log.clone());
        let registrations = Registrations::new(
            self.http.clone(),
            config,
            &self.config.organisation,
            &self.material,
            Arc::clone(&self.clock),
            Arc::clone(&self.random),
            ledger,
        )
        .map_err(at("set up [registration]"))?;
        let registrar = IndexRegistrar::new(registrations, config, &self.config.organisation);
        Ok(Some(Arc::new(registrar)))
    }

    fn gate(&self, station: &Station, base: &str) -> Result<Gate, BuildError> {
        let mut accesses = HashMap::new();
        for source in station.sources() {
            let scope = station.scope(source).map_err(at("find a source"))?;
            let sessions = Sessions::with(
                SessionConfig::default(),
                Arc::clone(&self.clock),
                Arc::clone(&self.random),
            );
            let parts = AccessParts {
                base: format!("{base}/{source}"),
                organisation: scope.config().ura.clone(),
                organisation_name: self.config.organisation.name.clone(),
                organisation_type: self.config.organisation.organisation_type.clone(),
                http: self.http.clone(),
                log: self.log.clone(),
                sessions: Arc::new(sessions),
                clock: Arc::clone(&self.clock),
                random: Arc::clone(&self.random),
            };
            let access = Access::new(&self.config.access.of_gate(), parts).map_err(at("set up [access]"))?;
            accesses.insert(source.clone(), access);
        }
        let mut introspections = HashMap::new();
        for config in &self.config.access.introspection {
            let source: SourceId = config
                .source
                .parse()
                .map_err(at("read access.introspection.source"))?;
            station
                .scope(&source)
                .map_err(at("find the source of access.introspection"))?;
            let introspection =
                Introspection::new(self.http.clone(), config).map_err(at("use access.introspection.url"))?;
            introspections.insert(source, introspection);
        }
        Ok(Gate::Login(Box::new(Login {
            accesses,
            introspections,
            log: self.log.clone(),
            clock: Arc::clone(&self.clock),
        })))
    }

    /// Writes what is left of the audit log, and closes it.
    pub async fn close(self) {
        self.log.close().await;
    }
}

/// A station that runs.
pub struct Service {
    base: String,
    drain: Drain,
    serving: Vec<JoinHandle<()>>,
    mllp: Vec<SocketAddr>,
    tasks: Vec<JoinHandle<()>>,
    log: Option<Log>,
    station: Arc<Station>,
}

impl Service {
    /// Serves with login, works and registers, as [`ServiceConfig`] says.
    ///
    /// # Errors
    /// [`BuildError`]. Nothing that is configured is skipped.
    pub async fn start(station: Arc<Station>, outside: Outside) -> Result<Self, BuildError> {
        let mut server = outside.config.server.clone();
        let listener = listen(&mut server).await?;
        let base = server.base();
        let gate = outside.gate(&station, &base)?;
        let registrar = outside.registrar()?;
        let mut tasks = vec![tokio::spawn(keep_going(
            Arc::clone(&station),
            registrar,
            server.clone(),
            Arc::clone(&outside.clock),
        ))];
        if let Some(address) = &outside.config.audit.forward_to {
            let sink = HttpSink::new(outside.http.clone(), address).map_err(at("use audit.forward_to"))?;
            tasks.push(Forwarder::start(&outside.log, Arc::new(sink)));
        }
        let mut receivers = Vec::new();
        for config in &outside.config.mllp {
            receivers.push(receiving(&station, config, &outside.clock).await?);
        }
        let router = router(Arc::clone(&station), gate, &base, Arc::clone(&outside.clock));
        let mut service = Service::run(listener, router, &server, base, tasks, station);
        service.log = Some(outside.log);
        for (listener, receiver, acceptor) in receivers {
            let address = listener.local_addr();
            service
                .mllp
                .push(address.map_err(at("read the address of mllp.listen"))?);
            let drain = service.drain.clone();
            let listening = mllp::listen(listener, Arc::new(receiver), acceptor, drain);
            service.serving.push(tokio::spawn(listening));
        }
        Ok(service)
    }

    /// Serves without login, on this machine only, and works; registers nowhere.
    ///
    /// # Errors
    /// [`BuildError`].
    pub async fn start_open(station: Arc<Station>, port: u16) -> Result<Self, BuildError> {
        let mut server = StationServerConfig {
            listen: ([127, 0, 0, 1], port).into(),
            ..StationServerConfig::default()
        };
        let listener = listen(&mut server).await?;
        let base = server.base();
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let working = keep_going(Arc::clone(&station), None, server.clone(), Arc::clone(&clock));
        let tasks = vec![tokio::spawn(working)];
        let router = router(Arc::clone(&station), Gate::Open, &base, clock);
        Ok(Service::run(listener, router, &server, base, tasks, station))
    }

    fn run(
        listener: TcpListener,
        router: axum::Router,
        server: &StationServerConfig,
        base: String,
        tasks: Vec<JoinHandle<()>>,
        station: Arc<Station>,
    ) -> Self {
        let patience = Patience {
            connections: server.max_connections,
            write: Duration::from_millis(server.write_timeout_ms),
            ..Patience::default()
        };
        let drain = Drain::default();
        let listener = Guarded::new(listener, patience);
        let serving = tokio::spawn(serving::serve(listener, router, drain.clone(), patience.write));
        Service {
            base,
            drain,
            serving: vec![serving],
            mllp: Vec::new(),
            tasks,
            log: None,
            station,
        }
    }

    /// The public address, without a trailing slash.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The addresses of the listeners for HL7 version 2, in the order of the setup.
    #[must_use]
    pub fn mllp(&self) -> &[SocketAddr] {
        &self.mllp
    }

    /// Stops: running requests get their time, what came in is kept, what was noted is written, and the station is closed.
    pub async fn stop(self) {
        self.drain.finish(DRAIN).await;
        for mut serving in self.serving {
            if tokio::time::timeout(LINGER, &mut serving).await.is_err() {
                serving.abort();
            }
        }
        for task in self.tasks {
            task.abort();
            drop(task.await);
        }
        self.station.close().await;
        if let Some(log) = self.log {
            log.close().await;
        }
    }
}

/// A listener for messages of HL7 version 2, with what takes them.
async fn receiving(
    station: &Arc<Station>,
    config: &MllpConfig,
    clock: &Arc<dyn Clock>,
) -> Result<(TcpListener, Receiver, Option<TlsAcceptor>), BuildError> {
    let receiver = Receiver::new(Arc::clone(station), config.clone(), Arc::clone(clock))
        .map_err(at("find the source of mllp"))?;
    let acceptor = config.tls.as_ref().map(mllp::acceptor).transpose();
    let acceptor = acceptor.map_err(at("read the certificates of mllp.tls"))?;
    let listener = TcpListener::bind(config.listen)
        .await
        .map_err(at("take the address of mllp.listen"))?;
    Ok((listener, receiver, acceptor))
}

/// Takes the address. With port 0 the system chooses one, which is known from here on.
async fn listen(server: &mut StationServerConfig) -> Result<TcpListener, BuildError> {
    let listener = TcpListener::bind(server.listen)
        .await
        .map_err(at("take the address of server.listen"))?;
    server.listen = listener
        .local_addr()
        .map_err(at("read the address of the listener"))?;
    Ok(listener)
}

/// Works on what waits and registers, source by source, for as long as it is not ended. A source that fails holds up no
/// other.
async fn keep_going(
    station: Arc<Station>,
    registrar: Option<Arc<dyn Registrar>>,
    server: StationServerConfig,
    clock: Arc<dyn Clock>,
) {
    let sources: Vec<SourceId> = station.sources().cloned().collect();
    let late = SignedDuration::from_secs(i64::try_from(server.late_s).unwrap_or(i64::MAX));
    let mut rhythm = tokio::time::interval(Duration::from_millis(server.rhythm_ms));
    rhythm.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut is_late: HashMap<SourceId, bool> = HashMap::new();
    loop {
        rhythm.tick().await;
        for source in &sources {
            report("work", source, Box::pin(station.work(source)).await.map(drop));
            let Some(registrar) = &registrar else { continue };
            let done = Box::pin(station.publish(source, &**registrar)).await;
            report("publish", source, done.map(drop));
            let Ok(scope) = station.scope(source) else {
                continue;
            };
            let Ok(state) = station.publication(&scope).await else {
                continue;
            };
            let waits = state.oldest.map(|since| clock.now().duration_since(since));
            let now_late = waits.is_some_and(|waits| waits > late);
            if now_late && is_late.insert(source.clone(), true) != Some(true) {
                tracing::error!(
                    code = "SAM-STA-020",
                    fault = state.problem.as_deref().unwrap_or("unknown"),
                    "registrations at the referral index are late"
                );
            } else if !now_late {
                is_late.insert(source.clone(), false);
            }
        }
    }
}

fn report(step: &'static str, source: &SourceId, done: Result<(), StationError>) {
    match done {
        Ok(()) | Err(StationError::Stopped) => {}
        Err(error) => {
            tracing::error!(code = error.code(), step, service = %source, "a source cannot be served");
        }
    }
}
