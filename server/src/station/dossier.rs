//! What a station has of one patient, as resources of one endpoint in one version of FHIR.
//!
//! What the source sent in the version that is asked for is served as it was sent; the rest as the conformance layer
//! makes it. What that cannot make is left out and counted.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use samenhang_conform::Converter;
use samenhang_profiles::classify::classify;
use samenhang_profiles::{
    Account, Bsn, Conformance, Conversion, FhirVersion, Limits, Lineage, RawResource, Received,
};
use samenhang_reconcile::subject::local;
use samenhang_station::{Scope, Station, StationError, Stored};

/// Resources that are read in one go.
const BATCH: usize = 1_000;
/// Most resources of one patient: more is no dossier of a person.
const MOST: usize = 50_000;
/// Most resources of others that come along.
const MOST_OF_OTHERS: usize = 1_000;
/// Rounds in which what is of others leads to more, as a role does to its practitioner.
const ROUNDS: usize = 2;

/// Whose resources are asked for.
pub(super) enum Whose {
    /// By number.
    Number(Bsn),
    /// By the logical id of the Patient.
    Record(String),
}

/// Why there is no dossier.
pub(super) enum NoDossier {
    /// The station failed.
    Station(StationError),
    /// There is more than can be of one patient.
    TooMuch,
    /// It could not be put in the version that was asked for.
    Version,
}

impl From<StationError> for NoDossier {
    fn from(error: StationError) -> Self {
        NoDossier::Station(error)
    }
}

/// The resources.
#[derive(Default)]
pub(super) struct Dossier {
    /// In order of type and id.
    pub(super) items: Vec<Received>,
    /// How many cannot be had in this version.
    pub(super) missing: usize,
    /// The patient, when his number is known.
    pub(super) patient: Option<Bsn>,
}

/// Reads dossiers of a source.
pub(super) struct Reader<'a> {
    pub(super) station: &'a Station,
    pub(super) scope: &'a Scope,
    pub(super) version: FhirVersion,
    /// Base address of the endpoint, without a trailing slash.
    pub(super) endpoint: &'a str,
    pub(super) now: Timestamp,
}

