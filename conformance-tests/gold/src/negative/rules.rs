//! The rules, each with what it tells apart.

use crate::chance::Chance;
use crate::fact::{self, Fact};
use crate::seeds::Seeds;
use crate::statement::{Kind, Mark, Said, Statement, Tag, UnitForm, When};
use crate::term::{LEFT, RIGHT, sct, unit};

/// A base record and what must never be joined with it.
type Make = fn(&Seeds, &mut Chance) -> Option<(Fact, Statement)>;

/// One rule for one kind of record.
pub(crate) struct Rule {
    /// Its number in section 2.3.
    pub(crate) number: u8,
    pub(crate) name: &'static str,
    pub(crate) make: Make,
    /// Whether the two contradict each other, which must be told.
    pub(crate) conflict: bool,
    /// Whether one number for both does not make them one record either.
    pub(crate) shared: bool,
    /// Whether that is then to be told.
    pub(crate) shared_conflict: bool,
}

const fn apart(number: u8, name: &'static str, make: Make) -> Rule {
    Rule {
        number,
        name,
        make,
        conflict: false,
        shared: false,
        shared_conflict: false,
    }
}

const fn conflict(number: u8, name: &'static str, make: Make) -> Rule {
    Rule {
        number,
        name,
        make,
        conflict: true,
        shared: true,
        shared_conflict: true,
    }
}

/// Apart, and with one number a contradiction.
const fn fixed(number: u8, name: &'static str, make: Make) -> Rule {
    Rule {
        number,
        name,
        make,
        conflict: false,
        shared: true,
        shared_conflict: true,
    }
}

fn lab(seeds: &Seeds, chance: &mut Chance) -> Option<Fact> {
    fact::draw(seeds, 77, chance).into_iter().next()
}

fn problem(seeds: &Seeds, chance: &mut Chance) -> Option<Fact> {
    fact::problem(seeds, chance)
}

fn allergy(seeds: &Seeds, chance: &mut Chance) -> Option<Fact> {
    let place = chance.below(seeds.allergies.len());
    fact::allergy(seeds, place, chance)
}

fn sided(
    make: impl Fn(&Seeds, &mut Chance) -> Option<Fact>,
    seeds: &Seeds,
    chance: &mut Chance,
) -> Option<Fact> {
    (0..60).find_map(|_| make(seeds, chance).filter(|fact| fact.statement.tags.contains_key(&Tag::Side)))
}

fn agreement(seeds: &Seeds, chance: &mut Chance) -> Option<Fact> {
    block(Kind::Agreement, seeds, chance)
}

fn block(kind: Kind, seeds: &Seeds, chance: &mut Chance) -> Option<Fact> {
    let at = fact::moment(seeds, chance);
    let place = chance.below(seeds.products.len());
    let number = chance.below(1_000_000) as u64;
    fact::block(kind, seeds, number, place, at, 1 + chance.below(3) as u64)
}

/// The fact, and it with one tag changed.
fn tagged(fact: Option<Fact>, tag: Tag, mark: Mark) -> Option<(Fact, Statement)> {
    let fact = fact?;
    let mut other = fact.statement.clone();
    other.tags.insert(tag, mark);
    (other != fact.statement).then_some((fact, other))
}

/// The fact, and it changed.
fn changed(
    fact: Option<Fact>,
    change: impl FnOnce(&mut Statement) -> Option<()>,
) -> Option<(Fact, Statement)> {
    let fact = fact?;
    let mut other = fact.statement.clone();
    change(&mut other)?;
    Some((fact, other))
}

fn mirrored(fact: Option<Fact>) -> Option<(Fact, Statement)> {
    changed(fact, |other| {
        let now = other.code(Tag::Side)?;
        other
            .tags
            .insert(Tag::Side, Mark::Code(if now == LEFT { RIGHT } else { LEFT }));
        Some(())
    })
}

fn moved(fact: Option<Fact>, seconds: i64) -> Option<(Fact, Statement)> {
    changed(fact, |other| {
        let when = other.when?;
        other.when = Some(When {
            at: when.at - seconds,
            ..when
        });
        Some(())
    })
}

const OTHER_SITE: Mark = Mark::Code(sct("302509004", "Hart"));
const FETUS: Mark = Mark::Word("foetus");
const YES: Mark = Mark::Word("yes");
const DAY: i64 = 86_400;

fn dimension(fact: Option<Fact>) -> Option<(Fact, Statement)> {
    changed(fact, |other| {
        let Said::Quantity(amount) = &mut other.value else {
            return None;
        };
        amount.unit = if amount.unit.base == "g/L" {
            unit("mol/L", "mol/l", "mol/L", 0)
        } else {
            unit("g/L", "g/l", "g/L", 0)
        };
        Some(())
    })
}

