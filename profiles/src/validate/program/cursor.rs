//! A place in the definitions: an element of a snapshot, from which steps lead to others, also into other definitions.

use std::sync::Arc;

use crate::definition::{ElementDefinition, Library, StructureDefinition, TypedValue};
use crate::tree::Tree;

use super::Step;

/// More places than this are not followed from one discriminator.
const MAX_PLACES: usize = 64;

/// A place in the definitions.
#[derive(Clone)]
pub(super) struct Cursor {
    definition: Arc<StructureDefinition>,
    index: usize,
    /// What a fixed value or pattern higher up says about this place; `true` for a fixed value.
    inherited: Option<(TypedValue, bool)>,
}

impl Cursor {
    pub(super) fn new(definition: Arc<StructureDefinition>, index: usize) -> Self {
        Cursor {
            definition,
            index,
            inherited: None,
        }
    }

    /// The element here.
    pub(super) fn element(&self) -> Option<&ElementDefinition> {
        self.definition.snapshot.as_deref()?.get(self.index)
    }

    /// The value that must be here, and whether exactly.
    pub(super) fn value(&self) -> Option<(TypedValue, bool)> {
        let element = self.element()?;
        let fixed = element.fixed.clone().map(|value| (value, true));
        let pattern = || element.pattern.clone().map(|value| (value, false));
        fixed.or_else(pattern).or_else(|| self.inherited.clone())
    }

    /// The names of the types here; that of the definition at its root.
    pub(super) fn types(&self) -> Vec<Box<str>> {
        match self.element() {
            Some(element) if element.path.contains('.') => {
                element.types.iter().map(|of| of.code.as_str().into()).collect()
            }
            _ => vec![self.definition.type_name.as_str().into()],
        }
    }

    /// Whether this is the root of its definition.
    pub(super) fn is_root(&self) -> bool {
        self.index == 0
    }

    /// Canonical of the definition.
    pub(super) fn url(&self) -> &str {
        &self.definition.url
    }

    /// The places that a step leads to.
    pub(super) fn step(&self, step: &Step, library: &dyn Library) -> Vec<Cursor> {
        let mut found = match step {
            Step::Child(name) => self.children(name, library),
            Step::Extension(url) => self.extensions(url, library),
            Step::Resolve => self.targets(library),
            Step::OfType(name) => {
                let fits = self.types().iter().any(|of| of == name);
                if fits { vec![self.clone()] } else { Vec::new() }
            }
        };
        found.truncate(MAX_PLACES);
        found
    }

    fn children(&self, name: &str, library: &dyn Library) -> Vec<Cursor> {
        let mut found: Vec<Cursor> = self.own_children().filter(|child| child.is_named(name)).collect();
        if found.is_empty() {
            // Not unfolded here: look into the content that is referred to, or into the types.
            found = self
                .unfolded(library)
                .into_iter()
                .flat_map(|root| {
                    root.own_children()
                        .filter(|child| child.is_named(name))
                        .collect::<Vec<_>>()
                })
                .collect();
        }
        let inherited = self
            .value()
            .and_then(|(value, exact)| part(&value, name).map(|part| (part, exact)));
        for child in &mut found {
            child.inherited.clone_from(&inherited);
        }
        found
    }

    /// The extensions with a url: slices with a profile of that url, or with it as the value of `url`.
    fn extensions(&self, url: &str, library: &dyn Library) -> Vec<Cursor> {
        let slices = self.own_children().filter(|child| child.is_named("extension"));
        let profiled = |child: &Cursor| {
            let element = child.element();
            element.is_some_and(|element| {
                element
                    .types
                    .iter()
                    .flat_map(|of| &of.profiles)
                    .any(|profile| profile == url)
            })
        };
        let valued = |child: &Cursor| {
            child.own_children().any(|own| {
                own.is_named("url")
                    && own
                        .value()
                        .is_some_and(|(value, _)| value.value.as_str() == Some(url))
            })
        };
        let found: Vec<Cursor> = slices.filter(|child| profiled(child) || valued(child)).collect();
        if !found.is_empty() {
            return found;
        }
        library
            .structure(url)
            .map(|definition| vec![Cursor::new(definition, 0)])
            .unwrap_or_default()
    }

    /// The roots of what a reference here may be to.
    fn targets(&self, library: &dyn Library) -> Vec<Cursor> {
        let element = self.element();
        let canonicals = element
            .into_iter()
            .flat_map(|element| &element.types)
            .flat_map(|of| &of.target_profiles);
        canonicals
            .filter_map(|canonical| library.structure(canonical).ok())
            .map(|definition| Cursor::new(definition, 0))
            .collect()
    }

    /// Elements of the snapshot one level below, slices included.
    fn own_children(&self) -> impl Iterator<Item = Cursor> {
        let elements = self.definition.snapshot.as_deref().unwrap_or_default();
        let depth = |element: &ElementDefinition| element.path.matches('.').count();
        let own = elements.get(self.index).map_or(0, depth);
        let below = elements.iter().enumerate().skip(self.index + 1);
        below
            .take_while(move |(_, element)| depth(element) > own)
            .filter(move |(_, element)| depth(element) == own + 1)
            .map(|(index, _)| Cursor::new(Arc::clone(&self.definition), index))
    }

    /// Where the children stand when they are not in the snapshot below this element.
    fn unfolded(&self, library: &dyn Library) -> Vec<Cursor> {
        let Some(element) = self.element() else {
            return Vec::new();
        };
        if let Some(reference) = &element.content_reference {
            let elements = self.definition.snapshot.as_deref().unwrap_or_default();
            let found = elements.iter().position(|other| other.id == *reference);
            return found
                .map(|index| Cursor::new(Arc::clone(&self.definition), index))
                .into_iter()
                .collect();
        }
        let mut roots = Vec::new();
        for of in &element.types {
            let profiled = of
                .profiles
                .iter()
                .filter_map(|profile| library.structure(profile).ok());
            roots.extend(profiled.map(|definition| Cursor::new(definition, 0)));
            if of.profiles.is_empty() {
                roots.extend(
                    library
                        .type_named(&of.code)
                        .ok()
                        .map(|definition| Cursor::new(definition, 0)),
                );
            }
        }
        roots
    }

    /// Whether the last part of the path is this name; `value` names `value[x]`.
    fn is_named(&self, name: &str) -> bool {
        let last = self
            .element()
            .and_then(|element| element.path.rsplit('.').next())
            .unwrap_or_default();
        last == name || last.strip_suffix("[x]") == Some(name)
    }
}

/// The part of a fixed value or pattern that is about one child; of a list, its only item.
fn part(value: &TypedValue, name: &str) -> Option<TypedValue> {
    let found = match value.value.get(name)? {
        Tree::Array(items) => match &items[..] {
            [one] => one.clone(),
            _ => return None,
        },
        other => other.clone(),
    };
    Some(TypedValue {
        type_name: String::new(),
        value: found,
    })
}
