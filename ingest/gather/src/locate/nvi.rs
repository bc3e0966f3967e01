//! The referral index (NVI): over REST in generation C, over FHIR `List` in B and C (sections 1.1 and 1.2).

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use samenhang_profiles::Ura;
use samenhang_terminology::naming;
use serde::Deserialize;
use tokio::time::Instant;

use super::{Found, Localiser, Origin};
use crate::clock::Clock;
use crate::config::{Generation, NationalConfig, NviInterface};
use crate::error::{GatherError, Service};
use crate::http::{Answer, Http, HttpError, Outgoing, Peer, Target};
use crate::ledger::{Call, Ledger, Step};
use crate::oauth::{Bearer, NationalTokens, Wanted, pin};
use crate::pseudonym::{Prs, Pseudonym, outcome_of};
use crate::query::Question;

/// System of a pseudonym token in `subject.identifier`.
const TOKEN_SYSTEM: &str = "http://minvws.github.io/generiekefuncties-docs/NamingSystem/nvi-identifier";
/// Extension that names the holder.
const CUSTODIAN: &str =
    "http://minvws.github.io/generiekefuncties-docs/StructureDefinition/nl-gf-localization-custodian";
/// Bytes of an answer.
const MAX_ANSWER: usize = 2 << 20;
/// Records of an answer.
const MAX_RECORDS: usize = 10_000;

/// Client of the referral index.
pub struct Nvi {
    http: Http,
    peer: Peer,
    interface: NviInterface,
    wanted: Wanted,
    tokens: Arc<NationalTokens>,
    prs: Prs,
    timeout: Duration,
    clock: Arc<dyn Clock>,
    ledger: Arc<dyn Ledger>,
}

impl Nvi {
    /// Sets up for one referral index.
    ///
    /// # Errors
    /// [`GatherError`] when its address cannot be used.
    pub fn new(
        http: Http,
        config: &NationalConfig,
        tokens: Arc<NationalTokens>,
        prs: Prs,
        clock: Arc<dyn Clock>,
        ledger: Arc<dyn Ledger>,
    ) -> Result<Self, GatherError> {
        let peer = pin(&http, &config.nvi.url, Service::Nvi)?;
        let audience = config
            .nvi
            .audience
            .clone()
            .unwrap_or_else(|| config.nvi.url.clone());
        Ok(Nvi {
            http,
            peer,
            interface: match config.generation {
                Generation::B => NviInterface::Fhir,
                Generation::C => config.nvi.interface,
            },
            wanted: tokens.for_localising(audience),
            tokens,
            prs,
            timeout: Duration::from_millis(config.nvi.timeout_ms),
            clock,
            ledger,
        })
    }

    async fn ask(
        &self,
        question: &Question,
        pseudonym: &Pseudonym,
        token: &Bearer,
        deadline: Instant,
    ) -> Result<Found, GatherError> {
        let call = Call::begin(&*self.clock, question, Step::Localise, self.peer.label());
        let deadline = deadline.min(Instant::now() + self.timeout);
        let result = match self.interface {
            NviInterface::Rest => self.ask_rest(pseudonym, token, deadline).await,
            NviInterface::Fhir => self.ask_fhir(pseudonym, token, deadline).await,
        };
        let count = result.as_ref().ok().map(|found| found.holders.len());
        call.end(&*self.ledger, outcome_of(&result), count).await?;
        result
    }

    async fn ask_rest(
        &self,
        pseudonym: &Pseudonym,
        token: &Bearer,
        deadline: Instant,
    ) -> Result<Found, GatherError> {
        let outgoing = Outgoing::post(Target::Path("localize"), "application/json", pseudonym.body()?)
            .accept("application/json");
        read_rest(&self.send(outgoing, token, deadline).await?)
    }

    async fn ask_fhir(
        &self,
        pseudonym: &Pseudonym,
        token: &Bearer,
        deadline: Instant,
    ) -> Result<Found, GatherError> {
        // An empty token would be read as "no subject" and bring our own whole registration.
        let identifier = format!("{TOKEN_SYSTEM}|{}", pseudonym.token()?);
        let path = format!(
            "fhir/List?subject:identifier={}",
            utf8_percent_encode(&identifier, NON_ALPHANUMERIC)
        );
        let outgoing = Outgoing::get(Target::Path(&path)).accept("application/fhir+json");
        read_fhir(&self.send(outgoing, token, deadline).await?)
    }

    async fn send(
        &self,
        outgoing: Outgoing<'_>,
        token: &Bearer,
        deadline: Instant,
    ) -> Result<Answer, GatherError> {
        let unreachable = |source: HttpError| GatherError::Unreachable {
            service: Service::Nvi,
            source,
        };
        let outgoing = outgoing
            .at_most(MAX_ANSWER)
            .bearer(token.expose())
            .map_err(unreachable)?;
        let answer = self
            .http
            .send(&self.peer, outgoing, deadline)
            .await
            .map_err(unreachable)?;
        if answer.status == 200 {
            Ok(answer)
        } else {
            Err(GatherError::Status {
                service: Service::Nvi,
                status: answer.status,
            })
        }
    }
}

#[async_trait]
impl Localiser for Nvi {
    fn origin(&self) -> Origin {
        Origin::Nvi
    }

    /// Section 5.1, rows 1 and 2: a refused token is renewed once, an expired pseudonym is made anew once, and a call
    /// that failed on the way is made once more. Every call has its own pseudonym.
    async fn localise(&self, question: &Question, deadline: Instant) -> Result<Found, GatherError> {
        let mut token = self.tokens.token(&self.wanted, deadline).await?;
        let (mut renewed, mut redone, mut retried) = (false, false, false);
        loop {
            let pseudonym = self.prs.pseudonym(question, deadline).await?;
            match self.ask(question, &pseudonym, &token, deadline).await {
                Err(GatherError::Status { status: 401, .. }) if !renewed => {
                    renewed = true;
                    token = self.tokens.renew(&self.wanted, &token, deadline).await?;
                }
                Err(GatherError::Status { status: 400, .. }) if !redone => redone = true,
                Err(error) if error.is_transient() && !retried && Instant::now() < deadline => retried = true,
                other => return other,
            }
        }
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
