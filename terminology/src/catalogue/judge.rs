//! Whether a code is in a compiled value set.

use super::Catalogue;
use super::filter;
use super::set::{Clause, Select, Set};
use super::slot::Slot;
use crate::answer::{Membership, NotMember, Unknown};
use crate::coding::Coding;
use crate::definition::{Content, Filter, Operator};

/// Deeper than this value sets are not followed into each other.
const MAX_DEPTH: usize = 16;

/// More rules than this are not looked at for one question.
const MAX_STEPS: usize = 10_000;

impl Catalogue {
    /// Whether `coding` is in `set`.
    pub(super) fn judge(&self, set: &Set, coding: Coding<'_>) -> Membership {
        let mut steps = MAX_STEPS;
        let answer = self.judge_within(set, coding, MAX_DEPTH, &mut steps);
        // Looked at last and once: most codes are in.
        let malformed = || {
            coding
                .system
                .and_then(|system| self.slot(system))
                .is_some_and(|slot| slot.is_malformed(coding.code))
        };
        match answer {
            Membership::NotMember(NotMember::Code) if malformed() => Membership::NotMember(NotMember::Syntax),
            answer => answer,
        }
    }

    fn judge_within(&self, set: &Set, coding: Coding<'_>, depth: usize, steps: &mut usize) -> Membership {
        let mut answer = Membership::NotMember(NotMember::System);
        for clause in &set.include {
            answer = answer.or(self.judge_clause(set, clause, coding, depth, steps));
            if answer == Membership::Member {
                break;
            }
        }
        for clause in &set.exclude {
            if matches!(answer, Membership::NotMember(_)) {
                break;
            }
            answer = answer.except(self.judge_clause(set, clause, coding, depth, steps));
        }
        match (&answer, &set.expansion) {
            // Without rules the expansion is all there is; with rules it fills what they leave open.
            (_, Some(stored)) if answer.is_unknown() || set.include.is_empty() => {
                let listed = stored.systems.iter().any(|(system, codes)| {
                    coding.system.is_none_or(|given| *given == **system) && codes.find(coding.code).is_some()
                });
                match (listed, stored.complete) {
                    (true, _) => Membership::Member,
                    (false, true) => Membership::NotMember(NotMember::Code),
                    (false, false) if answer.is_unknown() => answer,
                    (false, false) => Membership::Unknown(Unknown::SystemFragment),
                }
            }
            _ => answer,
        }
    }

    fn judge_clause(
        &self,
        set: &Set,
        clause: &Clause,
        coding: Coding<'_>,
        depth: usize,
        steps: &mut usize,
    ) -> Membership {
        let (Some(depth), Some(left)) = (depth.checked_sub(1), steps.checked_sub(1)) else {
            return Membership::Unknown(Unknown::TooDeep);
        };
        *steps = left;
        let mut coding = coding;
        let mut answer = Membership::Member;
        if let Some(place) = clause.system {
            let slot = &self.slots[place as usize];
            if coding.system.is_some_and(|system| !is_system(slot, system)) {
                return Membership::NotMember(NotMember::System);
            }
            coding.system = Some(&slot.url);
            answer = select(slot, &clause.select, coding);
        }
        for import in &clause.imports {
            if matches!(answer, Membership::NotMember(_)) {
                break;
            }
            answer = answer.and(match import {
                Ok(place) => self.judge_within(&self.sets[*place as usize], coding, depth, steps),
                Err(why) => Membership::Unknown(*why),
            });
        }
        if set.active_only
            && answer == Membership::Member
            && let Some(slot) = coding.system.and_then(|system| self.slot(system))
            && is_inactive(slot, coding)
        {
            return Membership::NotMember(NotMember::Inactive);
        }
        answer
    }

    /// Whether every code can be told to be in `set` or not.
    pub(super) fn decidable(&self, set: &Set, depth: usize) -> Result<(), Unknown> {
        if depth > MAX_DEPTH {
            return Err(Unknown::TooDeep);
        }
        if set.expansion.as_ref().is_some_and(|stored| stored.complete) {
            return Ok(());
        }
        for clause in set.include.iter().chain(&set.exclude) {
            if let Some(place) = clause.system {
                self.slots[place as usize].decides(&clause.select)?;
            }
            for import in &clause.imports {
                self.decidable(&self.sets[(*import)? as usize], depth + 1)?;
            }
        }
        Ok(())
    }
}

