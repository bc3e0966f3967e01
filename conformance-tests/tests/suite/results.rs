//! What an answer says about itself: sections, views, and how clusters were made.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::answer::{Answer, lineage, part};
use crate::country::{Country, HOSPITAL, P1, P2, parameters, read};

const JSON: &str = "application/fhir+json";

fn of_kind<'a>(answer: &'a Answer, kind: &'a str) -> impl Iterator<Item = &'a Value> {
    let ours = answer.entries().iter().filter(|entry| lineage(entry).is_none());
    ours.map(|entry| &entry["resource"])
        .filter(move |resource| resource["resourceType"] == kind)
}

fn composition(answer: &Answer) -> &Value {
    let mut all = of_kind(answer, "Composition");
    let one = all
        .next()
        .unwrap_or_else(|| panic!("a Composition: {}", answer.text));
    assert!(all.next().is_none(), "one Composition");
    one
}

fn items(of: &Value) -> impl Iterator<Item = &Value> {
    of.as_array().into_iter().flatten()
}

/// The title of each section, and why it is empty if it is.
fn sections(answer: &Answer) -> Vec<(String, Option<String>)> {
    let code = |section: &Value| Some(section["emptyReason"]["coding"][0]["code"].as_str()?.to_owned());
    let title = |section: &Value| section["title"].as_str().unwrap_or_default().to_owned();
    items(&composition(answer)["section"])
        .map(|section| (title(section), code(section)))
        .collect()
}

fn why(answer: &Answer, title: &str) -> Option<String> {
    let found = sections(answer).into_iter().find(|(name, _)| name == title);
    found.unwrap_or_else(|| panic!("a section {title}")).1
}

/// What is counted as hidden of an element, by reason.
fn hidden(of: &Value) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for extension in items(&of["extension"]) {
        let url = extension["url"].as_str().unwrap_or_default();
        if !url.ends_with("/hidden") {
            continue;
        }
        let reason = part(extension, "reason").and_then(|part| part["valueCode"].as_str());
        let count = part(extension, "count").and_then(|part| part["valueUnsignedInt"].as_u64());
        *counts.entry(reason.unwrap_or_default().to_owned()).or_default() += count.unwrap_or_default();
    }
    counts
}

/// How many facts a Composition points at and counts as hidden.
fn told(composition: &Value) -> u64 {
    let beside: u64 = hidden(composition).values().sum();
    let inside: u64 = items(&composition["section"])
        .map(|section| entries(section).len() as u64 + hidden(section).values().sum::<u64>())
        .sum();
    beside + inside
}

/// What a section points at, with all that is in it.
fn entries(section: &Value) -> Vec<&Value> {
    let own = items(&section["entry"]);
    own.chain(items(&section["section"]).flat_map(entries)).collect()
}

fn asked(bsn: &str, view: &str) -> Value {
    let mut body = parameters(bsn, &[]);
    if let Some(parameters) = body["parameter"].as_array_mut() {
        parameters.push(json!({ "name": "view", "valueCode": view }));
    }
    body
}

#[tokio::test]
async fn an_answer_has_the_sections_of_the_bgz_and_each_points_at_what_is_there() {
    let country = Country::start().await;
    let answer = country.ask(P1).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let places: BTreeSet<&str> = answer
        .data()
        .filter_map(|entry| entry["fullUrl"].as_str())
        .collect();
    let mut seen = BTreeSet::new();
    for entry in items(&composition(&answer)["section"]).flat_map(entries) {
        let reference = entry["reference"].as_str().unwrap_or_default();
        assert!(
            places.contains(reference) && seen.insert(reference),
            "{reference}"
        );
    }
    let titles: Vec<String> = sections(&answer).into_iter().map(|(title, _)| title).collect();
    let first = ["Patient and contacts", "Alerts", "Allergies and intolerances"];
    assert_eq!(titles[..3], first);
    assert_eq!(why(&answer, "Problems"), None);
    // Medication is by what is in use, each treatment apart.
    let medication = items(&composition(&answer)["section"]).find(|section| section["title"] == "Medication");
    let buckets: Vec<&str> = items(&medication.expect("a section of medication")["section"])
        .filter_map(|bucket| bucket["code"]["coding"][0]["code"].as_str())
        .collect();
    assert!(buckets.contains(&"current"), "{buckets:?}");
    let some = country.ask_for(P1, &["AllergyIntolerance", "Alert"]).await;
    assert_eq!(why(&some, "Problems").as_deref(), Some("notasked"));
    assert_eq!(why(&some, "Allergies and intolerances"), None);
    country.stop().await;
}

#[tokio::test]
async fn a_source_that_fails_is_not_a_source_that_said_none() {
    let country = Country::start().await;
    let asked = ["Alert"];
    let nothing = country.ask_for(P2, &asked).await;
    let statuses: BTreeSet<String> = nothing.rows().into_iter().map(|row| row.status).collect();
    assert_eq!(statuses, ["empty".to_owned()].into(), "{:?}", nothing.rows());
    assert_eq!(why(&nothing, "Alerts").as_deref(), Some("nilknown"));
    let holder = nothing.rows().first().map(|row| row.holder.clone());
    country.source_fault(holder.as_deref().unwrap_or(HOSPITAL), "status:500");
    let failed = country.ask_for(P2, &asked).await;
    assert_eq!(
        why(&failed, "Alerts").as_deref(),
        Some("unavailable"),
        "{:?}",
        failed.rows()
    );
    country.stop().await;
}

