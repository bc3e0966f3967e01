//! Paths in the target, as rules write them, found in the element table when a pack is compiled.

use samenhang_profiles::element_table::{Element, Table, Type};

use super::{Id, Text, Tree};

/// Most steps of a path.
const MAX_STEPS: usize = 16;

/// One step of a path.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub(crate) element: &'static Element,
    /// Which of the items it is.
    pub(crate) slot: Slot,
}

/// Which item of an element a step means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Slot {
    /// The only one.
    Single,
    /// A new one for each node.
    Fresh,
    /// The one that rules with this tag share.
    Tagged(u32),
    /// The extension with this url; a new one for each node when `fresh`.
    Extension {
        /// Its url.
        url: Box<str>,
        /// Whether it is a new one for each node.
        fresh: bool,
    },
}

impl Slot {
    /// Whether each node makes a new one.
    pub(crate) fn is_fresh(&self) -> bool {
        matches!(self, Slot::Fresh | Slot::Extension { fresh: true, .. })
    }
}

/// A path in the target, from what the rule is about.
#[derive(Debug, Clone, Default)]
pub(crate) struct TargetPath {
    /// The steps; none for `$this`.
    pub(crate) steps: Vec<Step>,
    /// The choices of which the type of the source says which it is, for a path that ends in `name[x]`.
    pub(crate) choice: Vec<&'static Element>,
}

/// Why a text is no path of the target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PathError {
    /// Not the syntax of paths.
    Syntax(&'static str),
    /// No such element; the type and the name.
    Unknown(&'static str, String),
    /// More than one part that repeats without a tag.
    Repeats(String),
}

impl std::fmt::Display for PathError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            PathError::Syntax(what) => f.write_str(what),
            PathError::Unknown(kind, name) => write!(f, "{kind} has no element `{name}`"),
            PathError::Repeats(name) => {
                write!(f, "a part before `{name}` repeats too; give one of them a #tag")
            }
        }
    }
}

impl TargetPath {
    /// Reads a path from something of the type `owner`. `tag` gives the number of a tag.
    pub(crate) fn parse(
        text: &str,
        owner: &'static Type,
        table: &'static Table,
        mut tag: impl FnMut(&str) -> u32,
    ) -> Result<TargetPath, PathError> {
        let mut path = TargetPath::default();
        if text == "$this" {
            return Ok(path);
        }
        let (mut owner, mut rest, mut fresh) = (owner, text, false);
        while !rest.is_empty() {
            if path.steps.len() >= MAX_STEPS || !path.choice.is_empty() {
                return Err(PathError::Syntax(
                    "a path ends at a choice, and has at most 16 parts",
                ));
            }
            let part = Part::cut(&mut rest)?;
            let own = if owner.primitive.is_some() {
                table.named("Element").unwrap_or(owner)
            } else {
                owner
            };
            if let Some(stem) = part.name.strip_suffix("[x]") {
                let of = |element: &&'static Element| element.definition.strip_suffix("[x]") == Some(stem);
                path.choice = own.elements.iter().filter(of).collect();
                if path.choice.is_empty() || part.tag.is_some() {
                    return Err(PathError::Unknown(owner.name, part.name.to_owned()));
                }
                continue;
            }
            let element = own
                .element(part.name)
                .ok_or_else(|| PathError::Unknown(owner.name, part.name.to_owned()))?;
            let slot = match (part.url, part.tag) {
                (Some(url), _) => Slot::Extension {
                    url: url.into(),
                    fresh: part.plus,
                },
                (None, Some(name)) if element.many => Slot::Tagged(tag(name)),
                (None, Some(_)) => return Err(PathError::Syntax("a tag is for what repeats")),
                (None, None) if element.many => Slot::Fresh,
                (None, None) => Slot::Single,
            };
            if slot.is_fresh() {
                if fresh {
                    return Err(PathError::Repeats(part.name.to_owned()));
                }
                fresh = true;
            }
            owner = table.type_of(element);
            path.steps.push(Step { element, slot });
        }
        if path.steps.is_empty() && path.choice.is_empty() {
            return Err(PathError::Syntax("an empty path"));
        }
        Ok(path)
    }

