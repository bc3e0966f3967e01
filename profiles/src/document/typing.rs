//! Gives each node the element and type that the definitions have for it, and finds what they do not have.

use crate::document::arena::{Arena, BESIDE, Data, Form, IN_ARRAY, MERGED, NONE, Span};
use crate::document::irregularity::Rule;
use crate::element_table::{Element, Primitive, Table, Type, UNKNOWN};
use crate::version::FhirVersion;

/// The definitions of a version.
#[derive(Clone, Copy)]
pub(super) struct Typing {
    table: &'static Table,
    /// `Element`, of which a primitive has `id` and `extension`.
    element: &'static Type,
}

impl Typing {
    pub(super) fn of(version: FhirVersion) -> Self {
        let table = Table::of(version);
        Typing {
            table,
            element: table.named("Element").unwrap_or(&UNKNOWN),
        }
    }

    /// The type of a resource.
    pub(super) fn resource(self, name: &str) -> Option<&'static Type> {
        self.table.named(name).filter(|kind| kind.resource)
    }

    /// The element `name` of something of the type `owner`.
    #[inline]
    pub(super) fn element(self, owner: &'static Type, name: &str) -> Option<&'static Element> {
        let owner = if owner.primitive.is_some() {
            self.element
        } else {
            owner
        };
        owner.element(name)
    }

    #[inline]
    pub(super) fn type_of(self, element: &Element) -> &'static Type {
        self.table.type_of(element)
    }

    /// Types all nodes that were read from JSON. A parent stands before its children, so one pass is enough.
    pub(super) fn json(self, arena: &mut Arena<'_>) {
        // Items of one array follow each other and share the span of their name.
        let mut before = (NONE, Span::ABSENT, None);
        let mut faults = Vec::new();
        let mut nodes = std::mem::take(&mut arena.nodes);
        for at in 0..nodes.len() {
            let (done, rest) = nodes.split_at_mut(at);
            let Some(data) = rest.first_mut().filter(|data| data.flags & MERGED == 0) else {
                continue;
            };
            if let Some(owner) = done.get(data.parent as usize) {
                if (before.0, before.1) != (data.parent, data.name) {
                    let element = self.element(owner.kind, arena.text(data.name));
                    before = (data.parent, data.name, element);
                }
                match before.2 {
                    Some(element) => self.assign(arena, data, element, &mut faults),
                    // Inside of what is unknown nothing is known.
                    None if owner.kind.name.is_empty() => {}
                    None => faults.push(Rule::UnknownElement),
                }
            } else {
                self.place(arena, data, &mut faults);
            }
            for rule in faults.drain(..) {
                arena.irregular_at(rule, at as u32, Span::ABSENT, data.offset as usize);
            }
        }
        arena.nodes = nodes;
    }

    /// Types a node of JSON whose element is known, and judges its shape.
    #[inline]
    fn assign(self, arena: &Arena<'_>, data: &mut Data, element: &'static Element, faults: &mut Vec<Rule>) {
        data.element = Some(element);
        let kind = self.type_of(element);
        let in_array = data.flags & IN_ARRAY != 0;
        if in_array && !element.many && data.index == 0 {
            faults.push(Rule::UnexpectedArray);
        }
        if !in_array && element.many {
            faults.push(Rule::MissingArray);
        }
        data.kind = kind;
        match kind.primitive {
            Some(primitive) => {
                let fits = match data.form {
                    Form::Boolean => primitive == Primitive::Boolean,
                    Form::Number => primitive == Primitive::Number,
                    Form::String => !matches!(primitive, Primitive::Boolean | Primitive::Number),
                    Form::Null => {
                        if data.flags & BESIDE == 0 {
                            faults.push(Rule::Null);
                        }
                        true
                    }
                    Form::Object => false,
                };
                if !fits {
                    faults.push(Rule::WrongKind);
                }
            }
            None if data.flags & BESIDE != 0 => faults.push(Rule::SidecarMisfit),
            None if data.form == Form::Null => faults.push(Rule::Null),
            None if data.form != Form::Object => faults.push(Rule::WrongKind),
            None if kind.any_resource() => self.place(arena, data, faults),
            None if !data.value.is_absent() => faults.push(Rule::UnknownElement),
            None => {}
        }
    }

    /// Types a node that is a resource.
    fn place(self, arena: &Arena<'_>, data: &mut Data, faults: &mut Vec<Rule>) {
        data.kind = &UNKNOWN;
        if data.value.is_absent() {
            faults.push(Rule::MissingResourceType);
            return;
        }
        match self.resource(arena.text(data.value)) {
            Some(kind) => data.kind = kind,
            None => faults.push(Rule::UnknownResourceType),
        }
    }
}
