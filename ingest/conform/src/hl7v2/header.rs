//! The header of a message: its delimiters, its character set, and what an answer needs of it.

use std::borrow::Cow;

use crate::charset::Charset;
use crate::source::SourceError;

/// The characters by which a message is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delimiters {
    /// Between fields, MSH-1.
    pub field: char,
    /// Between components.
    pub component: char,
    /// Between repetitions.
    pub repetition: char,
    /// Around escape sequences.
    pub escape: char,
    /// Between sub-components.
    pub subcomponent: char,
}

impl Delimiters {
    /// Those that a message says.
    ///
    /// # Errors
    /// [`SourceError::Header`] when it does not begin with MSH, or its delimiters are not told apart.
    pub fn of(text: &str) -> Result<Self, SourceError> {
        let rest = text
            .strip_prefix("MSH")
            .ok_or(SourceError::Header("it does not begin with MSH"))?;
        let mut chars = rest.chars();
        let field = chars.next().ok_or(SourceError::Header("it ends early"))?;
        let mut own: Vec<char> = chars
            .take_while(|char| *char != field && *char != '\r' && *char != '\n')
            .take(5)
            .collect();
        // Senders leave out those that they do not use; then the usual ones hold.
        for usual in ['^', '~', '\\', '&'].into_iter().skip(own.len()) {
            own.push(usual);
        }
        let delimiters = match own.as_slice() {
            [component, repetition, escape, subcomponent, ..] => Delimiters {
                field,
                component: *component,
                repetition: *repetition,
                escape: *escape,
                subcomponent: *subcomponent,
            },
            _ => return Err(SourceError::Header("it has no delimiters")),
        };
        let all = delimiters.all();
        let usable = |char: &char| !char.is_alphanumeric() && !char.is_whitespace() && !char.is_control();
        let distinct = (1..all.len()).all(|at| !all[..at].contains(&all[at]));
        if distinct && all.iter().all(usable) {
            Ok(delimiters)
        } else {
            Err(SourceError::Header(
                "its delimiters are letters, or not all different",
            ))
        }
    }

    fn all(&self) -> [char; 5] {
        [
            self.field,
            self.component,
            self.repetition,
            self.escape,
            self.subcomponent,
        ]
    }
}

/// The character set that MSH-18 declares; ASCII when it is empty.
///
/// # Errors
/// [`SourceError`] when there is no header, or the set is not one that is read.
pub fn charset(message: &[u8]) -> Result<Charset, SourceError> {
    let message = message.strip_prefix(b"\xef\xbb\xbf").unwrap_or(message);
    let end = message.iter().position(|byte| matches!(byte, b'\r' | b'\n'));
    let header = message.get(..end.unwrap_or(message.len())).unwrap_or_default();
    let [b'M', b'S', b'H', separator, rest @ ..] = header else {
        return Err(SourceError::Header("it does not begin with MSH"));
    };
    // MSH-2 is the first behind the separator.
    let declared = rest.split(|byte| byte == separator).nth(16).unwrap_or_default();
    let first = declared.split(|byte| *byte == b'~').next().unwrap_or_default();
    let name = std::str::from_utf8(first)
        .unwrap_or("?")
        .trim()
        .to_ascii_uppercase();
    match name.as_str() {
        "" | "ASCII" => Ok(Charset::Ascii),
        "UNICODE UTF-8" | "UTF-8" | "UTF8" => Ok(Charset::Utf8),
        "8859/1" | "ISO-8859-1" | "ISO8859-1" => Ok(Charset::Latin1),
        "8859/15" | "ISO-8859-15" => Ok(Charset::Latin9),
        _ => Err(SourceError::Charset {
            at: 0,
            what: "MSH-18 names a character set that is not read",
        }),
    }
}

/// The text of a message, by the character set that it declares. `undeclared` holds where it declares none: only what
/// was agreed with the sender may stand there, else `None`.
///
/// # Errors
/// [`SourceError`] when there is no header, or bytes are not of the set.
pub fn decode(message: &[u8], undeclared: Option<Charset>) -> Result<Cow<'_, str>, SourceError> {
    let declared = charset(message)?;
    let used = match (declared, undeclared) {
        (Charset::Ascii, Some(agreed)) => agreed,
        (declared, _) => declared,
    };
    used.decode(message)
}

/// What an answer needs of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    pub(super) delimiters: Delimiters,
    /// MSH-1 to MSH-21 as they were written, from zero.
    fields: Vec<String>,
}

/// Fields of the header that are kept.
const FIELDS: usize = 21;
/// Longest field of the header that is kept.
const MAX_FIELD: usize = 500;

impl Header {
    /// Reads the header of a message.
    ///
    /// # Errors
    /// [`SourceError::Header`] when there is none.
    pub fn of(text: &str) -> Result<Self, SourceError> {
        let delimiters = Delimiters::of(text)?;
        let line = text.split(['\r', '\n']).next().unwrap_or_default();
        let mut fields = vec![delimiters.field.to_string()];
        for field in line.split(delimiters.field).skip(1).take(FIELDS - 1) {
            let cut = field
                .char_indices()
                .nth(MAX_FIELD)
                .map_or(field.len(), |(at, _)| at);
            fields.push(field.get(..cut).unwrap_or_default().to_owned());
        }
        Ok(Header { delimiters, fields })
    }

    /// A field as it was written, by its number: 10 is the control id.
    #[must_use]
    pub fn field(&self, number: usize) -> &str {
        number
            .checked_sub(1)
            .and_then(|at| self.fields.get(at))
            .map_or("", String::as_str)
    }

    /// A component of a field, both from one.
    #[must_use]
    pub fn component(&self, field: usize, component: usize) -> &str {
        let mut parts = self.field(field).split(self.delimiters.component);
        parts.nth(component.saturating_sub(1)).unwrap_or_default()
    }

    /// Whether the sender wants an answer when the message is safe (MSH-15), before it is processed.
    #[must_use]
    pub fn wants_commit(&self, accepted: bool) -> bool {
        wants(self.field(15), accepted)
    }

    /// Whether the sender wants an answer about what became of the message: always in original mode, and by MSH-16 in
    /// enhanced mode.
    #[must_use]
    pub fn wants_application(&self, accepted: bool) -> bool {
        let enhanced = !self.field(15).is_empty() || !self.field(16).is_empty();
        !enhanced || wants(self.field(16), accepted)
    }
}

fn wants(condition: &str, accepted: bool) -> bool {
    match condition.trim() {
        "AL" => true,
        "ER" => !accepted,
        "SU" => accepted,
        _ => false,
    }
}
