//! Gives elements the ids and paths that the model has: an id for each, and one name for a choice.

use crate::definition::ElementDefinition;

/// Settles the ids of the elements of one snapshot or differential, each with its path in the base.
///
/// An id that is absent, or does not fit its path, is made from path and slice name. A choice that STU3 narrows by
/// its name (`Observation.valueQuantity`) gets the name of the choice: `Observation.value[x]`, with the narrowed name
/// behind a colon when the publisher gave it as a slice name.
pub(super) fn settle(elements: Vec<(ElementDefinition, String)>) -> Vec<ElementDefinition> {
    let mut last: Vec<String> = Vec::new();
    let mut renamed: Vec<Renamed> = Vec::new();
    let mut settled = Vec::with_capacity(elements.len());
    for (mut element, base) in elements {
        if !fits(&element.id, &element.path) {
            element.id = made(&last, &element);
        }
        let mut id: Vec<String> = element.id.split('.').map(str::to_owned).collect();
        last.clone_from(&id);
        let mut path: Vec<String> = element.path.split('.').map(str::to_owned).collect();
        // What is below a renamed choice follows it, however its own id names the choice.
        renamed.retain(|rename| rename.apply(&mut id, &mut path));
        if let (Some(stem), Some(name)) = (last_step(&base).strip_suffix("[x]"), path.last_mut())
            && name.starts_with(stem)
            && !name.ends_with("[x]")
        {
            let label = element.slice_name.take();
            let rename = Renamed::new(&id, name, stem, label);
            name.clone_from(&rename.name);
            if let Some(step) = id.last_mut() {
                step.clone_from(&rename.step);
            }
            renamed.push(rename);
        }
        element.id = id.join(".");
        element.path = path.join(".");
        settled.push(element);
    }
    settled
}

/// A choice that got the name of the choice.
struct Renamed {
    /// Steps of the id of what holds it.
    owner: Vec<String>,
    /// Its name in a path before.
    old: String,
    /// Its name in a path now.
    name: String,
    /// Its step in an id now.
    step: String,
}

impl Renamed {
    fn new(id: &[String], old: &str, stem: &str, slice_name: Option<String>) -> Renamed {
        let (step, owner) = id
            .split_last()
            .map_or(("", &[][..]), |(step, owner)| (step.as_str(), owner));
        let label = step
            .split_once(':')
            .map(|(_, label)| label.to_owned())
            .or(slice_name);
        Renamed {
            owner: owner.to_vec(),
            old: old.to_owned(),
            name: format!("{stem}[x]"),
            step: label.map_or_else(|| format!("{stem}[x]"), |label| format!("{stem}[x]:{label}")),
        }
    }

    /// Renames the choice in the id and path of what is below it; false when this is not below it.
    fn apply(&self, id: &mut [String], path: &mut [String]) -> bool {
        let at = self.owner.len();
        let below = path.len() > at + 1 && path.get(at) == Some(&self.old) && id.starts_with(&self.owner);
        if let (true, Some(step), Some(name)) = (below, id.get_mut(at), path.get_mut(at)) {
            step.clone_from(&self.step);
            name.clone_from(&self.name);
        }
        below
    }
}

fn last_step(path: &str) -> &str {
    path.rsplit_once('.').map_or(path, |(_, step)| step)
}

/// Whether the steps of an id are those of the path, each with or without a slice.
fn fits(id: &str, path: &str) -> bool {
    let mut steps = id.split('.');
    let fit = path.split('.').all(|name| {
        let step = steps.next().unwrap_or_default();
        let step = step.split_once(':').map_or(step, |(step, _)| step);
        step == name
            || step
                .strip_suffix("[x]")
                .is_some_and(|stem| name.starts_with(stem))
    });
    fit && steps.next().is_none()
}

/// An id from path and slice name; what is below the slices of the element before it is in those slices.
fn made(last: &[String], element: &ElementDefinition) -> String {
    let names: Vec<&str> = element.path.split('.').collect();
    let mut steps: Vec<String> = Vec::with_capacity(names.len());
    let mut following = true;
    for (at, name) in names.iter().enumerate() {
        let before = last.get(at).filter(|step| {
            let bare = step.split_once(':').map_or(&***step, |(step, _)| step);
            bare == *name
        });
        following = following && before.is_some();
        let own = at + 1 == names.len();
        match before.filter(|_| following && !own) {
            Some(step) => steps.push(step.clone()),
            None => steps.push((*name).to_owned()),
        }
    }
    let id = steps.join(".");
    match &element.slice_name {
        Some(slice) => format!("{id}:{slice}"),
        None => id,
    }
}
