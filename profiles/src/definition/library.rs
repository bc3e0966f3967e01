//! Finds definitions by canonical URL, each with its snapshot.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use crate::definition::StructureDefinition;
use crate::pack::{Pack, PackError};
use crate::snapshot::{self, SnapshotError};
use crate::version::FhirVersion;

/// A canonical URL, taken apart: `url|version`. A fragment (`#...`) is cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Canonical<'a> {
    /// The URL.
    pub url: &'a str,
    /// The version that is asked for, possibly only its first parts (`4.0`).
    pub version: Option<&'a str>,
}

impl<'a> Canonical<'a> {
    /// Takes a canonical URL apart; never fails, as any text can be a URL of a definition.
    #[must_use]
    pub fn of(text: &'a str) -> Self {
        let text = text.split_once('#').map_or(text, |(text, _)| text);
        match text.split_once('|') {
            Some((url, version)) => Canonical {
                url,
                version: Some(version).filter(|version| !version.is_empty()),
            },
            None => Canonical {
                url: text,
                version: None,
            },
        }
    }

    /// Whether a definition of this version is meant. One without a version fits any.
    #[must_use]
    pub fn accepts(&self, version: Option<&str>) -> bool {
        let (Some(asked), Some(version)) = (self.version, version) else {
            return true;
        };
        version
            .strip_prefix(asked)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }
}

/// Why there is no definition with a snapshot for a canonical URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LibraryError {
    /// No definition has this URL, or none has this version.
    #[error("no definition of {canonical}")]
    Unknown {
        /// What was asked for.
        canonical: String,
    },
    /// The definition is known, but has no snapshot and none can be made.
    #[error("no snapshot of {canonical}: {reason}")]
    NoSnapshot {
        /// The definition.
        canonical: String,
        /// What is missing or wrong.
        reason: SnapshotError,
    },
}

impl LibraryError {
    /// The stable code of the error, as in the error catalogue.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            LibraryError::Unknown { .. } => "SAM-DEF-001",
            LibraryError::NoSnapshot { .. } => "SAM-DEF-002",
        }
    }
}

/// Definitions of one version of FHIR.
pub trait Library: Send + Sync {
    /// The version of FHIR of everything in it.
    fn fhir_version(&self) -> FhirVersion;

    /// The definition of a canonical URL, possibly with `|version`, with its snapshot present. Without a version
    /// the newest counts. The answer has no differential: the snapshot has all of it.
    ///
    /// # Errors
    /// [`LibraryError`] when it is not known, or its snapshot cannot be made; never a definition without snapshot.
    fn structure(&self, canonical: &str) -> Result<Arc<StructureDefinition>, LibraryError>;

    /// The definition of a type by its name: `Patient`, `HumanName`, `string`.
    ///
    /// # Errors
    /// As [`Library::structure`].
    fn type_named(&self, name: &str) -> Result<Arc<StructureDefinition>, LibraryError> {
        self.structure(&format!("http://hl7.org/fhir/StructureDefinition/{name}"))
    }
}

/// Most definitions that one needs in a chain to make its snapshot.
const MAX_CHAIN: usize = 64;

/// A library over definitions that were read one by one; snapshots are made when they are first asked for.
pub struct DefinitionSet {
    version: FhirVersion,
    /// Definitions by URL, newest last.
    definitions: HashMap<String, Vec<Entry>>,
}

/// A definition as it was read, and as it is answered with once that is known.
struct Entry {
    version: Option<String>,
    held: Held,
    /// Whether it is of the set itself, and not of the one beneath.
    own: bool,
    answer: OnceLock<Result<Arc<StructureDefinition>, LibraryError>>,
}

/// Where a definition is until it is asked for.
#[derive(Clone)]
enum Held {
    Read(Arc<StructureDefinition>),
    /// In a pack, by its place there.
    Packed(Arc<Pack>, usize),
}

impl Entry {
    fn own(version: Option<&str>, held: Held) -> Self {
        Entry {
            version: version.map(str::to_owned),
            held,
            own: true,
            answer: OnceLock::new(),
        }
    }

    /// The same in a set above, without the answer: there it may come out otherwise.
    fn beneath(&self) -> Self {
        Entry {
            version: self.version.clone(),
            held: self.held.clone(),
            own: false,
            answer: OnceLock::new(),
        }
    }

    fn read(&self) -> Result<Cow<'_, StructureDefinition>, PackError> {
        match &self.held {
            Held::Read(definition) => Ok(Cow::Borrowed(definition)),
            Held::Packed(pack, at) => pack.definition(*at).map(Cow::Owned),
        }
    }
}

impl DefinitionSet {
    /// A set without definitions.
    #[must_use]
    pub fn new(version: FhirVersion) -> Self {
        DefinitionSet {
            version,
            definitions: HashMap::new(),
        }
    }

