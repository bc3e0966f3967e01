//! What disagrees within one treatment: the pharmacy's agreement, or what is used, with what the prescriber agreed; and
//! the status that a source gives with what was computed. It is shown with what differs and never resolved. What only
//! one of the two says is no difference.

use std::collections::{BTreeMap, BTreeSet};

use super::bucket::Member;
use super::read::{Reading, Relation, Stop};
use super::rules::Rules;
use super::{About, Author, Finding, FindingKind, Kind, Phase};

/// Most blocks of one kind of a treatment that are compared with the agreement.
const MAX_COMPARED: usize = 64;

/// What disagrees in one treatment.
pub(super) fn findings(members: &[Member<'_>], rules: &Rules) -> Vec<Finding> {
    let mut found = Vec::new();
    statuses(members, rules, &mut found);
    let agreed: Vec<&Member<'_>> = members
        .iter()
        .filter(|(block, _, phase)| {
            block.kind == Kind::MedicationAgreement && block.stop == Stop::None && *phase != Phase::Withdrawn
        })
        .collect();
    if !agreed.is_empty() {
        carried_out(members, &agreed, rules, &mut found);
        used(members, &agreed, rules, &mut found);
    }
    found
}

/// Statuses that do not go with what was computed.
fn statuses(members: &[Member<'_>], rules: &Rules, found: &mut Vec<Finding>) {
    for (block, _, phase) in members {
        if let Some(status) = &block.status
            && !rules.fits(block.kind.code(), *phase, status)
        {
            found.push(Finding {
                kind: FindingKind::StatusDiffers,
                blocks: vec![block.index],
                about: Vec::new(),
                raw: Some(status.clone()),
            });
        }
    }
}

/// The pharmacy's agreements that are or will be in force, each with the agreement that it carries out; and agreements
/// in force of which the pharmacy's is not.
fn carried_out(members: &[Member<'_>], agreed: &[&Member<'_>], rules: &Rules, found: &mut Vec<Finding>) {
    let own: Vec<&Member<'_>> = members
        .iter()
        .filter(|(block, _, phase)| {
            block.kind == Kind::AdministrationAgreement
                && block.stop == Stop::None
                && *phase != Phase::Withdrawn
        })
        .collect();
    let is_in_force = |list: &[&Member<'_>]| list.iter().any(|(.., phase)| *phase == Phase::InForce);
    let standing = own
        .iter()
        .filter(|(.., phase)| matches!(phase, Phase::InForce | Phase::Future));
    for member in standing.take(MAX_COMPARED) {
        let Some(with) = partner(member, agreed) else {
            continue;
        };
        let mut about = differences(member.0, with.0, rules);
        if member.2 != with.2 {
            about.insert(About::Effect);
        } else if (member.0.period.start, member.1.end) != (with.0.period.start, with.1.end) {
            about.insert(About::Period);
        }
        tell(with.0, member.0, about, found);
    }
    if !own.is_empty() && !is_in_force(&own) && is_in_force(agreed) {
        let last = own
            .iter()
            .max_by_key(|(block, ..)| (block.registered, block.index));
        let with = agreed.iter().find(|(.., phase)| *phase == Phase::InForce);
        if let (Some(last), Some(with)) = (last, with)
            && last.2 != Phase::Future
        {
            tell(with.0, last.0, BTreeSet::from([About::Effect]), found);
        }
    }
}

/// The latest use by each kind of author, with the agreement.
fn used(members: &[Member<'_>], agreed: &[&Member<'_>], rules: &Rules, found: &mut Vec<Finding>) {
    let mut latest: BTreeMap<Author, &Member<'_>> = BTreeMap::new();
    let uses = members
        .iter()
        .filter(|(block, _, phase)| block.kind == Kind::MedicationUse && *phase != Phase::Withdrawn);
    for member in uses {
        let known = latest
            .entry(member.0.author.unwrap_or(Author::Unknown))
            .or_insert(member);
        // The same time: the first in order, as it is shown.
        if known.0.registered < member.0.registered {
            *known = member;
        }
    }
    for member in latest.into_values() {
        let Some(with) = partner(member, agreed) else {
            continue;
        };
        let (block, phase) = (member.0, member.2);
        let is_agreed = with.2 == Phase::InForce;
        let is_off = phase == Phase::Stop || block.status.as_deref() == Some("not-taken");
        let mut about = BTreeSet::new();
        if block.as_agreed == Some(false) {
            about.insert(About::AsAgreed);
        }
        if is_off {
            if is_agreed && phase != Phase::Future {
                about.insert(About::Use);
            }
        } else if phase == Phase::InForce {
            about.extend(differences(block, with.0, rules));
            if !is_agreed {
                about.insert(About::Effect);
            }
        } else if names(block, with.0) {
            about.extend(differences(block, with.0, rules));
        }
        tell(with.0, block, about, found);
    }
}

fn tell(agreed: &Reading, other: &Reading, about: BTreeSet<About>, found: &mut Vec<Finding>) {
    if !about.is_empty() {
        found.push(Finding {
            kind: FindingKind::Disagreement,
            blocks: vec![agreed.index, other.index],
            about: about.into_iter().collect(),
            raw: None,
        });
    }
}

/// The agreement that a block is compared with: the one that it names if that stands as it does, then the latest that
/// stands as it does, then the one that it names, then the latest.
fn partner<'m>(member: &Member<'m>, agreed: &[&'m Member<'m>]) -> Option<&'m Member<'m>> {
    let (block, _, phase) = member;
    // What was used until yesterday is compared with what it was about.
    let wanted = if *phase == Phase::Future {
        Phase::Future
    } else {
        Phase::InForce
    };
    let has_ended = block.kind == Kind::MedicationUse && matches!(phase, Phase::Ended);
    let best = agreed.iter().max_by_key(|(other, _, at)| {
        let is_named = names(block, other);
        let stands = *at == wanted;
        let rank = match (stands, is_named) {
            (true, true) => 3,
            (false, true) if has_ended => 2,
            (true, false) => 1,
            _ => 0,
        };
        (
            rank,
            is_named,
            *at != Phase::Never,
            other.registered,
            std::cmp::Reverse(other.index),
        )
    });
    best.copied()
}

/// Whether a block names another.
fn names(block: &Reading, other: &Reading) -> bool {
    block.relations.iter().any(|relation| match relation {
        Relation::Number(system, value) => {
            let mut numbers = other.identifiers.iter();
            numbers.any(|(s, v)| s == system && v == value)
        }
        Relation::Place(index) => other.members.contains(index),
    })
}

/// What two blocks say differently, of product and dose.
fn differences(a: &Reading, b: &Reading, rules: &Rules) -> BTreeSet<About> {
    let mut about = BTreeSet::new();
    if is_other_product(a, b, rules) {
        about.insert(About::Product);
    }
    let is_other_route = !a.route.is_empty() && !b.route.is_empty() && a.route.is_disjoint(&b.route);
    let is_other_dose = match (&a.dose, &b.dose) {
        (Some(a), Some(b)) => a != b,
        (None, None) => a.dose_text.is_some() && b.dose_text.is_some() && a.dose_text != b.dose_text,
        // A dose in parts and one in words cannot be compared.
        _ => false,
    };
    if is_other_dose || is_other_route {
        about.insert(About::Dose);
    }
    about
}

/// Whether they are about two products: the prescription products differ, or without these codes of one system do and
/// none is equal.
fn is_other_product(a: &Reading, b: &Reading, rules: &Rules) -> bool {
    if let (Some(a), Some(b)) = (a.prescription_product(rules), b.prescription_product(rules)) {
        return a != b;
    }
    let is_equal = a.product.intersection(&b.product).next().is_some();
    let mut systems = a.product.iter().map(|(system, _)| system);
    !is_equal
        && systems.any(|system| !system.is_empty() && b.product.iter().any(|(other, _)| other == system))
}
