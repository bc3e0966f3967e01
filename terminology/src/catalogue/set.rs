//! A value set, compiled.

use std::sync::Arc;

use super::Catalogue;
use super::bits::Bits;
use super::code_table::CodeTable;
use super::filter;
use super::slot::Slot;
use super::system::System;
use crate::answer::{Membership, Unknown};
use crate::definition::{Content, Filter, Include, Operator, ValueSet};
use crate::naming::{LOINC, SNOMED};

/// A value set, compiled.
#[derive(Debug, Clone)]
pub(super) struct Set {
    pub(super) url: Arc<str>,
    pub(super) version: Option<String>,
    pub(super) active_only: bool,
    pub(super) include: Vec<Clause>,
    pub(super) exclude: Vec<Clause>,
    pub(super) expansion: Option<Stored>,
}

/// A stored expansion, compiled.
#[derive(Debug, Clone)]
pub(super) struct Stored {
    /// Whether it holds every code.
    pub(super) complete: bool,
    /// The codes of each system.
    pub(super) systems: Vec<(Arc<str>, CodeTable)>,
}

/// One rule of a value set.
#[derive(Debug, Clone)]
pub(super) struct Clause {
    /// The slot of its system.
    pub(super) system: Option<u32>,
    pub(super) select: Select,
    /// The places of the value sets that a code has to be in as well, or why there is none.
    pub(super) imports: Vec<Result<u32, Unknown>>,
}

/// Which codes of its system a rule takes.
#[derive(Debug, Clone)]
pub(super) enum Select {
    /// All, of a version where one is given.
    Whole(Option<String>),
    /// These.
    Listed(CodeTable),
    /// Those of this content whose bit is set.
    Decided(Arc<System>, Bits),
    /// Those that pass filters which cannot be evaluated beforehand, and why.
    Filters(Vec<Filter>, Unknown),
}

impl Catalogue {
    /// Compiles a definition against what is loaded, with these as the rules of what it takes.
    pub(super) fn compile(&self, given: &ValueSet, include: &[Include]) -> Set {
        let clauses = |includes: &[Include]| includes.iter().map(|include| self.clause(include)).collect();
        Set {
            url: Arc::from(given.url.as_str()),
            version: given.version.clone(),
            active_only: given.active_only,
            include: clauses(include),
            exclude: clauses(&given.exclude),
            expansion: given.expansion.as_ref().map(|expansion| {
                let mut systems: Vec<(Arc<str>, CodeTable)> = Vec::new();
                for (system, code) in &expansion.codes {
                    let at = systems
                        .iter()
                        .position(|(known, _)| **known == **system)
                        .unwrap_or_else(|| {
                            systems.push((Arc::from(system.as_str()), CodeTable::default()));
                            systems.len() - 1
                        });
                    systems[at].1.insert(code);
                }
                Stored {
                    complete: expansion.complete,
                    systems,
                }
            }),
        }
    }

    fn clause(&self, include: &Include) -> Clause {
        let place = include
            .system
            .as_deref()
            .and_then(|system| self.systems.get(system))
            .copied();
        let slot = place.map(|place| &self.slots[place as usize]);
        let select = if !include.concepts.is_empty() {
            // Where case does not matter in the system, it does not matter in a list of its codes.
            let fold = slot
                .and_then(|slot| slot.pick(include.version.as_deref()))
                .is_some_and(|content| content.fold);
            let mut table = CodeTable::new(fold);
            for code in &include.concepts {
                table.insert(code);
            }
            table.shrink();
            Select::Listed(table)
        } else if include.filters.is_empty() {
            Select::Whole(include.version.clone())
        } else {
            filtered(slot, include)
        };
        Clause {
            system: place,
            select,
            imports: include
                .value_sets
                .iter()
                .map(|canonical| self.import(canonical))
                .collect(),
        }
    }

    /// The place of a value set that another takes. Those that a canonical spells out were added by the builder.
    fn import(&self, canonical: &str) -> Result<u32, Unknown> {
        if let Some(place) = self.set_names.get(canonical) {
            return Ok(*place);
        }
        let (url, _) = canonical.rsplit_once('|').ok_or(Unknown::ValueSetUnknown)?;
        match self.set_names.get(url) {
            Some(_) => Err(Unknown::VersionUnknown),
            None => Err(Unknown::ValueSetUnknown),
        }
    }
}

/// Evaluates filters where the content of the system is here.
fn filtered(slot: Option<&Slot>, include: &Include) -> Select {
    let undecided = |why| Select::Filters(include.filters.clone(), why);
    let Some(slot) = slot else {
        return undecided(Unknown::SystemContentAbsent);
    };
    if let Some(version) = &include.version
        && !slot.contents.is_empty()
        && !slot.has_version(version)
    {
        return undecided(Unknown::VersionUnknown);
    }
    match slot.pick(include.version.as_deref()) {
        Some(content) if content.content != Content::NotPresent => {
            match filter::select(content, &include.filters) {
                Ok(bits) => Select::Decided(Arc::clone(content), bits),
                Err(why) => undecided(why),
            }
        }
        _ => undecided(match slot.absent() {
            Membership::Unknown(why) => why,
            _ => Unknown::SystemContentAbsent,
        }),
    }
}

/// The value set that a canonical spells out, where it does.
///
/// Source: FHIR R4 4.3.15 (SNOMED CT, implicit value sets) and 4.3.16 (LOINC).
pub(super) fn implicit(canonical: &str) -> Option<ValueSet> {
    let set = |system: &str, version: Option<String>, filter: Option<Filter>| ValueSet {
        url: canonical.to_owned(),
        include: vec![Include {
            system: Some(system.to_owned()),
            version,
            filters: filter.into_iter().collect(),
            ..Include::default()
        }],
        ..ValueSet::default()
    };
    if canonical == "http://loinc.org/vs" {
        return Some(set(LOINC, None, None));
    }
    let (base, query) = canonical.split_once("?fhir_vs")?;
    // An edition and its version may stand between the uri and the query.
    let version = match base.strip_prefix(SNOMED)? {
        "" => None,
        edition if edition.starts_with('/') => Some(base.to_owned()),
        _ => return None,
    };
    let (operator, value) = match query {
        "" => return Some(set(SNOMED, version, None)),
        _ => match query.strip_prefix('=')? {
            "refset" => return None,
            rest => match rest.split_once('/')? {
                ("isa", code) => (Operator::IsA, code),
                ("refset", code) => (Operator::In, code),
                _ => return None,
            },
        },
    };
    let filter = Filter {
        property: "concept".to_owned(),
        operator,
        value: value.to_owned(),
    };
    Some(set(SNOMED, version, Some(filter)))
}
