//! One answer in two versions of FHIR: the same facts, each in the version that was asked for.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use bytes::Bytes;
use samenhang_profiles::page::Page;
use samenhang_profiles::{FhirVersion, Limits};
use samenhang_testbed::patients;
use serde_json::Value;

use super::{compact, said};
use crate::answer::{Answer, holder, lineage, rows};
use crate::country::{Country, HOSPITAL, P1, P2, parameters, read};

const STU3: &str = "/fhir/STU3/Patient/$overview";
const JSON: &str = "application/fhir+json";

async fn ask(country: &Country, bsn: &str, accept: &str) -> Answer {
    country.ask_at(STU3, parameters(bsn, &[]), accept, &[]).await
}

/// What the holder sent: its address there, whatever it was served as.
fn original(entry: &Value) -> String {
    let own = entry["fullUrl"].as_str();
    said(entry, "original").or(own).expect("an address").to_owned()
}

/// For each cluster the originals of its members, by the id of the Linkage. Not of a cluster with a part of what a holder
/// sent: in the version of the holder the part is in the whole.
fn linkages(answer: &Answer) -> BTreeMap<String, BTreeSet<String>> {
    let is_part =
        |entry: &&Value| lineage(entry).is_some_and(|l| crate::answer::part(l, "madeOfPart").is_some());
    let parts: BTreeSet<&str> = answer
        .data()
        .filter(is_part)
        .filter_map(|entry| entry["fullUrl"].as_str())
        .collect();
    let at: BTreeMap<&str, String> = answer
        .data()
        .filter_map(|entry| Some((entry["fullUrl"].as_str()?, original(entry))))
        .collect();
    let of_kind = answer
        .entries()
        .iter()
        .filter(|entry| entry["resource"]["resourceType"] == "Linkage");
    of_kind
        .filter_map(|entry| {
            let items = entry["resource"]["item"].as_array().into_iter().flatten();
            let members: BTreeSet<&str> = items
                .filter_map(|item| item["resource"]["reference"].as_str())
                .collect();
            let originals = members
                .iter()
                .map(|url| at.get(url).expect("a member is in the answer").clone());
            let id = entry["resource"]["id"].as_str().unwrap_or_default().to_owned();
            members.is_disjoint(&parts).then(|| (id, originals.collect()))
        })
        .collect()
}

#[tokio::test]
async fn p4_what_a_holder_sent_in_stu3_comes_to_a_client_of_stu3_as_it_was_sent() {
    let country = Country::start().await;
    let answer = ask(&country, P1, JSON).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let limits = Limits::default();
    let sent: HashSet<Vec<u8>> = patients::holders()
        .into_iter()
        .flat_map(|holder| holder.endpoints)
        .filter(|endpoint| endpoint.fhir == FhirVersion::Stu3)
        .flat_map(|endpoint| endpoint.files)
        .flat_map(|(_, bytes)| Page::read(bytes, &limits).expect("it was read before").entries)
        .filter_map(|entry| entry.resource)
        .map(|resource| compact(resource.body()))
        .collect();
    let by_status = |status: &str| -> HashSet<&str> {
        answer
            .data()
            .filter(|entry| said(entry, "status") == Some(status))
            .filter_map(|entry| entry["fullUrl"].as_str())
            .collect()
    };
    let (native, lifted) = (by_status("native"), by_status("lifted"));
    assert!(
        native.len() > 10 && lifted.len() > 100,
        "{} {}",
        native.len(),
        lifted.len()
    );
    let shown = Page::read(Bytes::from(answer.text.clone()), &limits).expect("the answer is a Bundle");
    let mut compared = 0;
    for entry in shown.entries {
        let (Some(url), Some(resource)) = (entry.full_url, entry.resource) else {
            continue;
        };
        if native.contains(&*url) {
            assert!(sent.contains(&compact(resource.body())), "{url} is not as sent");
            compared += 1;
        }
    }
    assert_eq!(compared, native.len());
    for entry in answer.data() {
        let (status, version) = (said(entry, "status"), said(entry, "fhirVersion"));
        match status {
            Some("native") => assert_eq!(version, Some("3.0.2"), "{entry}"),
            Some("lifted") => {
                assert_eq!(version, Some("4.0.1"), "{entry}");
                let pack = said(entry, "pack").unwrap_or_default();
                assert!(pack.starts_with("r4-zib2020-to-stu3-zib2017|"), "{pack}");
            }
            // What no map makes stands as it was received, and the statement says so.
            _ => {
                assert_eq!((status, version), (Some("as-received"), Some("4.0.1")), "{entry}");
                assert!(answer.text.contains("shown as received, not converted"));
            }
        }
    }
    country.stop().await;
}

