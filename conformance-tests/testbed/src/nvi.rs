//! The national reference index: which holders know a pseudonym (section 1.2), with the quirks of the reference.
//!
//! It never sees a number: it opens what PRS sealed, takes the client's blinding away and compares what is left.

mod call;
mod fhir;
mod list;
mod rest;
mod token;
mod transaction;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::routing::get;
use jiff::Timestamp;
use samenhang_profiles::Ura;
use serde_json::json;
use uuid::Uuid;

use crate::answer;
use crate::error::TestbedError;
use crate::holder::Generation;
use crate::keys::RsaKey;
use crate::net::Shared;
use crate::oauth::Gate;
use crate::prs::recipient_key;

/// System of a device identifier that the reference demands.
const SOURCE_SYSTEM: &str = "urn:ietf:rfc:3986";
/// System that it puts in every answer instead.
const SOURCE_SYSTEM_OUT: &str = "https://cp1-test.example.org/device-identifiers";
/// System of a sealed pseudonym.
const TOKEN_SYSTEM: &str = "http://minvws.github.io/generiekefuncties-docs/NamingSystem/nvi-identifier";
/// Extension that names the custodian.
const CUSTODIAN: &str =
    "http://minvws.github.io/generiekefuncties-docs/StructureDefinition/nl-gf-localization-custodian";

/// How strict the index is. By default as clients must behave (section 1.4), with the quirks of the reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Strictness {
    /// Refuses a sealed pseudonym after 300 seconds.
    pub enforce_exp: bool,
    /// Refuses a sealed pseudonym that was used before.
    pub single_use: bool,
    /// Takes `code` in a search of generation C and ignores it, as an older index did; else that is 422.
    pub legacy_code: bool,
    /// Status of an answer to DELETE; the reference gives 201.
    pub delete_status: u16,
}

impl Default for Strictness {
    fn default() -> Self {
        Strictness {
            enforce_exp: true,
            single_use: true,
            legacy_code: false,
            delete_status: 201,
        }
    }
}

/// One registration: a holder knows a pseudonym.
#[derive(Clone)]
struct Record {
    id: Uuid,
    ura: String,
    source: String,
    pseudonym: [u8; 32],
    /// Data category; generation B only.
    code: Option<String>,
    created: Timestamp,
}

struct State {
    records: Vec<Record>,
    used: BTreeSet<[u8; 32]>,
    strictness: Strictness,
    numbers: rand_chacha::ChaCha20Rng,
}

struct Inner {
    shared: Shared,
    gate: Gate,
    key: RsaKey,
    state: Mutex<State>,
}

/// The index.
#[derive(Clone)]
pub struct Nvi(Arc<Inner>);

/// What a pseudonym may be compared with: the newest version first, then older ones.
type Pseudonyms = Vec<[u8; 32]>;

impl Nvi {
    /// An empty index.
    ///
    /// # Errors
    /// [`TestbedError::Key`] when its key cannot be made.
    pub fn new(shared: &Shared, gate: Gate) -> Result<Self, TestbedError> {
        Ok(Nvi(Arc::new(Inner {
            key: recipient_key(shared.seed())?,
            state: Mutex::new(State {
                records: Vec::new(),
                used: BTreeSet::new(),
                strictness: Strictness::default(),
                numbers: shared.rng("nvi numbers"),
            }),
            shared: shared.clone(),
            gate,
        })))
    }

    /// Its pages. Generation B has FHIR only, also under `/v1-poc`.
    pub fn router(&self) -> Router {
        let open = Router::new()
            .route("/", get(async || answer::json(200, &json!({"name": "nvi"}))))
            .route(
                "/health",
                get(async || answer::json(200, &json!({"status": "ok"}))),
            )
            .route(
                "/version.json",
                get(async || answer::json(200, &json!({"version": "testbed"}))),
            );
        match self.0.shared.generation() {
            Generation::C => open.merge(rest::router(self)).merge(fhir::router(self, "/fhir")),
            Generation::B => open
                .merge(fhir::router(self, "/fhir"))
                .merge(fhir::router(self, "/v1-poc/fhir")),
        }
    }

    /// Registers that a holder knows a pseudonym, as its own system would do. Generation B registers per category.
    pub fn register(&self, ura: &Ura, source: &str, pseudonym: [u8; 32], codes: &[&str]) {
        match self.0.shared.generation() {
            Generation::C => {
                self.add(ura.as_str(), source, pseudonym, None);
            }
            Generation::B => {
                for code in codes {
                    self.add(ura.as_str(), source, pseudonym, Some((*code).to_owned()));
                }
            }
        }
    }

    /// Takes all registrations of a holder away.
    pub fn forget(&self, ura: &Ura) {
        self.state().records.retain(|record| record.ura != ura.as_str());
    }

    /// How many registrations there are.
    #[must_use]
    pub fn registrations(&self) -> usize {
        self.state().records.len()
    }

    /// Changes how strict it is.
    pub fn set_strictness(&self, strictness: Strictness) {
        self.state().strictness = strictness;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a record; `None` when the same one is there.
    fn add(&self, ura: &str, source: &str, pseudonym: [u8; 32], code: Option<String>) -> Option<Record> {
        let created = self.0.shared.clock().now();
        let mut state = self.state();
        let same = |record: &Record| {
            record.ura == ura
                && record.source == source
                && record.pseudonym == pseudonym
                && record.code == code
        };
        if state.records.iter().any(same) {
            return None;
        }
        let mut number = [0; 16];
        rand_core::RngCore::fill_bytes(&mut state.numbers, &mut number);
        let record = Record {
            id: uuid::Builder::from_random_bytes(number).into_uuid(),
            ura: ura.to_owned(),
            source: source.to_owned(),
            pseudonym,
            code,
            created,
        };
        state.records.push(record.clone());
        Some(record)
    }

    fn find(&self, wanted: impl Fn(&Record) -> bool) -> Vec<Record> {
        self.state()
            .records
            .iter()
            .filter(|record| wanted(record))
            .cloned()
            .collect()
    }

    /// Removes records; gives how many.
    fn remove(&self, unwanted: impl Fn(&Record) -> bool) -> usize {
        let mut state = self.state();
        let before = state.records.len();
        state.records.retain(|record| !unwanted(record));
        before - state.records.len()
    }
}
