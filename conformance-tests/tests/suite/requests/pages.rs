//! A search by the page, in order, or only counted.

use std::collections::BTreeSet;

use samenhang_testbed::ServiceId;
use serde_json::Value;

use super::is_outcome;
use crate::answer::Answer;
use crate::country::{Country, P1, P2, read};
use crate::visitor::Visitor;

const BSN: &str = "http://fhir.nl/fhir/NamingSystem/bsn";

async fn search(country: &Country, version: &str, kind: &str, more: &[(&str, &str)]) -> Answer {
    let patient = format!("{BSN}|{P1}");
    let mut form = vec![("patient.identifier", patient.as_str())];
    form.extend(more);
    let path = format!("/fhir/{version}/{kind}/_search");
    read(country.client().post(country.url(&path)).form(&form)).await
}

fn link(answer: &Answer, relation: &str) -> Option<String> {
    let links = answer.json["link"].as_array().into_iter().flatten();
    links
        .filter(|link| link["relation"] == relation)
        .find_map(|link| link["url"].as_str().map(str::to_owned))
}

fn urls(answer: &Answer, mode: &str) -> Vec<String> {
    let of_mode = answer.data().filter(|entry| entry["search"]["mode"] == mode);
    of_mode
        .filter_map(|entry| entry["fullUrl"].as_str().map(str::to_owned))
        .collect()
}

/// Calls of holders and of national services so far.
fn asked(country: &Country) -> usize {
    let journal = country.demo.testbed().journal();
    journal.count(|entry| {
        matches!(
            entry.service,
            ServiceId::Source(_) | ServiceId::Mitz | ServiceId::Nvi | ServiceId::Prs
        )
    })
}

#[tokio::test]
async fn the_pages_of_a_search_are_the_whole_answer_once() {
    let country = Country::start().await;
    for (version, form) in [("R4", "json"), ("STU3", "json")] {
        let include = ("_include", "Observation:performer");
        let whole = search(&country, version, "Observation", &[include]).await;
        let all = urls(&whole, "match");
        assert!(all.len() > 10, "{version}: {}", all.len());
        let mut page = search(
            &country,
            version,
            "Observation",
            &[include, ("_count", "7"), ("_format", form)],
        )
        .await;
        let calls = asked(&country);
        let (mut seen, mut along, mut number) = (Vec::new(), BTreeSet::new(), 1);
        loop {
            assert_eq!(page.status, 200, "{}", page.text);
            assert_eq!(page.headers["cache-control"], "no-store");
            assert_eq!(page.json["total"], whole.json["total"], "page {number}");
            assert_eq!(page.rows(), whole.rows(), "each page says what is missing");
            assert_eq!(
                page.headers["samenhang-completeness"],
                whole.headers["samenhang-completeness"]
            );
            let matches = urls(&page, "match");
            assert!(matches.len() == 7 || link(&page, "next").is_none());
            // What a match of the page refers to is on the page.
            let here: BTreeSet<String> = urls(&page, "include")
                .into_iter()
                .chain(matches.clone())
                .collect();
            along.extend(here.clone());
            for entry in page.data().filter(|entry| entry["search"]["mode"] == "match") {
                let base = entry["fullUrl"]
                    .as_str()
                    .expect("an address")
                    .rsplitn(3, '/')
                    .nth(2)
                    .expect("a base");
                for performer in entry["resource"]["performer"].as_array().into_iter().flatten() {
                    let target = format!("{base}/{}", performer["reference"].as_str().unwrap_or_default());
                    let is_known = urls(&whole, "include").contains(&target);
                    assert!(!is_known || here.contains(&target), "{target} on page {number}");
                }
            }
            seen.extend(matches);
            assert_eq!(link(&page, "previous").is_some(), number > 1);
            let Some(next) = link(&page, "next") else { break };
            assert!(next.contains(&format!("/fhir/{version}/_page/")), "{next}");
            assert!(!next.contains(P1) && !next.contains("Observation"), "{next}");
            page = read(country.client().get(&next)).await;
            assert!(page.headers.contains_key("age"), "how old it is");
            number += 1;
        }
        assert_eq!(seen, all, "each once, in the order of the answer");
        assert_eq!(number, all.len().div_ceil(7));
        assert!(along.is_superset(&urls(&whole, "include").into_iter().collect()));
        assert_eq!(
            asked(&country),
            calls,
            "no holder and no service is asked for a page"
        );
    }
    country.stop().await;
}

