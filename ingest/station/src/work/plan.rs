//! Decides, message by message, which versions follow. A unit of work is taken as a whole or held as a whole.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::error::StationError;
use crate::lift::{Findings, Ledger, Reason, Stage};
use crate::seal::hex;
use crate::segment::{Kind, Segment, SegmentWriter, VersionHead};
use crate::source::Scope;
use crate::station::Station;
use crate::store::messages::MessageRow;
use crate::store::versions::Head;
use crate::unit::{Prepared, Unit};

/// What stands for the content of what was deleted.
const DELETED: &str = "deleted";

/// What becomes of one message.
pub(crate) struct Step {
    pub sequence: i64,
    pub external: String,
    pub changed: bool,
    pub bytes: i64,
    /// Whether it was in quarantine before.
    pub was_held: bool,
    pub outcome: Outcome,
}

impl Step {
    /// Notes where in its file the message begins, for who looks for what is held.
    pub(super) fn begins_at(&mut self, row: Option<u64>) {
        if let Outcome::Held(reasons) = &mut self.outcome {
            for reason in reasons {
                reason.row = reason.row.or(row);
            }
        }
    }
}

pub(crate) enum Outcome {
    Done(Done),
    Held(Vec<Reason>),
}

#[derive(Default)]
pub(crate) struct Done {
    pub actions: Vec<Action>,
    pub patient: Option<String>,
    /// The patient's number, encrypted.
    pub sealed: Option<String>,
    pub ledger: Ledger,
    pub codings: u64,
    pub losses: BTreeMap<String, Ledger>,
    pub findings: Findings,
}

pub(crate) enum Action {
    /// A version, or a tombstone.
    Add {
        head: VersionHead,
        current: bool,
        record: usize,
    },
    /// The current version again, with a later clock.
    Touch { kind: String, id: String, clock: i64 },
    /// A version that is there.
    Nothing,
}

/// Plans a batch. What earlier messages of the batch change is seen by later ones.
pub(super) struct Planner<'s> {
    station: &'s Station,
    scope: &'s Scope,
    writer: SegmentWriter<'s>,
    records: usize,
    heads: HashMap<(String, String), Option<Head>>,
    added: HashSet<(String, String, i64, String)>,
    barred: HashMap<String, bool>,
    sealed: HashSet<String>,
    waived: BTreeSet<(i64, String)>,
    held_before: BTreeSet<i64>,
    now: i64,
}

impl<'s> Planner<'s> {
    pub(super) async fn new(station: &'s Station, scope: &'s Scope, now: i64) -> Result<Self, StationError> {
        let source = scope.source();
        let writer = SegmentWriter::new(source, Kind::Store, &scope.key, &*station.surroundings)?;
        let waived = station.database.waived(source, now).await?;
        let held_before = station.database.held_before(source).await?;
        Ok(Planner {
            station,
            scope,
            writer,
            records: 0,
            heads: HashMap::new(),
            added: HashSet::new(),
            barred: HashMap::new(),
            sealed: HashSet::new(),
            waived,
            held_before,
            now,
        })
    }

    /// The object with everything that is to be stored, when there is anything.
    pub(super) fn finish(self) -> Option<Segment> {
        (!self.writer.is_empty()).then(|| self.writer.finish())
    }

    pub(super) async fn step(&mut self, row: &MessageRow, prepared: Prepared) -> Result<Step, StationError> {
        let outcome = match prepared {
            Prepared::Held(reasons) => Outcome::Held(reasons),
            Prepared::Unit(unit) => self.unit(row, unit).await?,
            Prepared::Deletions(list) => self.deletions(row, list).await?,
            Prepared::Manifest(list) => self.manifest(row, list).await?,
        };
        Ok(Step {
            sequence: row.sequence,
            external: row.external.clone(),
            changed: row.changed,
            bytes: row.bytes,
            was_held: self.held_before.contains(&row.sequence),
            outcome,
        })
    }

