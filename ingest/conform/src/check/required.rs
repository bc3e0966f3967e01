//! Elements that the profile of a map requires and that nothing gives.

use samenhang_profiles::definition::{Library, Max};
use samenhang_profiles::element_table::Table;

use crate::error::{Notice, Warning};
use crate::language::Format;
use crate::plan::{Action, Map, Pack};
use crate::target::TargetPath;

impl Pack {
    /// What the profiles of the maps require of each resource and no rule gives, in the order of the maps. What is copied
    /// because the source has an element of the same name counts as given. A map without a profile is not judged.
    #[must_use]
    pub fn unfilled(&self, library: &dyn Library) -> Vec<Warning> {
        let mut all: Vec<Warning> = self
            .maps
            .iter()
            .flat_map(|map| self.lacking(map, library))
            .collect();
        all.sort_by(|one, other| (&one.place, one.to_string()).cmp(&(&other.place, other.to_string())));
        all.dedup();
        all
    }

    fn lacking(&self, map: &Map, library: &dyn Library) -> Vec<Warning> {
        let found = map
            .profile
            .as_ref()
            .and_then(|profile| library.structure(profile).ok());
        let rules = || map.body.rules.iter().chain(&map.body.finals);
        let (Some(profile), Some(first)) = (found, rules().next()) else {
            return Vec::new();
        };
        if rules().any(|rule| rule.takes_all()) {
            return Vec::new();
        }
        let own = Table::of(self.source).named(&map.from);
        let copied = |name: &str| {
            let same = own.is_some_and(|own| own.elements.iter().any(|element| element.definition == name));
            map.body.copy_rest && self.format == Format::Fhir && same
        };
        let given = |name: &str| {
            rules()
                .filter_map(|rule| target(&rule.action))
                .any(|to| begins(to, name))
        };
        let root = format!("{}.", profile.type_name);
        let mut all = Vec::new();
        for element in profile.snapshot.iter().flatten() {
            let name = element
                .id
                .strip_prefix(&root)
                .filter(|name| !name.contains(['.', ':']));
            let is_required = element.min.unwrap_or(0) > 0 && element.max != Some(Max::Count(0));
            if let Some(name) = name.filter(|name| is_required && !copied(name) && !given(name)) {
                let mut place = first.place.clone();
                place.rule = Some(map.name.to_string());
                all.push(Warning {
                    place,
                    notice: Notice::Required(format!("{root}{name}")),
                });
            }
        }
        all
    }
}

/// Where a rule writes.
fn target(action: &Action) -> Option<&TargetPath> {
    match action {
        Action::Copy { to, .. }
        | Action::Value { to, .. }
        | Action::Const { to, .. }
        | Action::Assume { to, .. }
        | Action::Absent { to, .. } => Some(to),
        Action::Make { link, .. } => link.as_ref(),
        Action::Ignore { .. } => None,
    }
}

/// Whether a path begins with an element, as its definition has it.
fn begins(path: &TargetPath, name: &str) -> bool {
    let step = path.steps.first().map(|step| step.element.definition);
    let choice = path.choice.first().map(|element| element.definition);
    step.or(choice) == Some(name)
}
