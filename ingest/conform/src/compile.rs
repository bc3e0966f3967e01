//! Makes a pack ready to run: finds every name, compiles every expression, and finds every path in the element table.

mod map;
mod rule;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use hashbrown::{HashMap, HashSet};
use samenhang_profiles::element_table::Table;
use samenhang_profiles::terminology_reader::TerminologyResource;
use samenhang_profiles::{FhirVersion, Limits};
use samenhang_terminology::definition::ConceptMap;

use crate::error::{Fault, Notice, PackError, Place, Warning};
use crate::language::{self, Format, Located, Version};
use crate::plan::{Extension, Pack, Prefixes};

/// More errors than this are not told: they have one cause.
const MAX_ERRORS: usize = 200;

/// What is known while a pack is compiled.
struct Compiler {
    source: FhirVersion,
    format: Format,
    table: &'static Table,
    /// Numbers of maps and tables by name.
    maps: HashMap<String, usize>,
    tables: HashMap<String, usize>,
    /// Numbers of tags by name, from one.
    tags: HashMap<String, u32>,
    errors: Vec<PackError>,
    warnings: Vec<Warning>,
    /// Rules whose reason somebody has yet to give.
    undecided: Vec<Place>,
    /// `ConceptMap`s by the name of their file.
    concept_maps: HashMap<String, ConceptMap>,
    /// Tables that a rule names.
    used_tables: Vec<bool>,
    /// Maps that something names.
    used_maps: Vec<bool>,
    /// The types from and to which maps are chosen by type.
    conversions: HashSet<(String, String)>,
}

impl Compiler {
    fn error(&mut self, place: &Place, fault: Fault) {
        if self.errors.len() < MAX_ERRORS {
            self.errors.push(PackError {
                place: place.clone(),
                fault,
            });
        }
    }

    fn map_named(&mut self, place: &Place, name: &Located<String>) -> Option<usize> {
        let place = at(place, name);
        let Some(found) = self.maps.get(&name.value).copied() else {
            self.error(
                &place,
                Fault::Unknown(format!("no map is called `{}`", name.value)),
            );
            return None;
        };
        self.used_maps[found] = true;
        Some(found)
    }

    fn tag(&mut self, name: &str) -> u32 {
        let next = u32::try_from(self.tags.len()).unwrap_or(u32::MAX - 1) + 1;
        *self.tags.entry(name.to_owned()).or_insert(next)
    }
}

/// Whether a text only keeps the place of a reason or a code that somebody has yet to give.
fn is_placeholder(text: &str) -> bool {
    text.trim_start().starts_with("TODO")
}

/// The same place at another part of the file.
fn at<T>(place: &Place, part: &Located<T>) -> Place {
    let (line, column) = language::place(&part.referenced);
    Place {
        line,
        column,
        ..place.clone()
    }
}

fn file_place(file: &str) -> Place {
    Place {
        file: file.to_owned(),
        line: 1,
        column: 1,
        rule: None,
    }
}

impl Pack {
    /// Compiles the files of a pack, as name and text, in the order of the pack: YAML, and `ConceptMap`s in JSON (`.json`).
    ///
    /// # Errors
    /// All that is wrong with the pack, in the order of the files.
    pub fn compile(files: &[(&str, &str)]) -> Result<(Pack, Vec<Warning>), Vec<PackError>> {
        let mut errors = Vec::new();
        let mut read: Vec<(&str, language::File)> = Vec::new();
        let mut concept_maps = HashMap::new();
        for (name, text) in files {
            if name.ends_with(".json") {
                match concept_map(name, text) {
                    Ok(map) => drop(concept_maps.insert((*name).to_owned(), map)),
                    Err(error) => errors.push(error),
                }
                continue;
            }
            match language::read(name, text) {
                Ok(file) => read.push((name, file)),
                Err(error) => errors.push(error),
            }
        }
        if errors.is_empty() {
            assemble(read, concept_maps)
        } else {
            Err(errors)
        }
    }
}

/// The sections of all files as one.
#[derive(Default)]
struct Sections {
    profiles: BTreeMap<String, Option<String>>,
    systems: BTreeMap<String, String>,
    references: BTreeMap<String, String>,
    extensions: BTreeMap<String, (Place, language::ExtensionRule)>,
    codes: BTreeMap<String, (Place, language::CodeTable)>,
    leftovers: Option<language::Leftovers>,
    maps: Vec<(String, Located<language::Map>)>,
}

