//! `POST /fhir/R4/Patient/$unlink`: a person says that two records are not the same, or takes that back.
//!
//! It stays until it is taken back, and holds for every later answer about that patient from this server. The records must
//! be in what this person may see: nobody can correct what is not shown to them. Only a person can do it.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use jiff::Timestamp;
use samenhang_gather::query::User;
use samenhang_profiles::write::JsonWriter;
use samenhang_reconcile::apart::Ground;
use serde_json::Value;

use super::request::{Besides, known, respond, text};
use crate::access::{self, Context};
use crate::app::App;
use crate::audit::{Activity, Event, EventResult};
use crate::corrections::Correction;
use crate::error::{Kind, Problem};
use crate::fhir::parameters::Taken;
use crate::http::asked::Asked;
use crate::overview::course::Course;
use crate::overview::json::Whole;

/// Characters of an address.
const LONGEST: usize = 2_048;

/// Which records, why, and whether it is taken back.
#[derive(Default)]
struct Wanted {
    records: Vec<String>,
    ground: Option<Ground>,
    is_withdrawn: Option<bool>,
}

impl Besides for Wanted {
    fn take(&mut self, name: &str, parameter: &Value) -> Option<Taken> {
        let is_good = match name {
            "record" => {
                let address = text(parameter, LONGEST);
                let is_good = address.is_some() && self.records.len() < 2;
                self.records.extend(address);
                is_good
            }
            "ground" => {
                let is_first = self.ground.is_none();
                self.ground = text(parameter, 64).and_then(|code| Ground::from_code(&code));
                is_first && self.ground.is_some()
            }
            "withdraw" => {
                let is_first = self.is_withdrawn.is_none();
                self.is_withdrawn = parameter.get("valueBoolean").and_then(Value::as_bool);
                is_first && self.is_withdrawn.is_some()
            }
            _ => return None,
        };
        Some(if is_good {
            Taken::Good
        } else {
            Taken::Bad(
                "Geef record tweemaal, als valueUri; ground als valueCode: two-facts, another-person, mistake of other; \
                 withdraw als valueBoolean.",
                "Give record twice, as valueUri; ground as valueCode: two-facts, another-person, mistake or other; \
                 withdraw as valueBoolean.",
            )
        })
    }

    fn check(&self) -> Result<(), Problem> {
        let missing = |name: &str| {
            Problem::new(Kind::MissingParameter).at(format!("Parameters.parameter.where(name='{name}')"))
        };
        match self.records.as_slice() {
            [a, b] if a != b => {}
            _ => {
                return Err(missing("record").hint(
                    "Geef de adressen van twee gegevens, zoals ze in fullUrl staan.",
                    "Give the addresses of two records, as they stand in fullUrl.",
                ));
            }
        }
        if self.ground.is_none() && self.is_withdrawn != Some(true) {
            return Err(missing("ground").hint(
                "Zeg waarom: two-facts, another-person, mistake of other.",
                "Say why: two-facts, another-person, mistake or other.",
            ));
        }
        Ok(())
    }
}

/// Keeps two records apart, or takes that back.
pub async fn unlink(State(app): State<Arc<App>>, asked: Asked) -> Response {
    asked.respond(Box::pin(answer(&app, &asked)).await)
}

async fn answer(app: &Arc<App>, asked: &Asked) -> Result<Response, Vec<Problem>> {
    let one = |problem: Problem| vec![problem];
    let user = person(&asked.context).ok_or_else(|| one(Kind::Forbidden.into()))?;
    let (course, whole, wanted) = known::<Wanted>(app, asked).await?;
    let [a, b] = addresses(&whole, &wanted).ok_or_else(|| one(Problem::new(Kind::NotInAnswer)))?;
    let said = Said {
        records: [&a, &b],
        ground: wanted.ground.unwrap_or(Ground::Other),
        is_withdrawn: wanted.is_withdrawn == Some(true),
    };
    let (is_changed, at) = keep(app, &course, &user, said).await.map_err(one)?;
    let is_withdrawn = said.is_withdrawn;
    let told = told([&a, &b], is_withdrawn, is_changed, at);
    let response = respond(told, &whole);
    whole.let_go();
    Ok(response)
}

