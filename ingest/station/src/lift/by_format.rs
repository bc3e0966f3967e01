//! The lift of a station: R4 as it is sent, every other format by the pack of maps that the binary carries for it. A source
//! may have a pack of its own for the format that it sends; files with rows have no other.
//!
//! A message is lifted whole: references between the entries of a Bundle need it. The cost is linear in its entries.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use jiff::Timestamp;
use samenhang_conform::csv::Table;
use samenhang_conform::{Context, Pack, PackError, SourceError, shipped, shipped_files};
use samenhang_profiles::document::Document;
use samenhang_profiles::{FhirVersion, Limits, RawResource, ReadError};
use sha2::{Digest as _, Sha256};

use super::losses::{account, shown};
use super::naming::{Unnamed, name};
use super::original::Originals;
use super::quirks::{Mended, mended};
use super::tables::{self, unreadable};
use super::{AsSent, Delivered, Findings, Lift, Lifted, Message, Part, Reason, Stage};
use crate::message::Format;
use crate::seal::hex;
use crate::source::SourceId;

/// Bytes of the hash in the name of a map: enough to tell two apart.
const HASH: usize = 8;

/// Chooses by the format of each message. What no pack reads is held by the rule `no-map`.
#[derive(Default)]
pub struct ByFormat {
    as_sent: AsSent,
    limits: Limits,
    stu3: OnceLock<Option<Map>>,
    cda: OnceLock<Option<Map>>,
    hl7v2: OnceLock<Option<Map>>,
    /// The packs of sources that have one of their own.
    own: HashMap<SourceId, Map>,
}

/// A pack, and what it is called in the versions that it makes.
struct Map {
    pack: Arc<Pack>,
    name: String,
}

impl Map {
    /// The pack of this name; `None` when the binary does not carry it.
    fn shipped(name: &str) -> Option<Map> {
        shipped(name).map(|pack| Map::of(pack, &shipped_files(name)))
    }

    fn of(pack: Arc<Pack>, files: &[(String, String)]) -> Map {
        let mut hash = Sha256::new();
        for (file, text) in files {
            for part in [file, text] {
                hash.update((part.len() as u64).to_be_bytes());
                hash.update(part);
            }
        }
        let hash = hash.finalize();
        let name = format!("{}|{}|{}", pack.name(), pack.version(), hex(&hash[..HASH]));
        Map { pack, name }
    }

    /// Whether it reads messages of a format.
    fn reads(&self, format: Format) -> bool {
        use samenhang_conform::Format as Read;
        let version = match (self.pack.format(), format) {
            (Read::Cda, Format::Cda) | (Read::Hl7v2, Format::Hl7v2) => return true,
            (Read::Csv, Format::Csv | Format::CsvPart) => return true,
            (Read::Fhir, Format::FhirStu3) => FhirVersion::Stu3,
            (Read::Fhir, Format::FhirR4) => FhirVersion::R4,
            _ => return false,
        };
        self.pack.source() == Some(version)
    }
}

/// Why a pack cannot be the one of a source.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OwnPackError {
    /// It does not compile.
    #[error("it does not compile: {}", .0.first().map_or_else(String::new, ToString::to_string))]
    Pack(Vec<PackError>),
    /// It reads something else than the source sends.
    #[error("it does not read what the source sends (`format`)")]
    Reads,
    /// It does not write R4.
    #[error("it does not write R4")]
    Writes,
}

impl ByFormat {
    /// Gives a source a pack of its own for messages of a format: its files, as name and text, in the order of the pack.
    ///
    /// # Errors
    /// [`OwnPackError`].
    pub fn with_pack(
        mut self,
        source: SourceId,
        format: Format,
        files: &[(String, String)],
    ) -> Result<Self, OwnPackError> {
        let texts: Vec<(&str, &str)> = files.iter().map(|(name, text)| (&**name, &**text)).collect();
        let (pack, _) = Pack::compile(&texts).map_err(OwnPackError::Pack)?;
        if pack.target() != FhirVersion::R4 {
            return Err(OwnPackError::Writes);
        }
        let map = Map::of(Arc::new(pack), files);
        if !map.reads(format) {
            return Err(OwnPackError::Reads);
        }
        self.own.insert(source, map);
        Ok(self)
    }

    /// The map for what a source sends: its own, else that of the binary.
    fn map(&self, source: &SourceId, format: Format) -> Option<&Map> {
        if let Some(own) = self.own.get(source).filter(|own| own.reads(format)) {
            return Some(own);
        }
        let (cell, name) = match format {
            Format::FhirStu3 => (&self.stu3, "stu3-zib2017-to-r4-zib2020"),
            Format::Cda => (&self.cda, "cda-lab-3.0.0-to-r4"),
            Format::Hl7v2 => (&self.hl7v2, "hl7v2-to-r4"),
            Format::FhirR4 | Format::Csv | Format::CsvPart | Format::Manifest | Format::Deletions => {
                return None;
            }
        };
        cell.get_or_init(|| Map::shipped(name)).as_ref()
    }

    /// The tree of a message of this text; a part of a delivery has several.
    fn read<'m>(&self, message: &Message<'_>, pack: &Pack, text: &'m str) -> Result<Document<'m>, Reason> {
        if message.format == Format::CsvPart {
            return tables::document(message.body, pack, &self.limits);
        }
        let document = pack.read(&[Table::new("", text)], &self.limits);
        document.map_err(|error| unreadable(&error))
    }
}

