//! The quirk catalogue: in what ways real sources differ from the specification, how that is seen, and what is done.
//!
//! A [`Quirk`] has one entry with a stable id, whether it shows in the content of a resource or in the protocol, and its
//! [`Action`]. Content is looked over by [`examine`] and put right by [`mend`], before a map runs: only what says the
//! same in another notation is put right, so that nothing is lost and nothing is made up. What a repair would have to
//! guess stays as it was sent. Every meeting is counted by quirk and place, without a value ([`Met`]); the original is
//! kept by who calls. How a source behaves on the wire is met in `samenhang-gather`, which counts the same [`Quirk`].
//!
//! Sources: section 6.3 of the generic functions notes, and the public threads that the entries name.

mod catalogue;
mod dates;
mod edit;
mod examine;
mod met;
mod prune;
mod records;
mod references;
mod shapes;
mod systems;
mod texts;

use std::borrow::Cow;
use std::fmt;

use samenhang_profiles::document::Document;
use samenhang_profiles::{FhirVersion, Limits, ReadError};

pub use catalogue::{CATALOGUE, Quirk};
pub use examine::{Examined, examine};
pub use met::Met;

/// Rounds of repair: what is put right may uncover what stood below it. More than this is left as it is.
const MAX_ROUNDS: usize = 4;
/// The mark with which some systems begin a text in UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// Where a quirk shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// In a resource.
    Content,
    /// In how the source answers.
    Protocol,
}

/// What is done about a quirk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// It is put right without loss: another notation of the same, or another way to ask for the same.
    Repair,
    /// It is taken as it is: nothing of its meaning is in doubt.
    Tolerate,
    /// It is not put right, as that would be a guess: content stays as it was sent, an answer does not count as one.
    Refuse,
}

impl Action {
    /// As it is written.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Action::Repair => "repair",
            Action::Tolerate => "tolerate",
            Action::Refuse => "refuse",
        }
    }
}

/// What is known of a quirk.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// Which one.
    pub quirk: Quirk,
    /// Stable id, `SAM-QRK-nnn`: content below 100, protocol above.
    pub id: &'static str,
    /// Where it shows.
    pub layer: Layer,
    /// What is done.
    pub action: Action,
    /// Its name in English.
    pub name_en: &'static str,
    /// Its name in Dutch.
    pub name_nl: &'static str,
    /// Where it was seen: a vendor of section 6.3, or a public thread.
    pub seen: &'static str,
    /// By what it is detected.
    pub sign: &'static str,
    /// What is done exactly, and why that is safe.
    pub safe: &'static str,
    /// What shows it in a test: a file of `ingest/conform/tests/quirks/fixtures`, or an option of the testbed or a test.
    pub fixture: &'static str,
}

impl Quirk {
    /// What is known of it.
    #[must_use]
    pub fn entry(self) -> &'static Entry {
        // The table is made from the same list as the enum, in the same order.
        &CATALOGUE[self as usize]
    }

    /// The stable id.
    #[must_use]
    pub fn id(self) -> &'static str {
        self.entry().id
    }

    /// What is done about it.
    #[must_use]
    pub fn action(self) -> Action {
        self.entry().action
    }

    /// The quirk of a stable id.
    #[must_use]
    pub fn of_id(id: &str) -> Option<Quirk> {
        CATALOGUE
            .iter()
            .find(|entry| entry.id == id)
            .map(|entry| entry.quirk)
    }
}

impl fmt::Display for Quirk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// What became of a text.
#[derive(Debug)]
pub struct Mended<'b> {
    /// The text: as sent when there was nothing to put right.
    pub body: Cow<'b, [u8]>,
    /// What was met, and where.
    pub met: Met,
}

impl Mended<'_> {
    /// Whether anything was put right.
    #[must_use]
    pub fn is_changed(&self) -> bool {
        matches!(self.body, Cow::Owned(_))
    }
}

/// Looks a resource or Bundle in JSON over and puts right what can be put right. The same text gives the same; what was
/// put right has nothing left to put right.
///
/// # Errors
/// [`ReadError`] when it is malformed or passes a limit.
pub fn mend<'b>(body: &'b [u8], version: FhirVersion, limits: &Limits) -> Result<Mended<'b>, ReadError> {
    let mut met = Met::default();
    let mut now = match body.strip_prefix(MARK) {
        Some(rest) => {
            met.add(Quirk::ByteOrderMark, "");
            Cow::Owned(rest.to_vec())
        }
        None => Cow::Borrowed(body),
    };
    for _ in 0..MAX_ROUNDS {
        let document = Document::from_json(&now, version, limits)?;
        let examined = examine(&document, Some(&now));
        let next = if examined.is_sound() {
            None
        } else {
            examined.mended(&now, limits)?
        };
        let Some(next) = next else {
            met.merge(&examined.met);
            return Ok(Mended { body: now, met });
        };
        met.merge(&examined.met.only(Action::Repair));
        drop(document);
        now = Cow::Owned(next);
    }
    let document = Document::from_json(&now, version, limits)?;
    met.merge(&examine(&document, None).met);
    drop(document);
    Ok(Mended { body: now, met })
}
