//! Received resources in a version of FHIR: as the holder sent them where that is the version, else made by the pack of
//! the binary, with what the holder sent attached (P4).
//!
//! What would lose its meaning is not made but stays as it was received, and the [`Account`] says why: a type without a
//! map of which something would be lost, and an element that changes how the rest is to be read and has no place.

mod account;
pub(crate) mod refusal;
mod retyped;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use bytes::Bytes;
use samenhang_profiles::document::Document;
use samenhang_profiles::write::JsonWriter;
use samenhang_profiles::{
    Account, Conformance, Conversion, FhirVersion, Limits, Lineage, RawResource, ReadError, Received,
};

use crate::packs::shipped;
use crate::plan::Pack;
use crate::quirks::{Met, examine, mend};
use crate::run::{Context, Lifted, LiftedResource};
pub use refusal::Refusal;
pub use retyped::Retyped;

/// The pack of the binary between two versions of FHIR.
#[must_use]
pub fn pack_between(from: FhirVersion, to: FhirVersion) -> Option<Arc<Pack>> {
    match (from, to) {
        (FhirVersion::Stu3, FhirVersion::R4) => shipped("stu3-zib2017-to-r4-zib2020"),
        (FhirVersion::R4, FhirVersion::Stu3) => shipped("r4-zib2020-to-stu3-zib2017"),
        _ => None,
    }
}

/// Puts received resources in one version of FHIR.
///
/// A `Converter` is for the resources of one page or one answer: it shares what they have in common.
#[derive(Debug)]
pub struct Converter {
    wanted: FhirVersion,
    /// Lineages, and what each is with another form.
    forms: Vec<(Arc<Lineage>, Arc<Lineage>)>,
    /// What was made as another type than references say.
    retyped: Retyped,
}

impl Converter {
    /// For a version of FHIR.
    #[must_use]
    pub fn new(wanted: FhirVersion) -> Converter {
        Converter {
            wanted,
            forms: Vec::new(),
            retyped: Retyped::default(),
        }
    }

    /// Puts references right among resources that this made, when all of a page or an answer are made: a map may have made
    /// another type of one that others refer to. What was settled before counts too.
    pub fn settle<'r>(&mut self, made: impl IntoIterator<Item = &'r mut Received>) {
        self.retyped.settle(made);
    }

    /// A resource in the version: itself, what the holder sent, or what the maps make of it. Nothing for a part of an
    /// original that is served whole beside it.
    #[must_use]
    pub fn serve(&mut self, received: Received) -> Vec<Received> {
        if received.version() == self.wanted {
            let form = received.lineage.conformance;
            return vec![match form {
                // Also without why nothing was made of it for another version.
                Conformance::AsReceived => self.original(received, Conformance::Native),
                Conformance::Native | Conformance::Lifted => received,
            }];
        }
        if received.lineage.fhir == self.wanted {
            return match received.conversion.as_deref() {
                Some(conversion) if conversion.is_part => Vec::new(),
                _ => vec![self.original(received, Conformance::Native)],
            };
        }
        self.convert(received)
    }

    /// What the holder sent, instead of what was made of it: something is wrong with that. Nothing for what was made of
    /// a part.
    #[must_use]
    pub fn refuse(&mut self, made: Received, why: Refusal) -> Option<Received> {
        let conversion = made.conversion.clone()?;
        if conversion.is_part {
            return None;
        }
        let mut received = self.original(made, Conformance::AsReceived);
        let account = Account {
            refused: Some(why.code()),
            ..Account::default()
        };
        received.conversion = Some(Arc::new(Conversion {
            account: Arc::new(account),
            map: None,
            ..Conversion::clone(&conversion)
        }));
        Some(received)
    }

    /// The resource that the holder sent.
    fn original(&mut self, received: Received, form: Conformance) -> Received {
        let mut received = self.with_form(received, form);
        if let Some(conversion) = received.conversion.take() {
            received.resource = conversion.original.clone();
            received.full_url = Arc::clone(&conversion.original_url);
        }
        received
    }

    fn with_form(&mut self, mut received: Received, form: Conformance) -> Received {
        let lineage = &received.lineage;
        if lineage.conformance == form {
            return received;
        }
        let known = self
            .forms
            .iter()
            .find(|(of, is)| Arc::ptr_eq(of, lineage) && is.conformance == form);
        let formed = known.map(|(_, is)| Arc::clone(is)).unwrap_or_else(|| {
            let formed = Arc::new(Lineage {
                conformance: form,
                ..Lineage::clone(lineage)
            });
            self.forms.push((Arc::clone(lineage), Arc::clone(&formed)));
            formed
        });
        received.lineage = formed;
        received
    }

    fn convert(&mut self, received: Received) -> Vec<Received> {
        let Some(pack) = pack_between(received.version(), self.wanted) else {
            return vec![self.with_form(received, Conformance::AsReceived)];
        };
        let (made, account) = match run(&pack, &received) {
            Ok((made, account)) => (made, account),
            Err((why, account)) => {
                let account = Account {
                    refused: Some(why.code()),
                    ..account
                };
                (Vec::new(), account)
            }
        };
        let account = Arc::new(account);
        let name: Arc<str> = format!("{}|{}", pack.name(), pack.version()).into();
        let conversion = |map, is_part| {
            Some(Arc::new(Conversion {
                original: received.resource.clone(),
                original_url: Arc::clone(&received.full_url),
                version: self.wanted,
                pack: Arc::clone(&name),
                map,
                is_part,
                account: Arc::clone(&account),
            }))
        };
        if made.is_empty() {
            let refused = Received {
                conversion: conversion(None, false),
                ..received.clone()
            };
            return vec![self.with_form(refused, Conformance::AsReceived)];
        }
        let made: Vec<Received> = made
            .into_iter()
            .enumerate()
            .map(|(number, made)| Received {
                resource: made.resource,
                full_url: made.full_url,
                conversion: conversion(made.map, number > 0),
                ..received.clone()
            })
            .collect();
        made.into_iter()
            .map(|made| self.with_form(made, Conformance::Lifted))
            .collect()
    }
}

