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
use crate::faults::{FaultBoard, Flaw, ServiceId};
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

struct Inner {
    seed: u64,
    generation: Generation,
    clock: SimClock,
    journal: Journal,
    faults: FaultBoard,
    client: ClientMaterial,
    authority: Authority,
    tls: bool,
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
        Ok(Shared(Arc::new(Inner {
            seed: config.seed,
            generation: config.generation,
            clock: config.clock.clone(),
            journal: Journal::default(),
            faults: FaultBoard::default(),
            client,
            authority,
            tls: config.tls,
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
        self.0.tls
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

    /// Whether a service speaks TLS. A browser visits Dezi, and the control interface is for the person at this machine.
    pub(crate) fn speaks_tls(&self, service: &ServiceId) -> bool {
        self.0.tls && !matches!(service, ServiceId::Dezi | ServiceId::Admin)
    }

    /// How a service speaks TLS, with a certificate that has this flaw.
    ///
    /// # Errors
    /// [`TestbedError::Key`] when no certificate could be made.
    pub(crate) fn tls_for(
        &self,
        service: &ServiceId,
        flaw: Option<Flaw>,
    ) -> Result<Option<Arc<ServerConfig>>, TestbedError> {
        if !self.speaks_tls(service) {
            return Ok(None);
        }
        let (holder, client_certificate) = match service {
            ServiceId::Source(ura) | ServiceId::Authorization(ura) => (Some(ura), false),
            ServiceId::AuditSink => (None, false),
            _ => (None, true),
        };
        let authority = &self.0.authority;
        let server = authority.server(self.0.seed, holder, flaw)?;
        authority.server_config(&server, client_certificate).map(Some)
    }
}
