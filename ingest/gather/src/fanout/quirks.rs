//! In what ways holders differ from the specification, as they showed while they were asked: counts since the start, by
//! holder and quirk of the catalogue. Nothing about a patient or a question.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use samenhang_conform::quirks::{Quirk, examine};
use samenhang_profiles::document::Document;
use samenhang_profiles::{Conformance, Limits, Received, Ura};

use super::call::Caller;
use super::intake::Taken;
use crate::source::paging::{Move, StopReason};

/// Resources of one page, in the version of the answer, that are looked over. They are shown as they are, so this is for
/// the account of the holder only, and a part of a page tells it.
const MOST_OF_PAGE: usize = 16;

/// Resources of one holder that are looked over for one question.
const MOST_OF_HOLDER: usize = 64;

/// What holders showed.
#[derive(Debug, Default)]
pub(super) struct Shown(Mutex<BTreeMap<(Ura, Quirk), u64>>);

impl Shown {
    /// A holder showed a quirk, so many times. The first time is told in the log.
    pub(super) fn add(&self, holder: &Ura, quirk: Quirk, count: usize) {
        if count == 0 {
            return;
        }
        let mut shown = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = shown.entry((holder.clone(), quirk)).or_default();
        if *known == 0 {
            tracing::info!(%holder, code = quirk.id(), "a holder differs from the specification");
        }
        *known = known.saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
    }

    /// Every holder and quirk, and how often.
    pub(super) fn list(&self) -> Vec<(Ura, Quirk, u64)> {
        let shown = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let line = |((holder, quirk), count): (&(Ura, Quirk), &u64)| (holder.clone(), *quirk, *count);
        shown.iter().map(line).collect()
    }
}

impl Caller {
    /// The holder showed a quirk.
    pub(super) fn met(&self, quirk: Quirk) {
        self.quirks.add(&self.holder, quirk, 1);
    }

    /// The holder showed quirks, each so many times.
    pub(super) fn met_all(&self, counts: impl IntoIterator<Item = (Quirk, usize)>) {
        for (quirk, count) in counts {
            self.quirks.add(&self.holder, quirk, count);
        }
    }

    /// What a page shows by what was there before it and by what follows from it. `again` says that the walk was begun
    /// again: what repeats then does so because it was asked for twice.
    pub(super) fn met_on_page(&self, taken: &Taken, movement: &Move, again: bool) {
        if !again {
            self.met_all([(Quirk::RepeatedMatches, taken.repeated)]);
        }
        match movement {
            Move::Restart => self.met(Quirk::FewerThanTotal),
            Move::Stop(StopReason::Loop) => self.met(Quirk::PagingLoop),
            _ => {}
        }
    }
}

/// The quirks of the content of what was lifted, as the lifting told them.
pub(super) fn of_lifted(taken: &Taken) -> BTreeMap<Quirk, usize> {
    let mut counts: BTreeMap<Quirk, usize> = BTreeMap::new();
    let conversions = taken.resources.values().flatten();
    let conversions = conversions.filter_map(|received| received.conversion.as_deref());
    // The resource that stands for the whole has the account.
    for conversion in conversions.filter(|conversion| !conversion.is_part) {
        for (id, count) in &conversion.account.quirks {
            if let Some(quirk) = Quirk::of_id(id) {
                *counts.entry(quirk).or_default() += count;
            }
        }
    }
    counts
}

/// What came in the version of the answer, a part of it, to be looked over when the question has been answered: nobody
/// who asks waits for the account of a holder.
#[derive(Default)]
pub(super) struct Later(Mutex<BTreeMap<Ura, Vec<Received>>>);

impl Later {
    /// Puts a part of a page aside.
    pub(super) fn put(&self, holder: &Ura, taken: &Taken) {
        let is_native = |received: &&Received| {
            received.conversion.is_none() && received.lineage.conformance == Conformance::Native
        };
        let some = taken.resources.values().flatten().filter(is_native);
        let mut aside = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let own = aside.entry(holder.clone()).or_default();
        let room = MOST_OF_HOLDER.saturating_sub(own.len());
        own.extend(some.take(MOST_OF_PAGE.min(room)).cloned());
    }

    /// Whether there is nothing to look over.
    pub(super) fn is_empty(&self) -> bool {
        let aside = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        aside.values().all(Vec::is_empty)
    }

    /// Looks over what was put aside, and lets go of it.
    pub(super) fn look_over(&self, shown: &Shown) {
        let aside = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        for (holder, resources) in aside {
            let mut counts: BTreeMap<Quirk, usize> = BTreeMap::new();
            for received in &resources {
                native_quirks(received, &mut counts);
            }
            for (quirk, count) in counts {
                shown.add(&holder, quirk, count);
            }
        }
    }
}

fn native_quirks(received: &Received, counts: &mut BTreeMap<Quirk, usize>) {
    let body = received.resource.body();
    if let Ok(document) = Document::from_json(body, received.lineage.fhir, &Limits::default()) {
        for (quirk, count) in examine(&document, Some(body)).met.counts() {
            *counts.entry(quirk).or_default() += count;
        }
    }
}
