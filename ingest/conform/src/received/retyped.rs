//! References among resources that were converted one by one: to one of which a map made another type.
//!
//! A map may make a `CarePlan` of some Procedures. What refers to such a one was converted without knowing that, so it is put
//! right when all of a page or an answer are there. What refers to a resource that is not among them stays as it is.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use samenhang_profiles::{Limits, RawResource, Received};

use crate::plan::Pack;

/// By endpoint and reference, the reference that leads there now.
#[derive(Debug, Default)]
pub(super) struct Retyped(HashMap<(Arc<str>, String), String>);

impl Retyped {
    /// Notes what the first resource that was made of another is.
    pub(super) fn note(&mut self, pack: &Pack, received: &Received, made: &RawResource) {
        let (from, to) = (received.resource.resource_type(), made.resource_type());
        // What the pack calls all of the type, references are called already.
        let told = pack.references.get(from).map_or(from, |other| &**other);
        let (Some(id), true) = (received.resource.id(), told != to) else {
            return;
        };
        let endpoint = Arc::clone(&received.lineage.endpoint);
        self.0
            .insert((endpoint, format!("{told}/{id}")), format!("{to}/{id}"));
    }

    /// The resource with its references put right; none when there is nothing to put right.
    pub(super) fn put_right(&self, made: &Received) -> Option<RawResource> {
        if self.0.is_empty() {
            return None;
        }
        let endpoint = &made.lineage.endpoint;
        let mut text: Option<String> = None;
        for reference in &made.resource.keys().references {
            let local = reference
                .strip_prefix(&**endpoint)
                .map_or(&**reference, |rest| rest.trim_start_matches('/'));
            let plain = local.split_once("/_history/").map_or(local, |(plain, _)| plain);
            let Some(to) = self.0.get(&(Arc::clone(endpoint), plain.to_owned())) else {
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
