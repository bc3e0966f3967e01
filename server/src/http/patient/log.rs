//! `GET /patient/log`: who looked at the data, for the patient.

use axum::response::Response;
use http::StatusCode;
use samenhang_gather::query::Purpose;
use samenhang_profiles::Ura;
use samenhang_viewer::AccessLogPage;
use samenhang_viewer::access_log::{Deed, Ended, Look, entries};

use crate::app::App;
use crate::audit::{Activity, Look as Read, LookResult, Looks};
use crate::error::{Kind, Problem};
use crate::http::viewer::{Visit, refused, respond};

/// `GET /patient/log`.
pub async fn log(visit: Visit) -> Response {
    let (app, frame) = (&visit.app, &visit.frame);
    let before = visit.query.get("before").map(|text| place(text));
    let read = match before {
        Some(None) => Err(Problem::new(Kind::InvalidParameter).at("before")),
        before => read(&visit, before.flatten()).await,
    };
    match read {
        Ok(looks) => {
            let page = AccessLogPage {
                frame: frame.clone(),
                before: looks.before.map(letters),
                is_earlier: before.is_some(),
                entries: entries(
                    looks.looks.into_iter().map(|look| shown(app, look)).collect(),
                    frame.language,
                ),
            };
            respond(StatusCode::OK, frame, page.render())
        }
        Err(problem) => refused(&problem, frame),
    }
}

async fn read(visit: &Visit, before: Option<i64>) -> Result<Looks, Problem> {
    let context = &visit.context;
    let patient = context.patient().ok_or(Kind::Forbidden)?;
    let origin = visit.correlation.origin();
    let read = visit.app.access().read_log(context, patient, before, origin);
    Ok(Box::pin(read).await?)
}

/// A look as the page tells it: holders by name.
fn shown(app: &App, look: Read) -> Look {
    let name = |ura: String| {
        let known = ura.parse::<Ura>().ok();
        let known = known.and_then(|ura| app.holder_name(&ura));
        known.unwrap_or_else(|| format!("URA {ura}"))
    };
    Look {
        at: look.at,
        deed: match look.activity {
            Activity::Unlink => Deed::Unlinked,
            Activity::Relink => Deed::Relinked,
            Activity::LogRead => Deed::ReadLog,
            _ => Deed::Asked,
        },
        ended: match look.result {
            LookResult::Allowed => Ended::Allowed,
            LookResult::Refused => Ended::Refused,
            LookResult::Failed => Ended::Failed,
        },
        organisation: look.organisation,
        role: look.role,
        own: look.by_patient,
        purpose: look.purpose.map(Purpose::code),
        categories: look.categories,
        shown: look
            .shown
            .into_iter()
            .map(|(ura, count)| (name(ura), count))
            .collect(),
    }
}

/// A place in the log in letters: digits in an address could look like the number of a citizen.
fn letters(place: i64) -> String {
    let digits = format!("{place:x}");
    let letter = |digit: char| {
        digit
            .to_digit(16)
            .and_then(|value| char::from_digit(value + 10, 26))
    };
    digits.chars().filter_map(letter).collect()
}

/// Reads [`letters`].
fn place(text: &str) -> Option<i64> {
    let digit = |letter: char| {
        let value = letter.to_digit(26)?.checked_sub(10)?;
        char::from_digit(value, 16)
    };
    let digits: Option<String> = text.chars().map(digit).collect();
    i64::from_str_radix(&digits?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::{letters, place};

    #[test]
    fn a_place_stands_in_letters() {
        for number in [0, 1, 15, 16, 999_990_019, i64::MAX] {
            let text = letters(number);
            assert!(text.chars().all(|letter| letter.is_ascii_lowercase()), "{text}");
            assert_eq!(place(&text), Some(number));
        }
        for wrong in ["", "9", "z", "ab-c", "kkkkkkkkkkkkkkkkkkkkkkkk"] {
            assert_eq!(place(wrong), None, "{wrong}");
        }
    }
}
