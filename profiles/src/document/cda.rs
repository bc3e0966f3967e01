//! Builds the logical tree of a message of HL7 version 3: elements and attributes by their names.
//!
//! The rules of XML are those of the reader of FHIR: no document type, no entities of its own, limits on all that grows.

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use hashbrown::HashMap;
use quick_xml::events::{BytesRef, BytesStart, Event};

use crate::document::{Builder, Document, Origin};
use crate::limits::Limits;
use crate::raw::ReadError;
use crate::xml::scope::{Namespace, Scope, split, within};
use crate::xml::{MAX_DEPTH, Source, blank, malformed};

/// Elements with an identifier that are open at the same time, of which the words are kept.
const MAX_OPEN_WORDS: usize = 8;

/// An element that is open.
struct Frame {
    section: bool,
    /// Where the markup of a narrative begins.
    narrative: Option<usize>,
    text: String,
}

/// Reads a message.
pub(super) fn read<'a>(text: &'a str, limits: &Limits) -> Result<Document<'a>, ReadError> {
    let limits = Limits {
        max_depth: limits.max_depth.min(MAX_DEPTH),
        ..*limits
    };
    within("bytes", text.len(), limits.max_bytes, limits.max_bytes)?;
    let mut reader = Reader {
        text,
        limits,
        scope: Scope::default(),
        builder: None,
        frames: Vec::new(),
        inside: 0,
        count: 0,
        words: None,
    };
    reader.all()?;
    let builder = reader.builder.filter(|_| reader.frames.is_empty());
    let builder = builder.ok_or_else(|| malformed(text.len(), "the text ends early"))?;
    Ok(builder.finish())
}

struct Reader<'a> {
    text: &'a str,
    limits: Limits,
    scope: Scope,
    builder: Option<Builder<'a>>,
    frames: Vec<Frame>,
    /// Elements that are open inside of a narrative.
    inside: usize,
    count: usize,
    /// The words of elements by identifier, found when they are first asked for.
    words: Option<HashMap<String, String>>,
}

impl Reader<'_> {
    fn all(&mut self) -> Result<(), ReadError> {
        let mut source = Source::over(self.text);
        let mut first = true;
        loop {
            match source.next()? {
                Event::Start(start) => self.start(&start, &source, false)?,
                Event::Empty(start) => self.start(&start, &source, true)?,
                Event::End(_) => self.end(source.at)?,
                Event::Text(text) => self.words(&text, source.at)?,
                Event::CData(text) => self.words(&text, source.at)?,
                Event::GeneralRef(name) => {
                    let mut buffer = [0; 4];
                    let text = entity(&name, source.at)?.encode_utf8(&mut buffer);
                    self.words(text, source.at)?;
                }
                Event::Comment(_) => {}
                Event::Decl(_) if first => {}
                Event::Eof => return Ok(()),
                Event::DocType(_) => return Err(malformed(source.at, "a document type")),
                Event::PI(_) | Event::Decl(_) => {
                    return Err(malformed(source.at, "a processing instruction"));
                }
            }
            first = false;
        }
    }

    fn start(&mut self, start: &BytesStart<'_>, source: &Source<'_>, empty: bool) -> Result<(), ReadError> {
        let at = source.at;
        let depth = self.frames.len() + self.inside + 1;
        within("levels of nesting", depth, self.limits.max_depth, at)?;
        let attributes = self.scope.enter(start, depth, at, &self.limits)?;
        self.count += 1 + attributes.plain.len();
        within("values", self.count, self.limits.max_nodes, at)?;
        if self.inside > 0 || self.frames.last().is_some_and(|frame| frame.narrative.is_some()) {
            self.inside += 1;
            return if empty { self.end(at) } else { Ok(()) };
        }
        let (prefix, local) = split(start.name().0);
        let namespace = self.scope.resolve(prefix);
        let name: Cow<'_, str> = match namespace {
            Namespace::Hl7V3 => local.into(),
            Namespace::Sdtc => format!("sdtc_{local}").into(),
            _ => format!("other_{local}").into(),
        };
        let narrative = &*name == "text" && self.frames.last().is_some_and(|frame| frame.section);
        if let Some(builder) = &mut self.builder {
            if self.frames.is_empty() {
                return Err(malformed(at, "a second root element"));
            }
            builder.open(&name, None, Origin::Offset(at))?;
        } else {
            if namespace != Namespace::Hl7V3 {
                return Err(malformed(at, "a root element that is not of HL7 version 3"));
            }
            self.builder = Some(Builder::new(self.text, &name, &self.limits)?);
        }
        let mut referred = None;
        if let Some(builder) = &mut self.builder {
            if let Some(kind) = &attributes.schema_type {
                builder.leaf("xsi_type", split(kind.trim()).1, Origin::Offset(at))?;
            }
            for (key, value) in &attributes.plain {
                if &*name == "reference" && *key == "value" {
                    referred = value.strip_prefix('#').map(str::to_owned);
                }
                builder.leaf(key, value, Origin::Offset(at))?;
            }
        }
        if let Some(identifier) = referred {
            self.refer(&identifier, at)?;
        }
        self.frames.push(Frame {
            section: &*name == "section",
            narrative: narrative.then(|| source.offset()),
            text: String::new(),
        });
        if empty { self.end(at) } else { Ok(()) }
    }

    /// The innermost element closes.
    fn end(&mut self, at: usize) -> Result<(), ReadError> {
        self.scope.leave(self.frames.len() + self.inside);
        if self.inside > 0 {
            self.inside -= 1;
            return Ok(());
        }
        let Some(frame) = self.frames.pop() else {
            return Err(malformed(at, "an end without a start"));
        };
        let Some(builder) = &mut self.builder else {
            return Ok(());
        };
        let own = match frame.narrative {
            Some(from) => self.text.get(from..at).unwrap_or_default().trim(),
            None => frame.text.trim(),
        };
        if !own.is_empty() {
            if self.frames.is_empty() {
                return Err(malformed(at, "text in the root element"));
            }
            builder.text(own)?;
        }
        builder.close();
        Ok(())
    }

    /// Text within an element.
    fn words(&mut self, text: &str, at: usize) -> Result<(), ReadError> {
        match self.frames.last_mut() {
            _ if self.inside > 0 => Ok(()),
            Some(frame) if frame.narrative.is_none() => {
                within(
                    "bytes in a string",
                    frame.text.len() + text.len(),
                    self.limits.max_base64,
                    at,
                )?;
                frame.text.push_str(text);
                Ok(())
            }
            Some(_) => Ok(()),
            None if blank(text) => Ok(()),
            None => Err(malformed(at, "text outside of the root element")),
        }
    }

    /// Adds the words that a reference points at.
    fn refer(&mut self, identifier: &str, at: usize) -> Result<(), ReadError> {
        if self.words.is_none() {
            self.words = Some(identified(self.text)?);
        }
        let words = self.words.as_ref().and_then(|words| words.get(identifier));
        match (words, &mut self.builder) {
            (Some(words), Some(builder)) if !words.is_empty() => {
                builder.leaf("narrative", words, Origin::Offset(at))
            }
            _ => Ok(()),
        }
    }
}

