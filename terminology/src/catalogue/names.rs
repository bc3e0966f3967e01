//! The names of concepts, for telling whether a display fits.

use std::ops::Range;

use super::code_table::CodeTable;

/// The names of concepts: sixteen bytes for each and its text.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names {
    text: String,
    entries: Vec<Entry>,
    languages: CodeTable,
}

/// The language of a name without one.
const NO_LANGUAGE: u32 = u32::MAX >> 1;

/// The bit that says that a name is not the preferred one.
const NOT_PREFERRED: u32 = 1 << 31;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    concept: u32,
    start: u32,
    end: u32,
    /// Number of the language, and whether the name is preferred. A display has [`NO_LANGUAGE`].
    language: u32,
}

/// One name of a concept.
pub(crate) struct Name<'a> {
    pub(crate) language: Option<&'a str>,
    pub(crate) text: &'a str,
    /// Whether it is the one to show.
    pub(crate) preferred: bool,
}

impl Names {
    /// Adds a name. What no longer fits into 4 GiB of text is left out.
    pub(crate) fn push(&mut self, concept: u32, language: Option<&str>, name: &str, preferred: bool) {
        let tag = language
            .and_then(|tag| self.languages.insert(tag))
            .unwrap_or(NO_LANGUAGE);
        let language = if preferred { tag } else { tag | NOT_PREFERRED };
        let range = u32::try_from(self.text.len())
            .ok()
            .zip(u32::try_from(self.text.len() + name.len()).ok());
        if let Some((start, end)) = range {
            self.text.push_str(name);
            self.entries.push(Entry {
                concept,
                start,
                end,
                language,
            });
        }
    }

    /// Orders what was added.
    pub(crate) fn finish(&mut self) {
        self.entries.sort_unstable();
        self.entries.shrink_to_fit();
        self.text.shrink_to_fit();
    }

    /// The names of a concept, in the order in which they came.
    pub(crate) fn of(&self, concept: u32) -> impl Iterator<Item = Name<'_>> {
        let Range { start, end } = self.range(concept);
        self.entries[start..end].iter().map(|entry| {
            let tag = entry.language & !NOT_PREFERRED;
            Name {
                language: (tag != NO_LANGUAGE).then(|| self.languages.get(tag)),
                text: self
                    .text
                    .get(entry.start as usize..entry.end as usize)
                    .unwrap_or(""),
                preferred: entry.language & NOT_PREFERRED == 0,
            }
        })
    }

    /// Bytes on the heap.
    pub(crate) fn size(&self) -> usize {
        self.text.capacity() + self.entries.capacity() * size_of::<Entry>()
    }

    fn range(&self, concept: u32) -> Range<usize> {
        let start = self.entries.partition_point(|entry| entry.concept < concept);
        let end = self.entries.partition_point(|entry| entry.concept <= concept);
        start..end
    }
}

/// Whether two names are the same but for case and for how much space is between the words.
pub(crate) fn same_name(left: &str, right: &str) -> bool {
    let words = |name: &'_ str| -> Vec<String> { name.split_whitespace().map(str::to_lowercase).collect() };
    left == right || words(left) == words(right)
}

/// Whether a language tag is the one that was asked for, or a regional form of it.
pub(crate) fn is_language(tag: &str, asked: &str) -> bool {
    let head = |tag: &'_ str| -> String { tag.split(['-', '_']).next().unwrap_or("").to_ascii_lowercase() };
    tag.eq_ignore_ascii_case(asked) || head(tag) == head(asked)
}
