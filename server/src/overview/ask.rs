//! Brings a question to the holders: access, localisation, consent, fan-out. Each step is in the type of the query.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use samenhang_gather::error::GatherError;
use samenhang_gather::ledger::LedgerClosed;
use samenhang_gather::query::Question;
use tokio::time::Instant;
use tracing::{Instrument, debug_span};

use crate::access::Context;
use crate::app::App;
use crate::error::Problem;
use crate::fhir::parameters::Asked;
use crate::http::correlation::Correlation;
use crate::overview::course::{Course, Hold, Way};
use crate::overview::feed::Feed;
use crate::overview::identity::Identity;
use crate::overview::memory::{Reuse, Seat};

/// Asks, and gives the course of the answer.
///
/// # Errors
/// Too many questions, not allowed, not recorded, or nobody could be localised for want of an index: never an empty
/// answer.
pub async fn ask(
    app: &Arc<App>,
    asked: Asked,
    context: &Context,
    correlation: &Correlation,
    patience: Duration,
    reuse: Reuse,
) -> Result<Course, Problem> {
    let began = Instant::now();
    let deadline = began + patience;
    let mut hold = Hold {
        place: app.place()?,
        in_flight: app.metrics().question_begins(),
        running: app.drain().question(),
        began,
        memory: None,
    };
    let Asked {
        patient,
        categories,
        purpose,
        birth_date,
        family,
        confirmed_identity,
        view,
        ignored,
    } = asked;
    let question = Question {
        patient,
        categories,
        purpose,
        asker: Arc::clone(context.asker()),
        correlation: correlation.id,
        birth_date,
        family_name: family,
        confirmed_identity,
    };
    // The question and the decision have their place in the audit log; localisation sees to it that they are durable
    // before anybody is told which patient it is.
    let (query, recording) = app
        .access()
        .authorise(context, question, correlation.origin())
        .instrument(debug_span!("authorise"))
        .await?;
    let shared = query.shared();
    let grant = query.grant().clone();
    // In a viewer session, and nowhere else, an answer may come from memory. Access, consent and the record of what
    // is shown are the same either way.
    let seat = match context.session() {
        Some(session) => Some(Seat::take(app, session, &shared, reuse, deadline).await),
        None => None,
    };
    let known = match &seat {
        Some(seat) => seat.localised(query),
        None => Err(query),
    };
    let query = match known {
        Ok(query) => {
            let closed = |closed: LedgerClosed| failed(&closed.into());
            recording.durable().await.map_err(closed)?;
            query
        }
        Err(query) => app
            .gather()
            .localise(query, recording, deadline)
            .instrument(debug_span!("locate"))
            .await
            .map_err(|error| failed(&error))?,
    };
    let localised = query.clone();
    let query = app
        .gather()
        .permit(query, deadline)
        .instrument(debug_span!("permit"))
        .await
        .map_err(|error| failed(&error))?;
    // From here on there is a course, which counts how it ends.
    correlation.followed.store(true, Ordering::Release);
    if let Some((again, since)) = seat.as_ref().and_then(|seat| seat.again(&query)) {
        app.metrics().shown_again();
        let way = Way {
            question: shared,
            grant,
            feed: Feed::Memory {
                events: again.events,
                since,
                settled: again.settled,
            },
            identity: Arc::new(Identity::knowing(again.identity)),
            view,
            ignored,
        };
        return Ok(Course::new(Arc::clone(app), way, hold));
    }
    hold.memory = seat.map(|seat| seat.follow(localised, &query));
    let identity = Arc::new(Identity::default());
    let events = app.gather().fan_out(query, Arc::clone(&identity) as _, deadline);
    let way = Way {
        question: shared,
        grant,
        feed: Feed::Holders(events),
        identity,
        view,
        ignored,
    };
    Ok(Course::new(Arc::clone(app), way, hold))
}

/// Why the question did not reach the holders. Never an empty answer.
fn failed(error: &GatherError) -> Problem {
    tracing::warn!(
        code = error.code(),
        "the question could not be brought to the holders"
    );
    Problem::from(error)
}