impl Slot {
    /// Whether a rule over this system is settled for every code.
    fn decides(&self, select: &Select) -> Result<(), Unknown> {
        match select {
            Select::Listed(_) => Ok(()),
            Select::Filters(_, why) => match (self.grammar, why) {
                (Some(_), Unknown::SystemContentAbsent) => Ok(()),
                _ => Err(*why),
            },
            Select::Decided(content, _) if content.content == Content::Complete => Ok(()),
            Select::Decided(..) => Err(Unknown::SystemFragment),
            Select::Whole(version) => match self.pick(version.as_deref()) {
                Some(_) if version.as_ref().is_some_and(|version| !self.has_version(version)) => {
                    Err(Unknown::VersionUnknown)
                }
                Some(content) if content.content == Content::Complete => Ok(()),
                Some(_) => Err(Unknown::SystemFragment),
                None if self.grammar.is_some() => Ok(()),
                None => match self.absent() {
                    Membership::Unknown(why) => Err(why),
                    _ => Ok(()),
                },
            },
        }
    }
}

/// Whether a rule takes a code of its system.
fn select(slot: &Slot, select: &Select, coding: Coding<'_>) -> Membership {
    let code = coding.code;
    let no = |why| Membership::NotMember(why);
    match select {
        Select::Whole(Some(version)) => slot.has(Some(version), code),
        Select::Whole(None) => slot.has(coding.version, code),
        Select::Listed(codes) if codes.find(code).is_some() => Membership::Member,
        Select::Listed(_) => no(NotMember::Code),
        Select::Decided(content, bits) => match content.codes.find(code) {
            Some(concept) if bits.contains(concept) => Membership::Member,
            Some(_) if content.content == Content::Complete => no(NotMember::Code),
            Some(_) => Membership::Unknown(Unknown::SystemFragment),
            None => slot.has(coding.version, code),
        },
        Select::Filters(filters, why) => {
            if slot.is_malformed(code) {
                return no(NotMember::Syntax);
            }
            filters.iter().fold(Membership::Member, |answer, filter| {
                answer.and(unevaluated(slot, filter, *why, code))
            })
        }
    }
}

/// What can be said of one filter without the content that it is about.
fn unevaluated(slot: &Slot, filter: &Filter, why: Unknown, code: &str) -> Membership {
    if let Some(grammar) = slot.grammar {
        return match (grammar.judge(code), filter::passes(code, filter)) {
            (Membership::Member, Some(true)) => Membership::Member,
            (Membership::Member, Some(false)) => Membership::NotMember(NotMember::Code),
            (Membership::Member, None) => Membership::Unknown(Unknown::FilterUnsupported),
            (other, _) => other,
        };
    }
    // A concept is one of its own kind, and never its own descendant.
    let itself = filter.value == code && matches!(filter.property.as_str(), "concept" | "code");
    match filter.operator {
        Operator::IsA | Operator::Equal | Operator::Generalizes if itself => Membership::Member,
        Operator::Equal if matches!(filter.property.as_str(), "concept" | "code") => {
            Membership::NotMember(NotMember::Code)
        }
        Operator::DescendentOf | Operator::IsNotA | Operator::ChildOf if itself => {
            Membership::NotMember(NotMember::Code)
        }
        _ => Membership::Unknown(why),
    }
}

/// Whether an instance means the system of a slot. Six tables of HL7 version 2 are published in R4 with their version
/// behind a bar in the uri, and are named in instances without it.
fn is_system(slot: &Slot, given: &str) -> bool {
    *given == *slot.url
        || slot
            .url
            .strip_prefix(given)
            .is_some_and(|rest| rest.starts_with('|'))
}

fn is_inactive(slot: &Slot, coding: Coding<'_>) -> bool {
    slot.pick(coding.version).is_some_and(|content| {
        content
            .codes
            .find(coding.code)
            .is_some_and(|concept| content.inactive.contains(concept))
    })
}
