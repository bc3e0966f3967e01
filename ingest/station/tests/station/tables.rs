//! Files with rows: each patient in a delivery is a message of its own, lifted by the map pack of the source.

use std::fmt::Write as _;
use std::sync::Arc;

use bytes::Bytes;
use samenhang_station::lift::ByFormat;
use samenhang_station::{Format, Incoming, Progress, Receipt, Scope, Station, delivery};

use crate::backend::everything;
use crate::scene::{Scene, bsn, number, umc};

pub(crate) const PATIENTS: &str =
    "patient_id;bsn;voorletters;voorvoegsel;achternaam;geboortedatum;geslacht;afdeling\n";
pub(crate) const RESULTS: &str =
    "meting_id;patient_id;bepaling_code;bepaling;datum_tijd;waarde;eenheid;status;opmerking\n";

/// Patient n.
pub(crate) fn person(n: u32) -> String {
    format!("{n};{};A.;;Proef;03-02-1971;V;interne\n", bsn(n))
}

/// A result of patient n.
pub(crate) fn result(id: &str, n: u32, value: &str) -> String {
    format!("{id};{n};2823-3;Kalium;202601051015;{value};mmol/L;definitief;\n")
}

fn example() -> Vec<(String, String)> {
    samenhang_conform::shipped_files("csv-example")
}

pub(crate) fn by(files: &[(String, String)]) -> ByFormat {
    ByFormat::default().with_pack(umc(), Format::Csv, files).unwrap()
}

/// A station whose source sends CSV, with the pack of the documentation.
pub(crate) fn by_example() -> ByFormat {
    by(&example())
}

/// The pack of the documentation with another text in place of one.
pub(crate) fn changed(from: &str, to: &str) -> Vec<(String, String)> {
    let mut files = example();
    for (_, text) in &mut files {
        *text = text.replace(from, to);
    }
    assert_ne!(files, example());
    files
}

pub(crate) fn export(patients: &str, results: &str) -> Bytes {
    let (patients, results) = (format!("{PATIENTS}{patients}"), format!("{RESULTS}{results}"));
    delivery([
        ("patients.csv", patients.as_bytes()),
        ("observations.csv", results.as_bytes()),
    ])
}

async fn give(station: &Station, name: &str, body: Bytes) -> (Receipt, Progress) {
    let incoming = Incoming {
        external: name.to_owned(),
        format: Format::Csv,
        body,
        clock: None,
    };
    let receipt = station.accept(&umc(), incoming).await.unwrap();
    (receipt, station.work(&umc()).await.unwrap())
}

/// What holds messages: rule, place, code, messages, row.
async fn held(station: &Station, scope: &Scope) -> Vec<String> {
    let problems = station.problems(scope).await.unwrap().into_iter();
    let mut told: Vec<String> = problems
        .filter(|problem| problem.state == "new")
        .map(|problem| {
            format!(
                "{} {} [{}] {} x{} row {:?}",
                problem.stage, problem.rule, problem.path, problem.code, problem.messages, problem.row
            )
        })
        .collect();
    told.sort();
    told
}

/// The observations of a patient, as text.
async fn observations(station: &Station, scope: &Scope, n: u32) -> String {
    let page = station
        .of_patient(scope, &number(n), Some("Observation"), None, 10)
        .await
        .unwrap();
    let page = page.into_inner(scope).unwrap();
    let bodies = page
        .resources
        .iter()
        .map(|one| String::from_utf8_lossy(&one.body));
    bodies.collect()
}

