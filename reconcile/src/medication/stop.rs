//! What stops, pauses and annulments do to agreements (reconciliation notes, section 2.4 step 4).
//!
//! A stop names what it stops, or has its kind, treatment and start and was not registered before it. One that names
//! an agreement of another treatment stops that only when one of the two has a generic treatment number or none and
//! the product is not another. A stop can itself be annulled by one that was registered later and names it, so that
//! there are no loops.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::group::{Group, Named, is_open, is_other_product};
use super::read::{Reading, Stop};
use super::rules::Rules;
use super::{Finding, FindingKind, Kind, Phase, StopKind};

/// Most stops that are told of one agreement, and most agreements of one stop; all of them count.
const MAX_TOLD: usize = 32;

/// What became of a block.
#[derive(Default, Clone)]
pub(super) struct Effect {
    /// Until when, after stops.
    pub(super) end: Option<Timestamp>,
    /// The stop that was registered last of those that ended it.
    pub(super) ended_by: Option<StopKind>,
    /// The latest end that a stop gives.
    pub(super) stopped_at: Option<Timestamp>,
    /// Whether it never took effect.
    pub(super) is_never: bool,
    /// Of a stop: what it stops, by index.
    pub(super) stops: Vec<usize>,
    /// Of a stop: how many it stops, and what is wrong with it.
    pub(super) count: usize,
    /// Of a stop: it was annulled itself.
    pub(super) is_annulled: bool,
    /// Of a stop: an agreement of another treatment that it names and does not stop.
    pub(super) elsewhere: Option<usize>,
    /// Order of registration of the stop that counts for `ended_by`.
    latest: Option<(Option<Timestamp>, usize)>,
}

/// The effects for all blocks.
pub(super) struct Effects(Vec<Effect>);

impl Effects {
    pub(super) fn of(&self, place: usize) -> Option<&Effect> {
        self.0.get(place)
    }
}

/// Works out every stop.
pub(super) fn effects(blocks: &[Reading], groups: &[Group], rules: &Rules) -> Effects {
    let mut effects: Vec<Effect> = blocks
        .iter()
        .map(|block| Effect {
            end: block.period.end,
            ..Effect::default()
        })
        .collect();
    let named = Named::new(blocks);
    let mut stops: Vec<usize> = (0..blocks.len())
        .filter(|&place| blocks.get(place).is_some_and(is_stop))
        .collect();
    stops.sort_by_key(|&place| blocks.get(place).map(|block| (block.registered, block.index)));
    annul_stops(blocks, &stops, &named, &mut effects);
    // Agreements of one kind and treatment, for stops that name nothing that is known.
    let mut same: BTreeMap<(usize, Kind), Vec<usize>> = BTreeMap::new();
    let mut group_of = vec![0; blocks.len()];
    for (at, group) in groups.iter().enumerate() {
        for &member in &group.members {
            if let (Some(slot), Some(block)) = (group_of.get_mut(member), blocks.get(member)) {
                *slot = at;
                if is_stoppable(block) {
                    same.entry((at, block.kind)).or_default().push(member);
                }
            }
        }
    }
    for &place in &stops {
        let (Some(stop), Some(&group)) = (blocks.get(place), group_of.get(place)) else {
            continue;
        };
        if effects.get(place).is_none_or(|effect| effect.is_annulled) {
            continue;
        }
        let mut elsewhere = None;
        let mut targets: Vec<usize> = Vec::new();
        for target in named.targets(stop) {
            let Some(block) = blocks.get(target) else { continue };
            if block.kind != stop.kind || !is_stoppable(block) {
                continue;
            }
            let is_own = stop.treatment.is_some() && group_of.get(target) == Some(&group);
            let is_open = is_open(stop.treatment.as_ref(), rules) || is_open(block.treatment.as_ref(), rules);
            if is_own || (is_open && !is_other_product(stop, block, rules)) {
                targets.push(target);
            } else {
                elsewhere = Some(block.index);
            }
        }
        if targets.is_empty() && stop.treatment.is_some() {
            let alike = same.get(&(group, stop.kind)).into_iter().flatten().copied();
            targets = alike
                .filter(|&target| blocks.get(target).is_some_and(|block| fits(stop, block)))
                .collect();
        }
        for &target in &targets {
            if let Some(effect) = effects.get_mut(target) {
                apply(stop, effect);
            }
        }
        if let Some(effect) = effects.get_mut(place) {
            effect.count = targets.len();
            effect.elsewhere = elsewhere;
            let told = targets
                .iter()
                .filter_map(|&target| Some(blocks.get(target)?.index));
            effect.stops = told.take(MAX_TOLD).collect();
        }
    }
    Effects(effects)
}

