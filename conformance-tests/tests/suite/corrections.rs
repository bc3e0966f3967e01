//! `$reconcile` explains clusters; `$unlink` keeps two records apart, in every answer after it, until it is taken back.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::answer::{Answer, lineage, part};
use crate::country::{Country, P1, parameters, read};

const JSON: &str = "application/fhir+json";
const RECONCILE: &str = "/fhir/R4/Patient/$reconcile";
const UNLINK: &str = "/fhir/R4/Patient/$unlink";
/// What is asked for: enough for clusters and contradictions.
const SOME: &[&str] = &["AllergyIntolerance", "Condition"];

/// The question with parameters of its own.
fn with(bsn: &str, own: &[Value]) -> Value {
    let mut body = parameters(bsn, SOME);
    if let Some(parameters) = body["parameter"].as_array_mut() {
        parameters.extend(own.iter().cloned());
    }
    body
}

fn record(address: &str) -> Value {
    json!({ "name": "record", "valueUri": address })
}

fn ground(code: &str) -> Value {
    json!({ "name": "ground", "valueCode": code })
}

fn items(of: &Value) -> impl Iterator<Item = &Value> {
    of.as_array().into_iter().flatten()
}

/// The parts of a parameter with a name.
fn parts<'a>(of: &'a Value, name: &'a str) -> impl Iterator<Item = &'a Value> {
    items(&of["part"]).filter(move |part| part["name"] == name)
}

fn named<'a>(answer: &'a Answer, name: &'a str) -> impl Iterator<Item = &'a Value> {
    items(&answer.json["parameter"]).filter(move |parameter| parameter["name"] == name)
}

/// The addresses of each Linkage, the one that stands for the others first.
fn linkages(answer: &Answer) -> Vec<Vec<String>> {
    let resources = answer.entries().iter().map(|entry| &entry["resource"]);
    resources
        .filter(|resource| resource["resourceType"] == "Linkage")
        .map(|linkage| {
            let references = items(&linkage["item"]).map(|item| &item["resource"]["reference"]);
            references.filter_map(Value::as_str).map(str::to_owned).collect()
        })
        .collect()
}

fn joins(answer: &Answer, a: &str, b: &str) -> bool {
    let of = linkages(answer);
    of.iter()
        .any(|members| members.iter().any(|url| url == a) && members.iter().any(|url| url == b))
}

/// The issue that says that a person keeps two apart.
fn unlinked(answer: &Answer) -> Vec<BTreeSet<String>> {
    let resources = answer.entries().iter().map(|entry| &entry["resource"]);
    resources
        .filter(|resource| resource["code"]["coding"][0]["code"] == "unlinked")
        .map(|issue| {
            assert_eq!(issue["status"], "final", "{issue}");
            assert!(issue["identifiedDateTime"].is_string(), "{issue}");
            let references = items(&issue["implicated"]).filter_map(|one| one["reference"].as_str());
            references.map(str::to_owned).collect()
        })
        .collect()
}

