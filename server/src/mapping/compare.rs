//! Compares resources by what they say: numbers as they are written, the order of items only where FHIR gives it a
//! meaning, and ids that were made only by what they point at.

mod made;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use samenhang_profiles::tree::Tree;
use samenhang_profiles::write::JsonWriter;
use serde::Serialize;

use made::{is_uuid, rewrite};

/// Properties whose items stand in an order that means something: parts of names and addresses, and what is read from
/// above to below.
const ORDERED: [&str; 6] = ["given", "prefix", "suffix", "line", "section", "entry"];

/// Differences that are told; more of them say no more.
const MAX_DIFFERENCES: usize = 500;

/// One thing in which resources differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The place: `Observation[0].valueQuantity.value`; the number is that of the resource among those expected, or
    /// with `+` among those that were not.
    pub path: String,
    /// `missing`, `unexpected` or `differs`.
    pub kind: &'static str,
    /// What was expected, as JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// What is there, as JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actual: Option<String>,
}

/// In what the resources differ. `is_source` says of an id whether the source has it: other ids that are UUIDs were
/// made, and count as equal when they are of resources that stand in for each other.
#[must_use]
pub fn compare(
    expected: &[Tree<'_>],
    actual: &[Tree<'_>],
    is_source: &dyn Fn(&str) -> bool,
) -> Vec<Difference> {
    let pairs = pair(expected, actual, is_source);
    let mut names: [BTreeMap<String, String>; 2] = [BTreeMap::new(), BTreeMap::new()];
    for (number, (one, other)) in pairs.iter().enumerate() {
        for (names, resource) in names.iter_mut().zip([
            one.and_then(|at| expected.get(at)),
            other.and_then(|at| actual.get(at)),
        ]) {
            if let Some(id) = resource.and_then(|resource| made_id(resource, is_source)) {
                names.insert(id.to_owned(), format!("(made {number})"));
            }
        }
    }
    let [expected_names, actual_names] = &names;
    let mut differences = Differences(Vec::new());
    for (one, other) in pairs {
        let one = one.and_then(|at| {
            Some((
                at,
                rewrite(expected.get(at)?, &|id| expected_names.get(id).cloned()),
            ))
        });
        let other =
            other.and_then(|at| Some((at, rewrite(actual.get(at)?, &|id| actual_names.get(id).cloned()))));
        match (one, other) {
            (Some((at, one)), Some((_, other))) => {
                differences.value(&format!("{}[{at}]", kind(&one)), "", &one, &other);
            }
            (Some((at, one)), None) => {
                differences.add(format!("{}[{at}]", kind(&one)), Some(&one), None);
            }
            (None, Some((at, other))) => {
                differences.add(format!("{}[+{at}]", kind(&other)), None, Some(&other));
            }
            (None, None) => {}
        }
    }
    differences.0
}

fn kind(resource: &Tree<'_>) -> String {
    resource
        .text("resourceType")
        .unwrap_or("(no resource)")
        .to_owned()
}

/// The id of a resource, when it was made.
fn made_id<'t>(resource: &'t Tree<'_>, is_source: &dyn Fn(&str) -> bool) -> Option<&'t str> {
    resource.text("id").filter(|id| is_uuid(id) && !is_source(id))
}

/// By what resources are held to be the same.
type Key<'k> = &'k dyn Fn(&Tree<'_>) -> Option<String>;

/// Which resource stands in for which: the same type and id, else the same content, else the same type, in order.
fn pair(
    expected: &[Tree<'_>],
    actual: &[Tree<'_>],
    is_source: &dyn Fn(&str) -> bool,
) -> Vec<(Option<usize>, Option<usize>)> {
    let known = |resource: &Tree<'_>| {
        let id = resource.text("id").filter(|id| !is_uuid(id) || is_source(id))?;
        Some(format!("{}/{id}", kind(resource)))
    };
    let content = |resource: &Tree<'_>| {
        let masked = rewrite(resource, &|id| (!is_source(id)).then(|| "(made)".to_owned()));
        Some(canonical(&masked, ""))
    };
    let keys: [Key<'_>; 3] = [&known, &content, &|resource| Some(kind(resource))];
    let mut of_expected: Vec<Option<usize>> = vec![None; expected.len()];
    let mut taken = vec![false; actual.len()];
    for key in keys {
        let mut waiting: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, resource) in actual.iter().enumerate().rev() {
            if !taken[at]
                && let Some(key) = key(resource)
            {
                waiting.entry(key).or_default().push(at);
            }
        }
        for (resource, found) in expected.iter().zip(&mut of_expected) {
            if found.is_none()
                && let Some(at) = key(resource).and_then(|key| waiting.get_mut(&key)?.pop())
            {
                *found = Some(at);
                taken[at] = true;
            }
        }
    }
    let pairs = of_expected
        .into_iter()
        .enumerate()
        .map(|(at, other)| (Some(at), other));
    let rest = taken.iter().enumerate().filter(|(_, taken)| !**taken);
    pairs.chain(rest.map(|(at, _)| (None, Some(at)))).collect()
}

/// A text that is equal for values that say the same. `name` is the property in which the value stands.
fn canonical(value: &Tree<'_>, name: &str) -> String {
    match value {
        Tree::Array(items) => {
            let mut items: Vec<String> = items.iter().map(|item| canonical(item, name)).collect();
            if !is_ordered(name) {
                items.sort_unstable();
            }
            format!("[{}]", items.join(","))
        }
        Tree::Object(_) => {
            let mut fields: Vec<String> = value
                .fields()
                .map(|(key, value)| format!("{key:?}:{}", canonical(value, key)))
                .collect();
            fields.sort_unstable();
            format!("{{{}}}", fields.join(","))
        }
        other => json(other),
    }
}

/// Whether the order of the items of a property counts. The extensions of primitives go by the place of their value.
fn is_ordered(name: &str) -> bool {
    name.starts_with('_') || ORDERED.contains(&name)
}

/// A value as JSON.
fn json(value: &Tree<'_>) -> String {
    let mut out = JsonWriter::new();
    value.write(&mut out);
    String::from_utf8_lossy(&out.finish()).into_owned()
}

struct Differences(Vec<Difference>);

impl Differences {
    fn add(&mut self, path: String, expected: Option<&Tree<'_>>, actual: Option<&Tree<'_>>) {
        if self.0.len() >= MAX_DIFFERENCES {
            return;
        }
        let kind = match (expected, actual) {
            (Some(_), None) => "missing",
            (None, Some(_)) => "unexpected",
            _ => "differs",
        };
        self.0.push(Difference {
            path,
            kind,
            expected: expected.map(json),
            actual: actual.map(json),
        });
    }

    /// Compares two values at a place. Trees have a limited depth.
    fn value(&mut self, path: &str, name: &str, expected: &Tree<'_>, actual: &Tree<'_>) {
        match (expected, actual) {
            (Tree::Object(_), Tree::Object(_)) => {
                for (key, value) in expected.fields() {
                    let path = format!("{path}.{key}");
                    match actual.get(key) {
                        Some(other) => self.value(&path, key, value, other),
                        None => self.add(path, Some(value), None),
                    }
                }
                for (key, value) in actual.fields().filter(|(key, _)| expected.get(key).is_none()) {
                    self.add(format!("{path}.{key}"), None, Some(value));
                }
            }
            (Tree::Array(ours), Tree::Array(theirs)) if is_ordered(name) => {
                self.items(
                    path,
                    name,
                    ours.iter().enumerate().collect(),
                    theirs.iter().enumerate().collect(),
                );
            }
            (Tree::Array(ours), Tree::Array(theirs)) => {
                let mut waiting: BTreeMap<String, Vec<usize>> = BTreeMap::new();
                for (at, item) in theirs.iter().enumerate().rev() {
                    waiting.entry(canonical(item, name)).or_default().push(at);
                }
                let mut same = |item: &Tree<'_>| waiting.get_mut(&canonical(item, name)).and_then(Vec::pop);
                let left = ours
                    .iter()
                    .enumerate()
                    .filter(|(_, item)| same(item).is_none())
                    .collect();
                let mut rest: Vec<usize> = waiting.into_values().flatten().collect();
                rest.sort_unstable();
                let rest = rest
                    .into_iter()
                    .filter_map(|at| Some((at, theirs.get(at)?)))
                    .collect();
                self.items(path, name, left, rest);
            }
            _ if expected == actual => {}
            _ => self.add(path.to_owned(), Some(expected), Some(actual)),
        }
    }

    /// Compares items in their order.
    fn items(
        &mut self,
        path: &str,
        name: &str,
        ours: Vec<(usize, &Tree<'_>)>,
        theirs: Vec<(usize, &Tree<'_>)>,
    ) {
        let mut theirs = theirs.into_iter();
        for (at, item) in ours {
            let path = format!("{path}[{at}]");
            match theirs.next() {
                Some((_, other)) => self.value(&path, name, item, other),
                None => self.add(path, Some(item), None),
            }
        }
        for (at, item) in theirs {
            self.add(format!("{path}[{at}]"), None, Some(item));
        }
    }
}
