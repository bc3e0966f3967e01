//! What a viewer session keeps of an answer that it showed, and how that is told again (P2).
//!
//! Kept are resources as they were received, the row of each holder and category, and whom the localisers named, so that
//! what is shown again goes the same way as what is fresh. Only what reconciliation made of them is kept beside it
//! ([`Settled`]). The bytes are copied out of their pages and wiped when the last holder of them lets go. A category for which consent is missing now is
//! told as if there were nothing, as every denial is, and what was kept of it goes.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use samenhang_gather::consent::{PatientKey, Permit, Register};
use samenhang_gather::fanout::{Detail, Event, Notice};
use samenhang_gather::query::{Decision, Localised, Permitted, Query};
use samenhang_profiles::{Conversion, RawResource, Received, Ura};
use samenhang_reconcile::identity::Demographics;
use samenhang_terminology::{Category, Status};
use zeroize::Zeroizing;

use crate::overview::settled::Settled;
use crate::overview::tally::Told;

/// Bytes that a resource is counted for beside its body: its keys, its lineage and its part in what was made of all.
const BESIDE: usize = 768;

/// A holder and a category.
pub type Place = (Ura, Category);

/// The state of a patient's choices when a question was asked.
#[derive(Clone, Copy)]
pub struct Choices {
    /// The patient, as a keyed hash.
    pub patient: PatientKey,
    /// The state.
    pub epoch: u64,
}

/// One holder x category of an answer.
#[derive(Clone)]
pub struct Cell {
    /// What was told.
    pub told: Told,
    /// Whether the holder was permitted to be asked for it.
    pub permitted: bool,
    /// When the question was asked to which the holder gave it.
    pub since: Timestamp,
    /// What it gave, with what that refers to.
    pub resources: Vec<Received>,
}

/// An answer that was shown in a session.
#[derive(Clone)]
pub struct Kept {
    pub(super) since: Timestamp,
    pub(super) choices: Option<Choices>,
    pub(super) localised: Option<Query<Localised>>,
    pub(super) holders: BTreeMap<Ura, Arc<str>>,
    pub(super) cells: BTreeMap<Place, Cell>,
    pub(super) identity: Vec<(Ura, Demographics)>,
    pub(super) notices: Vec<Notice>,
    settled: Arc<Settled>,
    bytes: usize,
}

/// An answer from memory, and what of it may be kept no longer.
pub struct Again {
    /// What is told.
    pub events: VecDeque<Event>,
    /// Who the holders said the patient is; of holders that may be asked now only.
    pub identity: Vec<(Ura, Demographics)>,
    /// Cells for which consent is missing now.
    pub denied: BTreeSet<Place>,
    /// What reconciliation made of it before.
    pub settled: Arc<Settled>,
}

impl Kept {
    /// An answer that was asked for at `since`, with nothing in it yet.
    #[must_use]
    pub fn new(since: Timestamp, choices: Option<Choices>, localised: Option<Query<Localised>>) -> Self {
        Kept {
            since,
            choices,
            localised,
            holders: BTreeMap::new(),
            cells: BTreeMap::new(),
            identity: Vec::new(),
            notices: Vec::new(),
            settled: Arc::default(),
            bytes: 0,
        }
    }

    /// Adds a holder x category. The resources are copied out of their pages.
    pub fn add(&mut self, place: Place, mut cell: Cell) {
        for received in &mut cell.resources {
            received.resource = copied(&received.resource);
            if let Some(conversion) = received.conversion.take() {
                received.conversion = Some(Arc::new(Conversion {
                    original: copied(&conversion.original),
                    ..Conversion::clone(&conversion)
                }));
            }
        }
        self.bytes += size(&cell);
        self.cells.insert(place, cell);
    }

    /// When it was asked for.
    #[must_use]
    pub fn since(&self) -> Timestamp {
        self.since
    }

    /// How many bytes it counts for.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether everything in it was asked for less than `age` ago. A clock that went back makes it too old.
    #[must_use]
    pub fn is_within(&self, age: SignedDuration, now: Timestamp) -> bool {
        let is_young = |since: Timestamp| now >= since && now.duration_since(since) < age;
        is_young(self.since) && self.cells.values().all(|cell| is_young(cell.since))
    }

    /// Whether it was asked for less than `age` ago. What it took from an earlier answer is marked as such in it.
    #[must_use]
    pub fn is_fresh(&self, age: SignedDuration, now: Timestamp) -> bool {
        now >= self.since && now.duration_since(self.since) < age
    }

    /// Whether the patient's choices are as they were.
    #[must_use]
    pub fn is_of_now(&self, register: &Register) -> bool {
        self.choices
            .is_none_or(|choices| register.epoch(choices.patient) == choices.epoch)
    }

    /// The same without some cells: they read as if there were nothing.
    #[must_use]
    pub fn without(&self, places: &BTreeSet<Place>) -> Self {
        let mut rest = self.clone();
        // What was made of all of it goes too.
        rest.settled = Arc::default();
        for place in places {
            if let Some(cell) = rest.cells.get_mut(place) {
                rest.bytes -= size(cell);
                cell.resources = Vec::new();
                cell.permitted = false;
                cell.told = Told::empty();
            }
        }
        let asked: BTreeSet<_> = rest.permitted_holders();
        rest.identity.retain(|(holder, _)| asked.contains(holder));
        rest
    }

