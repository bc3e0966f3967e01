//! The order in which treatments and blocks are shown, and which blocks stand on the line of a treatment
//! (reconciliation notes, section 2.4 step 6).

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::bucket::Member;
use super::{Author, Block, Kind, Phase, Treatment};

/// By bucket, then the one that started last first.
pub(super) fn sort(treatments: &mut [Treatment]) {
    treatments.sort_by(|a, b| {
        let key = |treatment: &Treatment| {
            (
                treatment.bucket,
                !treatment.is_near,
                Reverse(treatment.start),
                treatment.id,
            )
        };
        key(a).cmp(&key(b))
    });
}

/// The blocks of a treatment: by kind, of a kind the latest registration first, and a stop right after what it stops.
pub(super) fn blocks(members: &[Member<'_>]) -> Vec<Block> {
    let mut blocks: Vec<Block> = members.iter().map(block).collect();
    blocks.sort_by_key(|block| (block.kind, Reverse(block.registered), block.index));
    let own: BTreeSet<usize> = blocks
        .iter()
        .filter(|block| block.stop.is_none())
        .map(|block| block.index)
        .collect();
    let mut after: BTreeMap<usize, Vec<Block>> = BTreeMap::new();
    let mut rest = Vec::new();
    for block in blocks {
        match block.stops.iter().find(|target| own.contains(target)) {
            Some(&target) => after.entry(target).or_default().push(block),
            None => rest.push(block),
        }
    }
    let mut sorted = Vec::with_capacity(members.len());
    for block in rest {
        let index = block.index;
        sorted.push(block);
        sorted.extend(after.remove(&index).unwrap_or_default());
    }
    sorted
}

fn block((reading, effect, phase): &Member<'_>) -> Block {
    Block {
        index: reading.index,
        members: reading.members.clone(),
        kind: reading.kind,
        phase: *phase,
        stop: reading.stop_kind(),
        stops: effect.stops.clone(),
        registered: reading.registered,
        start: reading.period.start,
        end: effect.end,
        author: (reading.kind == Kind::MedicationUse).then(|| reading.author.unwrap_or(Author::Unknown)),
        on_line: false,
    }
}

/// The stop that was registered last.
pub(super) fn latest_stop(members: &[Member<'_>]) -> Option<usize> {
    let stops = members
        .iter()
        .filter(|(_, effect, phase)| *phase == Phase::Stop && !effect.is_annulled);
    let last = stops.max_by_key(|(block, ..)| (Reverse(block.kind), block.registered, Reverse(block.index)));
    last.map(|(block, ..)| block.index)
}

/// Marks what stands on the line: agreements in force, or else the one that counts last; and the latest use by each
/// kind of author.
pub(super) fn mark_line(treatment: &mut Treatment) {
    let mut authors: BTreeSet<Option<Author>> = BTreeSet::new();
    let rank = |phase: Phase| match phase {
        Phase::InForce => Some(0),
        Phase::Paused => Some(1),
        Phase::Future => Some(2),
        Phase::Ended => Some(3),
        Phase::Stop => Some(4),
        Phase::NotInterpreted | Phase::Never | Phase::Recorded | Phase::Withdrawn => None,
    };
    let mut best: BTreeMap<Kind, u8> = BTreeMap::new();
    for block in treatment.blocks.iter().filter(|block| block.kind.is_agreement()) {
        if let Some(rank) = rank(block.phase) {
            best.entry(block.kind)
                .and_modify(|known| *known = rank.min(*known))
                .or_insert(rank);
        }
    }
    // Of those that are not in force one is enough, the latest registration: they stand in that order.
    let mut told: BTreeSet<Kind> = BTreeSet::new();
    for block in &mut treatment.blocks {
        block.on_line = if block.phase == Phase::NotInterpreted {
            // What may matter and is not understood is never put away.
            true
        } else if block.kind == Kind::MedicationUse {
            block.phase != Phase::Withdrawn && authors.insert(block.author)
        } else if block.kind.is_agreement() {
            let own = rank(block.phase);
            own.is_some()
                && own == best.get(&block.kind).copied()
                && (own == Some(0) || told.insert(block.kind))
        } else {
            false
        };
    }
    // Without any of these the latest of what there is.
    if !treatment.blocks.iter().any(|block| block.on_line)
        && let Some(first) = treatment.blocks.first_mut()
    {
        first.on_line = true;
    }
}
