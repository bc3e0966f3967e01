//! The codes of a value set, page by page.

use std::collections::HashSet;
use std::sync::Arc;

use super::set::{Clause, Select, Set};
use super::{Catalogue, Found};
use crate::answer::{Membership, Unknown};
use crate::coding::Coding;
use crate::definition::Content;
use crate::error::TerminologyError;

/// Deeper than this value sets are not followed into each other.
const MAX_DEPTH: usize = 16;

/// Which part of an expansion is asked for, and how large it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// How many codes to leave out.
    pub offset: usize,
    /// How many codes to give.
    pub count: usize,
    /// More codes than this are never gathered: the whole of the expansion is refused then.
    pub limit: usize,
}

impl Default for Page {
    /// The first 1,000 of at most 100,000 codes.
    fn default() -> Self {
        Page {
            offset: 0,
            count: 1_000,
            limit: 100_000,
        }
    }
}

/// A page of an expansion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expansion {
    /// How many codes there are in all.
    pub total: usize,
    /// System and code, in the order of the definitions.
    pub codes: Vec<(Arc<str>, Box<str>)>,
}

impl Catalogue {
    /// The codes of a value set.
    ///
    /// # Errors
    /// [`TerminologyError::NotExpandable`] when part of it is not known, and [`TerminologyError::TooCostly`] when it
    /// has more than `page.limit` codes.
    pub fn expand(&self, value_set: &str, page: Page) -> Result<Expansion, TerminologyError> {
        let found = self.find(value_set);
        let set = match &found {
            Found::Set(place) => &self.sets[*place as usize],
            Found::Implicit(set) => &**set,
            Found::Nothing(why) => return Err(TerminologyError::NotExpandable(*why)),
        };
        let mut gathered = Gathered {
            seen: HashSet::new(),
            codes: Vec::new(),
            limit: page.limit,
        };
        self.gather(set, MAX_DEPTH, &mut gathered)?;
        let mut kept = Vec::new();
        for (system, code) in gathered.codes {
            match self.judge(set, Coding::new(&system, &code)) {
                Membership::Member => kept.push((system, code)),
                Membership::NotMember(_) => {}
                Membership::Unknown(why) => return Err(TerminologyError::NotExpandable(why)),
            }
        }
        Ok(Expansion {
            total: kept.len(),
            codes: kept.into_iter().skip(page.offset).take(page.count).collect(),
        })
    }

    /// Gathers every code that may be in a set.
    fn gather(&self, set: &Set, depth: usize, into: &mut Gathered) -> Result<(), TerminologyError> {
        let Some(depth) = depth.checked_sub(1) else {
            return Err(TerminologyError::NotExpandable(Unknown::TooDeep));
        };
        if let Some(stored) = set
            .expansion
            .as_ref()
            .filter(|stored| set.include.is_empty() && stored.complete)
        {
            for (system, codes) in &stored.systems {
                for code in codes.iter() {
                    into.add(system, code)?;
                }
            }
        }
        for clause in &set.include {
            if clause.system.is_some() {
                self.gather_clause(clause, into)?;
                continue;
            }
            // What is in all of several sets is in the first.
            match clause.imports.first() {
                Some(Ok(place)) => self.gather(&self.sets[*place as usize], depth, into)?,
                Some(Err(why)) => return Err(TerminologyError::NotExpandable(*why)),
                None => {}
            }
        }
        Ok(())
    }

    fn gather_clause(&self, clause: &Clause, into: &mut Gathered) -> Result<(), TerminologyError> {
        let Some(slot) = clause.system.map(|place| &self.slots[place as usize]) else {
            return Ok(());
        };
        let unknown = |answer| match answer {
            Membership::Unknown(why) => TerminologyError::NotExpandable(why),
            _ => TerminologyError::NotExpandable(Unknown::SystemContentAbsent),
        };
        match &clause.select {
            Select::Listed(codes) => codes.iter().try_for_each(|code| into.add(&slot.url, code)),
            Select::Decided(content, bits) if content.content == Content::Complete => bits
                .iter()
                .try_for_each(|concept| into.add(&slot.url, content.codes.get(concept))),
            Select::Decided(..) => Err(TerminologyError::NotExpandable(Unknown::SystemFragment)),
            Select::Whole(version) => match slot.pick(version.as_deref()) {
                Some(content) if content.content == Content::Complete => content
                    .codes
                    .iter()
                    .try_for_each(|code| into.add(&slot.url, code)),
                Some(_) => Err(TerminologyError::NotExpandable(Unknown::SystemFragment)),
                None => self
                    .gather_listed(slot, into)
                    .unwrap_or_else(|| Err(unknown(slot.absent()))),
            },
            Select::Filters(_, why) => self
                .gather_listed(slot, into)
                .unwrap_or(Err(TerminologyError::NotExpandable(*why))),
        }
    }

    /// Gathers the codes of a system that is a short public list.
    fn gather_listed(
        &self,
        slot: &super::slot::Slot,
        into: &mut Gathered,
    ) -> Option<Result<(), TerminologyError>> {
        let codes = slot.grammar?.codes()?;
        Some(codes.into_iter().try_for_each(|code| into.add(&slot.url, code)))
    }
}

/// The codes that were gathered so far.
struct Gathered {
    seen: HashSet<(Arc<str>, Box<str>)>,
    codes: Vec<(Arc<str>, Box<str>)>,
    limit: usize,
}

impl Gathered {
    fn add(&mut self, system: &Arc<str>, code: &str) -> Result<(), TerminologyError> {
        let entry = (Arc::clone(system), Box::from(code));
        if !self.seen.contains(&entry) {
            if self.codes.len() >= self.limit {
                return Err(TerminologyError::TooCostly { limit: self.limit });
            }
            self.seen.insert(entry.clone());
            self.codes.push(entry);
        }
        Ok(())
    }
}