#[tokio::test]
async fn each_patient_of_a_delivery_is_a_message_of_its_own() {
    let scene = Scene::new();
    let station = scene.open_with(Arc::new(by_example())).await;
    let scope = station.scope(&umc()).unwrap();
    let patients = [person(1), person(2)].concat();
    let results = [
        result("m1", 1, "4,10"),
        result("m2", 2, "5,9"),
        result("m3", 9, "3,9"),
    ]
    .concat();
    let body = export(&patients, &results);
    let (receipt, done) = give(&station, "export-1", body.clone()).await;
    assert!(!receipt.known && !receipt.resent_changed);
    assert_eq!((done.messages, done.held, done.versions), (3, 1, 4));
    assert_eq!(
        held(&station, &scope).await,
        ["map nothing-made [observations]  x1 row Some(4)"],
        "a result of nobody is told with its row"
    );
    let found = observations(&station, &scope, 1).await;
    assert!(found.contains("4.10") && !found.contains("5.9"), "{found}");
    let stored = station.of_kind(&scope, "Patient", None, 10).await.unwrap();
    let stored = stored.into_inner(&scope).unwrap().resources;
    assert_eq!(stored.len(), 2);
    assert!(
        stored[0].map.starts_with("csv-example|0.1.0|"),
        "{}",
        stored[0].map
    );
    // The account of what became of each value is in the quality report, by column.
    let status = station.status(&scope).await.unwrap();
    assert_eq!(status.tallies["leaves-unmapped"], 2, "{:?}", status.tallies);
    let report = station.quality(&scope).await.unwrap();
    let report = serde_json::to_string(&report).unwrap();
    assert!(report.contains("Tables.patients.afdeling"), "{report}");
    for n in 1..3 {
        assert!(!report.contains(&bsn(n)));
    }
    // The same delivery again is known.
    let (again, done) = give(&station, "export-1", body).await;
    assert_eq!((again.sequence, again.known), (receipt.sequence, true));
    assert_eq!(done.messages, 0);
}

#[tokio::test]
async fn what_is_wrong_with_one_patient_holds_up_no_other_and_is_settled_by_the_next_delivery() {
    let scene = Scene::new();
    let station = scene.open_with(Arc::new(by_example())).await;
    let scope = station.scope(&umc()).unwrap();
    let wrong = person(2).replace(&bsn(2), "999999999");
    let (_, done) = give(&station, "export", export(&[person(1), wrong].concat(), "")).await;
    assert_eq!((done.messages, done.held, done.versions), (2, 1, 1));
    assert_eq!(
        held(&station, &scope).await,
        ["identity fails-11-proef [Patient]  x1 row Some(3)"]
    );
    let (receipt, done) = give(&station, "export", export(&[person(1), person(2)].concat(), "")).await;
    assert!(receipt.resent_changed && !receipt.known);
    assert_eq!((done.held, done.versions, done.unchanged), (0, 1, 1));
    assert!(held(&station, &scope).await.is_empty());
    assert_eq!(station.status(&scope).await.unwrap().resources["Patient"], 2);
}

#[tokio::test]
async fn a_value_that_goes_and_comes_back_is_the_current_one_again() {
    let scene = Scene::new();
    let station = scene.open_with(Arc::new(by_example())).await;
    let scope = station.scope(&umc()).unwrap();
    for (day, value) in ["4,1", "4,2", "4,1"].into_iter().enumerate() {
        scene
            .clock
            .0
            .fetch_add(86_400, std::sync::atomic::Ordering::SeqCst);
        // Something else differs each day, so that the delivery as a whole is another.
        let others = person(5 + u32::try_from(day).unwrap());
        let body = export(&[person(1), others].concat(), &result("m1", 1, value));
        give(&station, "export", body).await;
        let found = observations(&station, &scope, 1).await;
        assert!(found.contains(&value.replace(',', ".")), "day {day}: {found}");
    }
}

