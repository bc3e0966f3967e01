//! Puts what a page brought in R4, off the threads that wait for holders.
//!
//! Whose it is was checked on what the holder sent (intake); what is made of that is checked again here. It stops with
//! the question: what is not done by then is not shown.

use std::sync::LazyLock;

use samenhang_conform::{Converter, Refusal};
use samenhang_profiles::{Conformance, FhirVersion, Received};
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::intake::Taken;
use super::problem::Problem;
use crate::source::subject::{Accepted, Subject};

/// As many at once as the machine has cores: more would only slow each other down.
static CORES: LazyLock<Semaphore> = LazyLock::new(|| {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    Semaphore::new(cores)
});

/// Until when to go on.
#[derive(Clone)]
pub(super) struct Patience {
    pub(super) deadline: Instant,
    pub(super) stop: CancellationToken,
}

impl Patience {
    fn is_over(&self) -> Option<Problem> {
        if self.stop.is_cancelled() {
            return Some(Problem::Stopped);
        }
        (Instant::now() >= self.deadline).then_some(Problem::TimedOut)
    }
}

/// Lifts what is not in R4. What is in R4 costs nothing.
///
/// # Errors
/// [`Problem::Stopped`] and [`Problem::TimedOut`].
pub(super) async fn lift(taken: Taken, accepted: &Accepted, patience: Patience) -> Result<Taken, Problem> {
    let is_done = |received: &Received| received.version() == FhirVersion::R4;
    if taken.resources.values().flatten().all(is_done) {
        return Ok(taken);
    }
    let core = tokio::select! {
        biased;
        () = patience.stop.cancelled() => return Err(Problem::Stopped),
        () = tokio::time::sleep_until(patience.deadline) => return Err(Problem::TimedOut),
        core = CORES.acquire() => core.map_err(|_| Problem::Stopped)?,
    };
    let accepted = accepted.clone();
    let (stop, deadline) = (patience.stop.clone(), patience.deadline);
    let work = tokio::task::spawn_blocking(move || {
        let _core = core;
        all(taken, &accepted, &patience)
    });
    tokio::select! {
        biased;
        () = stop.cancelled() => Err(Problem::Stopped),
        // A task that is gone leaves nothing to show.
        lifted = work => lifted.unwrap_or(Err(Problem::Stopped)),
        () = tokio::time::sleep_until(deadline) => Err(Problem::TimedOut),
    }
}

fn all(mut taken: Taken, accepted: &Accepted, patience: &Patience) -> Result<Taken, Problem> {
    let mut converter = Converter::new(FhirVersion::R4);
    for resources in taken.resources.values_mut() {
        let mut lifted = Vec::with_capacity(resources.len());
        for received in resources.drain(..) {
            if let Some(problem) = patience.is_over() {
                return Err(problem);
            }
            lifted.extend(one(&mut converter, received, accepted));
        }
        *resources = lifted;
    }
    converter.settle(taken.resources.values_mut().flatten());
    Ok(taken)
}

/// What one resource becomes: of the same category, as that was told by what the holder sent.
fn one(converter: &mut Converter, received: Received, accepted: &Accepted) -> Vec<Received> {
    let made = converter.serve(received);
    let is_safe = |made: &Received| {
        made.lineage.conformance != Conformance::Lifted
            || matches!(
                accepted.check(&made.resource, true),
                Subject::Ours | Subject::None
            )
    };
    if made.iter().all(is_safe) {
        return made;
    }
    // A map made another patient's data of it: nothing that it made is shown.
    tracing::error!(
        code = Refusal::Patient.code(),
        "a map made a resource of another patient"
    );
    made.into_iter()
        .filter_map(|made| converter.refuse(made, Refusal::Patient))
        .collect()
}

#[cfg(test)]
mod tests;