/// What was made, ready to be received.
struct Made {
    resource: RawResource,
    full_url: Arc<str>,
    map: Option<Arc<str>>,
}

/// Runs a pack over one resource.
fn run(pack: &Pack, received: &Received) -> Result<(Vec<Made>, Account), (Refusal, Account)> {
    let limits = Limits::default();
    let unreadable = |_: ReadError| (Refusal::Unreadable, Account::default());
    let envelope = envelope(received);
    let source = Document::from_json(&envelope, received.version(), &limits).map_err(unreadable)?;
    let examined = examine(&source, Some(&envelope));
    if examined.is_sound() {
        return lift(pack, received, &source, &examined.met, &limits);
    }
    drop(source);
    // What says the same in another notation is put right first; what the holder sent stays attached.
    let mended = mend(&envelope, received.version(), &limits).map_err(unreadable)?;
    let source = Document::from_json(&mended.body, received.version(), &limits).map_err(unreadable)?;
    lift(pack, received, &source, &mended.met, &limits)
}

fn lift(
    pack: &Pack,
    received: &Received,
    source: &Document<'_>,
    met: &Met,
    limits: &Limits,
) -> Result<(Vec<Made>, Account), (Refusal, Account)> {
    let context = Context {
        source: received.lineage.holder.as_str(),
        message: "",
        trace: false,
    };
    let Lifted {
        resources,
        ledger,
        findings,
        ..
    } = pack.lift(source, &context);
    let account = account::account(source, &ledger, &findings, met);
    let without_map = resources.first().is_none_or(|first| first.map.is_none());
    if let Some(why) = refusal::refusal(source, &ledger, &findings, without_map) {
        return Err((why, account));
    }
    let made: Result<Vec<Made>, ()> = resources
        .into_iter()
        .map(|resource| read(resource, received, limits))
        .collect();
    match made {
        Ok(made) if !made.is_empty() => Ok((made, account)),
        _ => Err((Refusal::Unreadable, account)),
    }
}

fn read(made: LiftedResource, received: &Received, limits: &Limits) -> Result<Made, ()> {
    let resource = RawResource::read(Bytes::from(made.json), limits).map_err(|_| ())?;
    let full_url = match (made.full_url.filter(|url| url.contains(':')), resource.id()) {
        (Some(url), _) => url.into(),
        (None, Some(id)) => format!("{}/{}/{id}", received.lineage.endpoint, resource.resource_type()).into(),
        (None, None) => Arc::clone(&received.full_url),
    };
    Ok(Made {
        resource,
        full_url,
        map: made.map,
    })
}

/// The resource as the only entry of a Bundle, so that the maps know its address.
fn envelope(received: &Received) -> Bytes {
    let body = received.resource.body();
    let mut out = JsonWriter::with_capacity(body.len() + received.full_url.len() + 96);
    out.begin_object();
    out.field("resourceType", "Bundle");
    out.field("type", "collection");
    out.key("entry");
    out.begin_array();
    out.begin_object();
    out.field("fullUrl", &received.full_url);
    out.key("resource");
    out.raw(body);
    out.end_object();
    out.end_array();
    out.end_object();
    out.finish()
}