fn obscure(fact: Option<Fact>) -> Option<(Fact, Statement)> {
    changed(fact, |other| {
        let Said::Quantity(amount) = &mut other.value else {
            return None;
        };
        amount.form = UnitForm::Obscure;
        Some(())
    })
}

fn valued(fact: Option<Fact>, chance: &mut Chance) -> Option<(Fact, Statement)> {
    let more = 6 + chance.between(0, 40);
    changed(fact, |other| {
        match &mut other.value {
            Said::Quantity(amount) => amount.digits += more,
            _ => match &mut other.parts.first_mut()?.value {
                Said::Quantity(amount) => amount.digits += more,
                _ => return None,
            },
        }
        Some(())
    })
}

fn compared(fact: Option<Fact>) -> Option<(Fact, Statement)> {
    changed(fact, |other| {
        let Said::Quantity(amount) = &mut other.value else {
            return None;
        };
        amount.comparator = Some("<");
        Some(())
    })
}

fn absent(fact: Option<Fact>) -> Option<(Fact, Statement)> {
    changed(fact, |other| {
        other.value = Said::Absent(sct("1156316003", "Niet verricht"));
        other.parts.clear();
        Some(())
    })
}

/// A problem, and the same day a wider one in another code system.
fn wider(seeds: &Seeds, chance: &mut Chance) -> Option<(Fact, Statement)> {
    let (term, code) = seeds.wider;
    let mut fact = problem(seeds, chance)?;
    fact.statement.tags.remove(&Tag::Side);
    fact.statement.tags.remove(&Tag::Site);
    fact.known.term = term;
    fact.statement.concept.meaning = term.codes.first()?.code;
    fact.statement.concept.codes = term.codes.to_vec();
    changed(Some(fact), |other| {
        other.concept.meaning = code.code;
        other.concept.codes = vec![code];
        Some(())
    })
}

