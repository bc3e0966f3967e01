//! Facts about a synthetic patient, as they are recorded where they become known.

mod care;
mod illness;
mod measured;

use std::collections::BTreeMap;

use crate::chance::Chance;
use crate::perturb::Known;
use crate::seeds::Seeds;
use crate::statement::{Concept, Kind, Mark, Said, Statement, Tag, When};
use crate::term::{Code, LEFT, RIGHT, Term};

pub(crate) use care::{
    block, contact_person, directive, document, encounter, organization, payer, planned, practitioner, stop,
};
pub(crate) use illness::{alert, allergy, no_known_allergy, problem};
pub(crate) use measured::{draw, pressure, situation, vital};

/// A fact with what is known of its concept.
#[derive(Clone)]
pub(crate) struct Fact {
    pub(crate) statement: Statement,
    pub(crate) known: Known,
}

const DAY: i64 = 86_400;
const YEAR: i64 = 31_557_600;
/// The first of November 2026.
pub(crate) const NOW: i64 = 1_793_491_200;

/// A moment between the year in which records begin and now, in working hours.
pub(crate) fn moment(seeds: &Seeds, chance: &mut Chance) -> i64 {
    let first = (seeds.since - 1970) * YEAR;
    let day = chance.between(first / DAY, NOW / DAY - 1);
    day * DAY + 7 * 3600 + chance.between(0, 36_000)
}

/// A statement with nothing but its concept.
pub(crate) fn blank(kind: Kind, term: Term) -> Statement {
    let codes: Vec<Code> = term.codes.first().copied().into_iter().collect();
    Statement {
        kind,
        numbers: Vec::new(),
        concept: Concept {
            meaning: term.codes.first().map_or("", |code| code.code),
            text: codes.first().map(|code| code.name.to_owned()),
            codes,
            as_oid: false,
        },
        when: None,
        until: None,
        value: Said::Nothing,
        parts: Vec::new(),
        tags: BTreeMap::new(),
        recorded: None,
        remark: None,
        is_copy: false,
    }
}

/// A fact of a concept without units.
pub(crate) fn fact(statement: Statement, term: Term) -> Fact {
    Fact {
        statement,
        known: Known { term, unit: None },
    }
}

/// One of the two sides.
pub(crate) fn side(chance: &mut Chance) -> Mark {
    Mark::Code(if chance.permille(500) { LEFT } else { RIGHT })
}

/// Sets a tag to a word.
pub(crate) fn say(statement: &mut Statement, tag: Tag, word: &'static str) {
    statement.tags.insert(tag, Mark::Word(word));
}

/// A procedure that was done.
pub(crate) fn procedure(seeds: &Seeds, chance: &mut Chance) -> Option<Fact> {
    let seed = chance.pick(seeds.procedures)?;
    let mut of = blank(Kind::Procedure, seed.term);
    sited(&mut of, seed, chance);
    say(&mut of, Tag::Status, "completed");
    of.when = Some(When::day(moment(seeds, chance)));
    Some(fact(of, seed.term))
}

/// A vaccination that was given.
pub(crate) fn vaccination(seeds: &Seeds, chance: &mut Chance) -> Option<Fact> {
    let term = *chance.pick(seeds.vaccines)?;
    let mut of = blank(Kind::Vaccination, term);
    say(&mut of, Tag::Status, "completed");
    of.when = Some(When::day(moment(seeds, chance)));
    of.tags
        .insert(Tag::Lot, Mark::Count(chance.below(9_000_000) as u64));
    if chance.permille(400) {
        of.tags
            .insert(Tag::DoseNumber, Mark::Count(1 + chance.below(3) as u64));
    }
    Some(fact(of, term))
}

/// A device in use.
pub(crate) fn device(seeds: &Seeds, chance: &mut Chance) -> Option<Fact> {
    let seed = chance.pick(seeds.devices)?;
    let mut of = blank(Kind::DeviceUse, seed.term);
    sited(&mut of, seed, chance);
    say(&mut of, Tag::Status, "active");
    of.when = Some(When::day(moment(seeds, chance)));
    if chance.permille(600) {
        of.tags
            .insert(Tag::Serial, Mark::Count(chance.below(900_000_000) as u64));
    }
    Some(fact(of, seed.term))
}

/// Sets the site and the side of what has one.
fn sited(of: &mut Statement, seed: &crate::seeds::Sited, chance: &mut Chance) {
    if let Some(site) = seed.site {
        of.tags.insert(Tag::Site, Mark::Code(site));
        if seed.is_sided {
            of.tags.insert(Tag::Side, side(chance));
        }
    }
}
