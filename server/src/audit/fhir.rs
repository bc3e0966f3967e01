//! An event as a FHIR R4 `AuditEvent`, in the manner of IHE BALP and with the elements that NEN 7513 asks for.
//!
//! The bytes are canonical: one writer, fixed order, no white space. They are what the chain covers. Sections 5.5
//! of the generic functions notes and 6.6 of the reliability notes.

mod model;

use jiff::Timestamp;
use samenhang_gather::query::Asker;
use samenhang_profiles::{Bsn, Ura};
use samenhang_terminology::naming;
use uuid::Uuid;

use crate::audit::event::{Activity, Event, Result};
use crate::audit::fhir::model::{Agent, AuditEvent, Coding, Concept, Detail, Entity, Network, Source, What};
use crate::audit::key::Key;

const DCM: &str = "http://dicom.nema.org/resources/ontology/DCM";
const EVENT_TYPE: &str = "http://terminology.hl7.org/CodeSystem/audit-event-type";
const INTERACTION: &str = "http://hl7.org/fhir/restful-interaction";
const REASON: &str = "http://terminology.hl7.org/CodeSystem/v3-ActReason";
const ENTITY_TYPE: &str = "http://terminology.hl7.org/CodeSystem/audit-entity-type";
const OBJECT_ROLE: &str = "http://terminology.hl7.org/CodeSystem/object-role";
/// Our own code system of activities.
const ACTIVITY: &str = "https://samenhang.example/fhir/CodeSystem/audit-activity";
/// The naming system of patient pseudonyms.
const PSEUDONYM: &str = "https://samenhang.example/fhir/NamingSystem/patient-pseudonym";
/// The naming system of client ids.
const CLIENT: &str = "https://samenhang.example/fhir/NamingSystem/client-id";

/// Longest text of one detail, in bytes: an event stays small whatever a holder sends.
const LONGEST_TEXT: usize = 512;
/// Most details of one event.
const MOST_DETAILS: usize = 64;

/// The event type, the standard subtype and the action (E execute, R read, D disclose is told by type).
fn kind(activity: Activity) -> (Coding, Option<Coding>, &'static str) {
    let rest = || Coding::new(EVENT_TYPE, "rest");
    let login = || Coding::new(DCM, "110114");
    match activity {
        Activity::Login => (login(), Some(Coding::new(DCM, "110122")), "E"),
        Activity::Logout => (login(), Some(Coding::new(DCM, "110123")), "E"),
        Activity::Launch | Activity::SystemToken | Activity::HolderToken => (login(), None, "E"),
        Activity::Decision | Activity::Refusal | Activity::Withdrawal => {
            (Coding::new(DCM, "110113"), None, "E")
        }
        Activity::PatientSearch | Activity::Search => {
            (rest(), Some(Coding::new(INTERACTION, "search-type")), "E")
        }
        Activity::Capabilities => (rest(), Some(Coding::new(INTERACTION, "capabilities")), "R"),
        Activity::Read | Activity::Number => (rest(), Some(Coding::new(INTERACTION, "read")), "R"),
        Activity::Disclosure => (Coding::new(DCM, "110106"), None, "R"),
        Activity::Unlink => (rest(), Some(Coding::new(INTERACTION, "operation")), "C"),
        Activity::Relink => (rest(), Some(Coding::new(INTERACTION, "operation")), "U"),
        Activity::LogRead => (Coding::new(DCM, "110101"), None, "R"),
        Activity::Question
        | Activity::Pseudonymise
        | Activity::Localise
        | Activity::Register
        | Activity::Deregister
        | Activity::OpenQuestion
        | Activity::ConsentQuestion => (rest(), Some(Coding::new(INTERACTION, "operation")), "E"),
    }
}

