//! New packs: the files of a sample, which format they are, and the folder that a draft goes to.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use samenhang_conform::skeleton::{self, Draft, DraftError, Sample, Side};
use samenhang_conform::{Format, Pack};
use samenhang_profiles::definition::Library;
use samenhang_profiles::document::Document;
use samenhang_profiles::{FhirVersion, pack::embedded};
use samenhang_terminology::Catalogue;
use samenhang_terminology::catalogue::Page;

use super::{MappingError, Message, Received, deliveries};
use crate::validation::Sources;

/// Codes of a value set that are asked for: with more it goes in no table.
const MAX_CODES: usize = 500;
/// Messages of a sample that are looked at.
const MAX_MESSAGES: usize = 2_000;
/// Names that are told when one is not known.
const NEAR: usize = 5;

/// Definitions and terminology of a version of FHIR.
struct Known {
    library: std::sync::Arc<dyn Library>,
    catalogue: Catalogue,
}

impl Known {
    fn of(sources: &Sources, version: FhirVersion) -> Result<Known, MappingError> {
        let library = sources.library(version, &mut Vec::new());
        let catalogue = sources.catalogue(version);
        Ok(Known {
            library: library.map_err(MappingError::definitions)?,
            catalogue: catalogue.map_err(MappingError::definitions)?,
        })
    }

    fn codes(&self, value_set: &str) -> Vec<(String, String)> {
        codes(&self.catalogue, value_set)
    }
}

/// The codes of a value set, as system and code; none when they are not all known.
#[must_use]
pub fn codes(catalogue: &Catalogue, value_set: &str) -> Vec<(String, String)> {
    let page = Page {
        limit: MAX_CODES,
        ..Page::default()
    };
    let found = catalogue.expand(value_set, page).map(|found| found.codes);
    let codes = found.unwrap_or_default().into_iter();
    codes
        .map(|(system, code)| (system.to_string(), code.to_string()))
        .collect()
}

/// A draft from pairs of profiles of STU3 and R4.
///
/// # Errors
/// [`MappingError`] when a profile is not known.
pub fn from_profiles(name: &str, pairs: &[(&str, &str)], sources: &Sources) -> Result<Draft, MappingError> {
    between(name, pairs, FhirVersion::Stu3, sources)
}

/// A draft from pairs of profiles, of a version of FHIR and of R4.
fn between(
    name: &str,
    pairs: &[(&str, &str)],
    version: FhirVersion,
    sources: &Sources,
) -> Result<Draft, MappingError> {
    let (old, new) = (Known::of(sources, version)?, Known::of(sources, FhirVersion::R4)?);
    let source = Side {
        library: &*old.library,
        expand: &|set| old.codes(set),
    };
    let target = Side {
        library: &*new.library,
        expand: &|set| new.codes(set),
    };
    skeleton::from_profiles(name, pairs, &source, &target).map_err(near)
}

/// How a sample is read.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// Its format; found out by its name and beginning without it.
    pub format: Option<Format>,
    /// Of FHIR, its version; without it the one of which the sample has the profiles or the elements.
    pub version: Option<FhirVersion>,
    /// Its character set, as packs write it.
    pub charset: Option<String>,
}

/// A draft from a sample: of resources of FHIR by the profiles that they claim, else by the names in it.
///
/// # Errors
/// [`MappingError`] when the sample cannot be read, nothing is in it, or a profile is not known.
pub fn from_sample(
    name: &str,
    files: &[PathBuf],
    reading: &Reading,
    targets: &[&str],
    sources: &Sources,
) -> Result<Draft, MappingError> {
    let format = match (reading.format, files.first()) {
        (Some(format), _) => format,
        (None, Some(first)) => recognised(first)?,
        (None, None) => return Err(MappingError::Empty),
    };
    let received: Vec<Received> = deliveries(format, files.to_vec())
        .iter()
        .map(super::Delivery::read)
        .collect::<Result<_, _>>()?;
    let version = match reading.version {
        _ if format != Format::Fhir => None,
        Some(version) => Some(version),
        None => Some(spoken(&received, sources)?),
    };
    let reader = reader(format, version, reading.charset.as_deref())?;
    let messages = messages(&received, &reader)?;
    let documents: Vec<Document<'_>> = messages.iter().map(Message::document).collect::<Result<_, _>>()?;
    let documents: Vec<&Document<'_>> = documents.iter().collect();
    if let Some(version) = version {
        let pairs = claimed(&documents, targets, version, sources)?;
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(from, to)| (&**from, &**to)).collect();
        return between(name, &pairs, version, sources);
    }
    let known = Known::of(sources, FhirVersion::R4)?;
    let target = Side {
        library: &*known.library,
        expand: &|set| known.codes(set),
    };
    let sample = Sample {
        format,
        charset: reading.charset.as_deref(),
        documents: &documents,
    };
    skeleton::from_sample(name, &sample, targets, &target).map_err(near)
}

