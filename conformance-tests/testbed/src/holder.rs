//! What the simulated country is made of: the configuration of a testbed and of its holders.

use std::path::PathBuf;

use samenhang_profiles::{Bsn, FhirVersion, Ura};

use crate::clock::SimClock;
use crate::faults::FaultSpec;
use crate::patients::{self, OwnAuthorization};
use crate::source::quirk::Quirk;

/// Generation of the wire protocols of the generic functions (section 0.1 of the notes).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Generation {
    /// "Proeftuin" 2025/26: `ura:` recipients, client assertions, `epd:*` scopes, `List` with `code`.
    B,
    /// Current main: `oin:` recipients, `organization_id` and `source_id`, `nvi:*` scopes.
    #[default]
    C,
}

/// How a holder's authorization server gives tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum HolderAuthorization {
    /// RFC021 `vp_token-bearer`, as Nuts nodes do.
    Nuts,
    /// SMART Backend Services: client credentials with a `private_key_jwt`.
    SmartBackend,
    /// GFI-004: `jwt-bearer` with two presentations, and tokens that are bound to a key (RFC 9449).
    GenericFunctions,
    /// No token; with TLS the source asks for the client certificate of the asker.
    #[default]
    None,
}

/// Where the data of a holder comes from.
#[derive(Clone)]
pub enum HolderData {
    /// Our own synthetic patients for this URA and version.
    Own,
    /// A folder with FHIR JSON or XML, searched recursively.
    Folder {
        /// The folder.
        path: PathBuf,
        /// Numbers for Patient resources that carry none: logical id and BSN.
        bsns: Vec<(String, Bsn)>,
    },
}

/// One FHIR version that a holder speaks.
#[derive(Clone)]
pub struct VersionSpec {
    /// The version.
    pub fhir: FhirVersion,
    /// Its data.
    pub data: HolderData,
}

/// One holder of data: a care provider with FHIR endpoints and an authorization server.
#[derive(Clone)]
pub struct HolderSpec {
    /// Its URA.
    pub ura: Ura,
    /// Its name in the directory.
    pub name: String,
    /// Organisation type in the code system that Mitz uses, for example `V6`.
    pub facility_type: String,
    /// Versions of FHIR, each with its data.
    pub versions: Vec<VersionSpec>,
    /// How tokens are given.
    pub authorization: HolderAuthorization,
    /// How its source departs from the specification.
    pub quirk: Quirk,
    /// Faults that are on from the start, on the source.
    pub faults: Vec<FaultSpec>,
    /// Whether the directory shows its endpoints as `off`.
    pub endpoint_off: bool,
    /// Patients that the index names this holder for, besides those in its data.
    pub also_registered: Vec<Bsn>,
    /// Patients in its data that the index does not name this holder for.
    pub not_registered: Vec<Bsn>,
}

impl HolderSpec {
    /// A holder without data, quirks and faults.
    #[must_use]
    pub fn new(ura: Ura, name: &str, facility_type: &str) -> Self {
        HolderSpec {
            ura,
            name: name.to_owned(),
            facility_type: facility_type.to_owned(),
            versions: Vec::new(),
            authorization: HolderAuthorization::None,
            quirk: Quirk::Clean,
            faults: Vec::new(),
            endpoint_off: false,
            also_registered: Vec::new(),
            not_registered: Vec::new(),
        }
    }

    /// The same holder, speaking one more version.
    #[must_use]
    pub fn with(mut self, fhir: FhirVersion, data: HolderData) -> Self {
        self.versions.push(VersionSpec { fhir, data });
        self
    }

    /// The same holder with another kind of authorization server.
    #[must_use]
    pub fn authorized_by(mut self, authorization: HolderAuthorization) -> Self {
        self.authorization = authorization;
        self
    }
}

/// The holders of our own synthetic patients.
#[must_use]
pub fn own() -> Vec<HolderSpec> {
    patients::holders()
        .into_iter()
        .map(|own| HolderSpec {
            versions: own
                .endpoints
                .iter()
                .map(|endpoint| VersionSpec {
                    fhir: endpoint.fhir,
                    data: HolderData::Own,
                })
                .collect(),
            authorization: match own.authorization {
                OwnAuthorization::Nuts => HolderAuthorization::Nuts,
                OwnAuthorization::SmartBackend => HolderAuthorization::SmartBackend,
                OwnAuthorization::GenericFunctions => HolderAuthorization::GenericFunctions,
            },
            endpoint_off: own.endpoint_off,
            also_registered: own.also_registered,
            not_registered: own.not_registered,
            ..HolderSpec::new(own.ura, own.name, own.facility_type)
        })
        .collect()
}

/// What to start.
#[derive(Clone)]
pub struct TestbedConfig {
    /// Seed of keys and identifiers: the same seed gives the same country.
    pub seed: u64,
    /// Generation of the national protocols.
    pub generation: Generation,
    /// Whether national services and sources speak TLS, with client certificates.
    pub tls: bool,
    /// Holders, besides our own.
    pub holders: Vec<HolderSpec>,
    /// Whether the holders of our own synthetic patients are there too.
    pub own_patients: bool,
    /// The clock that all services share.
    pub clock: SimClock,
    /// First loopback port; the services take this one and those after it. `None` for any free ports.
    pub first_port: Option<u16>,
}

impl Default for TestbedConfig {
    fn default() -> Self {
        TestbedConfig {
            seed: 1,
            generation: Generation::C,
            tls: true,
            holders: Vec::new(),
            own_patients: true,
            clock: SimClock::real(),
            first_port: None,
        }
    }
}
