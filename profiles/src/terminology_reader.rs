//! Reads code systems, value sets and concept maps, of STU3 and R4, into the one model of the crate `terminology`.
//!
//! Prose is passed over. What the versions write differently (references where R4 has canonicals, `code` where R4 has
//! `value` in a dependency) is read into one form. Content is not checked here: a catalogue does that.

mod code_system;
mod concept_map;
#[cfg(test)]
mod tests;
mod value_set;

use std::borrow::Cow;

use samenhang_terminology::catalogue::Builder;
use samenhang_terminology::definition::{CodeSystem, ConceptMap, ValueSet};
use samenhang_terminology::{TerminologyError, known_system};

use crate::limits::Limits;
use crate::raw::ReadError;
use crate::tree::Tree;

/// One definition of terminology.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TerminologyResource {
    /// A code system.
    CodeSystem(CodeSystem),
    /// A value set.
    ValueSet(ValueSet),
    /// A concept map.
    ConceptMap(ConceptMap),
}

impl TerminologyResource {
    /// Reads a resource from JSON; `None` when it is of another type.
    ///
    /// # Errors
    /// [`ReadError`] when it is no JSON, passes a limit, or lacks its canonical.
    pub fn from_json(body: &[u8], limits: &Limits) -> Result<Option<Self>, ReadError> {
        Self::of(&Tree::parse(body, limits)?)
    }

    fn of(tree: &Tree<'_>) -> Result<Option<Self>, ReadError> {
        Ok(match tree.text("resourceType") {
            Some("CodeSystem") => Some(TerminologyResource::CodeSystem(code_system::read(tree)?)),
            Some("ValueSet") => Some(TerminologyResource::ValueSet(value_set::read(tree)?)),
            Some("ConceptMap") => Some(TerminologyResource::ConceptMap(concept_map::read(tree)?)),
            _ => None,
        })
    }

    /// Reads what a definition contains (`contained`), by the name that its own bindings give it: the url of the
    /// definition, `#` and the id. What cannot be read is left out: a binding to it is then not known.
    ///
    /// # Errors
    /// [`ReadError`] when it is no JSON, passes a limit, or lacks its canonical.
    pub fn contained(body: &[u8], limits: &Limits) -> Result<Vec<Self>, ReadError> {
        let tree = Tree::parse(body, limits)?;
        let url = url(&tree)?;
        let sets = items(&tree, "contained")
            .iter()
            .filter(|item| item.text("resourceType") == Some("ValueSet"));
        let read = |item: &Tree<'_>| {
            let name = format!("{url}#{}", item.text("id")?);
            let named = (Cow::Borrowed("url"), Tree::String(name.into()));
            let Tree::Object(fields) = item else {
                return None;
            };
            let rest = fields.iter().filter(|(key, _)| key != "url").cloned();
            Self::of(&Tree::Object(rest.chain([named]).collect())).ok()?
        };
        Ok(sets.filter_map(read).collect())
    }

    /// Adds it to a catalogue.
    ///
    /// # Errors
    /// [`TerminologyError`] when the catalogue takes no more.
    pub fn add_to(self, builder: &mut Builder) -> Result<(), TerminologyError> {
        match self {
            TerminologyResource::CodeSystem(system) => builder.code_system(&system)?,
            TerminologyResource::ValueSet(set) => builder.value_set(set)?,
            TerminologyResource::ConceptMap(map) => builder.concept_map(map)?,
        };
        Ok(())
    }

    /// Whether it is a system or value set of HL7 version 2 or 3 as R4 names it: a catalogue of STU3 takes these from
    /// the R4 package, because its own package has none (see [`Builder::stu3_names`]).
    #[must_use]
    pub fn is_shared_with_stu3(&self) -> bool {
        match self {
            TerminologyResource::CodeSystem(system) => known_system::stu3_system(&system.url).is_some(),
            TerminologyResource::ValueSet(set) => known_system::stu3_value_set(&set.url).is_some(),
            TerminologyResource::ConceptMap(_) => false,
        }
    }
}

/// The canonical of a definition.
fn url(tree: &Tree<'_>) -> Result<String, ReadError> {
    owned(tree, "url").ok_or(ReadError::Unexpected("a definition has no canonical url"))
}

/// The text of a property.
fn owned(tree: &Tree<'_>, name: &str) -> Option<String> {
    tree.get(name)?.as_str().map(str::to_owned)
}

/// The items of an array.
fn items<'t, 'a>(tree: &'t Tree<'a>, name: &str) -> &'t [Tree<'a>] {
    tree.get(name).map_or(&[], Tree::items)
}

/// The value of a property whose name goes on with its type (`valueCode`), as text.
fn choice(tree: &Tree<'_>, stem: &str) -> Option<String> {
    let (_, value) = tree
        .fields()
        .find(|(name, _)| name.strip_prefix(stem).is_some_and(|kind| !kind.is_empty()))?;
    match value {
        Tree::String(text) | Tree::Number(text) => Some(text.clone().into_owned()),
        Tree::Boolean(value) => Some(value.to_string()),
        // A coding stands for its code, a reference for what it refers to.
        Tree::Object(_) => value
            .text("code")
            .or_else(|| value.text("reference"))
            .map(str::to_owned),
        Tree::Null | Tree::Array(_) => None,
    }
}
