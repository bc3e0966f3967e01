//! The log as a patient may read it (NEN 7513, chapter 9; section 5.5 of the notes), and whether it is complete: one
//! record for each question, call and holder.
//!
//! What was called is told by the journal of the testbed, which no server can write in; what was recorded, by the audit
//! repository.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;

use crate::faults::ServiceId;
use crate::journal::Entry;

/// Our own code system of activities in an `AuditEvent`.
const ACTIVITY: &str = "https://samenhang.example/fhir/CodeSystem/audit-activity";

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// When, in UTC.
    pub at: String,
    /// What was done.
    pub activity: String,
    /// `0` for success, else refused or failed.
    pub outcome: String,
    /// The person, by number.
    pub user: Option<String>,
    /// Role of the person.
    pub role: Option<String>,
    /// The organisation that asked (URA).
    pub organisation: Option<String>,
    /// The holder that was asked or whose data was shown (URA).
    pub holder: Option<String>,
    /// Categories of data.
    pub categories: Vec<String>,
    /// Why, for example `TREAT`.
    pub purpose: Option<String>,
    /// The rule that allowed it.
    pub basis: Option<String>,
    /// Whether the emergency button was used.
    pub emergency: bool,
    /// The question that it belongs to.
    pub question: Option<String>,
}

/// A difference between what was called and what was recorded.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Gap {
    /// Activity.
    pub activity: String,
    /// The holder, when there is one.
    pub holder: Option<String>,
    /// Calls in the journal.
    pub calls: usize,
    /// Records in the repository.
    pub records: usize,
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

/// The agent with a code of DICOM or of a role.
fn agent<'a>(event: &'a Value, code: &str) -> Option<&'a Value> {
    event["agent"].as_array()?.iter().find(|agent| {
        agent["type"]["coding"]
            .as_array()
            .is_some_and(|codings| codings.iter().any(|coding| coding["code"] == code))
    })
}

fn details(event: &Value, name: &str) -> impl Iterator<Item = String> {
    let entities = event["entity"].as_array().map(Vec::as_slice).unwrap_or_default();
    entities
        .iter()
        .filter_map(|entity| entity["detail"].as_array())
        .flatten()
        .filter(move |detail| detail["type"] == name)
        .filter_map(|detail| text(&detail["valueString"]))
        .collect::<Vec<_>>()
        .into_iter()
}

fn activity(event: &Value) -> String {
    let subtypes = event["subtype"].as_array().map(Vec::as_slice).unwrap_or_default();
    let own = subtypes.iter().find(|coding| coding["system"] == ACTIVITY);
    own.and_then(|coding| text(&coding["code"])).unwrap_or_default()
}

/// The pseudonym of the patient that an event is about.
#[must_use]
pub fn patient(event: &Value) -> Option<String> {
    let entities = event["entity"].as_array()?;
    let person = entities.iter().find(|entity| entity["type"]["code"] == "1")?;
    text(&person["what"]["identifier"]["value"])
}

fn line(event: &Value) -> Line {
    let who = |agent: Option<&Value>| agent.and_then(|agent| text(&agent["who"]["identifier"]["value"]));
    let user = agent(event, "humanuser");
    let purpose = text(&event["purposeOfEvent"][0]["coding"][0]["code"]);
    let policies = event["agent"].as_array().map(Vec::as_slice).unwrap_or_default();
    Line {
        at: text(&event["recorded"]).unwrap_or_default(),
        activity: activity(event),
        outcome: text(&event["outcome"]).unwrap_or_default(),
        user: who(user),
        role: user.and_then(|user| text(&user["role"][0]["coding"][0]["code"])),
        organisation: who(agent(event, "110153")),
        holder: who(agent(event, "110152")),
        categories: details(event, "category").collect(),
        emergency: purpose
            .as_deref()
            .is_some_and(|code| matches!(code, "BTG" | "ETREAT")),
        purpose,
        basis: policies.iter().find_map(|agent| text(&agent["policy"][0])),
        question: details(event, "X-Request-Id").next(),
    }
}

