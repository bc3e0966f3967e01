//! Drafts of packs, for who begins: from two profiles that carry the same concepts of the zibs, or from a sample of what a
//! source sends.
//!
//! A draft compiles, and goes with the profiles of its maps. It decides nothing that a person has to decide: what is only
//! proposed has a `todo`, and so has each value that found no place and each required element that nothing gives;
//! `samenhang map check` lists them. No value of a sample is in it, only names and what kind of text stood there. The same
//! input gives the same draft.

mod draft;
mod join;
mod names;
mod outline;
mod propose;
mod sample;
mod site;
mod write;

use std::collections::BTreeMap;

use samenhang_profiles::FhirVersion;
use samenhang_profiles::definition::{Library, StructureDefinition};
use samenhang_profiles::document::Document;

pub use names::{ConceptNames, concept};
pub(crate) use outline::Shape;
pub(crate) use propose::proposed;
use write::quoted;
pub(crate) use write::text;

use crate::error::PackError;
use crate::language::Format;
use draft::Sheet;
use outline::Outline;
use site::Profile;

/// Most maps of a draft.
const MAX_MAPS: usize = 200;

/// What is known of one side of a draft.
pub struct Side<'s> {
    /// Its definitions.
    pub library: &'s dyn Library,
    /// The codes of a value set, as system and code; none when they are not known.
    pub expand: &'s dyn Fn(&str) -> Vec<(String, String)>,
}

/// A pack that was drafted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Its files, by name.
    pub files: Vec<(String, String)>,
    /// What is in it.
    pub counts: Counts,
}

/// What is in a draft.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Maps.
    pub maps: usize,
    /// Rules that do something, proposals included.
    pub rules: usize,
    /// Rules that somebody has to look at before they count.
    pub proposed: usize,
    /// Values of the source and elements of the target that are still to be decided on.
    pub open: usize,
    /// Concepts (NL-CM) that both profiles carry.
    pub concepts: usize,
    /// Elements with a concept that are copied as they stand, without a rule.
    pub copied: usize,
}

/// Why no draft can be made. Carries names of profiles, never a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DraftError {
    /// No profile of this name or address is known.
    #[error("no profile {0} is known")]
    UnknownProfile(String),
    /// There is nothing to begin with.
    #[error("{0}")]
    Nothing(&'static str),
    /// More than a draft is made of.
    #[error("more than {limit} {what}")]
    Limit {
        /// What there is too much of.
        what: &'static str,
        /// How much is taken.
        limit: usize,
    },
    /// What was drafted does not compile. It should not happen; the fault is this program's.
    #[error("the draft does not compile{}", .0.as_ref().map(|error| format!(": {error}")).unwrap_or_default())]
    Draft(Option<PackError>),
}

impl DraftError {
    /// The stable code of the error, as in the error catalogue.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            DraftError::UnknownProfile(_) => "SAM-MAP-206",
            DraftError::Nothing(_) => "SAM-MAP-207",
            DraftError::Limit { .. } => "SAM-MAP-211",
            DraftError::Draft(_) => "SAM-MAP-208",
        }
    }
}

/// A profile by its address, or by its name where Dutch profiles and those of FHIR have theirs.
///
/// # Errors
/// [`DraftError::UnknownProfile`] when there is none.
pub fn profile(
    library: &dyn Library,
    asked: &str,
) -> Result<std::sync::Arc<StructureDefinition>, DraftError> {
    const BASES: [&str; 4] = [
        "",
        "http://nictiz.nl/fhir/StructureDefinition/",
        "http://fhir.nl/fhir/StructureDefinition/",
        "http://hl7.org/fhir/StructureDefinition/",
    ];
    let mut found = BASES
        .iter()
        .map(|base| library.structure(&format!("{base}{asked}")));
    found
        .find_map(Result::ok)
        .ok_or_else(|| DraftError::UnknownProfile(asked.to_owned()))
}

