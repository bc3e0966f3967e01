//! Judges a compiled pack against the profiles of its maps: what they forbid, how much they take, what they fix.

use samenhang_profiles::definition::{ElementDefinition, Library, Max, StructureDefinition, TypedValue};
use samenhang_profiles::tree::Tree as Json;

mod binding;
mod required;
#[cfg(test)]
mod tests;

use crate::error::{Fault, PackError};
use crate::plan::{Action, Body, Map, Pack, Rule, Via};
use crate::target::{Content, Slot, TargetPath};

impl Pack {
    /// What of the pack does not go with the profiles of its maps, in the order of the maps: an element that a profile
    /// forbids, more than it takes without a `many`, a constant that it does not fix. A map without a profile is judged by
    /// the definition of its type. `library` is of the version of the target.
    #[must_use]
    pub fn check(&self, library: &dyn Library) -> Vec<PackError> {
        let mut checker = Checker {
            library,
            faults: Vec::new(),
        };
        for map in &self.maps {
            checker.map(map);
        }
        let undecided = self.undecided.iter().map(|place| PackError {
            place: place.clone(),
            fault: Fault::Undecided,
        });
        checker.faults.extend(undecided);
        // The rules that maps share by extending each other are judged for each of them, and told once.
        checker
            .faults
            .sort_by(|one, other| (&one.place, one.code()).cmp(&(&other.place, other.code())));
        checker.faults.dedup();
        checker.faults
    }
}

struct Checker<'l> {
    library: &'l dyn Library,
    faults: Vec<PackError>,
}

/// Something of the target that rules are about, in the profile that is checked.
struct Site<'s> {
    profile: &'s StructureDefinition,
    /// Its path in the profile: `Observation.component`.
    path: String,
    /// Whether the map names the profile itself, so that constants are judged.
    named: bool,
}

impl Checker<'_> {
    fn map(&mut self, map: &Map) {
        let Some(kind) = map.to else {
            return;
        };
        let found = match &map.profile {
            Some(profile) => self.library.structure(profile),
            None => self.library.type_named(kind.name),
        };
        let Ok(profile) = found else {
            if let Some(profile) = &map.profile
                && let Some(rule) = map.body.rules.iter().chain(&map.body.finals).next()
            {
                self.fault(
                    rule,
                    Fault::Unknown(format!("the profile {profile} of the map is not known")),
                );
            }
            return;
        };
        let site = Site {
            path: profile.type_name.clone(),
            profile: &profile,
            named: map.profile.is_some(),
        };
        self.body(&map.body, &site);
    }

    fn fault(&mut self, rule: &Rule, fault: Fault) {
        self.faults.push(PackError {
            place: rule.place.clone(),
            fault,
        });
    }

    fn body(&mut self, body: &Body, site: &Site<'_>) {
        for rule in body.rules.iter().chain(&body.finals) {
            match &rule.action {
                Action::Copy {
                    to,
                    via,
                    several,
                    many,
                    ..
                } => {
                    let path = self.path(rule, to, site);
                    if *several && many.is_none() {
                        self.amount(rule, to, site);
                    }
                    if let Via::Rules(inner) = via
                        && let Some(path) = path
                    {
                        let inside = Site { path, ..*site };
                        self.body(inner, &inside);
                    }
                }
                Action::Value { to, .. } | Action::Assume { to, .. } | Action::Absent { to, .. } => {
                    self.path(rule, to, site);
                }
                Action::Make { link, .. } => {
                    if let Some(link) = link {
                        self.path(rule, link, site);
                    }
                }
                Action::Const { to, content } => {
                    if let Some(path) = self.path(rule, to, site) {
                        self.constant(rule, content, &path, site);
                    }
                }
                Action::Ignore { .. } => {}
            }
        }
    }

    /// Judges a path by what the profile forbids, and gives the path in the profile; none for what it says nothing of.
    fn path(&mut self, rule: &Rule, to: &TargetPath, site: &Site<'_>) -> Option<String> {
        let mut path = site.path.clone();
        for step in &to.steps {
            if matches!(step.slot, Slot::Extension { .. }) {
                return None;
            }
            path = format!("{path}.{}", step.element.definition);
            let element = whole(site.profile, &path)?;
            if element.max == Some(Max::Count(0)) {
                self.fault(rule, Fault::Path(format!("the profile forbids {path}")));
            }
            let choice = step.element.definition.ends_with("[x]");
            if choice && !allows(site.profile, &path, &step.element.name, step.element.definition) {
                let fault = format!("the profile has no {} at {path}", step.element.name);
                self.fault(rule, Fault::Path(fault));
            }
        }
        Some(path)
    }

    /// Judges whether all that can come fits.
    fn amount(&mut self, rule: &Rule, to: &TargetPath, site: &Site<'_>) {
        if !to.is_fresh() {
            let fault = "several can be selected and one fits: say with `many` what happens".to_owned();
            self.fault(rule, Fault::Cardinality(fault));
            return;
        }
        let mut path = site.path.clone();
        for step in &to.steps {
            if matches!(step.slot, Slot::Extension { .. }) {
                return;
            }
            path = format!("{path}.{}", step.element.definition);
            let most = whole(site.profile, &path).and_then(|element| element.max);
            if step.slot.is_fresh() && most == Some(Max::Count(1)) {
                let fault = format!("the profile takes one {path}: say with `many` what happens to others");
                self.fault(rule, Fault::Cardinality(fault));
            }
        }
    }

    /// Judges whether the profile fixes a constant, at the element or in what it stands in.
    fn constant(&mut self, rule: &Rule, content: &Content, path: &str, site: &Site<'_>) {
        if !site.named {
            return;
        }
        let elements = site.profile.snapshot.iter().flatten();
        let fixed = elements
            .filter(|element| element.path == path || path.starts_with(&format!("{}.", element.path)));
        let fixes = |element: &ElementDefinition| {
            let values = element.fixed.iter().chain(&element.pattern);
            values
                .into_iter()
                .any(|value| implies(value, path, &element.path, content))
        };
        let known = self.in_types(path, content, site.profile);
        if !fixed.into_iter().any(fixes) && !parts_are_fixed(site.profile, path, content) && !known {
            let fault = format!("the profile does not fix this at {path}: what nobody said is an `assume`");
            self.fault(rule, Fault::Constant(fault));
        }
    }

    /// Whether a profile on the type of what the path stands in fixes a constant: the use of a name.
    fn in_types(&self, path: &str, content: &Content, profile: &StructureDefinition) -> bool {
        let Some((owner, name)) = path.rsplit_once('.') else {
            return false;
        };
        let owners = profile
            .snapshot
            .iter()
            .flatten()
            .filter(|element| element.path == owner);
        let profiles = owners
            .flat_map(|element| &element.types)
            .flat_map(|kind| &kind.profiles);
        profiles.into_iter().any(|canonical| {
            let Ok(inner) = self.library.structure(canonical) else {
                return false;
            };
            let path = format!("{}.{name}", inner.type_name);
            parts_are_fixed(&inner, &path, content)
        })
    }
}

