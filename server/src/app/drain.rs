//! Stopping gracefully: no new questions, time for those that run, then an end.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;

/// Tells every part of the server to stop, and waits for the questions that run. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Drain {
    stopping: CancellationToken,
    cut: CancellationToken,
    questions: TaskTracker,
}

impl Drain {
    /// Begins to stop: no new question is taken.
    pub fn begin(&self) {
        self.stopping.cancel();
        self.questions.close();
    }

    /// Whether the server is stopping.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        self.stopping.is_cancelled()
    }

    /// Waits until the server is told to stop.
    pub async fn stopping(&self) {
        self.stopping.cancelled().await;
    }

    /// Waits until running questions have had their time.
    pub async fn cut(&self) {
        self.cut.cancelled().await;
    }

    /// Counts a question as running until the token is dropped.
    pub fn question(&self) -> TaskTrackerToken {
        self.questions.token()
    }

    /// Waits for running questions, at most so long; then cuts them off. Whether all had ended by themselves.
    pub async fn finish(&self, patience: Duration) -> bool {
        self.begin();
        let ended = tokio::time::timeout(patience, self.questions.wait())
            .await
            .is_ok();
        self.cut.cancel();
        ended
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Drain;

    #[tokio::test(start_paused = true)]
    async fn waits_for_questions_and_cuts_off_what_takes_too_long() {
        let drain = Drain::default();
        let question = drain.question();
        assert!(!drain.finish(Duration::from_secs(1)).await);
        drain.cut().await;
        drop(question);
        let drain = Drain::default();
        let question = drain.question();
        let waiting = tokio::spawn({
            let drain = drain.clone();
            async move { drain.finish(Duration::from_secs(1)).await }
        });
        drain.stopping().await;
        drop(question);
        assert!(waiting.await.unwrap());
    }
}