    async fn unit(&mut self, row: &MessageRow, unit: Unit) -> Result<Outcome, StationError> {
        let errors: Vec<Reason> = unit
            .errors
            .iter()
            .filter(|reason| !self.is_waived(row, reason))
            .cloned()
            .collect();
        if !errors.is_empty() {
            return Ok(Outcome::Held(errors));
        }
        let patient = match self.patient(&unit).await? {
            Ok(patient) => patient,
            Err(reason) => return Ok(Outcome::Held(vec![reason])),
        };
        // Nothing is taken of a unit in which one resource belongs to somebody else.
        for resource in &unit.resources {
            let owner = owner(&resource.kind, patient.as_deref());
            let head = self.head(&resource.kind, &resource.id).await?;
            if head.is_some_and(|head| head.patient.as_deref() != owner) {
                let rule = if resource.kind == "Patient" {
                    "patient-changed-number"
                } else {
                    "resource-changed-patient"
                };
                return Ok(Outcome::Held(vec![
                    Reason::new(Stage::Identity, rule).at(&*resource.kind),
                ]));
            }
        }
        let sealed =
            match (&patient, unit.who.as_ref().and_then(|who| who.bsn.as_ref())) {
                (Some(patient), Some(bsn)) if self.sealed.insert(patient.clone()) => Some(hex(&self
                    .scope
                    .key
                    .seal_number(bsn, patient, &*self.station.surroundings)?)),
                _ => None,
            };
        let mut actions = Vec::with_capacity(unit.resources.len());
        for resource in unit.resources {
            let head = VersionHead {
                patient: owner(&resource.kind, patient.as_deref()).map(str::to_owned),
                kind: resource.kind,
                id: resource.id,
                version: 0,
                clock: resource.clock,
                hash: resource.hash,
                deleted: false,
                served: resource.served,
                verdict: resource.verdict.to_owned(),
                stored: self.now,
                map: unit.map.clone(),
                length: if resource.length < resource.body.len() {
                    resource.length
                } else {
                    0
                },
                part: resource.is_part,
                external: row.external.clone(),
                message: row.hash.clone(),
                sequence: row.sequence,
            };
            actions.push(self.place(head, &resource.body).await?);
        }
        Ok(Outcome::Done(Done {
            actions,
            patient,
            sealed,
            ledger: unit.ledger,
            codings: unit.codings,
            losses: unit.losses,
            findings: unit.findings,
        }))
    }

    fn is_waived(&self, row: &MessageRow, reason: &Reason) -> bool {
        let fingerprint = reason.fingerprint();
        match reason.stage {
            Stage::Guard => self.waived.contains(&(row.sequence, fingerprint)),
            Stage::Validate => self.waived.iter().any(|(_, waived)| *waived == fingerprint),
            Stage::Parse | Stage::Map | Stage::Identity => false,
        }
    }

    /// Under which pseudonym a unit's patient stands, or why it is held.
    async fn patient(&mut self, unit: &Unit) -> Result<Result<Option<String>, Reason>, StationError> {
        let held = |rule: &str| Ok(Err(Reason::new(Stage::Identity, rule).at("Patient")));
        let Some(who) = &unit.who else { return Ok(Ok(None)) };
        let key = &self.scope.key;
        let by_number = who.bsn.as_ref().map(|bsn| key.patient(bsn));
        let known = match &who.id {
            Some(id) => {
                let known = self.head("Patient", id).await?.filter(|head| !head.deleted);
                known.and_then(|head| head.patient.clone())
            }
            None => None,
        };
        let patient = match (by_number, known, &who.id) {
            (Some(number), Some(known), _) if number != known => return held("patient-changed-number"),
            (Some(number), _, _) => number,
            (None, known, Some(id)) if who.present => {
                let by_id = self.scope.key.tag("patient-id", &[id.as_bytes()]);
                match known {
                    Some(known) if known != by_id => return held("patient-changed-number"),
                    _ if self.scope.config().bsn_required => return held("no-number"),
                    _ => by_id,
                }
            }
            (None, Some(known), _) => known,
            (None, None, _) => return held("unknown-patient"),
        };
        let barred = match self.barred.get(&patient) {
            Some(barred) => *barred,
            None => {
                let barred = self
                    .station
                    .database
                    .is_barred(self.scope.source(), &patient)
                    .await?;
                self.barred.insert(patient.clone(), barred);
                barred
            }
        };
        if barred {
            return held("erased-patient");
        }
        Ok(Ok(Some(patient)))
    }

    async fn head(&mut self, kind: &str, id: &str) -> Result<Option<&Head>, StationError> {
        let name = (kind.to_owned(), id.to_owned());
        if !self.heads.contains_key(&name) {
            let head = self.station.database.head(self.scope.source(), kind, id).await?;
            self.heads.insert(name.clone(), head);
        }
        Ok(self.heads.get(&name).and_then(Option::as_ref))
    }

