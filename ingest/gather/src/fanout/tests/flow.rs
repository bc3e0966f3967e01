//! What happens when all goes well, and in which order it is told.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use samenhang_profiles::{Conformance, FhirVersion};
use samenhang_terminology::{Category, Status};

use super::bench::{Act, Bench, LINDE, OOST, of, ok, page, source, status};
use crate::fanout::Detail;
use crate::ledger::{Outcome, Step};

const CONDITION: Category = Category::Condition;
const ALERT: Category = Category::Alert;

#[tokio::test(start_paused = true)]
async fn p3_every_holder_and_category_has_one_row_and_empty_ones_come_last() {
    let bench = Bench::new();
    let fast = Arc::new(source(|_, _| None));
    let slow = Arc::new(source(|ask, _| {
        ask.starts_with("Condition?").then(|| {
            Act::Wait(
                Duration::from_secs(2),
                200,
                page(&[of("Condition", "c1", "")], None),
            )
        })
    }));
    let mut denied = bench.job("00700702", &[], &[]).await;
    denied.settled = BTreeMap::from([(CONDITION, None), (ALERT, None)]);
    let jobs = vec![
        denied,
        bench.job(LINDE, &[fast], &[CONDITION, ALERT]).await,
        bench.job(OOST, &[slow], &[CONDITION, ALERT]).await,
    ];
    let told = bench.ask(jobs).await;
    assert_eq!(
        told.lines,
        [
            "start 00700700",
            "start 00700701",
            "start 00700702",
            "batch 00700700 Condition",
            "row 00700700 Condition answered",
            "row 00700700 Alert empty",
            "done 00700700 2000",
            "row 00700701 Alert empty",
            "row 00700701 Condition empty",
            "done 00700701 2000",
            "row 00700702 Alert empty",
            "row 00700702 Condition empty",
            "done 00700702 2000",
        ],
        "a denial looks like no data, in place and in time"
    );
    assert_eq!(told.row(OOST, CONDITION), (Status::Answered, 1, None));
}

#[tokio::test(start_paused = true)]
async fn every_call_is_in_the_ledger() {
    let bench = Bench::new();
    let source = source(|ask, _| {
        ask.starts_with("Condition?").then(|| {
            ok(page(
                &[of(
                    "Condition",
                    "c1",
                    r#","asserter":{"reference":"Practitioner/x"}"#,
                )],
                None,
            ))
        })
    })
    .with_tokens();
    bench.ask_one(source, &[CONDITION]).await;
    let facts = bench.ledger.facts();
    let steps: Vec<_> = facts
        .iter()
        .map(|fact| (fact.step, fact.outcome, fact.count))
        .collect();
    assert_eq!(
        steps,
        [
            // The scripted source publishes no statement.
            (Step::Capabilities, Outcome::Failed("SAM-GAT-204"), None),
            (Step::HolderToken, Outcome::Success, None),
            (Step::FindPatient, Outcome::Success, Some(1)),
            (Step::Search, Outcome::Success, Some(1)),
            // The scripted source answers a read with a Bundle.
            (Step::Read, Outcome::Failed("SAM-GAT-224"), None),
        ]
    );
    assert!(
        facts
            .iter()
            .all(|fact| fact.holder.as_ref().is_some_and(|holder| holder.as_str() == OOST))
    );
    assert_eq!(facts[1].peer, "as.oost.example:443");
    assert_eq!(facts[3].category, Some(CONDITION));
}

#[tokio::test(start_paused = true)]
async fn an_unknown_patient_is_empty_and_nothing_more_is_asked() {
    let (told, source) = Bench::new()
        .ask_one(
            source(|ask, _| (ask == "find").then(|| ok(page(&[], None)))),
            &[CONDITION],
        )
        .await;
    assert_eq!(told.status(CONDITION), (Status::Empty, None));
    assert_eq!(source.asked(), ["metadata", "find"]);
}

