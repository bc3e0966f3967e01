//! What is known, in the version of FHIR that is asked for: what a holder sent in that version as it was sent, the rest
//! as the conformance layer makes it. What it cannot make stands as received and says so; nothing is left out.
//!
//! Clusters are found once, in [`GATHERED`], and are the same in every version.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use samenhang_conform::{Converter, Retyped};
use samenhang_profiles::{Conformance, FhirVersion, Received};
use samenhang_reconcile::Reconciled;
use samenhang_reconcile::completeness::{Loss, Statement};

use crate::error::{Kind, Problem};
use crate::overview::kept::Place;
use crate::overview::release::Release;

/// The version in which the fan-out gives what it received.
pub const GATHERED: FhirVersion = FhirVersion::R4;

/// Puts what is known in a version of FHIR, off the threads that wait for requests when that is work; and with it the
/// account of what was not carried over.
///
/// # Errors
/// When that work breaks off.
pub async fn serve(
    known: Arc<Reconciled>,
    statement: Statement,
    wanted: FhirVersion,
) -> Result<(Arc<Reconciled>, Statement), Problem> {
    let is_done =
        |item: &Received| item.version() == wanted && item.lineage.conformance != Conformance::AsReceived;
    if known.items().iter().all(is_done) {
        return Ok((known, statement));
    }
    let work = move || {
        let mut converter = Converter::new(wanted);
        let items = known.items().iter();
        let mut made: Vec<Vec<Received>> = items.map(|item| converter.serve(item.clone())).collect();
        converter.settle(made.iter_mut().flatten());
        let mut made = made.into_iter();
        let served = known.in_version(|_| made.next().unwrap_or_default());
        let statement = statement.with_losses_of(served.items());
        (Arc::new(served), statement)
    };
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| Kind::Defect.into())
}

/// An answer that is sent in pieces, in a version of FHIR. Of what was sent it remembers the addresses only.
pub struct Pieces {
    wanted: FhirVersion,
    /// What was made as another type, in all pieces so far.
    retyped: Retyped,
    /// The address of what was received, and those of what was served of it.
    places: HashMap<Arc<str>, Vec<Arc<str>>>,
    losses: BTreeMap<Place, Loss>,
}

impl Pieces {
    /// In a version, with nothing sent yet.
    #[must_use]
    pub fn new(wanted: FhirVersion) -> Pieces {
        Pieces {
            wanted,
            retyped: Retyped::default(),
            places: HashMap::new(),
            losses: BTreeMap::new(),
        }
    }

    /// The version.
    #[must_use]
    pub fn version(&self) -> FhirVersion {
        self.wanted
    }

    /// What is sent of resources that may leave. References from these to what an earlier piece brought are right; what was
    /// sent before is not sent again.
    ///
    /// # Errors
    /// When the work breaks off.
    pub async fn of<'r>(&mut self, release: &'r Release) -> Result<Cow<'r, [Received]>, Problem> {
        if self.wanted == GATHERED {
            let lifted = |item: &Received| item.lineage.conformance == Conformance::Lifted;
            if !release.resources().iter().any(lifted) {
                return Ok(Cow::Borrowed(release.resources()));
            }
            let mut items = release.resources().to_vec();
            self.retyped.settle(&mut items);
            return Ok(Cow::Owned(items));
        }
        let (wanted, items) = (self.wanted, release.resources().to_vec());
        let work = move || {
            let mut converter = Converter::new(wanted);
            let served = items
                .into_iter()
                .map(|item| (Arc::clone(&item.full_url), converter.serve(item)));
            served.collect::<Vec<_>>()
        };
        let mut served = tokio::task::spawn_blocking(work)
            .await
            .map_err(|_| Problem::from(Kind::Defect))?;
        self.retyped
            .settle(served.iter_mut().flat_map(|(_, made)| made.iter_mut()));
        let place = (release.holder().clone(), release.category());
        let loss = self.losses.entry(place).or_default();
        let mut all = Vec::with_capacity(served.len());
        for (address, made) in served {
            made.iter().for_each(|item| loss.add(item));
            let addresses = made.iter().map(|item| Arc::clone(&item.full_url)).collect();
            self.places.insert(address, addresses);
            all.extend(made);
        }
        Ok(Cow::Owned(all))
    }

    /// What belongs together, by the addresses at which it was sent.
    #[must_use]
    pub fn together(&self, known: Arc<Reconciled>) -> Arc<Reconciled> {
        if self.wanted == GATHERED {
            return known;
        }
        let served = known.in_version(|item| {
            let sent = self.places.get(&item.full_url).into_iter().flatten();
            sent.map(|address| Received {
                full_url: Arc::clone(address),
                ..item.clone()
            })
            .collect()
        });
        Arc::new(served)
    }

    /// The statement, with what was not carried over into this version.
    #[must_use]
    pub fn account(self, statement: Statement) -> Statement {
        if self.wanted == GATHERED {
            return statement;
        }
        statement.with_losses(self.losses)
    }
}
