//! Numbers and texts in bytes.

use std::collections::BTreeMap;

use super::MAGIC;
use crate::error::TerminologyError;

/// The texts together may have this many bytes.
const MAX_TEXT: usize = 64 << 20;

/// Bytes that are written.
#[derive(Debug, Default)]
pub(super) struct Writer<'a> {
    bytes: Vec<u8>,
    texts: BTreeMap<&'a str, u64>,
}

impl<'a> Writer<'a> {
    /// A writer that knows these texts.
    pub(super) fn new(mut texts: Vec<&'a str>) -> Self {
        texts.sort_unstable();
        texts.dedup();
        let mut writer = Writer {
            bytes: MAGIC.to_vec(),
            texts: BTreeMap::new(),
        };
        writer.number(texts.len() as u64);
        let mut before: &str = "";
        for (number, text) in texts.iter().enumerate() {
            let mut shared = before
                .bytes()
                .zip(text.bytes())
                .take_while(|(left, right)| left == right)
                .count();
            while !text.is_char_boundary(shared) {
                shared -= 1;
            }
            let rest = &text[shared..];
            writer.number(shared as u64);
            writer.number(rest.len() as u64);
            writer.bytes.extend_from_slice(rest.as_bytes());
            writer.texts.insert(text, number as u64);
            before = text;
        }
        writer
    }

    pub(super) fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.bytes.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.bytes.push(number as u8);
    }

    pub(super) fn text(&mut self, text: &str) {
        let number = self.texts.get(text).copied().unwrap_or_default();
        self.number(number);
    }

    pub(super) fn option(&mut self, text: Option<&str>) {
        let number = text.map_or(0, |text| self.texts.get(text).copied().unwrap_or_default() + 1);
        self.number(number);
    }

    pub(super) fn flag(&mut self, flag: bool) {
        self.bytes.push(u8::from(flag));
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.bytes
    }
}

/// Bytes that are read.
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    texts: Vec<String>,
}

impl<'a> Reader<'a> {
    /// Reads the texts.
    pub(super) fn new(bytes: &'a [u8]) -> Result<Self, TerminologyError> {
        let mut reader = Reader {
            bytes,
            at: MAGIC.len(),
            texts: Vec::new(),
        };
        if bytes.get(..MAGIC.len()) != Some(&MAGIC) {
            reader.at = 0;
            return Err(reader.fault("the mark of the format"));
        }
        let count = reader.count()?;
        let mut total = 0usize;
        for _ in 0..count {
            let shared = usize::try_from(reader.number()?).unwrap_or(usize::MAX);
            let length = reader.count()?;
            let rest = reader
                .bytes
                .get(reader.at..reader.at + length)
                .and_then(|rest| std::str::from_utf8(rest).ok());
            let before = reader.texts.last().map_or("", String::as_str).get(..shared);
            let text = before.zip(rest).map(|(before, rest)| format!("{before}{rest}"));
            let text = text.ok_or_else(|| reader.fault("a text"))?;
            total += text.len();
            if total > MAX_TEXT {
                return Err(reader.fault("less than 64 MiB of text"));
            }
            reader.at += length;
            reader.texts.push(text);
        }
        Ok(reader)
    }

    pub(super) fn fault(&self, what: &'static str) -> TerminologyError {
        TerminologyError::Compact { what, at: self.at }
    }

    pub(super) fn byte(&mut self) -> Result<u8, TerminologyError> {
        let byte = self
            .bytes
            .get(self.at)
            .copied()
            .ok_or_else(|| self.fault("more bytes"))?;
        self.at += 1;
        Ok(byte)
    }

    pub(super) fn number(&mut self) -> Result<u64, TerminologyError> {
        let mut number = 0u64;
        for shift in (0..63).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(self.fault("a number"))
    }

    /// How many follow. Each takes a byte at least, so that no more can follow than there are bytes.
    pub(super) fn count(&mut self) -> Result<usize, TerminologyError> {
        let count = usize::try_from(self.number()?).unwrap_or(usize::MAX);
        if count > self.bytes.len() - self.at {
            return Err(self.fault("as many as were announced"));
        }
        Ok(count)
    }

    /// Reads as many as are announced.
    pub(super) fn list<T>(
        &mut self,
        mut one: impl FnMut(&mut Self) -> Result<T, TerminologyError>,
    ) -> Result<Vec<T>, TerminologyError> {
        let count = self.count()?;
        (0..count).map(|_| one(self)).collect()
    }

    fn numbered(&self, number: u64) -> Result<String, TerminologyError> {
        let text = usize::try_from(number)
            .ok()
            .and_then(|number| self.texts.get(number));
        text.cloned().ok_or_else(|| self.fault("the number of a text"))
    }

    pub(super) fn text(&mut self) -> Result<String, TerminologyError> {
        let number = self.number()?;
        self.numbered(number)
    }

    pub(super) fn option(&mut self) -> Result<Option<String>, TerminologyError> {
        match self.number()? {
            0 => Ok(None),
            number => self.numbered(number - 1).map(Some),
        }
    }

    pub(super) fn flag(&mut self) -> Result<bool, TerminologyError> {
        match self.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(self.fault("a yes or a no")),
        }
    }

    /// Whether all was read.
    pub(super) fn finish(self) -> Result<(), TerminologyError> {
        if self.at == self.bytes.len() {
            Ok(())
        } else {
            Err(self.fault("the end"))
        }
    }
}
