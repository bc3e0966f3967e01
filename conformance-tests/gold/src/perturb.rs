//! What happens to a record on its way to another holder (reconciliation notes, section 3.2): each change is made to the
//! statement, so that the label knows exactly what evidence is left.

mod change;
mod rates;

pub(crate) use change::Change;
pub(crate) use rates::{PROFILES, Profile, Rates};

use crate::chance::Chance;
use crate::statement::{Kind, Number, Precision, Said, Statement, Tag, UnitForm, When, Zone};
use crate::term::{Term, Unit};

/// What is known of a concept beside what a statement says: its translations and other units.
#[derive(Clone, Copy)]
pub(crate) struct Known {
    pub(crate) term: Term,
    pub(crate) unit: Option<Unit>,
}

const DAY: i64 = 86_400;

/// Of a thousand copies, those that say that they are one, where the profile has a place for it.
const MARKED: u32 = 200;

/// A statement as another holder has it, and what was changed.
pub(crate) fn travel(
    of: &Statement,
    known: Known,
    rates: &Rates,
    chance: &mut Chance,
) -> (Statement, Vec<Change>) {
    let mut out = of.clone();
    let mut changes = vec![Change::Reissued];
    numbers(&mut out, rates, chance, &mut changes);
    if out.kind.is_marked() && chance.permille(MARKED) {
        out.is_copy = true;
        changes.push(Change::CopyMarked);
    }
    if chance.permille(rates.pristine) {
        return (out, changes);
    }
    concept(&mut out, known.term, rates, chance, &mut changes);
    time(&mut out, rates, chance, &mut changes);
    measured(&mut out, known.unit, rates, chance, &mut changes);
    parts(&mut out, rates, chance, &mut changes);
    if chance.permille(rates.remark) {
        out.remark = Some(format!("overgenomen {}", chance.below(100_000)));
        changes.push(Change::Remark);
    }
    (out, changes)
}

fn numbers(out: &mut Statement, rates: &Rates, chance: &mut Chance, changes: &mut Vec<Change>) {
    if out.numbers.is_empty() {
        return;
    }
    if chance.permille(rates.renumber) {
        out.numbers.clear();
        changes.push(Change::NumberDropped);
    } else if chance.permille(rates.reroot) {
        for number in &mut out.numbers {
            number.system = format!(
                "https://kopie.example/{}",
                number.system.trim_start_matches("urn:oid:")
            );
            number.assigner = None;
        }
        changes.push(Change::NumberRerooted);
    } else if chance.permille(rates.assigner) {
        out.numbers.iter_mut().for_each(|number| number.assigner = None);
        changes.push(Change::AssignerDropped);
    }
}

/// Gives a record a number of its own.
pub(crate) fn own_number(out: &mut Statement, ura: &str, serial: u32) {
    out.numbers = vec![Number {
        system: format!("urn:oid:2.999.{}.{}", ura.trim_start_matches('0'), out.kind as u8),
        value: format!("{:?}-{serial}", out.kind).to_uppercase(),
        assigner: Some(ura.to_owned()),
    }];
}

fn concept(out: &mut Statement, term: Term, rates: &Rates, chance: &mut Chance, changes: &mut Vec<Change>) {
    let is_free = !matches!(
        out.kind,
        Kind::Encounter | Kind::ContactPerson | Kind::Organization | Kind::Practitioner
    );
    if !is_free {
        return;
    }
    let own = out.concept.codes.first().copied();
    if chance.permille(rates.text_only) {
        out.concept.codes.clear();
        out.concept.text.get_or_insert_with(|| term.english.to_owned());
        changes.push(Change::TextOnly);
        if chance.permille(300) {
            if let Some(text) = &mut out.concept.text {
                *text = misspelt(text, chance);
            }
            changes.push(Change::Misspelt);
        }
        return;
    }
    if term.codes.len() > 1 && chance.permille(rates.translate) {
        let others: Vec<_> = term
            .codes
            .iter()
            .copied()
            .filter(|code| Some(*code) != own)
            .collect();
        if let Some(other) = chance.pick(&others) {
            out.concept.codes = vec![*other];
            changes.push(Change::Translated);
        }
    } else if term.codes.len() > 1 && chance.permille(rates.add_coding) {
        out.concept.codes = term.codes.to_vec();
        chance.shuffle(&mut out.concept.codes);
        changes.push(Change::CodingsAdded);
    }
    if chance.permille(rates.display) {
        out.concept.text = match chance.below(3) {
            0 => None,
            1 => Some(term.english.to_owned()),
            _ => out.concept.text.as_deref().map(|text| misspelt(text, chance)),
        };
        changes.push(Change::Display);
    }
    if chance.permille(rates.oid) {
        out.concept.as_oid = true;
        changes.push(Change::SystemAsOid);
    }
}

