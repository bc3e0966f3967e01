//! Writes JSON by pushing values: escapes strings, sets commas, and splices what is already JSON as it stands.
//!
//! It does not check that the calls nest, nor what is spliced: the callers are few and their output is tested.

#[cfg(test)]
mod tests;

use bytes::Bytes;

/// A writer of one JSON text, compact.
#[derive(Debug, Default)]
pub struct JsonWriter {
    out: Vec<u8>,
    /// Whether the next value or name must be set apart from what was written before.
    comma: bool,
}

impl JsonWriter {
    /// An empty writer.
    #[must_use]
    pub fn new() -> Self {
        JsonWriter::default()
    }

    /// An empty writer with room for `bytes`.
    #[must_use]
    pub fn with_capacity(bytes: usize) -> Self {
        JsonWriter {
            out: Vec::with_capacity(bytes),
            comma: false,
        }
    }

    fn apart(&mut self) {
        if self.comma {
            self.out.push(b',');
        }
        self.comma = true;
    }

    /// Starts an object.
    pub fn begin_object(&mut self) {
        self.begin(b'{');
    }

    /// Ends an object.
    pub fn end_object(&mut self) {
        self.end(b'}');
    }

    /// Starts an array.
    pub fn begin_array(&mut self) {
        self.begin(b'[');
    }

    /// Ends an array.
    pub fn end_array(&mut self) {
        self.end(b']');
    }

    fn begin(&mut self, open: u8) {
        self.apart();
        self.out.push(open);
        self.comma = false;
    }

    fn end(&mut self, close: u8) {
        self.out.push(close);
        self.comma = true;
    }

    /// Writes the name of a property; its value must follow.
    pub fn key(&mut self, name: &str) {
        self.apart();
        quoted(&mut self.out, name);
        self.out.push(b':');
        self.comma = false;
    }

    /// Writes a string.
    pub fn string(&mut self, text: &str) {
        self.apart();
        quoted(&mut self.out, text);
    }

    /// Writes a property whose value is a string.
    pub fn field(&mut self, name: &str, text: &str) {
        self.key(name);
        self.string(text);
    }

    /// Writes a property whose value is a string, or nothing when there is none.
    pub fn optional(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.field(name, text);
        }
    }

    /// Writes a whole number that is not negative.
    pub fn number(&mut self, number: u64) {
        self.raw(number.to_string().as_bytes());
    }

    /// Writes `true` or `false`.
    pub fn boolean(&mut self, value: bool) {
        self.raw(if value { b"true" } else { b"false" });
    }

    /// Writes `null`.
    pub fn null(&mut self) {
        self.raw(b"null");
    }

    /// Splices a value that is JSON already: a resource as it was received, or the text of a number.
    pub fn raw(&mut self, value: &[u8]) {
        self.apart();
        self.out.extend_from_slice(value);
    }

    /// Bytes that are waiting in the writer.
    #[must_use]
    pub fn len(&self) -> usize {
        self.out.len()
    }

    /// Whether nothing is waiting in the writer.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.out.is_empty()
    }

    /// Takes what was written so far, for a text that is sent in pieces; writing goes on where it was.
    #[must_use]
    pub fn take(&mut self) -> Bytes {
        Bytes::from(std::mem::take(&mut self.out))
    }

    /// The text.
    #[must_use]
    pub fn finish(self) -> Bytes {
        Bytes::from(self.out)
    }
}

/// Appends a string in quotes. Bytes that need no escape are copied in runs.
fn quoted(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let mut rest = text.as_bytes();
    while let Some(at) = rest
        .iter()
        .position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f))
    {
        let (run, tail) = rest.split_at(at);
        out.extend_from_slice(run);
        match tail.first().copied().unwrap_or_default() {
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            control @ 0..=0x1f => {
                const HEX: &[u8; 16] = b"0123456789abcdef";
                let high = HEX[usize::from(control >> 4)];
                let low = HEX[usize::from(control & 15)];
                out.extend_from_slice(&[b'\\', b'u', b'0', b'0', high, low]);
            }
            other => out.extend_from_slice(&[b'\\', other]),
        }
        rest = tail.get(1..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
    out.push(b'"');
}
