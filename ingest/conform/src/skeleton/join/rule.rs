//! The rule of a pair of elements, and the table that it needs when both have codes of their own.

use std::collections::BTreeSet;

use samenhang_profiles::definition::BindingStrength;
use samenhang_profiles::element_table::Table;

use super::super::Side;
use super::super::draft::{RuleDraft, Sheet, TableDraft};
use super::super::site::Profile;
use super::super::write::text;
use super::pairs::{Pair, named};

/// Codes of a value set that go into a table of their own.
const MAX_CODES: usize = 60;

/// What the rule of a pair is made with.
pub(super) struct Joined<'j, 'p> {
    pub(super) source: &'j Profile<'p>,
    pub(super) target: &'j Profile<'p>,
    pub(super) own: &'j Side<'j>,
    pub(super) other: &'j Side<'j>,
    pub(super) sheet: &'j mut Sheet,
}

impl Joined<'_, '_> {
    /// The rule of a pair, with its paths from the resource on.
    pub(super) fn rule(&mut self, pair: &Pair<'_>) -> RuleDraft {
        let mut rule = RuleDraft::copy(pair.from.steps.join("."), pair.to.path(0, false));
        let mut todo = Vec::new();
        if !pair.others.is_empty() {
            let others: Vec<&str> = pair.others.iter().copied().collect();
            todo.push(format!("the target has it at {} too", others.join(", ")));
        }
        let kind = pair.to.kind;
        let is = |name: &str| pair.from.types.iter().any(|kind| kind == name);
        let coded = |kind: &str| matches!(kind, "code" | "CodeableConcept" | "Coding");
        let fits = pair.from.types.iter().any(|from| {
            from == kind || crate::run::goes(from, kind) || is_quantity(from) && is_quantity(kind)
        });
        let (from, to) = pair.ends();
        for (path, end) in [(&mut rule.from, from), (&mut rule.to, to)] {
            path.as_mut().into_iter().for_each(|path| path.push_str(end));
        }
        if !fits && coded(kind) && pair.from.types.iter().any(|from| coded(from)) {
            todo.push("the codes are other ones: fill and check the table".to_owned());
            rule.codes = Some(self.table(pair));
        } else if !fits && kind == "date" && is("dateTime") {
            rule.function = Some("date-of".to_owned());
        }
        if !todo.is_empty() {
            rule.todo = Some(format!("{}: {}", named(&pair.concepts), todo.join("; ")));
        }
        rule
    }

    /// A table from the codes of one element to those of another: filled with those that both sides have.
    fn table(&mut self, pair: &Pair<'_>) -> String {
        let codes = |profile: &Profile<'_>, side: &Side<'_>, id: &str| {
            let binding = profile.definition.element(id).and_then(|own| own.binding.clone());
            let strong = binding.filter(|binding| binding.strength >= BindingStrength::Extensible);
            let set = strong.and_then(|binding| binding.value_set).unwrap_or_default();
            (side.expand)(&set)
        };
        let old = codes(self.source, self.own, pair.ids.0);
        let new = codes(self.target, self.other, pair.ids.1);
        let mut table = TableDraft {
            name: kebab(pair.ids.1),
            notes: vec![format!(
                "TODO {}: from {} to {}.",
                named(&pair.concepts),
                pair.ids.0,
                pair.ids.1
            )],
            ..TableDraft::default()
        };
        let systems: BTreeSet<&str> = new.iter().map(|(system, _)| &**system).collect();
        if let (1, Some(system)) = (systems.len(), systems.first())
            && pair.to.kind != "code"
        {
            table.target = Some((*system).to_owned());
        }
        if new.len() <= MAX_CODES && !new.is_empty() {
            let all: Vec<&str> = new.iter().map(|(_, code)| &**code).collect();
            table.notes.push(format!("The target takes: {}.", all.join(", ")));
        }
        let both = old
            .iter()
            .filter(|(_, code)| new.iter().any(|(_, other)| other == code));
        for (_, code) in both.take(MAX_CODES) {
            table.entries.push((code.clone(), text(code)));
        }
        let lacking = old
            .iter()
            .filter(|(_, code)| new.iter().all(|(_, other)| other != code));
        let lacking: Vec<&str> = lacking.take(MAX_CODES).map(|(_, code)| &**code).collect();
        if !lacking.is_empty() {
            table
                .notes
                .push(format!("Of the source, not in it: {}.", lacking.join(", ")));
        }
        let name = table.name.clone();
        if self.sheet.tables.iter().all(|own| own.name != name) {
            self.sheet.tables.push(table);
        }
        name
    }
}

fn is_quantity(kind: &str) -> bool {
    Table::of(samenhang_profiles::FhirVersion::R4).is_a(kind, "Quantity")
}

/// The name of a table from the id of an element: `allergyintolerance-clinicalstatus`.
fn kebab(id: &str) -> String {
    let mut name = String::new();
    for character in id.chars() {
        match character {
            '.' | ':' => name.push('-'),
            other if other.is_ascii_alphanumeric() => name.push(other.to_ascii_lowercase()),
            _ => {}
        }
    }
    name
}