/// The rules of section 2.3, by kind of record.
pub(crate) const RULES: &[Rule] = &[
    conflict(1, "confirmed and refuted", |s, c| {
        tagged(problem(s, c), Tag::Verification, Mark::Word("refuted"))
    }),
    conflict(1, "confirmed and entered in error", |s, c| {
        tagged(problem(s, c), Tag::Verification, Mark::Word("entered-in-error"))
    }),
    conflict(1, "confirmed and refuted", |s, c| {
        tagged(allergy(s, c), Tag::Verification, Mark::Word("refuted"))
    }),
    conflict(1, "confirmed and entered in error", |s, c| {
        tagged(allergy(s, c), Tag::Verification, Mark::Word("entered-in-error"))
    }),
    Rule {
        shared: false,
        ..conflict(1, "active and resolved", |s, c| {
            tagged(allergy(s, c), Tag::Activity, Mark::Word("resolved"))
        })
    },
    Rule {
        shared: false,
        ..conflict(1, "no known allergy and an allergy", |s, c| {
            Some((allergy(s, c)?, fact::no_known_allergy(s, c)))
        })
    },
    conflict(1, "valid and entered in error", |s, c| {
        tagged(lab(s, c), Tag::Status, Mark::Word("entered-in-error"))
    }),
    conflict(1, "valid and entered in error", |s, c| {
        tagged(fact::vital(s, c), Tag::Status, Mark::Word("entered-in-error"))
    }),
    Rule {
        shared: false,
        ..conflict(1, "active and inactive", |s, c| {
            tagged(fact::alert(s, 0, c), Tag::Status, Mark::Word("inactive"))
        })
    },
    fixed(2, "left and right", |s, c| mirrored(sided(fact::problem, s, c))),
    fixed(2, "left and right", |s, c| mirrored(sided(fact::procedure, s, c))),
    fixed(2, "left and right", |s, c| mirrored(sided(fact::device, s, c))),
    fixed(2, "two body sites", |s, c| {
        tagged(sided(fact::problem, s, c), Tag::Site, OTHER_SITE)
    }),
    fixed(2, "two body sites", |s, c| {
        tagged(sided(fact::procedure, s, c), Tag::Site, OTHER_SITE)
    }),
    fixed(2, "two materials", |s, c| {
        tagged(lab(s, c), Tag::Material, Mark::Code(sct("258450006", "Liquor")))
    }),
    fixed(2, "two microorganisms", |s, c| {
        let mut of = lab(s, c)?;
        let tags = &mut of.statement.tags;
        tags.insert(Tag::Material, Mark::Code(sct("119364003", "Serum")));
        tags.insert(Tag::Organism, Mark::Code(sct("112283007", "Escherichia coli")));
        let other = sct("3092008", "Staphylococcus aureus");
        tagged(Some(of), Tag::Organism, Mark::Code(other))
    }),
    apart(2, "two findings", |s, c| {
        changed(fact::situation(s, 0, c).into_iter().next(), |other| {
            other.value = Said::Code(sct("112283007", "Escherichia coli"));
            Some(())
        })
    }),
    apart(3, "another dimension", |s, c| dimension(lab(s, c))),
    apart(3, "a unit that is not known", |s, c| obscure(lab(s, c))),
    apart(3, "a unit that is not known", |s, c| obscure(fact::vital(s, c))),
    fixed(4, "another value", |s, c| {
        let fact = lab(s, c);
        valued(fact, c)
    }),
    apart(4, "another value", |s, c| {
        let fact = fact::vital(s, c);
        valued(fact, c)
    }),
    apart(4, "another part", |s, c| {
        let fact = Some(fact::pressure(s, c));
        valued(fact, c)
    }),
    apart(4, "a comparator", |s, c| compared(lab(s, c))),
    fixed(4, "another moment", |s, c| moved(lab(s, c), 4 * 3600)),
    fixed(4, "another moment", |s, c| moved(fact::vital(s, c), 2400)),
    fixed(4, "another moment", |s, c| moved(Some(fact::pressure(s, c)), 300)),
    apart(4, "another method", |s, c| {
        let mut of = lab(s, c)?;
        of.statement.tags.insert(Tag::Method, Mark::Code(s.methods[0]));
        tagged(Some(of), Tag::Method, Mark::Code(s.methods[1]))
    }),
    fixed(4, "fasting and not fasting", |s, c| {
        let mut of = lab(s, c)?;
        of.statement.tags.insert(Tag::Fasting, Mark::Word("F"));
        tagged(Some(of), Tag::Fasting, Mark::Word("NF"))
    }),
    apart(5, "an agreement and its administration agreement", |s, c| {
        changed(agreement(s, c), |other| {
            other.kind = Kind::AdministrationAgreement;
            Some(())
        })
    }),
    apart(5, "an agreement and its use", |s, c| {
        changed(agreement(s, c), |other| {
            other.kind = Kind::MedicationUse;
            Some(())
        })
    }),
    fixed(5, "a stop and a start", |s, c| {
        let of = agreement(s, c)?;
        let stop = fact::stop(&of, c).statement;
        Some((of, stop))
    }),
    fixed(5, "a stop and a start", |s, c| {
        tagged(
            block(Kind::AdministrationAgreement, s, c),
            Tag::Stop,
            Mark::Code(sct("385655000", "Onderbroken")),
        )
    }),
    fixed(5, "a stop and a start", |s, c| {
        tagged(
            agreement(s, c),
            Tag::Stop,
            Mark::Code(sct("89925002", "Geannuleerd")),
        )
    }),
    fixed(5, "two treatments", |s, c| {
        tagged(agreement(s, c), Tag::Treatment, Mark::Count(5_000_001))
    }),
    fixed(5, "two treatments", |s, c| {
        tagged(
            block(Kind::AdministrationAgreement, s, c),
            Tag::Treatment,
            Mark::Count(5_000_001),
        )
    }),
    fixed(5, "two doses", |s, c| {
        tagged(agreement(s, c), Tag::Dose, Mark::Count(9))
    }),
    fixed(5, "two doses", |s, c| {
        tagged(block(Kind::MedicationUse, s, c), Tag::Dose, Mark::Count(9))
    }),
    fixed(5, "not to be done", |s, c| {
        tagged(agreement(s, c), Tag::NotToDo, YES)
    }),
    fixed(5, "two periods", |s, c| moved(agreement(s, c), 400 * DAY)),
    apart(5, "two products", |s, c| {
        let place = c.below(s.products.len());
        let at = fact::moment(s, c);
        let of = fact::block(Kind::Agreement, s, 1, place, at, 1)?;
        Some((
            of,
            fact::block(Kind::Agreement, s, 1, place + 1, at, 1)?.statement,
        ))
    }),
    conflict(6, "done and not done", |s, c| {
        tagged(fact::procedure(s, c), Tag::Status, Mark::Word("not-done"))
    }),
    conflict(6, "given and not given", |s, c| {
        tagged(fact::vaccination(s, c), Tag::Status, Mark::Word("not-done"))
    }),
    apart(6, "a value and a reason without one", |s, c| absent(lab(s, c))),
    apart(6, "a value and a reason without one", |s, c| {
        absent(fact::vital(s, c))
    }),
    apart(6, "a value and a reason without one", |s, c| {
        absent(Some(fact::pressure(s, c)))
    }),
    fixed(7, "about another", |s, c| tagged(lab(s, c), Tag::Focus, FETUS)),
    fixed(7, "about another", |s, c| {
        tagged(fact::vital(s, c), Tag::Focus, FETUS)
    }),
    fixed(8, "a diagnosis and a complaint", |s, c| {
        let of = problem(s, c);
        tagged(of, Tag::Category, Mark::Code(s.categories[1]))
    }),
    fixed(8, "an order and a proposal", |s, c| {
        tagged(agreement(s, c), Tag::Intent, Mark::Word("proposal"))
    }),
    fixed(8, "an order and a plan", |s, c| {
        tagged(fact::planned(s, c), Tag::Intent, Mark::Word("plan"))
    }),
    apart(8, "a code and a wider one, by a map that says so", wider),
    fixed(9, "two episodes", |s, c| moved(problem(s, c), 400 * DAY)),
    fixed(9, "two episodes", |s, c| moved(problem(s, c), 12 * DAY)),
    fixed(9, "two times", |s, c| moved(fact::procedure(s, c), 30 * DAY)),
    fixed(9, "two times", |s, c| moved(fact::vaccination(s, c), 21 * DAY)),
    fixed(9, "two times", |s, c| moved(fact::device(s, c), 90 * DAY)),
    fixed(10, "an unknown modifier", |s, c| {
        tagged(problem(s, c), Tag::Modifier, YES)
    }),
    fixed(10, "an unknown modifier", |s, c| {
        tagged(allergy(s, c), Tag::Modifier, YES)
    }),
    fixed(10, "an unknown modifier", |s, c| {
        tagged(lab(s, c), Tag::Modifier, YES)
    }),
    fixed(10, "an unknown modifier", |s, c| {
        tagged(fact::procedure(s, c), Tag::Modifier, YES)
    }),
    fixed(10, "an unknown modifier", |s, c| {
        tagged(agreement(s, c), Tag::Modifier, YES)
    }),
    fixed(10, "an unknown modifier", |s, c| {
        tagged(fact::vaccination(s, c), Tag::Modifier, YES)
    }),
    fixed(10, "an unknown modifier", |s, c| {
        tagged(fact::device(s, c), Tag::Modifier, YES)
    }),
    fixed(10, "an unknown modifier", |s, c| {
        tagged(fact::planned(s, c), Tag::Modifier, YES)
    }),
    fixed(10, "an unknown modifier", |s, c| {
        tagged(fact::document(s, c), Tag::Modifier, YES)
    }),
    fixed(11, "a restricted record", |s, c| {
        tagged(problem(s, c), Tag::Restricted, YES)
    }),
    fixed(11, "a restricted record", |s, c| {
        tagged(allergy(s, c), Tag::Restricted, YES)
    }),
    fixed(11, "a restricted record", |s, c| {
        tagged(lab(s, c), Tag::Restricted, YES)
    }),
    fixed(11, "a restricted record", |s, c| {
        tagged(fact::vital(s, c), Tag::Restricted, YES)
    }),
    fixed(11, "a restricted record", |s, c| {
        tagged(fact::procedure(s, c), Tag::Restricted, YES)
    }),
    fixed(11, "a restricted record", |s, c| {
        tagged(fact::vaccination(s, c), Tag::Restricted, YES)
    }),
    fixed(11, "a restricted record", |s, c| {
        tagged(agreement(s, c), Tag::Restricted, YES)
    }),
    fixed(11, "a restricted record", |s, c| {
        tagged(fact::planned(s, c), Tag::Restricted, YES)
    }),
    fixed(11, "a restricted record", |s, c| {
        tagged(fact::document(s, c), Tag::Restricted, YES)
    }),
    conflict(12, "to treat and not to treat", |s, c| {
        changed(fact::directive(s, 0, c), |other| {
            let now = other.word(Tag::Choice)?;
            other.tags.insert(
                Tag::Choice,
                Mark::Word(if now == "permit" { "deny" } else { "permit" }),
            );
            Some(())
        })
    }),
    Rule {
        shared: false,
        ..conflict(12, "two payers at a time", |_, c| {
            tagged(Some(fact::payer(2026, "9901", c)), Tag::Party, Mark::Word("9902"))
        })
    },
];
