//! Reads the directory's pages and resources. A resource that cannot be read spoils neither its page nor the rest.

use jiff::Timestamp;
use samenhang_terminology::naming;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::model::{Coding, Endpoint, Organization, Service, Version};
use crate::error::{GatherError, Service as National};

/// One page.
pub(super) struct Page {
    pub(super) last_updated: Option<Timestamp>,
    pub(super) next: Option<String>,
    pub(super) entries: Vec<Entry>,
}

/// One entry of a page.
pub(super) struct Entry {
    /// The resource as it came; `None` for a deletion.
    pub(super) resource: Option<Box<RawValue>>,
    /// `response.lastModified` of a history.
    pub(super) modified: Option<Timestamp>,
    /// `Type/id` of a deletion.
    pub(super) deleted: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawPage {
    resource_type: String,
    #[serde(default)]
    meta: Meta,
    #[serde(default)]
    link: Vec<Link>,
    #[serde(default)]
    entry: Vec<RawEntry>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct Meta {
    #[serde(default)]
    version_id: Option<String>,
    #[serde(default)]
    last_updated: Option<String>,
}

#[derive(Deserialize)]
struct Link {
    #[serde(default)]
    relation: String,
    #[serde(default)]
    url: String,
}

#[derive(Deserialize)]
struct RawEntry {
    #[serde(default)]
    resource: Option<Box<RawValue>>,
    #[serde(default)]
    request: Option<Request>,
    #[serde(default)]
    response: Option<Response>,
}

#[derive(Deserialize)]
struct Request {
    #[serde(default)]
    method: String,
    #[serde(default)]
    url: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Response {
    #[serde(default)]
    last_modified: Option<String>,
}

fn instant(text: Option<&str>) -> Option<Timestamp> {
    text?.parse().ok()
}

/// Reads a page.
pub(super) fn page(body: &[u8]) -> Result<Page, GatherError> {
    let wrong = |what| GatherError::Answer {
        service: National::Directory,
        what,
    };
    let raw: RawPage = serde_json::from_slice(body).map_err(|_| wrong("it is not a page"))?;
    if raw.resource_type != "Bundle" {
        return Err(wrong("it is not a bundle"));
    }
    Ok(Page {
        last_updated: instant(raw.meta.last_updated.as_deref()),
        next: raw
            .link
            .into_iter()
            .find(|link| link.relation == "next")
            .map(|link| link.url),
        entries: raw
            .entry
            .into_iter()
            .map(|entry| Entry {
                modified: instant(
                    entry
                        .response
                        .as_ref()
                        .and_then(|response| response.last_modified.as_deref()),
                ),
                deleted: entry
                    .request
                    .filter(|request| request.method == "DELETE" && entry.resource.is_none())
                    .and_then(|request| local(&request.url)),
                resource: entry.resource,
            })
            .collect(),
    })
}

/// Reads an array of resources.
pub(super) fn array(json: &[u8]) -> Result<Vec<Box<RawValue>>, GatherError> {
    serde_json::from_slice(json).map_err(|_| GatherError::DirectoryFile("it is not an array of resources"))
}

/// A resource of the directory.
pub(super) struct Resource {
    pub(super) id: String,
    pub(super) version: Version,
    pub(super) content: Content,
}

/// Its content, by type.
pub(super) enum Content {
    Organization(Organization),
    Service(Service),
    Endpoint(Endpoint),
    /// A type that selection does not use; its name.
    Other(String),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Raw {
    resource_type: String,
    id: String,
    #[serde(default)]
    meta: Meta,
    #[serde(default)]
    active: Option<bool>,
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    identifier: Vec<Identifier>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default, rename = "type")]
    kind: Vec<Concept>,
    #[serde(default)]
    part_of: Option<Reference>,
    #[serde(default)]
    provided_by: Option<Reference>,
    #[serde(default)]
    endpoint: Vec<Reference>,
    #[serde(default)]
    period: Period,
    #[serde(default)]
    connection_type: Codings,
    #[serde(default)]
    payload_type: Vec<Concept>,
    #[serde(default)]
    payload_mime_type: Vec<String>,
    #[serde(default)]
    managing_organization: Option<Reference>,
    /// A text on an Endpoint, an object or array on other types.
    #[serde(default)]
    address: Value,
}

#[derive(Deserialize, Default)]
struct Period {
    #[serde(default)]
    start: Option<String>,
    #[serde(default)]
    end: Option<String>,
}

#[derive(Deserialize, Default)]
struct Concept {
    #[serde(default)]
    coding: Vec<Coding>,
}

#[derive(Deserialize, Default)]
struct Identifier {
    #[serde(default)]
    system: String,
    #[serde(default)]
    value: String,
}

#[derive(Deserialize, Default)]
struct Reference {
    #[serde(default)]
    reference: Option<String>,
    #[serde(default)]
    identifier: Option<Identifier>,
}

/// One coding in R4, several in later versions.
#[derive(Deserialize)]
#[serde(untagged)]
enum Codings {
    One(Coding),
    Many(Vec<Coding>),
}

impl Default for Codings {
    fn default() -> Self {
        Codings::Many(Vec::new())
    }
}

impl Reference {
    fn local(&self) -> Option<String> {
        local(self.reference.as_deref()?)
    }

    fn party(&self) -> Option<String> {
        self.local().or_else(|| {
            let identifier = self.identifier.as_ref()?;
            (!identifier.value.is_empty()).then(|| format!("{}|{}", identifier.system, identifier.value))
        })
    }
}

/// `Type/id` of a literal reference, relative or absolute, with or without a version.
fn local(reference: &str) -> Option<String> {
    let unversioned = reference.split("/_history/").next().unwrap_or(reference);
    let mut parts = unversioned.rsplit('/');
    let (id, kind) = (parts.next()?, parts.next()?);
    (!id.is_empty() && kind.bytes().all(|byte| byte.is_ascii_alphabetic())).then(|| format!("{kind}/{id}"))
}

/// `Type/id` of a resource that cannot be read otherwise.
pub(super) fn name_of(resource: &RawValue) -> Option<String> {
    let value: Value = serde_json::from_str(resource.get()).ok()?;
    Some(format!(
        "{}/{}",
        value["resourceType"].as_str()?,
        value["id"].as_str()?
    ))
}

/// Reads one resource; `None` when it is not one of the directory.
pub(super) fn resource(json: &RawValue, modified: Option<Timestamp>) -> Option<Resource> {
    let raw: Raw = serde_json::from_str(json.get()).ok()?;
    let version = Version {
        at: instant(raw.meta.last_updated.as_deref()).or(modified),
        number: raw
            .meta
            .version_id
            .as_deref()
            .and_then(|number| number.parse().ok())
            .unwrap_or(0),
    };
    let endpoints = || raw.endpoint.iter().filter_map(Reference::local).collect();
    let active = raw.active.unwrap_or(true);
    let content = match raw.resource_type.as_str() {
        "Organization" => Content::Organization(Organization {
            active,
            ura: raw
                .identifier
                .iter()
                .find(|identifier| identifier.system == naming::URA)
                .map(|identifier| identifier.value.clone()),
            name: raw.name.clone(),
            types: codings(&raw.kind),
            part_of: raw.part_of.as_ref().and_then(Reference::local),
            endpoints: endpoints(),
        }),
        "HealthcareService" => Content::Service(Service {
            active,
            provided_by: raw.provided_by.as_ref().and_then(Reference::local),
            endpoints: endpoints(),
        }),
        "Endpoint" => Content::Endpoint(Endpoint {
            status: raw.status.clone()?,
            start: raw.period.start.clone(),
            end: raw.period.end.clone(),
            connection: match raw.connection_type {
                Codings::One(coding) => vec![coding],
                Codings::Many(codings) => codings,
            },
            payload: codings(&raw.payload_type),
            mime: raw.payload_mime_type.clone(),
            manager: raw.managing_organization.as_ref().and_then(Reference::party),
            address: raw.address.as_str()?.to_owned(),
        }),
        _ => Content::Other(raw.resource_type.clone()),
    };
    Some(Resource {
        id: raw.id,
        version,
        content,
    })
}

fn codings(concepts: &[Concept]) -> Vec<Coding> {
    concepts
        .iter()
        .flat_map(|concept| concept.coding.clone())
        .collect()
}
