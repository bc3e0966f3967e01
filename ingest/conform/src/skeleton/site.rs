//! Places in a profile: what the id of an element means as a path of the map language, and as FHIRPath.

use samenhang_profiles::definition::{ElementDefinition, Library, Max, StructureDefinition, TypedValue};
use samenhang_profiles::element_table::{Table, Type};
use samenhang_profiles::tree::Tree;

use super::write::text;

/// A profile with what finds its places.
pub(super) struct Profile<'p> {
    pub(super) definition: &'p StructureDefinition,
    pub(super) library: &'p dyn Library,
    pub(super) table: &'static Table,
}

/// One step of the id of an element.
struct Step<'p> {
    /// Without the name of a slice: `component`, `value[x]`.
    name: &'p str,
    slice: Option<&'p str>,
    /// The id up to here.
    id: &'p str,
    element: Option<&'p ElementDefinition>,
}

/// A place of the target, as rules write it.
#[derive(Debug, Clone)]
pub(super) struct Target {
    /// The steps, `component#SystolicBP` or `valueQuantity`, each with whether it repeats and nothing tells it apart.
    pub(super) steps: Vec<(String, bool)>,
    /// Name of the type that is there.
    pub(super) kind: &'static str,
    /// What the profile fixes on the way: path and YAML.
    pub(super) constants: Vec<(String, String)>,
}

impl Target {
    /// The path from a step on. Of steps that repeat, the first is new for each node, unless all are `shared`.
    pub(super) fn path(&self, from: usize, shared: bool) -> String {
        let mut fresh = !shared;
        let steps = self.steps.iter().skip(from).map(|(step, many)| match many {
            true if fresh => {
                fresh = false;
                step.clone()
            }
            true => format!("{step}#one"),
            false => step.clone(),
        });
        steps.collect::<Vec<_>>().join(".")
    }

    /// Whether the first step repeats, with or without a tag.
    pub(super) fn is_item(&self) -> bool {
        self.steps
            .first()
            .is_some_and(|(step, many)| *many || step.contains('#'))
    }
}

/// A place of the source.
#[derive(Debug, Clone)]
pub(super) struct Source {
    /// The steps in FHIRPath: `component.where(...)`, `value.ofType(Quantity)`.
    pub(super) steps: Vec<String>,
    /// Whether the first step repeats and is told apart by nothing.
    pub(super) repeats: bool,
    /// Names of the types that can be there.
    pub(super) types: Vec<String>,
    /// The code by which the profile tells the place apart: system and code.
    pub(super) told_by: Option<(String, String)>,
}

impl<'p> Profile<'p> {
    /// A profile with the library that it is of.
    pub(super) fn of(definition: &'p StructureDefinition, library: &'p dyn Library) -> Self {
        Profile {
            definition,
            library,
            table: Table::of(library.fhir_version()),
        }
    }

