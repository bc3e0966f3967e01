//! What is not permitted does not come out.

use std::sync::Arc;

use samenhang_terminology::{Category, Status};

use super::bench::{Bench, OOST, Told, of, ok, page, source, status};
use crate::fanout::Detail;

const LABORATORY: Category = Category::ObservationLaboratory;
const VITAL_SIGNS: Category = Category::ObservationVitalSigns;

fn observation(id: &str, category: &str) -> String {
    let system = "http://terminology.hl7.org/CodeSystem/observation-category";
    of(
        "Observation",
        id,
        &format!(r#","category":[{{"coding":[{{"system":"{system}","code":"{category}"}}]}}]"#),
    )
}

#[tokio::test(start_paused = true)]
async fn i2_content_decides_not_the_query() {
    // The source ignores the filter and sends everything.
    let source = source(|ask, _| {
        ask.starts_with("Observation?").then(|| {
            ok(page(
                &[
                    observation("lab", "laboratory"),
                    observation("vital", "vital-signs"),
                ],
                None,
            ))
        })
    });
    let (told, source) = Bench::new().ask_one(source, &[VITAL_SIGNS]).await;
    assert_eq!(told.ids(), ["Observation/vital"]);
    assert_eq!(told.row(OOST, VITAL_SIGNS), (Status::Answered, 1, None));
    assert!(
        source
            .asked()
            .iter()
            .all(|ask| ask != "Observation?patient=p1&_count=100"),
        "what is not permitted is not asked for"
    );
}

#[tokio::test(start_paused = true)]
async fn what_arrives_by_two_ways_is_told_once() {
    let source = source(|ask, _| {
        ask.starts_with("Observation?")
            .then(|| ok(page(&[observation("vital", "vital-signs")], None)))
    });
    let (told, source) = Bench::new().ask_one(source, &[VITAL_SIGNS]).await;
    assert_eq!(source.asked_for("Observation?"), 2, "by category and by code");
    assert_eq!(told.ids(), ["Observation/vital"]);
}

#[tokio::test(start_paused = true)]
async fn a_type_that_may_not_be_whole_is_asked_in_parts() {
    // It knows the official queries only, and refuses all others.
    let source = source(|ask, _| match ask {
        _ if ask.contains("observation-category%7Claboratory") => {
            Some(ok(page(&[observation("lab", "laboratory")], None)))
        }
        _ if ask.contains("code=http://loinc.org") => None,
        _ if ask.starts_with("Observation?") => Some(status(403)),
        _ => None,
    });
    let (told, source) = Bench::new().ask_one(source, &Category::ALL).await;
    assert_eq!(told.row(OOST, LABORATORY), (Status::Answered, 1, None));
    assert_eq!(told.status(VITAL_SIGNS), (Status::Empty, None));
    let refused = (Status::Refused, Some(Detail::AccessRefused));
    assert_eq!(told.status(Category::ObservationSurvey), refused);
    assert_eq!(
        told.status(Category::Other),
        refused,
        "what no official query asks for"
    );
    assert_eq!(
        source.asked_for("Observation?"),
        6,
        "the whole and five official parts"
    );
}

#[tokio::test(start_paused = true)]
async fn c03_a_closed_ledger_stops_everything() {
    let bench = Bench::new();
    let source = Arc::new(source(|ask, _| {
        ask.starts_with("Condition?")
            .then(|| ok(page(&[of("Condition", "c1", "")], None)))
    }));
    let jobs = vec![
        bench
            .job(OOST, &[Arc::clone(&source)], &[Category::Condition])
            .await,
        bench
            .job(
                super::bench::LINDE,
                &[Arc::clone(&source)],
                &[Category::Condition],
            )
            .await,
    ];
    bench.ledger.close();
    let told: Told = bench.ask(jobs).await;
    assert!(told.received.is_empty());
    assert_eq!(told.notices, [crate::fanout::Notice::AuditUnavailable]);
    assert_eq!(source.asked_for("Condition"), 0);
    assert!(
        told.rows.values().all(|(status, ..)| !status.is_complete()),
        "{:?}",
        told.rows
    );
    assert!(
        told.rows
            .values()
            .any(|(.., detail)| *detail == Some(Detail::AuditUnavailable))
    );
}
