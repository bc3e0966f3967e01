//! What is wrong with a pack: the smallest edit of a line that takes a fault away.

use samenhang_profiles::definition::Library;
use samenhang_profiles::element_table::Table;

use super::near::distance;
use super::rules::add_key;
use super::script::Script;
use super::{Edit, apply};
use crate::error::{Fault, PackError};
use crate::functions;
use crate::plan::Pack;

/// Faults for which an edit is looked for: each try compiles the pack.
const MAX_FAULTS: usize = 50;

/// An edit for each fault, with a change when one takes it away.
pub(super) fn edits(files: &[(&str, &str)], faults: &[PackError], library: &dyn Library) -> Vec<Edit> {
    let script = Script::of(files);
    let mut all = Vec::new();
    for fault in faults.iter().take(MAX_FAULTS) {
        let mut edit = Edit {
            code: fault.code(),
            about: fault.place.to_string(),
            count: 1,
            text: fault.fault.to_string(),
            file: None,
            line: 0,
            old: Vec::new(),
            new: Vec::new(),
        };
        if let Some((number, line)) = script.line(&fault.place) {
            let before = judged(files, library);
            for changed in changes(&fault.fault, line) {
                let tried = Edit {
                    file: Some(fault.place.file.clone()),
                    line: number,
                    old: vec![line.to_owned()],
                    new: vec![changed],
                    ..edit.clone()
                };
                let after = apply(files, &[&tried]);
                let after: Vec<(&str, &str)> = after.iter().map(|(name, text)| (&**name, &**text)).collect();
                let left = judged(&after, library);
                let is_there = |faults: &[PackError]| {
                    faults.iter().any(|own| {
                        own.place.line == fault.place.line
                            && own.code() == fault.code()
                            && own.place.file == fault.place.file
                    })
                };
                let others = |faults: &[PackError]| {
                    faults
                        .iter()
                        .filter(|own| !matches!(own.fault, Fault::Undecided))
                        .count()
                };
                if !is_there(&left) && others(&left) < others(&before) {
                    edit = tried;
                    break;
                }
            }
        }
        all.push(edit);
    }
    all
}

/// All that is wrong with a pack.
fn judged(files: &[(&str, &str)], library: &dyn Library) -> Vec<PackError> {
    match Pack::compile(files) {
        Ok((pack, _)) => pack.check(library),
        Err(faults) => faults,
    }
}

/// Lines that could take the place of one, the smallest change first.
fn changes(fault: &Fault, line: &str) -> Vec<String> {
    let to_check = "todo: \"changed to mend a fault: check it\"";
    let end = |suffix: &str| {
        let path = key(line, "to")?;
        let bare = path.trim_matches(['"', '\'']);
        let changed = line.replacen(&format!("to: {path}"), &format!("to: \"{bare}{suffix}\""), 1);
        add_key(&changed, to_check)
    };
    let mut all: Vec<Option<String>> = Vec::new();
    match fault {
        Fault::Cardinality(text) if text.contains("`many`") => all.push(add_key(line, "many: report")),
        Fault::Type(text) => {
            let function = match text.split_once(": ").map(|(types, _)| types) {
                Some("dateTime does not go to date") => Some("date-of"),
                Some("decimal does not go to integer") => Some("integer"),
                _ => None,
            };
            all.extend(function.map(|name| add_key(line, &format!("as: {name}, {to_check}"))));
            all.extend([".text", ".value", ".coding", ".start"].map(end));
        }
        Fault::Constant(_) => {
            let assumed = line.replacen("const:", "assume:", 1);
            all.push(add_key(
                &assumed,
                "because: \"TODO say why this holds for every resource of the source\"",
            ));
        }
        Fault::Path(text) => {
            let unknown = text
                .split_once(" has no element `")
                .and_then(|(owner, rest)| Some((owner, rest.strip_suffix('`')?)));
            if let Some((owner, name)) = unknown {
                for own in elements(owner, name) {
                    let changed = line.replacen(name, &own, 1);
                    all.push(add_key(&changed, to_check));
                }
            }
        }
        Fault::Unknown(text) => {
            let unknown = text
                .strip_prefix("no function is called `")
                .and_then(|rest| rest.strip_suffix('`'));
            if let Some(name) = unknown {
                let mut names: Vec<&str> = functions::names().collect();
                names.sort_by_key(|own| distance(own, name));
                let near = names.first().filter(|own| distance(own, name) <= 3);
                all.extend(near.map(|own| add_key(&line.replacen(name, own, 1), to_check)));
            }
        }
        _ => {}
    }
    all.into_iter().flatten().collect()
}

/// The value of a key in a rule on one line, as it is written.
fn key<'l>(line: &'l str, key: &str) -> Option<&'l str> {
    let start = line.find(&format!(" {key}: ")).map(|at| at + key.len() + 3)?;
    let rest = line.get(start..)?;
    let quoted = rest.starts_with('"');
    let end = match quoted {
        true => rest.get(1..)?.find('"').map(|at| at + 2)?,
        false => rest.find([',', ' ', '}'])?,
    };
    rest.get(..end)
}

/// Elements of a type whose names are near to one that it does not have.
fn elements(owner: &str, name: &str) -> Vec<String> {
    let versions = [
        samenhang_profiles::FhirVersion::R4,
        samenhang_profiles::FhirVersion::Stu3,
    ];
    let kinds = versions
        .iter()
        .filter_map(|version| Table::of(*version).named(owner));
    let mut found: Vec<(usize, String)> = kinds
        .flat_map(|kind| &kind.elements)
        .map(|element| (distance(&element.name, name), element.name.to_string()))
        .filter(|(far, _)| *far <= 3 && *far < name.len())
        .collect();
    found.sort();
    found.dedup();
    found.into_iter().take(3).map(|(_, name)| name).collect()
}
