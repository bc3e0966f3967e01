//! Where a block and a treatment stand at a moment (reconciliation notes, section 2.4 steps 4 and 5).
//!
//! What the prescriber agreed decides, then what the pharmacy agreed, then a dosing regimen. An administration
//! agreement that is in force still counts when the medication agreement only ran out, and does not when it was
//! stopped, paused or annulled: then it is a disagreement that is shown.

use jiff::Timestamp;

use super::period::months;
use super::read::{Reading, Stop};
use super::rules::Rules;
use super::stop::Effect;
use super::{Bucket, Kind, Phase, StopKind};

/// A block with what became of it and where it stands.
pub(super) type Member<'m> = (&'m Reading, &'m Effect, Phase);

/// Where one block stands.
pub(super) fn phase(block: &Reading, effect: &Effect, at: Timestamp) -> Phase {
    if block.is_withdrawn() {
        return Phase::Withdrawn;
    }
    if block.modifier.is_some() || matches!(block.stop, Stop::Unknown(_)) {
        return Phase::NotInterpreted;
    }
    if block.stop_kind().is_some() {
        return Phase::Stop;
    }
    if !block.kind.is_agreement() && block.kind != Kind::MedicationUse {
        return Phase::Recorded;
    }
    let starts_after_end = block
        .period
        .start
        .zip(effect.end)
        .is_some_and(|(start, end)| end <= start);
    if effect.is_never || (effect.ended_by.is_some() && starts_after_end) {
        return Phase::Never;
    }
    match (block.period.start, effect.end) {
        (Some(start), _) if start > at => Phase::Future,
        (_, Some(end)) if end <= at && effect.ended_by == Some(StopKind::Pause) => Phase::Paused,
        (_, Some(end)) if end <= at => Phase::Ended,
        // It starts when something happens that has no date yet.
        (None, None) if block.is_uncertain => Phase::Future,
        _ => Phase::InForce,
    }
}

/// Where a treatment stands.
pub(super) struct Decided {
    pub(super) bucket: Bucket,
    /// Of a future treatment whether it starts within the window.
    pub(super) is_near: bool,
    pub(super) end: Option<Timestamp>,
}

/// What the agreements of one kind tell together.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    InForce,
    Paused(Option<Timestamp>),
    Future(Option<Timestamp>),
    /// Ended then; by a stop or by itself.
    Ended(Option<Timestamp>, bool),
    Never,
}

