//! What happens to a patient, and who hears of it.

use std::collections::BTreeSet;

use super::{Birth, Maker, RESOURCES};
use crate::fact::{self, Fact};
use crate::perturb::Change;
use crate::statement::{Kind, Mark, Number, Said, Tag};

/// Of a thousand facts that can be contradicted, how many are.
const CONTRADICTED: u32 = 60;

impl Maker<'_> {
    /// Tells everything.
    pub(super) fn tell(&mut self) {
        self.parties();
        self.illnesses();
        self.medication();
        self.course();
        self.background();
        // Results and measurements fill the rest, as they do in a real record.
        let mut draws = 0;
        while self.count() < RESOURCES {
            draws += 1;
            let serial = draws * 1000 + self.chance.below(900) as u64;
            for fact in fact::draw(self.seeds, serial, &mut self.chance) {
                self.spread(&fact, 550, 0);
            }
            if let Some(fact) = fact::vital(self.seeds, &mut self.chance) {
                self.spread(&fact, 300, 0);
            }
            if self.chance.permille(400) {
                let fact = fact::pressure(self.seeds, &mut self.chance);
                self.spread(&fact, 300, 0);
            }
        }
    }

    fn parties(&mut self) {
        for number in 0..self.sources.len() {
            let mut organization = fact::organization(number);
            let ura = self.sources.get(number).map_or("", |source| source.ura);
            organization.statement.numbers = vec![Number {
                system: "http://fhir.nl/fhir/NamingSystem/ura".to_owned(),
                value: ura.to_owned(),
                assigner: None,
            }];
            self.everywhere(&organization, 400);
            let mut practitioner = fact::practitioner(number);
            practitioner.statement.numbers = vec![Number {
                system: "http://fhir.nl/fhir/NamingSystem/uzi-nr-pers".to_owned(),
                value: format!("{:09}", 12_000_000 + number * 7919),
                assigner: None,
            }];
            self.everywhere(&practitioner, 300);
        }
    }

    /// The same party as some holders have it, each with a remark of its own.
    fn everywhere(&mut self, of: &Fact, rate: u32) {
        let birth = self.born();
        for source in 0..self.sources.len() {
            if self.chance.permille(rate) {
                let birth = birth.clone();
                let mut of = of.clone();
                of.statement.remark = Some(format!("intern {}", self.chance.below(10_000)));
                self.put(&of.statement, source, birth);
            }
        }
    }

    fn illnesses(&mut self) {
        let mut seen: BTreeSet<(String, Option<Mark>)> = BTreeSet::new();
        for _ in 0..12 {
            if let Some(fact) = fact::problem(self.seeds, &mut self.chance) {
                let of = &fact.statement;
                let key = (of.concept.meaning.to_owned(), of.tags.get(&Tag::Side).copied());
                let is_new = seen.insert(key);
                // Some diseases come back; most are recorded once.
                if is_new || self.chance.permille(350) {
                    self.spread(&fact, 450, 200);
                }
            }
        }
        let mut places: Vec<usize> = (0..self.seeds.allergies.len()).collect();
        self.chance.shuffle(&mut places);
        let many = self.chance.below(5);
        let mut known = None;
        for place in places.into_iter().take(many) {
            if let Some(fact) = fact::allergy(self.seeds, place, &mut self.chance) {
                known = Some(self.spread(&fact, 500, 250).fact);
            }
        }
        if many == 0 || self.chance.permille(80) {
            let mut statement = fact::no_known_allergy(self.seeds, &mut self.chance);
            let source = self.chance.below(self.sources.len());
            self.number(&mut statement, source, 800);
            let birth = Birth {
                contradicts: known,
                ..self.born()
            };
            self.put(&statement, source, birth);
        }
        for place in 0..self.seeds.alerts.len() {
            if self.chance.permille(350)
                && let Some(fact) = fact::alert(self.seeds, place, &mut self.chance)
            {
                self.spread(&fact, 400, 150);
            }
        }
    }

    fn medication(&mut self) {
        for treatment in 0..6u64 {
            let number = treatment * 1000 + self.chance.below(999) as u64;
            let at = fact::moment(self.seeds, &mut self.chance);
            let dose = 1 + self.chance.below(3) as u64;
            let place = self.chance.below(self.seeds.products.len());
            for kind in [
                Kind::Agreement,
                Kind::AdministrationAgreement,
                Kind::MedicationUse,
            ] {
                let Some(fact) = fact::block(kind, self.seeds, number, place, at, dose) else {
                    continue;
                };
                if kind == Kind::Agreement || self.chance.permille(600) {
                    self.spread(&fact, 500, 0);
                }
                if kind == Kind::Agreement && self.chance.permille(350) {
                    let stop = fact::stop(&fact, &mut self.chance);
                    self.spread(&stop, 500, 0);
                }
            }
        }
    }

    fn course(&mut self) {
        let mut seen: BTreeSet<(String, Option<Mark>)> = BTreeSet::new();
        for _ in 0..5 {
            if let Some(fact) = fact::procedure(self.seeds, &mut self.chance) {
                self.spread(&fact, 450, 150);
            }
            if let Some(fact) = fact::vaccination(self.seeds, &mut self.chance) {
                self.spread(&fact, 450, 150);
            }
            if let Some(fact) = fact::device(self.seeds, &mut self.chance) {
                let of = &fact.statement;
                let key = (of.concept.meaning.to_owned(), of.tags.get(&Tag::Side).copied());
                if seen.insert(key) && self.chance.permille(500) {
                    self.spread(&fact, 450, 100);
                }
            }
        }
        for _ in 0..6 {
            let at = self.chance.below(self.sources.len());
            let party = self.sources.get(at).map_or("00700700", |source| source.ura);
            let fact = fact::encounter(self.seeds, party, &mut self.chance);
            self.spread(&fact, 250, 0);
        }
    }

    fn background(&mut self) {
        for place in 0..self.seeds.situations.len() {
            for fact in fact::situation(self.seeds, place, &mut self.chance) {
                self.spread(&fact, 350, 100);
            }
        }
        for place in 0..self.seeds.directives.len() {
            if self.chance.permille(400)
                && let Some(fact) = fact::directive(self.seeds, place, &mut self.chance)
            {
                self.spread(&fact, 300, 0);
            }
        }
        for (year, party) in [(2024, "9901"), (2025, "9901"), (2026, "9902")] {
            let fact = fact::payer(year, party, &mut self.chance);
            self.spread(&fact, 400, 0);
        }
        for _ in 0..3 {
            if let Some(fact) = fact::document(self.seeds, &mut self.chance) {
                self.spread(&fact, 400, 0);
            }
            if let Some(fact) = fact::planned(self.seeds, &mut self.chance) {
                self.spread(&fact, 200, 0);
            }
        }
        let fact = fact::contact_person(&mut self.chance);
        self.spread(&fact, 300, 0);
    }

    /// Puts a fact where it became known and, of a thousand other sources, copies it to this many and has it registered
    /// by that many.
    fn spread(&mut self, of: &Fact, copied: u32, registered: u32) -> Birth {
        let mut of = of.clone();
        let home = self.chance.below(self.sources.len());
        self.number(&mut of.statement, home, 850);
        let birth = self.born();
        let address = self.put(&of.statement, home, birth.clone());
        // Every source that still has the earlier version has the same one.
        let was_other = self.chance.permille(500);
        for source in (0..self.sources.len()).filter(|source| *source != home) {
            if self
                .chance
                .permille(copied / 2 + copied / (self.sources.len() as u32).max(1))
            {
                let (fact, birth) = self.revised(&of, &birth, source, was_other);
                self.copy(&fact, source, &birth, address.as_deref());
            } else if self.chance.permille(registered) {
                let birth = self.registered(&birth);
                let mut own = of.clone();
                own.statement.numbers.clear();
                self.number(&mut own.statement, source, 850);
                own.statement.recorded = own
                    .statement
                    .recorded
                    .map(|at| at + self.chance.between(1, 90) * 86_400);
                let number = own.statement.numbers.clone();
                if let Some(rates) = self.sources.get(source).map(|source| source.profile.rates) {
                    let (mut statement, changes) =
                        crate::perturb::travel(&own.statement, own.known, &rates, &mut self.chance);
                    statement.numbers = number;
                    let mut birth = birth;
                    birth.changes.extend(changes);
                    self.put(&statement, source, birth);
                }
            }
        }
        if self.chance.permille(CONTRADICTED) {
            self.contradict(&of, &birth, home);
        }
        birth
    }

    /// The earlier version of a result, which had another value or the same, as a source may still have it.
    fn revised(&mut self, of: &Fact, birth: &Birth, source: usize, was_other: bool) -> (Fact, Birth) {
        let rate = self
            .sources
            .get(source)
            .map_or(0, |source| source.profile.rates.revise);
        let mut of = of.clone();
        let mut birth = birth.clone();
        if of.statement.kind == Kind::Laboratory && self.chance.permille(rate) {
            of.statement.tags.insert(Tag::Status, Mark::Word("preliminary"));
            of.statement.recorded = of.statement.recorded.map(|at| at - 3600);
            if let (Said::Quantity(amount), true) = (&mut of.statement.value, was_other) {
                amount.digits += 3;
            }
            birth.version = 0;
            birth.changes.push(Change::Revised);
        }
        (of, birth)
    }

    /// A source that says the opposite.
    fn contradict(&mut self, of: &Fact, birth: &Birth, home: usize) {
        let Some((tag, mark)) = opposite(of) else { return };
        let mut other = of.clone();
        if of.statement.kind == Kind::Laboratory && self.chance.permille(500) {
            // Another final value of one specimen and test.
            if let Said::Quantity(amount) = &mut other.statement.value {
                amount.digits += 7;
            }
        } else {
            other.statement.tags.insert(tag, mark);
        }
        // An agreement that another holder changed, and a record that was withdrawn where it was made while copies of it
        // live on, keep their number.
        let keeps = match of.statement.kind {
            Kind::Agreement | Kind::AdministrationAgreement => true,
            Kind::Problem | Kind::Allergy | Kind::Laboratory | Kind::Vital => self.chance.permille(300),
            _ => false,
        };
        if !keeps {
            other.statement.numbers.clear();
        } else if of.statement.numbers.is_empty() {
            return;
        }
        let others: Vec<usize> = (0..self.sources.len()).filter(|source| *source != home).collect();
        let Some(source) = self.chance.pick(&others).copied() else {
            return;
        };
        let born = self.born();
        self.put(
            &other.statement,
            source,
            Birth {
                contradicts: Some(birth.fact),
                ..born
            },
        );
    }
}

/// What contradicts a fact, in the terms of the policy table.
fn opposite(of: &Fact) -> Option<(Tag, Mark)> {
    let word = |tag, word| Some((tag, Mark::Word(word)));
    match of.statement.kind {
        Kind::Problem | Kind::Allergy => word(Tag::Verification, "refuted"),
        Kind::Alert => word(Tag::Status, "inactive"),
        Kind::Procedure | Kind::Vaccination => word(Tag::Status, "not-done"),
        Kind::DeviceUse => word(Tag::Status, "completed"),
        Kind::Laboratory | Kind::Vital => word(Tag::Status, "entered-in-error"),
        Kind::Directive => {
            let now = of.statement.word(Tag::Choice)?;
            word(Tag::Choice, if now == "permit" { "deny" } else { "permit" })
        }
        Kind::Agreement | Kind::AdministrationAgreement => {
            Some((Tag::Dose, Mark::Count(of.statement.count(Tag::Dose)? + 3)))
        }
        Kind::Payer => word(Tag::Party, "9903"),
        _ => None,
    }
}
