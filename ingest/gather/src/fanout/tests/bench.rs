//! A country in memory: sources that answer by a script, and a fan-out that asks them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use jiff::Timestamp;
use samenhang_profiles::{FhirVersion, RawResource, Received, Ura};
use samenhang_terminology::{Category, Status};
use tokio::time::Instant;

use crate::clock::{ManualClock, SeededRandom};
use crate::config::ConsentConfig;
use crate::consent::{
    Consent, ConsentService, Decision, Holder, OrganisationTypes, Permit, Register, Verdict,
};
use crate::error::GatherError;
use crate::fanout::{Detail, EndpointJob, Event, Events, FanOut, FanoutConfig, HolderJob, Notice};
use crate::fixtures;
use crate::http::HttpError;
use crate::ledger::MemoryLedger;
use crate::query::Question;
use crate::source::{Ask, Authorisation, IdentityCheck, IdentityVerdict, Reply, SourceApi};
use crate::token::{Token, TokenError};

/// What a source does with a request.
#[derive(Clone)]
pub(super) enum Act {
    Reply(u16, String),
    Wait(Duration, u16, String),
    Later(u16, Duration),
    Fail(HttpError),
    Hang,
}

pub(super) fn ok(body: impl Into<String>) -> Act {
    Act::Reply(200, body.into())
}

pub(super) fn status(status: u16) -> Act {
    Act::Reply(status, String::new())
}

type Script = Box<dyn Fn(&str, usize) -> Act + Send + Sync>;

/// A source that answers by a script: gets the request as text, and how often that was asked before.
pub(super) struct Fake {
    base: String,
    version: FhirVersion,
    script: Script,
    pub(super) asked: Mutex<Vec<String>>,
    pub(super) tokens: Option<AtomicUsize>,
    now: AtomicUsize,
    pub(super) most: AtomicUsize,
    pub(super) broken_off: Arc<AtomicUsize>,
}

impl Fake {
    pub(super) fn new(script: impl Fn(&str, usize) -> Act + Send + Sync + 'static) -> Self {
        Fake {
            base: "https://oost.example/r4".to_owned(),
            version: FhirVersion::R4,
            script: Box::new(script),
            asked: Mutex::default(),
            tokens: None,
            now: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
            broken_off: Arc::default(),
        }
    }

    pub(super) fn with_tokens(mut self) -> Self {
        self.tokens = Some(AtomicUsize::new(0));
        self
    }

    pub(super) fn at(mut self, base: &str, version: FhirVersion) -> Self {
        self.base = base.to_owned();
        self.version = version;
        self
    }

    pub(super) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    pub(super) fn asked_for(&self, start: &str) -> usize {
        self.asked()
            .iter()
            .filter(|asked| asked.starts_with(start))
            .count()
    }
}

/// Counts a call that is dropped before its end.
struct Guard(Option<Arc<AtomicUsize>>);

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(count) = &self.0 {
            count.fetch_add(1, Ordering::SeqCst);
        }
    }
}

#[async_trait]
impl SourceApi for Fake {
    fn label(&self) -> String {
        "oost.example:443".to_owned()
    }

    fn authorisation_label(&self) -> String {
        "as.oost.example:443".to_owned()
    }

    fn base(&self) -> &str {
        &self.base
    }

    fn version(&self) -> FhirVersion {
        self.version
    }

    async fn authorise(
        &self,
        _: &Question,
        renew: Option<&Arc<Token>>,
        _: Instant,
    ) -> Result<Authorisation, TokenError> {
        let Some(tokens) = &self.tokens else {
            return Ok(Authorisation::NotNeeded);
        };
        let token = Arc::new(Token::new("t".to_owned()));
        if renew.is_some() || tokens.load(Ordering::SeqCst) == 0 {
            tokens.fetch_add(1, Ordering::SeqCst);
            return Ok(Authorisation::Issued(token));
        }
        Ok(Authorisation::Kept(token))
    }

