//! What a patient may read of the log.

use samenhang_gather::query::Purpose;
use samenhang_profiles::Bsn;
use samenhang_terminology::Category;
use sqlx::Row;
use uuid::Uuid;

use super::{ASKED_BY, LookResult, PATIENT, QUERY, TOGETHER};
use crate::audit::tests::{BSN, file, grant, open, question, raw, ura};
use crate::audit::{Activity, Event, EventResult, Log};

const OTHER: &str = "999990020";

fn bsn(text: &str) -> Bsn {
    Bsn::parse(text).unwrap()
}

/// A question about a patient, decided; what was shown for it comes after.
async fn ask(log: &Log, patient: &str, number: u128, result: EventResult) {
    let asked = samenhang_gather::query::Question {
        patient: bsn(patient),
        correlation: Uuid::from_u128(number),
        ..question()
    };
    log.note(Event::about(Activity::Question, &asked)).await.unwrap();
    let decided = Event::about(Activity::Decision, &asked)
        .under(&grant())
        .ended(result);
    log.note(decided).await.unwrap();
}

async fn show(log: &Log, patient: &str, number: u128, count: usize) {
    let event = Event {
        patient: Some(bsn(patient)),
        correlation: Some(Uuid::from_u128(number)),
        count: Some(count),
        ..Event::new(Activity::Disclosure).holder(&ura("00700700"))
    };
    log.record(event).await.unwrap();
}

#[tokio::test]
async fn a_look_says_who_why_what_and_what_was_shown_and_nothing_of_another() {
    let folder = tempfile::tempdir().unwrap();
    let log = open(&file(&folder)).await;
    ask(&log, BSN, 1, EventResult::Success).await;
    ask(&log, OTHER, 2, EventResult::Success).await;
    show(&log, BSN, 1, 2).await;
    show(&log, OTHER, 2, 40).await;
    show(&log, BSN, 1, 3).await;
    ask(&log, BSN, 3, EventResult::Refused("no rule")).await;
    log.barrier().await.unwrap();
    let read = log.looks(&bsn(BSN), None).await.unwrap();
    assert_eq!(read.before, None);
    let [refused, allowed] = read.looks.as_slice() else {
        panic!("two looks: {:?}", read.looks);
    };
    assert_eq!(refused.result, LookResult::Refused);
    assert!(refused.shown.is_empty());
    assert_eq!(allowed.result, LookResult::Allowed);
    assert_eq!(allowed.organisation.as_deref(), Some("Huisartsenpraktijk West"));
    assert_eq!(allowed.role.as_deref(), Some("01.015"));
    assert_eq!(allowed.purpose, Some(Purpose::Treatment));
    assert_eq!(
        allowed.categories,
        [Category::AllergyIntolerance, Category::MedicationRequest]
    );
    assert_eq!(allowed.shown.get("00700700"), Some(&5));
    assert!(!allowed.by_patient);
    let nobody = log.looks(&bsn("999990032"), None).await.unwrap();
    assert!(nobody.looks.is_empty());
}

#[tokio::test]
async fn parts_follow_each_other_without_a_gap_also_where_questions_run_side_by_side() {
    let folder = tempfile::tempdir().unwrap();
    let log = open(&file(&folder)).await;
    let all = u128::try_from(TOGETHER + 20).unwrap();
    for number in 1..=all {
        ask(&log, BSN, number, EventResult::Success).await;
        if number > 1 {
            // What was shown for a question comes after the decision on the next.
            show(&log, BSN, number - 1, 1).await;
        }
    }
    log.barrier().await.unwrap();
    let first = log.looks(&bsn(BSN), None).await.unwrap();
    let second = log.looks(&bsn(BSN), first.before).await.unwrap();
    assert!(first.looks.len() >= TOGETHER && first.before.is_some());
    assert_eq!(second.before, None);
    let looks: Vec<_> = first.looks.iter().chain(&second.looks).collect();
    assert_eq!(looks.len(), usize::try_from(all).unwrap());
    // Only of the last question nothing was shown.
    let without = looks.iter().filter(|look| look.shown.is_empty()).count();
    assert_eq!(without, 1);
    assert!(looks[0].shown.is_empty());
}

#[tokio::test]
async fn the_patients_own_look_is_marked_and_the_text_of_a_detail_makes_no_look() {
    let folder = tempfile::tempdir().unwrap();
    let log = open(&file(&folder)).await;
    let own = Event {
        patient: Some(bsn(BSN)),
        ..Event::new(Activity::LogRead).detail(ASKED_BY, PATIENT)
    };
    log.record(own).await.unwrap();
    let odd = Event {
        patient: Some(bsn(BSN)),
        ..Event::new(Activity::Search).detail("query", "\"code\":\"decision\"")
    };
    log.record(odd).await.unwrap();
    let read = log.looks(&bsn(BSN), None).await.unwrap();
    assert_eq!(read.looks.len(), 1);
    assert!(read.looks[0].by_patient && read.looks[0].activity == Activity::LogRead);
}

#[tokio::test]
async fn the_log_is_read_by_its_index() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder);
    let log = open(&path).await;
    ask(&log, BSN, 1, EventResult::Success).await;
    log.close().await;
    let mut connection = raw(&path).await;
    let rows = sqlx::query(sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {QUERY}")))
        .bind("x")
        .bind(1_i64)
        .bind(1_i64)
        .fetch_all(&mut connection)
        .await
        .unwrap();
    let plan: Vec<String> = rows.iter().map(|row| row.get("detail")).collect();
    assert!(
        plan.iter()
            .any(|step| step.contains("USING INDEX audit_event_look")),
        "{plan:?}"
    );
    assert!(!plan.iter().any(|step| step.contains("TEMP B-TREE")), "{plan:?}");
}
