//! Builds the database anew from objects alone, when it was lost.
//!
//! Versions come from the objects of the store. Every message that is still in the inbox waits again and is worked on
//! once more: what is there is recognised, and what a crash cut off is done. What was erased stays behind its barrier.
//! Lost are the decisions that only the database knew: what a person let through or discarded, and the kill switch.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use bytes::Bytes;
use samenhang_profiles::{Limits, RawResource};

use crate::erase::{ErasureReceipt, RECEIPTS};
use crate::error::StationError;
use crate::identity::{Member, whose};
use crate::objects::Objects;
use crate::seal::hex;
use crate::segment::{Kind, MessageHead, Place, VersionHead};
use crate::source::Scope;
use crate::store::{Database, Writing};
use crate::surroundings::Surroundings;

/// Fills a new database from the objects of each source, in one transaction: a rebuild that was cut off, by a crash or by
/// an object that is damaged, begins anew. Nothing to do for a new station.
pub(crate) async fn rebuild(
    database: &Database,
    objects: &Objects,
    scopes: &[Scope],
    surroundings: &dyn Surroundings,
) -> Result<(), StationError> {
    let mut messages = Vec::new();
    let mut writing = database.write().await?;
    for scope in scopes {
        barriers(&mut writing, objects, scope).await?;
        for (name, _) in objects.names(scope, Kind::Inbox).await? {
            for (place, record) in objects.all(scope, Kind::Inbox, &name).await? {
                let head: MessageHead = record.head()?;
                messages.push((scope, head, record.body().len(), place));
            }
        }
    }
    // A number may be there twice: an object that a crash left was never acknowledged, and its numbers were given again.
    messages.sort_by_key(|message| (message.1.sequence, message.1.received));
    if let Some((_, last, _, _)) = messages.last() {
        database.taken(last.sequence);
    }
    let mut taken = BTreeSet::new();
    let mut named: HashMap<(String, String), String> = HashMap::new();
    for (scope, head, bytes, place) in &mut messages {
        let source = scope.source();
        if !taken.insert(head.sequence) {
            head.sequence = database.next();
        }
        let name = (source.to_string(), head.external.clone());
        let first = named.entry(name).or_insert_with(|| head.hash.clone());
        let changed = *first != head.hash;
        writing
            .add_message(source, head, *bytes, place, changed, "pending")
            .await?;
    }
    for scope in scopes {
        versions(database, &mut writing, objects, scope, surroundings).await?;
    }
    writing.commit().await
}

/// What was erased stays so.
async fn barriers(writing: &mut Writing<'_>, objects: &Objects, scope: &Scope) -> Result<(), StationError> {
    for text in objects.texts(scope, RECEIPTS).await? {
        let receipt: ErasureReceipt = serde_json::from_slice(&text)
            .map_err(|_| StationError::Damaged("a receipt of an erasure cannot be read"))?;
        if !receipt.holds(scope)? {
            return Err(StationError::Damaged("a receipt of an erasure was changed"));
        }
        writing
            .note_patient(scope.source(), &receipt.patient, None)
            .await?;
        writing
            .set_barrier(scope.source(), &receipt.patient, "erased")
            .await?;
    }
    Ok(())
}

/// A version and where it stands.
type Found = (VersionHead, Place, Bytes);

async fn versions(
    database: &Database,
    writing: &mut Writing<'_>,
    objects: &Objects,
    scope: &Scope,
    surroundings: &dyn Surroundings,
) -> Result<(), StationError> {
    let mut resources: BTreeMap<(String, String), Vec<Found>> = BTreeMap::new();
    for (name, _) in objects.names(scope, Kind::Store).await? {
        for (place, record) in objects.all(scope, Kind::Store, &name).await? {
            let head: VersionHead = record.head()?;
            // Its message may be kept no longer, and its number is not given again.
            database.taken(head.sequence);
            // Only a Patient's body is needed, for its number.
            let body = if head.kind == "Patient" {
                record.parts()?.1
            } else {
                Bytes::new()
            };
            let versions = resources.entry((head.kind.clone(), head.id.clone())).or_default();
            let same = |other: &Found| other.0.clock == head.clock && other.0.hash == head.hash;
            if !versions.iter().any(same) {
                versions.push((head, place, body));
            }
        }
    }
    let now = surroundings.now().as_microsecond();
    let mut patients: BTreeMap<String, Option<String>> = BTreeMap::new();
    for versions in resources.into_values() {
        add(writing, scope, versions, &mut patients, surroundings).await?;
    }
    for (patient, sealed) in &patients {
        writing
            .note_patient(scope.source(), patient, sealed.as_deref())
            .await?;
        writing.announce(database, scope.source(), patient, now).await?;
    }
    Ok(())
}

/// Adds the versions of one resource under the numbers that they had.
async fn add(
    writing: &mut Writing<'_>,
    scope: &Scope,
    mut versions: Vec<Found>,
    patients: &mut BTreeMap<String, Option<String>>,
    surroundings: &dyn Surroundings,
) -> Result<(), StationError> {
    versions.sort_by_key(|found| (found.0.version, found.0.stored));
    let order = |found: &Found| (found.0.clock, found.0.deleted, found.0.hash.clone());
    let latest = versions.iter().map(order).max();
    let mut last = 0;
    for (mut head, place, body) in versions {
        head.version = head.version.max(last + 1);
        last = head.version;
        let current = latest.as_ref() == Some(&(head.clock, head.deleted, head.hash.clone()));
        if let Some(patient) = &head.patient {
            let sealed = patients.entry(patient.clone()).or_default();
            if sealed.is_none() && !body.is_empty() {
                *sealed = number(scope, patient, body, surroundings)?;
            }
        }
        writing
            .restore_version(scope.source(), &head, current, &place)
            .await?;
    }
    Ok(())
}

/// The number in a Patient, sealed.
fn number(
    scope: &Scope,
    patient: &str,
    body: Bytes,
    surroundings: &dyn Surroundings,
) -> Result<Option<String>, StationError> {
    let Ok(resource) = RawResource::read(body, &Limits::default()) else {
        return Ok(None);
    };
    let member = Member {
        resource: &resource,
        full_url: None,
    };
    let who = whose(&[member]).ok().flatten();
    let Some(bsn) = who.and_then(|who| who.bsn) else {
        return Ok(None);
    };
    if scope.key.patient(&bsn) != patient {
        return Err(StationError::Damaged(
            "a patient stands under another's pseudonym",
        ));
    }
    scope
        .key
        .seal_number(&bsn, patient, surroundings)
        .map(|sealed| Some(hex(&sealed)))
}
