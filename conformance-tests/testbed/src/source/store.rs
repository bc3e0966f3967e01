//! The resources of one endpoint, in memory: found by type, by type and id, and by reference.
//!
//! Keeps the bytes of each resource as they were loaded, beside a tree to search in. Refuses nothing but a second resource
//! under the same type and id, which gets another id so that both stay reachable.

use std::collections::HashMap;

use bytes::Bytes;

use super::json::Json;

/// One resource.
#[derive(Clone)]
pub struct Resource {
    kind: Box<str>,
    id: Box<str>,
    json: Json,
    bytes: Bytes,
}

impl Resource {
    /// A resource of a tree that carries `resourceType`; `bytes` are its original text, absent when it was changed.
    #[must_use]
    pub fn new(json: Json, bytes: Option<Bytes>) -> Option<Resource> {
        let kind = json.str("resourceType").filter(|kind| !kind.is_empty())?.into();
        let id = json.str("id").unwrap_or_default().into();
        let bytes = bytes.unwrap_or_else(|| json.to_bytes().into());
        Some(Resource {
            kind,
            id,
            json,
            bytes,
        })
    }

    /// `resourceType`.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// `id`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The tree.
    #[must_use]
    pub fn json(&self) -> &Json {
        &self.json
    }

    /// The text, as loaded where it was not changed.
    #[must_use]
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// `Type/id`.
    #[must_use]
    pub fn local(&self) -> String {
        format!("{}/{}", self.kind, self.id)
    }

    /// Changes the tree; the text is written anew.
    pub fn change(&mut self, change: impl FnOnce(&mut Json)) {
        change(&mut self.json);
        if let Some(id) = self.json.str("id") {
            self.id = id.into();
        }
        self.bytes = self.json.to_bytes().into();
    }
}

/// Place of a resource in its [`Store`].
pub type Index = usize;

/// The resources of one endpoint.
#[derive(Clone, Default)]
pub struct Store {
    resources: Vec<Resource>,
    by_local: HashMap<String, Index>,
    /// `fullUrl`s of Bundle entries, which references inside the Bundle may use.
    aliases: HashMap<String, Index>,
    generated: usize,
}

impl Store {
    /// Adds a resource. One without an id gets one; one whose type and id are taken gets the id with `-2`, `-3` added.
    /// Returns its place, and whether its id was taken.
    pub fn add(&mut self, mut resource: Resource, full_url: Option<&str>) -> (Index, bool) {
        if resource.id.is_empty() {
            let id = full_url
                .and_then(|url| url.strip_prefix("urn:uuid:"))
                .or_else(|| {
                    full_url
                        .and_then(|url| local_part(url)?.split_once('/'))
                        .map(|(_, id)| id)
                })
                .map_or_else(
                    || {
                        self.generated += 1;
                        format!("generated-{}", self.generated)
                    },
                    str::to_owned,
                );
            resource.change(|json| json.set("id", Json::text(id)));
        }
        let taken = self.by_local.contains_key(&resource.local());
        if taken {
            let base = resource.id.to_string();
            let free = (2..)
                .map(|number| format!("{base}-{number}"))
                .find(|id| !self.by_local.contains_key(&format!("{}/{id}", resource.kind)));
            resource.change(|json| json.set("id", Json::text(free.unwrap_or(base))));
        }
        let index = self.resources.len();
        self.by_local.insert(resource.local(), index);
        if let Some(url) = full_url {
            self.aliases.entry(url.to_owned()).or_insert(index);
        }
        self.resources.push(resource);
        (index, taken)
    }

    /// Writes references by `urn:` as references by type and id, since a server does not resolve the former.
    pub fn settle(&mut self) {
        let targets: HashMap<String, String> = self
            .aliases
            .iter()
            .filter(|(url, _)| url.starts_with("urn:"))
            .filter_map(|(url, index)| Some((url.clone(), self.resources.get(*index)?.local())))
            .collect();
        if targets.is_empty() {
            return;
        }
        for resource in &mut self.resources {
            let mut json = resource.json.clone();
            let mut changed = false;
            json.walk(&mut |value| {
                if let Some(target) = value
                    .str("reference")
                    .and_then(|reference| targets.get(reference))
                {
                    value.set("reference", Json::text(target.as_str()));
                    changed = true;
                }
            });
            if changed {
                resource.change(|place| *place = json);
            }
        }
    }

