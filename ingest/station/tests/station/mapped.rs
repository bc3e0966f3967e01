//! Messages of other formats than R4: lifted by the packs of the binary, with the account of what became of each leaf.

use std::sync::Arc;

use jiff::Timestamp;
use samenhang_station::lift::{ByFormat, Lift as _, Message};
use samenhang_station::{Format, Station};

use crate::scene::{Scene, accept, body, bsn, number, umc};

/// A problem of patient 1 in zib2017, within a Bundle; `more` are further properties of the Condition.
pub(crate) fn stu3(more: &str) -> String {
    format!(
        r#"{{"resourceType":"Bundle","type":"collection","meta":{{"lastUpdated":"2026-01-05T10:00:00+01:00"}},"entry":[
{{"fullUrl":"http://umc.test/Patient/p1","resource":{{"resourceType":"Patient","id":"p1","meta":{{"profile":["http://fhir.nl/fhir/StructureDefinition/nl-core-patient"]}},
"identifier":[{{"system":"http://fhir.nl/fhir/NamingSystem/bsn","value":"{}"}}],"gender":"female","birthDate":"1961-02"}}}},
{{"fullUrl":"http://umc.test/Condition/c1","resource":{{"resourceType":"Condition","id":"c1",{more}"meta":{{"profile":["http://nictiz.nl/fhir/StructureDefinition/zib-Problem"]}},
"clinicalStatus":"active","verificationStatus":"confirmed","code":{{"coding":[{{"system":"http://snomed.info/sct","code":"22298006","display":"myocardinfarct"}}]}},
"subject":{{"reference":"Patient/p1"}}}}}}]}}"#,
        bsn(1)
    )
}

async fn station(scene: &Scene) -> Station {
    scene.open_with(Arc::new(ByFormat::default())).await
}

#[tokio::test]
async fn a_bundle_of_stu3_is_lifted_judged_stored_and_read_as_r4() {
    let scene = Scene::new();
    let station = station(&scene).await;
    let scope = station.scope(&umc()).unwrap();
    accept(&station, "m1", Format::FhirStu3, &stu3(""), None).await;
    let done = station.work(&umc()).await.unwrap();
    assert_eq!((done.messages, done.held, done.versions), (1, 0, 2));
    let stored = station.read(&scope, "Condition", "c1").await.unwrap().unwrap();
    let stored = stored.into_inner(&scope).unwrap();
    assert_ne!(stored.verdict, "invalid");
    assert!(
        stored.map.starts_with("stu3-zib2017-to-r4-zib2020|"),
        "{}",
        stored.map
    );
    assert_eq!(stored.clock, "2026-01-05T09:00:00Z".parse::<Timestamp>().unwrap());
    let text = String::from_utf8(stored.body.to_vec()).unwrap();
    assert!(text.contains("nl-core-Problem"), "{text}");
    assert!(text.contains("condition-clinical"), "{text}");
    // What the source sent is kept beside it, to the byte.
    let original = stored.original.expect("what the source sent");
    assert!(
        stu3("")
            .as_bytes()
            .windows(original.len())
            .any(|part| part == &original[..])
    );
    assert!(original.starts_with(b"{\"resourceType\":\"Condition\"") && !stored.is_part);
    let mine = station
        .of_patient(&scope, &number(1), None, None, 10)
        .await
        .unwrap();
    assert_eq!(mine.into_inner(&scope).unwrap().resources.len(), 2);
    let tallies = station.status(&scope).await.unwrap().tallies;
    assert!(tallies["leaves-mapped"] > 10, "{tallies:?}");
    assert!(!tallies.contains_key("leaves-unmapped"), "{tallies:?}");
}

#[tokio::test]
async fn the_same_message_again_changes_nothing() {
    let scene = Scene::new();
    let station = station(&scene).await;
    let scope = station.scope(&umc()).unwrap();
    accept(&station, "m1", Format::FhirStu3, &stu3(""), None).await;
    station.work(&umc()).await.unwrap();
    let before = station.status(&scope).await.unwrap();
    accept(&station, "m1", Format::FhirStu3, &stu3(""), None).await;
    let again = station.work(&umc()).await.unwrap();
    assert_eq!((again.messages, again.versions), (0, 0));
    assert_eq!(station.status(&scope).await.unwrap(), before);
    // Under another name it is another message, and the same content.
    accept(&station, "m2", Format::FhirStu3, &stu3(""), None).await;
    let other = station.work(&umc()).await.unwrap();
    assert_eq!((other.messages, other.versions, other.unchanged), (1, 0, 2));
}

#[tokio::test]
async fn a_laboratory_report_in_cda_goes_the_whole_way() {
    let scene = Scene::new();
    let station = station(&scene).await;
    let scope = station.scope(&umc()).unwrap();
    let report = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../conform/tests/formats/cda/report.xml"
    );
    let report = std::fs::read_to_string(report).unwrap();
    accept(&station, "r1", Format::Cda, &report, None).await;
    let done = station.work(&umc()).await.unwrap();
    assert_eq!((done.messages, done.held), (1, 0));
    let status = station.status(&scope).await.unwrap();
    assert_eq!(status.resources["Patient"], 1, "{:?}", status.resources);
    assert!(status.resources["Observation"] >= 1, "{:?}", status.resources);
    let found = station
        .of_kind(&scope, "Observation", None, 10)
        .await
        .unwrap()
        .into_inner(&scope)
        .unwrap();
    let first = &found.resources[0];
    assert!(first.map.starts_with("cda-lab-3.0.0-to-r4|"), "{}", first.map);
    assert!(first.original.is_none());
}

