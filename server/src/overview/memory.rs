//! What a question in a viewer session takes from the memory of that session, and leaves there.
//!
//! Only a person in a session has one: a system that asks again is answered afresh. Under five minutes the same
//! question is answered from memory; after that, or when the asker wants it, the holders are asked again, and what one
//! of them gave earlier may stand in for an answer that does not come now. Two identical questions of one session at
//! the same time: the second waits for the first, for half its patience, and then takes what the first has left.

use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};
use std::sync::Arc;

use jiff::Timestamp;
use samenhang_gather::consent::{Permit, Register};
use samenhang_gather::fanout::{Detail, Event, Notice};
use samenhang_gather::query::{Authorised, Decision, Localised, Permitted, Query, Question};
use samenhang_profiles::{Received, Ura};
use samenhang_terminology::Status;
use tokio::sync::OwnedMutexGuard;
use tokio::time::Instant;

use crate::app::App;
use crate::overview::identity::Identity;
use crate::overview::kept::{self, Again, Cell, Choices, Kept, Place};
use crate::overview::tally::{Tally, Told};
use crate::session::{AnswerKey, SessionId, Sessions};

/// Whether a question may be answered from memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reuse {
    /// It may.
    Allowed,
    /// The asker wants the holders to be asked.
    Refused,
}

/// The place of a question in its session: what was kept there, and whose turn it is.
pub struct Seat {
    sessions: Arc<Sessions>,
    session: SessionId,
    key: AnswerKey,
    choices: Choices,
    since: Timestamp,
    earlier: Option<Arc<Kept>>,
    reuse: Reuse,
    /// Whoever asks the same waits until this is let go.
    _turn: Option<OwnedMutexGuard<()>>,
}

impl Seat {
    /// Takes a seat, and waits while the same question is being asked in the same session.
    pub async fn take(
        app: &App,
        session: &SessionId,
        question: &Question,
        reuse: Reuse,
        deadline: Instant,
    ) -> Seat {
        let sessions = app.access().sessions();
        let key = sessions.key(question);
        let turn = match sessions.flight(session, &key) {
            Some(flight) => {
                let patience = deadline.saturating_duration_since(Instant::now()) / 2;
                // The first may have a slow reader: who has waited long enough asks for itself.
                tokio::time::timeout(patience, flight.lock_owned()).await.ok()
            }
            None => None,
        };
        let register = app.register();
        let patient = register.key(&question.patient);
        let choices = Choices {
            patient,
            epoch: register.epoch(patient),
        };
        let earlier = sessions
            .recall(session, &key)
            .filter(|kept| kept.is_of_now(&register));
        Seat {
            sessions: Arc::clone(sessions),
            session: session.clone(),
            key,
            choices,
            since: app.clock().now(),
            earlier,
            reuse,
            _turn: turn,
        }
    }

    /// The answer that may be shown again.
    fn fresh(&self) -> Option<&Arc<Kept>> {
        let reuse = self.sessions.config().reuse();
        let earlier = self.earlier.as_ref()?;
        (self.reuse == Reuse::Allowed && earlier.is_fresh(reuse, self.since)).then_some(earlier)
    }

    /// Takes over from memory who knows the patient.
    ///
    /// # Errors
    /// The question, when it has to be localised.
    pub fn localised(&self, query: Query<Authorised>) -> Result<Query<Localised>, Query<Authorised>> {
        match self.fresh().and_then(|kept| kept.localised.as_ref()) {
            Some(before) => query.localised_as(before),
            None => Err(query),
        }
    }

    /// The answer from memory, and when the holders were asked for it. What may not be known any more is forgotten.
    #[must_use]
    pub fn again(&self, query: &Query<Permitted>) -> Option<(Again, Timestamp)> {
        let kept = self.fresh()?;
        let again = kept.again(query)?;
        // When the service does not answer, nothing is shown now; it has not said no.
        let is_denied = |place: &Place| kept.cells.get(place).is_some_and(|cell| cell.permitted);
        if !query.is_consent_unavailable() && again.denied.iter().any(is_denied) {
            self.sessions
                .replace(&self.session, &self.key, kept, kept.without(&again.denied));
        }
        Some((again, kept.since()))
    }

    /// The holders are asked: follows what they give.
    #[must_use]
    pub fn follow(self, localised: Query<Localised>, query: &Query<Permitted>) -> Memory {
        let mut permits = BTreeMap::new();
        for holder in query.holders() {
            for (category, decision) in holder.decisions() {
                if let Decision::Permit(permit) = decision {
                    permits.insert((holder.holder().ura().clone(), *category), permit.clone());
                }
            }
        }
        Memory {
            seat: self,
            localised,
            permits,
            given: BTreeMap::new(),
            stood_in: BTreeMap::new(),
            seen: HashSet::new(),
            bytes: 0,
            notices: Vec::new(),
        }
    }
}