pub(super) fn bucket(members: &[Member<'_>], rules: &Rules, at: Timestamp) -> Decided {
    let recent = months(at, -rules.windows.stopped, false);
    let near = months(at, rules.windows.future, true);
    let is_recent = |end: Option<Timestamp>| end.zip(recent).is_none_or(|(end, recent)| end >= recent);
    let to = |bucket, end| Decided {
        bucket,
        is_near: true,
        end,
    };
    let Some(state) = decisive(members, at) else {
        // Use has no age; what was handed over or given long ago is history.
        let is_used = members
            .iter()
            .any(|(block, ..)| block.kind == Kind::MedicationUse);
        let times = members
            .iter()
            .map(|(block, ..)| block.period.end.max(block.period.start).or(block.registered));
        let last = times.max().flatten();
        return to(
            if is_used || is_recent(last) {
                Bucket::UseOnly
            } else {
                Bucket::History
            },
            None,
        );
    };
    match state {
        State::InForce => to(Bucket::Current, None),
        State::Paused(end) => to(Bucket::Paused, end),
        State::Future(start) => Decided {
            bucket: Bucket::Future,
            is_near: start.zip(near).is_none_or(|(start, near)| start < near),
            end: None,
        },
        State::Ended(end, _) if is_recent(end) => to(Bucket::RecentlyStopped, end),
        State::Ended(end, _) => to(Bucket::History, end),
        State::Never => to(Bucket::History, None),
    }
}

/// The state that decides; nothing without an agreement.
fn decisive(members: &[Member<'_>], at: Timestamp) -> Option<State> {
    let agreed = state(members, Kind::MedicationAgreement, at);
    let carried_out = state(members, Kind::AdministrationAgreement, at);
    match (agreed, carried_out) {
        // It ran out, or starts later: the pharmacy's agreement that is in force still counts.
        (Some(State::Ended(_, false)), Some(State::InForce)) => Some(State::InForce),
        (Some(State::Future(_)), Some(State::InForce)) if !is_stopped(members) => Some(State::InForce),
        (Some(agreed), _) => Some(agreed),
        (None, Some(carried_out)) => Some(carried_out),
        (None, None) => state(members, Kind::VariableDosingRegimen, at),
    }
}

/// Whether the prescriber stopped an agreement.
fn is_stopped(members: &[Member<'_>]) -> bool {
    members.iter().any(|(block, effect, phase)| {
        block.kind == Kind::MedicationAgreement && *phase == Phase::Ended && effect.ended_by.is_some()
    })
}

fn state(members: &[Member<'_>], kind: Kind, at: Timestamp) -> Option<State> {
    let own = || members.iter().filter(move |(block, ..)| block.kind == kind);
    let of = |phase: Phase| own().filter(move |(.., own)| *own == phase);
    own().next()?;
    if of(Phase::InForce).next().is_some() {
        return Some(State::InForce);
    }
    // It may be in force: it is shown where nobody overlooks it.
    let mut unknown = of(Phase::NotInterpreted).filter(|(block, ..)| block.stop == Stop::None);
    if unknown.any(|(block, ..)| block.period.covers(at)) {
        return Some(State::InForce);
    }
    // Paused until a later start that has come.
    let is_started = |from: Option<Timestamp>| {
        let mut starts = own().filter(|(.., phase)| matches!(phase, Phase::Ended | Phase::Paused));
        starts.any(|(block, ..)| {
            let start = block.period.start;
            start
                .zip(from)
                .is_some_and(|(start, from)| start >= from && start <= at)
        })
    };
    let paused = of(Phase::Paused).filter(|(_, effect, _)| !is_started(effect.end));
    if let Some(end) = paused.map(|(_, effect, _)| effect.end).max() {
        return Some(State::Paused(end));
    }
    if let Some(start) = of(Phase::Future).map(|(block, ..)| block.period.start).min() {
        return Some(State::Future(start));
    }
    let ended = of(Phase::Ended).chain(of(Phase::Paused));
    let last = ended.map(|(_, effect, _)| {
        (
            effect.end.max(effect.stopped_at.filter(|end| *end <= at)),
            effect.ended_by.is_some(),
        )
    });
    if let Some((end, is_stopped)) = last.max() {
        return Some(State::Ended(end, is_stopped));
    }
    alone(members, kind, at)
}

/// Without an agreement of which the effect is known: stops of what was not received, and what is not interpreted.
fn alone(members: &[Member<'_>], kind: Kind, at: Timestamp) -> Option<State> {
    let own = || members.iter().filter(move |(block, ..)| block.kind == kind);
    if own().any(|(.., phase)| *phase == Phase::Never) {
        return Some(State::Never);
    }
    let open = own().filter(|(_, effect, phase)| match phase {
        Phase::NotInterpreted => true,
        Phase::Stop => effect.count == 0 && !effect.is_annulled,
        _ => false,
    });
    let states = open.map(|(block, ..)| {
        let (start, end) = (block.period.start, block.period.end);
        match block.stop_kind() {
            Some(StopKind::Annul) => State::Never,
            Some(StopKind::Pause) if end.is_some_and(|end| end <= at) => State::Paused(end),
            // What a stop without an end stops is not known to have ended.
            _ if start.is_some_and(|start| start > at) => State::Future(start),
            _ if end.is_some_and(|end| end <= at) => State::Ended(end, block.stop_kind().is_some()),
            _ => State::InForce,
        }
    });
    let rank = |state: &State| match state {
        State::InForce => 0,
        State::Paused(_) => 1,
        State::Future(_) => 2,
        State::Ended(..) => 3,
        State::Never => 4,
    };
    let when = |state: &State| match state {
        State::Paused(when) | State::Future(when) | State::Ended(when, _) => *when,
        State::InForce | State::Never => None,
    };
    let first = states.min_by_key(|state| (rank(state), std::cmp::Reverse(when(state))));
    // Only what was withdrawn, or stops of what stands in another treatment.
    Some(first.unwrap_or_else(|| moved(members, kind, at)))
}

/// A treatment of nothing but stops that work elsewhere, or of what was withdrawn: as the last of the stops says.
fn moved(members: &[Member<'_>], kind: Kind, at: Timestamp) -> State {
    let stops = members.iter().filter(|(block, effect, phase)| {
        block.kind == kind
            && *phase == Phase::Stop
            && !effect.is_annulled
            && block.stop_kind() != Some(StopKind::Annul)
    });
    let last = stops
        .filter_map(|(block, ..)| Some((block.period.end?, block.stop_kind()?)))
        .max_by_key(|(end, _)| *end);
    match last {
        Some((end, StopKind::Pause)) if end <= at => State::Paused(Some(end)),
        Some((end, _)) if end <= at => State::Ended(Some(end), true),
        Some(_) => State::InForce,
        None => State::Never,
    }
}

/// When a treatment started: the first of its agreements that takes effect, else of what else has a start.
pub(super) fn start(members: &[Member<'_>]) -> Option<Timestamp> {
    let starts = |agreements: bool| {
        let own = members.iter().filter(move |(block, _, phase)| {
            block.kind.is_agreement() == agreements && !matches!(phase, Phase::Withdrawn | Phase::Never)
        });
        own.filter_map(|(block, ..)| block.period.start).min()
    };
    starts(true).or_else(|| starts(false)).or_else(|| {
        let all = members
            .iter()
            .filter_map(|(block, ..)| block.period.start.or(block.registered));
        all.min()
    })
}
