//! The terminology beside a pack: the value sets that its definitions bind to, and the code systems of those.
//!
//! It holds codes and rules, no displays and no other prose, and nothing of a licensed system but the single codes that
//! public value sets name. The file: the size inflated (4 bytes, little endian), and a deflate stream of the compact form
//! of [`samenhang_terminology::compact`].

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use samenhang_terminology::compact::Content;
use samenhang_terminology::definition::Content as Coverage;
use samenhang_terminology::known_system;

use super::{MAX_BYTES, PackError, select};
use crate::limits::Limits;
use crate::package::Package;
use crate::raw::ReadError;
use crate::terminology_reader::TerminologyResource;
use crate::version::FhirVersion;

/// The terminology that the definitions of the packages of one version bind to. Packages of R4 beside those of STU3 lend
/// it the systems of HL7 version 2 and 3, which its own package does not have.
///
/// # Errors
/// [`ReadError`] when a resource of a package cannot be read.
pub fn compile_terminology(version: FhirVersion, packages: &[Package]) -> Result<Vec<u8>, ReadError> {
    let all = collect(version, packages)?;
    let own: Vec<Package> = packages
        .iter()
        .filter(|package| package.fhir_version() == version)
        .cloned()
        .collect();
    let mut chosen = choose(&all, bound(&own)?, version);
    let named: BTreeSet<&str> = chosen
        .value_sets
        .iter()
        .flat_map(|set| set.include.iter().chain(&set.exclude))
        .filter_map(|include| include.system.as_deref())
        .collect();
    let lent = all.systems.iter().filter(|system| {
        version == FhirVersion::Stu3
            && system.content == Coverage::Complete
            && known_system::stu3_system(&system.url).is_some_and(|name| named.contains(name.as_str()))
            && chosen.systems.iter().all(|other| other.url != system.url)
    });
    let lent: Vec<_> = lent.cloned().collect();
    chosen.systems.extend(lent);
    Ok(deflate(&chosen.encode()))
}

/// The terminology that the binary carries. For a catalogue of STU3 the builder has to know STU3's names
/// ([`samenhang_terminology::Builder::stu3_names`]).
///
/// # Errors
/// [`PackError`] when the binary was built from a damaged file.
pub fn embedded_terminology(version: FhirVersion) -> Result<Content, PackError> {
    let file: &[u8] = match version {
        FhirVersion::Stu3 => include_bytes!("../../data/stu3.terms"),
        FhirVersion::R4 => include_bytes!("../../data/r4.terms"),
    };
    let (size, stream) = file.split_first_chunk::<4>().ok_or(PackError)?;
    let size = usize::try_from(u32::from_le_bytes(*size)).map_err(|_| PackError)?;
    if size > MAX_BYTES {
        return Err(PackError);
    }
    let mut body = Vec::with_capacity(size);
    DeflateDecoder::new(stream)
        .take(MAX_BYTES as u64)
        .read_to_end(&mut body)
        .map_err(|_| PackError)?;
    Content::decode(&body).map_err(|_| PackError)
}

/// What is needed to judge the wanted value sets. Those that STU3 names and only R4 defines come under the name that R4
/// has for them, also when another value set takes them.
fn choose(all: &Content, mut wanted: BTreeSet<String>, version: FhirVersion) -> Content {
    loop {
        let chosen = all.select(wanted.iter().map(String::as_str));
        if version != FhirVersion::Stu3 {
            return chosen;
        }
        let taken = chosen
            .value_sets
            .iter()
            .flat_map(|set| set.include.iter().chain(&set.exclude))
            .flat_map(|include| &include.value_sets)
            .map(|canonical| plain(canonical));
        let named: BTreeSet<&str> = taken.chain(wanted.iter().map(String::as_str)).collect();
        let lent: Vec<String> = all
            .value_sets
            .iter()
            .filter(|set| !wanted.contains(&set.url))
            .filter(|set| {
                known_system::stu3_value_set(&set.url).is_some_and(|name| named.contains(name.as_str()))
            })
            .map(|set| set.url.clone())
            .collect();
        if lent.is_empty() {
            return chosen;
        }
        // Ends: there are only so many sets to lend.
        wanted.extend(lent);
    }
}

/// A canonical without its version.
fn plain(canonical: &str) -> &str {
    canonical.split_once('|').map_or(canonical, |(url, _)| url)
}

/// Every code system and value set that may be chosen from.
fn collect(version: FhirVersion, packages: &[Package]) -> Result<Content, ReadError> {
    let limits = Limits {
        max_bytes: 64 << 20,
        max_nodes: 5_000_000,
        max_string: 8 << 20,
        ..Limits::default()
    };
    let mut all = Content::default();
    for package in packages {
        let is_own = package.fhir_version() == version;
        for resource in package.of_type("CodeSystem").chain(package.of_type("ValueSet")) {
            let Some(read) = TerminologyResource::from_json(&resource.body, &limits)? else {
                continue;
            };
            match read {
                read if !is_own && !read.is_shared_with_stu3() => {}
                TerminologyResource::CodeSystem(system) => all.systems.push(system),
                TerminologyResource::ValueSet(set) => all.value_sets.push(set),
                TerminologyResource::ConceptMap(_) => {}
            }
        }
    }
    Ok(all)
}

/// The value sets that definitions bind to, without version.
fn bound(packages: &[Package]) -> Result<BTreeSet<String>, ReadError> {
    let definitions = select(packages)?;
    let elements = definitions.iter().flat_map(|definition| {
        definition
            .snapshot
            .iter()
            .flatten()
            .chain(&definition.differential)
    });
    let canonicals = elements
        .filter_map(|element| element.binding.as_ref())
        .flat_map(|binding| [binding.value_set.as_deref(), binding.max_value_set.as_deref()])
        .flatten();
    Ok(canonicals.map(|canonical| plain(canonical).to_owned()).collect())
}

fn deflate(body: &[u8]) -> Vec<u8> {
    let size = u32::try_from(body.len()).unwrap_or(u32::MAX);
    let mut encoder = DeflateEncoder::new(size.to_le_bytes().to_vec(), Compression::best());
    // Writing to memory does not fail.
    let written = encoder.write_all(body).and_then(|()| encoder.finish());
    written.unwrap_or_default()
}