impl Reader<'_> {
    /// What there is of a patient; of one type when nothing else is needed, and with what it refers to of others.
    pub(super) async fn read(
        &self,
        whose: &Whose,
        kind: Option<&str>,
        with_others: bool,
    ) -> Result<Dossier, NoDossier> {
        let mut stored = self.of_patient(whose, kind).await?;
        if let Whose::Record(id) = whose {
            stored.retain(|one| is_about(one, id));
        }
        if with_others {
            self.add_others(&mut stored).await?;
        }
        let patient = match whose {
            Whose::Number(bsn) => Some(bsn.clone()),
            Whose::Record(id) => self.number_of(id, &stored).await?,
        };
        let items = self.received(stored);
        let (items, missing) = in_version(items, self.version).await.ok_or(NoDossier::Version)?;
        Ok(Dossier {
            items,
            missing,
            patient,
        })
    }

    /// One resource in the version that is asked for; nothing when it cannot be had in it.
    pub(super) async fn one(&self, stored: Stored, kind: &str) -> Result<Option<Received>, NoDossier> {
        let items = self.received(vec![stored]);
        let (items, _) = in_version(items, self.version).await.ok_or(NoDossier::Version)?;
        let is_asked = |item: &Received| item.resource.resource_type() == kind;
        Ok(items.into_iter().find(is_asked))
    }

    /// The number of the patient whom a resource is about, for the audit log.
    pub(super) async fn number_in(&self, item: &Received) -> Result<Option<Bsn>, NoDossier> {
        let resource = &item.resource;
        let id = if resource.resource_type() == "Patient" {
            resource.id()
        } else {
            let subject = resource.keys().subject.as_deref();
            subject
                .and_then(|subject| subject.rsplit_once("Patient/"))
                .map(|(_, id)| id)
        };
        match id {
            Some(id) => self.number_of(id, &[]).await,
            None => Ok(None),
        }
    }

    async fn of_patient(&self, whose: &Whose, kind: Option<&str>) -> Result<Vec<Stored>, NoDossier> {
        let (station, scope) = (self.station, self.scope);
        let mut stored: Vec<Stored> = Vec::new();
        let mut after: Option<(String, String)> = None;
        loop {
            let from = after.as_ref().map(|(kind, id)| (&**kind, &**id));
            let page = match whose {
                Whose::Number(bsn) => station.of_patient(scope, bsn, kind, from, BATCH).await?,
                Whose::Record(id) => station.of_record(scope, id, kind, from, BATCH).await?,
            };
            let page = page.into_inner(scope)?;
            stored.extend(page.resources);
            if stored.len() > MOST {
                return Err(NoDossier::TooMuch);
            }
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(stored),
            }
        }
    }

    /// Adds what is nobody's and is referred to: practitioners, organisations, medicines.
    async fn add_others(&self, stored: &mut Vec<Stored>) -> Result<(), NoDossier> {
        let mut known: BTreeSet<(String, String)> = stored
            .iter()
            .map(|one| (one.kind.clone(), one.id.clone()))
            .collect();
        let mut from = 0;
        let mut added = 0;
        for _ in 0..ROUNDS {
            let wanted: BTreeSet<(String, String)> = stored
                .iter()
                .skip(from)
                .filter_map(|one| RawResource::read(one.body.clone(), &Limits::default()).ok())
                .flat_map(|resource| resource.keys().references.clone())
                .filter_map(|reference| {
                    let (kind, id) = local(&reference, self.endpoint)?;
                    Some((kind.to_owned(), id.to_owned()))
                })
                .filter(|name| !known.contains(name))
                .collect();
            from = stored.len();
            for (kind, id) in wanted {
                if added >= MOST_OF_OTHERS {
                    return Ok(());
                }
                if let Some(found) = self.station.read(self.scope, &kind, &id).await? {
                    let found = found.into_inner(self.scope)?;
                    if !found.deleted && samenhang_station::is_nobodys(&kind) {
                        stored.push(found);
                        added += 1;
                    }
                }
                known.insert((kind, id));
            }
        }
        Ok(())
    }

    /// The number of a patient, for the audit log.
    async fn number_of(&self, id: &str, stored: &[Stored]) -> Result<Option<Bsn>, NoDossier> {
        let is_patient = |one: &&Stored| one.kind == "Patient" && one.id == id;
        if let Some(patient) = stored.iter().find(is_patient) {
            return Ok(number(patient));
        }
        let Some(found) = self.station.read(self.scope, "Patient", id).await? else {
            return Ok(None);
        };
        Ok(number(&found.into_inner(self.scope)?))
    }

    fn received(&self, stored: Vec<Stored>) -> Vec<Received> {
        let lineage = |fhir, conformance| {
            Arc::new(Lineage {
                holder: self.scope.config().ura.clone(),
                holder_name: self.scope.source().as_str().into(),
                endpoint: self.endpoint.into(),
                retrieved: self.now,
                fhir,
                conformance,
            })
        };
        let native = lineage(FhirVersion::R4, Conformance::Native);
        let lifted = lineage(FhirVersion::Stu3, Conformance::Lifted);
        let account: Arc<Account> = Arc::default();
        let limits = Limits::default();
        let read = |one: Stored| {
            let resource = RawResource::read(one.body, &limits).ok()?;
            let url = |kind: &str, id: &str| -> Arc<str> { format!("{}/{kind}/{id}", self.endpoint).into() };
            let original = one
                .original
                .and_then(|body| RawResource::read(body, &limits).ok());
            let conversion = original.map(|original| {
                let id = original.id().unwrap_or(&one.id);
                Arc::new(Conversion {
                    original_url: url(original.resource_type(), id),
                    version: FhirVersion::R4,
                    pack: one.map.as_str().into(),
                    map: None,
                    is_part: one.is_part,
                    account: Arc::clone(&account),
                    original: original.clone(),
                })
            });
            Some(Received {
                full_url: url(&one.kind, &one.id),
                category: classify(&resource, FhirVersion::R4),
                lineage: Arc::clone(if conversion.is_some() { &lifted } else { &native }),
                resource,
                conversion,
            })
        };
        stored.into_iter().filter_map(read).collect()
    }
}

/// Puts resources in a version, off the threads that wait for requests when that is work; and how many cannot be.
async fn in_version(items: Vec<Received>, version: FhirVersion) -> Option<(Vec<Received>, usize)> {
    let mut items = items;
    let mut missing = 0;
    if items.iter().any(|item| item.version() != version) {
        let convert = move || {
            let mut converter = Converter::new(version);
            let mut items: Vec<Received> = items.into_iter().flat_map(|item| converter.serve(item)).collect();
            converter.settle(&mut items);
            items
        };
        items = tokio::task::spawn_blocking(convert).await.ok()?;
        let before = items.len();
        items.retain(|item| item.version() == version);
        missing = before - items.len();
    }
    items.sort_by(|a, b| {
        let key = |item: &Received| {
            (
                item.resource.resource_type().to_owned(),
                item.resource.id().map(str::to_owned),
            )
        };
        key(a).cmp(&key(b))
    });
    Some((items, missing))
}

/// Whether a resource is about the record of this id: one number may have several.
fn is_about(stored: &Stored, id: &str) -> bool {
    if stored.kind == "Patient" {
        return stored.id == id;
    }
    let Ok(resource) = RawResource::read(stored.body.clone(), &Limits::default()) else {
        return false;
    };
    resource.keys().subject.as_deref().is_none_or(|subject| {
        let rest = subject.strip_suffix(id);
        rest.is_some_and(|rest| rest.ends_with("Patient/"))
    })
}

/// The number that a Patient states.
fn number(patient: &Stored) -> Option<Bsn> {
    let resource = RawResource::read(patient.body.clone(), &Limits::default()).ok()?;
    let stated = resource
        .keys()
        .identifiers
        .iter()
        .find(|identifier| identifier.system.as_deref() == Some(samenhang_terminology::naming::BSN))?;
    Bsn::parse(stated.value.as_deref()?).ok()
}
