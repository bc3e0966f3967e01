//! Values that no rule took, or that the type of the target could not hold: a rule for each, for a person to check.

use super::losses::{Losses, Unplaced};
use super::script::{Script, Spot};
use super::{Edit, Knowledge};
use crate::finding::Kind;
use crate::plan::{Action, Pack, Rule, Via};
use crate::skeleton::proposed;

/// What answers values that nothing took; a run has no finding for them, only the ledger.
const UNMAPPED: &str = "unmapped";

/// Rules for values that nothing took: the place that their name agrees with, or the place of a reason.
pub(super) fn unmapped(
    pack: &Pack,
    script: &Script<'_>,
    losses: &Losses,
    knowledge: &Knowledge<'_>,
) -> Vec<Edit> {
    let mut all: Vec<(&(String, String), &Unplaced)> = losses.unmapped.iter().collect();
    all.sort_by(|one, other| (&one.0.0, other.1.count, &one.0.1).cmp(&(&other.0.0, one.1.count, &other.0.1)));
    let mut edits = Vec::new();
    for ((map, path), lost) in all {
        let mut edit = Edit {
            code: UNMAPPED,
            about: format!("{map}: {path}"),
            count: lost.count,
            text: "no rule takes this".to_owned(),
            file: None,
            line: 0,
            old: Vec::new(),
            new: Vec::new(),
        };
        if path.is_empty() {
            edit.text = "more places that no rule takes".to_owned();
            edits.push(edit);
            continue;
        }
        let profile = pack
            .maps
            .iter()
            .find(|own| *own.name == **map)
            .and_then(|own| own.profile.as_deref());
        let lines = proposed(profile, path, &lost.shape, knowledge.library);
        match script.end_of_rules(map) {
            Some(spot) if !script.has(&spot.file, &lines) => write(&mut edit, spot, &lines),
            // It is there already: what is left to do is a person's.
            Some(_) => continue,
            None => edit
                .text
                .push_str("; the rules of this map are not written so that one can be added here"),
        }
        edits.push(edit);
    }
    edits
}

fn write(edit: &mut Edit, spot: Spot, lines: &[String]) {
    let margin = " ".repeat(spot.indent);
    edit.new.extend(spot.old.iter().map(|line| {
        let bare = line.trim_end().trim_end_matches(']').trim_end();
        bare.trim_end_matches('[').trim_end().to_owned()
    }));
    edit.new
        .extend(lines.iter().map(|line| format!("{margin}{line}")));
    edit.old = spot.old.into_iter().collect();
    edit.file = Some(spot.file);
    edit.line = spot.line;
}

/// Functions for rules whose values the type of the target could not hold, when one takes all that failed.
pub(super) fn conversions(pack: &Pack, script: &Script<'_>, losses: &Losses) -> Vec<Edit> {
    let mut edits = Vec::new();
    for (rule, failed) in &losses.conversions {
        let Some(own) = pack.all_rules().find(|own| own.id == *rule) else {
            continue;
        };
        let mut edit = Edit {
            code: Kind::Conversion.code(),
            about: rule.to_string(),
            count: failed.count,
            text: "the type of the target cannot hold these values, and no function takes them all"
                .to_owned(),
            file: None,
            line: 0,
            old: Vec::new(),
            new: Vec::new(),
        };
        let takes = failed.functions.iter().flatten().copied();
        let fits: Vec<&str> = takes.filter(|name| makes(name, kind(pack, own))).collect();
        if let (Some(name), Some((number, line))) = (fits.first(), script.line(&own.place))
            && matches!(own.action, Action::Copy { via: Via::Type, .. })
            && let Some(changed) = add_key(
                line,
                &format!("as: {name}, todo: \"takes all that failed: check it\""),
            )
        {
            edit.text = format!("`{name}` takes all values that the type of the target cannot hold");
            edit.file = Some(own.place.file.clone());
            edit.line = number;
            edit.old = vec![line.to_owned()];
            edit.new = vec![changed];
        }
        edits.push(edit);
    }
    edits
}

/// The line of a rule on one line, with more keys.
pub(super) fn add_key(line: &str, keys: &str) -> Option<String> {
    let end = line.trim_end();
    let inside = end.strip_suffix('}')?.trim_end();
    let opens = inside.matches('{').count();
    let closes = inside.matches('}').count();
    (opens == closes + 1).then(|| format!("{inside}, {keys} }}"))
}

/// The type that a rule writes to.
fn kind(pack: &Pack, rule: &Rule) -> &'static str {
    match &rule.action {
        Action::Copy { to, .. } => to.steps.last().map_or("", |step| {
            samenhang_profiles::element_table::Table::of(pack.target)
                .type_of(step.element)
                .name
        }),
        _ => "",
    }
}

/// Whether what a function makes is of a type.
fn makes(function: &str, kind: &str) -> bool {
    let kinds: &[&str] = match function {
        "dutch-date" => &["date", "dateTime"],
        "hl7-date" | "date-of" => &["date"],
        "hl7-timestamp" => &["dateTime", "instant"],
        "decimal-comma" | "number" => &["decimal"],
        "integer" => &["integer", "positiveInt", "unsignedInt"],
        _ => &[],
    };
    kinds.contains(&kind)
}
