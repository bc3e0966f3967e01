//! Limits on what a reader accepts (conformance-and-reliability notes, section 6.5).

/// Limits on one message from outside. The defaults hold for a page of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the message.
    pub max_bytes: usize,
    /// Depth of nesting.
    pub max_depth: usize,
    /// Values: objects, arrays, strings, numbers, literals.
    pub max_nodes: usize,
    /// Bytes of one string that is not base64 data.
    pub max_string: usize,
    /// Bytes of one string of base64 data (`data`, `content`).
    pub max_base64: usize,
    /// Bytes of a property name.
    pub max_name: usize,
    /// Digits of a number, without its exponent.
    pub max_digits: usize,
    /// Absolute value of a number's exponent.
    pub max_exponent: u32,
    /// Entries of a Bundle.
    pub max_entries: usize,
}

impl Limits {
    /// For what was read within limits before.
    pub(crate) const NONE: Limits = Limits {
        max_bytes: usize::MAX,
        max_depth: usize::MAX,
        max_nodes: usize::MAX,
        max_string: usize::MAX,
        max_base64: usize::MAX,
        max_name: usize::MAX,
        max_digits: usize::MAX,
        max_exponent: u32::MAX,
        max_entries: usize::MAX,
    };
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            max_bytes: 10 << 20,
            max_depth: 64,
            max_nodes: 500_000,
            max_string: 1 << 20,
            max_base64: 8 << 20,
            max_name: 256,
            max_digits: 40,
            max_exponent: 64,
            max_entries: 10_000,
        }
    }
}
