//! Results, measurements and situations.

use super::{DAY, Fact, NOW, YEAR, blank, fact, moment, say};
use crate::chance::Chance;
use crate::perturb::Known;
use crate::seeds::{Measure, Seeds};
use crate::statement::{Amount, Kind, Mark, Part, Said, Statement, Tag, UnitForm, When};

fn amount(of: &Measure, chance: &mut Chance) -> Said {
    Said::Quantity(Amount {
        digits: chance.between(of.range.0, of.range.1),
        decimals: of.decimals,
        unit: of.unit,
        form: UnitForm::Coded,
        comparator: None,
    })
}

fn measured(kind: Kind, of: &Measure, at: i64, chance: &mut Chance) -> Fact {
    let mut statement = blank(kind, of.term);
    say(&mut statement, Tag::Status, "final");
    statement.value = amount(of, chance);
    statement.when = Some(When::second(at));
    statement.recorded = Some(at + 4 * 3600);
    Fact {
        statement,
        known: Known {
            term: of.term,
            unit: of.other,
        },
    }
}

/// The results of one collection.
pub(crate) fn draw(seeds: &Seeds, serial: u64, chance: &mut Chance) -> Vec<Fact> {
    let at = moment(seeds, chance);
    let mut labs: Vec<usize> = (0..seeds.labs.len()).collect();
    chance.shuffle(&mut labs);
    let many = 2 + chance.below(4);
    labs.into_iter()
        .take(many)
        .filter_map(|place| seeds.labs.get(place))
        .map(|lab| {
            let mut fact = measured(Kind::Laboratory, lab, at, chance);
            let tags = &mut fact.statement.tags;
            tags.insert(Tag::Specimen, Mark::Count(serial));
            if let Some(material) = lab.material {
                tags.insert(Tag::Material, Mark::Code(material));
            }
            if chance.permille(150) {
                tags.insert(Tag::Method, Mark::Code(seeds.methods[0]));
            }
            tags.insert(Tag::Party, Mark::Word("00700703"));
            fact
        })
        .collect()
}

/// A measurement.
pub(crate) fn vital(seeds: &Seeds, chance: &mut Chance) -> Option<Fact> {
    let seed = chance.pick(seeds.vitals)?;
    let at = moment(seeds, chance);
    Some(measured(Kind::Vital, seed, at, chance))
}

/// A blood pressure.
pub(crate) fn pressure(seeds: &Seeds, chance: &mut Chance) -> Fact {
    let (term, parts, unit) = seeds.pressure;
    let mut of = blank(Kind::Vital, term);
    say(&mut of, Tag::Status, "final");
    of.when = Some(When::second(moment(seeds, chance)));
    for (what, range) in parts.into_iter().zip([(95, 185), (50, 110)]) {
        of.parts.push(Part {
            what,
            value: Said::Quantity(Amount {
                digits: chance.between(range.0, range.1),
                decimals: 0,
                unit,
                form: UnitForm::Coded,
                comparator: None,
            }),
        });
    }
    fact(of, term)
}

/// What a patient uses or how one lives, in periods that follow each other.
pub(crate) fn situation(seeds: &Seeds, place: usize, chance: &mut Chance) -> Vec<Fact> {
    let Some(asked) = seeds.situations.get(place) else {
        return Vec::new();
    };
    let mut start = (seeds.since - 1970) * YEAR + chance.between(0, 4 * YEAR);
    let mut facts: Vec<Fact> = Vec::new();
    while start < NOW - YEAR && facts.len() < 3 {
        let end = start + chance.between(YEAR, 6 * YEAR);
        let mut of: Statement = blank(Kind::Situation, asked.term);
        say(&mut of, Tag::Status, "final");
        of.when = Some(When::day(start));
        of.until = (end < NOW).then(|| When::day(end));
        if let Some(answer) = asked
            .answers
            .get((chance.below(asked.answers.len()) + facts.len()) % asked.answers.len())
        {
            of.value = Said::Code(*answer);
        }
        facts.push(fact(of, asked.term));
        start = end + 2 * DAY;
    }
    facts
}
