//! Objects are never changed: to take something out of one, what is left is written as another.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::error::StationError;
use crate::failpoint::failpoint;
use crate::segment::{Kind, MessageHead, Place, SegmentWriter};
use crate::source::Scope;
use crate::station::Station;

impl Station {
    /// Takes messages out of the inbox: each object with one of them is written anew without them, the database follows,
    /// and the old object is deleted. `state` says what became of them. The caller holds the turn and the pause of the
    /// source.
    pub(crate) async fn leave_out(
        &self,
        scope: &Scope,
        about: &HashSet<i64>,
        state: &str,
    ) -> Result<i64, StationError> {
        let source = scope.source();
        let mut objects: BTreeSet<String> = BTreeSet::new();
        let mut by_number: HashMap<(String, i64), i64> = HashMap::new();
        for row in self.database.kept(source).await? {
            if about.contains(&row.sequence) {
                objects.insert(row.place.object.clone());
            }
            by_number.insert((row.place.object.clone(), row.place.number), row.sequence);
        }
        for object in objects {
            let mut keep: Vec<(i64, Place)> = Vec::new();
            let mut writer = SegmentWriter::new(source, Kind::Inbox, &scope.key, &*self.surroundings)?;
            for (place, record) in self.objects.all(scope, Kind::Inbox, &object).await? {
                let _: MessageHead = record.head()?;
                // A record that the database does not know was never acknowledged.
                let sequence = by_number.get(&(object.clone(), place.number)).copied();
                if let Some(sequence) = sequence.filter(|sequence| !about.contains(sequence)) {
                    writer.push_plain(&record.plain)?;
                    keep.push((sequence, place));
                }
            }
            let places = self.put_rest(scope, writer).await?;
            failpoint!("erase-after-object");
            let mut writing = self.database.write().await?;
            for ((sequence, _), place) in keep.iter().zip(&places) {
                sqlx::query("UPDATE message SET object = $2, number = $3, place = $4, length = $5 WHERE sequence = $1")
                    .bind(*sequence)
                    .bind(place.object.as_str())
                    .bind(place.number)
                    .bind(place.offset)
                    .bind(place.length)
                    .execute(&mut *writing.tx)
                    .await?;
            }
            for ((of, _), sequence) in &by_number {
                if *of == object && about.contains(sequence) {
                    // The keyed name and hash stay, so that the same message is not taken again.
                    sqlx::query(
                        "UPDATE message SET state = $2, object = '', patient = NULL WHERE sequence = $1",
                    )
                    .bind(*sequence)
                    .bind(state)
                    .execute(&mut *writing.tx)
                    .await?;
                    sqlx::query("DELETE FROM quarantine WHERE source = $1 AND message = $2")
                        .bind(source.as_str())
                        .bind(*sequence)
                        .execute(&mut *writing.tx)
                        .await?;
                }
            }
            writing.commit().await?;
            failpoint!("erase-after-commit");
            self.objects.delete(scope, Kind::Inbox, &object).await?;
        }
        Ok(i64::try_from(about.len()).unwrap_or(i64::MAX))
    }

    /// Puts what is left of an object, when anything is.
    pub(crate) async fn put_rest(
        &self,
        scope: &Scope,
        writer: SegmentWriter<'_>,
    ) -> Result<Vec<Place>, StationError> {
        if writer.is_empty() {
            return Ok(Vec::new());
        }
        let segment = writer.finish();
        self.objects.put(scope, &segment).await?;
        Ok(segment.places)
    }
}