#[tokio::test]
async fn nothing_is_missing_in_one_version_that_is_in_the_other() {
    let country = Country::start().await;
    let (stu3, r4) = (ask(&country, P1, JSON).await, country.ask(P1).await);
    let originals = |answer: &Answer| -> BTreeSet<String> { answer.data().map(original).collect() };
    assert_eq!(originals(&stu3), originals(&r4));
    assert_eq!(stu3.rows(), r4.rows());
    assert_eq!(
        stu3.headers["samenhang-completeness"],
        r4.headers["samenhang-completeness"]
    );
    let (in_stu3, in_r4) = (linkages(&stu3), linkages(&r4));
    assert!(in_r4.len() > 3, "{}", in_r4.len());
    assert_eq!(in_stu3, in_r4, "the same facts belong together");
    let conflicts = |answer: &Answer| {
        let text = &answer.text;
        text.matches(r#"{"url":"conflict","valueBoolean":true}"#).count()
    };
    assert_eq!(conflicts(&stu3), conflicts(&r4));
    let link = &stu3.json["link"][0]["url"];
    assert!(link.as_str().is_some_and(|url| url.ends_with(STU3)), "{link}");
    country.stop().await;
}

#[tokio::test]
async fn what_stands_beside_the_resources_is_of_the_version_too() {
    let country = Country::start().await;
    for (version, answer) in [
        ("STU3", ask(&country, P1, JSON).await),
        ("R4", country.ask(P1).await),
    ] {
        beside_is_valid(&country, version, &answer).await;
    }
    country.stop().await;
}

async fn beside_is_valid(country: &Country, version: &str, answer: &Answer) {
    let mut judged = BTreeSet::new();
    for entry in answer.entries().iter().filter(|entry| lineage(entry).is_none()) {
        let resource = &entry["resource"];
        let kind = resource["resourceType"].as_str().unwrap_or_default();
        // One of each tells; a cluster has another Provenance than an endpoint.
        if !judged.insert((kind, resource.get("activity").is_some())) {
            continue;
        }
        let request = country
            .client()
            .post(country.url(&format!("/fhir/{version}/{kind}/$validate")))
            .header("content-type", JSON)
            .body(resource.to_string());
        let outcome = read(request).await;
        assert_eq!(outcome.status, 200, "{kind}: {}", outcome.text);
        let errors: Vec<&Value> = outcome.json["issue"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|issue| issue["severity"] == "error")
            .collect();
        assert!(errors.is_empty(), "{version} {kind}: {errors:?}");
    }
    let of_cluster = |kind| (kind, kind == "Provenance");
    let all = [
        "Composition",
        "DetectedIssue",
        "Linkage",
        "OperationOutcome",
        "Provenance",
    ];
    let mut all: BTreeSet<_> = all.map(of_cluster).into();
    all.insert(("Provenance", false));
    assert_eq!(judged, all, "{version}");
}

#[tokio::test]
async fn what_is_lost_on_the_way_to_stu3_is_counted() {
    let country = Country::start().await;
    let answer = ask(&country, P1, JSON).await;
    let lost: u64 = answer
        .data()
        .filter_map(lineage)
        .filter_map(|lineage| crate::answer::part(lineage, "notCarriedOver")?["valueUnsignedInt"].as_u64())
        .sum();
    let told: u64 = answer.statement()["issue"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|issue| issue["details"]["coding"][0]["code"] == "SAM-CNF-120")
        .filter_map(|issue| {
            let parts = issue["extension"][0]["extension"].as_array()?;
            parts.iter().find(|part| part["url"] == "count")?["valueUnsignedInt"].as_u64()
        })
        .sum();
    assert_eq!(lost, told);
    country.stop().await;
}

/// Address and text of each resource of a holder.
fn resources<'a>(bundles: impl IntoIterator<Item = &'a Value>) -> Vec<(String, String)> {
    let entries = bundles
        .into_iter()
        .filter_map(|bundle| bundle["entry"].as_array());
    entries
        .flatten()
        .filter(|entry| holder(entry).is_some())
        .map(|entry| {
            (
                entry["fullUrl"].as_str().expect("an address").to_owned(),
                entry["resource"].to_string(),
            )
        })
        .collect()
}

