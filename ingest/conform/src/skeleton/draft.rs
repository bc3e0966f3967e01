//! A pack that is being drafted: maps and rules as they will be written, and what is settled of them.

use samenhang_profiles::definition::Library;

use super::DraftError;
use crate::error::{Fault, PackError};
use crate::plan::Pack;

/// Times that a draft is compiled: each takes away what the time before found.
const MAX_ROUNDS: usize = 8;

/// A pack that is being drafted.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    /// What stands before the sections in `pack.yaml`.
    pub(super) head: String,
    /// Tables of codes.
    pub(super) tables: Vec<TableDraft>,
    /// Maps; each becomes a file of its own, but for those of the pack itself.
    pub(super) maps: Vec<MapDraft>,
}

/// A table of codes that somebody has to fill, or to check.
#[derive(Debug, Default)]
pub(super) struct TableDraft {
    pub(super) name: String,
    /// Lines about it, without `#`.
    pub(super) notes: Vec<String>,
    pub(super) source: Option<String>,
    pub(super) target: Option<String>,
    /// Codes that both sides have, and what they become: YAML.
    pub(super) entries: Vec<(String, String)>,
}

/// A map.
#[derive(Debug, Default)]
pub(super) struct MapDraft {
    pub(super) name: String,
    /// Lines about it, without `#`.
    pub(super) notes: Vec<String>,
    pub(super) from: String,
    pub(super) to: Option<String>,
    pub(super) when: Option<String>,
    pub(super) within: Option<String>,
    pub(super) id: Option<String>,
    pub(super) profile: Option<String>,
    pub(super) rules: Vec<RuleDraft>,
}

/// A rule: the keys that it will have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct RuleDraft {
    pub(super) from: Option<String>,
    pub(super) to: Option<String>,
    pub(super) make: Option<String>,
    pub(super) value: Option<String>,
    pub(super) function: Option<String>,
    pub(super) codes: Option<String>,
    pub(super) many: bool,
    /// Already YAML.
    pub(super) constant: Option<String>,
    pub(super) ignore: Option<String>,
    pub(super) because: Option<String>,
    pub(super) todo: Option<String>,
    pub(super) rules: Vec<RuleDraft>,
}

impl RuleDraft {
    /// A copy.
    pub(super) fn copy(from: impl Into<String>, to: impl Into<String>) -> Self {
        RuleDraft {
            from: Some(from.into()),
            to: Some(to.into()),
            ..RuleDraft::default()
        }
    }

    /// What the profile fixes.
    pub(super) fn constant(to: impl Into<String>, yaml: impl Into<String>) -> Self {
        RuleDraft {
            to: Some(to.into()),
            constant: Some(yaml.into()),
            ..RuleDraft::default()
        }
    }

    /// A value of the source for which a place is yet to be found: it does nothing.
    pub(super) fn unplaced(from: impl Into<String>, todo: impl Into<String>) -> Self {
        RuleDraft {
            from: Some(from.into()),
            todo: Some(todo.into()),
            ..RuleDraft::default()
        }
    }

    /// An element of the target for which a value is yet to be found: it does nothing.
    pub(super) fn wanted(to: impl Into<String>, todo: impl Into<String>) -> Self {
        RuleDraft {
            to: Some(to.into()),
            todo: Some(todo.into()),
            ..RuleDraft::default()
        }
    }

    /// The same rule, that somebody has to look at.
    pub(super) fn todo(mut self, todo: impl Into<String>) -> Self {
        self.todo = Some(todo.into());
        self
    }

    /// Whether it only says that something is to be decided.
    pub(super) fn is_open(&self) -> bool {
        self.todo.is_some() && (self.from.is_none() || self.to.is_none()) && self.make.is_none()
    }

    /// Takes away what is wrong with the rule, as little as possible. Whether anything is left of it.
    fn mend(&mut self, fault: &Fault) -> bool {
        if matches!(fault, Fault::Cardinality(_)) && !self.many && self.value.is_none() {
            self.many = true;
            return true;
        }
        let Some(from) = self.from.take().filter(|_| !self.is_open()) else {
            return false;
        };
        let to = self.to.take().unwrap_or_default();
        *self = RuleDraft::unplaced(from, format!("proposed for {to}, which does not fit: {fault}"));
        !matches!(fault, Fault::Expression(_))
    }
}

impl Sheet {
    /// Compiles the draft and takes away, rule by rule, what does not compile or does not go with its profile, so that
    /// what is left is a pack.
    pub(super) fn settle(&mut self, library: &dyn Library) -> Result<Pack, DraftError> {
        let mut last = None;
        for _ in 0..MAX_ROUNDS {
            let files = self.files();
            let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (&**name, &**text)).collect();
            let faults = match Pack::compile(&files) {
                Ok((pack, _)) => {
                    let faults = pack.check(library);
                    if faults.is_empty() {
                        return Ok(pack);
                    }
                    faults
                }
                Err(faults) => faults,
            };
            if !self.mend(&faults) {
                return Err(DraftError::Draft(faults.into_iter().next()));
            }
            last = faults.into_iter().next();
        }
        Err(DraftError::Draft(last))
    }

    /// Mends the rules that faults are about. Whether there was one.
    fn mend(&mut self, faults: &[PackError]) -> bool {
        let mut places: Vec<(Vec<usize>, String, &Fault)> = Vec::new();
        for fault in faults {
            let Some((map, numbers)) = fault.place.rule.as_deref().and_then(|rule| rule.split_once(':'))
            else {
                continue;
            };
            let numbers: Vec<usize> = numbers
                .split(':')
                .filter_map(|number| number.parse().ok())
                .collect();
            places.push((numbers, map.to_owned(), &fault.fault));
        }
        // From the last rule on, so that what is taken away moves none that is still to come.
        places.sort_by(|one, other| (&other.1, &other.0).cmp(&(&one.1, &one.0)));
        places.dedup_by(|one, other| one.0 == other.0 && one.1 == other.1);
        let mut mended = false;
        for (numbers, map, fault) in places {
            let found = self.maps.iter_mut().find(|own| own.name == map);
            let Some((last, above)) = numbers.split_last() else {
                continue;
            };
            let mut rules = found.map(|map| &mut map.rules);
            for number in above {
                rules = rules.and_then(|rules| Some(&mut rules.get_mut(number.checked_sub(1)?)?.rules));
            }
            let (Some(rules), Some(at)) = (rules, last.checked_sub(1)) else {
                continue;
            };
            if let Some(rule) = rules.get_mut(at) {
                mended = true;
                if !rule.mend(fault) {
                    rules.remove(at);
                }
            }
        }
        mended
    }
}
