//! Where a holder can be asked: our own replica of the national directory (LRZa, section 2).
//!
//! The directory is copied, never queried about a patient, and holds no patient data. What is chosen from it is the
//! only source of addresses of holders (control C40). It is not a trust service: certificates and tokens prove who is
//! at an address. This module knows no categories of consent and asks no holder.

use std::sync::{Arc, PoisonError, RwLock};

use jiff::{SignedDuration, Timestamp};
use samenhang_profiles::Ura;
use samenhang_terminology::Category;

use crate::clock::Clock;
use crate::consent::OrganisationTypes;
use crate::error::GatherError;
use crate::locate::Names;

mod model;
mod payload;
mod read;
mod replica;
mod select;
mod store;
mod update;

pub use select::{AuthorizationKind, AuthorizationServer, DataEndpoint, Selection};
pub use update::{UpdateReport, Updater};

use replica::Replica;

/// How fresh the replica is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readiness {
    /// The first load has not ended: nothing can be chosen.
    Loading,
    /// It may be used.
    Ready,
    /// It could not be updated for too long: nothing can be chosen.
    TooOld,
}

/// The replica as it is read. Updates replace it as a whole, so that a reader never sees half of one.
pub struct Directory {
    replica: RwLock<Arc<Replica>>,
    max_age: SignedDuration,
    clock: Arc<dyn Clock>,
}

impl Directory {
    /// An empty replica, not ready until [`Updater`] has filled it.
    #[must_use]
    pub fn new(max_age: SignedDuration, clock: Arc<dyn Clock>) -> Self {
        Directory {
            replica: RwLock::default(),
            max_age,
            clock,
        }
    }

    /// A replica that is ready and stays as it is, from a JSON array of FHIR R4 resources; for a directory that is
    /// kept by hand, and for tests.
    ///
    /// # Errors
    /// [`GatherError::DirectoryFile`] when it is not an array of resources.
    pub fn from_resources(json: &[u8], clock: Arc<dyn Clock>) -> Result<Self, GatherError> {
        let mut replica = Replica::default();
        for resource in read::array(json)? {
            if !replica.apply(&resource, None) {
                return Err(GatherError::DirectoryFile("a resource cannot be read"));
            }
        }
        replica.updated_at = Some(clock.now());
        let directory = Directory::new(SignedDuration::MAX, clock);
        directory.replace(replica);
        Ok(directory)
    }

    /// How fresh the replica is.
    #[must_use]
    pub fn readiness(&self) -> Readiness {
        match self.current().updated_at {
            None => Readiness::Loading,
            Some(at) if self.clock.now().duration_since(at) > self.max_age => Readiness::TooOld,
            Some(_) => Readiness::Ready,
        }
    }

    /// When the replica was last brought up to date, by our clock.
    #[must_use]
    pub fn updated_at(&self) -> Option<Timestamp> {
        self.current().updated_at
    }

    /// How many organisations and endpoints the replica has.
    #[must_use]
    pub fn size(&self) -> (usize, usize) {
        let replica = self.current();
        (replica.organizations.len(), replica.endpoints.len())
    }

    /// The endpoints of a holder for a category at a moment (section 2.3).
    ///
    /// # Errors
    /// [`GatherError::DirectoryNotReady`].
    pub fn select(&self, ura: &Ura, category: Category, now: Timestamp) -> Result<Selection, GatherError> {
        if self.readiness() != Readiness::Ready {
            return Err(GatherError::DirectoryNotReady);
        }
        Ok(select::select(&self.current(), ura, category, now))
    }

    fn current(&self) -> Arc<Replica> {
        Arc::clone(&self.replica.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn replace(&self, replica: Replica) {
        *self.replica.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(replica);
    }
}

impl Names for Directory {
    fn name_of(&self, ura: &Ura) -> Option<Arc<str>> {
        self.current()
            .with_ura(ura)
            .find_map(|organization| organization.name.as_deref().map(Arc::from))
    }
}

impl OrganisationTypes for Directory {
    fn type_of(&self, ura: &Ura) -> Option<String> {
        self.current().type_of(ura)
    }
}

#[cfg(test)]
mod tests;