#[tokio::test]
async fn a_delivery_that_cannot_be_cut_is_held_whole_and_replayed_when_its_pack_is_mended() {
    let scene = Scene::new();
    let broken = changed("  charset: utf-8\n", "  charset: utf-8\n  delimiter: \",\"\n");
    let station = scene.open_with(Arc::new(by(&broken))).await;
    let scope = station.scope(&umc()).unwrap();
    let body = export(&[person(1), person(2)].concat(), &result("m1", 1, "4,1"));
    let (_, done) = give(&station, "export", body).await;
    assert_eq!((done.messages, done.held), (1, 1));
    let told = held(&station, &scope).await;
    let expected =
        "parse not-readable [observations] SAM-CNF-203 not as many fields as the header has x1 row Some(2)";
    assert_eq!(told, [expected]);
    let fingerprint = station.problems(&scope).await.unwrap()[0].fingerprint.clone();
    let again = station.replay(&scope, &fingerprint, false).await.unwrap();
    assert_eq!((again.messages, again.held), (1, 1), "nothing was mended yet");
    station.close().await;

    let station = scene.open_with(Arc::new(by_example())).await;
    let scope = station.scope(&umc()).unwrap();
    let tried = station.replay(&scope, &fingerprint, true).await.unwrap();
    assert_eq!((tried.messages, tried.held, tried.versions), (2, 0, 3));
    let done = station.replay(&scope, &fingerprint, false).await.unwrap();
    assert_eq!((done.messages, done.held, done.versions), (2, 0, 3));
    assert!(station.problems(&scope).await.unwrap().is_empty());
    let status = station.status(&scope).await.unwrap();
    assert_eq!(status.messages["done"], 2, "{:?}", status.messages);
    assert_eq!(status.messages["expired"], 1, "its own bytes are gone");
    // So an erasure has nothing to look for in it.
    station.erase(&scope, &number(1), "me", "test").await.unwrap();
    let check = station.fsck(&scope).await.unwrap();
    assert!(check.damaged.is_empty(), "{:?}", check.damaged);
    assert_eq!((check.messages, check.versions), (1, 1));
}

#[tokio::test]
async fn a_delivery_that_is_mended_by_the_source_settles_the_one_that_was_held() {
    let scene = Scene::new();
    let station = scene.open_with(Arc::new(by_example())).await;
    let scope = station.scope(&umc()).unwrap();
    let torn = export(&person(1), "m1;1;2823-3\n");
    let (_, done) = give(&station, "export", torn).await;
    assert_eq!(done.held, 1);
    assert!(held(&station, &scope).await[0].ends_with("row Some(2)"));
    let (_, done) = give(&station, "export", export(&person(1), &result("m1", 1, "4"))).await;
    assert_eq!((done.held, done.versions), (0, 2));
    assert!(held(&station, &scope).await.is_empty());
    assert_eq!(station.status(&scope).await.unwrap().messages["closed"], 1);
}

#[tokio::test]
async fn a_delivery_keeps_within_its_limits() {
    let mut scene = Scene::new();
    scene.config.sources[0].max_rows = 3;
    scene.config.sources[0].max_message_bytes = 100_000;
    let station = scene.open_with(Arc::new(by_example())).await;
    let scope = station.scope(&umc()).unwrap();
    let mut wide = "a".to_owned();
    (0..2_000).for_each(|n| write!(wide, ";c{n}").unwrap());
    let cases = [
        (
            "rows",
            export(&(1..5).map(person).collect::<String>(), ""),
            "parse too-many-rows []",
        ),
        (
            "columns",
            delivery([("patients.csv", wide.as_bytes())]),
            "parse not-readable [patients] SAM-CNF-203 more than 2,000",
        ),
        (
            "quote",
            delivery([("x.csv", &b"a\n\"1"[..])]),
            "parse not-readable [x] SAM-CNF-203 a quote that does not end",
        ),
        (
            "bytes",
            delivery([("x.csv", &b"a\n\xff"[..])]),
            "parse not-readable [x] SAM-CNF-202",
        ),
        (
            "name",
            delivery([("123456789.csv", &b"a\n\xff"[..])]),
            "parse not-readable [_] SAM-CNF-202",
        ),
        (
            "form",
            Bytes::from_static(b"samenhang-delivery 1\nx"),
            "parse not-a-delivery []",
        ),
    ];
    for (name, body, expected) in cases {
        let (_, done) = give(&station, name, body).await;
        assert_eq!((done.messages, done.held), (1, 1), "{name}");
        let problems = station.problems(&scope).await.unwrap();
        let told = held(&station, &scope).await;
        assert!(
            told.len() == 1 && told[0].starts_with(expected),
            "{name}: {told:?}"
        );
        station
            .discard(
                &scope,
                &problems
                    .iter()
                    .find(|one| one.state == "new")
                    .unwrap()
                    .fingerprint,
                "me",
                "test",
            )
            .await
            .unwrap();
    }
    let (_, done) = give(
        &station,
        "fits",
        export(&(1..4).map(person).collect::<String>(), ""),
    )
    .await;
    assert_eq!(done.versions, 3);
    let large = Incoming {
        external: "large".to_owned(),
        format: Format::Csv,
        body: vec![b'a'; 100_001].into(),
        clock: None,
    };
    let refused = station.accept(&umc(), large).await.unwrap_err();
    assert_eq!(refused.code(), "SAM-STA-004");
}

