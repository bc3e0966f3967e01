//! The form of an object: records of one source, each sealed by itself under the key of the object.
//!
//! ```text
//! "SAMS" | format (1) | kind (1) | wrapped key (60) | record*
//! record: length of the sealed part (4, big endian) | sealed part
//! sealed part opens to: length of the head (4, big endian) | head (JSON) | body
//! ```
//!
//! A record is bound to its source, the kind of its object and its number in it. The head says enough to build the
//! database anew from objects alone. An object's name is the SHA-256 of its bytes, so that its integrity can be checked
//! without a key, and the name tells nothing about the content.

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::StationError;
use crate::message::Format;
use crate::seal::{OVERHEAD, ObjectKey, SourceKey, hex};
use crate::source::SourceId;
use crate::surroundings::Surroundings;

const MAGIC: &[u8; 4] = b"SAMS";
const FORMAT: u8 = 1;
const WRAPPED: usize = 32 + OVERHEAD;
/// Bytes before the first record.
pub(crate) const HEADER: u64 = 6 + WRAPPED as u64;
/// Most bytes of one record: more is no record of ours.
const MAX_RECORD: usize = 256 << 20;

/// What an object holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// Messages as received.
    Inbox,
    /// Resources and tombstones.
    Store,
}

impl Kind {
    fn byte(self) -> u8 {
        match self {
            Kind::Inbox => b'i',
            Kind::Store => b's',
        }
    }

    /// Part of the object's path.
    pub(crate) fn folder(self) -> &'static str {
        match self {
            Kind::Inbox => "inbox",
            Kind::Store => "store",
        }
    }
}

/// What stands before a message as received.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct MessageHead {
    pub sequence: i64,
    pub external: String,
    pub hash: String,
    pub format: Format,
    pub received: i64,
    pub clock: Option<i64>,
}

/// What stands before a resource, or stands for one that was deleted.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct VersionHead {
    /// Type of resource.
    pub kind: String,
    pub id: String,
    pub version: i64,
    pub clock: i64,
    pub hash: String,
    pub patient: Option<String>,
    pub deleted: bool,
    pub served: bool,
    pub verdict: String,
    pub stored: i64,
    /// Which map made it; not there in what was written before this was kept.
    #[serde(default)]
    pub map: String,
    /// Bytes of the resource, where what the source sent in another version of FHIR follows it; 0: all of them.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub length: usize,
    /// Whether another version stands for the whole of what the source sent.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub part: bool,
    /// The message that it comes from: external name and hash.
    pub external: String,
    pub message: String,
    /// And its number; 0 in what was written before this was kept.
    #[serde(default)]
    pub sequence: i64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_zero(length: &usize) -> bool {
    *length == 0
}

/// Where a record stands: object, number in it, place and length of the sealed part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub object: String,
    pub number: i64,
    pub offset: i64,
    pub length: i64,
}

/// A whole object that is ready to be put, and where its records stand.
pub(crate) struct Segment {
    pub kind: Kind,
    pub name: String,
    pub bytes: Bytes,
    pub places: Vec<Place>,
}

fn about(source: &SourceId, kind: Kind, number: u64) -> Vec<u8> {
    let mut about = vec![kind.byte()];
    about.extend_from_slice(&number.to_be_bytes());
    about.extend_from_slice(source.as_str().as_bytes());
    about
}

/// Writes one object.
pub(crate) struct SegmentWriter<'k> {
    source: &'k SourceId,
    kind: Kind,
    key: ObjectKey,
    out: Vec<u8>,
    places: Vec<(i64, i64)>,
}

impl<'k> SegmentWriter<'k> {
    /// Begins an object under a new key.
    pub(crate) fn new(
        source: &'k SourceId,
        kind: Kind,
        by: &SourceKey,
        surroundings: &dyn Surroundings,
    ) -> Result<Self, StationError> {
        let key = ObjectKey::draw(surroundings);
        let mut out = MAGIC.to_vec();
        out.extend_from_slice(&[FORMAT, kind.byte()]);
        out.extend(key.wrapped(by, &about(source, kind, u64::MAX), surroundings)?);
        Ok(SegmentWriter {
            source,
            kind,
            key,
            out,
            places: Vec::new(),
        })
    }

    /// Adds a record.
    pub(crate) fn push(&mut self, head: &impl Serialize, body: &[u8]) -> Result<(), StationError> {
        let head =
            serde_json::to_vec(head).map_err(|_| StationError::Damaged("a head could not be written"))?;
        let mut plain = Vec::with_capacity(4 + head.len() + body.len());
        plain.extend_from_slice(&length(head.len())?);
        plain.extend_from_slice(&head);
        plain.extend_from_slice(body);
        self.push_plain(&plain)
    }

    /// Adds a record as it stood in another object.
    pub(crate) fn push_plain(&mut self, plain: &[u8]) -> Result<(), StationError> {
        let number = self.places.len() as u64;
        let sealed = self
            .key
            .seal(number, plain, &about(self.source, self.kind, number))?;
        self.out.extend_from_slice(&length(sealed.len())?);
        self.places.push((integer(self.out.len()), integer(sealed.len())));
        self.out.extend(sealed);
        Ok(())
    }

