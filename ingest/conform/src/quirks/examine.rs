//! One walk over a document: each node is shown to what knows quirks of its type.

use samenhang_profiles::document::{Document, Node};
use samenhang_profiles::{Limits, ReadError};

use super::edit::{Edit, apply, end_of, quoted};
use super::met::{Met, place};
use super::{Action, Quirk, dates, prune, records, references, shapes, systems, texts};

/// What was found in a document.
#[derive(Debug, Default)]
pub struct Examined {
    /// What was met, and where.
    pub met: Met,
    edits: Vec<Edit>,
    is_hollow: bool,
}

impl Examined {
    /// Whether there is nothing to put right.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.met.only(Action::Repair).is_empty()
    }

    /// The text with what was found put right; `None` when nothing in it changes.
    ///
    /// # Errors
    /// [`ReadError`] when it passes a limit.
    pub(super) fn mended(&self, body: &[u8], limits: &Limits) -> Result<Option<Vec<u8>>, ReadError> {
        let edited = (!self.edits.is_empty()).then(|| apply(body, &self.edits));
        if !self.is_hollow {
            return Ok(edited);
        }
        let pruned = prune::pruned(edited.as_deref().unwrap_or(body), limits)?;
        Ok(pruned.or(edited))
    }
}

/// What is noted on the way.
pub(super) struct Look<'t> {
    /// The text in JSON; none for a document that was read from something else, of which nothing is put right.
    pub(super) text: Option<&'t [u8]>,
    pub(super) examined: Examined,
}

impl Look<'_> {
    /// Notes a quirk.
    pub(super) fn note(&mut self, quirk: Quirk, node: Node<'_>) {
        self.examined.met.add(quirk, &place(node));
    }

    /// Notes a quirk, and puts another string in the place of a node's. What does not stand in the text as a string
    /// (a value that only `_name` has) is noted only.
    pub(super) fn replace(&mut self, quirk: Quirk, node: Node<'_>, with: &str) {
        self.note(quirk, node);
        let Some(text) = self.text.filter(|text| text.get(node.offset()) == Some(&b'"')) else {
            return;
        };
        if let Some(end) = end_of(text, node.offset()) {
            self.edit(node.offset(), end, quoted(with));
        }
    }

    /// Changes the text.
    pub(super) fn edit(&mut self, start: usize, end: usize, with: String) {
        self.examined.edits.push(Edit {
            span: start..end,
            with,
        });
    }

    /// Notes what says nothing, to be taken out.
    pub(super) fn hollow(&mut self, node: Node<'_>) {
        self.note(Quirk::EmptyValue, node);
        self.examined.is_hollow = true;
    }
}

/// Looks a document over. `json` is the text that it was read from, when that is JSON.
#[must_use]
pub fn examine(document: &Document<'_>, json: Option<&[u8]>) -> Examined {
    let mut look = Look {
        text: json,
        examined: Examined::default(),
    };
    for irregularity in document.irregularities() {
        shapes::irregularity(&mut look, document, irregularity);
    }
    let mut open = vec![document.root()];
    while let Some(node) = open.pop() {
        match node.primitive() {
            Some(value) => leaf(&mut look, node, value),
            None if node.is_resource() => records::resource(&mut look, node),
            None => composite(&mut look, node),
        }
        if node.index() == 1 {
            shapes::repeated(&mut look, node);
        }
        open.extend(node.children());
    }
    look.examined
}

fn leaf(look: &mut Look<'_>, node: Node<'_>, value: &str) {
    if prune::is_blank(value) {
        return look.hollow(node);
    }
    match node.fhir_type() {
        "date" => dates::look(look, node, value, dates::Kind::Date),
        "dateTime" => dates::look(look, node, value, dates::Kind::DateTime),
        "instant" => dates::look(look, node, value, dates::Kind::Instant),
        "string" => texts::prose(look, node, value),
        "markdown" => texts::plain(look, node, value),
        "code" => texts::code(look, node, value),
        "id" | "uri" | "url" | "canonical" | "oid" | "uuid" => texts::token(look, node, value),
        _ => {}
    }
}

fn composite(look: &mut Look<'_>, node: Node<'_>) {
    match node.fhir_type() {
        "Coding" => systems::coding(look, node),
        "Identifier" => systems::identifier(look, node),
        "Quantity" | "Age" | "SimpleQuantity" | "Duration" => systems::quantity(look, node),
        "Reference" => references::look(look, node),
        "Meta" => systems::profiles(look, node),
        "CodeableConcept" => records::concept(look, node),
        "Period" => records::period(look, node),
        _ => {}
    }
}
