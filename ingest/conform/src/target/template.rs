//! Values that a map writes out, made ready for the element that they go to.

use samenhang_profiles::element_table::{Element, Table, Type};

use super::{Id, Tree};
use crate::language::Template;

/// Deepest nesting of a value that a map writes out.
const MAX_DEPTH: usize = 12;

/// A value for an element of a certain type.
#[derive(Debug, Clone)]
pub(crate) enum Content {
    /// Of a primitive.
    Text(Box<str>),
    /// The elements of anything else.
    Elements(Vec<(&'static Element, Content)>),
}

impl Content {
    /// The value that a template says, for something of a type. A list gives several elements of the same name.
    pub(crate) fn of(
        template: &Template,
        kind: &'static Type,
        table: &'static Table,
    ) -> Result<Content, String> {
        build(template, kind, table, 0)
    }

    /// Puts the value in a node, beside what it has.
    pub(crate) fn put(&self, tree: &mut Tree<'_>, at: Id) {
        match self {
            Content::Text(text) => tree.set_text(at, text.to_string().into()),
            Content::Elements(elements) => {
                for (element, content) in elements {
                    let child = if element.many {
                        tree.add(at, element)
                    } else {
                        tree.single(at, element)
                    };
                    content.put(tree, child);
                }
            }
        }
    }

    /// Makes sure that a node holds the value: what is missing is added, and what is there stays. Whether it then does.
    pub(crate) fn ensure(&self, tree: &mut Tree<'_>, at: Id) -> bool {
        match self {
            Content::Text(text) => match tree.text(at) {
                Some(own) => own == &**text,
                None => {
                    tree.set_text(at, text.to_string().into());
                    true
                }
            },
            Content::Elements(elements) => {
                let mut all = true;
                for (element, content) in elements {
                    if element.many {
                        let found = tree
                            .children_of(at, element)
                            .any(|item| holds(tree, item, content));
                        if !found {
                            let item = tree.add(at, element);
                            content.put(tree, item);
                        }
                    } else {
                        let child = tree.single(at, element);
                        all &= content.ensure(tree, child);
                    }
                }
                all
            }
        }
    }
}

/// Whether a node holds at least the value, as a pattern.
pub(crate) fn holds(tree: &Tree<'_>, at: Id, content: &Content) -> bool {
    match content {
        Content::Text(text) => tree.text(at) == Some(&**text),
        Content::Elements(elements) => elements.iter().all(|(element, content)| {
            tree.children_of(at, element)
                .any(|child| holds(tree, child, content))
        }),
    }
}

fn build(
    template: &Template,
    kind: &'static Type,
    table: &'static Table,
    depth: usize,
) -> Result<Content, String> {
    if depth > MAX_DEPTH {
        return Err(format!("a value is nested deeper than {MAX_DEPTH}"));
    }
    match (template, kind.primitive) {
        (Template::Text(text), Some(_)) => Ok(Content::Text(text.as_str().into())),
        (Template::Object(entries), None) => {
            let mut elements = Vec::new();
            for (name, value) in entries {
                let element = kind
                    .element(name)
                    .ok_or_else(|| format!("{} has no element `{name}`", kind.name))?;
                let own = table.type_of(element);
                match value {
                    Template::List(items) if element.many => {
                        for item in items {
                            elements.push((element, build(item, own, table, depth + 1)?));
                        }
                    }
                    Template::List(_) => return Err(format!("`{name}` does not repeat")),
                    _ if element.many => return Err(format!("`{name}` repeats: write a list")),
                    value => elements.push((element, build(value, own, table, depth + 1)?)),
                }
            }
            Ok(Content::Elements(elements))
        }
        (_, Some(_)) => Err(format!("{} is a text", kind.name)),
        (_, None) => Err(format!("{} is an object", kind.name)),
    }
}