    async fn send(
        &self,
        _: &Question,
        ask: Ask<'_>,
        token: Option<&Token>,
        _: usize,
        _: Instant,
    ) -> Result<Reply, HttpError> {
        let text = match ask {
            Ask::Capabilities => "metadata".to_owned(),
            Ask::FindPatient(_) => "find".to_owned(),
            Ask::MatchPatient(_) => "match".to_owned(),
            Ask::Search(target) | Ask::Read(target) | Ask::Document(target) | Ask::Next(target) => {
                target.to_owned()
            }
        };
        assert_eq!(
            token.is_some(),
            self.tokens.is_some() && text != "metadata",
            "{text}"
        );
        let earlier = {
            let mut asked = self.asked.lock().unwrap();
            let earlier = asked.iter().filter(|asked| **asked == text).count();
            asked.push(text.clone());
            earlier
        };
        self.most
            .fetch_max(self.now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        let mut guard = Guard(Some(Arc::clone(&self.broken_off)));
        let reply = |status, body: String, retry_after| Reply {
            challenged: false,
            status,
            body: Bytes::from(body),
            media_type: None,
            retry_after,
        };
        let result = match (self.script)(&text, earlier) {
            Act::Reply(status, body) => Ok(reply(status, body, None)),
            Act::Wait(time, status, body) => {
                tokio::time::sleep(time).await;
                Ok(reply(status, body, None))
            }
            Act::Later(status, after) => Ok(reply(status, String::new(), Some(after))),
            Act::Fail(error) => Err(error),
            Act::Hang => std::future::pending().await,
        };
        guard.0 = None;
        self.now.fetch_sub(1, Ordering::SeqCst);
        result
    }
}

/// A searchset of resources, with a next link.
pub(super) fn page(resources: &[String], next: Option<&str>) -> String {
    let entries: Vec<String> = resources
        .iter()
        .map(|resource| format!(r#"{{"resource":{resource},"search":{{"mode":"match"}}}}"#))
        .collect();
    let link = next.map_or(String::new(), |next| {
        format!(r#""link":[{{"relation":"next","url":"{next}"}}],"#)
    });
    format!(
        r#"{{"resourceType":"Bundle","type":"searchset",{link}"entry":[{}]}}"#,
        entries.join(",")
    )
}

pub(super) fn patient() -> String {
    page(&[r#"{"resourceType":"Patient","id":"p1"}"#.to_owned()], None)
}

pub(super) fn of(kind: &str, id: &str, more: &str) -> String {
    format!(r#"{{"resourceType":"{kind}","id":"{id}","subject":{{"reference":"Patient/p1"}}{more}}}"#)
}

/// A source that knows the patient, and answers some searches; every other search is empty.
pub(super) fn source(script: impl Fn(&str, usize) -> Option<Act> + Send + Sync + 'static) -> Fake {
    Fake::new(move |ask, earlier| match script(ask, earlier) {
        Some(act) => act,
        None if ask == "metadata" => status(404),
        None if ask == "find" => ok(patient()),
        None => ok(page(&[], None)),
    })
}

/// Accepts the first Patient; knows none in an empty list.
pub(super) struct First;

impl IdentityCheck for First {
    fn check(&self, _: &Question, _: &Ura, patients: &[RawResource]) -> IdentityVerdict {
        match patients {
            [] => IdentityVerdict::Unknown,
            [one] => IdentityVerdict::Accept {
                patient_id: one.id().unwrap_or_default().to_owned(),
                warning: false,
            },
            _ => IdentityVerdict::Ambiguous,
        }
    }
}

struct Yes;

#[async_trait]
impl ConsentService for Yes {
    async fn closed_question(
        &self,
        _: &Question,
        _: &Holder,
        categories: &BTreeSet<&'static str>,
        _: Instant,
    ) -> Result<BTreeMap<&'static str, Verdict>, GatherError> {
        Ok(categories
            .iter()
            .map(|category| (*category, Verdict::Permit))
            .collect())
    }
}

impl OrganisationTypes for Yes {
    fn type_of(&self, _: &Ura) -> Option<String> {
        Some("V6".to_owned())
    }
}

/// The country.
pub(super) struct Bench {
    pub(super) fan_out: Arc<FanOut>,
    pub(super) ledger: Arc<MemoryLedger>,
    consent: Consent,
}

pub(super) const OOST: &str = "00700700";
pub(super) const LINDE: &str = "00700701";

impl Bench {
    pub(super) fn new() -> Self {
        Bench::with(FanoutConfig::default())
    }

    pub(super) fn with(config: FanoutConfig) -> Self {
        let clock = Arc::new(ManualClock::new(Timestamp::UNIX_EPOCH));
        let ledger = Arc::new(MemoryLedger::new());
        let register = Arc::new(Register::new(&SeededRandom::new(1)));
        let consent = Consent::new(
            &ConsentConfig::default(),
            Arc::new(Yes),
            Arc::new(Yes),
            register,
            clock.clone(),
        );
        let fan_out = Arc::new(FanOut::new(
            config,
            clock,
            Arc::new(SeededRandom::new(2)),
            ledger.clone(),
        ));
        Bench {
            fan_out,
            ledger,
            consent,
        }
    }

    pub(super) async fn permits(&self, holder: &str, categories: &[Category]) -> BTreeMap<Category, Permit> {
        let categories: BTreeSet<Category> = categories.iter().copied().collect();
        let deadline = Instant::now() + Duration::from_secs(1);
        let question = fixtures::question();
        let decided = self
            .consent
            .decide(&question, &holder.parse().unwrap(), &categories, deadline)
            .await
            .unwrap();
        decided
            .decisions
            .into_iter()
            .map(|(category, decision)| match decision {
                Decision::Permit(permit) => (category, permit),
                Decision::NotPermitted => panic!("not permitted"),
            })
            .collect()
    }

    /// A holder with endpoints that are listed for everything.
    pub(super) async fn job(
        &self,
        holder: &str,
        endpoints: &[Arc<Fake>],
        categories: &[Category],
    ) -> HolderJob {
        HolderJob {
            holder: holder.parse().unwrap(),
            name: Arc::from("Ziekenhuis Oost"),
            endpoints: endpoints
                .iter()
                .map(|api| EndpointJob {
                    api: Arc::clone(api) as Arc<dyn SourceApi>,
                    categories: Category::ALL.into_iter().collect(),
                })
                .collect(),
            permits: self.permits(holder, categories).await,
            settled: BTreeMap::new(),
        }
    }

    pub(super) fn events(&self, jobs: Vec<HolderJob>, identity: Arc<dyn IdentityCheck>) -> Events {
        let deadline = Instant::now() + self.fan_out.config().interactive();
        self.fan_out.ask(
            Arc::new(fixtures::question()),
            jobs,
            Vec::new(),
            identity,
            deadline,
        )
    }

    pub(super) async fn ask_until(&self, jobs: Vec<HolderJob>, deadline: Instant) -> Told {
        let question = Arc::new(fixtures::question());
        Told::of(
            self.fan_out
                .ask(question, jobs, Vec::new(), Arc::new(First), deadline),
        )
        .await
    }

    pub(super) async fn ask(&self, jobs: Vec<HolderJob>) -> Told {
        Told::of(self.events(jobs, Arc::new(First))).await
    }

    /// Asks one holder with one endpoint.
    pub(super) async fn ask_one(&self, source: Fake, categories: &[Category]) -> (Told, Arc<Fake>) {
        let source = Arc::new(source);
        let job = self.job(OOST, &[Arc::clone(&source)], categories).await;
        (self.ask(vec![job]).await, source)
    }
}

/// All that was told about a question.
#[derive(Default)]
pub(super) struct Told {
    pub(super) lines: Vec<String>,
    pub(super) rows: BTreeMap<(String, Category), (Status, usize, Option<Detail>)>,
    pub(super) received: Vec<Received>,
    pub(super) notices: Vec<Notice>,
    pub(super) took: Duration,
}

impl Told {
    pub(super) async fn of(mut events: Events) -> Self {
        let began = Instant::now();
        let mut told = Told::default();
        let mut is_done = false;
        while let Some(event) = events.next_event().await {
            assert!(!is_done, "nothing follows the end");
            match event {
                Event::HolderStarted { holder, .. } => told.lines.push(format!("start {holder}")),
                Event::Batch {
                    holder,
                    permit,
                    resources,
                } => {
                    assert_eq!(permit.holder(), &holder);
                    assert!(
                        resources
                            .iter()
                            .all(|received| received.category == permit.category())
                    );
                    told.lines
                        .push(format!("batch {holder} {}", permit.category().code()));
                    told.received.extend(resources);
                }
                Event::Category {
                    holder,
                    category,
                    status,
                    count,
                    detail,
                    ..
                } => {
                    told.lines
                        .push(format!("row {holder} {} {}", category.code(), status.code()));
                    let former = told
                        .rows
                        .insert((holder.to_string(), category), (status, count, detail));
                    assert!(former.is_none(), "exactly one row");
                }
                Event::HolderDone { holder, duration_ms } => {
                    told.lines.push(format!("done {holder} {duration_ms}"));
                }
                Event::Notice(notice) => told.notices.push(notice),
                Event::Done => {
                    is_done = true;
                    told.took = began.elapsed();
                }
            }
        }
        assert!(is_done);
        told
    }

    pub(super) fn row(&self, holder: &str, category: Category) -> (Status, usize, Option<Detail>) {
        self.rows[&(holder.to_owned(), category)]
    }

    pub(super) fn status(&self, category: Category) -> (Status, Option<Detail>) {
        let (status, _, detail) = self.row(OOST, category);
        (status, detail)
    }

    pub(super) fn ids(&self) -> Vec<String> {
        self.received
            .iter()
            .map(|received| {
                format!(
                    "{}/{}",
                    received.resource.resource_type(),
                    received.resource.id().unwrap_or_default()
                )
            })
            .collect()
    }
}
