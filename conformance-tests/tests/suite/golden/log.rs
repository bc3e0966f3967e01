//! The patient's log: one record for each question, call and holder, as the EHR host of the testbed reads it.

use std::collections::BTreeSet;
use std::time::Duration;

use samenhang_testbed::ehr::patient_log::{self, Line};
use serde_json::Value;

use crate::answer::Answer;
use crate::country::{Country, P1};

/// Looks at the log until it is complete and tells whose data was shown, or for a while: records are forwarded after the
/// answer.
async fn log_of(country: &Country, answer: &Answer) -> Value {
    let host = &country.demo.testbed().addresses().ehr_host;
    let question = &answer.headers["x-request-id"];
    let url = format!("{host}/log/completeness?question={question}");
    let mut found = Value::Null;
    for _ in 0..600 {
        let response = country.client().get(&url).send().await.expect("an answer");
        found = response.json().await.expect("JSON");
        if found["complete"] == true && shown(country, question) == answer.holders() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    found
}

/// The lines of a question in the log of its patient.
fn lines_of(country: &Country, question: &str) -> Vec<Line> {
    let events = country.demo.testbed().services().audit_sink.events();
    let patients: BTreeSet<_> = events
        .iter()
        .filter(|event| event.to_string().contains(question))
        .filter_map(patient_log::patient)
        .collect();
    assert!(patients.len() <= 1, "one pseudonym for one patient");
    let lines = patients
        .first()
        .map(|pseudonym| patient_log::lines(&events, pseudonym));
    let lines = lines.unwrap_or_default().into_iter();
    lines
        .filter(|line| line.question.as_deref() == Some(question))
        .collect()
}

/// Whose data was shown, by the log.
fn shown(country: &Country, question: &str) -> BTreeSet<String> {
    let lines = lines_of(country, question).into_iter();
    lines
        .filter(|line| line.activity == "disclosure")
        .filter_map(|line| line.holder)
        .collect()
}

#[tokio::test]
async fn the_log_of_a_patient_is_complete() {
    let country = Country::start().await;
    let testbed = country.demo.testbed();
    // Twice: the second question uses what is kept of the first, and has a log of its own.
    for _ in 0..2 {
        testbed.journal().clear();
        let answer = country.ask(P1).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(
            log_of(&country, &answer).await,
            serde_json::json!({"complete": true, "gap": []})
        );

        let question = &answer.headers["x-request-id"];
        assert_eq!(shown(&country, question), answer.holders());
        for line in lines_of(&country, question) {
            assert!(
                line.user.is_some() && line.role.is_some() && line.organisation.is_some(),
                "{line:?}"
            );
            assert_eq!(
                (line.purpose.as_deref(), line.emergency),
                (Some("TREAT"), false),
                "{line:?}"
            );
            // With the kinds of data, and the rule that allowed it.
            let is_told = !line.categories.is_empty() && line.basis.is_some();
            assert!(line.activity != "disclosure" || is_told, "{line:?}");
            assert!(!format!("{line:?}").contains(P1));
        }
    }
    country.stop().await;
}

/// While the repository is out of order the log is seen to be incomplete; it is made good afterwards.
#[tokio::test]
async fn a_log_that_lags_behind_is_seen_to_be_incomplete() {
    let country = Country::start().await;
    let testbed = country.demo.testbed();
    country.fault(samenhang_testbed::ServiceId::AuditSink, "status:503");
    testbed.journal().clear();
    let answer = country.ask(P1).await;
    assert_eq!(answer.status, 200, "the log of this server itself is in order");
    let question = &answer.headers["x-request-id"];
    let entries = testbed.journal().entries();
    let gaps = patient_log::gaps(question, &entries, &testbed.services().audit_sink.events());
    assert!(
        gaps.iter()
            .any(|gap| gap.activity == "search" && gap.calls > 0 && gap.records == 0),
        "{gaps:?}"
    );
    testbed.faults().clear_all();
    assert_eq!(log_of(&country, &answer).await["complete"], true);
    country.stop().await;
}
