//! Writes the compact form.

use std::collections::BTreeSet;

use super::Content;
use super::text::Writer;
use crate::definition::{
    CodeSystem, Concept, ConceptMap, Content as Coverage, Include, MapAttribute, MapTarget, Unmapped,
    ValueSet,
};

pub(super) fn write(content: &Content) -> Vec<u8> {
    let mut systems: Vec<&CodeSystem> = content.systems.iter().collect();
    systems.sort_by_key(|system| (&system.url, &system.version));
    let mut sets: Vec<&ValueSet> = content.value_sets.iter().collect();
    sets.sort_by_key(|set| (&set.url, &set.version));
    let mut maps: Vec<&ConceptMap> = content.concept_maps.iter().collect();
    maps.sort_by_key(|map| (&map.url, &map.version));
    let filtered: BTreeSet<&str> = sets
        .iter()
        .flat_map(|set| set.include.iter().chain(&set.exclude))
        .flat_map(|include| include.filters.iter().map(|filter| filter.property.as_str()))
        .collect();

    // Everything is gone through twice: first for its texts, then for the bytes.
    let mut gathered = Gather(Vec::new());
    definitions(&mut gathered, &systems, &sets, &maps, &filtered);
    let mut writer = Writer::new(gathered.0);
    definitions(&mut writer, &systems, &sets, &maps, &filtered);
    writer.finish()
}

/// What definitions are made of.
trait Sink<'a> {
    fn number(&mut self, number: u64);
    fn flag(&mut self, flag: bool);
    fn text(&mut self, text: &'a str);
    fn option(&mut self, text: Option<&'a str>);
}

/// Takes the texts only.
struct Gather<'a>(Vec<&'a str>);

impl<'a> Sink<'a> for Gather<'a> {
    fn number(&mut self, _number: u64) {}

    fn flag(&mut self, _flag: bool) {}

    fn text(&mut self, text: &'a str) {
        self.0.push(text);
    }

    fn option(&mut self, text: Option<&'a str>) {
        self.0.extend(text);
    }
}

impl<'a> Sink<'a> for Writer<'a> {
    fn number(&mut self, number: u64) {
        Writer::number(self, number);
    }

    fn flag(&mut self, flag: bool) {
        Writer::flag(self, flag);
    }

    fn text(&mut self, text: &'a str) {
        Writer::text(self, text);
    }

    fn option(&mut self, text: Option<&'a str>) {
        Writer::option(self, text);
    }
}

fn definitions<'a, S: Sink<'a>>(
    out: &mut S,
    systems: &[&'a CodeSystem],
    sets: &[&'a ValueSet],
    maps: &[&'a ConceptMap],
    filtered: &BTreeSet<&str>,
) {
    list(out, systems, |out, system| code_system(out, system, filtered));
    list(out, sets, |out, set| value_set(out, set));
    list(out, maps, |out, map| concept_map(out, map));
}

fn list<'a, S: Sink<'a>, T>(out: &mut S, items: &[T], mut one: impl FnMut(&mut S, &T)) {
    out.number(items.len() as u64);
    for item in items {
        one(out, item);
    }
}

fn code_system<'a, S: Sink<'a>>(out: &mut S, system: &'a CodeSystem, filtered: &BTreeSet<&str>) {
    out.text(&system.url);
    out.option(system.version.as_deref());
    out.number(match system.content {
        Coverage::Complete => 0,
        Coverage::Fragment => 1,
        Coverage::NotPresent => 2,
        Coverage::Supplement => 3,
    });
    out.flag(system.case_sensitive);
    out.flag(system.compositional);
    out.option(system.value_set.as_deref());
    out.option(system.supplements.as_deref());
    out.number(system.concepts.len() as u64);
    for concept in &system.concepts {
        self::concept(out, concept, filtered);
    }
}

fn concept<'a, S: Sink<'a>>(out: &mut S, concept: &'a Concept, filtered: &BTreeSet<&str>) {
    out.text(&concept.code);
    out.flag(concept.inactive);
    texts(out, &concept.parents);
    let kept = || {
        concept
            .properties
            .iter()
            .filter(|property| filtered.contains(property.name.as_str()))
    };
    out.number(kept().count() as u64);
    for property in kept() {
        out.text(&property.name);
        out.text(&property.value);
    }
}

fn texts<'a, S: Sink<'a>>(out: &mut S, texts: &'a [String]) {
    out.number(texts.len() as u64);
    for text in texts {
        out.text(text);
    }
}

fn value_set<'a, S: Sink<'a>>(out: &mut S, set: &'a ValueSet) {
    out.text(&set.url);
    out.option(set.version.as_deref());
    out.flag(set.active_only);
    for includes in [&set.include, &set.exclude] {
        out.number(includes.len() as u64);
        for given in includes {
            include(out, given);
        }
    }
    out.flag(set.expansion.is_some());
    if let Some(expansion) = &set.expansion {
        out.flag(expansion.complete);
        out.number(expansion.codes.len() as u64);
        for (system, code) in &expansion.codes {
            out.text(system);
            out.text(code);
        }
    }
}

fn include<'a, S: Sink<'a>>(out: &mut S, include: &'a Include) {
    out.option(include.system.as_deref());
    out.option(include.version.as_deref());
    texts(out, &include.concepts);
    out.number(include.filters.len() as u64);
    for filter in &include.filters {
        out.text(&filter.property);
        out.text(filter.operator.code());
        out.text(&filter.value);
    }
    texts(out, &include.value_sets);
}

fn concept_map<'a, S: Sink<'a>>(out: &mut S, map: &'a ConceptMap) {
    out.text(&map.url);
    for text in [&map.version, &map.source, &map.target] {
        out.option(text.as_deref());
    }
    out.number(map.groups.len() as u64);
    for group in &map.groups {
        for text in [&group.source, &group.target, &group.target_version] {
            out.option(text.as_deref());
        }
        out.number(group.elements.len() as u64);
        for element in &group.elements {
            out.text(&element.code);
            out.number(element.targets.len() as u64);
            for given in &element.targets {
                target(out, given);
            }
        }
        unmapped(out, group.unmapped.as_ref());
    }
}

fn target<'a, S: Sink<'a>>(out: &mut S, target: &'a MapTarget) {
    out.text(target.relationship.code());
    out.option(target.code.as_deref());
    for attributes in [&target.depends_on, &target.product] {
        out.number(attributes.len() as u64);
        for MapAttribute {
            property,
            system,
            value,
        } in attributes
        {
            out.text(property);
            out.option(system.as_deref());
            out.text(value);
        }
    }
}

fn unmapped<'a, S: Sink<'a>>(out: &mut S, unmapped: Option<&'a Unmapped>) {
    match unmapped {
        None => out.number(0),
        Some(Unmapped::Provided) => out.number(1),
        Some(Unmapped::Fixed { code, .. }) => {
            out.number(2);
            out.text(code);
        }
        Some(Unmapped::OtherMap(url)) => {
            out.number(3);
            out.text(url);
        }
    }
}
