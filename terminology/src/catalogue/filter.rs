//! Which concepts of a system pass a filter of a value set.

#[cfg(test)]
mod tests;

use regex::{Regex, RegexBuilder};

use super::bits::Bits;
use super::system::System;
use crate::answer::Unknown;
use crate::definition::{Content, Filter, Operator};
use crate::naming::SNOMED;

/// A pattern may compile to this many bytes. The engine is linear in what it reads.
const MAX_PATTERN: usize = 1 << 18;

/// The concepts of `system` that pass all of `filters`.
pub(super) fn select(system: &System, filters: &[Filter]) -> Result<Bits, Unknown> {
    let mut kept = Bits::all(system.len());
    for filter in filters {
        kept.intersect(&one(system, filter)?);
    }
    Ok(kept)
}

/// The concepts that pass one filter.
fn one(system: &System, filter: &Filter) -> Result<Bits, Unknown> {
    let value = filter.value.trim();
    match filter.property.as_str() {
        "concept" | "code" => by_concept(system, &filter.operator, value),
        "parent" | "child" if system.values(&filter.property).is_none() => {
            by_neighbour(system, &filter.property, &filter.operator, value)
        }
        "constraint" | "expression" if system.url == SNOMED && filter.operator == Operator::Equal => {
            by_constraint(system, value)
        }
        "inactive" if filter.operator == Operator::Equal => match value {
            "true" => Ok(system.inactive.clone()),
            "false" => Ok(system.inactive.complement(system.len())),
            _ => Err(Unknown::FilterUnsupported),
        },
        property => by_property(system, property, &filter.operator, value),
    }
}

/// Filters over the code itself and its place in the hierarchy.
fn by_concept(system: &System, operator: &Operator, value: &str) -> Result<Bits, Unknown> {
    let count = system.len();
    let itself = || -> Bits {
        let mut bits = Bits::new(count);
        system.codes.find(value).map(|concept| bits.insert(concept));
        bits
    };
    match operator {
        Operator::Equal => Ok(itself()),
        Operator::In | Operator::NotIn => {
            let members = match system.reference_sets.get(value) {
                Some(members) => members.clone(),
                // In SNOMED CT the value names a reference set; elsewhere it is a list of codes.
                None if system.url == SNOMED => return Err(Unknown::HierarchyAbsent),
                None => {
                    let mut bits = Bits::new(count);
                    for concept in value.split(',').filter_map(|code| system.codes.find(code.trim())) {
                        bits.insert(concept);
                    }
                    bits
                }
            };
            Ok(if *operator == Operator::In {
                members
            } else {
                members.complement(count)
            })
        }
        Operator::Regex => {
            let pattern = pattern(value)?;
            let passing = system
                .codes
                .iter()
                .enumerate()
                .filter(|(_, code)| pattern.is_match(code));
            Ok(collect(count, passing.map(|(concept, _)| concept as u32)))
        }
        Operator::Exists => Ok(if value == "false" {
            Bits::new(count)
        } else {
            Bits::all(count)
        }),
        Operator::Other(_) => Err(Unknown::FilterUnsupported),
        _ if !system.hierarchy => Err(Unknown::HierarchyAbsent),
        hierarchical => {
            let Some(concept) = system.codes.find(value) else {
                // Nothing stands under a code that a complete system does not have.
                return if system.content == Content::Complete && !system.may_have(value) {
                    Ok(if *operator == Operator::IsNotA {
                        Bits::all(count)
                    } else {
                        Bits::new(count)
                    })
                } else {
                    Err(Unknown::SystemFragment)
                };
            };
            Ok(by_place(system, hierarchical, concept))
        }
    }
}

/// Filters over the place of a concept that the system has.
fn by_place(system: &System, operator: &Operator, concept: u32) -> Bits {
    let count = system.len();
    match operator {
        Operator::IsA | Operator::IsNotA => {
            let mut bits = system.links.descendants(concept, count);
            bits.insert(concept);
            if *operator == Operator::IsA {
                bits
            } else {
                bits.complement(count)
            }
        }
        Operator::Generalizes => {
            let mut bits = system.links.ancestors(concept, count);
            bits.insert(concept);
            bits
        }
        Operator::ChildOf => collect(count, system.links.children(concept).iter().copied()),
        Operator::DescendentLeaf => {
            let below = system.links.descendants(concept, count);
            collect(
                count,
                below
                    .iter()
                    .filter(|concept| system.links.children(*concept).is_empty()),
            )
        }
        _ => system.links.descendants(concept, count),
    }
}

