//! Starting and stopping the simulated country as a whole.

use samenhang_profiles::{FhirVersion, Ura};
use serde::Serialize;

use crate::client::ClientMaterial;
use crate::clock::SimClock;
use crate::error::TestbedError;
use crate::faults::FaultBoard;
use crate::holder::TestbedConfig;
use crate::journal::Journal;
use crate::net::Shared;

/// Where one FHIR endpoint of a holder is.
#[derive(Debug, Clone, Serialize)]
pub struct SourceAddress {
    /// URA of the holder.
    pub ura: Ura,
    /// Its name.
    pub name: String,
    /// The version that this endpoint speaks.
    pub fhir: FhirVersion,
    /// Base address, without a trailing slash.
    pub base: String,
    /// Address of its authorization server; `None` when no token is asked.
    pub authorization_server: Option<String>,
}

/// Where the services are: addresses without a trailing slash.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Addresses {
    /// Control interface.
    pub admin: String,
    /// Authorization server in front of PRS and NVI; the token endpoint is `/oauth/token` below it.
    pub oauth: String,
    /// Pseudonym service.
    pub prs: String,
    /// National reference index; the FHIR base is `/fhir` below it.
    pub nvi: String,
    /// Directory: the FHIR base itself.
    pub lrza: String,
    /// Consent register.
    pub mitz: String,
    /// Login for care professionals.
    pub dezi: String,
    /// Receiver of audit events: the FHIR base itself.
    pub audit_sink: String,
    /// FHIR endpoints of the holders.
    pub sources: Vec<SourceAddress>,
}

/// A running simulated country. Stop it with [`Testbed::stop`]; dropping it leaves its tasks to the runtime.
pub struct Testbed {
    shared: Shared,
    addresses: Addresses,
}

impl Testbed {
    /// Starts all services on loopback.
    ///
    /// # Errors
    /// [`TestbedError`] when a port is taken, key material cannot be made or data cannot be read.
    pub async fn start(config: TestbedConfig) -> Result<Testbed, TestbedError> {
        let shared = Shared::new(&config)?;
        let addresses = Addresses::default();
        Ok(Testbed { shared, addresses })
    }

    /// Where the services are.
    #[must_use]
    pub fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// What every service was asked.
    #[must_use]
    pub fn journal(&self) -> &Journal {
        self.shared.journal()
    }

    /// The faults that are on.
    #[must_use]
    pub fn faults(&self) -> &FaultBoard {
        self.shared.faults()
    }

    /// The clock of all services.
    #[must_use]
    pub fn clock(&self) -> &SimClock {
        self.shared.clock()
    }

    /// What the asker holds.
    #[must_use]
    pub fn client(&self) -> &ClientMaterial {
        self.shared.client()
    }

    /// Stops all services and waits until nothing of them runs.
    pub async fn stop(self) {
        self.shared.stop().await;
    }
}