/// A draft from pairs of profiles, each with the profile that its resources go to, by the concepts that both carry.
///
/// # Errors
/// [`DraftError`] when a profile is not known, or there are none or too many.
pub fn from_profiles(
    name: &str,
    pairs: &[(&str, &str)],
    source: &Side<'_>,
    target: &Side<'_>,
) -> Result<Draft, DraftError> {
    if pairs.is_empty() {
        return Err(DraftError::Nothing("no profiles are named"));
    }
    if pairs.len() > MAX_MAPS {
        return Err(DraftError::Limit {
            what: "maps in a draft",
            limit: MAX_MAPS,
        });
    }
    let mut sheet = Sheet {
        head: head(name, source.library.fhir_version(), target.library.fhir_version()),
        ..Sheet::default()
    };
    let mut counts = Counts::default();
    let mut types = BTreeMap::new();
    for (from, to) in pairs {
        let from = profile(source.library, from)?;
        let to = profile(target.library, to)?;
        let sides = (
            Profile::of(&from, source.library),
            Profile::of(&to, target.library),
        );
        let mut map = join::map((&sides.0, &sides.1), (source, target), &mut sheet, &mut counts);
        name_apart(&mut map, &sheet);
        let first = |own: &draft::MapDraft| own.when.is_none() && own.from == map.from;
        if map.when.is_none() && sheet.maps.iter().any(first) {
            let note = "Another map above is for the same type: say with `when` which resources each is for.";
            map.notes.push(note.to_owned());
        }
        sheet.maps.push(map);
        for (kind, pair) in join::data_types(&sides.0, &sides.1) {
            types.entry(kind).or_insert(pair);
        }
    }
    for (from, to) in types.into_values() {
        let (Ok(from), Ok(to)) = (profile(source.library, &from), profile(target.library, &to)) else {
            continue;
        };
        let sides = (
            Profile::of(&from, source.library),
            Profile::of(&to, target.library),
        );
        let mut map = join::map((&sides.0, &sides.1), (source, target), &mut sheet, &mut counts);
        name_apart(&mut map, &sheet);
        sheet.maps.push(map);
    }
    finish(sheet, target, counts)
}

/// What HL7 and Nictiz moved between STU3 and R4, wherever it stands.
const MOVED: &str = "
# HL7 moved its code systems for R4; its own extensions kept their address.
systems:
  http://hl7.org/fhir/v3/*: http://terminology.hl7.org/CodeSystem/v3-*
  http://hl7.org/fhir/v2/*: http://terminology.hl7.org/CodeSystem/v2-*

extensions:
  http://hl7.org/fhir/StructureDefinition/*: keep
  http://nictiz.nl/fhir/StructureDefinition/code-specification:
    to: http://nictiz.nl/fhir/StructureDefinition/ext-CodeSpecification
  http://nictiz.nl/fhir/StructureDefinition/Comment:
    to: http://nictiz.nl/fhir/StructureDefinition/ext-Comment
";

/// A sample of what a source sends.
pub struct Sample<'s> {
    /// Its format; not FHIR, which has profiles of its own.
    pub format: Format,
    /// The character set of its files, when it is not UTF-8.
    pub charset: Option<&'s str>,
    /// Its messages, or the tables of one delivery.
    pub documents: &'s [&'s Document<'s>],
}