    /// A set of the definitions of a pack, which are decoded when they are asked for.
    #[must_use]
    pub fn of_pack(pack: &Arc<Pack>) -> Self {
        let mut set = DefinitionSet::new(pack.fhir_version());
        set.add_pack(pack);
        set
    }

    /// As [`DefinitionSet::of_pack`], over another set, see [`DefinitionSet::over`].
    #[must_use]
    pub fn of_pack_over(pack: &Arc<Pack>, beneath: &DefinitionSet) -> Self {
        let mut set = DefinitionSet::over(beneath);
        set.add_pack(pack);
        set
    }

    /// A set that adds to another: what it defines itself goes before what the other has, also where something of the
    /// other stands on it. A profile of the other whose base is replaced is made anew on the new base.
    #[must_use]
    pub fn over(beneath: &DefinitionSet) -> Self {
        let inherit =
            |(url, known): (&String, &Vec<Entry>)| (url.clone(), known.iter().map(Entry::beneath).collect());
        DefinitionSet {
            version: beneath.version,
            definitions: beneath.definitions.iter().map(inherit).collect(),
        }
    }

    /// Adds a definition; it replaces one of the same URL and version. Of versions, the one added last is newest.
    pub fn add(&mut self, definition: StructureDefinition) {
        let (url, version) = (definition.url.clone(), definition.version.clone());
        self.put(&url, version.as_deref(), Held::Read(Arc::new(definition)));
        // A snapshot that was made before may have come out otherwise with the new definition.
        for entry in self.definitions.values_mut().flatten() {
            entry.answer.take();
        }
    }

    fn add_pack(&mut self, pack: &Arc<Pack>) {
        for (at, (url, version)) in pack.index().enumerate() {
            self.put(url, version, Held::Packed(Arc::clone(pack), at));
        }
    }

    fn put(&mut self, url: &str, version: Option<&str>, held: Held) {
        let known = self.definitions.entry(url.to_owned()).or_default();
        known.retain(|other| other.version.as_deref() != version);
        known.push(Entry::own(version, held));
    }

    /// The definitions of the set itself as they were read, in no order. One of a damaged pack is left out.
    pub fn definitions(&self) -> impl Iterator<Item = Cow<'_, StructureDefinition>> {
        self.definitions
            .values()
            .flatten()
            .filter(|entry| entry.own)
            .filter_map(|entry| entry.read().ok())
    }

    /// Canonical URLs of the definitions of the set itself, in no order.
    pub fn urls(&self) -> impl Iterator<Item = &str> {
        self.definitions
            .iter()
            .filter(|(_, known)| known.iter().any(|entry| entry.own))
            .map(|(url, _)| url.as_str())
    }

    /// Answers with a definition; `trail` names those that wait for it.
    fn resolve<'s>(
        &'s self,
        canonical: &str,
        trail: &mut Vec<&'s Entry>,
    ) -> Result<Arc<StructureDefinition>, LibraryError> {
        let asked = Canonical::of(canonical);
        let known = self.definitions.get(asked.url).into_iter().flatten().rev();
        let accepted = |entry: &&Entry| asked.accepts(entry.version.as_deref());
        let Some(entry) = known.into_iter().find(accepted) else {
            return Err(LibraryError::Unknown {
                canonical: canonical.to_owned(),
            });
        };
        if let Some(answer) = entry.answer.get() {
            return answer.clone();
        }
        let answer = self
            .answer(entry, trail)
            .map_err(|reason| LibraryError::NoSnapshot {
                canonical: canonical.to_owned(),
                reason,
            });
        entry.answer.get_or_init(|| answer).clone()
    }

    fn answer<'s>(
        &'s self,
        entry: &'s Entry,
        trail: &mut Vec<&'s Entry>,
    ) -> Result<Arc<StructureDefinition>, SnapshotError> {
        let read = &*entry.read().map_err(SnapshotError::Pack)?;
        let elements = match &read.snapshot {
            Some(elements) if !read.is_profile() || read.differential.is_empty() => {
                snapshot::settle(read, elements)?
            }
            _ => {
                if trail.iter().any(|waiting| std::ptr::eq(*waiting, entry)) {
                    return Err(SnapshotError::Circular);
                }
                if trail.len() >= MAX_CHAIN {
                    return Err(SnapshotError::Limit {
                        what: "definitions in a chain",
                        limit: MAX_CHAIN,
                    });
                }
                trail.push(entry);
                let elements = snapshot::generate(read, &mut |canonical| self.resolve(canonical, trail));
                trail.pop();
                elements?
            }
        };
        Ok(Arc::new(StructureDefinition {
            snapshot: Some(elements),
            ..read.without_elements()
        }))
    }
}

impl Library for DefinitionSet {
    fn fhir_version(&self) -> FhirVersion {
        self.version
    }

    fn structure(&self, canonical: &str) -> Result<Arc<StructureDefinition>, LibraryError> {
        self.resolve(canonical, &mut Vec::new())
    }
}