/// The element of a path, of all slices together.
fn whole<'p>(profile: &'p StructureDefinition, path: &str) -> Option<&'p ElementDefinition> {
    let mut elements = profile.snapshot.iter().flatten();
    elements.find(|element| element.id == path)
}

/// Whether a choice has this type in the profile.
fn allows(profile: &StructureDefinition, path: &str, name: &str, definition: &str) -> bool {
    let stem = definition.trim_end_matches("[x]");
    let wanted = name.strip_prefix(stem).unwrap_or(name);
    let same = |code: &str| code.eq_ignore_ascii_case(wanted);
    whole(profile, path)
        .is_none_or(|element| element.types.is_empty() || element.types.iter().any(|kind| same(&kind.code)))
}

/// Whether a fixed value or pattern of an element holds a constant for something at or below it.
fn implies(value: &TypedValue, path: &str, owner: &str, content: &Content) -> bool {
    let below = path.strip_prefix(owner).unwrap_or_default();
    let names = below.split('.').filter(|name| !name.is_empty());
    let mut at = vec![&value.value];
    for name in names {
        at = at.iter().flat_map(|value| children(value, name)).collect();
    }
    at.into_iter().any(|value| has(value, content))
}

/// The values of a property, those of a list one by one.
fn children<'t>(value: &'t Json<'static>, name: &str) -> Vec<&'t Json<'static>> {
    match value.get(name) {
        Some(Json::Array(items)) => items.iter().collect(),
        Some(one) => vec![one],
        None => Vec::new(),
    }
}

/// Whether a value holds all of a constant.
fn has(value: &Json<'static>, content: &Content) -> bool {
    match (content, value) {
        (Content::Text(text), Json::String(own) | Json::Number(own)) => &**text == own.as_ref(),
        (Content::Text(text), Json::Boolean(own)) => &**text == if *own { "true" } else { "false" },
        (Content::Elements(elements), value @ Json::Object(_)) => {
            elements.iter().all(|(element, content)| {
                // A display says nothing that the code does not.
                element.name == "display"
                    || children(value, &element.name)
                        .into_iter()
                        .any(|inner| has(inner, content))
            })
        }
        _ => false,
    }
}

/// Whether the elements below a path are fixed one by one, as `coding.system` and `coding.code` are.
fn parts_are_fixed(profile: &StructureDefinition, path: &str, content: &Content) -> bool {
    match content {
        Content::Text(_) => profile.snapshot.iter().flatten().any(|element| {
            let values = element.fixed.iter().chain(&element.pattern);
            element.path == path && values.into_iter().any(|value| has(&value.value, content))
        }),
        Content::Elements(elements) => {
            !elements.is_empty()
                && elements.iter().all(|(element, content)| {
                    let path = format!("{path}.{}", element.definition);
                    element.name == "display" || parts_are_fixed(profile, &path, content)
                })
        }
    }
}
