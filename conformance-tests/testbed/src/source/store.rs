//! The resources of one endpoint, in memory: found by type, by type and id, and by reference.
//!
//! Keeps the bytes of each resource as they were loaded, beside a tree to search in. A second resource
//! under a type and id gets another id, so that both stay reachable.

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

/// What became of a resource that was added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Added {
    /// It is there under its own id.
    New(Index),
    /// The very same resource was there already.
    Same(Index),
    /// Its id was taken by another resource; it is there under a new one.
    Renamed {
        /// Its place.
        index: Index,
        /// The `Type/id` that was taken.
        was: String,
    },
}

/// The resources of one endpoint.
#[derive(Clone, Default)]
pub struct Store {
    resources: Vec<Resource>,
    by_local: HashMap<String, Index>,
    generated: usize,
}

impl Store {
    /// Adds a resource. One without an id gets one, from its `fullUrl` when that holds one; one whose type and id are
    /// taken by another resource gets the id with `-2`, `-3` added.
    pub fn add(&mut self, mut resource: Resource, full_url: Option<&str>) -> Added {
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
        let index = self.resources.len();
        let was = resource.local();
        let added = match self.by_local.get(&was) {
            None => Added::New(index),
            Some(known)
                if self
                    .resources
                    .get(*known)
                    .is_some_and(|known| known.json == resource.json) =>
            {
                return Added::Same(*known);
            }
            Some(_) => {
                let base = resource.id.to_string();
                let free = (2..)
                    .map(|number| format!("{base}-{number}"))
                    .find(|id| !self.by_local.contains_key(&format!("{}/{id}", resource.kind)));
                resource.change(|json| json.set("id", Json::text(free.unwrap_or(base))));
                Added::Renamed { index, was }
            }
        };
        self.by_local.insert(resource.local(), index);
        self.resources.push(resource);
        added
    }

    /// Writes references of the resources from `first` on by their new names: `targets` gives for a reference, or for the
    /// `Type/id` in it, the `Type/id` that is meant.
    pub fn settle(&mut self, first: Index, targets: &HashMap<String, String>) {
        if targets.is_empty() {
            return;
        }
        for resource in self.resources.iter_mut().skip(first) {
            let mut json = resource.json.clone();
            let mut changed = false;
            json.walk(&mut |value| {
                let Some(reference) = value.str("reference") else {
                    return;
                };
                let target = targets
                    .get(reference)
                    .or_else(|| targets.get(local_part(reference)?));
                if let Some(target) = target {
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

    /// The place that a reference points to: `Type/id`, with or without a base or a version.
    #[must_use]
    pub fn resolve(&self, reference: &str) -> Option<Index> {
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
    use super::{Added, Resource, Store, local_part};
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
        assert_eq!(store.add(resource(text), None), Added::New(0));
        assert_eq!(store.add(resource(text), None), Added::Same(0));
        let other = resource(&text.replace("1.50", "1.5"));
        let was = "Observation/a".to_owned();
        assert_eq!(store.add(other, None), Added::Renamed { index: 1, was });
        let first = store.get(store.find("Observation", "a").unwrap()).unwrap();
        assert_eq!(first.bytes().as_ref(), text.as_bytes());
        assert_eq!(store.find("Observation", "a-2"), Some(1));
    }

    #[test]
    fn references_are_settled_from_a_place_on() {
        let mut store = Store::default();
        let flag = r#"{"resourceType":"Flag","subject":{"reference":"urn:uuid:77"}}"#;
        store.add(resource(flag), None);
        store.add(resource(flag), None);
        store.settle(1, &[("urn:uuid:77".to_owned(), "Patient/77".to_owned())].into());
        let subject = |at: usize| {
            store.get(at).unwrap().json().at("subject.reference")[0]
                .as_str()
                .map(str::to_owned)
        };
        assert_eq!(subject(0).as_deref(), Some("urn:uuid:77"));
        assert_eq!(subject(1).as_deref(), Some("Patient/77"));
        assert_eq!(store.get(1).unwrap().id(), "generated-2");
    }
}