/// Reads a `ConceptMap`, of R4 or STU3.
fn concept_map(name: &str, text: &str) -> Result<ConceptMap, PackError> {
    match TerminologyResource::from_json(text.as_bytes(), &Limits::default()) {
        Ok(Some(TerminologyResource::ConceptMap(map))) => Ok(map),
        Ok(_) => Err("it is no ConceptMap".to_owned()),
        Err(error) => Err(error.to_string()),
    }
    .map_err(|why| PackError {
        place: file_place(name),
        fault: Fault::Yaml(why),
    })
}

fn assemble(
    files: Vec<(&str, language::File)>,
    concept_maps: HashMap<String, ConceptMap>,
) -> Result<(Pack, Vec<Warning>), Vec<PackError>> {
    let mut errors = Vec::new();
    let mut header = None;
    let mut sections = Sections::default();
    for (name, file) in files {
        let place = file_place(name);
        let head = (file.pack, file.version, file.source, file.target);
        match head {
            (None, None, None, None) => {}
            (Some(pack), Some(version), Some(source), Some(target)) if header.is_none() => {
                header = Some((pack.value, version, source, target));
            }
            _ => errors.push(PackError {
                place: place.clone(),
                fault: Fault::Pack(
                    "one file of a pack has `pack`, `version`, `source` and `target`, all four",
                ),
            }),
        }
        let mut twice = |what: &str, key: &str| {
            errors.push(PackError {
                place: place.clone(),
                fault: Fault::Twice(format!("{what} `{key}`")),
            });
        };
        for (key, value) in file.profiles {
            if sections.profiles.get(&key).is_some_and(|other| *other != value) {
                twice("profile", &key);
            }
            sections.profiles.insert(key, value);
        }
        for (key, value) in file.systems {
            if sections.systems.get(&key).is_some_and(|other| *other != value) {
                twice("system", &key);
            }
            sections.systems.insert(key, value);
        }
        for (key, value) in file.references {
            if sections.references.get(&key).is_some_and(|other| *other != value) {
                twice("reference", &key);
            }
            sections.references.insert(key, value);
        }
        for (key, value) in file.extensions {
            let place = at(&place, &value);
            let other = sections.extensions.get(&key);
            if other.is_some_and(|(_, other)| *other != value.value) {
                twice("extension", &key);
            }
            sections.extensions.insert(key, (place, value.value));
        }
        for (key, value) in file.codes {
            let place = at(&place, &value);
            if sections.codes.insert(key.clone(), (place, value.value)).is_some() {
                twice("table", &key);
            }
        }
        if sections.leftovers.is_some() && file.leftovers.is_some() {
            twice("section", "leftovers");
        }
        sections.leftovers = sections.leftovers.or(file.leftovers);
        sections
            .maps
            .extend(file.maps.into_iter().map(|map| (name.to_owned(), map)));
    }
    let Some((name, version, source, target)) = header else {
        errors.push(PackError {
            place: file_place("pack.yaml"),
            fault: Fault::Pack("no file says `pack`, `version`, `source` and `target`"),
        });
        return Err(errors);
    };
    let target = fhir(target.version);
    let source_version = match (source.format, source.version) {
        (Format::Fhir, Some(version)) => fhir(version),
        (Format::Fhir, None) => {
            errors.push(PackError {
                place: file_place("pack.yaml"),
                fault: Fault::Pack("a pack from FHIR says which version"),
            });
            return Err(errors);
        }
        (_, _) => FhirVersion::R4,
    };
    let leftovers = sections.leftovers == Some(language::Leftovers::Extension);
    if leftovers && source.format != Format::Fhir {
        errors.push(PackError {
            place: file_place("pack.yaml"),
            fault: Fault::Pack("`leftovers: extension` is for packs from FHIR"),
        });
        return Err(errors);
    }
    let tables = crate::csv::Settings {
        delimiter: source.delimiter,
        joins: source.join,
        patient: source.patient,
    };
    let of_csv = tables.delimiter.is_some() || !tables.joins.is_empty() || tables.patient.is_some();
    if !tables.is_tree() || of_csv && source.format != Format::Csv {
        errors.push(PackError {
            place: file_place("pack.yaml"),
            fault: Fault::Pack(
                "`delimiter`, `join` and `patient` are for csv, and tables do not stand in themselves",
            ),
        });
        return Err(errors);
    }
    let compiler = Compiler {
        source: source_version,
        format: source.format,
        table: Table::of(target),
        maps: HashMap::new(),
        tables: HashMap::new(),
        tags: HashMap::new(),
        errors,
        warnings: Vec::new(),
        undecided: Vec::new(),
        concept_maps,
        used_tables: vec![false; sections.codes.len()],
        used_maps: vec![false; sections.maps.len()],
        conversions: conversions(&sections.maps),
    };
    let systems = Prefixes::of(sections.systems.into_iter().map(|(from, to)| (from, to.into())));
    let mut pack = Pack {
        name: name.into(),
        version: version.into(),
        format: source.format,
        charset: source.charset,
        tables_of: tables,
        source: source_version,
        target,
        maps: Vec::new(),
        by_type: HashMap::new(),
        tables: Vec::new(),
        profiles: boxed(
            sections
                .profiles
                .into_iter()
                .map(|(from, to)| (from, to.map(Into::into))),
        ),
        shared_systems: systems.not_alone(),
        systems,
        references: boxed(
            sections
                .references
                .into_iter()
                .map(|(from, to)| (from, to.into())),
        ),
        extensions: Prefixes::of([]),
        leftovers,
        undecided: Vec::new(),
    };
    compiler
        .fill(&mut pack, sections.extensions, sections.codes, sections.maps)
        .map(|warnings| (pack, warnings))
}

