//! Bytes of each character set.

use super::*;

#[test]
fn each_set_gives_its_text_or_refuses() {
    let cases: [(Charset, &[u8], Option<&str>); 9] = [
        (Charset::Ascii, b"abc", Some("abc")),
        (Charset::Ascii, b"caf\xe9", None),
        (Charset::Utf8, "\u{feff}café".as_bytes(), Some("café")),
        (Charset::Utf8, b"caf\xe9", None),
        (Charset::Latin1, b"caf\xe9", Some("café")),
        (Charset::Latin9, b"\xa4 \xe9", Some("€ é")),
        (Charset::Windows1252, b"\x80 \x92 \xe9", Some("€ ’ é")),
        (Charset::Windows1252, b"\x81", None),
        (Charset::Latin1, b"", Some("")),
    ];
    for (charset, bytes, expected) in cases {
        assert_eq!(charset.decode(bytes).ok().as_deref(), expected, "{charset:?}");
    }
}
