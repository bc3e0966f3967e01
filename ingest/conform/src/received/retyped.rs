//! References among resources that were converted one by one: to one of which a map made another type.
//!
//! A map may make a `CarePlan` of some Procedures. What refers to such a one was converted without knowing that, so it is put
//! right when the other is there too: on the same page, in an answer of many pages, or in an earlier piece of a stream. Only
//! the other says it, by its own content; a reference has nothing to tell it by. What refers to a resource that is not among
//! them stays as it is.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use samenhang_profiles::{Conformance, Limits, RawResource, Received};

use super::pack_between;

/// What was made as another type than references say, of all resources that were [settled](Retyped::settle) with it. It
/// keeps the names of those few, not the resources.
#[derive(Debug, Default)]
pub struct Retyped {
    /// By endpoint, the reference and the one that leads there now.
    now: HashMap<Arc<str>, HashMap<String, String>>,
}

impl Retyped {
    /// Puts references right among these resources, and from these to those of earlier calls. Gives how many were changed.
    pub fn settle<'r>(&mut self, made: impl IntoIterator<Item = &'r mut Received>) -> usize {
        let is_lifted = |made: &&mut Received| made.lineage.conformance == Conformance::Lifted;
        let mut lifted: Vec<&mut Received> = made.into_iter().filter(is_lifted).collect();
        for made in &lifted {
            self.note(made);
        }
        if self.now.is_empty() {
            return 0;
        }
        let mut changed = 0;
        for made in &mut lifted {
            if let Some(resource) = self.put_right(made) {
                made.resource = resource;
                changed += 1;
            }
        }
        changed
    }

    /// Notes what was made of a whole resource, when that has another type.
    fn note(&mut self, made: &Received) {
        let Some(conversion) = made
            .conversion
            .as_deref()
            .filter(|conversion| !conversion.is_part)
        else {
            return;
        };
        let (from, to) = (conversion.original.resource_type(), made.resource.resource_type());
        // What the pack calls all of the type, references are called already.
        let pack = pack_between(made.lineage.fhir, conversion.version);
        let told = pack.as_ref().and_then(|pack| pack.references.get(from));
        let told = told.map_or(from, |other| &**other);
        if let (Some(id), true) = (conversion.original.id(), told != to) {
            self.now
                .entry(Arc::clone(&made.lineage.endpoint))
                .or_default()
                .insert(format!("{told}/{id}"), format!("{to}/{id}"));
        }
    }

    /// The resource with its references put right; none when there is nothing to put right.
    fn put_right(&self, made: &Received) -> Option<RawResource> {
        let endpoint = &made.lineage.endpoint;
        let now = self.now.get(endpoint)?;
        let mut text: Option<String> = None;
        for reference in &made.resource.keys().references {
            let local = reference
                .strip_prefix(&**endpoint)
                .map_or(&**reference, |rest| rest.trim_start_matches('/'));
            let plain = local.split_once("/_history/").map_or(local, |(plain, _)| plain);
            let Some(to) = now.get(plain) else {
                continue;
            };
            let now = reference.replacen(plain, to, 1);
            // Within a text a quote has a backslash before it: this is the element and nothing else.
            let written = |reference: &str| format!("\"reference\":\"{reference}\"");
            let before = match text.take() {
                Some(text) => text,
                None => String::from_utf8(made.resource.body().to_vec()).ok()?,
            };
            text = Some(before.replace(&written(reference), &written(&now)));
        }
        RawResource::read(Bytes::from(text?), &Limits::default()).ok()
    }
}
