//! A rule as it is written: all keys that a rule can have. Which go together is judged when it is compiled.

use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, Visitor};

use super::{Located, Rest, Template};

/// One rule.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rule {
    /// FHIRPath that selects nodes of the source.
    pub(crate) from: Option<Located<String>>,
    /// Path in the target.
    pub(crate) to: Option<Located<String>>,
    /// FHIRPath that must hold.
    pub(crate) when: Option<Located<String>>,
    /// Rules about each selected node.
    pub(crate) rules: Option<Vec<Located<Rule>>>,
    /// What becomes of what the nested rules left.
    pub(crate) rest: Option<Rest>,
    /// Name of the map that converts each node.
    pub(crate) map: Option<Located<String>>,
    /// Name of the map that makes a resource of each node.
    pub(crate) make: Option<Located<String>>,
    /// Where the reference to that resource goes.
    pub(crate) link: Option<Located<String>>,
    /// What the target profile fixes.
    #[serde(rename = "const")]
    pub(crate) constant: Option<Template>,
    /// What is written when nothing else gave the element.
    pub(crate) assume: Option<Template>,
    /// The code of data-absent-reason when nothing else gave the element.
    pub(crate) absent: Option<String>,
    /// What a person has yet to decide about the rule. Without `from` or without `to` the rule does nothing.
    pub(crate) todo: Option<String>,
    /// Why.
    pub(crate) because: Option<String>,
    /// Name of the table that translates each node.
    pub(crate) codes: Option<Located<String>>,
    /// FHIRPath that computes the value.
    pub(crate) value: Option<Located<String>>,
    /// Name of the function that converts each text.
    #[serde(rename = "as")]
    pub(crate) function: Option<Located<String>>,
    /// FHIRPath that selects what is not carried over.
    pub(crate) ignore: Option<Located<String>>,
    /// What happens when there is more than fits.
    pub(crate) many: Option<Many>,
}

/// What happens when there is more than fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Many {
    /// The first is taken, the others are ignored.
    First,
    /// The first is taken, the others are unmapped and reported.
    Report,
    /// Texts become one, with this between them.
    Join(String),
}

impl<'de> Deserialize<'de> for Many {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ManyVisitor)
    }
}

struct ManyVisitor;

impl<'de> Visitor<'de> for ManyVisitor {
    type Value = Many;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`first`, `report` or `{ join: TEXT }`")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Many, E> {
        match text {
            "first" => Ok(Many::First),
            "report" => Ok(Many::Report),
            _ => Err(E::invalid_value(de::Unexpected::Str(text), &self)),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Many, A::Error> {
        let Some((key, text)) = map.next_entry::<String, String>()? else {
            return Err(de::Error::invalid_length(0, &self));
        };
        if key != "join" || map.next_key::<String>()?.is_some() {
            return Err(de::Error::unknown_field(&key, &["join"]));
        }
        Ok(Many::Join(text))
    }
}
