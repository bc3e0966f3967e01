//! Concepts: codings that may be translations of each other, and the text beside them.

use std::sync::Arc;

use samenhang_profiles::json::Kind;
use samenhang_profiles::tape::Node;
use samenhang_terminology::naming;

use super::text::folded;
use super::{Name, Names};
use crate::maps::Coded;

/// Most codings of one concept that are compared.
const MAX_CODINGS: usize = 64;

/// Most codes that share a topic with one code.
const MAX_TOPICS: usize = 64;

/// Equivalent codes: by maps that are allowed, never by likeness.
pub(crate) trait Bridge {
    /// The code that stands for all that are equivalent to this one, as system and code; `None` when it has no
    /// equivalent.
    fn stands_for(&self, system: &str, code: &str) -> Option<(&str, &str)>;

    /// The numbers of the maps that make it equivalent to others.
    fn maps(&self, system: &str, code: &str) -> &[u16];

    /// The codes that share a topic with this one without being the same, each with the number of its map.
    fn topics(&self, system: &str, code: &str) -> &[(Coded, u16)];

    /// The canonical with version of a map.
    fn name(&self, map: u16) -> Option<&Arc<str>>;
}

/// One coding.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Code {
    pub(crate) system: Name,
    pub(crate) code: Name,
    /// What stands for all that are equivalent to it; itself when nothing is.
    pub(crate) class: Name,
}

/// A concept.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Concept {
    /// In order, each once.
    pub(crate) codes: Box<[Code]>,
    /// The text, when there is no coding.
    pub(crate) text: Option<Name>,
}

/// How two concepts compare.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Likeness {
    /// They have a code in common.
    Same,
    /// A code of the one is equivalent to one of the other.
    Equivalent,
    /// The same text, and no code in one of them.
    Text,
    /// Nothing says whether they are the same.
    Unknown,
    /// One code system has two codes for them.
    Different,
}

/// Reads a `CodeableConcept`, a Coding, or a bare code.
pub(super) fn read(node: Node<'_>, names: &mut Names, bridge: &dyn Bridge) -> Option<Concept> {
    let mut codes = Vec::new();
    match node.kind() {
        Kind::String => {
            let class = names.of(node.as_str().unwrap_or_default());
            codes.push(Code {
                system: names.of(""),
                code: class,
                class,
            });
        }
        Kind::Object => {
            let many = node.get("coding").map_or_else(|| node.many(), Node::items);
            let many = many.take(MAX_CODINGS);
            codes.reserve_exact(many.clone().count());
            for coding in many {
                let Some(code) = coding.text("code") else {
                    continue;
                };
                let system = coding.text("system").unwrap_or("");
                codes.push(coded(system_of(system), code.trim(), names, bridge));
            }
        }
        _ => return None,
    }
    codes.sort_unstable();
    codes.dedup();
    let text = if codes.is_empty() {
        let first = node.get("coding").and_then(|codings| codings.items().next());
        let text = node
            .get("text")
            .or_else(|| first?.get("display"))
            .and_then(Node::as_str);
        text.map(folded)
            .filter(|text| !text.is_empty())
            .map(|text| names.of(&text))
    } else {
        None
    };
    (!codes.is_empty() || text.is_some()).then(|| Concept {
        codes: codes.into(),
        text,
    })
}

fn coded(system: &str, code: &str, names: &mut Names, bridge: &dyn Bridge) -> Code {
    let number = names.of(code);
    let system_number = names.of(system);
    if let Some(class) = names.classes.get(&(system_number, number)) {
        return Code {
            system: system_number,
            code: number,
            class: *class,
        };
    }
    let class = class(system, code, names, bridge);
    names.classes.insert((system_number, number), class);
    if !names.bridged.topics.contains_key(&class) {
        let topics = bridge.topics(system, code);
        if !topics.is_empty() {
            let topics = topics.iter().take(MAX_TOPICS);
            let found = topics
                .map(|((system, code), map)| (self::class(system, code, names, bridge), *map))
                .collect();
            names.bridged.topics.insert(class, found);
        }
    }
    Code {
        system: system_number,
        code: number,
        class,
    }
}

/// What stands for a code and all that are equivalent to it.
fn class(system: &str, code: &str, names: &mut Names, bridge: &dyn Bridge) -> Name {
    let (stands_system, stands_code) = bridge.stands_for(system, code).unwrap_or((system, code));
    let (first, second) = (names.of(stands_system), names.of(stands_code));
    let class = names.of_pair(first, second);
    let maps = bridge.maps(system, code);
    if !maps.is_empty() {
        names.bridged.maps.entry(class).or_insert_with(|| maps.into());
    }
    class
}

/// The uri of a code system, which is also written as an OID.
pub(crate) fn system_of(system: &str) -> &str {
    naming::url_of(system).unwrap_or(system)
}

impl Concept {
    /// How two concepts compare. A code system that has two codes for them tells them apart, whatever another says.
    pub(crate) fn compare(&self, other: &Concept) -> Likeness {
        if self.codes.is_empty() || other.codes.is_empty() {
            return match (self.text, other.text) {
                (Some(a), Some(b)) if a == b => Likeness::Text,
                _ => Likeness::Unknown,
            };
        }
        let mut likeness = Likeness::Unknown;
        for a in &self.codes {
            let (mut shares_system, mut equal) = (false, false);
            for b in &other.codes {
                if a.system == b.system {
                    shares_system = true;
                    equal |= a.code == b.code;
                }
                if a.class == b.class && likeness == Likeness::Unknown {
                    likeness = Likeness::Equivalent;
                }
            }
            if equal {
                likeness = Likeness::Same;
            } else if shares_system && !self.has_equal(other, a.system) {
                return Likeness::Different;
            } else if shares_system && !self.is_among(other, a.system) && !other.is_among(self, a.system) {
                // Serum with one microorganism, and with another: what they have in common does not make them one.
                return Likeness::Different;
            }
        }
        likeness
    }

    /// Whether all codes of a system are also codes of the other, or equivalent to one.
    fn is_among(&self, other: &Concept, system: Name) -> bool {
        let mut own = self.codes.iter().filter(|code| code.system == system);
        own.all(|a| {
            let mut codes = other.codes.iter();
            codes.any(|b| (a.system, a.code) == (b.system, b.code) || a.class == b.class)
        })
    }

    /// Whether some code of this system is in both.
    fn has_equal(&self, other: &Concept, system: Name) -> bool {
        let own = self.codes.iter().filter(|code| code.system == system);
        own.into_iter().any(|a| {
            other
                .codes
                .iter()
                .any(|b| (a.system, a.code) == (b.system, b.code) || a.class == b.class)
        })
    }
}
