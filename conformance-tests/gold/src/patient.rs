//! A synthetic patient: facts, where they were recorded, and what travelled to whom.

mod lift;
mod place;
mod story;

use std::sync::Arc;

use bytes::Bytes;
use samenhang_profiles::classify::classify;
use samenhang_profiles::{FhirVersion, Limits, Lineage, RawResource, Received};
use serde_json::Value;

use crate::chance::Chance;
use crate::fact::Fact;
use crate::perturb::{Change, PROFILES, Profile, own_number, travel};
use crate::render::{Place, render};
use crate::seeds::Seeds;
use crate::statement::{Kind, Statement};
use crate::truth::{Item, Label};

pub(crate) use place::print;

/// Resources of one patient, about.
pub(crate) const RESOURCES: usize = 300;

/// A holder that knows the patient.
pub(crate) struct Source {
    pub(crate) ura: &'static str,
    pub(crate) profile: Profile,
    pub(crate) lineage: Arc<Lineage>,
    /// Whether it speaks STU3 with the zibs of 2017, so that all it has was lifted.
    pub(crate) is_stu3: bool,
}

/// What is known of one patient, with its labels.
pub(crate) struct Patient {
    pub(crate) items: Vec<Item>,
    /// How many resources could not be written as FHIR; none, or the generator is wrong.
    pub(crate) unwritten: usize,
    /// How many resources of STU3 are shown as they were received.
    pub(crate) not_lifted: usize,
}

/// Makes a patient.
pub(crate) fn patient(seeds: &Seeds, seed: u64, number: u64) -> Patient {
    let mut maker = Maker::new(seeds, Chance::new(seed, number), None);
    maker.tell();
    maker.finish()
}

/// Of a thousand holders, those that speak STU3.
const STU3: u32 = 150;

const URAS: [&str; 8] = [
    "00700700", "00700701", "00700702", "00700703", "00700704", "00700705", "00700706", "00700707",
];

/// A patient in the making.
pub(crate) struct Maker<'s> {
    pub(crate) seeds: &'s Seeds,
    pub(crate) chance: Chance,
    pub(crate) sources: Vec<Source>,
    items: Vec<Item>,
    facts: u32,
    records: u32,
    serial: u32,
    unwritten: usize,
    not_lifted: usize,
}

/// Where a resource stands in its lineage.
#[derive(Clone)]
pub(crate) struct Birth {
    pub(crate) fact: u32,
    pub(crate) record: u32,
    pub(crate) version: u8,
    pub(crate) changes: Vec<Change>,
    pub(crate) origin: Option<String>,
    pub(crate) contradicts: Option<u32>,
}

impl<'s> Maker<'s> {
    /// With a number of sources, or between 2 and 8.
    pub(crate) fn new(seeds: &'s Seeds, mut chance: Chance, sources: Option<usize>) -> Self {
        let many = sources.unwrap_or_else(|| 2 + chance.below(7));
        let sources = URAS
            .into_iter()
            .zip(PROFILES)
            .take(many)
            .map(|(ura, profile)| Source {
                ura,
                profile,
                lineage: lift::lineage(ura, profile.name),
                is_stu3: sources.is_none() && chance.permille(STU3),
            })
            .collect();
        Maker {
            seeds,
            chance,
            sources,
            items: Vec::new(),
            facts: 1,
            records: 0,
            serial: 0,
            unwritten: 0,
            not_lifted: 0,
        }
    }

    /// How much there is.
    pub(crate) fn count(&self) -> usize {
        self.items.len()
    }

    pub(crate) fn finish(self) -> Patient {
        Patient {
            items: self.items,
            unwritten: self.unwritten,
            not_lifted: self.not_lifted,
        }
    }

    /// The birth of a new fact.
    pub(crate) fn born(&mut self) -> Birth {
        self.facts += 1;
        self.records += 1;
        Birth {
            fact: self.facts,
            record: self.records,
            version: 1,
            changes: Vec::new(),
            origin: None,
            contradicts: None,
        }
    }

    /// Another registration of a fact.
    pub(crate) fn registered(&mut self, of: &Birth) -> Birth {
        self.records += 1;
        Birth {
            record: self.records,
            changes: vec![Change::Registered],
            ..of.clone()
        }
    }

    /// Gives a statement a number of the source that made it; some sources number nothing.
    pub(crate) fn number(&mut self, statement: &mut Statement, source: usize, rate: u32) {
        self.serial += 1;
        if let (Some(source), true) = (self.sources.get(source), self.chance.permille(rate)) {
            own_number(statement, source.ura, self.serial);
        }
    }