#[tokio::test]
async fn xml_of_stu3_is_read_as_well() {
    let scene = Scene::new();
    let station = station(&scene).await;
    let scope = station.scope(&umc()).unwrap();
    let xml = format!(
        r#"<?xml version="1.0" encoding="UTF-8"?><Patient xmlns="http://hl7.org/fhir"><id value="p1"/>
<identifier><system value="http://fhir.nl/fhir/NamingSystem/bsn"/><value value="{}"/></identifier><gender value="female"/></Patient>"#,
        bsn(1)
    );
    accept(&station, "m1", Format::FhirStu3, &xml, None).await;
    let done = station.work(&umc()).await.unwrap();
    assert_eq!((done.held, done.versions), (0, 1));
    assert!(
        body(&station, &scope, "Patient", "p1")
            .await
            .unwrap()
            .contains("female")
    );
}

/// What is found in a message that is lifted by itself.
fn lifted(format: Format, text: &str) -> Result<samenhang_station::lift::Lifted, String> {
    let message = Message {
        body: &text.to_owned().into(),
        format,
        source: &umc(),
        external: "m1",
        space: "space",
    };
    ByFormat::default()
        .lift(&message)
        .map_err(|reason| format!("{} {} {}", reason.stage.as_str(), reason.rule, reason.code))
}

#[test]
fn what_no_rule_takes_is_a_finding_with_its_place_and_without_its_value() {
    let text = stu3(r#""localRemark":"secret-value","Jan 123456789":"x","#);
    let lifted = lifted(Format::FhirStu3, &text).unwrap();
    assert_eq!(lifted.ledger.unmapped, 2);
    assert_eq!(lifted.losses["Condition.localRemark"].unmapped, 1);
    let found: Vec<_> = lifted.findings.keys().collect();
    let unmapped = |path: &str| {
        found.iter().any(|(reason, severity)| {
            (&*reason.rule, &*reason.path, *severity) == ("unmapped", path, "warning")
        })
    };
    assert!(unmapped("Condition.localRemark"), "{found:?}");
    assert!(unmapped("Condition._"), "{found:?}");
    let all: u64 = lifted
        .losses
        .values()
        .map(|loss| loss.mapped + loss.ignored + loss.unmapped)
        .sum();
    assert_eq!(
        all,
        lifted.ledger.mapped + lifted.ledger.ignored + lifted.ledger.unmapped
    );
    let told = format!("{:?} {:?}", lifted.findings, lifted.losses);
    for secret in ["secret-value", "123456789", &bsn(1), "1961-02"] {
        assert!(!told.contains(secret), "{told}");
    }
}

#[test]
fn a_message_of_hl7v2_is_lifted_under_ids_that_the_key_makes() {
    let message = format!(
        "MSH|^~\\&|ZIS|ZH|EPD|ZH|20260105093000+0100||ADT^A01^ADT_A01|1001|P|2.5|||AL|NE||UNICODE UTF-8\r\
         EVN|A01|20260105093000\rPID|1||{}^^^NLMINBIZA^NNNLD||Proef^Anna||19710203|F\r",
        bsn(1)
    );
    let lifted = lifted(Format::Hl7v2, &message).unwrap();
    assert!(lifted.map.starts_with("hl7v2-to-r4|"));
    assert_eq!(lifted.clock, "2026-01-05T08:30:00Z".parse().ok());
    let patients = lifted
        .resources
        .iter()
        .filter(|resource| resource.json.starts_with(br#"{"resourceType":"Patient""#));
    assert_eq!(patients.count(), 1);
}

#[test]
fn what_cannot_be_read_or_has_no_map_is_held() {
    let cases = [
        (Format::FhirStu3, "{", "parse not-readable"),
        (Format::FhirStu3, "<Patient", "parse not-readable"),
        (Format::Cda, "no xml", "parse not-readable"),
        (Format::Hl7v2, "PID|1", "parse not-readable SAM-CNF-201"),
        (Format::Csv, "a;b", "map no-map"),
        (
            Format::FhirStu3,
            r#"{"resourceType":"Nonsense","id":"x"}"#,
            "map nothing-made",
        ),
        (
            Format::FhirStu3,
            r#"{"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"DELETE","url":"Patient/p1"}}]}"#,
            "map entry-without-resource",
        ),
    ];
    for (format, text, expected) in cases {
        let held = lifted(format, text).unwrap_err();
        assert!(held.starts_with(expected), "{text}: {held}");
    }
}

/// Entries of a transaction that refer to each other by `urn:uuid` get ids, and the references follow.
#[test]
fn references_within_a_bundle_follow_the_ids_that_are_made() {
    let (patient, condition) = (
        "urn:uuid:0d8cf3e0-3a55-4c2a-8a0b-61d51a3a3a01",
        "urn:uuid:0d8cf3e0-3a55-4c2a-8a0b-61d51a3a3a02",
    );
    for format in [Format::FhirR4, Format::FhirStu3] {
        let text = format!(
            r#"{{"resourceType":"Bundle","type":"collection","entry":[{{"fullUrl":"{patient}","resource":{{"resourceType":"Patient","gender":"female"}}}},
{{"fullUrl":"{condition}","resource":{{"resourceType":"Condition","subject":{{"reference":"{patient}"}},"code":{{"text":"x"}}}}}}]}}"#
        );
        let lifted = lifted(format, &text).unwrap();
        let json: Vec<_> = lifted
            .resources
            .iter()
            .map(|one| String::from_utf8_lossy(&one.json).into_owned())
            .collect();
        assert!(
            json[0].contains(r#""id":"0d8cf3e0-3a55-4c2a-8a0b-61d51a3a3a01""#),
            "{}",
            json[0]
        );
        assert!(
            json[1].contains(r#""reference":"Patient/0d8cf3e0-3a55-4c2a-8a0b-61d51a3a3a01""#),
            "{}",
            json[1]
        );
    }
}
