//! The lift of a source that speaks R4: its resources as they are, each with an id.
//!
//! What a Bundle names by `urn:uuid` gets an id, and references in the same Bundle follow it. Nothing else changes.

use bytes::Bytes;
use jiff::Timestamp;
use samenhang_profiles::page::{Entry, Page};
use samenhang_profiles::{Limits, RawResource, ReadError};
use uuid::Uuid;

use super::{Ledger, Lift, Lifted, LiftedResource, Message, Reason, Stage, compact};
use crate::message::Format;

/// Space of names for ids that a station makes.
const SPACE: Uuid = Uuid::from_u128(0x5a3e_91c0_7d1b_4b7e_9a51_0c1f_42d8_b6e3);

/// Takes R4 as it is.
#[derive(Debug, Clone, Copy, Default)]
pub struct AsSent {
    limits: Limits,
}

impl Lift for AsSent {
    fn lift(&self, message: &Message<'_>) -> Result<Lifted, Reason> {
        if message.format != Format::FhirR4 {
            return Err(Reason::new(Stage::Map, "no-map"));
        }
        let page = match Page::read(message.body.clone(), &self.limits) {
            Ok(page) => page,
            Err(ReadError::Unexpected("not a Bundle")) => {
                let resource = RawResource::read(message.body.clone(), &self.limits)
                    .map_err(|error| unreadable(&error))?;
                Page {
                    entries: vec![Entry {
                        full_url: None,
                        mode: None,
                        resource: Some(resource),
                    }],
                    ..Page::default()
                }
            }
            Err(error) => return Err(unreadable(&error)),
        };
        if page.set_aside > 0 {
            return Err(Reason::new(Stage::Identity, "two-patients-in-one-resource"));
        }
        let mut named = Vec::with_capacity(page.entries.len());
        for (at, entry) in page.entries.iter().enumerate() {
            // A deletion or a fetch in a transaction: doing as if it were not there would lose it.
            let resource = entry
                .resource
                .as_ref()
                .ok_or_else(|| Reason::new(Stage::Map, "entry-without-resource").at("Bundle.entry"))?;
            named.push((entry, resource, id_of(message, entry, resource, at)));
        }
        let renamed: Vec<(String, String)> = named
            .iter()
            .filter_map(|(entry, resource, id)| {
                let url = entry.full_url.as_deref().filter(|url| url.starts_with("urn:"))?;
                let to = format!("\"reference\":\"{}/{id}\"", resource.resource_type());
                Some((format!("\"reference\":\"{url}\""), to))
            })
            .collect();
        let mut ledger = Ledger::default();
        let mut resources = Vec::with_capacity(named.len());
        for (entry, resource, id) in &named {
            let compacted = compact(resource.body());
            ledger.mapped += compacted.leaves;
            let mut json = compacted.json;
            if resource.id().is_none() {
                json.splice(1..1, format!("\"id\":\"{id}\",").into_bytes());
            }
            if resource
                .keys()
                .references
                .iter()
                .any(|text| text.starts_with("urn:"))
            {
                json = rename(json, &renamed);
            }
            resources.push(LiftedResource {
                json: Bytes::from(json),
                full_url: entry.full_url.clone(),
            });
        }
        let clock = page
            .last_updated
            .as_deref()
            .and_then(|text| text.parse::<Timestamp>().ok());
        Ok(Lifted {
            resources,
            ledger,
            findings: Vec::new(),
            clock,
        })
    }
}

fn unreadable(error: &ReadError) -> Reason {
    let stage = match error {
        ReadError::Unexpected("two patients in one resource") => Stage::Identity,
        _ => Stage::Parse,
    };
    let code = error.code();
    Reason::new(stage, "not-readable").code(code)
}

/// The id that a resource has, else the one that its Bundle gives it, else one made of its first business identifier,
/// else one made of its place in the message: always the same for the same message.
fn id_of(message: &Message<'_>, entry: &Entry, resource: &RawResource, at: usize) -> String {
    if let Some(id) = resource.id() {
        return id.to_owned();
    }
    let by_bundle = entry
        .full_url
        .as_deref()
        .and_then(|url| url.strip_prefix("urn:uuid:"));
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

/// Replaces whole `"reference":"..."` pairs of a compact text.
fn rename(json: Vec<u8>, renamed: &[(String, String)]) -> Vec<u8> {
    let Ok(mut text) = String::from_utf8(json) else {
        return Vec::new();
    };
    for (from, to) in renamed {
        text = text.replace(from.as_str(), to);
    }
    text.into_bytes()
}