#[tokio::test]
async fn a_page_is_for_whoever_asked_and_not_for_ever() {
    let country = Country::start().await;
    let first = search(&country, "R4", "Condition", &[("_count", "1")]).await;
    let next = link(&first, "next").expect("a next page");
    let get = async |url: &str, headers: &[(&str, &str)]| {
        let mut request = country.client().get(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        read(request).await
    };
    assert_eq!(get(&next, &[]).await.status, 200);
    let (address, _) = next.rsplit_once('/').expect("a number");
    // Not a page, not the version, not an answer, not the asker.
    let other = next.replace("/fhir/R4/", "/fhir/STU3/");
    for url in [
        format!("{address}/0"),
        format!("{address}/999999"),
        format!("{address}/canary"),
        format!("{address}/-1"),
        format!("{}/2", country.url("/fhir/R4/_page/canary")),
        other,
    ] {
        let answer = get(&url, &[]).await;
        is_outcome(&answer, 410, &url);
        assert_eq!(answer.code(), "SAM-SRV-023", "{url}");
    }
    let visitor = Visitor::log_in(&country).await;
    is_outcome(&visitor.get(&next).await, 410, "another asker");
    country.stop().await;
}

#[tokio::test]
async fn a_person_reads_the_pages_of_the_own_session() {
    let country = Country::start().await;
    let visitor = Visitor::log_in(&country).await;
    let form = format!("patient.identifier={BSN}|{P1}&_count=2");
    let first = visitor.search("/fhir/R4/Condition/_search", &form).await;
    assert_eq!(first.status, 200, "{}", first.text);
    let next = link(&first, "next").expect("a next page");
    assert_eq!(visitor.get(&next).await.status, 200);
    let second = Visitor::log_in(&country).await;
    is_outcome(&second.get(&next).await, 410, "another session");
    is_outcome(&read(country.client().get(&next)).await, 410, "no session");
    visitor.log_out().await;
    assert_eq!(visitor.get(&next).await.status, 401, "the session has ended");
    country.stop().await;
}

#[tokio::test]
async fn matches_come_in_the_order_that_is_asked_for() {
    let country = Country::start().await;
    let date = |entry: &Value| entry["resource"]["effectiveDateTime"].as_str().map(str::to_owned);
    let dates = async |sort: &str| -> Vec<Option<String>> {
        let answer = search(&country, "R4", "Observation", &[("_sort", sort)]).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let matches = answer.data().filter(|entry| entry["search"]["mode"] == "match");
        // A day and a moment of it are compared elsewhere.
        let days = matches.map(|entry| date(entry).map(|date| date.chars().take(10).collect::<String>()));
        days.filter(|day| day.as_ref().is_none_or(|day| day.len() == 10))
            .collect()
    };
    let (up, down) = (dates("date").await, dates("-date").await);
    let known = |days: &[Option<String>]| -> Vec<String> { days.iter().flatten().cloned().collect() };
    assert!(known(&up).len() > 10);
    assert!(known(&up).is_sorted(), "{up:?}");
    assert!(known(&down).iter().rev().is_sorted(), "{down:?}");
    let stu3 = search(&country, "STU3", "Condition", &[("_sort", "-asserted-date")]).await;
    assert_eq!(stu3.status, 200, "{}", stu3.text);
    country.stop().await;
}

#[tokio::test]
async fn the_number_of_matches_is_given_alone() {
    let country = Country::start().await;
    let whole = search(&country, "STU3", "Condition", &[]).await;
    for more in [("_summary", "count"), ("_count", "0")] {
        let counted = search(&country, "STU3", "Condition", &[more]).await;
        assert_eq!(counted.status, 200, "{}", counted.text);
        assert_eq!(counted.json["total"], whole.json["total"]);
        assert_eq!(counted.data().count(), 0);
        assert_eq!(counted.rows(), whole.rows());
        assert!(link(&counted, "next").is_none());
    }
    let all = search(&country, "STU3", "Condition", &[("_count", "1000000000000")]).await;
    assert_eq!(urls(&all, "match"), urls(&whole, "match"), "one page");
    assert!(link(&all, "next").is_none());
    country.stop().await;
}

#[tokio::test]
async fn what_cannot_be_given_is_refused_before_anybody_is_asked() {
    let country = Country::start().await;
    let calls = asked(&country);
    let many = ["date"; 100].join(",");
    for (name, value) in [
        ("_sort", "canary"),
        ("_sort", "code"),
        ("_sort", many.as_str()),
        ("_count", "-1"),
        ("_count", "canary"),
        ("_count", "1e12"),
        ("_summary", "true"),
        ("_summary", "text"),
        ("_elements", "id"),
    ] {
        let answer = search(&country, "R4", "Observation", &[(name, value)]).await;
        is_outcome(&answer, 400, &format!("{name}={value}"));
        assert_eq!(answer.code(), "SAM-SRV-006", "{name}={value}");
    }
    let pairs = vec![("_sort", "date"); 100];
    is_outcome(
        &search(&country, "R4", "Observation", &pairs).await,
        413,
        "a hundred parameters",
    );
    assert_eq!(asked(&country), calls);
    country.stop().await;
}

#[tokio::test]
async fn p6_a_page_goes_with_the_choice_of_the_patient() {
    let country = Country::start().await;
    let patient = format!("{BSN}|{P2}");
    let form = [("patient.identifier", patient.as_str()), ("_count", "1")];
    let first = read(
        country
            .client()
            .post(country.url("/fhir/R4/Observation/_search"))
            .form(&form),
    )
    .await;
    let next = link(&first, "next").expect("a next page");
    assert_eq!(read(country.client().get(&next)).await.status, 200);
    country.change_choices(P2).await;
    is_outcome(
        &read(country.client().get(&next)).await,
        410,
        "the choices have changed",
    );
    country.stop().await;
}
