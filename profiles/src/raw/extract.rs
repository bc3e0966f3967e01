//! Takes the keys of a resource while its bytes are checked: one pass, the shapes of STU3 and R4 alike.
//!
//! A key of an unexpected shape is passed over, not refused: the resource is shown as it was received, and judging
//! it is the task of validation.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;

use crate::json::{Kind, Reader};
use crate::raw::{CodingKey, IdentifierKey, Keys, ReadError};
use crate::tape::Tape;

/// Dates found so far, by how well they say when it happened.
#[derive(Default)]
struct Best<'a> {
    rank: Option<u8>,
    date: Option<Cow<'a, str>>,
}

impl<'a> Best<'a> {
    fn offer(&mut self, rank: u8, date: Option<Cow<'a, str>>) {
        if date.is_some() && self.rank.is_none_or(|known| rank < known) {
            self.rank = Some(rank);
            self.date = date;
        }
    }
}

/// Parts of a resource whose precedence is known only at its end.
#[derive(Default)]
struct Found<'a> {
    date: Best<'a>,
    /// Codings by precedence of the element they came from.
    codes: [Vec<CodingKey>; 4],
    clinical_status: Option<Box<str>>,
    actor: Option<Reference<'a>>,
    two_patients: bool,
}

/// What was read of a resource: its keys, where it stands, and whether it may be used.
pub(crate) struct Extracted {
    parts: Parts,
    two_patients: bool,
}

/// A resource, as it stands in a text.
pub(crate) struct Parts {
    pub(crate) keys: Keys,
    pub(crate) range: Range<usize>,
    /// Nothing when it does not fit on a tape.
    pub(crate) tape: Option<Tape>,
}

impl Extracted {
    /// What was read.
    ///
    /// # Errors
    /// [`ReadError::Unexpected`] when it names two patients: which one a reader follows must not be left to chance.
    pub(crate) fn usable(self) -> Result<Parts, ReadError> {
        if self.two_patients {
            return Err(ReadError::Unexpected("two patients in one resource"));
        }
        Ok(self.parts)
    }
}

#[derive(Default)]
struct Reference<'a> {
    reference: Option<Cow<'a, str>>,
    kind: Option<Cow<'a, str>>,
    identifier: Option<IdentifierKey>,
}

impl Reference<'_> {
    fn is_patient(&self) -> bool {
        self.kind.as_deref() == Some("Patient")
            || self
                .reference
                .as_deref()
                .is_some_and(|text| text.starts_with("Patient/") || text.contains("/Patient/"))
    }
}

/// Reads the resource that comes next, to its end whatever it names.
pub(crate) fn resource<'a>(reader: &mut Reader<'a>) -> Result<Extracted, ReadError> {
    if reader.peek()? != Kind::Object {
        return Err(ReadError::Unexpected("a resource is an object"));
    }
    let start = reader.offset();
    reader.record();
    drop(reader.take_references());
    let mut keys = Keys::default();
    let mut found = Found::default();
    reader.enter_object()?;
    while let Some(name) = reader.next_key()? {
        property(reader, &name, &mut keys, &mut found)?;
    }
    let range = start..reader.offset();
    let tape = reader.recorded();
    if !is_type_name(&keys.resource_type) {
        return Err(ReadError::Unexpected("a resource without a resourceType"));
    }
    keys.references = distinct(reader);
    keys.date = found.date.date.map(boxed);
    keys.status = keys.status.or(found.clinical_status);
    if keys.subject.is_none()
        && keys.subject_identifier.is_none()
        && keys.resource_type.starts_with("Appointment")
        && let Some(actor) = found.actor
    {
        set_subject(&mut keys, actor);
    }
    keys.codes = found
        .codes
        .into_iter()
        .find(|codes| !codes.is_empty())
        .unwrap_or_default();
    Ok(Extracted {
        parts: Parts { keys, range, tape },
        two_patients: found.two_patients,
    })
}

fn property<'a>(
    reader: &mut Reader<'a>,
    name: &str,
    keys: &mut Keys,
    found: &mut Found<'a>,
) -> Result<(), ReadError> {
    match name {
        "resourceType" => keys.resource_type = text(reader)?.map(boxed).unwrap_or_default(),
        "id" => keys.id = text(reader)?.map(boxed),
        "meta" => meta(reader, keys)?,
        "subject" | "patient" | "beneficiary" | "for" => {
            let subject = reference(reader)?;
            let other = |known: Option<&str>, new: Option<&str>| known.is_some() && known != new;
            if other(keys.subject.as_deref(), subject.reference.as_deref())
                || keys.subject_identifier.is_some() && keys.subject_identifier != subject.identifier
            {
                // No type of resource has two of these.
                found.two_patients = true;
            }
            set_subject(keys, subject);
        }
        "participant" => participants(reader, &mut found.actor)?,
        "identifier" => each(reader, |reader| {
            keys.identifiers.extend(identifier(reader)?);
            Ok(())
        })?,
        "code" => codings(reader, &mut found.codes[0])?,
        "vaccineCode" => codings(reader, &mut found.codes[1])?,
        "medicationCodeableConcept" | "codeCodeableConcept" => codings(reader, &mut found.codes[2])?,
        "type" => codings(reader, &mut found.codes[3])?,
        "category" => codings(reader, &mut keys.categories)?,
        "status" => keys.status = code(reader)?,
        "clinicalStatus" | "lifecycleStatus" => found.clinical_status = code(reader)?,
        "verificationStatus" => keys.verification_status = code(reader)?,
        "collection" => each(reader, |reader| collection(reader, &mut found.date))?,
        _ => match date_rank(name) {
            Some(rank) => {
                let date = date(reader)?;
                found.date.offer(rank, date);
            }
            None => reader.skip()?,
        },
    }
    Ok(())
}