#[tokio::test]
async fn a_cluster_is_explained_by_its_rule_and_by_what_was_compared() {
    let country = Country::start().await;
    let answer = country.ask_for(P1, SOME).await;
    let cluster = answer
        .data()
        .filter_map(lineage)
        .find_map(|lineage| part(lineage, "cluster")?["valueString"].as_str())
        .expect("P1 has clusters");
    let one = json!({ "name": "cluster", "valueString": cluster });
    let told = country.ask_at(RECONCILE, with(P1, &[one]), JSON, &[]).await;
    assert_eq!(told.status, 200, "{}", told.text);
    assert_eq!(told.json["resourceType"], "Parameters");
    assert_eq!(told.headers["cache-control"], "no-store");
    assert_eq!(named(&told, "cluster").count(), 1);
    let explained = named(&told, "cluster").next().expect("the cluster");
    assert_eq!(
        parts(explained, "id").next().map(|part| &part["valueString"]),
        Some(&json!(cluster))
    );
    let members = parts(explained, "member").count();
    assert!(members >= 2, "{explained}");
    let tier = parts(explained, "tier")
        .next()
        .and_then(|part| part["valueCode"].as_str());
    assert!(tier.is_some_and(|tier| tier.starts_with('T')), "{explained}");
    // It tells names and outcomes; the statement comes with it.
    let slots = parts(explained, "member").flat_map(|member| parts(member, "slot"));
    for slot in slots {
        let outcome = parts(slot, "outcome")
            .next()
            .and_then(|part| part["valueCode"].as_str());
        let known = ["same", "equivalent", "open", "near", "apart"];
        assert!(outcome.is_some_and(|outcome| known.contains(&outcome)), "{slot}");
    }
    let statement = named(&told, "completeness").next().expect("the statement");
    assert_eq!(crate::answer::rows(&statement["resource"]), answer.rows());
    assert!(!told.text.contains(P1), "no number of the patient");

    // All of it, and what was kept apart.
    let all = country.ask_at(RECONCILE, with(P1, &[]), JSON, &[]).await;
    assert!(named(&all, "cluster").count() >= linkages(&answer).len());
    let reasons: BTreeSet<&str> = named(&all, "apart")
        .flat_map(|apart| parts(apart, "reason"))
        .filter_map(|part| part["valueCode"].as_str())
        .collect();
    assert!(reasons.contains("contradiction"), "{reasons:?}");
    // Two addresses of one answer are not another answer's.
    let gone = json!({ "name": "cluster", "valueString": "0000000000000000" });
    let gone = country.ask_at(RECONCILE, with(P1, &[gone]), JSON, &[]).await;
    assert_eq!((gone.status, gone.code()), (422, "SAM-SRV-025"), "{}", gone.text);
    country.stop().await;
}

#[tokio::test]
async fn what_a_person_unlinks_stays_apart_until_it_is_taken_back() {
    let country = Country::start().await;
    let before = country.ask_for(P1, SOME).await;
    assert!(unlinked(&before).is_empty());
    let clusters = linkages(&before);
    let [a, b] = clusters[0][..2].to_vec().try_into().expect("two members");
    let (a, b): (String, String) = (a, b);
    let own = [record(&a), record(&b), ground("two-facts")];
    let done = country.ask_at(UNLINK, with(P1, &own), JSON, &[]).await;
    assert_eq!(done.status, 200, "{}", done.text);
    let state = |answer: &Answer, name: &'static str| {
        let found = named(answer, name).next();
        found
            .and_then(|one| one["valueCode"].as_str())
            .unwrap_or_default()
            .to_owned()
    };
    assert_eq!(
        (state(&done, "state"), state(&done, "change")),
        ("unlinked".into(), "changed".into())
    );

    // In every form of an answer, and in the explanation.
    let after = country.ask_for(P1, SOME).await;
    assert!(!joins(&after, &a, &b), "{clusters:?}");
    assert_eq!(unlinked(&after), [BTreeSet::from([a.clone(), b.clone()])]);
    assert_eq!(after.data().count(), before.data().count(), "nothing is gone");
    // The others are as they were.
    let others = |answer: &Answer| -> BTreeSet<Vec<String>> {
        let all = linkages(answer).into_iter();
        all.filter(|members| !members.contains(&a) && !members.contains(&b))
            .collect()
    };
    assert!(others(&after).is_superset(&others(&before)));
    let stream = country
        .ask_with(parameters(P1, SOME), "application/fhir+ndjson", &[])
        .await;
    assert!(stream.text.contains("\"unlinked\""));
    let why = country
        .ask_at(RECONCILE, with(P1, &[record(&a)]), JSON, &[])
        .await;
    let reasons: Vec<&str> = named(&why, "apart")
        .flat_map(|apart| parts(apart, "reason"))
        .filter_map(|part| part["valueCode"].as_str())
        .collect();
    assert!(reasons.contains(&"unlinked"), "{}", why.text);

    // Once more is the same; taken back, it is as it was.
    let again = country.ask_at(UNLINK, with(P1, &own), JSON, &[]).await;
    assert_eq!(state(&again, "change"), "unchanged");
    let withdraw = json!({ "name": "withdraw", "valueBoolean": true });
    let own = [record(&b), record(&a), withdraw];
    let back = country.ask_at(UNLINK, with(P1, &own), JSON, &[]).await;
    assert_eq!(
        (state(&back, "state"), state(&back, "change")),
        ("withdrawn".into(), "changed".into())
    );
    let last = country.ask_for(P1, SOME).await;
    assert_eq!(linkages(&last), clusters);
    assert!(unlinked(&last).is_empty());

    // The log has who and why, and no address of a record.
    let sink = &country.demo.testbed().services().audit_sink;
    let mut seen = BTreeSet::new();
    let mut looked_at = 0;
    for _ in 0..600 {
        for event in sink.events().iter().skip(looked_at) {
            looked_at += 1;
            let text = event.to_string();
            for code in ["unlink", "relink"] {
                if text.contains(&format!("\"code\":\"{code}\"")) {
                    assert!(!text.contains(&a) && !text.contains(&b), "{text}");
                    assert!(text.contains("record-a"), "{text}");
                    seen.insert(code);
                }
            }
        }
        if seen.len() == 2 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(seen, ["relink", "unlink"].into());
    country.stop().await;
}

