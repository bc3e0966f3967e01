//! Resources as fields: places without numbers, and the values at each.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use samenhang_profiles::document::Node;

/// A resource of either side.
#[derive(Debug, Clone)]
pub(crate) struct Resource {
    pub(crate) kind: String,
    pub(crate) fields: BTreeMap<String, Vec<String>>,
}

impl Resource {
    pub(crate) fn none(kind: &str) -> Resource {
        Resource {
            kind: kind.to_owned(),
            fields: BTreeMap::new(),
        }
    }

    /// How many fields two resources have in common.
    pub(crate) fn common(&self, other: &Resource) -> usize {
        let both = |(path, values): (&String, &Vec<String>)| {
            let others = other.fields.get(path).map_or(&[][..], |values| values);
            values.iter().filter(|value| others.contains(value)).count()
        };
        self.fields.iter().map(both).sum()
    }
}

/// The fields of each resource. A reference counts as the type and the identifier of what it points at.
pub(crate) fn resources<'d>(nodes: impl Iterator<Item = Node<'d>>) -> Vec<Resource> {
    let nodes: Vec<Node<'d>> = nodes.collect();
    let mut names = BTreeMap::new();
    for node in &nodes {
        let identifier = node.child("identifier").and_then(|own| own.text("value"));
        let kind = node.resource_type();
        let name = format!(
            "{kind} {}",
            identifier.unwrap_or_default().trim_start_matches('0')
        );
        if let Some(id) = node.text("id") {
            names.insert(format!("urn:uuid:{id}"), name.clone());
            names.insert(format!("{kind}/{id}"), name);
        }
    }
    let fields = |node: &Node<'d>| {
        let mut resource = Resource::none(node.resource_type());
        for child in node.children() {
            field(child, &resource.kind.clone(), &names, &mut resource.fields);
        }
        resource
    };
    nodes.iter().map(fields).collect()
}

fn field(
    node: Node<'_>,
    above: &str,
    names: &BTreeMap<String, String>,
    into: &mut BTreeMap<String, Vec<String>>,
) {
    let reference = node
        .parent()
        .is_some_and(|parent| parent.fhir_type() == "Reference");
    let coding = node.parent().is_some_and(|parent| parent.fhir_type() == "Coding");
    let resource = node.parent().is_some_and(Node::is_resource);
    let name = match node.name() {
        "id" | "text" if resource => return,
        "display" if reference || coding => return,
        "type" if reference => return,
        "url" if node.parent().is_some_and(|parent| parent.name() == "extension") => return,
        "extension" => {
            let url = node.text("url").unwrap_or_default();
            format!("extension({})", url.rsplit('/').next().unwrap_or_default())
        }
        name => name.to_owned(),
    };
    let path = format!("{above}.{name}");
    if path.ends_with(".meta.tag") {
        return;
    }
    if let Some(text) = node.primitive() {
        let text = match names.get(text).filter(|_| reference) {
            Some(name) => name.clone(),
            None => text.to_owned(),
        };
        into.entry(path.clone()).or_default().push(text);
    }
    for child in node.children() {
        field(child, &path, names, into);
    }
}

/// A date that is written as days from `T`, with what follows it.
fn relative(text: &str) -> Option<(i32, &str)> {
    let inner = text.strip_prefix("${DATE,")?;
    let (inner, rest) = inner.split_once('}')?;
    let days = inner.rsplit(',').next()?.trim();
    Some((days.parse().ok()?, rest))
}

fn date(text: &str) -> Option<Date> {
    text.get(..10)?.parse().ok()
}

/// The values of resources with their places.
fn values(resources: &[Resource]) -> impl Iterator<Item = (&String, &String)> {
    let fields = resources.iter().flat_map(|resource| &resource.fields);
    fields.flat_map(|(path, values)| values.iter().map(move |value| (path, value)))
}

/// The same with dates in place of days from `T`, for the day `T` by which most of them are dates of the other side.
pub(crate) fn with_days(mut expected: Vec<Resource>, made: &[Resource]) -> Vec<Resource> {
    // A date counts at its place: the version of a code system is one too, but not of the record. What stands on the other
    // side as it is needs no day `T`.
    let told: BTreeSet<(&String, &String)> = values(&expected).collect();
    let days: BTreeSet<(&String, i32)> = values(&expected)
        .filter_map(|(path, text)| Some((path, relative(text)?.0)))
        .collect();
    let dates: BTreeSet<(&String, Date)> = values(made)
        .filter(|field| !told.contains(field))
        .filter_map(|(path, text)| Some((path, date(text)?)))
        .collect();
    let shift = |day: Date, by: i32| day.checked_add(jiff::Span::new().days(by)).ok();
    let candidates = dates.iter().flat_map(|(place, date)| {
        let here = days.iter().filter(move |(path, _)| path == place);
        here.filter_map(move |(_, by)| shift(*date, -by))
    });
    let hits = |day: &Date| {
        days.iter()
            .filter(|(path, by)| shift(*day, *by).is_some_and(|date| dates.contains(&(*path, date))))
            .count()
    };
    let Some(day) = candidates.max_by_key(hits) else {
        return expected;
    };
    for value in expected
        .iter_mut()
        .flat_map(|resource| resource.fields.values_mut().flatten())
    {
        if let Some((by, rest)) = relative(value)
            && let Some(date) = shift(day, by)
        {
            *value = format!("{date}{rest}");
        }
    }
    expected
}