/// How well a date of this name says when it happened; lower is better. Dates of R4 and STU3.
fn date_rank(name: &str) -> Option<u8> {
    Some(match name {
        "effectiveDateTime" | "effectivePeriod" | "effectiveInstant" | "effectiveTiming" => 0,
        "occurrenceDateTime" | "occurrencePeriod" | "occurrenceTiming" | "occurredDateTime"
        | "occurredPeriod" => 0,
        "onsetDateTime" | "onsetPeriod" | "performedDateTime" | "performedPeriod" => 0,
        "whenHandedOver" | "timingDateTime" | "timingPeriod" | "whenUsed" => 0,
        "period" | "start" | "started" | "startDate" | "createdDateTime" | "createdPeriod" => 1,
        "executionPeriod" | "whenPrepared" => 1,
        "date" | "dateTime" => 2,
        "authoredOn" | "recordedDate" | "assertedDate" | "dateAsserted" | "authored" | "recordedOn" => 3,
        "receivedTime" | "issued" | "recorded" | "created" | "statusDate" | "lastModified" => 4,
        _ => return None,
    })
}

fn set_subject(keys: &mut Keys, subject: Reference<'_>) {
    keys.subject = subject.reference.map(boxed);
    keys.subject_type = subject.kind.map(boxed);
    keys.subject_identifier = subject.identifier;
}

fn meta(reader: &mut Reader<'_>, keys: &mut Keys) -> Result<(), ReadError> {
    fields(reader, |reader, name| {
        match name {
            "versionId" => keys.version_id = text(reader)?.map(boxed),
            "lastUpdated" => keys.last_updated = text(reader)?.map(boxed),
            "profile" => each(reader, |reader| {
                keys.profiles.extend(text(reader)?.map(boxed));
                Ok(())
            })?,
            "security" => codings(reader, &mut keys.security)?,
            _ => reader.skip()?,
        }
        Ok(())
    })
}

