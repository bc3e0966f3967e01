//! Subscriptions and notifications.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::http::StatusCode;
use axum::routing::post;
use serde_json::{Value, json};

use crate::clock::SeededRandom;
use crate::consent::{Holder, Notification, NotificationError, Register, Subscriptions};
use crate::fixtures::{Bench, question, soon};

#[tokio::test]
async fn a_subscription_is_asked_for() {
    let seen: Arc<Mutex<Vec<Value>>> = Arc::default();
    let service = {
        let seen = seen.clone();
        move |body: String| async move {
            seen.lock().unwrap().push(serde_json::from_str(&body).unwrap());
            (
                StatusCode::ACCEPTED,
                [("location", "https://mitz.example/fhir/Subscription/abc")],
            )
        }
    };
    let bench = Bench::new(Router::new().route("/mitz/abonnementen/fhir/Subscription", post(service))).await;
    let client = Subscriptions::new(
        bench.http.clone(),
        &bench.config.mitz,
        bench.clock.clone(),
        bench.ledger.clone(),
    )
    .unwrap();
    let holder = Holder {
        ura: "00700700".parse().unwrap(),
        organisation_type: "V6".to_owned(),
    };
    let subscribed = client.subscribe(&question(), &holder, soon()).await.unwrap();
    assert_eq!(subscribed.id.as_deref(), Some("abc"));
    let sent = seen.lock().unwrap().remove(0);
    assert_eq!(
        sent["criteria"],
        "Consent?_query=otv&patientid=999990019&providerid=00700700&providertype=V6"
    );
    assert_eq!(sent["extension"][0]["valueDate"], "1950-03-04");
    assert_eq!(sent["channel"]["endpoint"], "https://west.example/notify");
}

#[test]
fn a_notification_is_read_in_json_and_xml() {
    let json = json!({"resourceType": "Bundle", "type": "transaction", "entry": [{"resource": {
        "resourceType": "Consent", "status": "inactive", "patient": {"identifier": {
            "system": "http://fhir.nl/fhir/NamingSystem/bsn", "value": "999990019"}}}}]});
    let xml = r#"<?xml version="1.0"?><Bundle xmlns="http://hl7.org/fhir"><entry><resource><Consent>
        <status value="inactive"/><patient><identifier><system value="urn:oid:2.16.840.1.113883.2.4.6.3"/>
        <value value="999990019"/></identifier></patient></Consent></resource></entry></Bundle>"#;
    let register = Register::new(&SeededRandom::new(1));
    let key = register.key(&question().patient);
    for body in [json.to_string(), xml.to_owned()] {
        let before = register.epoch(key);
        let notification = Notification::read(body.as_bytes()).unwrap();
        assert_eq!(notification.count(), 1);
        notification.apply(&register, "2026-09-01T08:00:00Z".parse().unwrap());
        assert!(register.epoch(key) > before);
    }
    for (body, error) in [
        ("", NotificationError::Format),
        ("[]", NotificationError::Format),
        ("{", NotificationError::Format),
        ("<!DOCTYPE x><x/>", NotificationError::Format),
        ("{}", NotificationError::NoConsent),
        (r#"{"resourceType":"Consent"}"#, NotificationError::NoPatient),
        (
            r#"{"resourceType":"Consent","patient":{"identifier":{"system":"http://fhir.nl/fhir/NamingSystem/bsn","value":"123456789"}}}"#,
            NotificationError::NoPatient,
        ),
    ] {
        assert_eq!(Notification::read(body.as_bytes()).err(), Some(error), "{body}");
    }
}

proptest::proptest! {
    #[test]
    fn f14_no_notification_makes_the_reader_panic(text in "[<>{}/a-z:=\"',\\[\\] 0-9]{0,80}") {
        let _ = Notification::read(text.as_bytes());
    }
}