#[tokio::test]
async fn a_view_hides_nothing_without_saying_so() {
    let country = Country::start().await;
    let whole = country.ask(P1).await;
    let all = told(composition(&whole));
    assert!(all > 50, "{all}");
    let places = |answer: &Answer| -> BTreeSet<String> {
        answer.data().map(|entry| entry["fullUrl"].to_string()).collect()
    };
    for view in ["acute", "medication-check", "referral", "own"] {
        let answer = country.ask_with(asked(P1, view), JSON, &[]).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let composition = composition(&answer);
        let name = part(&composition["extension"][0], "name").map(|part| &part["valueCode"]);
        assert_eq!(name, Some(&json!(view)));
        assert_eq!(told(composition), all, "{view} shows or counts each fact");
        assert_eq!(
            places(&answer),
            places(&whole),
            "{view} leaves everything in the answer"
        );
        assert_eq!(hidden(composition).is_empty(), view == "own", "{view}");
    }
    let wrong = country.ask_with(asked(P1, "none"), JSON, &[]).await;
    assert_eq!(
        (wrong.status, wrong.code()),
        (400, "SAM-SRV-006"),
        "{}",
        wrong.text
    );
    country.stop().await;
}

#[tokio::test]
async fn each_cluster_tells_how_it_was_made() {
    let country = Country::start().await;
    let answer = country.ask(P1).await;
    let linkages: BTreeMap<String, BTreeSet<String>> = of_kind(&answer, "Linkage")
        .map(|linkage| {
            let members = items(&linkage["item"]).map(|item| &item["resource"]["reference"]);
            let members = members.filter_map(Value::as_str).map(str::to_owned);
            let id = linkage["id"].as_str().unwrap_or_default();
            (format!("urn:uuid:{id}"), members.collect())
        })
        .collect();
    assert!(linkages.len() > 3, "{}", linkages.len());
    let mut told = BTreeSet::new();
    for provenance in of_kind(&answer, "Provenance").filter(|one| one.get("activity").is_some()) {
        assert_eq!(provenance["activity"]["coding"][0]["code"], "link");
        assert_eq!(provenance["agent"][0]["type"]["coding"][0]["code"], "assembler");
        let policy = provenance["policy"][0].as_str().unwrap_or_default();
        assert!(
            policy.starts_with("https://samenhang.example/fhir/policy/samenhang-zib|"),
            "{policy}"
        );
        let rule = &provenance["extension"][0];
        let tier = part(rule, "tier").and_then(|part| part["valueCode"].as_str());
        assert!(
            tier.is_some_and(|tier| ["T0", "T1", "T2", "T3", "T4"].contains(&tier)),
            "{rule}"
        );
        if tier >= Some("T3") {
            assert!(
                part(rule, "compared").is_some() && part(rule, "rule").is_some(),
                "{rule}"
            );
        }
        let linkage = provenance["target"][0]["reference"].as_str().unwrap_or_default();
        let Some(members) = linkages.get(linkage) else {
            continue;
        };
        let sources: BTreeSet<String> = items(&provenance["entity"])
            .filter_map(|entity| entity["what"]["reference"].as_str())
            .filter_map(|reference| reference.split("/_history/").next())
            .map(str::to_owned)
            .collect();
        assert_eq!(&sources, members, "{provenance}");
        told.insert(linkage.to_owned());
    }
    assert_eq!(told.len(), linkages.len(), "each Linkage has its Provenance");
    country.stop().await;
}

#[tokio::test]
async fn a_search_shows_every_copy_when_it_is_asked_to() {
    let country = Country::start().await;
    let search = async |more: &str| {
        let request = country
            .client()
            .post(country.url("/fhir/R4/AllergyIntolerance/_search"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(format!(
                "patient.identifier=http%3A%2F%2Ffhir.nl%2Ffhir%2FNamingSystem%2Fbsn%7C{P1}{more}"
            ));
        read(request).await
    };
    let matches = |answer: &Answer| {
        let all = answer.entries().iter();
        all.filter(|entry| entry["search"]["mode"] == "match").count()
    };
    let stands_for = |answer: &Answer| {
        let all = answer.data().filter_map(lineage);
        all.filter(|lineage| part(lineage, "standsFor").is_some()).count()
    };
    let view = search("").await;
    assert_eq!(view.status, 200, "{}", view.text);
    let all = search("&_reconciled=false").await;
    assert_eq!(all.status, 200, "{}", all.text);
    assert_eq!(stands_for(&all), 0);
    assert!(matches(&all) >= matches(&view) + stands_for(&view));
    assert_eq!(matches(&search("&_reconciled=true").await), matches(&view));
    let wrong = search("&_reconciled=maybe").await;
    assert_eq!(
        (wrong.status, wrong.code()),
        (400, "SAM-SRV-006"),
        "{}",
        wrong.text
    );
    country.stop().await;
}
