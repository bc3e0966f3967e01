//! The directory of care providers and their endpoints (section 2): to be copied, not to be queried.
//!
//! Reads without parameters, histories, and updates that demand `If-Match`. Pages are cut from what is there when they
//! are asked, so that a change during a load shows as it does in the field.

mod content;
mod pages;
mod provenance;

#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::routing::get;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::error::TestbedError;
use crate::net::Shared;
use provenance::Signer;

pub use content::{DataEndpoint, Listing};

/// Types that the directory holds.
pub const TYPES: [&str; 6] = [
    "Organization",
    "Location",
    "HealthcareService",
    "Endpoint",
    "OrganizationAffiliation",
    "Provenance",
];

/// A mandate: whom a care provider lets publish for it.
const MANDATE: &str = "OrganizationAffiliation";

/// One version of one resource.
#[derive(Clone)]
struct Version {
    kind: String,
    id: String,
    number: u32,
    at: Timestamp,
    resource: Value,
}

#[derive(Default)]
struct State {
    /// Every version of everything, oldest first.
    versions: Vec<Version>,
    /// Changes that come while a client loads, after its next page.
    during_load: Vec<Value>,
}

/// Why a change was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChangeError {
    /// The resource has no type that the directory holds, or no id.
    #[error("not a resource of the directory")]
    NotOurs,
    /// `If-Match` is missing or not the current version.
    #[error("the resource has another version")]
    OtherVersion,
    /// There is no such resource.
    #[error("no such resource")]
    Unknown,
    /// A Provenance of the change could not be made.
    #[error("the change could not be signed")]
    NotSigned,
}

struct Inner {
    shared: Shared,
    base: String,
    state: Mutex<State>,
}

/// The directory.
#[derive(Clone)]
pub struct Lrza(Arc<Inner>);

impl Lrza {
    /// An empty directory at this address.
    #[must_use]
    pub fn new(shared: &Shared, base: &str) -> Self {
        Lrza(Arc::new(Inner {
            shared: shared.clone(),
            base: base.to_owned(),
            state: Mutex::default(),
        }))
    }

    /// Fills it with holders and some entries that a client must see through. They are a day old. Each holder has
    /// signed whom it lets publish its endpoints.
    ///
    /// # Errors
    /// [`TestbedError::Key`] when a signature cannot be made.
    pub fn fill(&self, listings: &[Listing]) -> Result<(), TestbedError> {
        let day = SignedDuration::from_hours(24);
        let now = self.0.shared.clock().now();
        let at = now.checked_sub(day).unwrap_or(now);
        let mut state = self.state();
        for resource in content::resources(listings, now) {
            let _ = state.put(&resource, at);
        }
        for listing in listings {
            let ura = listing.ura.as_str();
            let signer = Signer::new(&self.0.shared, ura)?;
            if let Some(mandate) = state.current(MANDATE, &format!("aff-{ura}")) {
                let signed = provenance::signed(&mandate.resource, &signer, at)?;
                let _ = state.put(&signed, at);
            }
        }
        Ok(())
    }

    /// Adds holders that came later, as they are now; without the mandates that [`Lrza::fill`] signs.
    pub fn add(&self, listings: &[Listing]) {
        let at = self.0.shared.clock().now();
        let mut state = self.state();
        for resource in content::of_holders(listings) {
            let _ = state.put(&resource, at);
        }
    }

    /// Stores a new version. A mandate that was signed is signed anew, so that its Provenance fits what is stored.
    fn store(&self, state: &mut State, resource: &Value, at: Timestamp) -> Result<u32, ChangeError> {
        let number = state.put(resource, at)?;
        let id = resource["id"].as_str().unwrap_or_default();
        if resource["resourceType"] == MANDATE
            && let Some(earlier) = state.current("Provenance", &format!("prov-{id}"))
            && let Some(ura) = earlier.resource["agent"][0]["who"]["identifier"]["value"].as_str()
        {
            let signed = Signer::new(&self.0.shared, ura)
                .and_then(|signer| provenance::signed(resource, &signer, at))
                .map_err(|_| ChangeError::NotSigned)?;
            state.put(&signed, at)?;
        }
        Ok(number)
    }

    /// Its pages.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/metadata", get(pages::metadata))
            .route("/{kind}", get(pages::list))
            .route("/{kind}/_history", get(pages::history))
            .route("/{kind}/{id}", get(pages::read).put(pages::update))
            .with_state(self.clone())
    }

    /// Puts a resource in, as a new version of it; gives the version.
    ///
    /// # Errors
    /// [`ChangeError::NotOurs`] when it has no type of the directory or no id.
    pub fn put(&self, resource: &Value) -> Result<u32, ChangeError> {
        let at = self.0.shared.clock().now();
        self.store(&mut self.state(), resource, at)
    }

    /// Changes members of a resource, for example `{"status": "off"}`; gives the version. `null` takes one away.
    ///
    /// # Errors
    /// [`ChangeError::Unknown`] when there is no such resource.
    pub fn patch(&self, kind: &str, id: &str, members: &Value) -> Result<u32, ChangeError> {
        let at = self.0.shared.clock().now();
        let mut state = self.state();
        let resource = state.patched(kind, id, members)?;
        self.store(&mut state, &resource, at)
    }

    /// The same, but only when a client has got its next page of a full load.
    ///
    /// # Errors
    /// [`ChangeError::Unknown`] when there is no such resource.
    pub fn patch_during_load(&self, kind: &str, id: &str, members: &Value) -> Result<(), ChangeError> {
        let mut state = self.state();
        let resource = state.patched(kind, id, members)?;
        state.during_load.push(resource);
        Ok(())
    }

    /// The current version of a resource.
    #[must_use]
    pub fn get(&self, kind: &str, id: &str) -> Option<Value> {
        self.state()
            .current(kind, id)
            .map(|version| version.resource.clone())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn current(&self, kind: &str, id: &str) -> Option<&Version> {
        self.versions
            .iter()
            .rev()
            .find(|version| version.kind == kind && version.id == id)
    }

    /// The current versions of a type, in order of first appearance.
    fn all(&self, kind: &str) -> Vec<Version> {
        self.versions
            .iter()
            .filter(|version| version.kind == kind && version.number == 1)
            .filter_map(|first| self.current(kind, &first.id))
            .cloned()
            .collect()
    }

    fn put(&mut self, resource: &Value, at: Timestamp) -> Result<u32, ChangeError> {
        let text = |name: &str| resource[name].as_str().unwrap_or_default().to_owned();
        let (kind, id) = (text("resourceType"), text("id"));
        if !TYPES.contains(&kind.as_str()) || id.is_empty() {
            return Err(ChangeError::NotOurs);
        }
        let number = self.current(&kind, &id).map_or(1, |version| version.number + 1);
        let mut resource = resource.clone();
        resource["meta"] = json!({"versionId": number.to_string(), "lastUpdated": instant(at)});
        self.versions.push(Version {
            kind,
            id,
            number,
            at,
            resource,
        });
        Ok(number)
    }

    fn patched(&self, kind: &str, id: &str, members: &Value) -> Result<Value, ChangeError> {
        let mut resource = self
            .current(kind, id)
            .ok_or(ChangeError::Unknown)?
            .resource
            .clone();
        for (name, value) in members.as_object().into_iter().flatten() {
            if value.is_null() {
                if let Some(resource) = resource.as_object_mut() {
                    resource.remove(name);
                }
            } else {
                resource[name] = value.clone();
            }
        }
        Ok(resource)
    }
}

/// A FHIR instant in milliseconds.
fn instant(at: Timestamp) -> String {
    format!("{at:.3}")
}