/// The lines about one patient, oldest first.
#[must_use]
pub fn lines(events: &[Value], pseudonym: &str) -> Vec<Line> {
    let mut lines: Vec<Line> = events
        .iter()
        .filter(|event| patient(event).as_deref() == Some(pseudonym))
        .map(line)
        .collect();
    lines.sort_by(|one, two| one.at.cmp(&two.at));
    lines
}

type Counts = BTreeMap<(String, Option<String>), usize>;

/// What the log of one question lacks, or has too much of; nothing when it is complete.
///
/// Calls to holders about the patient are counted one by one. A token may serve several questions, and what a holder
/// offers is asked without a patient: for these a record must be there when there was a call while this question ran,
/// which holds when the journal has no other question in it. Every holder that answered must stand in a record of its
/// own, and the decision on the question must be there once.
#[must_use]
pub fn gaps(question: &str, entries: &[Entry], events: &[Value]) -> Vec<Gap> {
    let lines: Vec<Line> = events
        .iter()
        .map(line)
        .filter(|line| line.question.as_deref() == Some(question))
        .collect();
    let mut records = Counts::new();
    for line in &lines {
        *records
            .entry((line.activity.clone(), line.holder.clone()))
            .or_default() += 1;
    }
    let (mut calls, mut at_least) = (Counts::new(), BTreeSet::new());
    for entry in entries {
        let own = entry.header("x-correlation-id") == Some(question);
        match &entry.service {
            ServiceId::Source(ura) if own => {
                let kind = about_patient(entry).to_owned();
                *calls.entry((kind, Some(ura.to_string()))).or_default() += 1;
            }
            ServiceId::Source(ura) if entry.path.ends_with("/metadata") => {
                at_least.insert(("capabilities".to_owned(), Some(ura.to_string())));
            }
            ServiceId::Authorization(ura) if entry.method == "POST" => {
                at_least.insert(("holder-token".to_owned(), Some(ura.to_string())));
            }
            ServiceId::Prs if entry.path == "/oprf/eval" => {
                at_least.insert(("pseudonymise".to_owned(), None));
            }
            ServiceId::Nvi => drop(at_least.insert(("localise".to_owned(), None))),
            _ => {}
        }
    }
    let mut gaps = Vec::new();
    let mut gap = |(activity, holder): &(String, Option<String>), calls: usize, records: usize| {
        gaps.push(Gap {
            activity: activity.clone(),
            holder: holder.clone(),
            calls,
            records,
        });
    };
    let counted = ["patient-search", "search", "read"];
    let places: BTreeSet<_> = calls.keys().chain(records.keys()).collect();
    for place in places
        .into_iter()
        .filter(|(kind, _)| counted.contains(&kind.as_str()))
    {
        let (called, recorded) = (
            calls.get(place).copied().unwrap_or_default(),
            records.get(place).copied().unwrap_or_default(),
        );
        if called != recorded {
            gap(place, called, recorded);
        }
    }
    for place in at_least.iter().filter(|place| !has(&records, place)) {
        gap(place, 1, 0);
    }
    let decisions = lines.iter().filter(|line| line.activity == "decision").count();
    if decisions != 1 {
        gap(&("decision".to_owned(), None), 1, decisions);
    }
    gaps.sort();
    gaps
}

/// Whether there is a record of an activity: about the holder when one is named, else at all.
fn has(records: &Counts, (activity, holder): &(String, Option<String>)) -> bool {
    records
        .keys()
        .any(|(kind, about)| kind == activity && (holder.is_none() || about == holder))
}

/// Which activity a request about a patient is.
fn about_patient(entry: &Entry) -> &'static str {
    let path = entry.path.trim_end_matches('/');
    let mut parts = path.rsplit('/');
    let (last, before) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    if before == "Patient" && matches!(last, "_search" | "$match") {
        "patient-search"
    } else if before == "_page" || last.starts_with('$') || last == "_search" || !is_type(before) {
        "search"
    } else {
        "read"
    }
}

/// Whether a part of a path is a type: it begins with a capital.
fn is_type(part: &str) -> bool {
    part.starts_with(|letter: char| letter.is_ascii_uppercase())
}
