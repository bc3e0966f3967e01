//! Any other licensed table (G-Standaard, NHG, ICPC, ATC, Vektis), as a list of codes.
//!
//! Their own layouts differ, change, and are not public, so the user writes a list: a CSV file, comma or semicolon, in
//! UTF-8, with a header. Columns by name, in any order:
//!
//! | Column | Content |
//! |---|---|
//! | `code` | the code; required |
//! | `system` | uri of its system; only where one file holds several systems, else it is given beside the file |
//! | `display` | its name |
//! | `inactive` | `true` for a code that is no longer to be used |
//! | `parent` | the code one level above it |

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io::BufRead;

use super::table::Rows;
use crate::catalogue::{System, SystemBuilder};
use crate::definition::Content;
use crate::error::TerminologyError;

/// More systems than this one list does not hold.
const MAX_SYSTEMS: usize = 1_000;

/// What a list is about, where its rows do not say.
#[derive(Debug, Clone, Copy, Default)]
pub struct About<'a> {
    /// Uri of the system of a row without one.
    pub system: Option<&'a str>,
    /// Version of the systems.
    pub version: Option<&'a str>,
    /// Whether every code of its systems is in the list: one that is not does not exist then.
    pub complete: bool,
    /// BCP-47 tag of the language of the names.
    pub language: Option<&'a str>,
}

/// Reads a list.
///
/// # Errors
/// [`TerminologyError`] when the file cannot be read, has no column `code`, or has a row of which the system is not
/// known.
pub fn read(about: About<'_>, reader: impl BufRead) -> Result<Vec<System>, TerminologyError> {
    let mut rows = Rows::commas(reader, "code list");
    let [code, system, display, inactive, parent] =
        rows.header(["code", "system", "display", "inactive", "parent"])?;
    let code = code.ok_or_else(|| rows.fault("the column code is missing"))?;
    let content = if about.complete {
        Content::Complete
    } else {
        Content::Fragment
    };
    let mut systems: BTreeMap<String, SystemBuilder> = BTreeMap::new();
    while rows.advance()? {
        let url = match rows.optional(system) {
            "" => about
                .system
                .ok_or_else(|| rows.fault("the system of the code is not given"))?,
            url => url,
        };
        if !systems.contains_key(url) {
            if systems.len() == MAX_SYSTEMS {
                return Err(TerminologyError::Limit {
                    what: "systems in one code list",
                    limit: MAX_SYSTEMS,
                });
            }
            systems.insert(
                url.to_owned(),
                SystemBuilder::new(url, about.version, content, true),
            );
        }
        let Some(builder) = systems.get_mut(url) else {
            continue;
        };
        if rows.field(code).is_empty() {
            return Err(rows.fault("a code was expected"));
        }
        let concept = builder.concept(
            rows.field(code),
            rows.optional(inactive).eq_ignore_ascii_case("true"),
        )?;
        if !rows.optional(display).is_empty() {
            builder.name(concept, about.language, rows.optional(display), true);
        }
        if !rows.optional(parent).is_empty() {
            // The row of the parent may come later: naming it here makes it a code as well.
            let parent = builder.concept(rows.optional(parent), false)?;
            builder.link(concept, parent);
        }
    }
    Ok(systems.into_values().map(SystemBuilder::finish).collect())
}
