//! Ids for resources that come without one, and the references that lead to them. The cost is linear in the message.

use std::collections::HashMap;

use bytes::Bytes;
use samenhang_profiles::RawResource;
use uuid::Uuid;

use super::{LiftedResource, Message};

/// Space of names for ids that a station makes.
const SPACE: Uuid = Uuid::from_u128(0x5a3e_91c0_7d1b_4b7e_9a51_0c1f_42d8_b6e3);

/// How a reference by `urn:` begins in compact JSON.
const BY_URN: &str = "\"reference\":\"urn:";

/// A resource that may have no id yet.
pub(super) struct Unnamed<'a> {
    /// Compact JSON.
    pub json: Vec<u8>,
    /// The resource, read.
    pub resource: &'a RawResource,
    /// `entry.fullUrl`.
    pub full_url: Option<&'a str>,
}

/// Gives every resource an id, and leads references by `urn:` to it. Nothing else changes.
pub(super) fn name(message: &Message<'_>, resources: Vec<Unnamed<'_>>) -> Vec<LiftedResource> {
    let ids: Vec<String> = resources
        .iter()
        .enumerate()
        .map(|(at, unnamed)| id_of(message, unnamed, at))
        .collect();
    let targets: HashMap<String, String> = resources
        .iter()
        .zip(&ids)
        .filter_map(|(unnamed, id)| {
            let url = unnamed.full_url.filter(|url| url.starts_with("urn:"))?;
            Some((
                url.to_owned(),
                format!("{}/{id}", unnamed.resource.resource_type()),
            ))
        })
        .collect();
    let named = resources.into_iter().zip(ids).map(|(unnamed, id)| {
        let Unnamed {
            mut json,
            resource,
            full_url,
        } = unnamed;
        if resource.id().is_none() && json.first() == Some(&b'{') {
            json.splice(1..1, format!("\"id\":\"{id}\",").into_bytes());
        }
        if resource
            .keys()
            .references
            .iter()
            .any(|text| text.starts_with("urn:"))
        {
            json = redirected(json, &targets);
        }
        LiftedResource {
            json: Bytes::from(json),
            full_url: full_url.map(Box::from),
            original: None,
            is_part: false,
        }
    });
    named.collect()
}

/// The id that a resource has, else the one that its Bundle gives it, else one made of its first business identifier,
/// else one made of its place in the message: always the same for the same message.
fn id_of(message: &Message<'_>, unnamed: &Unnamed<'_>, at: usize) -> String {
    let resource = unnamed.resource;
    if let Some(id) = resource.id() {
        return id.to_owned();
    }
    let by_bundle = unnamed.full_url.and_then(|url| url.strip_prefix("urn:uuid:"));
    if let Some(uuid) = by_bundle.and_then(|text| Uuid::parse_str(text).ok()) {
        return uuid.to_string();
    }
    let source = message.source.as_str();
    let kind = resource.resource_type();
    let name = resource.keys().identifiers.iter().find_map(|identifier| {
        let (system, value) = (identifier.system.as_deref()?, identifier.value.as_deref()?);
        Some(format!("{source}\n{kind}\n{system}\n{value}"))
    });
    // The name of a patient would be his number under a public function: the message's name instead.
    let name = name.filter(|_| kind != "Patient");
    let name = name.unwrap_or_else(|| format!("{source}\n{kind}\n{}\n{at}", message.external));
    Uuid::new_v5(&SPACE, name.as_bytes()).to_string()
}

/// Replaces the targets of whole `"reference":"urn:..."` pairs of a compact text, in one pass.
fn redirected(json: Vec<u8>, targets: &HashMap<String, String>) -> Vec<u8> {
    let text = match String::from_utf8(json) {
        Ok(text) => text,
        // It was read as JSON before, which is UTF-8.
        Err(error) => return error.into_bytes(),
    };
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = rest.find(BY_URN) {
        let from = at + BY_URN.len() - "urn:".len();
        let (before, url_on) = rest.split_at(from);
        out.push_str(before);
        let end = url_on.find('"').unwrap_or(url_on.len());
        let (url, after) = url_on.split_at(end);
        out.push_str(targets.get(url).map_or(url, String::as_str));
        rest = after;
    }
    out.push_str(rest);
    out.into_bytes()
}
