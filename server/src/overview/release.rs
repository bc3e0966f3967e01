//! The gate through which patient data leaves (P6, P7, C03, C18).
//!
//! A [`Release`] is made from a permit that still holds, after the audit record is durable, and in no other way.
//! The writers send releases only, so data that did not pass the gate cannot be sent. A Bundle that was written ahead
//! is sent only when exactly what is in it was released.

use std::collections::BTreeMap;

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

/// Lets go of resources once more that left a moment ago: every permit under which they did still holds, and that they
/// are shown is durable in the log, by holder and category.
///
/// # Errors
/// [`Withheld`]: nothing of it may be shown any more.
pub async fn show_again(
    permits: &[Permit],
    shown: &BTreeMap<(Ura, Category), usize>,
    gate: Gate<'_>,
) -> Result<(), Withheld> {
    let ended = || {
        let now = gate.clock.now();
        permits
            .iter()
            .find(|permit| !gate.register.still_valid(permit, now))
    };
    if let Some(permit) = ended() {
        return Err(withdrawn(permit.holder(), permit.category(), gate).await);
    }
    let mut records = Vec::with_capacity(shown.len());
    for ((holder, category), count) in shown {
        records.push(disclosure(holder, *category, *count, gate).await?);
    }
    for record in records {
        record.durable().await.map_err(|_| Withheld::Audit)?;
    }
    // The records may have taken their time.
    match ended() {
        Some(permit) => Err(withdrawn(permit.holder(), permit.category(), gate).await),
        None => Ok(()),
    }
}

/// Puts the record of what is about to be shown on its way to the disk.
async fn disclosure(
    holder: &Ura,
    category: Category,
    count: usize,
    gate: Gate<'_>,
) -> Result<Pending, Withheld> {
    let mut event = Event::about(Activity::Disclosure, gate.question)
        .under(gate.grant)
        .holder(holder);
    event.categories = vec![category];
    event.count = Some(count);
    gate.audit.submit(event).await.map_err(|_| Withheld::Audit)
}

/// Notes that data was held back.
async fn withdrawn(holder: &Ura, category: Category, gate: Gate<'_>) -> Withheld {
    let mut event = Event::about(Activity::Withdrawal, gate.question)
        .under(gate.grant)
        .holder(holder);
    event.categories = vec![category];
    event.result = EventResult::Refused("consent no longer holds");
    match gate.audit.record(event).await {
        Ok(_) => Withheld::Consent,
        Err(_) => Withheld::Audit,
    }
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
        let count = release.resources.len();
        let record = disclosure(&release.holder, category, count, gate).await?;
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
        withdrawn(&self.holder, self.category, gate).await
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

    /// The consent under which they are shown.
    #[must_use]
    pub fn permit(&self) -> &Permit {
        &self.permit
    }

    /// The resources, to be written.
    #[must_use]
    pub fn resources(&self) -> &[Received] {
        &self.resources
    }
}