/// When, as it is written: UTC, milliseconds.
pub(super) fn instant(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// Writes an event. `recorded` is the text of [`instant`].
pub(super) fn write(
    event: &Event,
    id: Uuid,
    recorded: &str,
    observer: &Ura,
    key: &Key,
) -> std::result::Result<Vec<u8>, serde_json::Error> {
    let (kind, standard, action) = kind(event.activity);
    let mut subtype: Vec<Coding> = standard.into_iter().collect();
    subtype.push(Coding::new(ACTIVITY, event.activity.code()));
    let (outcome, reason) = match event.result {
        Result::Success => ("0", None),
        Result::Refused(reason) => ("4", Some(reason)),
        Result::Failed(reason) => ("8", Some(reason)),
    };
    serde_json::to_vec(&AuditEvent {
        resource_type: "AuditEvent",
        id: id.to_string(),
        kind,
        subtype,
        action,
        recorded,
        outcome,
        outcome_desc: reason,
        purpose_of_event: event
            .purpose
            .map(|purpose| Concept::new(Coding::new(REASON, purpose.code())))
            .into_iter()
            .collect(),
        agent: agents(event),
        source: Source {
            observer: What::identifier(naming::URA, observer.as_str()).named("samenhang"),
            kind: vec![Coding::new(
                "http://terminology.hl7.org/CodeSystem/security-source-type",
                "4",
            )],
        },
        entity: entities(event, key),
    })
}

/// The person, the organisation, the system, and the other party.
fn agents(event: &Event) -> Vec<Agent> {
    let from = event.from.as_deref().map(Network::of);
    let Some(asker) = event.asker.as_deref() else {
        return unknown_agents(event, from);
    };
    let mut agents = Vec::with_capacity(4);
    if let Some(user) = &asker.user {
        agents.push(Agent {
            role: vec![Concept::new(Coding::new(naming::ROLE, &user.role))],
            who: Some(What::identifier(naming::UZI, &user.number).named(&user.name)),
            policy: event.policy.clone().into_iter().collect(),
            network: from.clone(),
            ..Agent::new(
                "humanuser",
                "http://terminology.hl7.org/CodeSystem/extra-security-role-type",
                true,
            )
        });
    }
    if let Some(person) = asker.responsible.as_ref().filter(|_| asker.user.is_none()) {
        // Did not ask, and answers for it.
        agents.push(Agent {
            role: vec![Concept::new(Coding::new(naming::ROLE, &person.role))],
            who: Some(What::identifier(naming::UZI, &person.number).named(&person.name)),
            ..Agent::new(
                "RESP",
                "http://terminology.hl7.org/CodeSystem/v3-ParticipationType",
                false,
            )
        });
    }
    agents.push(organisation(asker, event));
    agents.push(Agent {
        who: Some(What::identifier(CLIENT, &asker.client_id)),
        network: if asker.user.is_none() { from } else { None },
        ..Agent::new("110150", DCM, false)
    });
    agents.extend(other_party(event));
    agents
}

/// The organisation that asks, which is itself responsible when no person asks.
fn organisation(asker: &Asker, event: &Event) -> Agent {
    let alone = asker.user.is_none();
    Agent {
        role: vec![Concept::new(Coding::new(
            naming::ORGANIZATION_TYPE,
            &asker.organisation_type,
        ))],
        who: Some(What::identifier(naming::URA, asker.organisation.as_str()).named(&asker.organisation_name)),
        policy: event.policy.clone().filter(|_| alone).into_iter().collect(),
        ..Agent::new("110153", DCM, alone)
    }
}

/// When it is not known who asks: where the request came from.
fn unknown_agents(event: &Event, from: Option<Network>) -> Vec<Agent> {
    let mut agents = vec![Agent {
        network: from,
        policy: event.policy.clone().into_iter().collect(),
        ..Agent::new("110153", DCM, true)
    }];
    agents.extend(other_party(event));
    agents
}

/// The party that was called or that holds the data.
fn other_party(event: &Event) -> Option<Agent> {
    if event.holder.is_none() && event.peer.is_none() {
        return None;
    }
    Some(Agent {
        who: event
            .holder
            .as_ref()
            .map(|holder| What::identifier(naming::URA, holder.as_str())),
        network: event.peer.as_deref().map(Network::of),
        ..Agent::new("110152", DCM, false)
    })
}

/// The patient and what was asked.
fn entities(event: &Event, key: &Key) -> Vec<Entity> {
    let mut entities = Vec::with_capacity(2);
    if let Some(patient) = &event.patient {
        let mut what = What::identifier(PSEUDONYM, key.pseudonym(patient));
        what.reference = event.patient_reference.as_deref().map(|text| strike(text, event));
        entities.push(Entity {
            what: Some(what),
            kind: Coding::new(ENTITY_TYPE, "1"),
            role: Coding::new(OBJECT_ROLE, "1"),
            detail: Vec::new(),
        });
    }
    let detail = details(event);
    if !detail.is_empty() {
        entities.push(Entity {
            what: None,
            kind: Coding::new(ENTITY_TYPE, "2"),
            role: Coding::new(OBJECT_ROLE, "24"),
            detail,
        });
    }
    entities
}

fn details(event: &Event) -> Vec<Detail> {
    let categories = event
        .categories
        .iter()
        .map(|category| Detail::new("category", category.code().to_owned()));
    let correlation = event
        .correlation
        .map(|id| Detail::new("X-Request-Id", id.to_string()));
    let given = event
        .request_id
        .as_deref()
        .map(|id| Detail::new("asker-request-id", strike(id, event)));
    let count = event
        .count
        .map(|count| Detail::new("result-count", count.to_string()));
    let duration = event
        .duration_ms
        .map(|duration| Detail::new("duration-ms", duration.to_string()));
    let more = event
        .detail
        .iter()
        .map(|(name, text)| Detail::new(name, strike(text, event)));
    categories
        .chain(correlation)
        .chain(given)
        .chain(count)
        .chain(duration)
        .chain(more)
        .take(MOST_DETAILS)
        .collect()
}

/// A text of bounded length without anything that could be a BSN.
///
/// Names of details are ours, but their texts may quote another party: this is the last net, not the rule.
fn strike(text: &str, event: &Event) -> String {
    let end = text.floor_char_boundary(LONGEST_TEXT);
    let mut clean = String::with_capacity(end);
    let mut rest = &text[..end];
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let digits = rest[start..]
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(rest.len() - start);
        let number = &rest[start..start + digits];
        clean.push_str(&rest[..start]);
        let ours = event
            .patient
            .as_ref()
            .is_some_and(|bsn| number.contains(bsn.expose()));
        clean.push_str(if ours || Bsn::parse(number).is_ok() {
            "[bsn]"
        } else {
            number
        });
        rest = &rest[start + digits..];
    }
    clean.push_str(rest);
    clean
}