    /// The type of what it leads to, from something of the type `owner`; none for a choice.
    pub(crate) fn kind(&self, owner: &'static Type, table: &'static Table) -> Option<&'static Type> {
        if !self.choice.is_empty() {
            return None;
        }
        Some(
            self.steps
                .last()
                .map_or(owner, |step| table.type_of(step.element)),
        )
    }

    /// Whether each node makes something new.
    pub(crate) fn is_fresh(&self) -> bool {
        self.steps.iter().any(|step| step.slot.is_fresh())
    }
}

/// A part of the text of a path.
struct Part<'t> {
    name: &'t str,
    tag: Option<&'t str>,
    url: Option<&'t str>,
    plus: bool,
}

impl<'t> Part<'t> {
    /// Cuts the first part off.
    fn cut(rest: &mut &'t str) -> Result<Part<'t>, PathError> {
        let text = *rest;
        let end = text.find(['.', '(', '#', '+']).unwrap_or(text.len());
        let (name, mut after) = text.split_at(end);
        let mut part = Part {
            name,
            tag: None,
            url: None,
            plus: false,
        };
        let extension = matches!(name, "extension" | "modifierExtension");
        if let Some(tail) = after.strip_prefix('#') {
            let end = tail.find('.').unwrap_or(tail.len());
            let (tag, tail) = tail.split_at(end);
            if tag.is_empty() {
                return Err(PathError::Syntax("a tag without a name"));
            }
            part.tag = Some(tag);
            after = tail;
        } else if after.starts_with(['(', '+']) {
            part.plus = after.starts_with('+');
            let inside = after
                .trim_start_matches('+')
                .strip_prefix('(')
                .filter(|_| extension);
            let (url, tail) = inside
                .and_then(|inside| inside.split_once(')'))
                .ok_or(PathError::Syntax("expected extension(URL)"))?;
            part.url = Some(url.trim_matches('\''));
            after = tail;
        }
        if extension && part.url.is_none() {
            return Err(PathError::Syntax("expected extension(URL)"));
        }
        *rest = match after.strip_prefix('.') {
            Some("") => return Err(PathError::Syntax("a path that ends with a dot")),
            Some(tail) => tail,
            None if after.is_empty() => after,
            None => return Err(PathError::Syntax("a path is names with dots between them")),
        };
        if part.name.is_empty() {
            return Err(PathError::Syntax("an empty part of a path"));
        }
        Ok(part)
    }
}

impl<'d> Tree<'d> {
    /// Goes along the steps from a node, making what is not there.
    pub(crate) fn reach(&mut self, from: Id, steps: &[Step]) -> Id {
        steps
            .iter()
            .fold(from, |at, step| match self.find_step(at, step) {
                Some(found) => found,
                None => self.make_step(at, step),
            })
    }

    /// Goes along the steps as far as they are there already.
    pub(crate) fn find(&self, from: Id, steps: &[Step]) -> Option<Id> {
        steps.iter().try_fold(from, |at, step| match step.slot {
            Slot::Fresh => self.children_of(at, step.element).next(),
            _ => self.find_step(at, step),
        })
    }

    /// What a step means, when it is there; never for a fresh one.
    fn find_step(&self, at: Id, step: &Step) -> Option<Id> {
        match &step.slot {
            Slot::Single => self.children_of(at, step.element).next(),
            Slot::Fresh | Slot::Extension { fresh: true, .. } => None,
            Slot::Tagged(tag) => self
                .children_of(at, step.element)
                .find(|item| self.node(*item).tag == *tag),
            Slot::Extension { url, .. } => self
                .children_of(at, step.element)
                .find(|item| self.child(*item, "url").and_then(|own| self.text(own)) == Some(url)),
        }
    }

    fn make_step(&mut self, at: Id, step: &Step) -> Id {
        let kind = self.table.type_of(step.element);
        let tag = match step.slot {
            Slot::Tagged(tag) => tag,
            _ => 0,
        };
        let own = self.add_of(at, step.element, kind, tag);
        if let Slot::Extension { url, .. } = &step.slot {
            self.set_url(own, url.to_string().into());
        }
        own
    }

    /// Sets the url of an extension.
    pub(crate) fn set_url(&mut self, extension: Id, url: Text<'d>) {
        if let Some(element) = self.element_named(extension, "url") {
            let own = self.single(extension, element);
            self.set_text(own, url);
        }
    }
}
