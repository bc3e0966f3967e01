//! What all services of one testbed share.

use std::collections::BTreeSet;
use std::future::Future;
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use http::Extensions;
use rand_chacha::ChaCha20Rng;
use rustls::ServerConfig;
use samenhang_profiles::Ura;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::client::{self, ClientMaterial};
use crate::clock::SimClock;
use crate::discovery::Discovery;
use crate::error::TestbedError;
use crate::faults::{FaultBoard, Flaw, ServiceId};
use crate::holder::{Generation, TestbedConfig};
use crate::journal::Journal;
use crate::keys;
use crate::tls::{Authority, Identity};

/// The certificate with which a client connected; in the extensions of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientCertificate {
    /// SHA-256 of the certificate in base64url: `x5t#S256`.
    pub fingerprint: String,
}

/// The client certificates of the asker, by fingerprint.
struct Certificates {
    issued: u64,
    accepted: BTreeSet<String>,
    /// Those that national services saw.
    seen: BTreeSet<String>,
}

struct Inner {
    seed: u64,
    generation: Generation,
    clock: SimClock,
    journal: Journal,
    faults: FaultBoard,
    client: ClientMaterial,
    authority: Authority,
    discovery: Discovery,
    by_certificate: Mutex<BTreeSet<Ura>>,
    certificates: Mutex<Certificates>,
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
        let fingerprint = client.client_cert_fingerprint.clone();
        Ok(Shared(Arc::new(Inner {
            seed: config.seed,
            generation: config.generation,
            clock: config.clock.clone(),
            journal: Journal::default(),
            faults: FaultBoard::default(),
            client,
            authority,
            discovery: Discovery::default(),
            by_certificate: Mutex::default(),
            certificates: Mutex::new(Certificates {
                issued: 1,
                accepted: BTreeSet::from([fingerprint]),
                seen: BTreeSet::new(),
            }),
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

    /// The holders that registered for discovery.
    #[must_use]
    pub fn discovery(&self) -> &Discovery {
        &self.0.discovery
    }

    /// From now on the source of this holder asks for a client certificate. Before it is bound.
    pub fn demand_certificate(&self, holder: &Ura) {
        self.by_certificate().insert(holder.clone());
    }

    fn by_certificate(&self) -> std::sync::MutexGuard<'_, BTreeSet<Ura>> {
        self.0
            .by_certificate
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
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
            || extensions.get::<ClientCertificate>().is_some_and(|certificate| {
                let mut certificates = self.certificates();
                certificates.seen.insert(certificate.fingerprint.clone());
                certificates.accepted.contains(&certificate.fingerprint)
            })
    }

    /// Gives the asker a further client certificate, for the same key. All that were given are accepted until they are
    /// withdrawn.
    ///
    /// # Errors
    /// [`TestbedError::Key`] when it cannot be made.
    pub fn renew_certificate(&self) -> Result<Identity, TestbedError> {
        let number = self.certificates().issued + 1;
        let identity = client::certificate(self.seed(), self.authority(), number)?;
        let mut certificates = self.certificates();
        certificates.issued = number;
        certificates.accepted.insert(identity.fingerprint());
        Ok(identity)
    }

    /// Whether a certificate of the asker is accepted.
    #[must_use]
    pub fn accepts(&self, fingerprint: &str) -> bool {
        self.certificates().accepted.contains(fingerprint)
    }

    /// Accepts a certificate of the asker no longer.
    pub fn withdraw_certificate(&self, fingerprint: &str) {
        self.certificates().accepted.remove(fingerprint);
    }

    /// Whether a national service was shown this certificate.
    #[must_use]
    pub fn was_shown(&self, fingerprint: &str) -> bool {
        self.certificates().seen.contains(fingerprint)
    }

    fn certificates(&self) -> std::sync::MutexGuard<'_, Certificates> {
        self.0.certificates.lock().unwrap_or_else(PoisonError::into_inner)
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

    /// Whether a service speaks TLS. A browser visits Dezi and the EHR, and the control interface is for the person at this machine.
    pub(crate) fn speaks_tls(&self, service: &ServiceId) -> bool {
        self.0.tls && !matches!(service, ServiceId::Dezi | ServiceId::EhrHost | ServiceId::Admin)
    }

    /// Whether a service that speaks TLS asks for a client certificate.
    pub(crate) fn wants_certificate(&self, service: &ServiceId) -> bool {
        match service {
            ServiceId::Source(ura) => self.by_certificate().contains(ura),
            ServiceId::Authorization(_) | ServiceId::AuditSink => false,
            _ => true,
        }
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
        let holder = match service {
            ServiceId::Source(ura) | ServiceId::Authorization(ura) => Some(ura),
            _ => None,
        };
        let client_certificate = self.wants_certificate(service);
        let authority = &self.0.authority;
        let server = authority.server(self.0.seed, holder, flaw)?;
        authority.server_config(&server, client_certificate).map(Some)
    }
}
