//! The addresses of the pages of an answer: a handle that says nothing, and nothing about a patient.
//!
//! The handle is random, belongs to one session and goes with it. A record is named by a hash of its address under the
//! handle, in letters: an address with digits could look like the number of a citizen.

use sha2::{Digest as _, Sha256};

use samenhang_profiles::Received;

use crate::language::Language;

/// Where the pages of an answer are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    root: String,
    handle: String,
    language: Language,
}

impl Address {
    /// The pages behind a handle.
    #[must_use]
    pub fn new(handle: String, language: Language) -> Self {
        Address {
            root: format!("/viewer/p/{handle}"),
            handle,
            language,
        }
    }

    /// The pages of a patient's own overview: the session says whose. The handle stands in no address; it makes the names
    /// of records those of this session.
    #[must_use]
    pub fn own(handle: String, language: Language) -> Self {
        Address {
            root: crate::pages::OWN_OVERVIEW.to_owned(),
            handle,
            language,
        }
    }

    /// The handle, for a form that asks the same again.
    #[must_use]
    pub fn handle(&self) -> &str {
        &self.handle
    }

    /// The same in the other language.
    #[must_use]
    pub fn other_language(&self) -> Self {
        Address {
            language: self.language.other(),
            ..self.clone()
        }
    }

    /// The overview.
    #[must_use]
    pub fn overview(&self) -> String {
        self.page("", &[])
    }

    /// The overview in a situation.
    #[must_use]
    pub fn situation(&self, view: &str) -> String {
        self.page("", &[("view", view)])
    }

    /// A page of the answer, with what it is to show.
    #[must_use]
    pub fn page(&self, name: &str, query: &[(&str, &str)]) -> String {
        let slash = if name.is_empty() { "" } else { "/" };
        let mut address = format!("{}{slash}{name}?lang={}", self.root, self.language.tag());
        for (key, value) in query.iter().filter(|(_, value)| !value.is_empty()) {
            address.push('&');
            address.push_str(key);
            address.push('=');
            address.push_str(value);
        }
        address
    }

    /// The page of a record.
    #[must_use]
    pub fn record(&self, key: &str) -> String {
        self.page(&format!("record/{key}"), &[])
    }

    /// The name of a record in addresses.
    #[must_use]
    pub fn key(&self, received: &Received) -> String {
        let mut hash = Sha256::new();
        let version = received.resource.keys().version_id.as_deref().unwrap_or_default();
        for part in [self.handle.as_str(), &received.full_url, version] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        let digest = hash.finalize();
        let letters = digest.iter().take(12).flat_map(|byte| [byte >> 4, byte & 15]);
        letters.map(|four| char::from(b'a' + four)).collect()
    }
}
