//! The consent register over HTTP.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::routing::post;
use samenhang_profiles::Bsn;
use serde_json::json;

use super::{Behaviour, Decision, Format, Mitz, Notification, Rule};
use crate::faults::ServiceId;
use crate::holder::TestbedConfig;
use crate::net::{Shared, bind, serve};
use crate::testing;

const P1: &str = "999990019";

async fn start() -> (Shared, Mitz, String) {
    let shared = Shared::new(&TestbedConfig {
        tls: false,
        ..TestbedConfig::default()
    })
    .unwrap();
    let bound = bind(ServiceId::Mitz, &shared).await.unwrap();
    let mitz = Mitz::new(&shared, bound.url());
    let served = bound.serve(mitz.router());
    (shared, mitz, served.url)
}

fn attribute(id: &str, kind: &str, value: &str) -> String {
    format!(
        r#"<x:Attribute AttributeId="{id}" IncludeInResult="false"><x:AttributeValue DataType="urn:hl7-org:v3#{kind}">{value}</x:AttributeValue></x:Attribute>"#
    )
}

fn ii(id: &str, root: &str, extension: &str) -> String {
    attribute(
        id,
        "II",
        &format!(r#"<h:InstanceIdentifier root="{root}" extension="{extension}"/>"#),
    )
}

fn cv(id: &str, system: &str, code: &str) -> String {
    attribute(
        id,
        "CV",
        &format!(r#"<h:CodedValue code="{code}" codeSystem="{system}"/>"#),
    )
}

fn block(category: &str, content: &str) -> String {
    format!(r#"<x:Attributes Category="{category}">{content}</x:Attributes>"#)
}

fn envelope(action: &str, header: &str, body: &str) -> String {
    format!(
        r#"<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://www.w3.org/2005/08/addressing"><s:Header><a:Action s:mustUnderstand="1">{action}</a:Action><a:MessageID>urn:uuid:1</a:MessageID>{header}</s:Header><s:Body>{body}</s:Body></s:Envelope>"#
    )
}

fn closed_question(patient: &str, categories: &[&str]) -> String {
    let resource = [
        ii(
            "urn:oasis:names:tc:xacml:2.0:resource:resource-id",
            "2.16.840.1.113883.2.4.6.3",
            patient,
        ),
        cv(
            "urn:ihe:iti:appc:2016:document-entry:healthcare-facility-type-code",
            "2.16.840.1.113883.2.4.15.1060",
            "V6",
        ),
        ii(
            "urn:ihe:iti:appc:2016:author-institution:id",
            "2.16.528.1.1007.3.3",
            "00700700",
        ),
    ]
    .concat();
    let subject = [
        cv(
            "urn:oasis:names:tc:xacml:2.0:subject:role",
            "2.16.840.1.113883.2.4.15.111",
            "01.015",
        ),
        ii(
            "urn:ihe:iti:xua:2017:subject:provider-identifier",
            "2.16.528.1.1007.3.1",
            "900000009",
        ),
        ii(
            "urn:nl:otv:names:tc:1.0:subject:provider-institution",
            "2.16.528.1.1007.3.3",
            "00900900",
        ),
        cv(
            "urn:nl:otv:names:tc:1.0:subject:consulting-healthcare-facility-type-code",
            "2.16.840.1.113883.2.4.15.1060",
            "Z3",
        ),
    ]
    .concat();
    let actions: String = categories
        .iter()
        .map(|category| {
            block(
                "urn:oasis:names:tc:xacml:3.0:attribute-category:action",
                &cv(
                    "urn:ihe:iti:appc:2016:document-entry:event-code",
                    "2.16.840.1.113883.2.4.3.111.5.10.1",
                    category,
                ),
            )
        })
        .collect();
    let purpose = cv(
        "urn:oasis:names:tc:xspa:1.0:subject:purposeofuse",
        "2.16.840.1.113883.1.11.20448",
        "TREAT",
    );
    let body = format!(
        r#"<q:XACMLAuthzDecisionQuery xmlns:q="urn:oasis:names:tc:xacml:3.0:profile:saml2.0:v2:schema:protocol:wd-14" xmlns:x="urn:oasis:names:tc:xacml:3.0:core:schema:wd-17" xmlns:h="urn:hl7-org:v3"><x:Request CombinedDecision="false" ReturnPolicyIdList="false">{}{actions}{}{}</x:Request></q:XACMLAuthzDecisionQuery>"#,
        block(
            "urn:oasis:names:tc:xacml:3.0:attribute-category:resource",
            &resource
        ),
        block(
            "urn:oasis:names:tc:xacml:1.0:subject-category:access-subject",
            &subject
        ),
        block(
            "urn:oasis:names:tc:xacml:3.0:attribute-category:environment",
            &purpose
        ),
    );
    envelope("XACMLAuthorizationDecisionQueryRequest", "", &body)
}

async fn ask(shared: &Shared, url: String, body: String) -> (u16, String) {
    let answer = testing::client(shared)
        .post(url)
        .header("content-type", "application/soap+xml; charset=UTF-8")
        .body(body)
        .send()
        .await
        .unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

fn decisions(answer: &str) -> Vec<&str> {
    answer
        .split("<x:Decision>")
        .skip(1)
        .filter_map(|part| part.split_once("</x:Decision>").map(|(decision, _)| decision))
        .collect()
}

fn rule(category: &str, decision: Decision) -> Rule {
    Rule {
        patient: Some(Bsn::parse(P1).unwrap()),
        holder: None,
        category: Some(category.to_owned()),
        decision,
    }
}

#[tokio::test]
async fn a_closed_question_has_one_result_per_category_in_order() {
    let (shared, mitz, url) = start().await;
    let url = format!("{url}/geslotenautorisatievraag/xacml3");
    mitz.rule(rule("GGC013", Decision::Deny));
    mitz.rule(rule("GGC012", Decision::Indeterminate));
    mitz.rule(rule("GGC007", Decision::NotApplicable));
    let categories = ["GGC002", "GGC013", "GGC012", "GGC007"];
    let (status, answer) = ask(&shared, url.clone(), closed_question(P1, &categories)).await;
    assert_eq!(status, 200);
    assert_eq!(
        decisions(&answer),
        ["Permit", "Deny", "Indeterminate", "NotApplicable"]
    );
    assert!(answer.contains("<a:RelatesTo>urn:uuid:1</a:RelatesTo>"));

    mitz.behave(Behaviour::WrongRelatesTo);
    let (_, answer) = ask(&shared, url.clone(), closed_question(P1, &categories)).await;
    assert!(!answer.contains("<a:RelatesTo>urn:uuid:1</a:RelatesTo>"));
    mitz.behave(Behaviour::MissingResult);
    let (_, answer) = ask(&shared, url.clone(), closed_question(P1, &categories)).await;
    assert_eq!(decisions(&answer).len(), 3);
    mitz.behave(Behaviour::SoapFault);
    let (status, answer) = ask(&shared, url.clone(), closed_question(P1, &categories)).await;
    assert!(status == 500 && answer.contains("s:Receiver"));
    shared.stop().await;
}

#[tokio::test]
async fn incomplete_questions_are_faults_of_the_sender() {
    let (shared, _, url) = start().await;
    let url = format!("{url}/geslotenautorisatievraag/xacml3");
    let good = closed_question(P1, &["GGC002"]);
    for wrong in [
        "<x/>".to_owned(),
        "not xml".to_owned(),
        closed_question(P1, &[]),
        good.replace("urn:oasis:names:tc:xacml:3.0:core:schema:wd-17", "urn:else"),
        good.replace("TREAT", "FUN"),
        good.replace("2.16.528.1.1007.3.3", "1.2.3"),
        good.replace("XACMLAuthorizationDecisionQueryRequest", "Else"),
    ] {
        let (status, answer) = ask(&shared, url.clone(), wrong).await;
        assert!(status == 400 && answer.contains("s:Sender"), "{answer}");
    }
    shared.stop().await;
}

#[tokio::test]
async fn a_question_that_hangs_ends_when_the_testbed_stops() {
    let (shared, mitz, url) = start().await;
    mitz.rule(rule("GGC002", Decision::Hang));
    let url = format!("{url}/geslotenautorisatievraag/xacml3");
    let asking = shared.clone();
    let waiting = tokio::spawn(async move {
        testing::client(&asking)
            .post(url)
            .header("content-type", "application/soap+xml")
            .body(closed_question(P1, &["GGC002"]))
            .send()
            .await
    });
    while shared.journal().last() == 0 {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    shared.stop().await;
    let answered = waiting.await.unwrap();
    assert!(answered.is_err() || answered.is_ok_and(|answer| answer.status().as_u16() == 500));
}

#[tokio::test]
async fn an_open_question_finds_holders_that_take_part_and_are_permitted() {
    let (shared, mitz, url) = start().await;
    let url = format!("{url}/openautorisatievraag");
    let patient = Bsn::parse(P1).unwrap();
    mitz.take_part(&patient, &"00700700".parse().unwrap());
    mitz.take_part(&patient, &"00700701".parse().unwrap());
    let mut refused = rule("GGC002", Decision::Deny);
    refused.holder = Some("00700701".parse().unwrap());
    mitz.rule(refused);
    let body = format!(
        r#"<PatientLocationQueryRequest xmlns="urn:ihe:iti:xcpd:2009"><RequestedPatientId root="2.16.840.1.113883.2.4.6.3" extension="{P1}" assigningAuthorityName="NLMINBIZA"/></PatientLocationQueryRequest>"#
    );
    let security = r#"<w:Security xmlns:w="urn:wsse"><Assertion xmlns="urn:oasis:names:tc:SAML:2.0:assertion"/></w:Security>"#;
    let action = "urn:ihe:iti:2009:PatientLocationQuery";
    let (status, answer) = ask(&shared, url.clone(), envelope(action, security, &body)).await;
    assert_eq!(status, 200);
    assert!(answer.contains(r#"extension="00700700""#) && !answer.contains("00700701"));
    assert_eq!(ask(&shared, url, envelope(action, "", &body)).await.0, 400);
    shared.stop().await;
}

#[tokio::test]
async fn a_subscriber_hears_of_a_change_in_both_forms() {
    let (shared, mitz, url) = start().await;
    let heard: Arc<Mutex<Vec<String>>> = Arc::default();
    let sink = Arc::clone(&heard);
    let receiver = Router::new().route(
        "/notify",
        post(move |body: String| async move {
            sink.lock().unwrap().push(body);
        }),
    );
    // Any service will do as a receiver.
    let receiver = serve(ServiceId::AuditSink, receiver, &shared).await.unwrap();
    let endpoint = format!("{}/notify", receiver.url);
    let subscription = json!({"resourceType": "Subscription", "status": "requested", "reason": "OTV",
        "criteria": format!("Consent?_query=otv&patientid={P1}&providerid=00700700&providertype=V6"),
        "channel": {"type": "rest-hook", "endpoint": endpoint, "payload": "application/fhir+json"}});
    let http = testing::client(&shared);
    let target = format!("{url}/abonnementen/fhir/Subscription");
    let answer = http
        .post(&target)
        .body(subscription.to_string())
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status().as_u16(), 202);
    assert!(
        answer.headers()["location"]
            .to_str()
            .unwrap()
            .contains("/Subscription/")
    );
    assert_eq!(
        http.post(&target)
            .body("{}")
            .send()
            .await
            .unwrap()
            .status()
            .as_u16(),
        422
    );
    assert_eq!(
        http.post(&target)
            .body("{")
            .send()
            .await
            .unwrap()
            .status()
            .as_u16(),
        400
    );

    let mut change = Notification {
        patient: Bsn::parse(P1).unwrap(),
        holder: None,
        category: Some("GGC013".to_owned()),
        permitted: false,
        format: Format::Json,
        endpoint: None,
    };
    assert_eq!(mitz.notify(&change).await.unwrap(), [200]);
    change.format = Format::Xml;
    assert_eq!(mitz.notify(&change).await.unwrap(), [200]);
    {
        let heard = heard.lock().unwrap();
        assert!(heard[0].contains(r#""status":"inactive""#) && heard[0].contains("GGC013"));
        assert!(heard[1].contains(r#"<status value="inactive"/>"#) && heard[1].contains("GGC013"));
    }
    let closed = format!("{url}/geslotenautorisatievraag/xacml3");
    let (_, answer) = ask(&shared, closed, closed_question(P1, &["GGC013"])).await;
    assert_eq!(decisions(&answer), ["Deny"]);
    change.patient = Bsn::parse("999990020").unwrap();
    assert!(mitz.notify(&change).await.is_err());
    shared.stop().await;
}
