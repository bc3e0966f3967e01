//! Properties of the readers: what a writer of the format writes is read back as it was.

use proptest::prelude::*;
use samenhang_conform::csv::{Settings, Table};
use samenhang_conform::{csv, hl7v2};
use samenhang_profiles::Limits;

/// Cells with all that has a meaning in CSV.
fn cell() -> impl Strategy<Value = String> {
    "[a-c \",;\n\ré€]{0,8}".prop_map(|text| text.trim().to_owned())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn rows_that_were_written_are_read_back(
        rows in prop::collection::vec((cell(), cell()), 1..6),
        delimiter in prop::sample::select(vec![',', ';', '\t', '|']),
    ) {
        let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
        let mut text = format!("n{delimiter}a{delimiter}b\r\n");
        for (number, (a, b)) in rows.iter().enumerate() {
            text += &format!("{number}{delimiter}{}{delimiter}{}\r\n", quoted(a), quoted(b));
        }
        let source = csv::read(&[Table::new("t", &text)], &Settings::default(), &Limits::default());
        let source = source.expect("it is well-formed");
        let read: Vec<(String, String)> = source
            .root()
            .children_named("t")
            .map(|row| {
                let text = |name| row.text(name).unwrap_or_default().to_owned();
                (text("a"), text("b"))
            })
            .collect();
        prop_assert_eq!(read, rows);
    }

    #[test]
    fn texts_that_were_escaped_are_read_back(text in "[a-z|^~&\\\\ é.]{1,20}") {
        let mut escaped = String::new();
        for char in text.chars() {
            match char {
                '|' => escaped.push_str("\\F\\"),
                '^' => escaped.push_str("\\S\\"),
                '~' => escaped.push_str("\\R\\"),
                '&' => escaped.push_str("\\T\\"),
                '\\' => escaped.push_str("\\E\\"),
                other => escaped.push(other),
            }
        }
        let message = format!("MSH|^~\\&|A\rNTE|1||{escaped}^x\r");
        let source = hl7v2::read(&message, &Limits::default()).expect("it has a header");
        // A note stands in the segment before it.
        let note = source.root().child("MSH").and_then(|before| before.child("NTE"));
        let note = note.and_then(|note| note.child("f3"));
        prop_assert_eq!(note.and_then(|note| note.primitive()), Some(text.as_str()));
    }

    #[test]
    fn a_framed_message_comes_out_of_a_stream(
        messages in prop::collection::vec("[a-z\r|]{0,30}", 1..5),
        cut in 1_usize..9,
    ) {
        let stream: Vec<u8> = messages.iter().flat_map(|message| hl7v2::frame(message.as_bytes())).collect();
        let mut framer = hl7v2::Framer::new(100);
        let events: Vec<hl7v2::Event> = stream.chunks(cut).flat_map(|piece| framer.push(piece)).collect();
        let expected: Vec<hl7v2::Event> = messages
            .iter()
            .map(|message| hl7v2::Event::Message(message.as_bytes().to_vec()))
            .collect();
        prop_assert_eq!(events, expected);
    }
}
