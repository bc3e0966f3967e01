//! Erasure of a patient: first nobody can read it, then it is gone, and a receipt says so.
//!
//! 1. One transaction sets the read barrier and puts the withdrawal at the index in the outbox.
//! 2. Each object with records of the patient is written anew without them; the database follows; the old object is
//!    deleted. What is held and carries the patient's number is erased too: in doubt, more is erased, not less.
//! 3. Objects that nothing refers to are deleted, and the receipt is written. It outlives the database, so that what was
//!    erased stays behind its barrier.
//!
//! Each step can be done twice. An erasure that a crash cut off goes on with [`Station::resume_erasures`].

use std::collections::HashSet;

use jiff::Timestamp;
use samenhang_profiles::Bsn;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::StationError;
use crate::failpoint::failpoint;
use crate::seal::hex;
use crate::segment::{Kind, SegmentWriter, VersionHead};
use crate::source::Scope;
use crate::station::Station;

/// Folder of the receipts.
pub(crate) const RECEIPTS: &str = "receipts";

/// What was erased. Names the patient by a pseudonym that only the source's key can make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ErasureReceipt {
    /// Its own number.
    pub erasure: String,
    /// The source.
    pub source: String,
    /// Pseudonym of the patient.
    pub patient: String,
    /// When the barrier was set.
    pub requested: Timestamp,
    /// When the last record was gone.
    pub finished: Timestamp,
    /// Messages and versions that were erased.
    pub records: i64,
    /// Who asked.
    pub by: String,
    /// Why.
    pub reason: String,
    /// Keyed hash over all of the above.
    pub seal: String,
}

impl ErasureReceipt {
    fn sealed(&self, scope: &Scope) -> Result<String, StationError> {
        let bare = ErasureReceipt {
            seal: String::new(),
            ..self.clone()
        };
        Ok(scope.key.receipt(&json(&bare)?))
    }

    /// Whether it was written under the key of this source and not changed.
    ///
    /// # Errors
    /// [`StationError::Damaged`] when it cannot be written as JSON.
    pub fn holds(&self, scope: &Scope) -> Result<bool, StationError> {
        Ok(self.sealed(scope)? == self.seal)
    }
}

fn json(receipt: &ErasureReceipt) -> Result<Vec<u8>, StationError> {
    serde_json::to_vec(receipt).map_err(|_| StationError::Damaged("a receipt could not be written"))
}

/// An erasure that was asked for.
struct Erasure {
    id: String,
    patient: String,
    requested: i64,
    by: String,
    reason: String,
}

impl Station {
    /// Erases everything about a patient. When this returns, nothing of it is left in the station.
    ///
    /// # Errors
    /// [`StationError`]; the barrier may be up and the rest still to be done, by [`Station::resume_erasures`].
    pub async fn erase(
        &self,
        scope: &Scope,
        patient: &Bsn,
        by: &str,
        reason: &str,
    ) -> Result<ErasureReceipt, StationError> {
        let source = scope.source();
        let _turn = self.turn(source).await?;
        let now = self.surroundings.now().as_microsecond();
        let mut random = [0_u8; 16];
        self.surroundings.fill(&mut random);
        let erasure = Erasure {
            id: Uuid::from_bytes(random).to_string(),
            patient: scope.key.patient(patient),
            requested: now,
            by: by.to_owned(),
            reason: reason.to_owned(),
        };
        let sealed = hex(&scope
            .key
            .seal_number(patient, &erasure.patient, &*self.surroundings)?);
        let mut writing = self.database.write().await?;
        writing
            .note_patient(source, &erasure.patient, Some(&sealed))
            .await?;
        writing.set_barrier(source, &erasure.patient, "erasing").await?;
        writing
            .announce(&self.database, source, &erasure.patient, now)
            .await?;
        sqlx::query(
            "INSERT INTO erasure (erasure, source, patient, requested, by_whom, reason) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(erasure.id.as_str())
        .bind(source.as_str())
        .bind(erasure.patient.as_str())
        .bind(now)
        .bind(by)
        .bind(reason)
        .execute(&mut *writing.tx)
        .await?;
        writing.commit().await?;
        failpoint!("erase-after-barrier");
        self.carry_out(scope, &erasure, patient).await
    }

    /// Goes on with erasures of a source that were cut off.
    ///
    /// # Errors
    /// As [`Station::erase`].
    pub async fn resume_erasures(&self, scope: &Scope) -> Result<Vec<ErasureReceipt>, StationError> {
        let source = scope.source();
        let _turn = self.turn(source).await?;
        type Row = (String, String, i64, String, String, Option<String>);
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT e.erasure, e.patient, e.requested, e.by_whom, e.reason, p.sealed FROM erasure e \
             JOIN patient p ON p.source = e.source AND p.patient = e.patient \
             WHERE e.source = $1 AND e.finished IS NULL ORDER BY e.requested",
        )
        .bind(source.as_str())
        .fetch_all(&self.database.pool)
        .await?;
        let mut receipts = Vec::with_capacity(rows.len());
        for (id, patient, requested, by, reason, sealed) in rows {
            let sealed = sealed.ok_or(StationError::Damaged("an erasure has lost its patient"))?;
            let bsn = scope.key.open_number(&sealed, &patient)?;
            let erasure = Erasure {
                id,
                patient,
                requested,
                by,
                reason,
            };
            receipts.push(self.carry_out(scope, &erasure, &bsn).await?);
        }
        Ok(receipts)
    }