    /// Number of resources.
    #[must_use]
    pub fn len(&self) -> usize {
        self.resources.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.resources.is_empty()
    }

    /// The resource at a place.
    #[must_use]
    pub fn get(&self, index: Index) -> Option<&Resource> {
        self.resources.get(index)
    }

    /// The resource at a place, to change.
    pub fn get_mut(&mut self, index: Index) -> Option<&mut Resource> {
        self.resources.get_mut(index)
    }

    /// The place of a type and id.
    #[must_use]
    pub fn find(&self, kind: &str, id: &str) -> Option<Index> {
        self.by_local.get(&format!("{kind}/{id}")).copied()
    }

    /// The place that a reference points to: `Type/id`, with or without a base or a version, or a Bundle's `fullUrl`.
    #[must_use]
    pub fn resolve(&self, reference: &str) -> Option<Index> {
        if let Some(index) = self.aliases.get(reference) {
            return Some(*index);
        }
        self.by_local.get(local_part(reference)?).copied()
    }

    /// All resources of a type, in the order of loading.
    pub fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = (Index, &'a Resource)> + 'a {
        self.iter().filter(move |(_, resource)| resource.kind() == kind)
    }

    /// All resources, in the order of loading.
    pub fn iter(&self) -> impl Iterator<Item = (Index, &Resource)> {
        self.resources.iter().enumerate()
    }

    /// The types that occur, sorted.
    #[must_use]
    pub fn kinds(&self) -> Vec<String> {
        let kinds: std::collections::BTreeSet<_> = self
            .resources
            .iter()
            .map(|resource| resource.kind.to_string())
            .collect();
        kinds.into_iter().collect()
    }
}

/// The `Type/id` of a literal reference, without base and version.
#[must_use]
pub fn local_part(reference: &str) -> Option<&str> {
    if reference.starts_with('#') || reference.starts_with("urn:") {
        return None;
    }
    let reference = reference.split("/_history/").next()?;
    let id_at = reference.rfind('/')?;
    let kind_at = reference[..id_at].rfind('/').map_or(0, |at| at + 1);
    let local = &reference[kind_at..];
    local
        .starts_with(|first: char| first.is_ascii_uppercase())
        .then_some(local)
}

#[cfg(test)]
mod tests {
    use super::{Resource, Store, local_part};
    use crate::source::json::Json;

    fn resource(text: &str) -> Resource {
        Resource::new(
            Json::parse(text.as_bytes()).unwrap(),
            Some(text.to_owned().into()),
        )
        .unwrap()
    }

    #[test]
    fn references_lose_base_and_version() {
        assert_eq!(local_part("Patient/p1"), Some("Patient/p1"));
        assert_eq!(
            local_part("https://x.example/fhir/Patient/p1/_history/3"),
            Some("Patient/p1")
        );
        assert_eq!(local_part("#inside"), None);
        assert_eq!(local_part("urn:uuid:0"), None);
    }

    #[test]
    fn the_same_id_twice_keeps_both() {
        let mut store = Store::default();
        let text = r#"{"resourceType":"Observation","id":"a","valueQuantity":{"value":1.50}}"#;
        assert!(!store.add(resource(text), None).1);
        assert!(store.add(resource(text), None).1);
        let first = store.get(store.find("Observation", "a").unwrap()).unwrap();
        assert_eq!(first.bytes().as_ref(), text.as_bytes());
        let second = store.get(store.find("Observation", "a-2").unwrap()).unwrap();
        assert!(second.bytes().windows(4).any(|part| part == b"1.50"));
    }

    #[test]
    fn urn_references_are_settled() {
        let mut store = Store::default();
        store.add(resource(r#"{"resourceType":"Patient"}"#), Some("urn:uuid:77"));
        store.add(
            resource(r#"{"resourceType":"Flag","id":"f","subject":{"reference":"urn:uuid:77"}}"#),
            None,
        );
        store.settle();
        let flag = store.get(store.find("Flag", "f").unwrap()).unwrap();
        assert_eq!(
            flag.json().at("subject.reference")[0].as_str(),
            Some("Patient/77")
        );
    }
}
