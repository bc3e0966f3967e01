//! Reads the policy's files and checks what they say: paths that are paths, names that are used once, texts in both
//! languages.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_saphyr::{DuplicateKeyPolicy, Options};

use super::{Condition, Criterion, Differs, Holds, Kind, Missing, Path, Policy, Slot, Versions, Words};

/// Most bytes of one file: the shipped ones have a tenth of it.
const MAX_BYTES: usize = 1 << 20;

/// What is wrong with a policy, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {why}")]
pub struct PolicyError {
    /// The file.
    pub file: String,
    /// What is wrong, with the kind and the slot.
    pub why: String,
}

impl PolicyError {
    /// The stable code, with a page in the error catalogue.
    #[must_use]
    pub fn code(&self) -> &'static str {
        "SAM-REC-005"
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    policy: Option<String>,
    version: Option<String>,
    /// Slots that every kind has besides its own.
    #[serde(default)]
    every: Vec<RawSlot>,
    #[serde(default)]
    kinds: Vec<RawKind>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RawKind {
    kind: String,
    label: Words,
    types: Vec<String>,
    #[serde(default)]
    when: Vec<RawCondition>,
    #[serde(default)]
    same_fact: bool,
    versions: Option<RawVersions>,
    #[serde(default)]
    slots: Vec<RawSlot>,
    #[serde(default)]
    recency: Vec<String>,
    #[serde(default)]
    represent: Vec<RawCriterion>,
    #[serde(default)]
    stands: Vec<RawCondition>,
    #[serde(default)]
    contradicts: Vec<String>,
    never: Option<Words>,
}

/// Names of the slots that tell versions.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawVersions {
    number: String,
    stage: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCondition {
    path: String,
    #[serde(default)]
    any: Vec<String>,
    #[serde(default)]
    not: bool,
}

#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RawSlot {
    slot: String,
    label: Words,
    at: Vec<String>,
    holds: Holds,
    #[serde(default)]
    classes: Vec<(String, Vec<String>)>,
    #[serde(default)]
    missing: Missing,
    #[serde(default)]
    differs: Differs,
    #[serde(default)]
    may_change: bool,
    #[serde(default)]
    names_one: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
enum RawCriterion {
    Readable,
    Own,
    First { at: String, codes: Vec<String> },
    Newest,
    Richest,
    Native,
}

pub(super) fn read(files: &[(&str, &str)]) -> Result<Policy, PolicyError> {
    let mut policy = Policy {
        name: String::new(),
        version: String::new(),
        kinds: Vec::new(),
    };
    let mut every: Vec<Slot> = Vec::new();
    let mut names = BTreeSet::new();
    for (name, text) in files {
        let refuse = |why: String| PolicyError {
            file: (*name).to_owned(),
            why,
        };
        let file: File = yaml(text).map_err(refuse)?;
        policy.name = file.policy.unwrap_or(policy.name);
        policy.version = file.version.unwrap_or(policy.version);
        for slot in file.every {
            every.push(read_slot("every kind", slot).map_err(refuse)?);
        }
        for kind in file.kinds {
            if !names.insert(kind.kind.clone()) {
                return Err(refuse(format!("two kinds are called {}", kind.kind)));
            }
            policy.kinds.push(read_kind(kind, &every).map_err(refuse)?);
        }
    }
    let last = files.last().map_or("", |(name, _)| name);
    let refuse = |why: String| PolicyError {
        file: last.to_owned(),
        why,
    };
    if policy.name.is_empty() || policy.version.is_empty() {
        return Err(refuse("no file gives the policy a name and a version".to_owned()));
    }
    for kind in &policy.kinds {
        if let Some(unknown) = kind.contradicts.iter().find(|name| !names.contains(*name)) {
            return Err(refuse(format!(
                "{} contradicts the unknown kind {unknown}",
                kind.name
            )));
        }
    }
    Ok(policy)
}

/// Reads a file of YAML: of so many bytes at most, with each key once.
pub(crate) fn yaml<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, String> {
    if text.len() > MAX_BYTES {
        return Err(format!("more than {MAX_BYTES} bytes"));
    }
    serde_saphyr::from_str_with_options(text, options()).map_err(|error| error.without_snippet().to_string())
}

fn options() -> Options {
    serde_saphyr::options! {
        duplicate_keys: DuplicateKeyPolicy::Error,
        strict_booleans: true,
    }
}

fn read_kind(raw: RawKind, every: &[Slot]) -> Result<Kind, String> {
    let name = raw.kind;
    let at = |text: &str| path(&name, text);
    let mut slots = Vec::new();
    let mut seen = BTreeSet::new();
    for slot in raw.slots {
        slots.push(read_slot(&name, slot)?);
    }
    // A kind may say another thing about what every kind has.
    let own: BTreeSet<String> = slots.iter().map(|slot| slot.name.clone()).collect();
    slots.extend(every.iter().filter(|slot| !own.contains(&slot.name)).cloned());
    if let Some(twice) = slots.iter().find(|slot| !seen.insert(&slot.name)) {
        return Err(format!("{name} has two slots {}", twice.name));
    }
    let read: Vec<String> = slots
        .iter()
        .flat_map(|slot| slot.paths.iter().flat_map(Path::extensions))
        .map(str::to_owned)
        .collect();
    for slot in slots.iter_mut().filter(|slot| slot.holds == Holds::Content) {
        slot.read_elsewhere.clone_from(&read);
    }
    if raw.same_fact && slots.first().is_none_or(|slot| slot.holds != Holds::Concept) {
        return Err(format!(
            "{name} joins the same fact, so its first slot must be a concept"
        ));
    }
    let slot = |wanted: &str| {
        let place = slots.iter().position(|slot| slot.name == wanted);
        place.ok_or_else(|| format!("{name}, versions: no slot {wanted}"))
    };
    let versions = match &raw.versions {
        Some(of) => Some(Versions {
            number: slot(&of.number)?,
            stage: slot(&of.stage)?,
        }),
        None => None,
    };
    let condition = |raw: RawCondition| {
        Ok::<_, String>(Condition {
            path: at(&raw.path)?,
            any: raw.any,
            not: raw.not,
        })
    };
    let criterion = |raw: RawCriterion| {
        Ok::<_, String>(match raw {
            RawCriterion::Readable => Criterion::Readable,
            RawCriterion::Own => Criterion::Own,
            RawCriterion::First { at: text, codes } => Criterion::First {
                path: at(&text)?,
                codes,
            },
            RawCriterion::Newest => Criterion::Newest,
            RawCriterion::Richest => Criterion::Richest,
            RawCriterion::Native => Criterion::Native,
        })
    };
    Ok(Kind {
        label: raw.label,
        types: raw.types,
        when: raw.when.into_iter().map(condition).collect::<Result<_, _>>()?,
        same_fact: raw.same_fact,
        slots,
        versions,
        recency: raw
            .recency
            .iter()
            .map(|text| at(text))
            .collect::<Result<_, _>>()?,
        represent: raw
            .represent
            .into_iter()
            .map(criterion)
            .collect::<Result<_, _>>()?,
        stands: raw.stands.into_iter().map(condition).collect::<Result<_, _>>()?,
        contradicts: raw.contradicts,
        never: raw.never,
        name,
    })
}

fn read_slot(kind: &str, raw: RawSlot) -> Result<Slot, String> {
    let place = format!("{kind}, slot {}", raw.slot);
    if raw.at.is_empty() {
        return Err(format!("{place}: no path"));
    }
    let classes = raw
        .classes
        .into_iter()
        .flat_map(|(class, codes)| codes.into_iter().map(move |code| (code, class.clone())))
        .collect();
    Ok(Slot {
        paths: raw
            .at
            .iter()
            .map(|text| path(&place, text))
            .collect::<Result<_, _>>()?,
        name: raw.slot,
        label: raw.label,
        holds: raw.holds,
        classes,
        missing: raw.missing,
        differs: raw.differs,
        may_change: raw.may_change,
        names_one: raw.names_one,
        read_elsewhere: Vec::new(),
    })
}

fn path(place: &str, text: &str) -> Result<Path, String> {
    Path::parse(text).ok_or_else(|| format!("{place}: {text} is no path"))
}