    /// Where a version comes among those that are there: by the source's clock, not by arrival. The same clock twice is
    /// ordered by deletion and then by content, so that any order of arrival gives the same.
    async fn place(&mut self, mut head: VersionHead, body: &[u8]) -> Result<Action, StationError> {
        let before = self.head(&head.kind, &head.id).await?.cloned();
        let (version, current) = match &before {
            None => (1, true),
            Some(before) if before.hash == head.hash => {
                if head.clock <= before.clock {
                    return Ok(Action::Nothing);
                }
                let touched = Head {
                    clock: head.clock,
                    ..before.clone()
                };
                self.heads
                    .insert((head.kind.clone(), head.id.clone()), Some(touched));
                return Ok(Action::Touch {
                    kind: head.kind,
                    id: head.id,
                    clock: head.clock,
                });
            }
            Some(before) => {
                let newer =
                    (head.clock, head.deleted, &head.hash) > (before.clock, before.deleted, &before.hash);
                if !newer && self.is_there(&head).await? {
                    return Ok(Action::Nothing);
                }
                (before.last + 1, newer)
            }
        };
        self.added
            .insert((head.kind.clone(), head.id.clone(), head.clock, head.hash.clone()));
        let after = match before {
            Some(before) if !current => Head {
                last: version,
                ..before
            },
            _ => Head {
                last: version,
                clock: head.clock,
                hash: head.hash.clone(),
                patient: head.patient.clone(),
                deleted: head.deleted,
            },
        };
        self.heads
            .insert((head.kind.clone(), head.id.clone()), Some(after));
        head.version = version;
        self.writer.push(&head, body)?;
        self.records += 1;
        Ok(Action::Add {
            head,
            current,
            record: self.records - 1,
        })
    }

    async fn is_there(&self, head: &VersionHead) -> Result<bool, StationError> {
        let name = (head.kind.clone(), head.id.clone(), head.clock, head.hash.clone());
        if self.added.contains(&name) {
            return Ok(true);
        }
        let source = self.scope.source();
        self.station
            .database
            .has_version(source, &head.kind, &head.id, head.clock, &head.hash)
            .await
    }

    /// Everything that came before a complete list and is not in it was deleted, unless that is too much to be true. What
    /// came after it is none of its business, also when it is worked on once more.
    async fn manifest(
        &mut self,
        row: &MessageRow,
        list: Vec<(String, String)>,
    ) -> Result<Outcome, StationError> {
        let there = self
            .station
            .database
            .present(self.scope.source(), row.sequence)
            .await?;
        let list: HashSet<(String, String)> = list.into_iter().collect();
        let total = there.len();
        let gone: Vec<_> = there.into_iter().filter(|one| !list.contains(one)).collect();
        let guard = Reason::new(Stage::Guard, "mass-delete");
        let percent = usize::from(self.scope.config().mass_delete_percent);
        if gone.len() * 100 > percent * total && !self.is_waived(row, &guard) {
            return Ok(Outcome::Held(vec![guard]));
        }
        self.deletions(row, gone).await
    }

    async fn deletions(
        &mut self,
        row: &MessageRow,
        list: Vec<(String, String)>,
    ) -> Result<Outcome, StationError> {
        let mut done = Done::default();
        for (kind, id) in list {
            let Some(before) = self.head(&kind, &id).await?.cloned() else {
                let unknown = Reason::new(Stage::Guard, "deletes-what-is-not-there").at(&*kind);
                *done.findings.entry((unknown, "information")).or_default() += 1;
                continue;
            };
            let head = VersionHead {
                kind,
                id,
                version: 0,
                clock: row.clock.unwrap_or(row.received),
                hash: DELETED.to_owned(),
                patient: before.patient,
                deleted: true,
                served: false,
                verdict: DELETED.to_owned(),
                stored: self.now,
                map: String::new(),
                length: 0,
                part: false,
                external: row.external.clone(),
                message: row.hash.clone(),
                sequence: row.sequence,
            };
            done.actions.push(self.place(head, b"").await?);
        }
        Ok(Outcome::Done(done))
    }
}

/// Whose a resource is in a unit of a patient.
fn owner<'p>(kind: &str, patient: Option<&'p str>) -> Option<&'p str> {
    if crate::identity::is_nobodys(kind) {
        None
    } else {
        patient
    }
}
