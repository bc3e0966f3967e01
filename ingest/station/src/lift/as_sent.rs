//! The lift of a source that speaks R4: its resources as they are, each with an id.
//!
//! What a Bundle names by `urn:uuid` gets an id, and references in the same Bundle follow it. What the quirk catalogue
//! puts right is put right first. Nothing else changes.

use jiff::Timestamp;
use samenhang_profiles::page::{Entry, Page};
use samenhang_profiles::{FhirVersion, Limits, RawResource, ReadError};

use super::naming::{Unnamed, name};
use super::quirks::{Mended, mended};
use super::{Ledger, Lift, Lifted, Message, Reason, Stage, compact};
use crate::message::Format;

/// What stands for the map of what is taken as sent.
const AS_SENT: &str = "as-sent";

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
        let Mended { body, findings } =
            mended(message.body, FhirVersion::R4, &self.limits).map_err(|error| unreadable(&error))?;
        let page = match Page::read(body.clone(), &self.limits) {
            Ok(page) => page,
            Err(ReadError::Unexpected("not a Bundle")) => {
                let resource = RawResource::read(body, &self.limits).map_err(|error| unreadable(&error))?;
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
        let mut ledger = Ledger::default();
        let mut resources = Vec::with_capacity(page.entries.len());
        for entry in &page.entries {
            // A deletion or a fetch in a transaction: doing as if it were not there would lose it.
            let resource = entry
                .resource
                .as_ref()
                .ok_or_else(|| Reason::new(Stage::Map, "entry-without-resource").at("Bundle.entry"))?;
            let compacted = compact(resource.body());
            ledger.mapped += compacted.leaves;
            resources.push(Unnamed {
                json: compacted.json,
                resource,
                full_url: entry.full_url.as_deref(),
            });
        }
        let clock = page
            .last_updated
            .as_deref()
            .and_then(|text| text.parse::<Timestamp>().ok());
        Ok(Lifted {
            resources: name(message, resources),
            ledger,
            findings,
            clock,
            map: AS_SENT.to_owned(),
            ..Lifted::default()
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