/// What the holders give to one question, to be kept when it has ended.
pub struct Memory {
    seat: Seat,
    localised: Query<Localised>,
    permits: BTreeMap<Place, Permit>,
    given: BTreeMap<Place, Vec<Received>>,
    /// What was taken from an earlier answer, and when the holders were asked for that.
    stood_in: BTreeMap<Place, Timestamp>,
    /// What came in now, by its address.
    seen: HashSet<Arc<str>>,
    bytes: usize,
    notices: Vec<Notice>,
}

impl Memory {
    /// Notes an event; where a holder does not answer, what it gave earlier comes before its row.
    pub fn attend(&mut self, event: Event, identity: &Identity) -> VecDeque<Event> {
        let mut events = VecDeque::new();
        match &event {
            Event::Batch {
                holder,
                permit,
                resources,
            } => self.given((holder.clone(), permit.category()), resources),
            Event::Notice(notice) if notice.holder().is_some() => self.notices.push(notice.clone()),
            Event::Category {
                holder,
                category,
                status,
                count: 0,
                detail,
                ..
            } if is_silent(*status, *detail) => {
                let place = (holder.clone(), *category);
                if let Some((resources, told)) = self.stand_in(&place, *detail, identity) {
                    if let (Some(permit), false) = (self.permits.get(&place), resources.is_empty()) {
                        events.push_back(Event::Batch {
                            holder: holder.clone(),
                            permit: permit.clone(),
                            resources: resources.clone(),
                        });
                    }
                    self.given(place, &resources);
                    events.push_back(told.row(holder, *category));
                    return events;
                }
            }
            _ => {}
        }
        events.push_back(event);
        events
    }

    fn given(&mut self, place: Place, resources: &[Received]) {
        for received in resources {
            self.bytes += kept::weight(received);
            self.seen.insert(Arc::clone(&received.full_url));
        }
        // What will not fit is not gathered either.
        if self.bytes <= self.seat.sessions.config().session_bytes {
            self.given.entry(place).or_default().extend_from_slice(resources);
        } else {
            self.given.clear();
        }
    }

    /// What the holder gave earlier, without what came in now in another way.
    fn stand_in(
        &mut self,
        place: &Place,
        detail: Option<Detail>,
        identity: &Identity,
    ) -> Option<(Vec<Received>, Told)> {
        let now = self.seat.since;
        let keep = self.seat.sessions.config().keep();
        let earlier = self
            .seat
            .earlier
            .as_ref()
            .filter(|kept| kept.is_within(keep, now))?;
        if !self.permits.contains_key(place) {
            return None;
        }
        let cell = earlier.stand_in(place)?;
        let told = Told {
            status: Status::Stale,
            detail,
            ..cell.told.clone()
        };
        let is_new = |received: &&Received| !self.seen.contains(&received.full_url);
        let resources = cell.resources.iter().filter(is_new).cloned().collect();
        if let Some(demographics) = earlier.identity_of(&place.0) {
            identity.take_in(&place.0, demographics);
        }
        self.stood_in.insert(place.clone(), cell.since);
        Some((resources, told))
    }

    /// Keeps the answer, now that everything is told. Of a holder whose data was dropped nothing is kept, nor of a
    /// cell whose consent has ended.
    pub fn keep(mut self, register: &Register, tally: &Tally, dropped: &BTreeSet<Ura>, identity: &Identity) {
        if self.bytes > self.seat.sessions.config().session_bytes {
            return;
        }
        let seat = &self.seat;
        let mut kept = Kept::new(seat.since, Some(seat.choices), Some(self.localised));
        kept.notices = std::mem::take(&mut self.notices);
        for (holder, name) in tally.holders() {
            kept.holders.insert(holder.clone(), Arc::clone(name));
            for category in tally.asked() {
                let place = (holder.clone(), *category);
                let Some(told) = tally.cell(holder, *category) else {
                    continue;
                };
                let is_withheld = tally.is_withheld(&place);
                let mut resources = self.given.remove(&place).unwrap_or_default();
                if is_withheld || dropped.contains(holder) {
                    resources = Vec::new();
                }
                let cell = Cell {
                    told: told.clone(),
                    permitted: self.permits.contains_key(&place) && !is_withheld,
                    since: self.stood_in.get(&place).copied().unwrap_or(seat.since),
                    resources,
                };
                kept.add(place, cell);
            }
        }
        let asked: BTreeSet<&Ura> = self.permits.keys().map(|(holder, _)| holder).collect();
        kept.identity = identity.accepted();
        kept.identity.retain(|(holder, _)| asked.contains(holder));
        // A choice that changed in the meantime was told to the register before this.
        if !kept.is_of_now(register) {
            return;
        }
        seat.sessions.keep(&seat.session, seat.key.clone(), kept);
    }
}

/// Whether a holder gave nothing because it did not answer. What it answered, a refusal above all, is never replaced.
fn is_silent(status: Status, detail: Option<Detail>) -> bool {
    matches!(status, Status::TimedOut | Status::Failed | Status::Skipped)
        && matches!(
            detail,
            Some(
                Detail::Deadline
                    | Detail::BreakerOpen
                    | Detail::Unreachable
                    | Detail::SourceError
                    | Detail::TokenFailed
                    | Detail::Unreadable
            )
        )
}
