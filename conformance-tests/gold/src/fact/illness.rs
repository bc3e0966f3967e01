//! Problems, allergies and alerts.

use super::{Fact, blank, fact, moment, say, sited};
use crate::chance::Chance;
use crate::seeds::Seeds;
use crate::statement::{Kind, Mark, Statement, Tag, When};
use crate::term::{System, Term, code};

/// A problem, by the place of its seed.
pub(crate) fn problem(seeds: &Seeds, chance: &mut Chance) -> Option<Fact> {
    let seed = chance.pick(seeds.problems)?;
    let mut of = blank(Kind::Problem, seed.term);
    sited(&mut of, seed, chance);
    let category = *chance.pick(&seeds.categories[..1])?;
    of.tags.insert(Tag::Category, Mark::Code(category));
    say(&mut of, Tag::Verification, "confirmed");
    say(&mut of, Tag::Activity, "active");
    if chance.permille(300)
        && let Some(severity) = chance.pick(&seeds.severities)
    {
        of.tags.insert(Tag::Severity, Mark::Code(*severity));
    }
    let at = moment(seeds, chance);
    of.when = Some(When::day(at));
    of.recorded = Some(at + 3600);
    Some(fact(of, seed.term))
}

/// An allergy to the substance at a place of the list.
pub(crate) fn allergy(seeds: &Seeds, place: usize, chance: &mut Chance) -> Option<Fact> {
    let term = *seeds.allergies.get(place)?;
    let mut of = blank(Kind::Allergy, term);
    say(&mut of, Tag::Verification, "confirmed");
    say(&mut of, Tag::Activity, "active");
    let criticality = if chance.permille(400) { "high" } else { "low" };
    say(&mut of, Tag::Criticality, criticality);
    of.recorded = Some(moment(seeds, chance));
    if chance.permille(300) {
        of.when = Some(When::day(moment(seeds, chance)));
    }
    Some(fact(of, term))
}

/// That no allergy is known.
pub(crate) fn no_known_allergy(seeds: &Seeds, chance: &mut Chance) -> Statement {
    const NONE: Term = Term {
        codes: &[code(System::Snomed, "716186003", "Geen allergie bekend")],
        english: "No known allergy",
    };
    let mut of = blank(Kind::NoKnownAllergy, NONE);
    say(&mut of, Tag::Verification, "confirmed");
    say(&mut of, Tag::Activity, "active");
    of.recorded = Some(moment(seeds, chance));
    of
}

/// An alert, by the place of its seed.
pub(crate) fn alert(seeds: &Seeds, place: usize, chance: &mut Chance) -> Option<Fact> {
    let term = *seeds.alerts.get(place)?;
    let mut of = blank(Kind::Alert, term);
    say(&mut of, Tag::Status, "active");
    of.when = Some(When::day(moment(seeds, chance)));
    Some(fact(of, term))
}
