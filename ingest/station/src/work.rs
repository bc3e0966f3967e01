//! Works on what waits in the inbox of one source: in order, in batches, each batch one object and one transaction.
//!
//! Reading, mapping and validating need no database and are done on several threads. What follows from the messages is
//! then decided one after another ([`plan`]), written as an object, and only then told to the database. A crash before
//! the transaction leaves an object that nothing refers to, and messages that still wait.

mod plan;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;

use crate::delivery::first_row;
use crate::error::StationError;
use crate::failpoint::failpoint;
use crate::lift::{Ledger, Reason};
use crate::message::Format;
use crate::segment::{Kind, MessageHead, Place, Segment};
use crate::source::{Scope, SourceId};
use crate::station::Station;
use crate::store::messages::MessageRow;
use crate::unit::{Maker, Prepared};
pub(crate) use plan::Outcome;
use plan::{Action, Planner, Step};

/// Most messages in a batch.
const BATCH: i64 = 256;
/// Bytes after which a batch is closed.
const BATCH_BYTES: i64 = 16 << 20;

/// What a call of [`Station::work`] did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Progress {
    /// Messages that were worked on.
    pub messages: u64,
    /// Of these, messages that are held in quarantine.
    pub held: u64,
    /// Versions that were stored, tombstones included.
    pub versions: u64,
    /// Resources that were there already.
    pub unchanged: u64,
}

impl Progress {
    fn add(&mut self, other: Progress) {
        self.messages += other.messages;
        self.held += other.held;
        self.versions += other.versions;
        self.unchanged += other.unchanged;
    }
}

/// A message with its bytes.
pub(crate) struct Waiting {
    pub row: MessageRow,
    pub format: Format,
    pub body: Bytes,
}

impl Station {
    /// Works until nothing of a source waits any more.
    ///
    /// # Errors
    /// [`StationError`]; what was not finished still waits.
    pub async fn work(&self, source: &SourceId) -> Result<Progress, StationError> {
        let scope = self.scope(source)?;
        let mut progress = Progress::default();
        loop {
            let _turn = self.turn(source).await?;
            if self.database.is_stopped(source).await? {
                return Err(StationError::Stopped);
            }
            let rows = self.database.pending(source, BATCH, BATCH_BYTES).await?;
            if rows.is_empty() {
                return Ok(progress);
            }
            let waiting = self.fetch(&scope, rows).await?;
            let waiting = until_list(waiting);
            if let [one] = waiting.as_slice()
                && one.format == Format::Csv
                && self.cut_kept(&scope, one).await?
            {
                continue;
            }
            let (steps, segment) = self.plan(&scope, waiting).await?;
            progress.add(self.apply(&scope, &steps, segment).await?);
        }
    }

    /// The bytes of messages. Those that came in together stand together, and are read together.
    pub(crate) async fn fetch(
        &self,
        scope: &Scope,
        rows: Vec<MessageRow>,
    ) -> Result<Vec<Waiting>, StationError> {
        let mut counts: HashMap<String, usize> = HashMap::new();
        for row in &rows {
            *counts.entry(row.place.object.clone()).or_default() += 1;
        }
        let mut whole = HashMap::new();
        let mut waiting = Vec::with_capacity(rows.len());
        for row in rows {
            let object = &row.place.object;
            let record = if counts.get(object).is_some_and(|count| *count > 1) {
                if !whole.contains_key(object) {
                    let records = self.objects.all(scope, Kind::Inbox, object).await?;
                    whole.clear();
                    whole.insert(object.clone(), records);
                }
                let number = usize::try_from(row.place.number).unwrap_or(usize::MAX);
                let records = whole.get(object).and_then(|records| records.get(number));
                records
                    .map(|(_, record)| record.clone())
                    .ok_or(StationError::Damaged("a message is not where it should be"))?
            } else {
                self.objects.record(scope, Kind::Inbox, &row.place).await?
            };
            let head: MessageHead = record.head()?;
            if head.hash != row.hash {
                return Err(StationError::Damaged(
                    "a message is not the one that was acknowledged",
                ));
            }
            let (format, body) = (head.format, record.body());
            waiting.push(Waiting { row, format, body });
        }
        Ok(waiting)
    }

    /// Decides what follows from messages, without writing anything.
    pub(crate) async fn plan(
        &self,
        scope: &Scope,
        waiting: Vec<Waiting>,
    ) -> Result<(Vec<Step>, Option<Segment>), StationError> {
        let prepared = self.prepare(scope, waiting).await?;
        let now = self.surroundings.now().as_microsecond();
        let mut planner = Planner::new(self, scope, now).await?;
        let mut steps = Vec::with_capacity(prepared.len());
        for (row, first, prepared) in prepared {
            let mut step = planner.step(&row, prepared).await?;
            step.begins_at(first);
            steps.push(step);
        }
        Ok((steps, planner.finish()))
    }