fn misspelt(text: &str, chance: &mut Chance) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    if letters.len() > 3 {
        let at = 1 + chance.below(letters.len() - 2);
        letters.swap(at, at - 1);
    }
    letters.into_iter().collect()
}

fn time(out: &mut Statement, rates: &Rates, chance: &mut Chance, changes: &mut Vec<Change>) {
    let Some(mut when) = out.when else { return };
    if chance.permille(rates.undated) {
        out.when = None;
        changes.push(Change::Undated);
        return;
    }
    if when.precision == Precision::Second && chance.permille(rates.zone) {
        when.zone = if chance.permille(500) {
            Zone::Utc
        } else {
            Zone::Elsewhere
        };
        changes.push(Change::ZoneForm);
    }
    if chance.permille(rates.shift) {
        when.at += if chance.permille(500) { DAY } else { -DAY };
        changes.push(Change::Shifted);
    }
    if chance.permille(rates.coarse) {
        when = coarser(when, out.kind, chance);
        changes.push(Change::Coarser);
    }
    if chance.permille(rates.malformed) {
        when.is_malformed = true;
        changes.push(Change::MalformedDate);
    }
    out.when = Some(when);
}

fn coarser(when: When, kind: Kind, chance: &mut Chance) -> When {
    let history = matches!(
        kind,
        Kind::Problem | Kind::Procedure | Kind::Allergy | Kind::DeviceUse
    );
    let precision = match when.precision {
        Precision::Second => Precision::Day,
        Precision::Day if history && chance.permille(600) => Precision::Month,
        Precision::Day if history => Precision::Year,
        Precision::Month => Precision::Year,
        other => other,
    };
    When { precision, ..when }
}

fn measured(
    out: &mut Statement,
    unit: Option<Unit>,
    rates: &Rates,
    chance: &mut Chance,
    changes: &mut Vec<Change>,
) {
    let Said::Quantity(amount) = &mut out.value else {
        return;
    };
    if chance.permille(rates.convert)
        && let Some(unit) = unit
    {
        *amount = amount.converted(unit);
        changes.push(Change::Converted);
    }
    if chance.permille(rates.round)
        && let Some(rounded) = amount.rounded()
    {
        *amount = rounded;
        changes.push(Change::Rounded);
    }
    if chance.permille(rates.decimals) {
        amount.digits *= 10;
        amount.decimals += 1;
        changes.push(Change::Decimals);
    }
    if chance.permille(rates.unit_form) {
        amount.form = UnitForm::Written;
        changes.push(Change::UnitWritten);
    } else if chance.permille(rates.unit_obscure) {
        amount.form = UnitForm::Obscure;
        changes.push(Change::UnitObscure);
    }
}

/// What a copy leaves out.
fn parts(out: &mut Statement, rates: &Rates, chance: &mut Chance, changes: &mut Vec<Change>) {
    const MAY_GO: [Tag; 11] = [
        Tag::Side,
        Tag::Site,
        Tag::Category,
        Tag::Material,
        Tag::Specimen,
        Tag::Method,
        Tag::Lot,
        Tag::DoseNumber,
        Tag::Serial,
        Tag::Severity,
        Tag::Criticality,
    ];
    for tag in MAY_GO {
        if out.tags.contains_key(&tag) && chance.permille(rates.partial) {
            out.tags.remove(&tag);
            // A side is the side of a site.
            if tag == Tag::Site {
                out.tags.remove(&Tag::Side);
            }
            changes.push(Change::Partial);
        }
    }
    if out.parts.len() > 1 && chance.permille(rates.partial) {
        out.parts.pop();
        changes.push(Change::PanelSplit);
    }
    if out.kind == Kind::Problem
        && out.word(Tag::Activity) == Some("active")
        && chance.permille(rates.progress)
    {
        out.tags
            .insert(Tag::Activity, crate::statement::Mark::Word("resolved"));
        changes.push(Change::Progressed);
    }
}