/// The first messages of a sample.
fn messages<'r>(received: &'r [Received], reader: &'r Pack) -> Result<Vec<Message<'r>>, MappingError> {
    let all = received.iter().flat_map(|received| received.messages(reader));
    all.take(MAX_MESSAGES)
        .map(|message| message.map_err(|(_, error)| error))
        .collect()
}

/// The version of FHIR of a sample: that of which it claims profiles, else that which knows more of its elements; R4 when
/// both know as many.
fn spoken(received: &[Received], sources: &Sources) -> Result<FhirVersion, MappingError> {
    let mut best = (FhirVersion::R4, (0, usize::MAX));
    for version in [FhirVersion::R4, FhirVersion::Stu3] {
        let known = Known::of(sources, version)?;
        let reader = reader(Format::Fhir, Some(version), None)?;
        let (mut claims, mut strange) = (0, 0);
        for message in messages(received, &reader)? {
            let document = message.document()?;
            for node in (0..document.len()).filter_map(|id| document.node(id)) {
                strange += usize::from(!node.is_known());
                let is_claim = node.name() == "profile"
                    && node.parent().is_some_and(|parent| parent.name() == "meta")
                    && node
                        .primitive()
                        .is_some_and(|url| known.library.structure(url).is_ok());
                claims += usize::from(is_claim);
            }
        }
        let is_better = claims > best.1.0 || claims == best.1.0 && strange < best.1.1;
        if is_better {
            best = (version, (claims, strange));
        }
    }
    Ok(best.0)
}

/// A pack that makes nothing, to read a sample with.
fn reader(format: Format, version: Option<FhirVersion>, charset: Option<&str>) -> Result<Pack, MappingError> {
    let version = match version {
        Some(FhirVersion::Stu3) => "STU3",
        Some(FhirVersion::R4) => "R4",
        None => "",
    };
    let format = match format {
        Format::Fhir => "fhir",
        Format::Cda => "cda",
        Format::Hl7v2 => "hl7v2",
        Format::Csv => "csv",
    };
    let mut source = format!("format: {format}");
    for (key, value) in [("version", version), ("charset", charset.unwrap_or_default())] {
        if !value.is_empty() {
            source.push_str(&format!(", {key}: {value}"));
        }
    }
    let head = format!("pack: sample\nversion: '1'\nsource: {{ {source} }}\ntarget: {{ version: R4 }}\n");
    let (pack, _) = Pack::compile(&[("pack.yaml", &head)]).map_err(MappingError::Pack)?;
    Ok(pack)
}

/// The format of a file, by its name and how it begins.
fn recognised(path: &Path) -> Result<Format, MappingError> {
    let mut start = Vec::new();
    let file = fs::File::open(path).map_err(|error| MappingError::io(path, &error))?;
    std::io::Read::read_to_end(&mut std::io::Read::take(file, 4096), &mut start)
        .map_err(|error| MappingError::io(path, &error))?;
    let text = String::from_utf8_lossy(&start);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let end = path
        .extension()
        .unwrap_or_default()
        .to_string_lossy()
        .to_ascii_lowercase();
    match end.as_str() {
        "csv" | "tsv" => Ok(Format::Csv),
        _ if text.starts_with("MSH") => Ok(Format::Hl7v2),
        _ if text.starts_with('<') && text.contains("ClinicalDocument") => Ok(Format::Cda),
        "cda" => Ok(Format::Cda),
        _ if text.starts_with('<') && text.contains("http://hl7.org/fhir") => Ok(Format::Fhir),
        _ if text.starts_with('{') && text.contains("\"resourceType\"") => Ok(Format::Fhir),
        _ => Err(MappingError::Format(path.to_owned())),
    }
}

