//! Files with rows as one message: a delivery, and what is cut of it.
//!
//! A message is one text. A delivery has several files, in a character set that only the map pack knows, so they stand in
//! it one after another as they came, each behind a line with its name and length. A part of a delivery is written the same
//! way, in UTF-8, with the numbers that its rows have in the files, and the hash of the delivery: the same rows in another
//! delivery are another message.
//!
//! ```text
//! samenhang-delivery 1
//! table patients 51
//! patient_id;bsn;naam
//! 1001;999902003;Proef
//! ...
//! ```

use std::fmt::Write as _;

use bytes::Bytes;
use samenhang_conform::csv::{Part, plain_name};

use crate::lift::{Reason, Stage};

/// What a delivery begins with.
const BEGIN: &str = "samenhang-delivery 1";
/// Most files of a delivery.
const MAX_TABLES: usize = 64;
/// Most bytes of a line between files: the numbers of the rows of one patient stand in it.
const MAX_LINE: usize = 4 << 20;

/// A file with rows in a delivery.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TableFile<'d> {
    /// Name of the table.
    pub name: &'d str,
    /// Of a part: the numbers of its rows in the file that was delivered.
    pub numbers: Vec<usize>,
    /// Its bytes.
    pub body: &'d [u8],
}

/// Files with rows as one message, for [`Incoming::body`](crate::Incoming::body): the name of each, of which an ending
/// such as `.csv` is left out, and its bytes.
#[must_use]
pub fn delivery<'f>(files: impl IntoIterator<Item = (&'f str, &'f [u8])>) -> Bytes {
    let mut out = format!("{BEGIN}\n").into_bytes();
    for (name, body) in files {
        push(&mut out, &format!("table {} {}", stem(name), body.len()), body);
    }
    out.into()
}

/// A message that is no delivery yet is one file.
pub(crate) fn as_delivery(body: Bytes, name: &str) -> Bytes {
    if body.starts_with(BEGIN.as_bytes()) {
        body
    } else {
        delivery([(name, &*body)])
    }
}

/// What was cut of a delivery of this hash.
pub(crate) fn part(part: &Part, delivery: &str) -> Bytes {
    let mut out = format!("{BEGIN} part-of {delivery}\n").into_bytes();
    for table in &part.tables {
        let mut line = format!("table {} {} rows", table.name, table.text.len());
        for number in &table.numbers {
            // Writing to a String does not fail.
            let _ = write!(line, " {number}");
        }
        push(&mut out, &line, table.text.as_bytes());
    }
    out.into()
}

fn push(out: &mut Vec<u8>, line: &str, body: &[u8]) {
    out.extend_from_slice(line.as_bytes());
    out.push(b'\n');
    out.extend_from_slice(body);
    out.push(b'\n');
}

/// The name of a table: that of the file without its ending, as expressions have it.
fn stem(name: &str) -> String {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    match plain_name(stem) {
        name if name.is_empty() => "_".to_owned(),
        name => name,
    }
}

/// The files of a delivery or a part.
///
/// # Errors
/// The reason to hold it, when it is not written as one.
pub(crate) fn read(body: &[u8]) -> Result<Vec<TableFile<'_>>, Reason> {
    let mut rest = body;
    let begins = |line: &str| {
        line == BEGIN
            || line
                .strip_prefix(BEGIN)
                .is_some_and(|end| end.starts_with(" part-of "))
    };
    line(&mut rest).filter(|line| begins(line)).ok_or_else(wrong)?;
    let mut tables = Vec::new();
    while !rest.is_empty() {
        if tables.len() == MAX_TABLES {
            return Err(Reason::new(Stage::Parse, "too-many-tables"));
        }
        let table = line(&mut rest).and_then(|line| table(line, &mut rest));
        tables.push(table.ok_or_else(wrong)?);
    }
    Ok(tables)
}

fn wrong() -> Reason {
    Reason::new(Stage::Parse, "not-a-delivery")
}

/// The next line, without its end.
fn line<'d>(rest: &mut &'d [u8]) -> Option<&'d str> {
    let end = rest.iter().take(MAX_LINE).position(|byte| *byte == b'\n')?;
    let (line, after) = rest.split_at_checked(end)?;
    *rest = after.get(1..)?;
    std::str::from_utf8(line).ok()
}

/// The file that a line announces.
fn table<'d>(line: &'d str, rest: &mut &'d [u8]) -> Option<TableFile<'d>> {
    let mut words = line.split(' ');
    let (Some("table"), Some(name)) = (words.next(), words.next()) else {
        return None;
    };
    let length: usize = words.next()?.parse().ok()?;
    let numbers = match words.next() {
        None => Vec::new(),
        Some("rows") => words.map(str::parse).collect::<Result<_, _>>().ok()?,
        Some(_) => return None,
    };
    let (body, after) = rest.split_at_checked(length)?;
    *rest = after.strip_prefix(b"\n")?;
    Some(TableFile { name, numbers, body })
}

/// The first row of a part in its files, when the message is one.
pub(crate) fn first_row(body: &[u8]) -> Option<u64> {
    let tables = read(body).ok()?;
    let first = tables.iter().find_map(|table| table.numbers.first())?;
    u64::try_from(*first).ok()
}

#[cfg(test)]
mod tests {
    use samenhang_conform::csv::PartTable;

    use super::*;

    #[test]
    fn a_delivery_is_read_as_it_was_written() {
        let files: [(&str, &[u8]); 3] = [("patients 2.csv", b"a\n1"), ("x", b"\xff"), (".csv", b"")];
        let text = delivery(files);
        let read = read(&text).unwrap();
        let found: Vec<(&str, &[u8])> = read.iter().map(|table| (table.name, table.body)).collect();
        let expected: [(&str, &[u8]); 3] = [("patients_2", b"a\n1"), ("x", b"\xff"), ("_", b"")];
        assert_eq!(found, expected);
        assert_eq!(as_delivery(text.clone(), "y"), text);
        assert_eq!(
            as_delivery(Bytes::from_static(b"a"), "y.csv"),
            delivery([("y.csv", &b"a"[..])])
        );
    }

    #[test]
    fn a_part_keeps_the_numbers_of_its_rows() {
        let table = PartTable {
            name: "t".to_owned(),
            text: "a\n1\n2\n".to_owned(),
            numbers: vec![7, 9],
        };
        let cut = Part {
            key: None,
            tables: vec![table],
        };
        let text = part(&cut, "h");
        let read = read(&text).unwrap();
        assert_eq!(
            (&*read[0].numbers, read[0].body),
            (&[7, 9][..], &b"a\n1\n2\n"[..])
        );
        assert_eq!(first_row(&text), Some(7));
        assert_ne!(part(&cut, "other"), text);
    }

    #[test]
    fn what_is_no_delivery_is_held() {
        let many = format!("{BEGIN}\n{}", "table t 0\n\n".repeat(MAX_TABLES + 1));
        let cases = [
            "",
            "a;b\n",
            "samenhang-delivery 12\n",
            "samenhang-delivery 1",
            "samenhang-delivery 1\nx",
            "samenhang-delivery 1\ntable t\n\n",
            "samenhang-delivery 1\ntable t 3\nab\n",
            "samenhang-delivery 1\ntable t 2\nabc",
            "samenhang-delivery 1\ntable t 1 rows x\na\n",
            "samenhang-delivery 1\ntable t 18446744073709551615\na\n",
            "samenhang-delivery 1\ntable t 99999999999999999999\na\n",
            &many,
        ];
        for case in cases {
            assert!(read(case.as_bytes()).is_err(), "{case}");
        }
    }
}