/// Filters `parent = X` and `child = X`, which ask for direct neighbours.
fn by_neighbour(system: &System, property: &str, operator: &Operator, value: &str) -> Result<Bits, Unknown> {
    if !system.hierarchy {
        return Err(Unknown::HierarchyAbsent);
    }
    let values: Vec<&str> = match operator {
        Operator::Equal => vec![value],
        Operator::In => value.split(',').map(str::trim).collect(),
        _ => return Err(Unknown::FilterUnsupported),
    };
    let neighbours = values
        .into_iter()
        .filter_map(|code| system.codes.find(code))
        .flat_map(|concept| {
            if property == "parent" {
                system.links.children(concept)
            } else {
                system.links.parents(concept)
            }
        });
    Ok(collect(system.len(), neighbours.copied()))
}

/// Filters over any other property.
fn by_property(system: &System, property: &str, operator: &Operator, value: &str) -> Result<Bits, Unknown> {
    let count = system.len();
    let Some(values) = system.values(property) else {
        // No concept has it: that is an answer only to whether one has.
        return match (operator, value, system.content) {
            (Operator::Exists, "false", Content::Complete) => Ok(Bits::all(count)),
            (Operator::Exists, "true", Content::Complete) => Ok(Bits::new(count)),
            _ => Err(Unknown::FilterUnsupported),
        };
    };
    match operator {
        Operator::Equal => Ok(keep(count, values, |text| text == value)),
        Operator::In => Ok(keep(count, values, |text| {
            value.split(',').any(|item| item.trim() == text)
        })),
        Operator::NotIn => Ok(keep(count, values, |text| {
            value.split(',').any(|item| item.trim() == text)
        })
        .complement(count)),
        Operator::Regex => {
            let pattern = pattern(value)?;
            Ok(keep(count, values, |text| pattern.is_match(text)))
        }
        Operator::Exists => {
            let having = keep(count, values, |_| true);
            Ok(if value == "false" {
                having.complement(count)
            } else {
                having
            })
        }
        _ => Err(Unknown::FilterUnsupported),
    }
}

/// The simplest constraints of the Expression Constraint Language: one concept, its descendants, or the members of a
/// reference set.
fn by_constraint(system: &System, constraint: &str) -> Result<Bits, Unknown> {
    let (operator, rest) = if let Some(rest) = constraint.strip_prefix("<<") {
        (Operator::IsA, rest)
    } else if let Some(rest) = constraint.strip_prefix('<') {
        (Operator::DescendentOf, rest)
    } else if let Some(rest) = constraint.strip_prefix('^') {
        (Operator::In, rest)
    } else {
        (Operator::Equal, constraint)
    };
    // A term between bars may follow, and nothing else.
    let (code, term) = rest.split_once('|').unwrap_or((rest, "|"));
    let code = code.trim();
    if !term.ends_with('|')
        || term.matches('|').count() != 1
        || !code.bytes().all(|byte| byte.is_ascii_digit())
    {
        return Err(Unknown::FilterUnsupported);
    }
    by_concept(system, &operator, code)
}

/// A regular expression over the whole of a value.
fn pattern(text: &str) -> Result<Regex, Unknown> {
    RegexBuilder::new(&format!("^(?:{text})$"))
        .size_limit(MAX_PATTERN)
        .dfa_size_limit(MAX_PATTERN)
        .nest_limit(32)
        .build()
        .map_err(|_| Unknown::FilterUnsupported)
}

/// Whether the code of a rule-given system passes a filter; `None` where that cannot be said.
pub(super) fn passes(code: &str, filter: &Filter) -> Option<bool> {
    match (filter.property.as_str(), &filter.operator) {
        ("code" | "concept", Operator::Regex) => {
            pattern(&filter.value).ok().map(|pattern| pattern.is_match(code))
        }
        ("code" | "concept", Operator::Equal) => Some(code == filter.value),
        ("code" | "concept", Operator::In) => Some(filter.value.split(',').any(|item| item.trim() == code)),
        // UCUM: units that measure the same as the value does.
        ("canonical", Operator::Equal) => crate::ucum::comparable(code, &filter.value).ok(),
        _ => None,
    }
}

fn collect(count: usize, concepts: impl Iterator<Item = u32>) -> Bits {
    let mut bits = Bits::new(count);
    for concept in concepts {
        bits.insert(concept);
    }
    bits
}

fn keep<'a>(count: usize, values: impl Iterator<Item = (u32, &'a str)>, test: impl Fn(&str) -> bool) -> Bits {
    collect(
        count,
        values
            .filter(|(_, value)| test(value))
            .map(|(concept, _)| concept),
    )
}