/// The words of each element that has an identifier, with one space where there is white space.
fn identified(text: &str) -> Result<HashMap<String, String>, ReadError> {
    let mut source = Source::over(text);
    let mut found: HashMap<String, String> = HashMap::new();
    // Depth and identifier of the elements that are open.
    let mut open: Vec<(usize, String)> = Vec::new();
    let mut depth = 0_usize;
    loop {
        let mut buffer = [0; 4];
        let event = source.next()?;
        let words: &str = match &event {
            Event::Start(start) => {
                depth += 1;
                let own = start.attributes().flatten().find(|own| own.key.0 == "ID");
                if let Some(own) = own.filter(|_| open.len() < MAX_OPEN_WORDS)
                    && !found.contains_key(&*own.value)
                {
                    found.insert(own.value.to_string(), String::new());
                    open.push((depth, own.value.to_string()));
                }
                " "
            }
            Event::End(_) => {
                while open.pop_if(|last| last.0 >= depth).is_some() {}
                depth = depth.saturating_sub(1);
                " "
            }
            Event::Empty(_) => " ",
            Event::Text(text) => text,
            Event::CData(text) => text,
            Event::GeneralRef(name) => entity(name, source.at)?.encode_utf8(&mut buffer),
            Event::Eof => break,
            _ => "",
        };
        for (_, identifier) in &open {
            if let Some(own) = found.get_mut(identifier) {
                own.push_str(words);
            }
        }
    }
    for words in found.values_mut() {
        *words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    Ok(found)
}

/// The character that a reference stands for.
fn entity(name: &BytesRef<'_>, at: usize) -> Result<char, ReadError> {
    let unknown = || malformed(at, "an unknown entity");
    match &**name {
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "amp" => Ok('&'),
        "quot" => Ok('"'),
        "apos" => Ok('\''),
        _ => name
            .resolve_char_ref()
            .ok()
            .flatten()
            .filter(|char| *char >= ' ' || matches!(char, '\t' | '\n' | '\r'))
            .ok_or_else(unknown),
    }
}
