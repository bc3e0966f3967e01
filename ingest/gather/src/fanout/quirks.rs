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
const MOST_NATIVE: usize = 16;

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

/// The quirks of the content of what was taken in, lifted or not.
pub(super) fn of_content(taken: &Taken) -> BTreeMap<Quirk, usize> {
    let mut counts: BTreeMap<Quirk, usize> = BTreeMap::new();
    let mut native = 0;
    for received in taken.resources.values().flatten() {
        match received.conversion.as_deref() {
            // The resource that stands for the whole has the account.
            Some(conversion) if conversion.is_part => {}
            Some(conversion) => {
                for (id, count) in &conversion.account.quirks {
                    if let Some(quirk) = Quirk::of_id(id) {
                        *counts.entry(quirk).or_default() += count;
                    }
                }
            }
            None if received.lineage.conformance == Conformance::Native && native < MOST_NATIVE => {
                native += 1;
                native_quirks(received, &mut counts);
            }
            None => {}
        }
    }
    counts
}

fn native_quirks(received: &Received, counts: &mut BTreeMap<Quirk, usize>) {
    let body = received.resource.body();
    if let Ok(document) = Document::from_json(body, received.lineage.fhir, &Limits::default()) {
        for (quirk, count) in examine(&document, Some(body)).met.counts() {
            *counts.entry(quirk).or_default() += count;
        }
    }
}
