//! A draft from a sample of what a source sends: the best record for each profile, and a rule for each of its columns.

use std::collections::BTreeSet;

use super::draft::{MapDraft, RuleDraft, Sheet, TableDraft};
use super::outline::{Column, Outline};
use super::propose::{Proposal, propose, takes_several};
use super::site::Profile;
use super::{Side, names};

/// Codes of a value set that are shown beside a table.
const MAX_CODES: usize = 60;
/// Deepest column below its record that is looked at.
const MAX_BELOW: usize = 6;
/// Words that FHIRPath keeps for itself.
const KEYWORDS: [&str; 13] = [
    "and", "or", "xor", "implies", "as", "is", "div", "mod", "in", "contains", "true", "false", "day",
];

/// A profile and the record that its resources are made of.
struct Chosen<'c> {
    profile: &'c Profile<'c>,
    /// Path of the record from below the root on.
    record: Vec<String>,
}

/// The maps of a draft, and the joins of its tables: name, the other, and the key of both.
pub(super) fn maps(
    outline: &Outline,
    profiles: &[Profile<'_>],
    rows: bool,
    target: &Side<'_>,
    sheet: &mut Sheet,
) -> Vec<(String, String, String)> {
    let chosen: Vec<Chosen<'_>> = profiles
        .iter()
        .map(|profile| Chosen {
            profile,
            record: record(outline, profile, rows),
        })
        .collect();
    let patient = chosen
        .iter()
        .position(|one| one.profile.definition.type_name == "Patient");
    let joins = match (rows, patient.and_then(|at| chosen.get(at))) {
        (true, Some(patient)) => joins(outline, &patient.record, &chosen),
        _ => Vec::new(),
    };
    let conditions = apart(outline, &chosen);
    let mut export = Vec::new();
    let mut inner = Vec::new();
    let mut drafted: Vec<MapDraft> = Vec::new();
    for (number, one) in chosen.iter().enumerate() {
        let key = joins.iter().find(|(table, ..)| one.record.first() == Some(table));
        let mut map = draft(outline, one, key.map(|(.., key)| key.as_str()), target, sheet);
        for other in &drafted {
            if other.name.eq_ignore_ascii_case(&map.name) {
                map.name = format!("{}{}", map.name, number + 1);
            }
        }
        let whole = one.record.join(".");
        let of_patient = patient.filter(|at| *at != number).and_then(|at| chosen.get(at));
        let joined = joins.iter().any(|(table, ..)| one.record.first() == Some(table));
        match of_patient.and_then(|patient| inside(&one.record, &patient.record, joined)) {
            Some(from) => {
                link(&mut map, one.profile);
                inner.push(make(from, map.name.clone(), conditions.get(number)));
            }
            None => export.push(make(whole, map.name.clone(), conditions.get(number))),
        }
        drafted.push(map);
    }
    if let Some(map) = patient.and_then(|at| drafted.get_mut(at)) {
        for rule in inner {
            if rule.from.as_ref().is_some_and(|from| from.starts_with("%within")) {
                map.within = patient
                    .and_then(|at| chosen.get(at))
                    .and_then(|one| one.record.first().cloned());
            }
            map.rules.push(rule);
        }
        for (table, _, key) in &joins {
            map.rules.push(RuleDraft {
                ignore: Some(format!("{table}.{key}")),
                because: Some("it is the key of the join: the reference to the patient says it".to_owned()),
                ..RuleDraft::default()
            });
        }
    }
    let mut rules: Vec<RuleDraft> = export;
    if rows {
        let used: BTreeSet<&str> = chosen
            .iter()
            .filter_map(|one| one.record.first())
            .map(String::as_str)
            .collect();
        for record in outline.records.iter().filter(|record| record.len() == 1) {
            let name = record.first().map(String::as_str).unwrap_or_default();
            if !used.contains(name) {
                rules.push(RuleDraft::unplaced(
                    name,
                    "no profile that was named goes with this table",
                ));
            }
        }
    }
    sheet.maps.push(MapDraft {
        name: "Export".to_owned(),
        from: outline.root.clone(),
        rules,
        ..MapDraft::default()
    });
    sheet.maps.extend(drafted);
    joins
}

/// A rule that makes a resource of each record, of those that a condition selects.
fn make(from: String, map: String, condition: Option<&Condition>) -> RuleDraft {
    let (from, todo) = match condition {
        None | Some(Condition::All) => (from, None),
        Some(Condition::Only(condition)) => (
            format!("{from}.where({condition})"),
            Some("proposed by the code that a profile asks for: check it".to_owned()),
        ),
        Some(Condition::Unknown) => (
            from,
            Some("several maps make something of each of these: say which by `.where(...)`".to_owned()),
        ),
    };
    RuleDraft {
        from: Some(from),
        make: Some(map),
        todo,
        ..RuleDraft::default()
    }
}

/// Which records a map is for, when several maps are about the same.
enum Condition {
    All,
    Only(String),
    Unknown,
}

/// What tells the records of maps apart that are made of the same: the code that their profiles ask for.
fn apart(outline: &Outline, chosen: &[Chosen<'_>]) -> Vec<Condition> {
    let code = |one: &Chosen<'_>| {
        let kind = &one.profile.definition.type_name;
        one.profile.coding(&format!("{kind}.code")).map(|(_, code)| code)
    };
    let one = |number: usize, own: &Chosen<'_>| {
        let others = chosen.iter().enumerate().filter(|(at, other)| {
            *at != number && other.record == own.record && other.profile.definition.type_name != "Patient"
        });
        let others: Vec<&Chosen<'_>> = others.map(|(_, other)| other).collect();
        if others.is_empty() || own.profile.definition.type_name == "Patient" {
            return Condition::All;
        }
        let is_code = |proposal: Proposal| {
            let first = proposal.rules.first().and_then(|rule| rule.to.clone());
            first.as_deref() == Some("code.coding#one.code")
        };
        let column = columns(outline, &own.record)
            .find(|(column, from)| propose(column, from, own.profile).is_some_and(is_code))
            .map(|(_, from)| from);
        let Some(column) = column else {
            return Condition::Unknown;
        };
        if let Some(code) = code(own) {
            return Condition::Only(format!("{column} = '{code}'"));
        }
        let taken: Option<Vec<String>> = others.into_iter().map(code).collect();
        match taken {
            Some(codes) => {
                let each: Vec<String> = codes.iter().map(|code| format!("{column} = '{code}'")).collect();
                Condition::Only(format!("({}).not()", each.join(" or ")))
            }
            None => Condition::Unknown,
        }
    };
    chosen
        .iter()
        .enumerate()
        .map(|(number, own)| one(number, own))
        .collect()
}

