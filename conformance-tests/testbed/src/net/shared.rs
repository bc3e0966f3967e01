//! What all services of one testbed share.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use http::Extensions;
use rand_chacha::ChaCha20Rng;
use rustls::ServerConfig;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::client::ClientMaterial;
use crate::clock::SimClock;
use crate::error::TestbedError;
use crate::faults::{FaultBoard, ServiceId};
use crate::holder::{Generation, TestbedConfig};
use crate::journal::Journal;
use crate::keys;
use crate::tls::Authority;

/// The certificate with which a client connected; in the extensions of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientCertificate {
    /// SHA-256 of the certificate in base64url: `x5t#S256`.
    pub fingerprint: String,
}

struct TlsConfigs {
    with_client_certificate: Arc<ServerConfig>,
    without: Arc<ServerConfig>,
}

struct Inner {
    seed: u64,
    generation: Generation,
    clock: SimClock,
    journal: Journal,
    faults: FaultBoard,
    client: ClientMaterial,
    authority: Authority,
    tls: Option<TlsConfigs>,
    stop: CancellationToken,
    tracker: TaskTracker,
    next_port: Option<AtomicU16>,
}

/// What all services of one testbed share; clones are the same.
#[derive(Clone)]
pub struct Shared(Arc<Inner>);

impl Shared {
    /// Makes the shared parts of a testbed: clock, journal, faults, certificates and the asker's material.
    ///
    /// # Errors
    /// [`TestbedError::Key`] when key material cannot be made.
    pub fn new(config: &TestbedConfig) -> Result<Self, TestbedError> {
        let authority = Authority::from_seed(config.seed, "certificate authority")?;
        let client = ClientMaterial::from_seed(config.seed, &authority, &config.clock)?;
        let tls = if config.tls {
            let server = authority.server(config.seed)?;
            Some(TlsConfigs {
                with_client_certificate: authority.server_config(&server, true)?,
                without: authority.server_config(&server, false)?,
            })
        } else {
            None
        };
        Ok(Shared(Arc::new(Inner {
            seed: config.seed,
            generation: config.generation,
            clock: config.clock.clone(),
            journal: Journal::default(),
            faults: FaultBoard::default(),
            client,
            authority,
            tls,
            stop: CancellationToken::new(),
            tracker: TaskTracker::new(),
            next_port: config.first_port.map(AtomicU16::new),
        })))
    }

    /// The seed of the testbed.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.0.seed
    }

    /// A random number generator for one purpose, from the seed.
    #[must_use]
    pub fn rng(&self, purpose: &str) -> ChaCha20Rng {
        keys::rng(self.0.seed, purpose)
    }

    /// Generation of the national protocols.
    #[must_use]
    pub fn generation(&self) -> Generation {
        self.0.generation
    }

    /// The clock.
    #[must_use]
    pub fn clock(&self) -> &SimClock {
        &self.0.clock
    }

    /// The journal.
    #[must_use]
    pub fn journal(&self) -> &Journal {
        &self.0.journal
    }

    /// The faults that are on.
    #[must_use]
    pub fn faults(&self) -> &FaultBoard {
        &self.0.faults
    }

    /// What the asker holds; services read its public parts.
    #[must_use]
    pub fn client(&self) -> &ClientMaterial {
        &self.0.client
    }

    /// The certificate authority.
    #[must_use]
    pub fn authority(&self) -> &Authority {
        &self.0.authority
    }

    /// Whether services speak TLS.
    #[must_use]
    pub fn tls(&self) -> bool {
        self.0.tls.is_some()
    }

    /// Whether the caller of a request is the asker, by its client certificate. Without TLS everyone is.
    #[must_use]
    pub fn is_asker(&self, extensions: &Extensions) -> bool {
        !self.tls()
            || extensions
                .get::<ClientCertificate>()
                .is_some_and(|certificate| certificate.fingerprint == self.0.client.client_cert_fingerprint)
    }

    /// Runs a task that belongs to the testbed; [`Shared::stop`] waits for it, so it must watch
    /// [`Shared::stopping`].
    pub fn spawn<F>(&self, task: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.0.tracker.spawn(task);
    }

    /// Is cancelled when the testbed stops.
    #[must_use]
    pub fn stopping(&self) -> &CancellationToken {
        &self.0.stop
    }

    /// Stops all services and waits until their tasks have ended.
    pub async fn stop(&self) {
        self.0.stop.cancel();
        self.0.tracker.close();
        self.0.tracker.wait().await;
    }

    pub(crate) fn take_port(&self) -> u16 {
        self.0
            .next_port
            .as_ref()
            .map_or(0, |port| port.fetch_add(1, Ordering::Relaxed))
    }

    pub(crate) fn tls_for(&self, service: &ServiceId) -> Option<Arc<ServerConfig>> {
        let tls = self.0.tls.as_ref()?;
        match service {
            // A browser visits Dezi, and the control interface is for the person at this machine.
            ServiceId::Dezi | ServiceId::Admin => None,
            ServiceId::AuditSink | ServiceId::Source(_) | ServiceId::Authorization(_) => {
                Some(Arc::clone(&tls.without))
            }
            ServiceId::Oauth | ServiceId::Prs | ServiceId::Nvi | ServiceId::Lrza | ServiceId::Mitz => {
                Some(Arc::clone(&tls.with_client_certificate))
            }
        }
    }
}
