//! Tables of codes.

use std::sync::Arc;

use hashbrown::HashMap;
use samenhang_terminology::answer::Relationship;
use samenhang_terminology::definition::{ConceptMap, MapTarget};

use crate::language::{CodeTable, Original, TargetCode, Unmapped};

/// A table of codes.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) name: Arc<str>,
    pub(crate) unmapped: Unmapped,
    pub(crate) original: Original,
    /// System of plain codes of the source.
    pub(crate) source: Option<Box<str>>,
    /// By system and code.
    codes: HashMap<Box<str>, HashMap<Box<str>, Option<Coded>>>,
}

/// A code of the target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Coded {
    pub(crate) system: Option<Box<str>>,
    pub(crate) code: Box<str>,
    pub(crate) display: Option<Box<str>>,
}

/// What a table says about a code.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Found<'t> {
    /// It becomes this.
    Code(&'t Coded),
    /// It has no target.
    Nothing,
    /// The table does not have it.
    Unknown,
}

impl Table {
    /// From what is written, and the `ConceptMap` that it names.
    pub(crate) fn of(name: &str, given: CodeTable, map: Option<&ConceptMap>) -> Table {
        let mut table = Table {
            name: name.into(),
            unmapped: given.unmapped,
            original: given.original,
            source: given.source.map(Into::into),
            codes: HashMap::new(),
        };
        let target = given.target;
        for (key, value) in given.table {
            let (system, code) = match key.rsplit_once('|') {
                Some((system, code)) => (system.to_owned(), code.to_owned()),
                None => (table.source.as_deref().unwrap_or_default().to_owned(), key),
            };
            let value = value.map(|TargetCode(keys)| Coded {
                system: keys.system.or_else(|| target.clone()).map(Into::into),
                code: keys.code.into(),
                display: keys.display.map(Into::into),
            });
            table
                .codes
                .entry(system.into())
                .or_default()
                .insert(code.into(), value);
        }
        for group in map.iter().flat_map(|map| &map.groups) {
            let codes = table
                .codes
                .entry(group.source.as_deref().unwrap_or_default().into())
                .or_default();
            for element in &group.elements {
                let apart = |target: &&MapTarget| {
                    !matches!(
                        target.relationship,
                        Relationship::Unmatched | Relationship::Disjoint
                    )
                };
                let found = element.targets.iter().filter(apart).find_map(|found| {
                    Some(Coded {
                        system: group.target.as_deref().map(Into::into),
                        code: found.code.as_deref()?.into(),
                        display: found.display.as_deref().map(Into::into),
                    })
                });
                codes.insert(element.code.as_str().into(), found);
            }
        }
        table
    }

    /// What it says about a code; a code without a system has that of the table.
    pub(crate) fn get(&self, system: Option<&str>, code: &str) -> Found<'_> {
        let system = system.or(self.source.as_deref()).unwrap_or_default();
        match self.codes.get(system).and_then(|codes| codes.get(code)) {
            Some(Some(coded)) => Found::Code(coded),
            Some(None) => Found::Nothing,
            None => Found::Unknown,
        }
    }

    /// All codes that it can give.
    pub(crate) fn targets(&self) -> impl Iterator<Item = &Coded> {
        self.codes.values().flat_map(HashMap::values).flatten()
    }
}