    /// The elements of the profile.
    pub(super) fn elements(&self) -> impl Iterator<Item = &'p ElementDefinition> {
        self.definition.snapshot.iter().flatten()
    }

    fn steps(&self, id: &'p str) -> Vec<Step<'p>> {
        let mut steps = Vec::new();
        for (end, _) in id.match_indices('.').chain([(id.len(), "")]) {
            let own = id.get(..end).unwrap_or_default();
            let part = own.rsplit_once('.').map_or(own, |(_, part)| part);
            let (name, slice) = match part.split_once(':') {
                Some((name, slice)) => (name, Some(slice)),
                None => (part, None),
            };
            let element = self.definition.element(own);
            steps.push(Step {
                name,
                slice,
                id: own,
                element,
            });
        }
        steps.remove(0);
        steps
    }

    /// Whether an element can be there at all.
    pub(super) fn allows(&self, id: &'p str) -> bool {
        let forbidden = |step: &Step<'_>| step.element.is_some_and(|own| own.max == Some(Max::Count(0)));
        !self.steps(id).iter().any(forbidden)
    }

    /// The place of an element as a path of the map language. `types` are those of what is to go there.
    pub(super) fn target(&self, id: &'p str, types: &[String]) -> Option<Target> {
        let mut owner: &'static Type = self.table.named(&self.definition.type_name)?;
        let mut found = Target {
            steps: Vec::new(),
            kind: owner.name,
            constants: Vec::new(),
        };
        for step in self.steps(id) {
            let own = match owner.primitive {
                Some(_) => self.table.named("Element")?,
                None => owner,
            };
            if matches!(step.name, "extension" | "modifierExtension") {
                let url = self.url(&step)?;
                found.steps.push((format!("{}({url})", step.name), false));
                owner = self.table.named("Extension")?;
                continue;
            }
            let name = match step.name.strip_suffix("[x]") {
                Some(stem) => choice(own, stem, &step, types)?,
                None => step.name.to_owned(),
            };
            let element = own.element(&name)?;
            let is_choice = step.name.ends_with("[x]");
            let slice = step.slice.filter(|_| !is_choice);
            found.steps.push(match slice.filter(|_| element.many) {
                Some(slice) => (format!("{name}#{}", tag(slice)), false),
                None => (name, element.many),
            });
            if slice.is_some() {
                let before = found.path(0, true);
                let fixed = self.fixed_below(step.id);
                let fixed = fixed.into_iter().filter(|(path, _)| !id.ends_with(path.as_str()));
                found
                    .constants
                    .extend(fixed.map(|(path, yaml)| (format!("{before}.{path}"), yaml)));
            }
            owner = self.table.type_of(element);
        }
        found.kind = owner.name;
        Some(found)
    }

    /// The place of an element in FHIRPath.
    pub(super) fn source(&self, id: &'p str) -> Option<Source> {
        let mut owner: &'static Type = self.table.named(&self.definition.type_name)?;
        let mut found = Source {
            steps: Vec::new(),
            repeats: false,
            types: Vec::new(),
            told_by: None,
        };
        for step in self.steps(id) {
            let own = match owner.primitive {
                Some(_) => self.table.named("Element")?,
                None => owner,
            };
            if matches!(step.name, "extension" | "modifierExtension") {
                found.steps.push(format!("{}('{}')", step.name, self.url(&step)?));
                owner = self.table.named("Extension")?;
                found.types = vec!["Extension".to_owned()];
                continue;
            }
            if let Some(stem) = step.name.strip_suffix("[x]") {
                let types = step.element.map(|element| &element.types);
                let types: Vec<String> = types
                    .into_iter()
                    .flatten()
                    .map(|kind| kind.code.clone())
                    .collect();
                let narrowed = types.len() == 1 && own.name != "Extension";
                found.steps.push(match (narrowed, types.first()) {
                    (true, Some(kind)) => format!("{stem}.ofType({kind})"),
                    _ => stem.to_owned(),
                });
                owner = types
                    .first()
                    .and_then(|kind| self.table.named(kind))
                    .unwrap_or(owner);
                found.types = types;
                continue;
            }
            let element = own.element(step.name)?;
            let mut part = step.name.to_owned();
            if step.slice.is_some() {
                let (condition, code) = self.told_apart(step.id)?;
                part = format!("{part}.where({condition})");
                found.told_by = code;
            } else if element.many && found.steps.is_empty() {
                found.repeats = true;
            }
            found.steps.push(part);
            owner = self.table.type_of(element);
            found.types = vec![owner.name.to_owned()];
        }
        // An extension is its value, when it has one.
        if found.types == ["Extension"] {
            let last = self.steps(id).pop()?;
            let definition = self.library.structure(&self.url(&last)?).ok()?;
            let mut own = definition.snapshot.iter().flatten();
            let value = own.find(|element| element.path == "Extension.value[x]")?;
            if value.max == Some(Max::Count(0)) {
                return None;
            }
            found.steps.push("value".to_owned());
            found.types = value.types.iter().map(|kind| kind.code.clone()).collect();
        }
        Some(found)
    }

    /// The url of an extension slice.
    fn url(&self, step: &Step<'_>) -> Option<String> {
        let fixed = self.definition.element(&format!("{}.url", step.id));
        let fixed = fixed.and_then(|element| element.fixed.as_ref());
        if let Some(Tree::String(url)) = fixed.map(|value| &value.value) {
            return Some(url.to_string());
        }
        step.element?.types.first()?.profiles.first().cloned()
    }

    /// What tells a slice apart from others, as a condition on its items, and the code in it.
    fn told_apart(&self, slice: &str) -> Option<(String, Option<(String, String)>)> {
        for part in ["code", "type", "relationship"] {
            if let Some((system, code)) = self.coding(&format!("{slice}.{part}")) {
                let condition = format!("{part}.coding.exists(system = '{system}' and code = '{code}')");
                return Some((condition, Some((system, code))));
            }
        }
        if let Some((system, code)) = self.coding(slice) {
            let condition = format!("coding.exists(system = '{system}' and code = '{code}')");
            return Some((condition, Some((system, code))));
        }
        let system = self
            .value(&format!("{slice}.system"))
            .or_else(|| self.part(slice, "system"))?;
        Some((format!("system = '{system}'"), None))
    }

    /// The one coding that a `CodeableConcept` of the profile has to have.
    pub(super) fn coding(&self, id: &str) -> Option<(String, String)> {
        let element = self.definition.element(id);
        if let Some(value) = element.and_then(|element| element.fixed.as_ref().or(element.pattern.as_ref())) {
            let coding = match value.value.get("coding") {
                Some(Tree::Array(items)) => items.first(),
                other => other,
            };
            return Some((string(coding?.get("system")?)?, string(coding?.get("code")?)?));
        }
        let coding = format!("{id}.coding");
        let below = |part: &str| {
            self.value(&format!("{coding}.{part}")).or_else(|| {
                let prefix = format!("{coding}:");
                let tail = format!(".{part}");
                let mut own = self.elements().filter(|element| element.id.starts_with(&prefix));
                let found = own.find(|element| element.id.ends_with(&tail) && element.fixed.is_some())?;
                self.value(&found.id)
            })
        };
        Some((below("system")?, below("code")?))
    }

    /// The primitive that the profile fixes at an element.
    fn value(&self, id: &str) -> Option<String> {
        let element = self.definition.element(id)?;
        string(&element.fixed.as_ref().or(element.pattern.as_ref())?.value)
    }

    /// A part of what the profile fixes at an element.
    fn part(&self, id: &str, name: &str) -> Option<String> {
        let element = self.definition.element(id)?;
        string(
            element
                .fixed
                .as_ref()
                .or(element.pattern.as_ref())?
                .value
                .get(name)?,
        )
    }

    /// What the profile fixes below an element, as relative path and YAML.
    fn fixed_below(&self, id: &str) -> Vec<(String, String)> {
        let prefix = format!("{id}.");
        let mut all: Vec<(String, String)> = Vec::new();
        if let Some(element) = self.definition.element(id) {
            // Of what is fixed as a whole, its parts.
            if let Some(Tree::Object(fields)) = fixed(element).map(|value| &value.value) {
                all.extend(fields.iter().map(|(name, value)| (name.to_string(), yaml(value))));
            }
        }
        for element in self.elements() {
            let Some(below) = element.id.strip_prefix(&prefix) else {
                continue;
            };
            let deep = below.contains([':', '[']) || below.contains("extension");
            if let Some(value) = fixed(element).filter(|_| !deep && element.max != Some(Max::Count(0))) {
                all.push((below.to_owned(), yaml(&value.value)));
            }
        }
        all
    }

    /// What the profile fixes of what stands at a place, as path and YAML: the unit of a quantity.
    pub(super) fn fixed_at(&self, id: &str, place: &Target) -> Vec<(String, String)> {
        let path = place.path(0, true);
        let below = self.fixed_below(id).into_iter();
        below
            .map(|(name, yaml)| (format!("{path}.{name}"), yaml))
            .collect()
    }

    /// What the profile fixes of each resource: paths and YAML, of elements that have to be there.
    pub(super) fn constants(&self) -> Vec<(String, String)> {
        let root = format!("{}.", self.definition.type_name);
        let mut all: Vec<(String, String)> = Vec::new();
        for element in self.elements() {
            let Some(name) = element.id.strip_prefix(&root) else {
                continue;
            };
            let (bare, _) = name.split_once(':').unwrap_or((name, ""));
            let is_top = !name.contains('.') && !name.contains('[') && bare != "extension" && bare != "meta";
            if !is_top || element.min == Some(0) || all.iter().any(|(own, _)| own == bare) {
                continue;
            }
            if let Some(value) = fixed(element) {
                all.push((bare.to_owned(), yaml(&value.value)));
            } else if let Some((system, code)) = self.coding(&element.id) {
                let coding = format!(
                    "{{ coding: [ {{ system: {}, code: {} }} ] }}",
                    text(&system),
                    text(&code)
                );
                all.push((bare.to_owned(), coding));
            }
        }
        all
    }

    /// The elements that have to be there, by name, and that the profile does not fix.
    pub(super) fn required(&self) -> Vec<(&'p str, String)> {
        let root = format!("{}.", self.definition.type_name);
        let fixed = self.constants();
        let mut all = Vec::new();
        for element in self.elements() {
            let Some(name) = element
                .id
                .strip_prefix(&root)
                .filter(|name| !name.contains(['.', ':']))
            else {
                continue;
            };
            let known = fixed.iter().any(|(own, _)| own == name);
            if element.min.unwrap_or(0) > 0 && !known && element.max != Some(Max::Count(0)) {
                let path = match self.target(&element.id, &[]) {
                    Some(target) if !target.steps.is_empty() => target.path(0, false),
                    _ => name.to_owned(),
                };
                all.push((name, path));
            }
        }
        all
    }
}