/// For each target the profile that resources of the sample claim and that has most concepts with it.
fn claimed(
    documents: &[&Document<'_>],
    targets: &[&str],
    version: FhirVersion,
    sources: &Sources,
) -> Result<Vec<(String, String)>, MappingError> {
    let (old, new) = (Known::of(sources, version)?, Known::of(sources, FhirVersion::R4)?);
    let mut claims: Vec<(String, String)> = Vec::new();
    for document in documents {
        let root = document.root();
        let entries = root
            .children_named("entry")
            .filter_map(|entry| entry.child("resource"));
        for resource in std::iter::once(root).chain(entries) {
            let kind = resource.resource_type();
            let profiles = resource.child("meta").into_iter();
            let profiles = profiles.flat_map(|meta| meta.children_named("profile"));
            let known = profiles
                .filter_map(|profile| profile.primitive())
                .find(|profile| old.library.structure(profile).is_ok());
            let base = format!("http://hl7.org/fhir/StructureDefinition/{kind}");
            let claim = (kind.to_owned(), known.map_or(base, str::to_owned));
            if kind != "Bundle" && !claims.contains(&claim) {
                claims.push(claim);
            }
        }
    }
    let mut pairs = Vec::new();
    for asked in targets {
        let target = skeleton::profile(&*new.library, asked).map_err(near)?;
        let shared = |claim: &&(String, String)| {
            let concepts = |definition: &samenhang_profiles::definition::StructureDefinition| {
                let elements = definition.snapshot.iter().flatten();
                let ids = elements
                    .flat_map(|element| &element.concepts)
                    .map(|concept| concept.id.clone());
                ids.collect::<std::collections::BTreeSet<_>>()
            };
            let own = old.library.structure(&claim.1).map(|found| concepts(&found));
            let both = own.unwrap_or_default().intersection(&concepts(&target)).count();
            (both, claim.0 == target.type_name)
        };
        let best = claims
            .iter()
            .rev()
            .max_by_key(shared)
            .filter(|claim| shared(claim) != (0, false));
        match best {
            Some((_, profile)) => pairs.push((profile.clone(), target.url.clone())),
            None => {
                return Err(MappingError::Draft {
                    error: Box::new(DraftError::Nothing(
                        "no resource of the sample goes with a profile that was named",
                    )),
                    near: Vec::new(),
                });
            }
        }
    }
    Ok(pairs)
}

/// An error with the names that are near to one that is not known.
fn near(error: DraftError) -> MappingError {
    let DraftError::UnknownProfile(asked) = &error else {
        return MappingError::Draft {
            error: Box::new(error),
            near: Vec::new(),
        };
    };
    let wanted = asked.rsplit('/').next().unwrap_or(asked).to_ascii_lowercase();
    let mut found: Vec<(usize, String)> = Vec::new();
    for version in [FhirVersion::R4, FhirVersion::Stu3] {
        let Ok(library) = embedded(version) else { continue };
        for url in library.urls() {
            let name = url.rsplit('/').next().unwrap_or(url);
            let lower = name.to_ascii_lowercase();
            let distance = samenhang_conform::advice::distance(&wanted, &lower);
            let part = wanted.len() > 3 && lower.contains(&wanted);
            if part || distance * 3 <= wanted.len() {
                found.push((if part { 0 } else { distance }, name.to_owned()));
            }
        }
    }
    found.sort();
    found.dedup();
    let near = found.into_iter().take(NEAR).map(|(_, name)| name).collect();
    MappingError::Draft {
        error: Box::new(error),
        near,
    }
}

/// Writes a draft to a folder that is not there yet, or empty.
///
/// # Errors
/// [`MappingError::Exists`] when something is in it, [`MappingError::File`] when it cannot be written.
pub fn write(draft: &Draft, folder: &Path) -> Result<(), MappingError> {
    let is_free = match fs::read_dir(folder) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => true,
        Err(_) if folder.exists() => false,
        Err(error) => return Err(MappingError::io(folder, &error)),
    };
    if !is_free {
        return Err(MappingError::Exists(folder.to_owned()));
    }
    fs::create_dir_all(folder).map_err(|error| MappingError::io(folder, &error))?;
    for (name, text) in &draft.files {
        let path = folder.join(name);
        let mut file = fs::File::create_new(&path).map_err(|error| MappingError::io(&path, &error))?;
        file.write_all(text.as_bytes())
            .map_err(|error| MappingError::io(&path, &error))?;
    }
    Ok(())
}
