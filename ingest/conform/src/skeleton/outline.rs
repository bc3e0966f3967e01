//! What a sample looks like: the names of its nodes and what kind of text stands in each column. No value is kept.

use std::collections::{BTreeSet, HashMap};
use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher};

use samenhang_profiles::document::{Document, Node};
use samenhang_profiles::identity::Bsn;

use super::DraftError;

/// Most columns of a sample, of all its tables and segments together.
const MAX_COLUMNS: usize = 4_000;
/// Most different texts of a column that are told apart: with more it is no list of codes.
const MAX_DISTINCT: usize = 24;
/// Longest text that can be a code.
const MAX_CODE: usize = 24;

/// The columns of a sample.
#[derive(Debug, Default)]
pub(super) struct Outline {
    /// In the order in which they are first there.
    pub(super) columns: Vec<Column>,
    /// Names of the nodes that hold others, by path from the root, in the same order.
    pub(super) records: Vec<Vec<String>>,
    /// Name of the root.
    pub(super) root: String,
}

/// What stands at one path.
#[derive(Debug)]
pub(super) struct Column {
    /// Names from below the root on.
    pub(super) path: Vec<String>,
    pub(super) shape: Shape,
}

/// What all texts of a column are.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shape {
    count: usize,
    iso_date: usize,
    dutch_date: usize,
    digits_8: usize,
    stamp: usize,
    decimal_point: usize,
    decimal_comma: usize,
    whole: usize,
    bsn: usize,
    short: usize,
    distinct: BTreeSet<u64>,
}

impl Outline {
    /// The outline of the messages of a sample, all of one format.
    pub(super) fn of<'d>(documents: &[&'d Document<'d>]) -> Result<Outline, DraftError> {
        let mut outline = Outline::default();
        let mut numbers: HashMap<Vec<String>, usize> = HashMap::new();
        let mut seen: BTreeSet<Vec<String>> = BTreeSet::new();
        for document in documents {
            let root = document.root();
            root.name().clone_into(&mut outline.root);
            let mut open: Vec<(Node<'_>, Vec<String>)> = vec![(root, Vec::new())];
            while let Some((node, path)) = open.pop() {
                if let Some(text) = node.primitive() {
                    if !numbers.contains_key(&path) {
                        if outline.columns.len() >= MAX_COLUMNS {
                            return Err(DraftError::Limit {
                                what: "columns of a sample",
                                limit: MAX_COLUMNS,
                            });
                        }
                        numbers.insert(path.clone(), outline.columns.len());
                        outline.columns.push(Column {
                            path: path.clone(),
                            shape: Shape::default(),
                        });
                    }
                    let number = numbers.get(&path).copied().unwrap_or_default();
                    if let Some(column) = outline.columns.get_mut(number) {
                        column.shape.add(text);
                    }
                }
                let children: Vec<Node<'_>> = node.children().collect();
                if !children.is_empty() && !path.is_empty() && seen.insert(path.clone()) {
                    outline.records.push(path.clone());
                }
                for child in children.into_iter().rev() {
                    let mut below = path.clone();
                    below.push(child.name().to_owned());
                    open.push((child, below));
                }
            }
        }
        Ok(outline)
    }
}

impl Shape {
    pub(crate) fn add(&mut self, text: &str) {
        let text = text.trim();
        let bytes = text.as_bytes();
        let digits = |from: usize, to: usize| {
            bytes
                .get(from..to)
                .is_some_and(|part| part.iter().all(u8::is_ascii_digit))
        };
        let all_digits = !bytes.is_empty() && bytes.iter().all(u8::is_ascii_digit);
        let number = |mark: u8| {
            let unsigned = bytes.strip_prefix(b"-").unwrap_or(bytes);
            let parts: Vec<&[u8]> = unsigned.split(|byte| *byte == mark).collect();
            parts.len() == 2
                && parts
                    .iter()
                    .all(|part| !part.is_empty() && part.iter().all(u8::is_ascii_digit))
        };
        let sign = |at: usize| bytes.get(at).copied().unwrap_or_default();
        self.count += 1;
        self.iso_date += usize::from(digits(0, 4) && sign(4) == b'-' && digits(5, 7));
        let dutch = bytes.len() == 10 && digits(0, 2) && digits(3, 5) && digits(6, 10);
        self.dutch_date += usize::from(dutch && matches!((sign(2), sign(5)), (b'-', b'-')));
        let dated = all_digits && matches!(bytes.get(..2), Some(b"19" | b"20"));
        self.digits_8 += usize::from(dated && bytes.len() == 8);
        self.stamp += usize::from(dated && matches!(bytes.len(), 12 | 14));
        self.decimal_point += usize::from(number(b'.'));
        self.decimal_comma += usize::from(number(b','));
        self.whole += usize::from(all_digits && bytes.len() < 9);
        self.bsn += usize::from(bytes.len() == 9 && Bsn::parse(text).is_ok());
        let short = bytes.len() <= MAX_CODE && !text.contains(char::is_whitespace);
        self.short += usize::from(short);
        if self.distinct.len() <= MAX_DISTINCT {
            // Only whether texts are the same counts: none of them is kept.
            self.distinct
                .insert(BuildHasherDefault::<DefaultHasher>::default().hash_one(text));
        }
    }

    fn all(&self, count: usize) -> bool {
        self.count > 0 && count == self.count
    }

    /// Whether each is the number of a citizen.
    pub(super) fn is_bsn(&self) -> bool {
        self.all(self.bsn)
    }

    /// Whether few short texts come back: a list of codes.
    pub(super) fn is_code(&self) -> bool {
        self.all(self.short) && self.distinct.len() <= MAX_DISTINCT && self.distinct.len() < self.count.max(2)
    }

    /// Whether each is another one.
    pub(super) fn is_unique(&self) -> bool {
        self.count > 1 && self.distinct.len() == self.count || self.distinct.len() > MAX_DISTINCT
    }

    /// The function that makes a date or time of FHIR of it; none when it is one, or no function is known.
    pub(super) fn moment(&self, kind: &str) -> Option<&'static str> {
        let stamps = self.stamp + self.digits_8;
        match kind {
            _ if self.all(self.dutch_date) => Some("dutch-date"),
            "date" if self.all(self.digits_8) => Some("hl7-date"),
            "dateTime" | "instant" if self.all(stamps) => Some("hl7-timestamp"),
            _ => None,
        }
    }

    /// The function that makes a decimal of FHIR of it.
    pub(super) fn number(&self) -> Option<&'static str> {
        let numbers = self.decimal_comma + self.whole;
        (self.decimal_comma > 0 && self.all(numbers)).then_some("decimal-comma")
    }

    /// Whether each is a number.
    pub(super) fn is_number(&self) -> bool {
        self.all(self.decimal_comma + self.decimal_point + self.whole)
    }
}
