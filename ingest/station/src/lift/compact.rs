//! One form for one content: JSON without the whitespace between its parts, everything else as sent.

/// What [`compact`] made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compacted {
    /// The text without whitespace between its parts.
    pub json: Vec<u8>,
    /// Values that are no object and no array.
    pub leaves: u64,
}

/// Takes the whitespace between the parts out of a JSON text, and counts its leaves. The text was read before: this
/// does not check it. The order of properties, escapes and the digits of numbers stay as they are.
#[must_use]
pub fn compact(json: &[u8]) -> Compacted {
    let mut out = Vec::with_capacity(json.len());
    let (mut leaves, mut keys) = (0_u64, 0_u64);
    let (mut in_text, mut escaped, mut in_word) = (false, false, false);
    for &byte in json {
        if in_text {
            out.push(byte);
            (in_text, escaped) = match byte {
                _ if escaped => (true, false),
                b'\\' => (true, true),
                b'"' => (false, false),
                _ => (true, false),
            };
            continue;
        }
        let is_word = match byte {
            b' ' | b'\t' | b'\n' | b'\r' => {
                in_word = false;
                continue;
            }
            b'"' => {
                in_text = true;
                leaves += 1;
                false
            }
            b':' => {
                keys += 1;
                false
            }
            b'{' | b'}' | b'[' | b']' | b',' => false,
            _ => true,
        };
        leaves += u64::from(is_word && !in_word);
        in_word = is_word;
        out.push(byte);
    }
    Compacted {
        json: out,
        // Every property has a name, which was counted as a text.
        leaves: leaves.saturating_sub(keys),
    }
}

#[cfg(test)]
mod tests {
    use super::compact;

    #[test]
    fn keeps_everything_but_the_space_between() {
        let cases = [
            ("{ }", "{}", 0),
            ("{\"a\" : 1 }", "{\"a\":1}", 1),
            (
                r#"{"a": "x \" : , y", "b": [true, null, -1.50e3]}"#,
                r#"{"a":"x \" : , y","b":[true,null,-1.50e3]}"#,
                4,
            ),
            ("[1,\n 2 ]", "[1,2]", 2),
            (r#"{"a":{"b":"c\\"} }"#, r#"{"a":{"b":"c\\"}}"#, 1),
        ];
        for (text, expected, leaves) in cases {
            let done = compact(text.as_bytes());
            assert_eq!(String::from_utf8(done.json).unwrap(), expected);
            assert_eq!(done.leaves, leaves, "{text}");
        }
    }
}
