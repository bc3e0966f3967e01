//! HL7 version 2: messages as logical trees, their framing over a stream, and what is answered.
//!
//! The tree has the segments by name, fields as `f1`, `f2`, and so on, components as `c2` and sub-components as `s2`. **The
//! text of a field is that of its first component**, and the text of a component that of its first sub-component: a sender
//! that adds components changes no path, as the standard wants it. A field that repeats is several nodes.
//!
//! Segments stand in groups, so that what belongs together is found together: `patient` begins at each PID and holds what
//! follows it; `order` begins at an ORC or OBR and holds what follows it; an NTE stands in the segment that it is about.
//! `patient.order.OBX.f5` are the results. `""`, by which a sender says that a value is gone, is a node `cleared` in the
//! place of the text.

mod ack;
mod escape;
mod header;
mod mllp;
#[cfg(test)]
mod tests;

use samenhang_profiles::Limits;
use samenhang_profiles::document::{Builder, Document, Origin};

pub use ack::{Acknowledgement, acknowledge};
pub use header::{Delimiters, Header, charset, decode};
pub use mllp::{Event, Fault, Framer, frame};

use crate::source::{Label, SourceError};

/// Segments that one message may have.
const MAX_SEGMENTS: usize = 50_000;
/// Fields of a segment, repetitions of a field, parts of a repetition.
const MAX_PARTS: usize = 1_000;

/// What is open in the tree.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Group {
    Patient,
    /// An order, and whether it has its OBR.
    Order(bool),
    /// The segment before, in which an NTE may stand.
    Segment,
}

/// Reads a message whose text [`decode`] gave.
///
/// # Errors
/// [`SourceError`] when there is no usable MSH, or a limit is passed. What else a sender does wrong is kept as it is.
pub fn read<'a>(text: &'a str, limits: &Limits) -> Result<Document<'a>, SourceError> {
    let delimiters = Delimiters::of(text)?;
    let mut reader = Reader {
        builder: Builder::new(text, "Message", limits)?,
        delimiters,
        open: Vec::new(),
        counts: hashbrown::HashMap::new(),
        label: Label::new(),
    };
    for (number, segment) in text.split(['\r', '\n']).enumerate() {
        if number > MAX_SEGMENTS {
            return Err(SourceError::Header("more than 50,000 segments"));
        }
        reader.segment(segment, text)?;
    }
    Ok(reader.builder.finish())
}

struct Reader<'a> {
    builder: Builder<'a>,
    delimiters: Delimiters,
    open: Vec<Group>,
    /// How often each segment was there.
    counts: hashbrown::HashMap<&'a str, usize>,
    label: Label,
}

impl<'a> Reader<'a> {
    fn segment(&mut self, segment: &'a str, text: &str) -> Result<(), SourceError> {
        let mut fields = segment.split(self.delimiters.field);
        let name = fields.next().unwrap_or_default().trim();
        let known = name.len() == 3 && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if segment.trim().is_empty() {
            return Ok(());
        }
        let at = segment.as_ptr().addr().saturating_sub(text.as_ptr().addr());
        let name = if known { name } else { "unnamed" };
        self.enter(name)?;
        let count = self.counts.entry(name).or_default();
        *count += 1;
        let place = match *count {
            1 => name.to_owned(),
            other => format!("{name}[{other}]"),
        };
        self.builder.open(name, None, Origin::Offset(at))?;
        let header = name == "MSH";
        if header {
            let own = self.delimiters.field.to_string();
            self.builder.leaf(
                "f1",
                &own,
                Origin::Label(self.label.write(format_args!("{place}-1"))),
            )?;
        }
        for (index, field) in fields.enumerate() {
            if index >= MAX_PARTS {
                return Err(SourceError::Header("more than 1,000 fields in a segment"));
            }
            let number = index + 1 + usize::from(header);
            if header && number == 2 {
                self.builder.leaf(
                    "f2",
                    field,
                    Origin::Label(self.label.write(format_args!("{place}-2"))),
                )?;
            } else {
                self.field(field, number, &place)?;
            }
        }
        // It stays open, as a note may follow.
        self.open.push(Group::Segment);
        Ok(())
    }

    /// Closes what the segment does not stand in, and opens the group that it begins.
    fn enter(&mut self, name: &str) -> Result<(), SourceError> {
        let before = self.open.last().copied();
        if before == Some(Group::Segment) {
            if name == "NTE" {
                return Ok(());
            }
            self.close_while(|group| group == Group::Segment);
        }
        match name {
            "MSH" => self.close_while(|_| true),
            "PID" => {
                self.close_while(|_| true);
                self.builder.open("patient", None, Origin::Parent)?;
                self.open.push(Group::Patient);
            }
            "ORC" => self.order(false)?,
            "OBR" => match self.open.last_mut() {
                Some(Group::Order(filled)) if !*filled => *filled = true,
                _ => self.order(true)?,
            },
            _ => {}
        }
        Ok(())
    }

    fn order(&mut self, filled: bool) -> Result<(), SourceError> {
        self.close_while(|group| matches!(group, Group::Order(_)));
        self.builder.open("order", None, Origin::Parent)?;
        self.open.push(Group::Order(filled));
        Ok(())
    }

    fn close_while(&mut self, closes: impl Fn(Group) -> bool) {
        while self.open.pop_if(|group| closes(*group)).is_some() {
            self.builder.close();
        }
    }

    /// A field with its repetitions.
    fn field(&mut self, field: &str, number: usize, place: &str) -> Result<(), SourceError> {
        if field.is_empty() {
            return Ok(());
        }
        let Delimiters {
            component,
            subcomponent,
            repetition,
            escape,
            ..
        } = self.delimiters;
        let name = format!("f{number}");
        for (repeat, value) in field.split(repetition).enumerate() {
            if repeat >= MAX_PARTS {
                return Err(SourceError::Header("more than 1,000 repetitions of a field"));
            }
            if value.is_empty() {
                continue;
            }
            let origin = match repeat {
                0 => format!("{place}-{number}"),
                other => format!("{place}-{number}[{}]", other + 1),
            };
            self.builder.open(&name, None, Origin::Label(&origin))?;
            for (index, component) in value.split(component).enumerate() {
                if index >= MAX_PARTS {
                    return Err(SourceError::Header("more than 1,000 components in a field"));
                }
                if index > 0 && !component.is_empty() {
                    let label = self.label.write(format_args!("{origin}.{}", index + 1));
                    self.builder
                        .open(&format!("c{}", index + 1), None, Origin::Label(label))?;
                }
                for (part, text) in component.split(subcomponent).enumerate() {
                    if part >= MAX_PARTS {
                        return Err(SourceError::Header("more than 1,000 sub-components"));
                    }
                    if text.is_empty() {
                        continue;
                    }
                    let text = escape::resolve(text, escape, &self.delimiters);
                    match part {
                        0 if &*text == "\"\"" => self.builder.leaf("cleared", &text, Origin::Parent)?,
                        0 => self.builder.text(&text)?,
                        _ => {
                            let at = format_args!("{origin}.{}.{}", index + 1, part + 1);
                            let label = self.label.write(at);
                            self.builder
                                .leaf(&format!("s{}", part + 1), &text, Origin::Label(label))?;
                        }
                    }
                }
                if index > 0 && !component.is_empty() {
                    self.builder.close();
                }
            }
            self.builder.close();
        }
        Ok(())
    }
}
