//! Codes that no table has: a line for each, with what could be meant, for a person to decide.

use std::collections::BTreeMap;

use samenhang_profiles::definition::Library;

use super::losses::{Code, Losses, Lost};
use super::script::{Script, Spot, TableText};
use super::{Edit, Knowledge};
use crate::finding::Kind;
use crate::plan::{Action, Body, Pack, Via};
use crate::skeleton::text;
use crate::target::{Slot, TargetPath};

/// Candidates that are told; of a value set with more, only those that agree.
const MAX_CANDIDATES: usize = 24;

/// Edits for the codes, one a table.
pub(super) fn edits(
    pack: &Pack,
    script: &Script<'_>,
    losses: &Losses,
    knowledge: &Knowledge<'_>,
) -> Vec<Edit> {
    let mut tables: BTreeMap<&str, Vec<(&Code, &Lost)>> = BTreeMap::new();
    for (code, lost) in &losses.codes {
        if let Some(table) = table_of(pack, &code.rule) {
            tables.entry(table).or_default().push((code, lost));
        }
    }
    let all = tables.into_iter();
    all.filter_map(|(table, codes)| edit(pack, script, table, &codes, knowledge))
        .collect()
}

/// The name of the table that a rule uses.
fn table_of<'p>(pack: &'p Pack, rule: &str) -> Option<&'p str> {
    let found = pack.all_rules().find(|own| &*own.id == rule)?;
    match &found.action {
        Action::Copy {
            via: Via::Codes(number),
            ..
        } => Some(&*pack.tables.get(*number)?.name),
        _ => None,
    }
}

fn edit(
    pack: &Pack,
    script: &Script<'_>,
    table: &str,
    codes: &[(&Code, &Lost)],
    knowledge: &Knowledge<'_>,
) -> Option<Edit> {
    let count = codes.iter().map(|(_, lost)| lost.count).sum();
    let mut entries: Vec<(String, String)> = Vec::new();
    let mut hidden = 0;
    for (code, lost) in codes {
        let Some(own) = &code.code else {
            hidden += lost.count;
            continue;
        };
        let key = match &code.system {
            Some(system) => text(&format!("{system}|{own}")),
            None => text(own),
        };
        if entries.iter().all(|(before, _)| *before != key) {
            entries.push((key, candidates(pack, code, lost, knowledge)));
        }
    }
    let mut told = format!("codes that the table does not have: {}", entries.len());
    if hidden > 0 {
        told.push_str(&format!("; {hidden} more that may be no codes are not shown"));
    }
    let written = script.table(table);
    let mut edit = Edit {
        code: Kind::Code.code(),
        about: table.to_owned(),
        count,
        text: told,
        file: None,
        line: 0,
        old: Vec::new(),
        new: Vec::new(),
    };
    let place = |edit: &mut Edit, spot: Spot| {
        edit.file = Some(spot.file);
        edit.line = spot.line;
        edit.old = spot.old.into_iter().collect();
    };
    let line = |indent: usize, (key, note): &(String, String)| {
        format!("{}{key}: \"TODO\"  # {note}", " ".repeat(indent))
    };
    match written {
        Some(TableText::Block(spot, lines)) => {
            entries.retain(|(key, _)| {
                let bare = key.trim_matches('"');
                let is = |line: &&str| {
                    line.trim_start()
                        .trim_start_matches(['"', '\''])
                        .starts_with(&format!("{bare}\""))
                };
                !lines.iter().any(is)
            });
            edit.new = entries.iter().map(|entry| line(spot.indent, entry)).collect();
            place(&mut edit, spot);
        }
        Some(TableText::Empty(spot, bare)) => {
            edit.new = vec![bare];
            edit.new
                .extend(entries.iter().map(|entry| line(spot.indent, entry)));
            place(&mut edit, spot);
        }
        Some(TableText::Flow(spot, column)) => {
            let own = spot.old.clone().unwrap_or_default();
            entries.retain(|(key, _)| !own.contains(&format!("{key}:")));
            let (before, after) = own.split_at_checked(column)?;
            let notes = entries
                .iter()
                .map(|(key, note)| format!("{}# {key}: {note}", " ".repeat(spot.indent)));
            edit.new = notes.collect();
            let inside: Vec<String> = entries
                .iter()
                .map(|(key, _)| format!("{key}: \"TODO\""))
                .collect();
            edit.new.push(format!("{before} {},{after}", inside.join(", ")));
            place(&mut edit, spot);
        }
        None => edit
            .text
            .push_str("; the table is no YAML that can be changed here"),
    }
    // All of them have their line already: what is left to do is a person's.
    if entries.is_empty() && hidden == 0 {
        return None;
    }
    if entries.is_empty() {
        edit.file = None;
        edit.old.clear();
        edit.new.clear();
    }
    Some(edit)
}

/// What a code could be in the target, in words.
fn candidates(pack: &Pack, code: &Code, lost: &Lost, knowledge: &Knowledge<'_>) -> String {
    let seen = format!("{} times", lost.count);
    let Some(set) = value_set(pack, &code.rule, knowledge.library) else {
        return format!("{seen}; the target has no value set here");
    };
    let codes = (knowledge.expand)(&set);
    let own = code.code.as_deref().unwrap_or_default();
    let same: Vec<&str> = codes
        .iter()
        .filter(|(system, other)| {
            let named = |name: &String| (knowledge.names)(system, other, name);
            other.eq_ignore_ascii_case(own) || lost.names.iter().any(named)
        })
        .map(|(_, code)| &**code)
        .collect();
    match (same.as_slice(), codes.len()) {
        ([_, ..], _) => format!("{seen}; candidate by its code or name: {}", same.join(", ")),
        ([], 0) => format!("{seen}; the codes of {set} are not known here"),
        ([], count) if count <= MAX_CANDIDATES => {
            let all: Vec<&str> = codes.iter().map(|(_, code)| &**code).collect();
            format!("{seen}; the target takes: {}", all.join(", "))
        }
        ([], count) => format!("{seen}; one of the {count} codes of {set}"),
    }
}

/// The value set of what a rule writes to.
fn value_set(pack: &Pack, rule: &str, library: &dyn Library) -> Option<String> {
    for map in &pack.maps {
        let found = match &map.profile {
            Some(profile) => library.structure(profile),
            None => library.type_named(map.to.map_or("", |kind| kind.name)),
        };
        let Ok(profile) = found else { continue };
        let mut open: Vec<(&Body, String)> = vec![(&map.body, profile.type_name.clone())];
        while let Some((body, at)) = open.pop() {
            for own in body.rules.iter().chain(&body.finals) {
                let Action::Copy { to, via, .. } = &own.action else {
                    continue;
                };
                let Some(path) = path(to, &at) else { continue };
                if &*own.id == rule {
                    let path = path.strip_suffix(".coding").unwrap_or(&path);
                    let mut elements = profile.snapshot.iter().flatten();
                    let bound = elements.find(|element| element.path == path && element.binding.is_some());
                    return bound?.binding.as_ref()?.value_set.clone();
                }
                if let Via::Rules(inner) = via {
                    open.push((inner, path));
                }
            }
        }
    }
    None
}

/// The path in the profile; none through an extension.
fn path(to: &TargetPath, at: &str) -> Option<String> {
    let mut path = at.to_owned();
    for step in &to.steps {
        if matches!(step.slot, Slot::Extension { .. }) {
            return None;
        }
        path = format!("{path}.{}", step.element.definition);
    }
    Some(path)
}
