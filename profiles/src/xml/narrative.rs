//! Keeps the `div` of a narrative as it was written.
//!
//! It is checked for what could harm a reader of XML (depth, size, entities, instructions) but not for what it
//! shows: making it safe for a page is the task of the page.

use std::fmt::Write as _;

use quick_xml::events::{BytesStart, Event};

use crate::limits::Limits;
use crate::raw::ReadError;
use crate::xml::scope::{Namespace, Scope, split, within};
use crate::xml::{Source, malformed};

/// Copies one `div`.
pub(crate) struct Copy<'a> {
    pub(crate) scope: &'a mut Scope,
    pub(crate) limits: &'a Limits,
    /// Elements and attributes of the message so far.
    pub(crate) nodes: &'a mut usize,
    /// Depth of the `div`.
    pub(crate) depth: usize,
}

impl Copy<'_> {
    /// The `div` that `start` opens, up to its end. When it relies on a namespace that is declared outside of it, the
    /// prefix is taken off and the declaration put on; else the text is `verbatim`.
    pub(crate) fn element(
        &mut self,
        start: &BytesStart<'_>,
        source: &mut Source<'_>,
        empty: bool,
        verbatim: bool,
    ) -> Result<String, ReadError> {
        let from = source.at;
        let mut out = String::new();
        tag(&mut out, start, empty, true)?;
        let mut open = usize::from(!empty);
        while open > 0 {
            match source.next()? {
                Event::Start(start) => {
                    open += 1;
                    self.enter(&start, self.depth + open, source.at)?;
                    tag(&mut out, &start, false, false)?;
                }
                Event::Empty(start) => {
                    self.enter(&start, self.depth + open + 1, source.at)?;
                    self.scope.leave(self.depth + open + 1);
                    tag(&mut out, &start, true, false)?;
                }
                Event::End(end) => {
                    open -= 1;
                    self.scope.leave(self.depth + open + 1);
                    let _ = write!(out, "</{}>", split(end.name().0).1);
                }
                Event::GeneralRef(name) => {
                    let known = name.is_char_ref() || matches!(&*name, "lt" | "gt" | "amp" | "quot" | "apos");
                    if !known {
                        return Err(malformed(source.at, "an unknown entity"));
                    }
                    let _ = write!(out, "&{};", &*name);
                }
                Event::Text(_) | Event::CData(_) | Event::Comment(_) => {
                    out.push_str(source.text.get(source.at..source.offset()).unwrap_or_default());
                }
                Event::DocType(_) => return Err(malformed(source.at, "a document type")),
                Event::PI(_) | Event::Decl(_) => {
                    return Err(malformed(source.at, "a processing instruction"));
                }
                Event::Eof => return Err(malformed(source.at, "the text ends early")),
            }
        }
        if verbatim {
            return Ok(source
                .text
                .get(from..source.offset())
                .unwrap_or_default()
                .to_owned());
        }
        Ok(out)
    }

    fn enter(&mut self, start: &BytesStart<'_>, depth: usize, at: usize) -> Result<(), ReadError> {
        within("levels of nesting", depth, self.limits.max_depth, at)?;
        let attributes = self.scope.enter(start, depth, at, self.limits)?;
        *self.nodes += 1 + attributes.plain.len();
        within("values", *self.nodes, self.limits.max_nodes, at)?;
        if self.scope.resolve(split(start.name().0).0) == Namespace::Xhtml {
            Ok(())
        } else {
            Err(malformed(at, "an element outside of its namespace"))
        }
    }
}

/// Writes a start tag without prefix and declarations; on the root with the one declaration it needs.
fn tag(out: &mut String, start: &BytesStart<'_>, empty: bool, root: bool) -> Result<(), ReadError> {
    let _ = write!(out, "<{}", split(start.name().0).1);
    if root {
        out.push_str(" xmlns=\"http://www.w3.org/1999/xhtml\"");
    }
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|_| malformed(0, "a malformed or repeated attribute"))?;
        let name = attribute.key.0;
        if name != "xmlns" && !name.starts_with("xmlns:") {
            let _ = write!(out, " {name}=\"{}\"", attribute.value.replace('"', "&quot;"));
        }
    }
    out.push_str(if empty { "/>" } else { ">" });
    Ok(())
}
