//! Localisers beside the referral index.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::routing::post;
use samenhang_profiles::Bsn;
use serde_json::{Value, json};
use uuid::Uuid;

use super::numbers;
use crate::fixtures::{Bench, question, soon};
use crate::ledger::Step;
use crate::locate::{CareTeam, Found, Localiser, MitzOpen, open_question};

#[test]
fn care_teams_are_read_from_resources() {
    let team = |bsn: &str, status: &str| {
        json!({"resourceType": "CareTeam", "status": status,
            "subject": {"identifier": {"system": "http://fhir.nl/fhir/NamingSystem/bsn", "value": bsn}},
            "participant": [{"member": {"identifier": {"system": "http://fhir.nl/fhir/NamingSystem/ura", "value": "700703"}}},
                {"member": {"reference": "Practitioner/1"}}]})
    };
    let read = |teams: Value| CareTeam::read(&serde_json::to_vec(&teams).unwrap());
    let teams = read(json!([
        team("999990093", "active"),
        team("999990019", "inactive")
    ]))
    .unwrap();
    let patient = Bsn::parse("999990093").unwrap();
    assert_eq!(teams.0.len(), 1);
    assert_eq!(
        teams.0[&patient]
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>(),
        ["00700703"]
    );
    let error = read(json!([team("123456789", "active")])).err().unwrap();
    assert!(!error.to_string().contains("123456789"));
    assert!(read(json!({})).is_err());
}

fn open_answer(message: &str, body: &str) -> String {
    format!(
        r#"<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://www.w3.org/2005/08/addressing"><s:Header><a:RelatesTo>{message}</a:RelatesTo></s:Header><s:Body>{body}</s:Body></s:Envelope>"#
    )
}

#[tokio::test]
async fn mitz_is_asked_the_open_question() {
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let answer = {
        let seen = seen.clone();
        move |body: String| async move {
            let message = body
                .split("<a:MessageID>")
                .nth(1)
                .unwrap()
                .split('<')
                .next()
                .unwrap()
                .to_owned();
            seen.lock().unwrap().push(body);
            open_answer(
                &message,
                r#"<PatientLocationQueryResponse xmlns="urn:ihe:iti:xcpd:2009"><PatientLocationResponse>
                <HomeCommunityId>urn:oid:2.999.1</HomeCommunityId>
                <CorrespondingPatientId root="2.16.840.1.113883.2.4.6.3" extension="999990019"/>
                <author-institution root="2.16.528.1.1007.3.3" extension="00700704"/></PatientLocationResponse>
                </PatientLocationQueryResponse>"#,
            )
        }
    };
    let bench = Bench::new(Router::new().route("/mitz/openautorisatievraag", post(answer))).await;
    let mitz = MitzOpen::new(bench.mitz());
    assert_eq!(
        numbers(&mitz.localise(&question(), soon()).await.unwrap()),
        ["00700704"]
    );
    let body = seen.lock().unwrap().remove(0);
    for part in [
        "urn:ihe:iti:2009:PatientLocationQuery",
        r#"extension="999990019" assigningAuthorityName="NLMINBIZA""#,
        r#"extension="900000009""#,
        r#"code="01.015""#,
        r#"IssueInstant="2026-09-01T08:00:00Z""#,
        r#"NotOnOrAfter="2026-09-01T08:10:00Z""#,
        "urn:oid:2.16.840.1.113883.2.4.3.111.2.1",
    ] {
        assert!(body.contains(part), "{part}");
    }
    assert!(crate::xml::Element::parse(body.as_bytes()).is_ok());
    assert_eq!(bench.ledger.facts()[0].step, Step::OpenQuestion);
    let mut nobody = question();
    Arc::make_mut(&mut nobody.asker).user = None;
    assert!(mitz.localise(&nobody, soon()).await.is_err());
}

#[test]
fn an_open_answer_is_read_strictly() {
    let message = Uuid::from_u128(5);
    let relates = format!("urn:uuid:{message}");
    let read = |body: &str| open_question::read(open_answer(&relates, body).as_bytes(), message);
    let empty = r#"<PatientLocationQueryResponse xmlns="urn:ihe:iti:xcpd:2009"/>"#;
    assert_eq!(read(empty).unwrap(), Found::default());
    assert!(read("<x/>").is_err());
    assert!(read(r#"<s:Fault xmlns:s="http://www.w3.org/2003/05/soap-envelope"/>"#).is_err());
    assert!(open_question::read(open_answer("urn:uuid:other", empty).as_bytes(), message).is_err());
}
