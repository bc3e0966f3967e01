//! Rows of made-up files, well-formed and not.

use proptest::prelude::*;

use super::Rows;
use crate::error::TerminologyError;

fn all(text: &[u8]) -> Result<Vec<Vec<String>>, TerminologyError> {
    let mut rows = Rows::commas(text, "list");
    let mut read = Vec::new();
    while rows.advance()? {
        read.push((0..rows.width()).map(|at| rows.field(at).to_owned()).collect());
    }
    Ok(read)
}

#[test]
fn quotes_separators_and_line_ends_are_read() {
    let cases: &[(&str, &[&[&str]])] = &[
        ("a,b\r\n1,2\r\n", &[&["a", "b"], &["1", "2"]]),
        ("a;b\n1;2,5\n", &[&["a", "b"], &["1", "2,5"]]),
        (
            "\u{feff}a,b\n\n\"x,\"\"y\"\"\nz\",",
            &[&["a", "b"], &["x,\"y\"\nz", ""]],
        ),
        ("", &[]),
    ];
    for (text, expected) in cases {
        assert_eq!(all(text.as_bytes()).unwrap(), *expected, "{text:?}");
    }
}

#[test]
fn what_is_no_table_is_refused_with_its_line() {
    let long = vec![b'a'; (1 << 20) + 1];
    let open = [b"a,b\n\"x".as_slice(), &b"\n".repeat(1 << 20)].concat();
    for (text, line) in [
        (b"a\n\xff\n".as_slice(), 2),
        (b"a\n\"b".as_slice(), 3),
        (&long, 1),
        (&open, 1 << 20),
    ] {
        match all(text) {
            Err(TerminologyError::Release { line: at, .. }) => {
                assert!(at >= line.min(2) && at <= line + 2, "{at}");
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn columns_are_found_by_name() {
    let mut rows = Rows::commas("Code,Name\nx,y\n".as_bytes(), "list");
    let [name, code, none] = rows.header(["name", "CODE", "none"]).unwrap();
    assert!(rows.advance().unwrap());
    assert_eq!(
        (rows.optional(name), rows.optional(code), rows.optional(none)),
        ("y", "x", "")
    );
    assert!(Rows::commas(b"".as_slice(), "list").header(["code"]).is_err());
}

proptest! {
    #[test]
    fn a_written_row_reads_back(fields in proptest::collection::vec("[a-z,;\"\n ]{0,8}", 2..5)) {
        let quoted: Vec<String> = fields.iter().map(|field| format!("\"{}\"", field.replace('"', "\"\""))).collect();
        let text = format!("a,b\n{}\n", quoted.join(","));
        prop_assert_eq!(&all(text.as_bytes()).unwrap()[1], &fields);
    }

    #[test]
    fn no_bytes_end_the_reading(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = all(&bytes);
    }
}
