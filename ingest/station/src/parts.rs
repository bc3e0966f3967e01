//! Deliveries of files with rows: each patient in one is a message of its own, so that what is wrong with one holds up no
//! other.
//!
//! A delivery is cut when it comes in. One that cannot be cut is kept and held whole; when its map pack is mended and it is
//! replayed, it is cut then, its parts become durable, and only after that do its own bytes go.

use std::collections::HashSet;
use std::sync::Arc;

use jiff::Timestamp;

use crate::error::StationError;
use crate::failpoint::failpoint;
use crate::inbox::Message;
use crate::lift::{Delivered, Lift, Part, Reason};
use crate::message::Format;
use crate::source::{Scope, SourceId};
use crate::station::Station;
use crate::store::messages::MessageRow;
use crate::work::Waiting;

impl Station {
    /// The parts of a delivery, as messages; none when it cannot be cut.
    pub(crate) async fn cut(&self, scope: &Scope, delivery: &Message) -> Option<Vec<Message>> {
        let (lift, scope, delivery) = (Arc::clone(&self.lift), scope.clone(), delivery.clone());
        // A defect in a map says itself when the delivery is worked on.
        let cut = tokio::task::spawn_blocking(move || cut(&*lift, &scope, &delivery));
        cut.await.ok()?.ok()
    }

    /// A delivery came again and could be cut: what was held whole under the same name is settled.
    pub(crate) async fn settle_whole(&self, source: &SourceId, external: &str) -> Result<(), StationError> {
        if self.database.named(source, external).await?.is_empty() {
            return Ok(());
        }
        let mut writing = self.database.write().await?;
        writing.settle_earlier(source, external, i64::MAX).await?;
        writing.commit().await
    }

    /// Cuts a delivery that was kept whole. Whether it could be: then its parts wait in its place.
    pub(crate) async fn cut_kept(&self, scope: &Scope, waiting: &Waiting) -> Result<bool, StationError> {
        let Some(parts) = self.cut(scope, &whole(waiting)).await else {
            return Ok(false);
        };
        let source = scope.source();
        self.keep(source, parts).await?;
        failpoint!("cut-after-parts");
        let _pause = self.pause(source).await?;
        self.leave_out(scope, &HashSet::from([waiting.row.sequence]), "expired")
            .await?;
        failpoint!("cut-after-whole");
        let load = self.load(source)?;
        load.done(waiting.row.bytes);
        load.gone(waiting.row.bytes.unsigned_abs());
        Ok(true)
    }

    /// What would wait in the place of a message: the parts of a delivery, or itself.
    pub(crate) async fn apart(&self, scope: &Scope, waiting: Waiting) -> Vec<Waiting> {
        let parts = match waiting.format {
            Format::Csv => self.cut(scope, &whole(&waiting)).await,
            _ => None,
        };
        let Some(parts) = parts else { return vec![waiting] };
        let part = |part: Message| Waiting {
            row: MessageRow {
                external: part.external,
                hash: part.hash,
                ..waiting.row.clone()
            },
            format: part.format,
            body: part.body,
        };
        parts.into_iter().map(part).collect()
    }
}

/// The parts of a delivery, as messages.
///
/// # Errors
/// The reason to hold the delivery.
pub(crate) fn cut(lift: &dyn Lift, scope: &Scope, delivery: &Message) -> Result<Vec<Message>, Reason> {
    let parts = lift.cut(&Delivered {
        body: &delivery.body,
        source: scope.source(),
        hash: &delivery.hash,
        max_rows: scope.config().max_rows,
    })?;
    let key = &scope.key;
    let message = |part: Part| Message {
        external: key.tag("external", &[delivery.external.as_bytes(), part.name.as_bytes()]),
        hash: key.tag("message", &[&part.body]),
        format: Format::CsvPart,
        body: part.body,
        clock: delivery.clock,
    };
    Ok(parts.into_iter().map(message).collect())
}

/// A delivery that was kept.
fn whole(waiting: &Waiting) -> Message {
    Message {
        external: waiting.row.external.clone(),
        hash: waiting.row.hash.clone(),
        format: waiting.format,
        body: waiting.body.clone(),
        clock: waiting
            .row
            .clock
            .and_then(|clock| Timestamp::from_microsecond(clock).ok()),
    }
}