    /// Whether there is no record in it.
    pub(crate) fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The object.
    pub(crate) fn finish(self) -> Segment {
        let name = name_of(&self.out);
        let place = |(number, (offset, length)): (usize, &(i64, i64))| Place {
            object: name.clone(),
            number: integer(number),
            offset: *offset,
            length: *length,
        };
        Segment {
            kind: self.kind,
            places: self.places.iter().enumerate().map(place).collect(),
            name,
            bytes: self.out.into(),
        }
    }
}

/// The name of an object with these bytes.
pub(crate) fn name_of(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn length(bytes: usize) -> Result<[u8; 4], StationError> {
    u32::try_from(bytes)
        .ok()
        .filter(|_| bytes <= MAX_RECORD)
        .map(u32::to_be_bytes)
        .ok_or(StationError::TooLarge(MAX_RECORD))
}

fn integer(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Reads the header of an object: its key.
pub(crate) fn open_header(
    header: &[u8],
    source: &SourceId,
    kind: Kind,
    by: &SourceKey,
) -> Result<ObjectKey, StationError> {
    let wrapped = header
        .strip_prefix(MAGIC)
        .and_then(|rest| rest.strip_prefix(&[FORMAT, kind.byte()]))
        .and_then(|rest| rest.get(..WRAPPED))
        .ok_or(StationError::Damaged(
            "it does not begin as an object of this kind",
        ))?;
    ObjectKey::unwrap_from(wrapped, by, &about(source, kind, u64::MAX))
}

/// An object with its key wrapped anew, by the current key of the source; the records and their places stay as they are.
/// Its name and bytes.
pub(crate) fn rewrapped(
    bytes: &Bytes,
    source: &SourceId,
    kind: Kind,
    by: &SourceKey,
    surroundings: &dyn Surroundings,
) -> Result<(String, Bytes), StationError> {
    let key = open_header(bytes, source, kind, by)?;
    let mut out = Vec::with_capacity(bytes.len());
    out.extend_from_slice(MAGIC);
    out.extend_from_slice(&[FORMAT, kind.byte()]);
    out.extend(key.wrapped(by, &about(source, kind, u64::MAX), surroundings)?);
    out.extend_from_slice(bytes.get(out.len()..).unwrap_or_default());
    Ok((name_of(&out), out.into()))
}

/// Opens one record: head and body in one text.
pub(crate) fn open_record(
    key: &ObjectKey,
    source: &SourceId,
    kind: Kind,
    number: u64,
    sealed: &[u8],
) -> Result<Record, StationError> {
    let plain = key.open(number, sealed, &about(source, kind, number))?;
    let cut = StationError::Damaged("a record is cut short");
    let (size, rest) = plain.split_first_chunk::<4>().ok_or(cut.clone())?;
    let head = u32::from_be_bytes(*size) as usize;
    if head > rest.len() {
        return Err(cut);
    }
    Ok(Record {
        head: 4..4 + head,
        plain: plain.into(),
    })
}

/// A record that was opened.
#[derive(Clone)]
pub(crate) struct Record {
    head: std::ops::Range<usize>,
    /// All of it, for another object.
    pub plain: Bytes,
}

impl Record {
    /// What stands before the body.
    pub(crate) fn head<T: DeserializeOwned>(&self) -> Result<T, StationError> {
        serde_json::from_slice(&self.plain[self.head.clone()])
            .map_err(|_| StationError::Damaged("the head of a record cannot be read"))
    }

    /// The resource of a version, and what the source sent in another version of FHIR behind it.
    pub(crate) fn parts(&self) -> Result<(VersionHead, Bytes, Option<Bytes>), StationError> {
        let head: VersionHead = self.head()?;
        let mut body = self.body();
        let original = (head.length > 0 && head.length <= body.len()).then(|| body.split_off(head.length));
        Ok((head, body, original))
    }

    /// The body.
    pub(crate) fn body(&self) -> Bytes {
        self.plain.slice(self.head.end..)
    }
}

/// Reads a whole object: every record with its place.
pub(crate) fn read_all(
    bytes: &Bytes,
    source: &SourceId,
    kind: Kind,
    by: &SourceKey,
) -> Result<Vec<(Place, Record)>, StationError> {
    let key = open_header(bytes, source, kind, by)?;
    let object = name_of(bytes);
    let mut records = Vec::new();
    let mut at = 6 + WRAPPED;
    while at < bytes.len() {
        let cut = StationError::Damaged("an object is cut short");
        let size = bytes
            .get(at..at + 4)
            .and_then(|size| <[u8; 4]>::try_from(size).ok())
            .ok_or(cut.clone())?;
        let size = u32::from_be_bytes(size) as usize;
        let sealed = bytes.get(at + 4..at + 4 + size).ok_or(cut)?;
        let number = records.len();
        let record = open_record(&key, source, kind, number as u64, sealed)?;
        let place = Place {
            object: object.clone(),
            number: integer(number),
            offset: integer(at + 4),
            length: integer(size),
        };
        records.push((place, record));
        at += 4 + size;
    }
    Ok(records)
}