#[tokio::test(start_paused = true)]
async fn several_patients_are_not_merged() {
    let two = || {
        let patient = |id: &str| format!(r#"{{"resourceType":"Patient","id":"{id}"}}"#);
        page(&[patient("p1"), patient("p2")], None)
    };
    let (told, source) = Bench::new()
        .ask_one(
            source(move |ask, _| (ask == "find").then(|| ok(two()))),
            &[CONDITION],
        )
        .await;
    assert_eq!(
        told.status(CONDITION),
        (Status::Failed, Some(Detail::SeveralPatients))
    );
    assert_eq!(source.asked_for("Condition"), 0);
}

#[tokio::test(start_paused = true)]
async fn the_patient_itself_is_part_of_the_answer() {
    let (told, _) = Bench::new()
        .ask_one(source(|_, _| None), &[Category::Patient])
        .await;
    assert_eq!(told.row(OOST, Category::Patient), (Status::Answered, 1, None));
    assert_eq!(told.ids(), ["Patient/p1"]);
    assert_eq!(&*told.received[0].full_url, "https://oost.example/r4/Patient/p1");
}

#[tokio::test(start_paused = true)]
async fn what_is_referred_to_is_read_two_steps_deep_at_the_same_endpoint() {
    let single =
        |kind: &str, id: &str, more: &str| ok(format!(r#"{{"resourceType":"{kind}","id":"{id}"{more}}}"#));
    let source = source(move |ask, _| match ask {
        "PractitionerRole/r" => Some(single(
            "PractitionerRole",
            "r",
            r#","practitioner":{"reference":"Practitioner/a"}"#,
        )),
        "Practitioner/a" => Some(single(
            "Practitioner",
            "a",
            r#","x":{"reference":"Organization/deep"}"#,
        )),
        "Practitioner/gone" => Some(status(404)),
        _ if ask.starts_with("Condition?") => Some(ok(page(
            &[
                of(
                    "Condition",
                    "c1",
                    r#","asserter":{"reference":"PractitionerRole/r"}"#,
                ),
                of(
                    "Condition",
                    "c2",
                    r#","asserter":{"reference":"Practitioner/gone"}"#,
                ),
                of(
                    "Condition",
                    "c3",
                    r#","asserter":{"reference":"https://evil.example/Practitioner/x"}"#,
                ),
                of("Condition", "c4", r#","encounter":{"reference":"Encounter/e"}"#),
            ],
            None,
        ))),
        _ => None,
    });
    let (told, source) = Bench::new().ask_one(source, &[CONDITION]).await;
    assert_eq!(
        told.ids(),
        [
            "Condition/c1",
            "Condition/c2",
            "Condition/c3",
            "Condition/c4",
            "PractitionerRole/r",
            "Practitioner/a"
        ]
    );
    assert_eq!(
        told.row(OOST, CONDITION),
        (Status::Answered, 4, None),
        "what the holder lacks, it lacks"
    );
    assert_eq!(
        source.asked()[3..],
        ["Practitioner/gone", "PractitionerRole/r", "Practitioner/a"],
        "neither a foreign host, nor an encounter, nor a third step"
    );
}

#[tokio::test(start_paused = true)]
async fn r4_is_asked_and_stu3_only_for_what_it_does_not_offer() {
    let bench = Bench::new();
    let statement = |kinds: &[&str], version: &str| {
        let resources: Vec<String> = kinds
            .iter()
            .map(|kind| format!(r#"{{"type":"{kind}","interaction":[{{"code":"search-type"}}]}}"#))
            .collect();
        ok(format!(
            r#"{{"resourceType":"CapabilityStatement","fhirVersion":"{version}","rest":[{{"resource":[{}]}}]}}"#,
            resources.join(",")
        ))
    };
    let r4 = Arc::new(source(move |ask, _| {
        (ask == "metadata").then(|| statement(&["Patient", "Condition"], "4.0.1"))
    }));
    let stu3 = Arc::new(
        source(move |ask, _| match ask {
            "metadata" => Some(statement(&["Patient", "Condition", "Flag"], "3.0.1")),
            _ if ask.starts_with("Flag?") => {
                Some(ok(page(&[of("Flag", "f1", r#","category":{"text":"x"}"#)], None)))
            }
            _ => None,
        })
        .at("https://oost.example/stu3", FhirVersion::Stu3),
    );
    let job = bench
        .job(
            OOST,
            &[Arc::clone(&stu3), Arc::clone(&r4)],
            &[CONDITION, ALERT, Category::Imaging],
        )
        .await;
    let told = bench.ask(vec![job]).await;
    assert_eq!((r4.asked_for("Condition"), r4.asked_for("Flag")), (1, 0));
    assert_eq!((stu3.asked_for("Condition"), stu3.asked_for("Flag")), (0, 1));
    assert_eq!(told.row(OOST, ALERT), (Status::Answered, 1, None));
    assert_eq!(
        told.status(Category::Imaging),
        (Status::Unsupported, Some(Detail::NotOffered))
    );
    let lineage = &told.received[0].lineage;
    assert_eq!(
        (lineage.fhir, lineage.conformance),
        (FhirVersion::Stu3, Conformance::Lifted)
    );
    assert_eq!(&*lineage.endpoint, "https://oost.example/stu3");
}

#[tokio::test(start_paused = true)]
async fn a_type_that_is_not_there_is_no_failure_when_nobody_said_that_it_is() {
    let lacks = |kind: &'static str| {
        source(move |ask, _| match ask.split('?').next() {
            Some(asked) if asked == kind => Some(status(400)),
            Some("Immunization") => Some(ok(page(&[of("Immunization", "i1", "")], None))),
            _ => None,
        })
    };
    let use_of = Category::MedicationUse;
    let (told, _) = Bench::new()
        .ask_one(lacks("MedicationAdministration"), &[use_of])
        .await;
    assert_eq!(told.row(OOST, use_of), (Status::Answered, 1, None));
    let (told, _) = Bench::new().ask_one(lacks("Flag"), &[ALERT]).await;
    assert_eq!(
        told.status(ALERT),
        (Status::Unsupported, Some(Detail::NotOffered))
    );
}

#[tokio::test(start_paused = true)]
async fn a_statement_is_fetched_once_for_many_questions() {
    let bench = Bench::new();
    let source = Arc::new(source(|_, _| None));
    for _ in 0..3 {
        let job = bench.job(OOST, &[Arc::clone(&source)], &[CONDITION]).await;
        bench.ask(vec![job]).await;
    }
    assert_eq!((source.asked_for("metadata"), source.asked_for("find")), (1, 3));
}

#[tokio::test(start_paused = true)]
async fn a_source_that_only_matches_is_matched() {
    let source = source(|ask, _| match ask {
        "metadata" => Some(ok(
            r#"{"resourceType":"CapabilityStatement","fhirVersion":"4.0.1","rest":[{"resource":[
                {"type":"Patient","interaction":[{"code":"read"}],"operation":[{"name":"match"}]},
                {"type":"Condition"}]}]}"#,
        )),
        "match" => Some(ok(super::bench::patient())),
        _ => None,
    });
    let (told, source) = Bench::new().ask_one(source, &[CONDITION]).await;
    assert_eq!(told.status(CONDITION), (Status::Empty, None));
    assert_eq!((source.asked_for("match"), source.asked_for("find")), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_holder_is_not_asked_more_at_once_than_agreed() {
    let bench = Bench::new();
    let source = Arc::new(source(|ask, _| {
        ask.contains('?')
            .then(|| Act::Wait(Duration::from_millis(100), 200, page(&[], None)))
    }));
    let job = || bench.job(OOST, std::slice::from_ref(&source), &Category::ALL);
    let (one, two) = (job().await, job().await);
    let (one, two) = tokio::join!(bench.ask(vec![one]), bench.ask(vec![two]));
    assert_eq!(one.rows, two.rows);
    assert_eq!(
        source.most.load(Ordering::SeqCst),
        6,
        "over all questions together"
    );
}

#[tokio::test(start_paused = true)]
async fn clinical_priority_goes_first() {
    let bench = Bench::with(crate::fanout::FanoutConfig {
        holder_concurrency: 1,
        ..Default::default()
    });
    let (_, source) = bench.ask_one(source(|_, _| None), &Category::ALL).await;
    let searches: Vec<String> = source.asked()[2..]
        .iter()
        .map(|ask| ask.split('?').next().unwrap().to_owned())
        .collect();
    assert_eq!(
        searches[..8],
        [
            "RelatedPerson",
            "CareTeam",
            "Coverage",
            "Flag",
            "AllergyIntolerance",
            "Consent",
            "Condition",
            "MedicationRequest"
        ]
    );
}
