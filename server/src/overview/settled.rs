//! What reconciliation made of an answer that is told again from the memory of a session, so that a reader who turns a page
//! does not wait for it to be made again.
//!
//! It is kept with the answer and goes with it. It is given for the very same resources only (the same bytes in the same
//! place of memory, not merely equal ones) and for the same things that persons said of them: when a consent has ended, a
//! holder is dropped or a correction is made, it is made anew.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use samenhang_profiles::{RawResource, Received};
use samenhang_reconcile::Reconciled;
use samenhang_reconcile::apart::Apart;

/// A place for what was made last.
#[derive(Default)]
pub struct Settled(Mutex<Option<Made>>);

/// What was made, and of what.
struct Made {
    /// They are held, so that no other resource can come to stand where one of them stands.
    of: Vec<Received>,
    said: Vec<Apart>,
    known: Arc<Reconciled>,
}

impl Settled {
    /// What was made of these resources with what persons said of them; made now when it was not.
    #[must_use]
    pub fn of(
        &self,
        items: Vec<Received>,
        said: Vec<Apart>,
        make: impl FnOnce(Vec<Received>, &[Apart]) -> Reconciled,
    ) -> Arc<Reconciled> {
        if let Some(made) = self.last().as_ref()
            && made.is_of(&items, &said)
        {
            return Arc::clone(&made.known);
        }
        let known = Arc::new(make(items.clone(), &said));
        let made = Made {
            of: items,
            said,
            known: Arc::clone(&known),
        };
        // What was there is let go of after the place is free.
        drop(self.last().replace(made));
        known
    }

    fn last(&self) -> MutexGuard<'_, Option<Made>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Made {
    fn is_of(&self, items: &[Received], said: &[Apart]) -> bool {
        self.said == said
            && self.of.len() == items.len()
            && self.of.iter().zip(items).all(|(a, b)| is_same(a, b))
    }
}

/// Whether two are one: the same bytes, lineage and way of making in the same place of memory.
fn is_same(a: &Received, b: &Received) -> bool {
    let bytes = |resource: &RawResource| (resource.body().as_ptr(), resource.body().len());
    let is_made_alike = match (&a.conversion, &b.conversion) {
        (Some(a), Some(b)) => Arc::ptr_eq(a, b),
        (None, None) => true,
        _ => false,
    };
    bytes(&a.resource) == bytes(&b.resource)
        && Arc::ptr_eq(&a.full_url, &b.full_url)
        && Arc::ptr_eq(&a.lineage, &b.lineage)
        && a.category == b.category
        && is_made_alike
}

#[cfg(test)]
mod tests;
