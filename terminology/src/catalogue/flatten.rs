//! Value sets that only take other value sets, written out, so that one look-up answers for all of them.

use super::HashMap;
use crate::definition::{Include, ValueSet};

/// Deeper than this a value set is not written out: what is left is followed when it is asked.
const MAX_DEPTH: usize = 8;

/// More rules than this a value set is not written out to.
const MAX_RULES: usize = 256;

/// The rules of a value set, with each that takes one other value set replaced by the rules of that, and with lists of
/// codes of one system joined. Takes the same codes as the rules that were given.
pub(super) fn rules(set: &ValueSet, sets: &[ValueSet], names: &HashMap<Box<str>, u32>) -> Vec<Include> {
    let mut rules = Vec::new();
    // What is left to write out, last first, with how deep it stands.
    let mut open: Vec<(&Include, usize)> = set.include.iter().rev().map(|include| (include, 0)).collect();
    while let Some((include, depth)) = open.pop() {
        let taken = only_import(include)
            .and_then(|canonical| names.get(canonical))
            .and_then(|place| sets.get(*place as usize))
            // What leaves codes out has to be asked as a whole.
            .filter(|taken| taken.exclude.is_empty() && !taken.active_only && taken.expansion.is_none());
        match taken {
            Some(taken)
                if depth < MAX_DEPTH && rules.len() + open.len() + taken.include.len() <= MAX_RULES =>
            {
                open.extend(taken.include.iter().rev().map(|include| (include, depth + 1)));
            }
            _ => join(&mut rules, include),
        }
    }
    rules
}

/// The one value set that a rule takes, where it does nothing else.
fn only_import(include: &Include) -> Option<&str> {
    match include.value_sets.as_slice() {
        [one] if include.system.is_none() && include.concepts.is_empty() && include.filters.is_empty() => {
            Some(one)
        }
        _ => None,
    }
}

/// Adds a rule, or its codes to the list of the same system.
fn join(rules: &mut Vec<Include>, include: &Include) {
    let is_list =
        |rule: &Include| !rule.concepts.is_empty() && rule.filters.is_empty() && rule.value_sets.is_empty();
    let list = rules
        .iter_mut()
        .find(|rule| is_list(rule) && rule.system == include.system && rule.version == include.version)
        .filter(|_| is_list(include));
    match list {
        Some(list) => list.concepts.extend(include.concepts.iter().cloned()),
        None => rules.push(include.clone()),
    }
}
