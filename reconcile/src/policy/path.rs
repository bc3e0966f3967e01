//! Paths of the policy: names joined by dots, `name[x]` for a choice of types, `extension(url)` for one extension, and
//! `resolve()` for what a reference of the same endpoint points at.

use std::fmt;

use samenhang_profiles::json::Kind;
use samenhang_profiles::tape::{Node, Properties};

/// The extensions of the zibs, of which a path writes the last part only.
const ZIB_EXTENSIONS: &str = "http://nictiz.nl/fhir/StructureDefinition/";

/// Most values that one path is followed to in one resource. What a person recorded of one fact is far below it.
const MAX_FOUND: usize = 256;

/// A compiled path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    steps: Box<[Step]>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Field(Box<str>),
    Choice(Box<str>),
    Extension(Box<str>),
    Resolve,
}

/// What stands at a path.
#[derive(Clone, Copy)]
pub(crate) struct Found<'t> {
    pub(crate) node: Node<'t>,
    /// The type in the name of a choice: `Quantity` of `valueQuantity`.
    pub(crate) of_type: Option<&'t str>,
}

/// What a reference points at.
pub(crate) trait Follow<'t> {
    /// The resource that a literal reference points at, when it was received from the same endpoint.
    fn follow(&self, reference: &str) -> Option<Node<'t>>;
}

impl Path {
    /// Reads a path; `None` when it is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut steps = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let (step, after) = if let Some(inner) = rest.strip_prefix("extension(") {
                let (url, after) = inner.split_once(')')?;
                let url = if url.contains("://") || !url.starts_with("ext-") {
                    url.to_owned()
                } else {
                    format!("{ZIB_EXTENSIONS}{url}")
                };
                (Step::Extension(url.into()), after)
            } else if let Some(after) = rest.strip_prefix("resolve()") {
                (Step::Resolve, after)
            } else {
                let end = rest.find('.').unwrap_or(rest.len());
                let (name, after) = rest.split_at(end);
                let step = match name.strip_suffix("[x]") {
                    Some(stem) => Step::Choice(stem.into()),
                    None => Step::Field(name.into()),
                };
                let stem = name.strip_suffix("[x]").unwrap_or(name);
                if stem.is_empty()
                    || !stem
                        .bytes()
                        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
                {
                    return None;
                }
                (step, after)
            };
            steps.push(step);
            rest = match after.strip_prefix('.') {
                Some("") => return None,
                Some(next) => next,
                None if after.is_empty() => after,
                None => return None,
            };
        }
        (!steps.is_empty()).then(|| Path { steps: steps.into() })
    }

    /// The urls of the extensions that it goes through.
    pub(crate) fn extensions(&self) -> impl Iterator<Item = &str> {
        self.steps.iter().filter_map(|step| match step {
            Step::Extension(url) => Some(&**url),
            _ => None,
        })
    }

    /// Everything that stands at the path, in order of appearance.
    pub(crate) fn find<'t>(&self, resource: Node<'t>, follow: &impl Follow<'t>, found: &mut Vec<Found<'t>>) {
        walk(
            &self.steps,
            Found {
                node: resource,
                of_type: None,
            },
            follow,
            found,
        );
    }
}

impl Path {
    /// The same, in a resource of which many paths are followed.
    pub(crate) fn find_in<'t>(
        &self,
        resource: &Properties<'t>,
        follow: &impl Follow<'t>,
        found: &mut Vec<Found<'t>>,
    ) {
        match self.steps.split_first() {
            Some((Step::Field(name), rest)) => {
                if let Some(node) = resource.get(name) {
                    walk(rest, Found { node, of_type: None }, follow, found);
                }
            }
            _ => {
                if let Some(node) = resource.node() {
                    self.find(node, follow, found);
                }
            }
        }
    }
}

fn walk<'t>(steps: &[Step], at: Found<'t>, follow: &impl Follow<'t>, found: &mut Vec<Found<'t>>) {
    if found.len() >= MAX_FOUND {
        return;
    }
    let kind = at.node.kind();
    if kind == Kind::Array {
        for node in at.node.items() {
            walk(steps, Found { node, ..at }, follow, found);
        }
        return;
    }
    let Some((step, rest)) = steps.split_first() else {
        if kind != Kind::Null {
            found.push(at);
        }
        return;
    };
    match step {
        Step::Field(name) => {
            if let Some(node) = at.node.get(name) {
                walk(rest, Found { node, of_type: None }, follow, found);
            }
        }
        Step::Choice(stem) => {
            for (name, node) in at.node.fields() {
                let of_type = name.strip_prefix(&**stem);
                if let Some(of_type) = of_type
                    && of_type.starts_with(|first: char| first.is_ascii_uppercase())
                {
                    let of_type = Some(of_type);
                    walk(rest, Found { node, of_type }, follow, found);
                }
            }
        }
        Step::Extension(url) => {
            let extensions = [at.node.get("extension"), at.node.get("modifierExtension")];
            for node in extensions.into_iter().flatten().flat_map(Node::items) {
                if node.text("url") == Some(url) {
                    walk(rest, Found { node, of_type: None }, follow, found);
                }
            }
        }
        Step::Resolve => {
            let reference = at.node.text("reference");
            if let Some(node) = reference.and_then(|reference| follow.follow(reference)) {
                walk(rest, Found { node, of_type: None }, follow, found);
            }
        }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.steps.iter().enumerate() {
            if at > 0 {
                f.write_str(".")?;
            }
            match step {
                Step::Field(name) => f.write_str(name)?,
                Step::Choice(stem) => write!(f, "{stem}[x]")?,
                Step::Extension(url) => {
                    write!(
                        f,
                        "extension({})",
                        url.strip_prefix(ZIB_EXTENSIONS).unwrap_or(url)
                    )?;
                }
                Step::Resolve => f.write_str("resolve()")?,
            }
        }
        Ok(())
    }
}