#[tokio::test]
async fn wrong_corrections_are_refused_and_change_nothing() {
    let country = Country::start().await;
    let answer = country.ask_for(P1, SOME).await;
    let [a, b]: [String; 2] = linkages(&answer)[0][..2]
        .to_vec()
        .try_into()
        .expect("two members");
    let elsewhere = "https://nobody.example/Condition/1";
    for (own, status, code) in [
        (vec![record(&a), ground("two-facts")], 400, "SAM-SRV-005"),
        (
            vec![record(&a), record(&a), ground("two-facts")],
            400,
            "SAM-SRV-005",
        ),
        (vec![record(&a), record(&b)], 400, "SAM-SRV-005"),
        (
            vec![record(&a), record(&b), ground("because")],
            400,
            "SAM-SRV-006",
        ),
        (
            vec![record(&a), record(&b), record(elsewhere), ground("other")],
            400,
            "SAM-SRV-006",
        ),
        (
            vec![record(&a), record(elsewhere), ground("other")],
            422,
            "SAM-SRV-025",
        ),
        (
            vec![
                record(&a),
                record(&b),
                ground("other"),
                json!({ "name": "force", "valueBoolean": true }),
            ],
            400,
            "SAM-SRV-004",
        ),
    ] {
        let refused = country.ask_at(UNLINK, with(P1, &own), JSON, &[]).await;
        assert_eq!(
            (refused.status, refused.code()),
            (status, code),
            "{own:?}: {}",
            refused.text
        );
    }
    let both = [json!({ "name": "cluster", "valueString": "x" }), record(&a)];
    let refused = country.ask_at(RECONCILE, with(P1, &both), JSON, &[]).await;
    assert_eq!(
        (refused.status, refused.code()),
        (400, "SAM-SRV-006"),
        "{}",
        refused.text
    );
    // Who holds a token of a patient is no person who may correct.
    let request = country
        .client()
        .post(country.url(UNLINK))
        .header("content-type", JSON)
        .header("authorization", "Bearer of-nobody")
        .body(with(P1, &[record(&a), record(&b), ground("other")]).to_string());
    let refused = read(request).await;
    assert!([401, 403].contains(&refused.status), "{}", refused.text);
    assert_eq!(linkages(&country.ask_for(P1, SOME).await), linkages(&answer));
    country.stop().await;
}
