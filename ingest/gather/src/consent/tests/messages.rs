//! Notifications.

use serde_json::json;

use crate::clock::SeededRandom;
use crate::consent::{Notification, NotificationError, Register};
use crate::fixtures::question;

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