#[tokio::test]
async fn of_a_patient_who_is_erased_nothing_is_left_of_any_delivery() {
    let scene = Scene::new();
    let station = scene.open_with(Arc::new(by_example())).await;
    let scope = station.scope(&umc()).unwrap();
    let results = [result("m1", 1, "4,1"), result("m2", 2, "5")].concat();
    give(
        &station,
        "export",
        export(&[person(1), person(2)].concat(), &results),
    )
    .await;
    give(&station, "torn", export(&[person(1), person(2)].concat(), "x")).await;
    let receipt = station.erase(&scope, &number(1), "me", "test").await.unwrap();
    // A message and two resources, and the delivery that could not be cut, with whoever else is in it.
    assert_eq!(receipt.records, 4);
    let check = station.fsck(&scope).await.unwrap();
    assert_eq!((check.messages, check.versions, check.unreferenced), (1, 2, 0));
    for (name, bytes) in everything(&scene.config).await {
        let number = bsn(2);
        let found = bytes.windows(9).any(|part| part == number.as_bytes());
        assert!(!found, "{name} holds a number in the clear");
    }
}

#[tokio::test]
async fn one_file_is_a_delivery_too() {
    let scene = Scene::new();
    let station = scene.open_with(Arc::new(by_example())).await;
    let body = format!("{PATIENTS}{}", person(1));
    let (_, done) = give(&station, "patients.csv", body.into()).await;
    assert_eq!((done.held, done.versions), (0, 1));
}

#[tokio::test]
async fn a_source_may_have_a_pack_of_its_own_for_any_format() {
    let scene = Scene::new();
    let mut files = samenhang_conform::shipped_files("stu3-zib2017-to-r4-zib2020");
    for (_, text) in &mut files {
        *text = text.replace("pack: stu3-zib2017-to-r4-zib2020", "pack: ours");
    }
    let lift = ByFormat::default()
        .with_pack(umc(), Format::FhirStu3, &files)
        .unwrap();
    let station = scene.open_with(Arc::new(lift)).await;
    let scope = station.scope(&umc()).unwrap();
    let message = crate::mapped::stu3("");
    crate::scene::accept(&station, "m1", Format::FhirStu3, &message, None).await;
    station.work(&umc()).await.unwrap();
    let stored = station.read(&scope, "Condition", "c1").await.unwrap().unwrap();
    assert!(stored.into_inner(&scope).unwrap().map.starts_with("ours|"));
    let cases = [
        (Format::Csv, "it does not read what the source sends"),
        (Format::FhirR4, "it does not read what the source sends"),
    ];
    for (format, expected) in cases {
        let refused = ByFormat::default()
            .with_pack(umc(), format, &files)
            .err()
            .unwrap();
        assert!(refused.to_string().starts_with(expected), "{refused}");
    }
    let back = samenhang_conform::shipped_files("r4-zib2020-to-stu3-zib2017");
    let refused = ByFormat::default().with_pack(umc(), Format::FhirR4, &back).err();
    assert_eq!(refused.unwrap().to_string(), "it does not write R4");
}
