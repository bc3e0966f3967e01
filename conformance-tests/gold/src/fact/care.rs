//! Medication, and what was planned, agreed, paid and written.

use super::{DAY, Fact, YEAR, blank, fact, moment, say};
use crate::chance::Chance;
use crate::seeds::Seeds;
use crate::statement::{Kind, Mark, Said, Statement, Tag, When};
use crate::term::{System, Term, code, sct};

/// A building block of the treatment with this number.
pub(crate) fn block(
    kind: Kind,
    seeds: &Seeds,
    treatment: u64,
    place: usize,
    at: i64,
    dose: u64,
) -> Option<Fact> {
    let term = *seeds.products.get(place % seeds.products.len().max(1))?;
    let mut of = blank(kind, term);
    of.when = Some(When::day(at));
    of.recorded = Some(at);
    of.tags.insert(Tag::Treatment, Mark::Count(treatment));
    of.tags.insert(Tag::Dose, Mark::Count(dose));
    Some(fact(of, term))
}

/// The agreement that stops another.
pub(crate) fn stop(agreement: &Fact, chance: &mut Chance) -> Fact {
    const STOPPED: crate::term::Code = sct("410546004", "Stopgezet");
    let mut of = agreement.clone();
    let later = chance.between(20, 300) * DAY;
    of.statement.tags.insert(Tag::Stop, Mark::Code(STOPPED));
    of.statement.until = of.statement.when.map(|when| When::day(when.at + later));
    of.statement.recorded = of.statement.recorded.map(|at| at + later);
    of
}

/// A contact with a holder.
pub(crate) fn encounter(seeds: &Seeds, party: &'static str, chance: &mut Chance) -> Fact {
    const CLASSES: [Term; 3] = [
        Term {
            codes: &[code(System::Own, "AMB", "ambulatory")],
            english: "Ambulatory",
        },
        Term {
            codes: &[code(System::Own, "IMP", "inpatient")],
            english: "Inpatient",
        },
        Term {
            codes: &[code(System::Own, "EMER", "emergency")],
            english: "Emergency",
        },
    ];
    let term = CLASSES[chance.below(CLASSES.len())];
    let mut of = blank(Kind::Encounter, term);
    let at = moment(seeds, chance);
    of.when = Some(When::second(at));
    of.until = Some(When::second(at + chance.between(600, 300_000)));
    say(&mut of, Tag::Party, party);
    fact(of, term)
}

/// What a patient wants or does not want.
pub(crate) fn directive(seeds: &Seeds, place: usize, chance: &mut Chance) -> Option<Fact> {
    let term = *seeds.directives.get(place)?;
    let mut of = blank(Kind::Directive, term);
    say(
        &mut of,
        Tag::Choice,
        if chance.permille(500) { "permit" } else { "deny" },
    );
    of.when = Some(When::day(moment(seeds, chance)));
    Some(fact(of, term))
}

/// An insurance in a year.
pub(crate) fn payer(year: i64, party: &'static str, chance: &mut Chance) -> Fact {
    const BASIC: Term = Term {
        codes: &[code(System::Own, "B", "Basisverzekering")],
        english: "Basic insurance",
    };
    let mut of = blank(Kind::Payer, BASIC);
    let start = (year - 1970) * YEAR + DAY;
    of.when = Some(When::day(start));
    of.until = Some(When::day(start + 350 * DAY));
    of.tags
        .insert(Tag::Serial, Mark::Count(chance.below(900_000_000) as u64));
    say(&mut of, Tag::Party, party);
    fact(of, BASIC)
}

/// A letter.
pub(crate) fn document(seeds: &Seeds, chance: &mut Chance) -> Option<Fact> {
    let term = *chance.pick(seeds.documents)?;
    let mut of = blank(Kind::Document, term);
    of.when = Some(When::second(moment(seeds, chance)));
    of.tags
        .insert(Tag::Serial, Mark::Count(chance.below(usize::MAX >> 1) as u64));
    Some(fact(of, term))
}

/// What is planned.
pub(crate) fn planned(seeds: &Seeds, chance: &mut Chance) -> Option<Fact> {
    let term = *chance.pick(seeds.planned)?;
    let mut of = blank(Kind::PlannedCare, term);
    of.when = Some(When::day(moment(seeds, chance)));
    say(&mut of, Tag::Intent, "order");
    Some(fact(of, term))
}

/// Somebody to call.
pub(crate) fn contact_person(chance: &mut Chance) -> Fact {
    const WIFE: Term = Term {
        codes: &[code(System::Own, "WIFE", "Echtgenote")],
        english: "Wife",
    };
    let mut of = blank(Kind::ContactPerson, WIFE);
    of.concept.text = Some(format!("Testcontact {}", chance.below(1000)));
    of.value = Said::Nothing;
    fact(of, WIFE)
}

fn party(kind: Kind, name: String) -> Fact {
    const NONE: Term = Term {
        codes: &[],
        english: "",
    };
    let mut of: Statement = blank(kind, NONE);
    of.concept.text = Some(name);
    fact(of, NONE)
}

/// A holder, as another holder knows it.
pub(crate) fn organization(number: usize) -> Fact {
    party(Kind::Organization, format!("Zorgaanbieder {number}"))
}

/// A professional, as a holder knows one.
pub(crate) fn practitioner(number: usize) -> Fact {
    party(Kind::Practitioner, format!("Zorgverlener {number}"))
}
