//! The gate through which patient data leaves (P6, P7, C03, C18).
//!
//! A [`Release`] is made from a permit that still holds, after the audit record is durable, and in no other way.
//! The writers send releases only, so data that did not pass the gate cannot be sent. A Bundle that was written ahead
//! is sent only when exactly what is in it was released.

use samenhang_gather::clock::Clock;
use samenhang_gather::consent::{Permit, Register};
use samenhang_gather::query::{Grant, Question};
use samenhang_profiles::{Received, Ura};
use samenhang_terminology::Category;

use crate::audit::{Activity, Event, EventResult, Log, Pending};

/// Resources of one category of one holder, not yet allowed out.
pub struct Batch {
    /// The holder.
    pub holder: Ura,
    /// The consent under which they were fetched.
    pub permit: Permit,
    /// The resources.
    pub resources: Vec<Received>,
}

/// Why a batch may not leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Withheld {
    /// Consent was withdrawn or has expired.
    Consent,
    /// The audit record is not durable.
    Audit,
}

/// What the gate looks at.
#[derive(Clone, Copy)]
pub struct Gate<'a> {
    /// The consent decisions that hold.
    pub register: &'a Register,
    /// The audit log.
    pub audit: &'a Log,
    /// The time.
    pub clock: &'a dyn Clock,
    /// The question.
    pub question: &'a Question,
    /// The ground on which it is answered.
    pub grant: &'a Grant,
}

/// Resources whose record is on its way to the disk. They may be put in order and written ahead meanwhile, and not
/// leave.
pub struct Announced {
    release: Release,
    record: Pending,
}

/// Resources that may leave.
pub struct Release {
    permit: Permit,
    holder: Ura,
    category: Category,
    resources: Vec<Received>,
}

impl Announced {
    /// Announces that a batch is about to leave: the permit holds, and the record has its place in the log.
    ///
    /// # Errors
    /// [`Withheld`]; the batch is gone.
    pub async fn announce(batch: Batch, gate: Gate<'_>) -> Result<Announced, Withheld> {
        let Batch {
            holder,
            permit,
            resources,
        } = batch;
        let category = permit.category();
        let release = Release {
            permit,
            holder,
            category,
            resources,
        };
        if !release.holds(gate) {
            return Err(release.withdrawn(gate).await);
        }
        let mut event = Event::about(Activity::Disclosure, gate.question)
            .under(gate.grant)
            .holder(&release.holder);
        event.categories = vec![category];
        event.count = Some(release.resources.len());
        let record = gate.audit.submit(event).await.map_err(|_| Withheld::Audit)?;
        Ok(Announced { release, record })
    }

    /// Lets the batch out: the record is durable, and the permit still holds.
    ///
    /// # Errors
    /// [`Withheld`]; the batch is gone.
    pub async fn open(self, gate: Gate<'_>) -> Result<Release, Withheld> {
        let Announced { release, record } = self;
        record.durable().await.map_err(|_| Withheld::Audit)?;
        // The record may have taken its time.
        if release.holds(gate) {
            Ok(release)
        } else {
            Err(release.withdrawn(gate).await)
        }
    }

    /// The resources, to be put in order. They have not left yet.
    #[must_use]
    pub fn resources(&self) -> &[Received] {
        &self.release.resources
    }

    /// The holder and the category.
    #[must_use]
    pub fn place(&self) -> (Ura, Category) {
        (self.release.holder.clone(), self.release.category)
    }
}

impl Release {
    /// Whether the permit holds now. Asked again before data that waited is written.
    #[must_use]
    pub fn holds(&self, gate: Gate<'_>) -> bool {
        gate.register.still_valid(&self.permit, gate.clock.now())
    }

    /// Notes that data was held back.
    async fn withdrawn(&self, gate: Gate<'_>) -> Withheld {
        let mut event = Event::about(Activity::Withdrawal, gate.question)
            .under(gate.grant)
            .holder(&self.holder);
        event.categories = vec![self.category];
        event.result = EventResult::Refused("consent no longer holds");
        match gate.audit.record(event).await {
            Ok(_) => Withheld::Consent,
            Err(_) => Withheld::Audit,
        }
    }

    /// The holder.
    #[must_use]
    pub fn holder(&self) -> &Ura {
        &self.holder
    }

    /// The category.
    #[must_use]
    pub fn category(&self) -> Category {
        self.category
    }

    /// The resources, to be written.
    #[must_use]
    pub fn resources(&self) -> &[Received] {
        &self.resources
    }
}