/// Stops that name an earlier stop and annul it.
fn annul_stops(blocks: &[Reading], stops: &[usize], named: &Named<'_>, effects: &mut [Effect]) {
    let order: BTreeMap<usize, usize> = stops.iter().enumerate().map(|(at, &place)| (place, at)).collect();
    for (at, &place) in stops.iter().enumerate().rev() {
        let Some(stop) = blocks.get(place) else { continue };
        let is_annulled = effects.get(place).is_none_or(|effect| effect.is_annulled);
        if is_annulled || stop.stop_kind() != Some(StopKind::Annul) {
            continue;
        }
        for target in named.targets(stop) {
            let is_earlier = order.get(&target).is_some_and(|&other| other < at);
            let is_same = blocks
                .get(target)
                .is_some_and(|block| block.kind == stop.kind && block.treatment == stop.treatment);
            if is_earlier
                && is_same
                && let Some(effect) = effects.get_mut(target)
            {
                effect.is_annulled = true;
            }
        }
    }
}

/// Whether it is a stop that is understood, of an agreement.
fn is_stop(block: &Reading) -> bool {
    block.kind.is_agreement()
        && block.stop_kind().is_some()
        && block.modifier.is_none()
        && !block.is_withdrawn()
}

/// Whether it is an agreement that can be stopped.
fn is_stoppable(block: &Reading) -> bool {
    block.kind.is_agreement() && block.stop == Stop::None
}

/// Whether a stop that names nothing is about this block: the same start, or both none, and not registered before it.
fn fits(stop: &Reading, block: &Reading) -> bool {
    let start = match (stop.period.starts, block.period.starts) {
        (Some(a), Some(b)) => a.start <= b.end && b.start <= a.end,
        (None, None) => true,
        _ => false,
    };
    let earlier = block
        .registered
        .zip(stop.registered)
        .is_some_and(|(block, stop)| block <= stop);
    start && earlier
}

fn apply(stop: &Reading, effect: &mut Effect) {
    let order = (stop.registered, stop.index);
    match stop.stop_kind() {
        Some(StopKind::Annul) => effect.is_never = true,
        Some(kind) => {
            let Some(cut) = stop.period.end else { return };
            if effect.end.is_none_or(|end| cut <= end) || effect.latest.is_some() {
                effect.end = Some(effect.end.map_or(cut, |end| end.min(cut)));
                effect.stopped_at = effect.stopped_at.max(Some(cut));
                if effect.latest.is_none_or(|latest| latest < order) {
                    effect.latest = Some(order);
                    effect.ended_by = Some(kind);
                }
            }
        }
        None => {}
    }
}

/// What is to be told of the blocks of one treatment by themselves.
pub(super) fn findings(members: &[(&Reading, &Effect, Phase)]) -> Vec<Finding> {
    let mut found = Vec::new();
    for (block, effect, _) in members {
        let mut tell = |kind, raw: Option<&String>, also: Option<usize>| {
            found.push(Finding {
                kind,
                blocks: std::iter::once(block.index).chain(also).collect(),
                about: Vec::new(),
                raw: raw.cloned(),
            });
        };
        if let Some(modifier) = &block.modifier {
            tell(FindingKind::UnknownModifier, Some(modifier), None);
        }
        if let Stop::Unknown(code) = &block.stop {
            tell(FindingKind::UnknownStop, Some(code), None);
        }
        if is_stop(block) && !effect.is_annulled {
            if let Some(elsewhere) = effect.elsewhere {
                tell(FindingKind::StopElsewhere, None, Some(elsewhere));
            }
            match effect.count {
                0 => tell(FindingKind::StopWithoutTarget, None, None),
                1 => {}
                _ => tell(FindingKind::StopOfSeveral, None, None),
            }
            if block.period.end.is_none() && block.stop_kind() != Some(StopKind::Annul) {
                tell(FindingKind::StopWithoutEnd, None, None);
            }
        }
        if block.kind.is_agreement() || block.kind == Kind::MedicationUse {
            if !block.period.is_given && !block.is_uncertain {
                tell(FindingKind::NoPeriod, None, None);
            }
            if block.period.is_unreadable {
                tell(FindingKind::UnreadablePeriod, None, None);
            }
        }
        if block.is_uncertain {
            tell(FindingKind::UncertainPeriod, None, None);
        }
    }
    found.extend(overlap(members));
    found
}

/// Medication agreements of which more than one is in force.
fn overlap(members: &[(&Reading, &Effect, Phase)]) -> Option<Finding> {
    let agreements = members.iter().filter(|(block, _, phase)| {
        block.kind == Kind::MedicationAgreement && *phase == Phase::InForce && block.stop == Stop::None
    });
    let blocks: BTreeSet<usize> = agreements.map(|(block, _, _)| block.index).collect();
    (blocks.len() > 1).then(|| Finding {
        kind: FindingKind::Overlap,
        blocks: blocks.into_iter().collect(),
        about: Vec::new(),
        raw: None,
    })
}