/// The element of a choice that fits one of the types; the one that the profile names goes before all.
fn choice(owner: &'static Type, stem: &str, step: &Step<'_>, types: &[String]) -> Option<String> {
    let of = |kind: &str| {
        let mut letters = kind.chars();
        let first = letters.next()?.to_ascii_uppercase();
        let name = format!("{stem}{first}{}", letters.as_str());
        owner.element(&name).is_some().then_some(name)
    };
    if let Some(slice) = step.slice.filter(|slice| owner.element(slice).is_some()) {
        return Some(slice.to_owned());
    }
    let own: Vec<&str> = step.element?.types.iter().map(|kind| &*kind.code).collect();
    let same = types.iter().find(|kind| own.contains(&&***kind));
    let usual = [
        "dateTime",
        "Quantity",
        "CodeableConcept",
        "boolean",
        "string",
        "Reference",
    ];
    let usual = usual.iter().find(|kind| own.contains(*kind));
    let kind = same
        .map(|kind| &**kind)
        .or(usual.copied())
        .or(own.first().copied())?;
    of(kind)
}

/// A tag from the name of a slice.
fn tag(slice: &str) -> String {
    slice.chars().filter(|c| c.is_ascii_alphanumeric()).collect()
}

fn fixed(element: &ElementDefinition) -> Option<&TypedValue> {
    element.fixed.as_ref().or(element.pattern.as_ref())
}

fn string(tree: &Tree<'_>) -> Option<String> {
    match tree {
        Tree::String(text) | Tree::Number(text) => Some(text.to_string()),
        Tree::Boolean(value) => Some(value.to_string()),
        _ => None,
    }
}

/// A value in YAML on one line.
fn yaml(tree: &Tree<'_>) -> String {
    match tree {
        Tree::Null => "null".to_owned(),
        Tree::Boolean(value) => value.to_string(),
        Tree::Number(number) => text(number),
        Tree::String(own) => text(own),
        Tree::Array(items) => {
            let items: Vec<String> = items.iter().map(yaml).collect();
            format!("[ {} ]", items.join(", "))
        }
        Tree::Object(fields) => {
            let fields: Vec<String> = fields
                .iter()
                .map(|(name, value)| format!("{name}: {}", yaml(value)))
                .collect();
            format!("{{ {} }}", fields.join(", "))
        }
    }
}
