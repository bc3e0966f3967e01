//! The server as a whole: what its handlers share, its two listeners, and how it starts and stops.

pub mod build;
pub mod drain;
pub mod start;

use std::sync::Arc;
use std::time::Duration;

use samenhang_gather::clock::Clock;
use samenhang_gather::consent::Register;
use samenhang_gather::gather::Gather;
use samenhang_gather::locate::Names as _;
use samenhang_profiles::{FhirVersion, Ura};
use samenhang_reconcile::maps::Maps;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::access::Access;
use crate::audit::Log;
use crate::config::ServerConfig;
use crate::corrections::Corrections;
use crate::error::{Kind, Problem};
use crate::fhir::capability::{Published, operations, overview_definition, statement};
use crate::telemetry::Metrics;
use crate::validation::operation::Service;

pub use self::drain::Drain;

/// What a server is made of.
pub struct Parts {
    /// Section `[server]`.
    pub config: ServerConfig,
    /// Everything that goes out.
    pub gather: Arc<Gather>,
    /// Who may ask.
    pub access: Access,
    /// The audit log.
    pub audit: Log,
    /// What persons said is not the same.
    pub corrections: Corrections,
    /// The maps of codes that may join records.
    pub maps: Maps,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The numbers.
    pub metrics: Metrics,
    /// What judges resources.
    pub validation: Service,
    /// How long an answer in JSON may take.
    pub patience: Duration,
    /// How long a stream may take.
    pub stream_patience: Duration,
    /// Whether this is the demonstration. Never set by `serve`.
    pub demo: bool,
}

/// What handlers share.
pub struct App {
    parts: Parts,
    places: Arc<Semaphore>,
    drain: Drain,
    statements: [Published; 2],
    definitions: [Published; 2],
    operations: [Published; 2],
}

impl App {
    /// Puts a server together.
    #[must_use]
    pub fn new(parts: Parts) -> Arc<App> {
        let base = parts.config.base();
        let places = Arc::new(Semaphore::new(parts.config.max_questions));
        Arc::new(App {
            places,
            drain: Drain::default(),
            statements: [
                statement(FhirVersion::R4, &format!("{base}/fhir/R4")),
                statement(FhirVersion::Stu3, &format!("{base}/fhir/STU3")),
            ],
            definitions: [
                overview_definition(FhirVersion::R4, &format!("{base}/fhir/R4")),
                overview_definition(FhirVersion::Stu3, &format!("{base}/fhir/STU3")),
            ],
            operations: [
                operations::reconcile(&format!("{base}/fhir/R4")),
                operations::unlink(&format!("{base}/fhir/R4")),
            ],
            parts,
        })
    }

    /// A place among the questions that run at once.
    ///
    /// # Errors
    /// [`Kind::Busy`] when all are taken, [`Kind::Stopping`] when the server stops.
    pub fn place(&self) -> Result<OwnedSemaphorePermit, Problem> {
        if self.drain.is_stopping() {
            return Err(Kind::Stopping.into());
        }
        Arc::clone(&self.places).try_acquire_owned().map_err(|_| {
            self.parts.metrics.turned_away();
            Kind::Busy.into()
        })
    }

    /// Section `[server]`.
    #[must_use]
    pub fn config(&self) -> &ServerConfig {
        &self.parts.config
    }

    /// Everything that goes out.
    #[must_use]
    pub fn gather(&self) -> &Gather {
        &self.parts.gather
    }

    /// The consent decisions that hold.
    #[must_use]
    pub fn register(&self) -> Arc<Register> {
        Arc::clone(self.parts.gather.register())
    }

    /// What the directory calls a holder.
    #[must_use]
    pub fn holder_name(&self, holder: &Ura) -> Option<String> {
        let name = self.parts.gather.directory().name_of(holder)?;
        Some(name.to_string())
    }

    /// Who may ask.
    #[must_use]
    pub fn access(&self) -> &Access {
        &self.parts.access
    }

    /// The audit log.
    #[must_use]
    pub fn audit(&self) -> &Log {
        &self.parts.audit
    }

    /// What persons said is not the same.
    #[must_use]
    pub fn corrections(&self) -> &Corrections {
        &self.parts.corrections
    }

    /// The maps of codes that may join records in two code systems.
    #[must_use]
    pub fn maps(&self) -> &Maps {
        &self.parts.maps
    }

    /// The time.
    #[must_use]
    pub fn clock(&self) -> &dyn Clock {
        &*self.parts.clock
    }

    /// The numbers.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.parts.metrics
    }

    /// How the server stops.
    #[must_use]
    pub fn drain(&self) -> &Drain {
        &self.drain
    }

    /// How long an answer in JSON may take.
    #[must_use]
    pub fn patience(&self) -> Duration {
        self.parts.patience
    }

    /// How long a stream may take.
    #[must_use]
    pub fn stream_patience(&self) -> Duration {
        self.parts.stream_patience
    }

    /// Whether this is the demonstration.
    #[must_use]
    pub fn is_demo(&self) -> bool {
        self.parts.demo
    }

    /// The CapabilityStatement of a version.
    #[must_use]
    pub fn statement(&self, version: FhirVersion) -> &Published {
        match version {
            FhirVersion::R4 => &self.statements[0],
            FhirVersion::Stu3 => &self.statements[1],
        }
    }

    /// The `OperationDefinition` of the overview, in a version.
    #[must_use]
    pub fn definition(&self, version: FhirVersion) -> &Published {
        let [r4, stu3] = &self.definitions;
        match version {
            FhirVersion::R4 => r4,
            FhirVersion::Stu3 => stu3,
        }
    }

    /// The `OperationDefinition` of `$reconcile`.
    #[must_use]
    pub fn reconcile_definition(&self) -> &Published {
        let [reconcile, _] = &self.operations;
        reconcile
    }

    /// The `OperationDefinition` of `$unlink`.
    #[must_use]
    pub fn unlink_definition(&self) -> &Published {
        let [_, unlink] = &self.operations;
        unlink
    }

    /// What judges resources, a few at once.
    #[must_use]
    pub fn validation(&self) -> &Service {
        &self.parts.validation
    }

    /// What the server waits for before it can serve a question.
    pub async fn not_ready(&self) -> Vec<&'static str> {
        let mut waiting = Vec::new();
        if self.drain.is_stopping() {
            waiting.push("stopping");
        }
        if !self.parts.gather.is_ready() {
            waiting.push("directory");
        }
        // Without an audit log every question would be refused.
        if !self.parts.audit.is_writable() {
            waiting.push("audit");
        }
        waiting
    }
}