    /// Puts a statement at a source. Gives the address that it has there.
    pub(crate) fn put(&mut self, statement: &Statement, source: usize, mut birth: Birth) -> Option<String> {
        self.serial += 1;
        let reorder = {
            let rate = self.sources.get(source)?.profile.rates.key_order;
            self.chance.permille(rate)
        };
        if reorder {
            birth.changes.push(Change::KeyOrder);
        }
        let id = format!("{:x}-{}", 4096 + self.serial, source);
        let place = Place {
            id: &id,
            patient: "patient",
            style: self.seeds.style,
        };
        let mut address = None;
        for (at, json) in render(statement, place).into_iter().enumerate() {
            let mut label = Label {
                fact: birth.fact,
                record: birth.record,
                version: birth.version,
                changes: birth.changes.clone(),
                print: print(statement),
                statement: statement.clone(),
                source,
                origin: birth.origin.clone(),
                contradicts: birth.contradicts,
            };
            if at > 0 {
                label.statement.kind = Kind::Support;
                label.origin = None;
            }
            let url = self.send(&json, source, label, reorder);
            address = address.or(url);
        }
        if let (Some(origin), Some(own)) = (&birth.origin, &address) {
            self.declare(own, origin, source, &birth, statement);
        }
        address
    }

    /// Copies a fact to another source, as that kind of holder does.
    pub(crate) fn copy(
        &mut self,
        of: &Fact,
        source: usize,
        from: &Birth,
        address: Option<&str>,
    ) -> Option<()> {
        let rates = self.sources.get(source)?.profile.rates;
        let (statement, mut changes) = travel(&of.statement, of.known, &rates, &mut self.chance);
        let mut origin = None;
        if self.chance.permille(rates.origin) {
            origin = address.map(str::to_owned);
            changes.push(Change::OriginDeclared);
        }
        let mut birth = Birth {
            origin,
            ..from.clone()
        };
        birth.changes.extend(changes);
        self.put(&statement, source, birth)?;
        Some(())
    }

    /// A declaration of where a copy was made from.
    fn declare(&mut self, own: &str, origin: &str, source: usize, birth: &Birth, statement: &Statement) {
        self.serial += 1;
        let endpoint = self
            .sources
            .get(source)
            .map(|source| Arc::clone(&source.lineage.endpoint))
            .unwrap_or_default();
        let target = own
            .strip_prefix(&*endpoint)
            .unwrap_or(own)
            .trim_start_matches('/');
        let json = serde_json::json!({
            "resourceType": "Provenance", "id": format!("herkomst-{}", self.serial),
            "target": [{"reference": target}], "recorded": "2026-10-31T09:00:00+01:00",
            "activity": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-DataOperation", "code": "CREATE"}]},
            "agent": [{"who": {"display": "Koppeling"}}],
            "entity": [{"role": "source", "what": {"reference": origin}}]
        });
        let mut statement = statement.clone();
        statement.kind = Kind::Support;
        let label = Label {
            fact: birth.fact,
            record: birth.record,
            version: birth.version,
            changes: Vec::new(),
            print: 0,
            statement,
            source,
            origin: None,
            contradicts: None,
        };
        self.send(&json, source, label, false);
    }

    fn send(&mut self, json: &Value, source: usize, label: Label, reorder: bool) -> Option<String> {
        let body = place::body(json, if reorder { Some(&mut self.chance) } else { None });
        let lineage = Arc::clone(&self.sources.get(source)?.lineage);
        let Ok(resource) = RawResource::read(Bytes::from(body), &Limits::default()) else {
            self.unwritten += 1;
            return None;
        };
        let url = format!(
            "{}/{}/{}",
            lineage.endpoint,
            resource.resource_type(),
            resource.id().unwrap_or_default()
        );
        let received = Received {
            full_url: url.clone().into(),
            category: classify(&resource, FhirVersion::R4),
            lineage,
            resource,
            conversion: None,
        };
        if self.sources.get(source).is_some_and(|source| source.is_stu3) {
            self.lifted(received, label);
        } else {
            self.items.push(Item { received, label });
        }
        Some(url)
    }

    /// What the answer has of a resource of a holder that speaks STU3.
    fn lifted(&mut self, received: Received, mut label: Label) {
        label.changes.push(Change::Lifted);
        // What was lifted is never equal content.
        label.print = label.print.wrapping_add(u64::from(self.serial)).rotate_left(7);
        for (at, received) in lift::round_trip(received).into_iter().enumerate() {
            let mut label = label.clone();
            if at > 0 {
                label.statement.kind = Kind::Support;
            }
            self.not_lifted += usize::from(received.version() != FhirVersion::R4);
            self.items.push(Item { received, label });
        }
    }
}
