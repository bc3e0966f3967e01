//! Maps: their types, conditions and rules, those of the maps that they extend included.

use std::sync::Arc;

use hashbrown::HashMap;
use samenhang_profiles::element_table::Type;
use samenhang_profiles::fhirpath::Expression;

use super::{Compiler, at, file_place};
use crate::error::{Fault, Notice, Place, Warning};
use crate::language::{self, Format, Located, Rest};
use crate::plan::{Action, Body, Map, Pack, Rule};

/// Longest chain of maps that extend each other.
const MAX_EXTENDS: usize = 16;

impl Compiler {
    /// Compiles all maps into the pack.
    pub(super) fn maps(&mut self, pack: &mut Pack, maps: Vec<(String, Located<language::Map>)>) {
        let places: Vec<Place> = maps
            .iter()
            .map(|(file, map)| Place {
                rule: Some(map.value.map.clone()),
                ..at(&file_place(file), map)
            })
            .collect();
        let mut own: Vec<(Vec<Arc<Rule>>, Option<usize>)> = Vec::new();
        let mut chosen = Vec::new();
        for ((_, map), place) in maps.into_iter().zip(&places) {
            let map = map.value;
            let to = map.to.as_deref().and_then(|name| self.target_type(place, name));
            self.source_type(place, &map.from);
            let copy_rest = match map.rest {
                Some(rest) => rest == Rest::Copy,
                None => self.format == Format::Fhir,
            };
            let when = map.when.and_then(|when| self.condition(place, &when, &map.from));
            let id = map.id.and_then(|id| self.expression(place, &id, &map.from));
            let extends = map.extends.as_ref().and_then(|name| self.map_named(place, name));
            let mut rules = Vec::new();
            for (number, rule) in map.rules.iter().enumerate() {
                let place = Place {
                    rule: Some(format!("{}:{}", map.map, number + 1)),
                    ..at(place, rule)
                };
                rules.extend(self.rule(&place, &rule.value, Some(&map.from), to).map(Arc::new));
            }
            own.push((rules, extends));
            chosen.push(!map.only);
            pack.maps.push(Map {
                name: map.map.into(),
                from: map.from.into(),
                to,
                when,
                id,
                within: map.within.map(Into::into),
                profile: map.profile.map(|profile| profile.value.into()),
                body: Body {
                    copy_rest,
                    ..Body::default()
                },
            });
        }
        for number in 0..pack.maps.len() {
            let rules = self.inherited(number, &own, &places);
            let (finals, rules) = rules.into_iter().partition(|rule| is_final(&rule.action));
            pack.maps[number].body.rules = rules;
            pack.maps[number].body.finals = finals;
        }
        self.choose(pack, &chosen, &places);
    }

    /// The rules of a map and of those that it extends.
    fn inherited(
        &mut self,
        number: usize,
        own: &[(Vec<Arc<Rule>>, Option<usize>)],
        places: &[Place],
    ) -> Vec<Arc<Rule>> {
        let mut rules = Vec::new();
        let mut at = Some(number);
        for _ in 0..MAX_EXTENDS {
            let Some((more, next)) = at.and_then(|at| own.get(at)) else {
                return rules;
            };
            rules.extend(more.iter().cloned());
            at = *next;
        }
        let fault = Fault::Rule("maps extend each other in a circle, or more than 16 in a row");
        self.error(&places[number], fault);
        rules
    }

    /// Which maps are chosen by type, and which nothing can choose.
    fn choose(&mut self, pack: &mut Pack, chosen: &[bool], places: &[Place]) {
        let mut by_type: HashMap<Box<str>, Vec<usize>> = HashMap::new();
        for (number, map) in pack.maps.iter().enumerate() {
            let mut unused = !chosen[number] && !self.used_maps[number];
            if chosen[number] {
                let list = by_type.entry(map.from.clone()).or_default();
                let default = map.when.is_none();
                let before = |other: &usize| {
                    pack.maps[*other].when.is_none() && pack.maps[*other].to_name() == map.to_name()
                };
                if default && list.iter().any(before) {
                    unused = !self.used_maps[number];
                } else {
                    list.push(number);
                }
            }
            if unused {
                self.warnings.push(Warning {
                    place: places[number].clone(),
                    notice: Notice::Unused(format!("nothing can choose the map `{}`", map.name)),
                });
            }
        }
        for list in by_type.values_mut() {
            // Stable: those with a condition keep their order, and the default comes last wherever it is written.
            list.sort_by_key(|number| pack.maps[*number].when.is_none());
        }
        pack.by_type = by_type;
    }

    fn target_type(&mut self, place: &Place, name: &str) -> Option<&'static Type> {
        let found = self.table.named(name);
        if found.is_none() {
            self.error(place, Fault::Unknown(format!("the target has no type `{name}`")));
        }
        found
    }

    fn source_type(&mut self, place: &Place, name: &str) {
        if self.format == Format::Fhir {
            let table = samenhang_profiles::element_table::Table::of(self.source);
            if table.named(name).is_none() {
                self.error(place, Fault::Unknown(format!("the source has no type `{name}`")));
            }
        }
    }

    /// An expression about something of the type `from`; none of a node whose type is not known.
    pub(super) fn expression(
        &mut self,
        place: &Place,
        text: &Located<String>,
        from: &str,
    ) -> Option<Expression> {
        let place = at(place, text);
        let compiled = match Expression::compile(&text.value) {
            Ok(compiled) => compiled,
            Err(error) => {
                self.error(&place, Fault::Expression(error));
                return None;
            }
        };
        if self.format == Format::Fhir
            && !from.is_empty()
            && let Err(error) = compiled.check(from, self.source)
        {
            self.error(&place, Fault::Expression(error));
            return None;
        }
        Some(compiled)
    }

    /// The same for a condition.
    pub(super) fn condition(
        &mut self,
        place: &Place,
        text: &Located<String>,
        from: &str,
    ) -> Option<Expression> {
        self.expression(place, text, from)
    }
}

/// Whether a rule waits until all others are done.
pub(super) fn is_final(action: &Action) -> bool {
    matches!(
        action,
        Action::Const { .. } | Action::Assume { .. } | Action::Absent { .. }
    )
}

impl Map {
    /// Name of the target type; empty when there is none.
    pub(crate) fn to_name(&self) -> &'static str {
        self.to.map_or("", |kind| kind.name)
    }
}