/// The columns of a record, with their names in it.
fn columns<'o>(outline: &'o Outline, record: &[String]) -> impl Iterator<Item = (&'o Column, String)> {
    let record = record.to_vec();
    outline.columns.iter().filter_map(move |column| {
        let below = column.path.strip_prefix(record.as_slice())?;
        let near = (1..=MAX_BELOW).contains(&below.len());
        near.then(|| {
            (
                column,
                below.iter().map(|part| name(part)).collect::<Vec<_>>().join("."),
            )
        })
    })
}

/// A name in FHIRPath.
fn name(part: &str) -> String {
    match KEYWORDS.contains(&part) {
        true => format!("`{part}`"),
        false => part.to_owned(),
    }
}

/// The record of which most columns have a place in a profile; of those that have as much, the deepest.
fn record(outline: &Outline, profile: &Profile<'_>, rows: bool) -> Vec<String> {
    let fits = |record: &&Vec<String>| !rows || record.len() == 1;
    let score = |record: &Vec<String>| -> u32 {
        columns(outline, record)
            .filter_map(|(column, from)| propose(column, &from, profile))
            .map(|proposal| proposal.score)
            .sum()
    };
    let mut best: (u32, usize, Vec<String>) = (0, 0, Vec::new());
    for record in outline.records.iter().filter(fits) {
        let (score, depth) = (score(record), record.len());
        let better = score > best.0 || score == best.0 && depth > best.1 && record.starts_with(&best.2);
        if better || best.2.is_empty() {
            best = (score, depth, record.clone());
        }
    }
    best.2
}