    /// Reads, lifts and judges messages, on as many threads as there are workers; with the row where each begins in its
    /// file, when it was cut of one.
    async fn prepare(
        &self,
        scope: &Scope,
        waiting: Vec<Waiting>,
    ) -> Result<Vec<(MessageRow, Option<u64>, Prepared)>, StationError> {
        let space = scope.key.tag("made-ids", &[scope.source().as_str().as_bytes()]);
        let share = waiting.len().div_ceil(self.workers).max(1);
        let mut rest = waiting.into_iter().peekable();
        let mut tasks = Vec::new();
        while rest.peek().is_some() {
            let share: Vec<Waiting> = rest.by_ref().take(share).collect();
            let (scope, lift, judge) = (scope.clone(), Arc::clone(&self.lift), Arc::clone(&self.judge));
            let space = space.clone();
            tasks.push(tokio::task::spawn_blocking(move || {
                let judge = judge.get()?;
                let prepare = |waiting: Waiting| {
                    let maker = Maker {
                        scope: &scope,
                        space: &space,
                        lift: &*lift,
                        judge,
                        // The same message is judged the same whenever it is worked on.
                        now: Timestamp::from_microsecond(waiting.row.received).unwrap_or_default(),
                    };
                    let prepared = maker.prepare(&waiting.row, waiting.format, &waiting.body);
                    let first = match waiting.format {
                        Format::CsvPart => first_row(&waiting.body),
                        _ => None,
                    };
                    (waiting.row, first, prepared)
                };
                Ok::<_, StationError>(share.into_iter().map(prepare).collect::<Vec<_>>())
            }));
        }
        let mut prepared = Vec::new();
        for task in tasks {
            prepared.extend(task.await.map_err(|_| StationError::Closed)??);
        }
        Ok(prepared)
    }

    /// Writes what was decided: the object, then one transaction.
    async fn apply(
        &self,
        scope: &Scope,
        steps: &[Step],
        segment: Option<Segment>,
    ) -> Result<Progress, StationError> {
        failpoint!("work-before-object");
        let places = match &segment {
            Some(segment) => {
                self.objects.put(scope, segment).await?;
                segment.places.as_slice()
            }
            None => &[],
        };
        failpoint!("work-after-object");
        let progress = self.commit(scope, steps, places).await?;
        failpoint!("work-after-commit");
        let worked: i64 = steps.iter().map(|step| step.bytes).sum();
        self.load(scope.source())?.done(worked);
        Ok(progress)
    }

    async fn commit(
        &self,
        scope: &Scope,
        steps: &[Step],
        places: &[Place],
    ) -> Result<Progress, StationError> {
        let source = scope.source();
        let now = self.surroundings.now().as_microsecond();
        let mut progress = Progress::default();
        let mut patients: BTreeMap<&str, Option<&str>> = BTreeMap::new();
        let mut findings: BTreeMap<&(Reason, &'static str), u64> = BTreeMap::new();
        let mut ledger = Ledger::default();
        let mut codings = 0;
        let mut losses: BTreeMap<&str, Ledger> = BTreeMap::new();
        let mut writing = self.database.write().await?;
        for step in steps {
            progress.messages += 1;
            let done = match &step.outcome {
                Outcome::Held(reasons) => {
                    progress.held += 1;
                    writing.set_state(step.sequence, "held", None).await?;
                    for reason in reasons {
                        writing.hold(source, step.sequence, reason, now).await?;
                    }
                    continue;
                }
                Outcome::Done(done) => done,
            };
            for action in &done.actions {
                match action {
                    Action::Add {
                        head,
                        current,
                        record,
                    } => {
                        let place = places
                            .get(*record)
                            .ok_or(StationError::Damaged("a record was not written"))?;
                        writing
                            .add_version(source, head, *current, place, step.sequence)
                            .await?;
                        progress.versions += 1;
                        if let Some(patient) = head.patient.as_deref() {
                            patients.entry(patient).or_insert(None);
                        }
                    }
                    Action::Touch { kind, id, clock } => {
                        writing.touch(source, kind, id, *clock, step.sequence).await?;
                        progress.unchanged += 1;
                    }
                    Action::Nothing => progress.unchanged += 1,
                }
            }
            if let Some(patient) = done.patient.as_deref() {
                let sealed = patients.entry(patient).or_insert(None);
                *sealed = sealed.or(done.sealed.as_deref());
            }
            writing
                .set_state(step.sequence, "done", done.patient.as_deref())
                .await?;
            if step.was_held {
                writing.release(source, step.sequence).await?;
            }
            if step.changed {
                writing
                    .settle_earlier(source, &step.external, step.sequence)
                    .await?;
            }
            ledger.add(done.ledger);
            codings += done.codings;
            for (path, loss) in &done.losses {
                losses.entry(path).or_default().add(*loss);
            }
            for (finding, count) in &done.findings {
                *findings.entry(finding).or_default() += count;
            }
        }
        failpoint!("work-in-transaction");
        for (patient, sealed) in patients {
            writing.note_patient(source, patient, sealed).await?;
            writing.announce(&self.database, source, patient, now).await?;
        }
        for ((reason, severity), count) in findings {
            writing.count_finding(source, reason, severity, count).await?;
        }
        for (path, loss) in losses {
            writing.count_loss(source, path, loss).await?;
        }
        for (name, amount) in [
            ("messages", progress.messages),
            ("held", progress.held),
            ("versions", progress.versions),
            ("unchanged", progress.unchanged),
            ("codings", codings),
            ("leaves-mapped", ledger.mapped),
            ("leaves-ignored", ledger.ignored),
            ("leaves-unmapped", ledger.unmapped),
        ] {
            writing.tally(source, name, amount).await?;
        }
        writing.commit().await?;
        Ok(progress)
    }
}

/// A list of what the source has or deleted is looked at by itself, when everything before it is in the database; and so
/// is a delivery that was not cut yet.
fn until_list(mut waiting: Vec<Waiting>) -> Vec<Waiting> {
    let is_list =
        |waiting: &Waiting| matches!(waiting.format, Format::Manifest | Format::Deletions | Format::Csv);
    let end = waiting.iter().position(is_list).unwrap_or(waiting.len());
    waiting.truncate(end.max(1));
    waiting
}
