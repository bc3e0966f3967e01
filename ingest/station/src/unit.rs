//! A unit of work: one message, read, lifted, judged. Everything that needs no database, so that many are made at once.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use bytes::Bytes;
use jiff::Timestamp;
use samenhang_profiles::{Limits, RawResource};

use crate::config::OnError;
use crate::identity::{Member, Who, whose};
use crate::judge::Judge;
use crate::lift::{Delivered, Findings, Ledger, Lift, Lifted, LiftedResource, Message, Reason, Stage};
use crate::message::Format;
use crate::source::Scope;
use crate::store::messages::MessageRow;

/// Most lines of a manifest.
const MAX_LINES: usize = 5_000_000;

/// What a message comes to, before the database is asked.
pub(crate) enum Prepared {
    /// Resources of one patient, or of nobody.
    Unit(Unit),
    /// Everything that the source has.
    Manifest(Vec<(String, String)>),
    /// What it deleted.
    Deletions(Vec<(String, String)>),
    /// It is held.
    Held(Vec<Reason>),
}

/// Resources of one message.
pub(crate) struct Unit {
    pub resources: Vec<Judged>,
    pub who: Option<Who>,
    /// Which map made the resources.
    pub map: String,
    pub ledger: Ledger,
    /// Codings in the resources.
    pub codings: u64,
    pub losses: BTreeMap<String, Ledger>,
    pub findings: Findings,
    /// Errors that hold the unit back unless they are waived.
    pub errors: Vec<Reason>,
}

/// A resource that may be stored.
pub(crate) struct Judged {
    pub kind: String,
    pub id: String,
    /// The resource, and after it what the source sent, when that was something else.
    pub body: Bytes,
    /// Bytes of the resource in it.
    pub length: usize,
    pub is_part: bool,
    pub hash: String,
    pub clock: i64,
    pub verdict: &'static str,
    pub served: bool,
}

/// What units are made with.
pub(crate) struct Maker<'a> {
    pub scope: &'a Scope,
    /// Keyed hash for ids that are made, see [`Message::space`].
    pub space: &'a str,
    pub lift: &'a dyn Lift,
    pub judge: &'a Judge,
    pub now: Timestamp,
}

impl Maker<'_> {
    /// Makes a unit of a message. A defect in a map or a rule holds that message and no other.
    pub(crate) fn prepare(&self, row: &MessageRow, format: Format, body: &Bytes) -> Prepared {
        let made = catch_unwind(AssertUnwindSafe(|| self.make(row, format, body)));
        match made {
            Ok(Ok(prepared)) => prepared,
            Ok(Err(reason)) => Prepared::Held(vec![reason]),
            Err(_) => Prepared::Held(vec![Reason::new(Stage::Map, "defect")]),
        }
    }

    fn make(&self, row: &MessageRow, format: Format, body: &Bytes) -> Result<Prepared, Reason> {
        match format {
            Format::Manifest => return list(body).map(Prepared::Manifest),
            Format::Deletions => return list(body).map(Prepared::Deletions),
            // One that can be cut does not come here.
            Format::Csv => {
                let delivered = Delivered {
                    body,
                    source: self.scope.source(),
                    hash: &row.hash,
                    max_rows: self.scope.config().max_rows,
                };
                let cut = self.lift.cut(&delivered).err();
                return Err(cut.unwrap_or_else(|| Reason::new(Stage::Parse, "not-a-delivery")));
            }
            _ => {}
        }
        let message = Message {
            body,
            format,
            source: self.scope.source(),
            external: &row.external,
            space: self.space,
        };
        let lifted = self.lift.lift(&message)?;
        self.unit(row, lifted).map(Prepared::Unit)
    }

    fn unit(&self, row: &MessageRow, lifted: Lifted) -> Result<Unit, Reason> {
        let unreadable =
            |error: samenhang_profiles::ReadError| Reason::new(Stage::Map, "not-readable").code(error.code());
        let limits = Limits::default();
        let mut read = Vec::with_capacity(lifted.resources.len());
        for resource in &lifted.resources {
            read.push(RawResource::read(resource.json.clone(), &limits).map_err(unreadable)?);
        }
        let members: Vec<Member<'_>> = read
            .iter()
            .zip(&lifted.resources)
            .map(|(resource, lifted)| Member {
                resource,
                full_url: lifted.full_url.as_deref(),
            })
            .collect();
        let who = whose(&members)?;
        let message_clock = row
            .clock
            .or_else(|| lifted.clock.map(Timestamp::as_microsecond))
            .unwrap_or(row.received);
        let mut unit = Unit {
            resources: Vec::with_capacity(read.len()),
            who,
            map: lifted.map,
            ledger: lifted.ledger,
            codings: 0,
            losses: lifted.losses,
            findings: lifted.findings,
            errors: Vec::new(),
        };
        for (resource, lifted) in read.iter().zip(&lifted.resources) {
            let judged = self.judged(resource, lifted, message_clock, &mut unit)?;
            unit.resources.push(judged);
        }
        Ok(unit)
    }

    fn judged(
        &self,
        resource: &RawResource,
        lifted: &LiftedResource,
        message_clock: i64,
        unit: &mut Unit,
    ) -> Result<Judged, Reason> {
        let kind = resource.resource_type();
        let id = resource
            .id()
            .filter(|id| is_id(id))
            .ok_or_else(|| Reason::new(Stage::Identity, "no-id").at(kind))?;
        let judgement = self.judge.judge(resource.body(), self.now)?;
        unit.codings += judgement.codings;
        for (finding, count) in judgement.findings {
            *unit.findings.entry(finding).or_insert(0) += count;
        }
        let failed = judgement.verdict == "invalid";
        if failed && self.scope.config().on_error == OnError::Quarantine {
            unit.errors.extend(judgement.errors);
        }
        let own_clock = resource
            .keys()
            .last_updated
            .as_deref()
            .and_then(|text| text.parse::<Timestamp>().ok());
        let body = match &lifted.original {
            Some(original) => Bytes::from([&resource.body()[..], original].concat()),
            None => resource.body().clone(),
        };
        Ok(Judged {
            kind: kind.to_owned(),
            id: id.to_owned(),
            length: resource.body().len(),
            is_part: lifted.is_part,
            hash: self.scope.key.tag("resource", &[&body]),
            body,
            clock: own_clock.map_or(message_clock, Timestamp::as_microsecond),
            verdict: judgement.verdict,
            served: !failed || self.scope.config().on_error != OnError::Store,
        })
    }
}

/// Whether this is an id as FHIR has it.
fn is_id(id: &str) -> bool {
    (1..=64).contains(&id.len())
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.')
}

/// Reads `Type/id` lines.
fn list(body: &Bytes) -> Result<Vec<(String, String)>, Reason> {
    let wrong = |rule| Reason::new(Stage::Parse, rule);
    let text = std::str::from_utf8(body).map_err(|_| wrong("not-utf8"))?;
    let mut list = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (kind, id) = line
            .split_once('/')
            .filter(|(kind, id)| {
                is_id(id) && !kind.is_empty() && kind.bytes().all(|byte| byte.is_ascii_alphanumeric())
            })
            .ok_or_else(|| wrong("not-a-list-of-resources"))?;
        if list.len() >= MAX_LINES {
            return Err(wrong("too-many-lines"));
        }
        list.push((kind.to_owned(), id.to_owned()));
    }
    Ok(list)
}
