//! What becomes of an extension, as it is written.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserializer, MapAccess, Visitor};

/// What becomes of an extension that no rule took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ExtensionRule {
    /// It is carried over as it is.
    Keep,
    /// It is not carried over, for this reason.
    Ignore(String),
    /// It gets another url.
    To {
        url: String,
        /// Name of the map that makes the extension of the target.
        map: Option<String>,
        /// Urls of the extensions in it, and what they become.
        parts: BTreeMap<String, String>,
    },
}

/// The form with keys.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Keys {
    to: Option<String>,
    map: Option<String>,
    #[serde(default)]
    parts: BTreeMap<String, String>,
    ignore: Option<String>,
}

impl<'de> Deserialize<'de> for ExtensionRule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RuleVisitor)
    }
}

struct RuleVisitor;

impl<'de> Visitor<'de> for RuleVisitor {
    type Value = ExtensionRule;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`keep`, `{ ignore: REASON }` or `{ to: URL }` with `map` or `parts`")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<ExtensionRule, E> {
        match text {
            "keep" => Ok(ExtensionRule::Keep),
            _ => Err(E::invalid_value(de::Unexpected::Str(text), &self)),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ExtensionRule, A::Error> {
        let keys = Keys::deserialize(MapAccessDeserializer::new(map))?;
        match keys {
            Keys {
                to: Some(url),
                map,
                parts,
                ignore: None,
            } if map.is_none() || parts.is_empty() => Ok(ExtensionRule::To { url, map, parts }),
            Keys {
                to: None,
                map: None,
                parts,
                ignore: Some(reason),
            } if parts.is_empty() => Ok(ExtensionRule::Ignore(reason)),
            _ => Err(de::Error::custom(format_args!(
                "expected {}",
                &self as &dyn de::Expected
            ))),
        }
    }
}
