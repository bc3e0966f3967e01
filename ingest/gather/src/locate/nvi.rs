//! The referral index (NVI): over REST in generation C, over FHIR `List` in B and C (sections 1.1 and 1.2).

use ::http::Method;
use async_trait::async_trait;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use samenhang_profiles::Ura;
use samenhang_terminology::naming;
use serde::Deserialize;
use tokio::time::Instant;

use super::{Found, Localiser, Origin};
use crate::config::NviInterface;
use crate::error::{GatherError, Service};
use crate::http::Answer;
use crate::ledger::Step;
use crate::nvi::{CUSTODIAN, Errand, Message, NviLine, TOKEN_SYSTEM, status};
use crate::oauth::Wanted;
use crate::pseudonym::Pseudonym;
use crate::query::Question;

/// Records of an answer.
const MAX_RECORDS: usize = 10_000;

/// Client of the referral index.
pub struct Nvi {
    line: NviLine,
    wanted: Wanted,
}

impl Nvi {
    /// Asks over a line.
    #[must_use]
    pub fn new(line: NviLine) -> Self {
        Nvi {
            wanted: line.tokens().for_localising(line.audience()),
            line,
        }
    }

    fn compose(&self, pseudonym: &Pseudonym) -> Result<Message, GatherError> {
        Ok(match self.line.interface() {
            NviInterface::Rest => Message::post("localize", "application/json", pseudonym.body()?),
            NviInterface::Fhir => {
                // An empty token would be read as "no subject" and bring our own whole registration.
                let identifier = format!("{TOKEN_SYSTEM}|{}", pseudonym.token()?);
                let path = format!(
                    "fhir/List?subject:identifier={}",
                    utf8_percent_encode(&identifier, NON_ALPHANUMERIC)
                );
                Message::bare(Method::GET, path, "application/fhir+json")
            }
        })
    }

    fn read(&self, answer: &Answer) -> Result<Found, GatherError> {
        match (answer.status, self.line.interface()) {
            (200, NviInterface::Rest) => read_rest(answer),
            (200, NviInterface::Fhir) => read_fhir(answer),
            _ => Err(status(answer)),
        }
    }
}

#[async_trait]
impl Localiser for Nvi {
    fn origin(&self) -> Origin {
        Origin::Nvi
    }

    async fn localise(&self, question: &Question, deadline: Instant) -> Result<Found, GatherError> {
        let about = question.about();
        let errand = Errand {
            about: &about,
            step: Step::Localise,
            wanted: &self.wanted,
            deadline,
        };
        let count = |found: &Found| Some(found.holders.len());
        self.line
            .run(
                &errand,
                |pseudonym| self.compose(pseudonym),
                |answer| self.read(answer),
                count,
            )
            .await
    }
}

fn wrong(what: &'static str) -> GatherError {
    GatherError::Answer {
        service: Service::Nvi,
        what,
    }
}

/// Collects numbers; those that cannot be read are counted, and if there are no others it is no answer.
fn collect<'a>(numbers: impl Iterator<Item = Option<&'a str>>) -> Result<Found, GatherError> {
    let mut found = Found::default();
    for (at, number) in numbers.enumerate() {
        if at >= MAX_RECORDS {
            return Err(wrong("it has too many records"));
        }
        match number.and_then(|number| number.parse::<Ura>().ok()) {
            Some(ura) => {
                found.holders.insert(ura);
            }
            None => found.unreadable += 1,
        }
    }
    if found.holders.is_empty() && found.unreadable > 0 {
        return Err(wrong("none of its records can be read"));
    }
    Ok(found)
}

fn read_rest(answer: &Answer) -> Result<Found, GatherError> {
    #[derive(Deserialize)]
    struct Record {
        #[serde(default)]
        ura_number: Option<String>,
    }
    let records: Vec<Record> =
        serde_json::from_slice(&answer.body).map_err(|_| wrong("it is not a list of records"))?;
    collect(records.iter().map(|record| record.ura_number.as_deref()))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bundle {
    resource_type: String,
    #[serde(default)]
    entry: Vec<Entry>,
    #[serde(default)]
    link: Vec<Link>,
    #[serde(default)]
    total: Option<usize>,
}

#[derive(Deserialize)]
struct Link {
    #[serde(default)]
    relation: String,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(default)]
    resource: Option<List>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct List {
    resource_type: String,
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    extension: Vec<Extension>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Extension {
    url: String,
    #[serde(default)]
    value_reference: Option<Reference>,
}

#[derive(Deserialize)]
struct Reference {
    #[serde(default)]
    identifier: Option<Identifier>,
}

#[derive(Deserialize)]
struct Identifier {
    #[serde(default)]
    system: Option<String>,
    #[serde(default)]
    value: Option<String>,
}

impl List {
    fn custodian(&self) -> Option<&str> {
        let identifier = self
            .extension
            .iter()
            .find(|extension| extension.url == CUSTODIAN)?
            .value_reference
            .as_ref()?
            .identifier
            .as_ref()?;
        (identifier.system.as_deref() == Some(naming::URA)).then_some(identifier.value.as_deref()?)
    }
}

fn read_fhir(answer: &Answer) -> Result<Found, GatherError> {
    let bundle: Bundle =
        serde_json::from_slice(&answer.body).map_err(|_| wrong("it is not a bundle of lists"))?;
    if bundle.resource_type != "Bundle" {
        return Err(wrong("it is not a bundle"));
    }
    let lists: Vec<&List> = bundle
        .entry
        .iter()
        .filter_map(|entry| entry.resource.as_ref())
        .filter(|resource| resource.resource_type == "List")
        .collect();
    let mut found = collect(
        lists
            .iter()
            .filter(|list| list.status.as_deref() != Some("entered-in-error"))
            .map(|list| list.custodian()),
    )?;
    // The index knows no pages. Were there more, they would be missing: say so.
    let more = bundle.link.iter().any(|link| link.relation == "next");
    if more || bundle.total.is_some_and(|total| total > lists.len()) {
        found.unreadable += 1;
    }
    Ok(found)
}