/// A draft from a sample, with a map for each profile that is named.
///
/// # Errors
/// [`DraftError`] when a profile is not known, the sample has nothing in it, or more than is taken.
pub fn from_sample(
    name: &str,
    sample: &Sample<'_>,
    targets: &[&str],
    target: &Side<'_>,
) -> Result<Draft, DraftError> {
    if targets.len() > MAX_MAPS {
        return Err(DraftError::Limit {
            what: "maps in a draft",
            limit: MAX_MAPS,
        });
    }
    let found: Result<Vec<_>, _> = targets
        .iter()
        .map(|asked| profile(target.library, asked))
        .collect();
    let found = found?;
    let profiles: Vec<Profile<'_>> = found
        .iter()
        .map(|definition| Profile::of(definition, target.library))
        .collect();
    let outline = Outline::of(sample.documents)?;
    if outline.columns.is_empty() || outline.records.is_empty() {
        return Err(DraftError::Nothing("the sample has no values"));
    }
    let rows = sample.format == Format::Csv;
    let mut sheet = Sheet::default();
    let joins = sample::maps(&outline, &profiles, rows, target, &mut sheet);
    let format = match sample.format {
        Format::Fhir => "fhir",
        Format::Cda => "cda",
        Format::Hl7v2 => "hl7v2",
        Format::Csv => "csv",
    };
    sheet.head = format!(
        "{DRAFTED}pack: {}\nversion: \"0.1.0\"\nsource:\n  format: {format}\n",
        quoted(name)
    );
    if let Some(charset) = sample.charset {
        sheet.head.push_str(&format!("  charset: {charset}\n"));
    }
    if !joins.is_empty() {
        sheet.head.push_str("  # Proposed by the names of the columns: check that the key tells the patients apart.\n  join:\n");
    }
    for (table, other, key) in joins {
        let line = format!(
            "    {}: {{ in: {}, by: {key}, key: {key} }}\n",
            quoted(&table),
            quoted(&other)
        );
        sheet.head.push_str(&line);
    }
    sheet.head.push_str("target: { version: R4 }\n");
    finish(sheet, target, Counts::default())
}

/// The first line of a draft.
const DRAFTED: &str = "# A draft of `samenhang map new`. `samenhang map check` lists what is still to be decided: each `todo`.\n";

/// What a pack from FHIR to FHIR begins with.
fn head(name: &str, source: FhirVersion, target: FhirVersion) -> String {
    let version = |version| match version {
        FhirVersion::Stu3 => "STU3",
        FhirVersion::R4 => "R4",
    };
    let moved = match (source, target) {
        (FhirVersion::Stu3, FhirVersion::R4) => MOVED,
        _ => "",
    };
    format!(
        "{DRAFTED}pack: {}\nversion: \"0.1.0\"\nsource: {{ format: fhir, version: {} }}\ntarget: {{ version: {} }}\n{moved}",
        quoted(name),
        version(source),
        version(target)
    )
}

/// Gives a map a name that no other has.
fn name_apart(map: &mut draft::MapDraft, sheet: &Sheet) {
    let taken = |name: &str| {
        let same = |own: &draft::MapDraft| own.name.eq_ignore_ascii_case(name);
        sheet.maps.iter().any(same)
    };
    let stem = map.name.clone();
    let mut number = 2;
    while taken(&map.name) || map.name.eq_ignore_ascii_case("pack") {
        map.name = format!("{stem}{number}");
        number += 1;
    }
}

/// Settles a draft, and counts what is in it.
fn finish(mut sheet: Sheet, target: &Side<'_>, mut counts: Counts) -> Result<Draft, DraftError> {
    sheet.settle(target.library)?;
    sheet.tables.retain(|table| {
        let uses =
            |rules: &[draft::RuleDraft]| rules.iter().any(|rule| rule.codes.as_ref() == Some(&table.name));
        let nested = |rule: &draft::RuleDraft| uses(&rule.rules);
        let maps = &sheet.maps;
        maps.iter()
            .any(|map| uses(&map.rules) || map.rules.iter().any(nested))
    });
    counts.maps = sheet.maps.iter().filter(|map| map.to.is_some()).count();
    let mut open: Vec<&draft::RuleDraft> = sheet.maps.iter().flat_map(|map| &map.rules).collect();
    while let Some(rule) = open.pop() {
        match (rule.is_open(), rule.todo.is_some()) {
            (true, _) => counts.open += 1,
            (false, true) => counts.proposed += 1,
            (false, false) => {}
        }
        counts.rules += usize::from(!rule.is_open());
        open.extend(&rule.rules);
    }
    Ok(Draft {
        files: sheet.files(),
        counts,
    })
}
