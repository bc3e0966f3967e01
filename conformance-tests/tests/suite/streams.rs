//! Answers that come in parts: NDJSON and Server-Sent Events.

use std::collections::{BTreeMap, BTreeSet};

use samenhang_testbed::ServiceId;
use serde_json::Value;

use crate::answer::{Answer, lineage, part, rows};
use crate::country::{CLINIC, Country, Events, HOSPITAL, P1, P2, parameters};

/// Address and compact text of each resource of a holder in a Bundle.
fn resources(bundle: &Value) -> Vec<(String, String)> {
    let entries = bundle["entry"].as_array().into_iter().flatten();
    entries
        .filter(|entry| lineage(entry).is_some())
        .map(|entry| {
            let address = entry["fullUrl"].as_str().expect("an address").to_owned();
            (address, entry["resource"].to_string())
        })
        .collect()
}

fn whole(answer: &Answer) -> BTreeSet<(String, String)> {
    resources(&answer.json).into_iter().collect()
}

#[tokio::test]
async fn ndjson_is_resources_a_line_and_the_statement_last() {
    let country = Country::start().await;
    let json = country.ask(P1).await;
    let stream = country
        .ask_with(parameters(P1, &[]), "application/fhir+ndjson", &[])
        .await;
    assert_eq!(stream.status, 200, "{}", stream.text);
    assert!(stream.headers["content-type"].starts_with("application/fhir+ndjson"));
    assert!(stream.text.ends_with('\n'), "the last line is whole");
    let lines: Vec<Value> = stream
        .text
        .lines()
        .map(|line| serde_json::from_str(line).expect("each line is JSON"))
        .collect();
    for line in &lines {
        assert!(line["resourceType"].is_string(), "each line is a resource");
    }
    // The statement is there once, and nothing comes after it.
    let (last, before) = lines.split_last().expect("lines");
    assert_eq!(last["resourceType"], "OperationOutcome");
    assert!(before.iter().all(|line| line["resourceType"] == "Bundle"));
    let cells = |rows: Vec<crate::answer::Row>| -> BTreeSet<_> {
        rows.into_iter()
            .map(|row| (row.holder, row.category, row.status, row.detail))
            .collect()
    };
    assert_eq!(cells(rows(last)), cells(json.rows()), "the same is missing");
    // The same resources, each once, each with its lineage.
    let parts: Vec<_> = before.iter().flat_map(resources).collect();
    let set: BTreeSet<_> = parts.iter().cloned().collect();
    assert_eq!(parts.len(), set.len(), "no resource twice");
    assert_eq!(set, whole(&json));
    for entry in before
        .iter()
        .filter_map(|line| line["entry"].as_array())
        .flatten()
    {
        let ours = ["Composition", "DetectedIssue", "Linkage", "Provenance"]
            .map(|kind| entry["resource"]["resourceType"] == kind);
        assert!(
            ours.contains(&true) || lineage(entry).is_some(),
            "lineage on {}",
            entry["fullUrl"]
        );
    }
    // A line is of one holder and one category.
    for line in &before[..before.len() - 1] {
        let of: BTreeSet<_> = line["entry"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(lineage)
            .map(|lineage| {
                ["holder", "category"]
                    .map(|name| part(lineage, name).map(ToString::to_string).unwrap_or_default())
            })
            .collect();
        assert_eq!(of.len(), 1, "{of:?}");
    }
    country.stop().await;
}

#[tokio::test]
async fn events_tell_each_holder_and_cell_once_and_what_is_empty_last() {
    let country = Country::start().await;
    let json = country.ask(P2).await;
    let mut stream = Events::open(&country, parameters(P2, &[])).await;
    let events = stream.rest().await;
    let names: Vec<&str> = events.iter().map(|(name, _)| name.as_str()).collect();
    let known = ["holder", "entries", "category", "notice", "completeness", "done"];
    for name in &names {
        assert!(known.contains(name), "an event '{name}' that is not documented");
    }
    assert_eq!(names[names.len() - 2..], ["completeness", "done"]);

    // Each cell once, with what the JSON answer says about it.
    let mut cells: BTreeMap<(String, String), String> = BTreeMap::new();
    let text = |data: &Value, key: &str| data[key].as_str().unwrap_or_default().to_owned();
    for (_, data) in events.iter().filter(|(name, _)| name == "category") {
        let again = cells.insert((text(data, "ura"), text(data, "category")), text(data, "status"));
        assert!(again.is_none(), "{data} twice");
    }
    let told: BTreeMap<_, _> = json
        .rows()
        .into_iter()
        .map(|row| ((row.holder, row.category), row.status))
        .collect();
    assert_eq!(cells, told);

    // When a cell is told must not tell why it is empty.
    let of_cells: Vec<bool> = events
        .iter()
        .filter(|(name, data)| name == "entries" && !resources(data).is_empty() || name == "category")
        .map(|(name, data)| name == "category" && data["status"] == "empty")
        .collect();
    let first_empty = of_cells
        .iter()
        .position(|empty| *empty)
        .expect("something is empty");
    assert!(
        of_cells[first_empty..].iter().all(|empty| *empty),
        "an empty cell was told before the end"
    );

    // A holder is asked, then done.
    let mut states: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (_, data) in events.iter().filter(|(name, _)| name == "holder") {
        states
            .entry(text(data, "ura"))
            .or_default()
            .push(text(data, "state"));
    }
    assert!(!states.is_empty());
    for (holder, states) in states {
        assert_eq!(states, ["asked", "done"], "{holder}");
    }
    let set: BTreeSet<_> = events
        .iter()
        .filter(|(name, _)| name == "entries")
        .flat_map(|(_, data)| resources(data))
        .collect();
    assert_eq!(set, whole(&json));
    let (_, done) = events.last().expect("done");
    assert_eq!(done["complete"], done["holders"]);
    country.stop().await;
}

#[tokio::test]
async fn what_belongs_together_is_told_when_all_is_in() {
    let country = Country::start().await;
    let mut stream = Events::open(&country, parameters(P1, &[])).await;
    let events = stream.rest().await;
    let bundles: Vec<&Value> = events
        .iter()
        .filter(|(name, _)| name == "entries")
        .map(|(_, data)| data)
        .collect();
    let kinds = |bundle: &Value| -> BTreeSet<String> {
        let entries = bundle["entry"].as_array().into_iter().flatten();
        entries
            .filter_map(|entry| entry["resource"]["resourceType"].as_str())
            .map(str::to_owned)
            .collect()
    };
    let (last, before) = bundles.split_last().expect("entries");
    assert_eq!(
        kinds(last),
        ["Composition", "DetectedIssue", "Linkage", "Provenance"]
            .map(str::to_owned)
            .into()
    );
    assert!(before.iter().all(|bundle| !kinds(bundle).contains("Linkage")));
    // What a Linkage names was shown before.
    let shown: BTreeSet<String> = before
        .iter()
        .flat_map(|bundle| resources(bundle))
        .map(|(url, _)| url)
        .collect();
    let linked: Vec<&str> = last["entry"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|entry| entry["resource"]["item"].as_array())
        .flatten()
        .filter_map(|item| item["resource"]["reference"].as_str())
        .collect();
    assert!(linked.len() >= 2, "P1 has copies");
    for reference in linked {
        assert!(shown.contains(reference), "{reference} was not shown");
    }
    country.stop().await;
}

/// By order, not by time: the hanging holder is let go only after the others were seen.
#[tokio::test]
async fn holders_that_answer_are_shown_while_another_hangs() {
    let country = Country::start().await;
    country.source_fault(CLINIC, "hang");
    let mut stream = Events::open(&country, parameters(P1, &[])).await;
    let mut shown = BTreeSet::new();
    let mut asked = BTreeSet::new();
    // The question is not over: the clinic has no row and is not done.
    while shown.len() < 4 {
        let (name, data) = stream.next().await.expect("the stream goes on");
        match name.as_str() {
            "holder" if data["state"] == "asked" => {
                asked.insert(data["ura"].as_str().unwrap_or_default().to_owned());
            }
            "holder" => assert_ne!(data["ura"], CLINIC, "the clinic is done and never answered"),
            "entries" => shown.extend(
                data["entry"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter_map(crate::answer::holder),
            ),
            "category" => assert_ne!(
                (data["ura"].as_str(), data["status"].as_str()),
                (Some(CLINIC), Some("answered"))
            ),
            "completeness" | "done" => panic!("the answer ended while a holder was still being asked"),
            _ => {}
        }
    }
    assert!(asked.contains(CLINIC) && !shown.contains(CLINIC));
    let hanging = country.demo.testbed().journal().find(|entry| {
        entry.service == ServiceId::Source(CLINIC.parse().expect("a URA")) && entry.status == 0
    });
    assert!(
        !hanging.is_empty(),
        "the clinic still has a request that it did not answer"
    );
    drop(stream);
    country.stop().await;
}

#[tokio::test]
async fn a_reader_that_goes_away_ends_the_question() {
    let country = Country::start().await;
    // Slow enough that the hospital has pages left when the reader goes.
    country.source_fault(HOSPITAL, "latency:400");
    let mut stream = Events::open(&country, parameters(P1, &[])).await;
    while let Some((name, _)) = stream.next().await {
        if name == "entries" {
            break;
        }
    }
    drop(stream);
    let journal = country.demo.testbed().journal();
    // Calls that were under way may still be written down; then the journal stands still. A question that went on
    // would ask the hospital for more than this for many seconds.
    let (mut still, mut last) = (0, journal.last());
    for _ in 0..100 {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        let now = sources(&country);
        still = if now == last { still + 1 } else { 0 };
        last = now;
        if still >= 15 {
            break;
        }
    }
    assert!(still >= 15, "holders are still being asked");
    let before = sources(&country);
    country.demo.testbed().faults().clear_all();
    // The same question to its end needs more calls than the one that was broken off.
    country.ask(P1).await;
    let whole = sources(&country) - before;
    assert!(
        before < whole,
        "{before} calls for a broken off question, {whole} for a whole one"
    );
    country.stop().await;
}

/// How many requests holders got.
fn sources(country: &Country) -> u64 {
    let journal = country.demo.testbed().journal();
    let count = journal
        .count(|entry| matches!(entry.service, ServiceId::Source(_)) && !entry.path.ends_with("/metadata"));
    u64::try_from(count).expect("a count")
}

#[tokio::test]
async fn an_ignored_parameter_is_told_at_the_end_of_a_stream() {
    let country = Country::start().await;
    let mut question = parameters(P2, &["AllergyIntolerance"]);
    question["parameter"]
        .as_array_mut()
        .expect("parameters")
        .push(serde_json::json!({ "name": "since", "valueDate": "2020-01-01" }));
    let answer = country.ask_with(question, "application/fhir+ndjson", &[]).await;
    let statement: Value = serde_json::from_str(answer.text.lines().last().expect("a line")).expect("JSON");
    let last = statement["issue"]
        .as_array()
        .and_then(|issues| issues.last())
        .expect("issues");
    assert_eq!(last["severity"], "warning");
    assert_eq!(last["code"], "not-supported");
    assert_eq!(last["expression"][0], "Parameters.parameter[3]");
    country.stop().await;
}