    async fn carry_out(
        &self,
        scope: &Scope,
        erasure: &Erasure,
        bsn: &Bsn,
    ) -> Result<ErasureReceipt, StationError> {
        let source = scope.source();
        // Nothing may come in while objects change place.
        let _pause = self.pause(source).await?;
        let affected = self.messages_about(scope, erasure, bsn).await?;
        let mut erased = self.leave_out(scope, &affected, "erased").await?;
        erased += self.rewrite_store(scope, erasure).await?;
        self.sweep(scope, Timestamp::MAX).await?;
        let finished = self.surroundings.now();
        let mut receipt = ErasureReceipt {
            erasure: erasure.id.clone(),
            source: source.to_string(),
            patient: erasure.patient.clone(),
            requested: Timestamp::from_microsecond(erasure.requested).unwrap_or_default(),
            finished: Timestamp::from_microsecond(finished.as_microsecond()).unwrap_or_default(),
            records: erased,
            by: erasure.by.clone(),
            reason: erasure.reason.clone(),
            seal: String::new(),
        };
        receipt.seal = receipt.sealed(scope)?;
        self.objects
            .put_text(scope, RECEIPTS, &format!("{}.json", erasure.id), json(&receipt)?)
            .await?;
        let mut writing = self.database.write().await?;
        writing.set_barrier(source, &erasure.patient, "erased").await?;
        sqlx::query("UPDATE erasure SET finished = $2, records = $3 WHERE erasure = $1")
            .bind(erasure.id.as_str())
            .bind(finished.as_microsecond())
            .bind(erased)
            .execute(&mut *writing.tx)
            .await?;
        writing.commit().await?;
        self.database.tidy().await?;
        Ok(receipt)
    }

    /// Messages about the patient: those that were worked on, and those that were not and carry the number, or refer to
    /// a record that is known to be the patient's.
    async fn messages_about(
        &self,
        scope: &Scope,
        erasure: &Erasure,
        bsn: &Bsn,
    ) -> Result<HashSet<i64>, StationError> {
        let source = scope.source();
        let known: Vec<(i64,)> = sqlx::query_as(
            "SELECT sequence FROM message WHERE source = $1 AND patient = $2 AND object <> ''",
        )
        .bind(source.as_str())
        .bind(erasure.patient.as_str())
        .fetch_all(&self.database.pool)
        .await?;
        let mut about: HashSet<i64> = known.into_iter().map(|(sequence,)| sequence).collect();
        let ids: Vec<(String,)> = sqlx::query_as(
            "SELECT DISTINCT id FROM version WHERE source = $1 AND patient = $2 AND kind = 'Patient'",
        )
        .bind(source.as_str())
        .bind(erasure.patient.as_str())
        .fetch_all(&self.database.pool)
        .await?;
        let mut marks: Vec<Vec<u8>> = ids
            .into_iter()
            .map(|(id,)| format!("Patient/{id}").into_bytes())
            .collect();
        marks.push(bsn.expose().as_bytes().to_vec());
        let unplaced: Vec<(i64,)> = sqlx::query_as(
            "SELECT sequence FROM message WHERE source = $1 AND patient IS NULL AND object <> ''",
        )
        .bind(source.as_str())
        .fetch_all(&self.database.pool)
        .await?;
        let unplaced: HashSet<i64> = unplaced.into_iter().map(|(sequence,)| sequence).collect();
        for row in self.database.kept(source).await? {
            if unplaced.contains(&row.sequence) {
                let sequence = row.sequence;
                let body = self.objects.record(scope, Kind::Inbox, &row.place).await?.body();
                if marks.iter().any(|mark| contains(&body, mark)) {
                    about.insert(sequence);
                }
            }
        }
        Ok(about)
    }

    async fn rewrite_store(&self, scope: &Scope, erasure: &Erasure) -> Result<i64, StationError> {
        let source = scope.source();
        let objects: Vec<(String,)> = sqlx::query_as(
            "SELECT DISTINCT object FROM version WHERE source = $1 AND patient = $2 ORDER BY 1",
        )
        .bind(source.as_str())
        .bind(erasure.patient.as_str())
        .fetch_all(&self.database.pool)
        .await?;
        let mut erased = 0;
        for (object,) in objects {
            let mut keep = Vec::new();
            let mut writer = SegmentWriter::new(source, Kind::Store, &scope.key, &*self.surroundings)?;
            for (_, record) in self.objects.all(scope, Kind::Store, &object).await? {
                let head: VersionHead = record.head()?;
                if head.patient.as_deref() == Some(&*erasure.patient) {
                    erased += 1;
                } else {
                    writer.push_plain(&record.plain)?;
                    keep.push(head);
                }
            }
            let places = self.put_rest(scope, writer).await?;
            failpoint!("erase-after-object");
            let mut writing = self.database.write().await?;
            sqlx::query("DELETE FROM version WHERE source = $1 AND object = $2 AND patient = $3")
                .bind(source.as_str())
                .bind(object.as_str())
                .bind(erasure.patient.as_str())
                .execute(&mut *writing.tx)
                .await?;
            for (head, place) in keep.iter().zip(&places) {
                sqlx::query(
                    "UPDATE version SET object = $5, number = $6, place = $7, length = $8 \
                     WHERE source = $1 AND kind = $2 AND id = $3 AND version = $4",
                )
                .bind(source.as_str())
                .bind(head.kind.as_str())
                .bind(head.id.as_str())
                .bind(head.version)
                .bind(place.object.as_str())
                .bind(place.number)
                .bind(place.offset)
                .bind(place.length)
                .execute(&mut *writing.tx)
                .await?;
            }
            writing.commit().await?;
            failpoint!("erase-after-commit");
            self.objects.delete(scope, Kind::Store, &object).await?;
        }
        Ok(erased)
    }
}

fn contains(body: &[u8], mark: &[u8]) -> bool {
    !mark.is_empty() && body.windows(mark.len()).any(|part| part == mark)
}
