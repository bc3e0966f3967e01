//! An answer that is ready to be written, whole or a page at a time.
//!
//! Every entry is written once, as it will leave. A page has its matches, what comes along with them, and the outcomes of
//! the whole: each page says what is missing (P3).

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use samenhang_profiles::write::JsonWriter;
use samenhang_profiles::{FhirVersion, Ura};
use samenhang_terminology::Category;
use zeroize::Zeroizing;

use super::select::Selection;

/// What an entry ends with: [`JsonWriter`] writes no white space.
const END: &[u8] = b"}";
/// Bytes that an entry is counted for beside its text.
const BESIDE: usize = 128;

/// An entry that is written but for how it came into the answer. Wiped when it is let go.
pub struct Entry {
    /// The object without its closing brace.
    text: Zeroizing<Vec<u8>>,
    /// The holder and category that it is of.
    place: (Ura, Category),
}

impl Entry {
    /// Takes a written entry without `search`.
    pub(super) fn new(written: &[u8], place: (Ura, Category)) -> Entry {
        let text = written.strip_suffix(END).unwrap_or(written);
        Entry {
            text: Zeroizing::new(text.to_vec()),
            place,
        }
    }
}

/// An answer that is ready to be written.
pub struct Sheet {
    pub(super) version: FhirVersion,
    /// The address of the search, with the parameters that were used.
    pub(super) address: String,
    pub(super) selection: Selection,
    /// By their place in the answer; what may not be shown is not in it.
    pub(super) entries: BTreeMap<usize, Entry>,
    /// Whether `total` may be told: nothing is missing.
    pub(super) is_whole: bool,
    /// The statement, and what was ignored or held back, as entries.
    pub(super) outcomes: Vec<Bytes>,
}

/// How many resources are shown, by holder and category.
pub type Shown = BTreeMap<(Ura, Category), usize>;

/// What a page is to have.
pub struct Wanted<'a> {
    /// The first match.
    pub from: usize,
    /// How many matches.
    pub count: usize,
    /// Relation and address of each link.
    pub links: &'a [(&'a str, &'a str)],
}

/// A page, and of which holders and categories how many resources are on it.
pub struct Page {
    /// A searchset in JSON.
    pub bundle: Bytes,
    /// How many resources are shown, by holder and category.
    pub shown: Shown,
}

impl Sheet {
    /// The version of FHIR.
    pub fn version(&self) -> FhirVersion {
        self.version
    }

    /// How many match and are shown.
    pub fn matches(&self) -> usize {
        self.selection.matches.len()
    }

    /// Bytes that it counts for.
    pub fn bytes(&self) -> usize {
        let entries = self.entries.values().map(|entry| entry.text.len() + BESIDE);
        let outcomes = self.outcomes.iter().map(Bytes::len);
        entries.chain(outcomes).sum::<usize>() + self.selection.bytes()
    }

    /// Writes the first so many matches, with the address of what follows.
    pub fn first(&self, count: usize, next: Option<&str>) -> Bytes {
        let mut links = vec![("self", self.address.as_str())];
        links.extend(next.map(|next| ("next", next)));
        let wanted = Wanted {
            from: 0,
            count,
            links: &links,
        };
        self.page(&wanted).bundle
    }

    /// Writes a page.
    pub fn page(&self, wanted: &Wanted<'_>) -> Page {
        let all = &self.selection.matches;
        let from = wanted.from.min(all.len());
        let to = from.saturating_add(wanted.count).min(all.len());
        let matches = all.get(from..to).unwrap_or_default();
        let along = self.selection.along(matches);
        let mut shown = Shown::new();
        let mut out = JsonWriter::new();
        out.begin_object();
        out.field("resourceType", "Bundle");
        out.field("type", "searchset");
        if self.is_whole {
            out.key("total");
            out.number(all.len() as u64);
        }
        out.key("link");
        out.begin_array();
        for (relation, url) in wanted.links {
            out.begin_object();
            out.field("relation", relation);
            out.field("url", url);
            out.end_object();
        }
        out.end_array();
        out.key("entry");
        out.begin_array();
        let own: BTreeSet<usize> = matches.iter().copied().collect();
        let matches = matches.iter().map(|index| (index, "match"));
        let along = along
            .iter()
            .filter(|index| !own.contains(index))
            .map(|index| (index, "include"));
        for (index, mode) in matches.chain(along) {
            let Some(entry) = self.entries.get(index) else {
                continue;
            };
            *shown.entry(entry.place.clone()).or_default() += 1;
            let mut text = entry.text.to_vec();
            text.extend_from_slice(br#","search":{"mode":""#);
            text.extend_from_slice(mode.as_bytes());
            text.extend_from_slice(br#""}}"#);
            out.raw(&text);
        }
        for outcome in &self.outcomes {
            out.raw(outcome);
        }
        out.end_array();
        out.end_object();
        Page {
            bundle: out.finish(),
            shown,
        }
    }
}
