//! Brings a question to the holders: access, localisation, consent, fan-out. Each step is in the type of the query.

use std::sync::Arc;
use std::time::Duration;

use samenhang_gather::error::GatherError;
use samenhang_gather::query::Question;
use tokio::time::Instant;

use crate::access::Context;
use crate::app::App;
use crate::error::Problem;
use crate::fhir::parameters::Asked;
use crate::http::correlation::Correlation;
use crate::overview::course::{Course, Hold};
use crate::overview::identity::Identity;

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
) -> Result<Course, Problem> {
    let began = Instant::now();
    let deadline = began + patience;
    let hold = Hold {
        place: app.place()?,
        in_flight: app.metrics().question_begins(),
        running: app.drain().question(),
        began,
    };
    let Asked {
        patient,
        categories,
        purpose,
        birth_date,
        family,
        confirmed_identity,
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
    // The question and the decision are in the audit log before anything is asked.
    let query = app
        .access()
        .authorise(context, question, correlation.from.clone())
        .await?;
    let shared = query.shared();
    let grant = query.grant().clone();
    let query = app
        .gather()
        .localise(query, deadline)
        .await
        .map_err(|error| failed(&error))?;
    let query = app
        .gather()
        .permit(query, deadline)
        .await
        .map_err(|error| failed(&error))?;
    let identity = Arc::new(Identity::default());
    let events = app.gather().fan_out(query, Arc::clone(&identity) as _, deadline);
    Ok(Course::new(
        Arc::clone(app),
        shared,
        grant,
        events,
        identity,
        ignored,
        hold,
    ))
}

/// Why the question did not reach the holders. Never an empty answer.
fn failed(error: &GatherError) -> Problem {
    tracing::warn!(
        code = error.code(),
        "the question could not be brought to the holders"
    );
    Problem::from(error)
}
