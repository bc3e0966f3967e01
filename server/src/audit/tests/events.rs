//! What an event says, and what it must not say.

use std::sync::Arc;

use samenhang_gather::ledger::{Fact, Ledger, Outcome, Step};
use samenhang_profiles::Bsn;
use serde_json::Value;
use sqlx::Row;
use uuid::Uuid;

use super::{BSN, asker, clock, file, grant, key, open, question, raw, ura};
use crate::audit::{Activity, Event, EventResult, fhir};

fn written(event: &Event) -> (String, Value) {
    let bytes = fhir::write(
        event,
        Uuid::from_u128(1),
        "2026-09-01T08:15:02.118Z",
        &ura("00900900"),
        &key(),
    )
    .unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let value = serde_json::from_str(&text).unwrap();
    (text, value)
}

#[test]
fn an_event_has_what_nen_7513_asks_for() {
    let event = Event::about(Activity::Search, &question())
        .under(&grant())
        .holder(&ura("00700700"))
        .from_address("10.0.0.7:41000");
    let event = Event {
        peer: Some("fhir.oost.example:443".to_owned()),
        count: Some(12),
        duration_ms: Some(48),
        patient_reference: Some("https://fhir.oost.example/r4/Patient/p1".to_owned()),
        ..event
    };
    let (_, value) = written(&event);
    insta::assert_json_snapshot!(value);
}

#[test]
fn no_event_holds_a_bsn_a_credential_or_a_name_of_the_patient() {
    let event = Event::about(Activity::Search, &question())
        .detail("query", format!("identifier={BSN}"))
        .detail("other", "see 999990020 and 999990019x");
    let event = Event {
        patient_reference: Some(format!("https://fhir.oost.example/Patient/{BSN}")),
        ..event
    };
    let (text, _) = written(&event);
    for secret in [
        BSN,
        "999990020",
        "secret.signed.statement",
        "Voorbeeldpati",
        "1970-01-01",
    ] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    assert!(text.contains("[bsn]"));
}

#[test]
fn the_same_patient_has_the_same_pseudonym_under_one_key_only() {
    let patient = Bsn::parse(BSN).unwrap();
    let other = Bsn::parse("999990020").unwrap();
    let second = crate::audit::Key::new(&[7; 32]).unwrap();
    assert_eq!(key().pseudonym(&patient), key().pseudonym(&patient));
    assert_ne!(key().pseudonym(&patient), key().pseudonym(&other));
    assert_ne!(key().pseudonym(&patient), second.pseudonym(&patient));
    assert_eq!(key().pseudonym(&patient).len(), 64);
}

#[test]
fn a_failed_login_of_nobody_still_has_an_agent() {
    let event = Event::new(Activity::Login)
        .ended(EventResult::Refused("the statement has been withdrawn"))
        .from_address("127.0.0.1:5000");
    let (_, value) = written(&event);
    assert_eq!(value["outcome"], "4");
    assert_eq!(value["outcomeDesc"], "the statement has been withdrawn");
    assert_eq!(value["agent"][0]["requestor"], true);
    assert_eq!(value["agent"][0]["network"]["type"], "2");
    assert_eq!(value.get("entity"), None);
}

#[test]
fn a_long_detail_is_cut() {
    let event = Event::new(Activity::Refusal).detail("reason", "é".repeat(4000));
    let (text, _) = written(&event);
    assert!(text.len() < 2000);
}

#[tokio::test]
async fn an_outbound_call_states_the_purpose_and_policy_of_its_question() {
    let folder = tempfile::tempdir().unwrap();
    let log = open(&file(&folder)).await;
    log.record(Event::allowed(&question(), &grant())).await.unwrap();
    let fact = Fact {
        step: Step::FindPatient,
        correlation: question().correlation,
        asker: asker(),
        patient: question().patient,
        holder: Some(ura("00700700")),
        peer: "fhir.oost.example:443".to_owned(),
        category: None,
        outcome: Outcome::Failed("timeout"),
        count: Some(0),
        duration_ms: 5,
        at: samenhang_gather::clock::Clock::now(&*clock()),
        detail: vec![
            (
                "patient-reference",
                "https://fhir.oost.example/Patient/p1".to_owned(),
            ),
            ("page", "1".to_owned()),
        ],
    };
    let ledger: Arc<dyn Ledger> = Arc::new(log.clone());
    ledger.record(fact).await.unwrap();
    drop(ledger);
    log.close().await;
    let row = sqlx::query("SELECT event FROM audit_event WHERE sequence = 2")
        .fetch_one(&mut raw(&file(&folder)).await)
        .await
        .unwrap();
    let value: Value = serde_json::from_slice(row.get(0)).unwrap();
    assert_eq!(value["purposeOfEvent"][0]["coding"][0]["code"], "TREAT");
    assert_eq!(value["agent"][0]["policy"][0], "floor|1#treating-professional");
    assert_eq!(value["subtype"][1]["code"], "patient-search");
    assert_eq!(value["outcome"], "8");
    assert_eq!(value["outcomeDesc"], "timeout");
    assert_eq!(
        value["entity"][0]["what"]["reference"],
        "https://fhir.oost.example/Patient/p1"
    );
    assert_eq!(value["entity"][1]["detail"].as_array().map(Vec::len), Some(4));
}

#[test]
fn the_professional_whom_a_system_asks_for_is_named_and_did_not_ask() {
    let mut question = question();
    let person = asker().user.clone();
    question.asker = Arc::new(samenhang_gather::query::Asker {
        user: None,
        responsible: person,
        ..(*asker()).clone()
    });
    let (_, event) = written(&Event::about(Activity::Search, &question).under(&grant()));
    let agents = event["agent"].as_array().unwrap();
    let named = |number: &str| {
        agents
            .iter()
            .find(|agent| agent["who"]["identifier"]["value"] == number)
            .unwrap()
    };
    assert_eq!(named("900000009")["requestor"], false);
    assert_eq!(named("900000009")["type"]["coding"][0]["code"], "RESP");
    assert_eq!(named("00900900")["requestor"], true);
}