/// The types from and to which maps are chosen by type.
fn conversions(maps: &[(String, Located<language::Map>)]) -> HashSet<(String, String)> {
    let chosen = maps.iter().map(|(_, map)| &map.value).filter(|map| !map.only);
    chosen
        .filter_map(|map| Some((map.from.clone(), map.to.clone()?)))
        .collect()
}

fn boxed<T>(entries: impl Iterator<Item = (String, T)>) -> HashMap<Box<str>, T> {
    entries.map(|(key, value)| (key.into(), value)).collect()
}

fn fhir(version: Version) -> FhirVersion {
    match version {
        Version::Stu3 => FhirVersion::Stu3,
        Version::R4 => FhirVersion::R4,
    }
}

impl Compiler {
    /// Compiles what may name other parts: extensions, tables and maps.
    fn fill(
        mut self,
        pack: &mut Pack,
        extensions: BTreeMap<String, (Place, language::ExtensionRule)>,
        codes: BTreeMap<String, (Place, language::CodeTable)>,
        maps: Vec<(String, Located<language::Map>)>,
    ) -> Result<Vec<Warning>, Vec<PackError>> {
        for (number, (file, map)) in maps.iter().enumerate() {
            if self.maps.insert(map.value.map.clone(), number).is_some() {
                let place = at(&file_place(file), map);
                self.error(&place, Fault::Twice(format!("map `{}`", map.value.map)));
            }
        }
        let mut places = Vec::new();
        for (number, (name, (place, mut table))) in codes.into_iter().enumerate() {
            let is_open = |code: &Option<language::TargetCode>| {
                code.as_ref().is_some_and(|code| is_placeholder(&code.0.code))
            };
            if table.table.values().any(is_open) {
                // The table does not have such a code yet; `Pack::check` refuses the pack until somebody says what it is.
                table.table.retain(|_, code| !is_open(code));
                self.undecided.push(place.clone());
            }
            self.tables.insert(name.clone(), number);
            let map = table.concept_map.as_ref().map(|file| self.concept_maps.get(file));
            match map {
                Some(None) => self.error(
                    &place,
                    Fault::Unknown("no file of the pack is this ConceptMap".to_owned()),
                ),
                Some(Some(_)) if !table.table.is_empty() => {
                    self.error(&place, Fault::Rule("a table has `table` or `concept-map`"));
                }
                _ => pack
                    .tables
                    .push(crate::plan::Table::of(&name, table, map.flatten())),
            }
            places.push((name, place));
        }
        let mut compiled = Vec::new();
        for (url, (place, rule)) in extensions {
            let mut named = None;
            let extension = Extension::of(rule, |name| {
                named = Some(name.to_owned());
                self.maps.get(name).copied()
            });
            match extension {
                Some(extension) => {
                    if let Extension::To { map: Some(map), .. } = extension {
                        self.used_maps[map] = true;
                    }
                    compiled.push((url, extension));
                }
                None => {
                    let name = named.unwrap_or_default();
                    self.error(&place, Fault::Unknown(format!("no map is called `{name}`")));
                }
            }
        }
        pack.extensions = Prefixes::of(compiled);
        self.maps(pack, maps);
        pack.undecided = std::mem::take(&mut self.undecided);
        for ((name, place), used) in places.into_iter().zip(std::mem::take(&mut self.used_tables)) {
            if !used {
                let notice = Notice::Unused(format!("no rule uses the table `{name}`"));
                self.warnings.push(Warning { place, notice });
            }
        }
        if self.errors.is_empty() {
            Ok(self.warnings)
        } else {
            Err(self.errors)
        }
    }
}
