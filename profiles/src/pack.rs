//! The embedded pack: the constraints of the Dutch profiles and of what they build on, in the binary itself.
//!
//! A pack holds definitions as `make-pack` compiles them from packages: types with their snapshot, profiles with
//! their differential, from which a snapshot is made when it is first asked for. It holds constraints only: paths,
//! cardinalities, types, codes, ids of bindings and of zib concepts, `FHIRPath`; no definitions, no display texts, no
//! other prose. One file a version of FHIR, deflated whole: strings once, an index, and a blob for each definition
//! that is decoded when it is asked for. The same format serves as cache of packages that were added.
//!
//! Beside each pack stands the terminology that it binds to, see [`embedded_terminology`].
//!
//! The file: `SAMP`, format (1 byte), version of FHIR (1 byte), size inflated (4 bytes, little endian), and a deflate
//! stream of: the strings, the invariants, the index (URL, version, length of the blob), and the blobs. Numbers are
//! LEB128; a text is the number of its string.

mod decode;
mod encode;
mod select;
mod terminology;
#[cfg(test)]
mod tests;
mod wire;

use std::io::Read as _;
use std::sync::{Arc, OnceLock};

use flate2::read::DeflateDecoder;

pub use encode::compile;
pub use select::select;
pub use terminology::{compile_terminology, embedded_terminology};

use crate::definition::{Constraint, DefinitionSet, StructureDefinition};
use crate::pack::wire::Input;
use crate::version::FhirVersion;

/// How a pack starts.
const MAGIC: &[u8; 4] = b"SAMP";

/// The format that is written and read.
const FORMAT: u8 = 1;

/// Most bytes of an inflated pack.
const MAX_BYTES: usize = 64 << 20;

/// A pack cannot be read: it is damaged, or of another version of Samenhang.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the pack of definitions is damaged or of another format")]
pub struct PackError;

impl PackError {
    /// The stable code of the error, as in the error catalogue.
    #[must_use]
    pub fn code(&self) -> &'static str {
        "SAM-DEF-003"
    }
}

/// An open pack: everything but the definitions is read.
pub struct Pack {
    version: FhirVersion,
    body: Vec<u8>,
    strings: Vec<Arc<str>>,
    constraints: Vec<Arc<Constraint>>,
    index: Vec<Item>,
}

/// Where a definition is in a pack.
struct Item {
    url: Arc<str>,
    version: Option<Arc<str>>,
    start: usize,
    end: usize,
}

impl Pack {
    /// Opens a pack.
    ///
    /// # Errors
    /// [`PackError`] when it is no pack of this format.
    pub fn open(file: &[u8]) -> Result<Pack, PackError> {
        let header = file.first_chunk::<10>().ok_or(PackError)?;
        let (head, size) = header.split_at(6);
        if !head.starts_with(MAGIC) || head.get(4) != Some(&FORMAT) {
            return Err(PackError);
        }
        let version = match head.get(5) {
            Some(3) => FhirVersion::Stu3,
            Some(4) => FhirVersion::R4,
            _ => return Err(PackError),
        };
        let size = size
            .iter()
            .rev()
            .fold(0, |size, byte| size << 8 | usize::from(*byte));
        if size > MAX_BYTES {
            return Err(PackError);
        }
        let mut body = Vec::with_capacity(size);
        DeflateDecoder::new(file.get(10..).unwrap_or_default())
            .take(MAX_BYTES as u64)
            .read_to_end(&mut body)
            .map_err(|_| PackError)?;
        if body.len() != size {
            return Err(PackError);
        }
        decode::open(version, body)
    }

    /// Number of definitions.
    #[must_use]
    pub fn len(&self) -> usize {
        self.index.len()
    }

    /// Whether it has no definitions.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.index.is_empty()
    }

    /// The version of FHIR of the definitions.
    #[must_use]
    pub fn fhir_version(&self) -> FhirVersion {
        self.version
    }

    /// Canonical URL and version of each definition, in the order of the pack.
    pub(crate) fn index(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.index
            .iter()
            .map(|item| (&*item.url, item.version.as_deref()))
    }

    /// Decodes a definition by its place in the index.
    pub(crate) fn definition(&self, at: usize) -> Result<StructureDefinition, PackError> {
        let item = self.index.get(at).ok_or(PackError)?;
        let blob = self.body.get(item.start..item.end).ok_or(PackError)?;
        let mut input = Input::new(blob, &self.strings, &self.constraints);
        decode::definition(item, self.version, &mut input)
    }
}

/// The definitions that the binary carries.
///
/// # Errors
/// [`PackError`] when the binary was built from a damaged file.
pub fn embedded(version: FhirVersion) -> Result<Arc<DefinitionSet>, PackError> {
    static STU3: OnceLock<Result<Arc<DefinitionSet>, PackError>> = OnceLock::new();
    static R4: OnceLock<Result<Arc<DefinitionSet>, PackError>> = OnceLock::new();
    let (cell, file): (_, &[u8]) = match version {
        FhirVersion::Stu3 => (&STU3, include_bytes!("../data/stu3.pack")),
        FhirVersion::R4 => (&R4, include_bytes!("../data/r4.pack")),
    };
    let open = || Pack::open(file).map(|pack| Arc::new(DefinitionSet::of_pack(&Arc::new(pack))));
    cell.get_or_init(open).clone()
}