/// Who may say that two records are not the same: a person, who is known by a number; not a system, nor who holds a token
/// of a patient.
pub(crate) fn person(context: &Context) -> Option<User> {
    let user = context.asker().user.clone();
    user.filter(|_| context.kind() != access::Kind::System)
}

/// What a person says of two records.
#[derive(Clone, Copy)]
pub(crate) struct Said<'a> {
    /// Their addresses, as they stand in the answer.
    pub(crate) records: [&'a str; 2],
    /// Why they are not the same.
    pub(crate) ground: Ground,
    /// Whether that is taken back.
    pub(crate) is_withdrawn: bool,
}

/// Keeps two records apart or takes that back, durably and in the audit log; whether that changed anything, and when.
///
/// # Errors
/// It could not be recorded or kept: nothing has changed.
pub(crate) async fn keep(
    app: &App,
    course: &Course,
    user: &User,
    said: Said<'_>,
) -> Result<(bool, Timestamp), Problem> {
    let [a, b] = said.records;
    let question = course.question();
    let at = app.clock().now();
    let correction = Correction {
        patient: &question.patient,
        a,
        b,
        by: &user.number,
        at,
    };
    let activity = if said.is_withdrawn {
        Activity::Relink
    } else {
        Activity::Unlink
    };
    let mut event = Event::about(activity, question).under(course.grant());
    event.detail = app.corrections().told(correction).into();
    if !said.is_withdrawn {
        event.detail.push(("ground", said.ground.code().to_owned()));
    }
    // Who did it is on disk before it holds.
    let recorded = app.audit().record(event.clone()).await;
    recorded.map_err(|_| Kind::AuditUnavailable)?;
    let done = if said.is_withdrawn {
        app.corrections().withdraw(correction).await
    } else {
        app.corrections().unlink(correction, said.ground).await
    };
    match done {
        Ok(is_changed) => Ok((is_changed, at)),
        Err(error) => {
            tracing::error!(code = "SAM-SRV-026", "a correction could not be kept: {error}");
            let failed = event.ended(EventResult::Failed("the correction could not be kept"));
            // The first record says that it was tried; this one that it failed.
            let recorded = app.audit().record(failed).await;
            recorded.map_err(|_| Kind::AuditUnavailable)?;
            Err(Kind::CorrectionNotKept.into())
        }
    }
}

/// The two records as they stand in the answer; `None` when one is not there, or they are one.
fn addresses(whole: &Whole, wanted: &Wanted) -> Option<[String; 2]> {
    let known = &whole.reconciled;
    let address = |of: &String| Some(known.items().get(known.place(of)?)?.full_url.to_string());
    match wanted.records.as_slice() {
        [a, b] => {
            let (a, b) = (address(a)?, address(b)?);
            (a != b).then_some([a, b])
        }
        _ => None,
    }
}

/// What holds now.
fn told(records: [&str; 2], is_withdrawn: bool, is_changed: bool, at: Timestamp) -> bytes::Bytes {
    let mut out = JsonWriter::new();
    out.begin_object();
    out.field("resourceType", "Parameters");
    out.key("parameter");
    out.begin_array();
    let mut parameter = |name: &str, element: &str, text: &str| {
        out.begin_object();
        out.field("name", name);
        out.field(element, text);
        out.end_object();
    };
    let state = if is_withdrawn { "withdrawn" } else { "unlinked" };
    parameter("state", "valueCode", state);
    for record in records {
        parameter("record", "valueUri", record);
    }
    // It was so already, or there was nothing to take back.
    parameter(
        "change",
        "valueCode",
        if is_changed { "changed" } else { "unchanged" },
    );
    parameter("at", "valueInstant", &at.to_string());
    out.end_array();
    out.end_object();
    out.finish()
}