/// What belongs together and where it came from, as the end of an answer tells it.
fn links<'a>(bundles: impl IntoIterator<Item = &'a Value>) -> BTreeSet<String> {
    let entries = bundles
        .into_iter()
        .filter_map(|bundle| bundle["entry"].as_array());
    entries
        .flatten()
        .filter(|entry| holder(entry).is_none() && entry["search"]["mode"] == "include")
        .map(|entry| {
            let mut resource = entry["resource"].clone();
            for moment in ["period", "recorded"] {
                resource[moment] = Value::Null;
            }
            resource.to_string()
        })
        .collect()
}

#[tokio::test]
async fn the_pieces_of_a_stream_in_stu3_are_the_whole() {
    let country = Country::start().await;
    let whole = ask(&country, P1, JSON).await;
    let losses = |statement: &Value| {
        let issues = statement["issue"].as_array().into_iter().flatten();
        let of_maps = issues.filter(|issue| {
            issue["extension"][0]["url"]
                .to_string()
                .contains("not-carried-over")
        });
        of_maps.map(ToString::to_string).collect::<BTreeSet<_>>()
    };

    let stream = ask(&country, P1, "application/fhir+ndjson").await;
    assert!(stream.headers["content-type"].starts_with("application/fhir+ndjson"));
    let lines: Vec<Value> = stream
        .text
        .lines()
        .map(|line| serde_json::from_str(line).expect("each line is JSON"))
        .collect();
    let (statement, bundles) = lines.split_last().expect("lines");

    let events = ask(&country, P1, "text/event-stream").await;
    let mut entries: Vec<Value> = Vec::new();
    let mut told = Value::Null;
    for event in events.text.split("\n\n") {
        let data = event.split_once("data: ").map(|(_, data)| data);
        let json = || serde_json::from_str(data.unwrap_or_default()).expect("data is JSON");
        if event.starts_with("event: entries\n") {
            entries.push(json());
        } else if event.starts_with("event: completeness\n") {
            told = json();
        }
    }
    for (bundles, statement) in [(bundles, statement), (&entries[..], &told)] {
        let pieces = resources(bundles);
        let set: BTreeSet<_> = pieces.iter().cloned().collect();
        assert_eq!(pieces.len(), set.len(), "no resource twice");
        assert_eq!(set, resources([&whole.json]).into_iter().collect());
        assert_eq!(links(bundles), links([&whole.json]));
        assert_eq!(rows(statement), whole.rows());
        assert_eq!(losses(statement), losses(whole.statement()));
    }
    country.stop().await;
}

#[tokio::test]
async fn a_question_in_stu3_is_negotiated_in_stu3() {
    let country = Country::start().await;
    let send = async |query: &str, content: &str, accept: &str| {
        let request = country
            .client()
            .post(country.url(&format!("{STU3}{query}")))
            .header("content-type", content)
            .header("accept", accept);
        read(request.body(parameters(P2, &["Patient"]).to_string())).await
    };
    let stu3 = "application/fhir+json; fhirVersion=3.0";
    for (query, content, accept, status, starts) in [
        ("", stu3, stu3, 200, JSON),
        ("", JSON, "*/*", 200, JSON),
        ("?_format=ndjson", JSON, "*/*", 200, "application/fhir+ndjson"),
        ("?_format=text/event-stream", JSON, JSON, 200, "text/event-stream"),
        ("", JSON, "application/fhir+json; fhirVersion=4.0", 406, JSON),
        ("", JSON, "application/fhir+xml", 406, JSON),
        ("?_format=xml", JSON, "*/*", 406, JSON),
        ("", "application/fhir+json; fhirVersion=4.0", "*/*", 415, JSON),
    ] {
        let answer = send(query, content, accept).await;
        assert_eq!(
            answer.status, status,
            "{query} {content} {accept}: {}",
            answer.text
        );
        assert!(answer.headers["content-type"].starts_with(starts), "{query}");
    }
    country.stop().await;
}

#[tokio::test]
async fn p3_a_holder_that_fails_is_missing_in_stu3_as_well() {
    let country = Country::start().await;
    country.source_fault(HOSPITAL, "status:500");
    let answer = ask(&country, P1, JSON).await;
    assert!(answer.json.get("total").is_none());
    assert!(
        answer.statuses(HOSPITAL).contains("failed"),
        "{:?}",
        answer.rows()
    );
    assert_eq!(answer.of(HOSPITAL).count(), 0);
    country.stop().await;
}