fn reference<'a>(reader: &mut Reader<'a>) -> Result<Reference<'a>, ReadError> {
    let mut found = Reference::default();
    fields(reader, |reader, name| {
        match name {
            "reference" => found.reference = text(reader)?,
            "type" => found.kind = text(reader)?,
            "identifier" => found.identifier = identifier(reader)?,
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    Ok(found)
}

fn participants<'a>(reader: &mut Reader<'a>, actor: &mut Option<Reference<'a>>) -> Result<(), ReadError> {
    each(reader, |reader| {
        fields(reader, |reader, name| {
            if name == "actor" {
                let found = reference(reader)?;
                if actor.is_none() && found.is_patient() {
                    *actor = Some(found);
                }
            } else {
                reader.skip()?;
            }
            Ok(())
        })
    })
}

fn identifier(reader: &mut Reader<'_>) -> Result<Option<IdentifierKey>, ReadError> {
    if reader.peek()? != Kind::Object {
        reader.skip()?;
        return Ok(None);
    }
    let mut key = IdentifierKey {
        system: None,
        value: None,
        assigner: None,
    };
    fields(reader, |reader, name| {
        match name {
            "system" => key.system = text(reader)?.map(boxed),
            "value" => key.value = text(reader)?.map(boxed),
            "assigner" => key.assigner = assigner(reader)?,
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    Ok(Some(key))
}

fn assigner(reader: &mut Reader<'_>) -> Result<Option<Box<str>>, ReadError> {
    let mut value = None;
    fields(reader, |reader, name| {
        if name == "identifier" {
            fields(reader, |reader, name| {
                if name == "value" {
                    value = text(reader)?.map(boxed);
                } else {
                    reader.skip()?;
                }
                Ok(())
            })
        } else {
            reader.skip()
        }
    })?;
    Ok(value)
}

/// Codings of a code, a Coding, a `CodeableConcept`, or an array of these.
fn codings(reader: &mut Reader<'_>, into: &mut Vec<CodingKey>) -> Result<(), ReadError> {
    each(reader, |reader| match reader.peek()? {
        Kind::String => {
            into.push(CodingKey {
                system: None,
                code: text(reader)?.map(boxed),
            });
            Ok(())
        }
        Kind::Object => {
            let mut own = CodingKey {
                system: None,
                code: None,
            };
            fields(reader, |reader, name| coding_part(reader, name, &mut own, into))?;
            if own.code.is_some() {
                into.push(own);
            }
            Ok(())
        }
        _ => reader.skip(),
    })
}

fn coding_part(
    reader: &mut Reader<'_>,
    name: &str,
    own: &mut CodingKey,
    into: &mut Vec<CodingKey>,
) -> Result<(), ReadError> {
    match name {
        "system" => own.system = text(reader)?.map(boxed),
        "code" => own.code = text(reader)?.map(boxed),
        "coding" => each(reader, |reader| {
            let mut coding = CodingKey {
                system: None,
                code: None,
            };
            fields(reader, |reader, name| {
                match name {
                    "system" => coding.system = text(reader)?.map(boxed),
                    "code" => coding.code = text(reader)?.map(boxed),
                    _ => reader.skip()?,
                }
                Ok(())
            })?;
            into.push(coding);
            Ok(())
        })?,
        _ => reader.skip()?,
    }
    Ok(())
}

/// A code, or the first code of a `CodeableConcept`.
fn code(reader: &mut Reader<'_>) -> Result<Option<Box<str>>, ReadError> {
    let mut found = Vec::new();
    codings(reader, &mut found)?;
    Ok(found.into_iter().find_map(|coding| coding.code))
}

/// A date, the start (else the end) of a Period, or the first event of a Timing.
fn date<'a>(reader: &mut Reader<'a>) -> Result<Option<Cow<'a, str>>, ReadError> {
    match reader.peek()? {
        Kind::String => text(reader),
        Kind::Object => {
            let mut best = Best::default();
            fields(reader, |reader, name| {
                match name {
                    "start" => best.offer(0, text(reader)?),
                    "end" => best.offer(1, text(reader)?),
                    "event" => each(reader, |reader| {
                        best.offer(0, text(reader)?);
                        Ok(())
                    })?,
                    _ => reader.skip()?,
                }
                Ok(())
            })?;
            Ok(best.date)
        }
        _ => {
            reader.skip()?;
            Ok(None)
        }
    }
}

/// `Specimen.collection`: when the material was taken.
fn collection<'a>(reader: &mut Reader<'a>, best: &mut Best<'a>) -> Result<(), ReadError> {
    fields(reader, |reader, name| {
        if matches!(name, "collectedDateTime" | "collectedPeriod") {
            let date = date(reader)?;
            best.offer(0, date);
        } else {
            reader.skip()?;
        }
        Ok(())
    })
}

/// A string, or nothing when something else stands there.
pub(crate) fn text<'a>(reader: &mut Reader<'a>) -> Result<Option<Cow<'a, str>>, ReadError> {
    if reader.peek()? == Kind::String {
        return reader.string().map(Some);
    }
    reader.skip()?;
    Ok(None)
}

/// Calls `take` for every property when an object stands here; `take` consumes the value.
pub(crate) fn fields<'a>(
    reader: &mut Reader<'a>,
    mut take: impl FnMut(&mut Reader<'a>, &str) -> Result<(), ReadError>,
) -> Result<(), ReadError> {
    if reader.peek()? != Kind::Object {
        return reader.skip();
    }
    reader.enter_object()?;
    while let Some(name) = reader.next_key()? {
        take(reader, &name)?;
    }
    Ok(())
}

/// Calls `take` for every item of an array, or once for what is not an array; `take` consumes the value.
pub(crate) fn each<'a>(
    reader: &mut Reader<'a>,
    mut take: impl FnMut(&mut Reader<'a>) -> Result<(), ReadError>,
) -> Result<(), ReadError> {
    if reader.peek()? != Kind::Array {
        return take(reader);
    }
    reader.enter_array()?;
    while reader.next_item()? {
        take(reader)?;
    }
    Ok(())
}

/// The references noted by the reader, each once, in order.
fn distinct(reader: &mut Reader<'_>) -> Vec<Box<str>> {
    /// Above this many, a set with a random key bounds the cost.
    const FEW: usize = 16;
    let mut list: Vec<Cow<'_, str>> = Vec::new();
    let mut seen = HashSet::new();
    for reference in reader.take_references() {
        let new = if list.len() < FEW {
            !list.contains(&reference)
        } else {
            if seen.is_empty() {
                seen.extend(list.iter().cloned());
            }
            seen.insert(reference.clone())
        };
        if new {
            list.push(reference);
        }
    }
    list.into_iter().map(boxed).collect()
}

/// Whether this can be a type of resource: it will stand in addresses and statements.
fn is_type_name(name: &str) -> bool {
    name.len() <= 64
        && name.starts_with(|first: char| first.is_ascii_uppercase())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

pub(crate) fn boxed(text: Cow<'_, str>) -> Box<str> {
    text.into_owned().into_boxed_str()
}
