//! The replica: what is kept, and how a version is taken into it (section 2.2, steps 3 and 4).

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use samenhang_profiles::Ura;
use samenhang_terminology::naming;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::model::{Endpoint, Kept, Organization, Service, Version};
use super::read::{self, Content};

/// Classification of businesses of Statistics Netherlands.
const SBI: &str = "https://www.cbs.nl/standaard-bedrijfsindeling";

/// Business classes that stand for exactly one type of organisation. Others stand for several: those need an override.
const SBI_TYPES: &[(&str, &str)] = &[
    ("8610", "V4"),
    ("86101", "V5"),
    ("86102", "V6"),
    ("86104", "G5"),
    ("86942", "T2"),
];

/// Everything that is kept, by `Type/id`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Replica {
    /// From when changes are asked for, by the directory's clock.
    pub(super) watermark: Option<Timestamp>,
    /// When it was last brought up to date, by our clock. `None` until the first load has ended.
    pub(super) updated_at: Option<Timestamp>,
    pub(super) organizations: BTreeMap<String, Kept<Organization>>,
    pub(super) services: BTreeMap<String, Kept<Service>>,
    pub(super) endpoints: BTreeMap<String, Kept<Endpoint>>,
    /// Versions of what selection does not use.
    pub(super) others: BTreeMap<String, Version>,
}

impl Replica {
    /// Takes in one version of a resource; `false` when it cannot be read.
    ///
    /// What cannot be read is taken out: if it is the news that an endpoint has ended, the old one must not live on.
    pub(super) fn apply(&mut self, json: &RawValue, modified: Option<Timestamp>) -> bool {
        let Some(resource) = read::resource(json, modified) else {
            if let Some(name) = read::name_of(json) {
                self.remove(&name);
            }
            return false;
        };
        let (id, version) = (resource.id, resource.version);
        match resource.content {
            Content::Organization(content) => {
                put(
                    &mut self.organizations,
                    format!("Organization/{id}"),
                    version,
                    content,
                );
            }
            Content::Service(content) => {
                put(
                    &mut self.services,
                    format!("HealthcareService/{id}"),
                    version,
                    content,
                );
            }
            Content::Endpoint(content) => {
                put(&mut self.endpoints, format!("Endpoint/{id}"), version, content);
            }
            Content::Other(kind) => {
                let known = self.others.entry(format!("{kind}/{id}")).or_insert(version);
                if version.may_replace(known) {
                    *known = version;
                }
            }
        }
        true
    }

    /// Takes out a resource.
    pub(super) fn remove(&mut self, name: &str) {
        self.organizations.remove(name);
        self.services.remove(name);
        self.endpoints.remove(name);
        self.others.remove(name);
    }

    /// The active organisations that carry a URA themselves, in order of their id.
    pub(super) fn with_ura<'a>(&'a self, ura: &Ura) -> impl Iterator<Item = &'a Organization> + use<'a> {
        self.named(ura).map(|(_, organization)| organization)
    }

    fn named<'a>(&'a self, ura: &Ura) -> impl Iterator<Item = (&'a str, &'a Organization)> + use<'a> {
        let ura = ura.clone();
        self.organizations
            .iter()
            .map(|(name, kept)| (name.as_str(), &kept.content))
            .filter(move |(_, organization)| organization.active && has_ura(organization, &ura))
    }

    /// The organisations of a URA: those that carry it, and their active parts.
    ///
    /// A part that carries another URA is a holder of its own and is left out: asked under this URA, its data would be
    /// shown as of this holder.
    pub(super) fn family(&self, ura: &Ura) -> BTreeSet<&str> {
        let mut family: BTreeSet<&str> = self.named(ura).map(|(name, _)| name).collect();
        loop {
            let before = family.len();
            for (name, kept) in &self.organizations {
                let organization = &kept.content;
                let part = organization
                    .part_of
                    .as_deref()
                    .is_some_and(|whole| family.contains(whole));
                let own = organization
                    .ura
                    .as_deref()
                    .is_none_or(|_| has_ura(organization, ura));
                if part && own && organization.active {
                    family.insert(name);
                }
            }
            if family.len() == before {
                return family;
            }
        }
    }

    /// The type of organisation of a URA, when there is exactly one.
    pub(super) fn type_of(&self, ura: &Ura) -> Option<String> {
        let oid = format!("urn:oid:{}", naming::ORGANIZATION_TYPE_OID);
        let codings: Vec<_> = self
            .with_ura(ura)
            .flat_map(|organization| &organization.types)
            .collect();
        let named: BTreeSet<&str> = codings
            .iter()
            .filter(|coding| coding.system == naming::ORGANIZATION_TYPE || coding.system == oid)
            .map(|coding| coding.code.as_str())
            .collect();
        let derived: BTreeSet<&str> = codings
            .iter()
            .filter(|coding| coding.system == SBI)
            .filter_map(|coding| SBI_TYPES.iter().find(|(class, _)| *class == coding.code))
            .map(|(_, code)| *code)
            .collect();
        let types = if named.is_empty() { derived } else { named };
        (types.len() == 1)
            .then(|| types.first().map(|code| (*code).to_owned()))
            .flatten()
    }
}

fn has_ura(organization: &Organization, ura: &Ura) -> bool {
    organization
        .ura
        .as_deref()
        .and_then(|text| text.parse::<Ura>().ok())
        .as_ref()
        == Some(ura)
}

fn put<T>(kept: &mut BTreeMap<String, Kept<T>>, name: String, version: Version, content: T) {
    let wins = kept
        .get(&name)
        .is_none_or(|known| version.may_replace(&known.version));
    if wins {
        kept.insert(name, Kept { version, content });
    }
}
