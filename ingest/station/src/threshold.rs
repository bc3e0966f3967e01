//! From which quality on a source is made known: below it, nobody is registered at the referral index for it.
//!
//! Who is registered already stays so, and withdrawals always go. The score is looked at once an hour, because it is made of
//! every current resource.

use crate::error::StationError;
use crate::source::Scope;
use crate::station::Station;

/// How long a score holds, in microseconds: an hour.
const HOLDS: i64 = 3_600_000_000;

impl Station {
    /// Whether registrations of a source wait, because its score is below
    /// [`SourceConfig::register_from_score`](crate::config::SourceConfig::register_from_score).
    pub(crate) async fn holds_back(&self, scope: &Scope) -> Result<bool, StationError> {
        let source = scope.source();
        let Some(least) = scope.config().register_from_score else {
            return Ok(false);
        };
        let now = self.surroundings.now().as_microsecond();
        let mut looked = self.scores.lock().await;
        if let Some((at, held)) = looked.get(source).copied()
            && (0..HOLDS).contains(&(now - at))
        {
            return Ok(held);
        }
        let score = Box::pin(self.quality(scope)).await?.score;
        // Without a score there is nothing that could be registered.
        let held = score.is_some_and(|score| score < f64::from(least));
        looked.insert(source.clone(), (now, held));
        Ok(held)
    }

    /// Of a patient who is withdrawn before the registration went, only the withdrawal goes.
    pub(crate) async fn void_withdrawn(&self, scope: &Scope) -> Result<(), StationError> {
        let mut writing = self.database.write().await?;
        sqlx::query(
            "UPDATE outbox SET state = 'void', sealed = NULL WHERE source = $1 AND state = 'waiting' \
             AND action = 'register' AND EXISTS (SELECT 1 FROM outbox o WHERE o.source = outbox.source \
             AND o.patient = outbox.patient AND o.state = 'waiting' AND o.action <> 'register' \
             AND o.entry > outbox.entry)",
        )
        .bind(scope.source().as_str())
        .execute(&mut *writing.tx)
        .await?;
        writing.commit().await
    }
}
