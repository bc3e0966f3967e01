//! The other wire generation, a country without TLS, clocks that jump, more holders than can be asked: the same answer,
//! or one that says what is missing.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;
use samenhang_server::demo::DemoOptions;
use samenhang_testbed::holder::own;
use samenhang_testbed::source::Quirk;
use samenhang_testbed::{Generation, HolderSpec, ServiceId, SimClock, TestbedConfig};
use serde_json::Value;

use super::scene::{Scene, tuned};
use crate::answer::Answer;
use crate::country::{Country, P1, P2};

fn of(country: TestbedConfig) -> DemoOptions {
    DemoOptions {
        country,
        ..DemoOptions::default()
    }
}

/// What was shown, by holder and content. Addresses differ between countries by their ports.
fn values(answer: &Answer) -> BTreeSet<String> {
    let value = |entry: &Value| format!("{:?} {}", crate::answer::holder(entry), entry["resource"]);
    answer.data().map(value).collect()
}

/// What was shown: holder, type and id of every resource. Addresses differ between countries by their ports.
fn resources(answer: &Answer) -> Vec<String> {
    let mut resources: Vec<String> = answer
        .data()
        .map(|entry| {
            let resource = &entry["resource"];
            format!(
                "{:?} {} {}",
                crate::answer::holder(entry),
                resource["resourceType"],
                resource["id"]
            )
        })
        .collect();
    resources.sort();
    resources
}

#[tokio::test]
async fn fault_free_generation_b_gives_the_same() {
    let usual = Country::start().await;
    let expected = usual.ask(P1).await;
    let config = TestbedConfig {
        generation: Generation::B,
        ..TestbedConfig::default()
    };
    let country = Country::with(of(config)).await;
    let answer = country.ask(P1).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(resources(&answer), resources(&expected));
    assert_eq!(answer.rows(), expected.rows());
    // It spoke the other protocols.
    let nvi = country.demo.testbed().journal().of(&ServiceId::Nvi);
    assert!(nvi.iter().all(|entry| entry.path.contains("/fhir/")), "{nvi:?}");
    // A failure there is no empty answer either.
    country.fault(ServiceId::Nvi, "status:500");
    assert_eq!(country.ask(P2).await.status, 503);
    country.stop().await;
    usual.stop().await;
}

/// A source that speaks XML only, in STU3 as in R4, is asked in XML and gives the same.
#[tokio::test]
async fn fault_free_in_xml_gives_the_same() {
    let usual = Country::start().await;
    let expected = usual.ask(P1).await;
    let holders = own().into_iter().map(|holder| HolderSpec {
        quirk: Quirk::Xml,
        ..holder
    });
    let config = TestbedConfig {
        holders: holders.collect(),
        own_patients: false,
        ..TestbedConfig::default()
    };
    let country = Country::with(of(config)).await;
    let answer = country.ask(P1).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.rows(), expected.rows());
    // The order of properties is another; what they say is the same.
    assert_eq!(values(&answer), values(&expected));
    let mut versions = BTreeSet::new();
    for entry in country.demo.testbed().journal().entries() {
        if !matches!(entry.service, ServiceId::Source(_)) || entry.path.contains("/.well-known/") {
            continue;
        }

        let accept = entry.header("accept").unwrap_or_default();
        assert!(
            accept.contains("fhir+xml") && !accept.contains("json"),
            "{accept}"
        );
        versions.insert(entry.path.starts_with("/fhir/stu3"));
    }
    assert_eq!(versions, [false, true].into(), "both versions were asked");
    country.stop().await;
    usual.stop().await;
}

#[tokio::test]
async fn fault_free_without_tls_gives_the_same() {
    let usual = Country::start().await;
    let expected = usual.ask(P1).await;
    let config = TestbedConfig {
        tls: false,
        ..TestbedConfig::default()
    };
    let country = Country::with(of(config)).await;
    let answer = country.ask(P1).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(resources(&answer), resources(&expected));
    assert_eq!(answer.rows(), expected.rows());
    country.stop().await;
    usual.stop().await;
}

/// F43: the clock jumps by hours, there and back: tokens and permits are asked anew, and the answer is whole.
#[tokio::test]
async fn fault_clock_jumps() {
    let clock = SimClock::starting_at(Timestamp::now());
    let config = TestbedConfig {
        clock: clock.clone(),
        ..TestbedConfig::default()
    };
    let country = Country::with(of(config)).await;
    let expected = country.ask(P1).await;
    clock.advance(Duration::from_secs(3600));
    let later = country.ask(P1).await;
    clock.set(
        clock
            .now()
            .checked_sub(jiff::SignedDuration::from_hours(2))
            .expect("a moment"),
    );
    let earlier = country.ask(P1).await;
    for answer in [later, earlier] {
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(resources(&answer), resources(&expected));
        assert_eq!(answer.rows(), expected.rows());
    }
    country.stop().await;
}

/// F32: more holders than may be asked at once: those that were not asked are named.
#[tokio::test]
async fn fault_more_holders_than_the_limit() {
    let country = tuned("[fanout]\nmax_holders = 2\n").await;
    let answer = country.ask(P1).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.holders().len(), 2);
    let over: std::collections::BTreeSet<_> = answer
        .rows()
        .into_iter()
        .filter(|row| row.detail.as_deref() == Some("fanout-limit"))
        .map(|row| (row.holder, row.status))
        .collect();
    assert_eq!(over.len(), 3, "{over:?}");
    assert!(over.iter().all(|(_, status)| status == "skipped"));
    assert!(
        answer.notices().contains("holders-not-asked"),
        "{:?}",
        answer.notices()
    );
    country.stop().await;
}

/// F53: nobody takes our traces and metrics: questions are answered all the same.
#[tokio::test]
async fn fault_exporter_down() {
    let scene = Scene::tuned("[telemetry]\notlp_endpoint = \"http://127.0.0.1:9\"\n").await;
    let answer = scene.ask().await;
    scene.rest_is_whole(&answer, &[]);
    scene.stop().await;
}