    /// What one holder gave of one category, when it is whole and can stand in for an answer that does not come.
    #[must_use]
    pub fn stand_in(&self, place: &Place) -> Option<&Cell> {
        self.cells.get(place).filter(|cell| {
            cell.permitted
                && cell.told.count > 0
                && matches!(cell.told.status, Status::Answered | Status::Stale)
        })
    }

    /// Who a holder said that the patient is.
    #[must_use]
    pub fn identity_of(&self, holder: &Ura) -> Option<&Demographics> {
        let of = self.identity.iter().find(|(of, _)| of == holder);
        of.map(|(_, demographics)| demographics)
    }

    fn permitted_holders(&self) -> BTreeSet<Ura> {
        let permitted = self.cells.iter().filter(|(_, cell)| cell.permitted);
        permitted.map(|((holder, _), _)| holder.clone()).collect()
    }

    /// Tells the answer again, as far as it is permitted now. `None` when it does not say all that could be asked
    /// now: then the holders must be asked.
    #[must_use]
    pub fn again(&self, query: &Query<Permitted>) -> Option<Again> {
        let mut permits: BTreeMap<Place, &Permit> = BTreeMap::new();
        let mut denied = BTreeSet::new();
        let mut decided = 0;
        for holder in query.holders() {
            let ura = holder.holder().ura();
            for (category, decision) in holder.decisions() {
                let place = (ura.clone(), *category);
                let cell = self.cells.get(&place)?;
                decided += 1;
                match decision {
                    Decision::Permit(permit) if cell.permitted => drop(permits.insert(place, permit)),
                    Decision::Permit(_) => return None,
                    Decision::NotPermitted => drop(denied.insert(place)),
                    Decision::NoEndpoint if cell.told.detail == Some(Detail::NoEndpoint) => {}
                    Decision::OverLimit if cell.told.detail == Some(Detail::FanoutLimit) => {}
                    // The directory has changed since.
                    Decision::NoEndpoint | Decision::OverLimit => return None,
                }
            }
        }
        if decided != self.cells.len() {
            return None;
        }
        let asked: BTreeSet<&Ura> = permits.keys().map(|(holder, _)| holder).collect();
        let identity = self
            .identity
            .iter()
            .filter(|(holder, _)| asked.contains(holder))
            .cloned()
            .collect();
        let events = self.events(query, &permits, &asked);
        Some(Again {
            events,
            identity,
            denied,
            settled: Arc::clone(&self.settled),
        })
    }

    /// The events, in the order of the fan-out: empty rows last, whatever made them empty.
    fn events(
        &self,
        query: &Query<Permitted>,
        permits: &BTreeMap<Place, &Permit>,
        asked: &BTreeSet<&Ura>,
    ) -> VecDeque<Event> {
        let about_now = query.notices().into_iter().map(Event::Notice);
        let mut events: VecDeque<Event> = about_now.collect();
        for (holder, name) in &self.holders {
            events.push_back(Event::HolderStarted {
                holder: holder.clone(),
                name: Arc::clone(name),
            });
        }
        for notice in &self.notices {
            if notice.holder().is_some_and(|holder| asked.contains(holder)) {
                events.push_back(Event::Notice(notice.clone()));
            }
        }
        let mut late = VecDeque::new();
        for holder in self.holders.keys() {
            let mut is_late = false;
            let cells = self.cells.iter().filter(|((of, _), _)| of == holder);
            for (place, cell) in cells {
                let category = place.1;
                let told = match permits.get(place) {
                    Some(permit) => {
                        if !cell.resources.is_empty() {
                            events.push_back(Event::Batch {
                                holder: holder.clone(),
                                permit: (*permit).clone(),
                                resources: cell.resources.clone(),
                            });
                        }
                        cell.told.clone()
                    }
                    // It may have been permitted when it was kept.
                    None if cell.permitted => Told::empty(),
                    None => cell.told.clone(),
                };
                let row = told.row(holder, category);
                if told.status == Status::Empty {
                    is_late = true;
                    late.push_back(row);
                } else {
                    events.push_back(row);
                }
            }
            let done = Event::HolderDone {
                holder: holder.clone(),
                duration_ms: 0,
            };
            if is_late { &mut late } else { &mut events }.push_back(done);
        }
        events.append(&mut late);
        events.push_back(Event::Done);
        events
    }
}

/// The resource over a copy of its bytes that is wiped when it is let go.
fn copied(resource: &RawResource) -> RawResource {
    let copy = Bytes::from_owner(Zeroizing::new(resource.body().to_vec()));
    resource.over(copy).unwrap_or_else(|| resource.clone())
}

/// Bytes of a resource, with what it was made of.
pub(super) fn weight(received: &Received) -> usize {
    let original = received.conversion.as_deref();
    received.resource.body().len() + original.map_or(0, |conversion| conversion.original.body().len())
}

fn size(cell: &Cell) -> usize {
    cell.resources
        .iter()
        .map(|received| weight(received) + BESIDE)
        .sum()
}

#[cfg(test)]
pub(crate) mod tests;
