//! Numbers and texts of a pack.

use std::collections::HashMap;
use std::sync::Arc;

use crate::definition::Constraint;
use crate::pack::PackError;

/// Reads the parts of a pack; every reading is checked against the end.
pub(super) struct Input<'p> {
    bytes: &'p [u8],
    strings: &'p [Arc<str>],
    pub(super) constraints: &'p [Arc<Constraint>],
}

impl<'p> Input<'p> {
    pub(super) fn new(bytes: &'p [u8], strings: &'p [Arc<str>], constraints: &'p [Arc<Constraint>]) -> Self {
        Input {
            bytes,
            strings,
            constraints,
        }
    }

    /// What is left.
    pub(super) fn rest(&self) -> &'p [u8] {
        self.bytes
    }

    pub(super) fn number(&mut self) -> Result<u32, PackError> {
        let mut number = 0_u64;
        for shift in (0..35).step_by(7) {
            let (byte, rest) = self.bytes.split_first().ok_or(PackError)?;
            self.bytes = rest;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return u32::try_from(number).map_err(|_| PackError);
            }
        }
        Err(PackError)
    }

    /// A number of things that follow, of which each takes a byte at least.
    pub(super) fn count(&mut self) -> Result<usize, PackError> {
        let count = self.number()? as usize;
        if count > self.bytes.len() {
            return Err(PackError);
        }
        Ok(count)
    }

    pub(super) fn bytes(&mut self, count: usize) -> Result<&'p [u8], PackError> {
        let (bytes, rest) = self.bytes.split_at_checked(count).ok_or(PackError)?;
        self.bytes = rest;
        Ok(bytes)
    }

    pub(super) fn shared(&mut self) -> Result<Arc<str>, PackError> {
        let at = self.number()? as usize;
        self.strings.get(at).cloned().ok_or(PackError)
    }

    pub(super) fn text(&mut self) -> Result<String, PackError> {
        let at = self.number()? as usize;
        self.strings
            .get(at)
            .map(|text| (**text).to_owned())
            .ok_or(PackError)
    }

    pub(super) fn list<T>(
        &mut self,
        mut each: impl FnMut(&mut Self) -> Result<T, PackError>,
    ) -> Result<Vec<T>, PackError> {
        let count = self.count()?;
        (0..count).map(|_| each(self)).collect()
    }

    pub(super) fn texts(&mut self) -> Result<Vec<String>, PackError> {
        self.list(Self::text)
    }
}

/// Strings and invariants that the definitions of a pack share, in the order in which they were first met.
#[derive(Default)]
pub(super) struct Shared {
    pub(super) strings: Vec<String>,
    string_at: HashMap<String, u32>,
    pub(super) constraints: Vec<Arc<Constraint>>,
    constraint_at: HashMap<Arc<Constraint>, u32>,
}

/// Writes the parts of a pack.
pub(super) struct Output<'s> {
    pub(super) bytes: Vec<u8>,
    shared: &'s mut Shared,
}

impl<'s> Output<'s> {
    pub(super) fn new(shared: &'s mut Shared) -> Self {
        Output {
            bytes: Vec::new(),
            shared,
        }
    }

    pub(super) fn number(&mut self, number: u32) {
        put_number(&mut self.bytes, number);
    }

    pub(super) fn count(&mut self, count: usize) {
        self.number(u32::try_from(count).unwrap_or(u32::MAX));
    }

    pub(super) fn text(&mut self, text: &str) {
        let Shared {
            strings, string_at, ..
        } = &mut *self.shared;
        let at = match string_at.get(text) {
            Some(at) => *at,
            None => {
                let at = u32::try_from(strings.len()).unwrap_or(u32::MAX);
                strings.push(text.to_owned());
                string_at.insert(text.to_owned(), at);
                at
            }
        };
        self.number(at);
    }

    pub(super) fn constraint(&mut self, constraint: &Arc<Constraint>) {
        let Shared {
            constraints,
            constraint_at,
            ..
        } = &mut *self.shared;
        let at = match constraint_at.get(constraint) {
            Some(at) => *at,
            None => {
                let at = u32::try_from(constraints.len()).unwrap_or(u32::MAX);
                constraints.push(Arc::clone(constraint));
                constraint_at.insert(Arc::clone(constraint), at);
                at
            }
        };
        self.number(at);
    }

    pub(super) fn list<T>(&mut self, items: &[T], mut each: impl FnMut(&mut Self, &T)) {
        self.count(items.len());
        for item in items {
            each(self, item);
        }
    }

    pub(super) fn texts(&mut self, texts: &[String]) {
        self.list(texts, |out, text| out.text(text));
    }
}

pub(super) fn put_number(bytes: &mut Vec<u8>, mut number: u32) {
    loop {
        let low = (number & 0x7f) as u8;
        number >>= 7;
        if number == 0 {
            bytes.push(low);
            return;
        }
        bytes.push(low | 0x80);
    }
}