/// Where a record is from that of the patient: in it, joined to it, or within the same group.
fn inside(record: &[String], patient: &[String], joined: bool) -> Option<String> {
    if record == patient {
        return Some("$this".to_owned());
    }
    if joined {
        return Some(record.join("."));
    }
    if let Some(below) = record.strip_prefix(patient) {
        return Some(below.join("."));
    }
    let group = patient.first().filter(|_| patient.len() > 1)?;
    let below = record.strip_prefix(std::slice::from_ref(group))?;
    Some(format!("%within.{}", below.join(".")))
}

/// Tables whose rows stand in those of the patient: by a column of the same name that tells the patients apart.
fn joins(outline: &Outline, patient: &[String], chosen: &[Chosen<'_>]) -> Vec<(String, String, String)> {
    let Some(table) = patient.first() else {
        return Vec::new();
    };
    let others: BTreeSet<&String> = chosen.iter().filter_map(|one| one.record.first()).collect();
    let mut all = Vec::new();
    for other in others.into_iter().filter(|other| *other != table) {
        let of = |column: &&Column, table: &String| column.path.first() == Some(table);
        let mut own = outline.columns.iter().filter(|column| of(column, table));
        let key = own.find(|column| {
            let same = |one: &Column| of(&one, other) && one.path.last() == column.path.last();
            (column.shape.is_unique() || column.shape.is_bsn()) && outline.columns.iter().any(same)
        });
        if let Some(key) = key.and_then(|key| key.path.last()) {
            all.push((other.clone(), table.clone(), key.clone()));
        }
    }
    all
}

/// Takes the reference to the patient from who asked for the resource.
fn link(map: &mut MapDraft, profile: &Profile<'_>) {
    let owner = profile.table.named(&profile.definition.type_name);
    let has = |name: &str| owner.is_some_and(|owner| owner.element(name).is_some());
    let Some(element) = ["subject", "patient", "beneficiary"]
        .into_iter()
        .find(|name| has(name))
    else {
        return;
    };
    map.rules.retain(|rule| rule.to.as_deref() != Some(element));
    let mut rule = RuleDraft {
        to: Some(format!("{element}.reference")),
        value: Some("%origin".to_owned()),
        ..RuleDraft::default()
    };
    rule.from = None;
    map.rules.insert(0, rule);
}

/// The map of a record to a profile.
fn draft(
    outline: &Outline,
    chosen: &Chosen<'_>,
    key: Option<&str>,
    target: &Side<'_>,
    sheet: &mut Sheet,
) -> MapDraft {
    let profile = chosen.profile;
    let mut map = MapDraft {
        name: names::map_name(&profile.definition.url),
        notes: vec!["Proposed by the names of the columns: a rule with `todo` is to be checked; take the `todo` away when it is right.".to_owned()],
        from: chosen.record.last().cloned().unwrap_or_default(),
        to: Some(profile.definition.type_name.clone()),
        profile: Some(profile.definition.url.clone()),
        ..MapDraft::default()
    };
    let mut taken: BTreeSet<String> = BTreeSet::new();
    let mut constants: Vec<RuleDraft> = Vec::new();
    for (column, from) in columns(outline, &chosen.record) {
        if key == Some(from.as_str()) {
            // The map of the patient, in whose rows these stand, says what becomes of it.
            continue;
        }
        if is_key(column, &from) && map.id.is_none() {
            map.id = Some(from.clone());
            map.rules.push(RuleDraft {
                ignore: Some(from),
                because: Some("it is the key of the export; the id of what is made comes of it".to_owned()),
                todo: Some(
                    "proposed as `id` by its name: check that it tells these apart, and never changes"
                        .to_owned(),
                ),
                ..RuleDraft::default()
            });
            continue;
        }
        let Some(proposal) = propose(column, &from, profile) else {
            map.rules.push(RuleDraft::unplaced(
                from,
                "nothing agrees by name: map it, or ignore it with a reason",
            ));
            continue;
        };
        let first = proposal
            .rules
            .first()
            .and_then(|rule| rule.to.clone())
            .unwrap_or_default();
        if taken.contains(&first) && !takes_several(&first, profile) {
            let todo = format!("proposed for {first}, which another column has already");
            map.rules.push(RuleDraft::unplaced(from, todo));
            continue;
        }
        taken.insert(first);
        add(&mut map, &mut constants, proposal, column, profile, target, sheet);
    }
    let given = |map: &MapDraft, name: &str| {
        let begins = |rule: &RuleDraft| {
            let to = rule
                .to
                .as_deref()
                .and_then(|to| to.strip_prefix(name.trim_end_matches("[x]")));
            to.is_some_and(|rest| {
                rest.is_empty() || name.ends_with("[x]") || rest.starts_with(['.', '#', '('])
            })
        };
        map.rules.iter().any(begins)
    };
    for (name, path) in profile.required() {
        if !given(&map, name) {
            let todo = "required: say what gives it, or `assume` it with a reason";
            map.rules.push(RuleDraft::wanted(path, todo));
        }
    }
    map.rules.append(&mut constants);
    for (path, yaml) in profile.constants() {
        map.rules.push(RuleDraft::constant(path, yaml));
    }
    map
}

/// Whether a column may be what tells the rows of its table apart.
fn is_key(column: &Column, from: &str) -> bool {
    let bare = names::bare(from);
    let named = ["id", "nr", "nummer", "key", "sleutel"]
        .iter()
        .any(|end| bare.ends_with(end));
    named
        && !bare.contains("huis")
        && !bare.contains("tel")
        && column.shape.is_unique()
        && !column.shape.is_bsn()
}

/// Puts the rules of a proposal in a map, with the table that they need.
fn add(
    map: &mut MapDraft,
    constants: &mut Vec<RuleDraft>,
    mut proposal: Proposal,
    column: &Column,
    profile: &Profile<'_>,
    target: &Side<'_>,
    sheet: &mut Sheet,
) {
    if let (Some(path), Some(rule)) = (&proposal.coded, proposal.rules.first_mut()) {
        let table = table(path, column, profile, target);
        let mut name = table.name.clone();
        let mut number = 2;
        let other = |own: &TableDraft, name: &str| own.name == name && own.notes != table.notes;
        while sheet.tables.iter().any(|own| other(own, &name)) {
            name = format!("{}-{number}", table.name);
            number += 1;
        }
        rule.codes = Some(name.clone());
        if sheet.tables.iter().all(|own| own.name != name) {
            sheet.tables.push(TableDraft { name, ..table });
        }
    }
    for rule in proposal.rules {
        match rule.constant {
            Some(_) if constants.contains(&rule) => {}
            Some(_) => constants.push(rule),
            None => map.rules.push(rule),
        }
    }
}

/// A table for the codes of a column. The codes themselves are the source's: a person fills them in.
fn table(path: &str, column: &Column, profile: &Profile<'_>, target: &Side<'_>) -> TableDraft {
    let plain: Vec<&str> = path
        .split('.')
        .map(|part| part.split('#').next().unwrap_or(part))
        .collect();
    let full = format!("{}.{}", profile.definition.type_name, plain.join("."));
    let binding = profile.elements().find(|element| element.path == full);
    let set = binding.and_then(|element| element.binding.as_ref()?.value_set.clone());
    let codes = set.map(|set| (target.expand)(&set)).unwrap_or_default();
    let last = column.path.last().map(String::as_str).unwrap_or_default();
    let mut table = TableDraft {
        name: last.to_ascii_lowercase().replace('_', "-"),
        notes: vec![format!(
            "TODO what the codes of {} mean, as {full}: \"code of the source\": code of the target.",
            column.path.join(".")
        )],
        ..TableDraft::default()
    };
    let systems: BTreeSet<&str> = codes.iter().map(|(system, _)| &**system).collect();
    let is_code = binding.is_some_and(|element| element.types.iter().any(|kind| kind.code == "code"));
    if let (1, Some(system), false) = (systems.len(), systems.first(), is_code) {
        table.target = Some((*system).to_owned());
    }
    if !codes.is_empty() && codes.len() <= MAX_CODES {
        let all: Vec<&str> = codes.iter().map(|(_, code)| &**code).collect();
        table.notes.push(format!("The target takes: {}.", all.join(", ")));
    }
    table
}