impl Lift for ByFormat {
    fn lift(&self, message: &Message<'_>) -> Result<Lifted, Reason> {
        let map = match (self.map(message.source, message.format), message.format) {
            (Some(map), _) => map,
            (None, Format::FhirR4) => return self.as_sent.lift(message),
            (None, _) => return Err(Reason::new(Stage::Map, "no-map")),
        };
        let Mended { body, findings: met } = match map.pack.source() {
            Some(version) => mended(message.body, version, &self.limits)
                .map_err(|error| unreadable(&SourceError::Read(error)))?,
            None => Mended {
                body: message.body.clone(),
                findings: Findings::new(),
            },
        };
        let text = match message.format {
            Format::CsvPart => "".into(),
            _ => map.pack.decode(&body).map_err(|error| unreadable(&error))?,
        };
        let document = self.read(message, &map.pack, &text)?;
        if has_empty_entry(&document) {
            return Err(Reason::new(Stage::Map, "entry-without-resource").at("Bundle.entry"));
        }
        let context = Context {
            source: message.space,
            message: message.external,
            trace: false,
        };
        let lifted = map.pack.lift(&document, &context);
        let (ledger, losses, mut findings) = account(&document, &lifted);
        findings.extend(met);
        if lifted.resources.is_empty() && ledger.unmapped > 0 {
            return Err(nothing_made(&document, message.format));
        }
        let mut read = Vec::with_capacity(lifted.resources.len());
        for resource in &lifted.resources {
            let body = Bytes::copy_from_slice(&resource.json);
            read.push(RawResource::read(body, &self.limits).map_err(|error| not_usable(&error))?);
        }
        let unnamed = lifted
            .resources
            .iter()
            .zip(&read)
            .map(|(resource, read)| Unnamed {
                json: resource.json.clone(),
                resource: read,
                full_url: resource.full_url.as_deref(),
            });
        let mut named = name(message, unnamed.collect());
        if message.format == Format::FhirStu3 {
            let mut originals = Originals::find(message.body, is_xml(message.body), &document, &self.limits);
            for (resource, made) in named.iter_mut().zip(&lifted.resources) {
                let original = originals.of(made.node);
                resource.original = original.body;
                resource.is_part = original.is_part;
            }
        }
        Ok(Lifted {
            resources: named,
            ledger,
            losses,
            findings,
            clock: clock(message.format, &document),
            map: map.name.clone(),
        })
    }

    fn cut(&self, delivered: &Delivered<'_>) -> Result<Vec<Part>, Reason> {
        let map = self.map(delivered.source, Format::Csv);
        let map = map.ok_or_else(|| Reason::new(Stage::Map, "no-map"))?;
        tables::parts(delivered, &map.pack)
    }
}

/// No map makes anything of the message. Of rows the table is told: those that stand alone are often of a key that the
/// other table does not have.
fn nothing_made(document: &Document<'_>, format: Format) -> Reason {
    let reason = Reason::new(Stage::Map, "nothing-made");
    let table = document.root().children().next();
    match table.filter(|_| format == Format::CsvPart) {
        Some(table) => reason.at(shown(table.stem())),
        None => reason,
    }
}

/// What was made is not a resource of one patient.
fn not_usable(error: &ReadError) -> Reason {
    match error {
        ReadError::Unexpected("two patients in one resource") => {
            Reason::new(Stage::Identity, "two-patients-in-one-resource")
        }
        _ => Reason::new(Stage::Map, "not-readable").code(error.code()),
    }
}

/// Whether FHIR is written in XML: JSON never begins so.
pub(super) fn is_xml(body: &[u8]) -> bool {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    body.trim_ascii_start().first() == Some(&b'<')
}

/// Whether a Bundle has an entry without a resource, such as a deletion: doing as if it were not there would lose it.
fn has_empty_entry(document: &Document<'_>) -> bool {
    let root = document.root();
    root.resource_type() == "Bundle"
        && root
            .children_named("entry")
            .any(|entry| entry.child("resource").is_none())
}

/// When the source made the message, where it says so with its offset.
fn clock(format: Format, document: &Document<'_>) -> Option<Timestamp> {
    let root = document.root();
    match format {
        Format::Cda => moment(root.child("effectiveTime")?.text("value")?),
        Format::Hl7v2 => moment(root.child("MSH")?.text("f7")?),
        _ => root.child("meta")?.text("lastUpdated")?.parse().ok(),
    }
}

/// A moment of HL7 version 2 or 3, `YYYYMMDDHHMMSS[.S]+ZZZZ`. Without an offset it is not known which moment it was.
fn moment(text: &str) -> Option<Timestamp> {
    let at = text.rfind(['+', '-'])?;
    let (local, offset) = text.split_at(at);
    let digits = local.split('.').next().filter(|digits| digits.len() == 14)?;
    if !digits.is_ascii() || !offset.is_ascii() || offset.len() != 5 {
        return None;
    }
    let (year, month, day) = (digits.get(..4)?, digits.get(4..6)?, digits.get(6..8)?);
    let (hour, minute, second) = (digits.get(8..10)?, digits.get(10..12)?, digits.get(12..)?);
    let (hours, minutes) = offset.split_at(3);
    format!("{year}-{month}-{day}T{hour}:{minute}:{second}{hours}:{minutes}")
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::moment;

    #[test]
    fn a_moment_needs_its_offset() {
        let cases = [
            ("20260105103000+0100", Some("2026-01-05T09:30:00Z")),
            ("20260105103000.123-0000", Some("2026-01-05T10:30:00Z")),
            ("20260105103000", None),
            ("20260105", None),
            ("2026010510300é+0100", None),
        ];
        for (text, expected) in cases {
            assert_eq!(moment(text).map(|moment| moment.to_string()).as_deref(), expected);
        }
    }
}
