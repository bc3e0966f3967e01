use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use samenhang_profiles::{RawResource, Ura};
use tokio::time::Instant;

use super::{Gather, GatherConfig, Material};
use crate::address::DataEndpoint;
use crate::config::EgressConfig;
use crate::error::GatherError;
use crate::fixtures::{Bench, question, soon};
use crate::ledger::Recording;
use crate::query::{AccessPolicy, Authorised, Grant, Query, Question, Refusal};
use crate::source::{IdentityCheck, IdentityVerdict};

struct Anyone;

impl AccessPolicy for Anyone {
    fn decide(&self, _: &Question) -> Result<Grant, Refusal> {
        Ok(Grant {
            policy: "test".to_owned(),
            version: "1".to_owned(),
            rule: "anyone".to_owned(),
        })
    }
}

impl IdentityCheck for Anyone {
    fn check(&self, _: &Question, _: &Ura, _: &[RawResource]) -> IdentityVerdict {
        IdentityVerdict::Unknown
    }
}

async fn gather() -> Gather {
    let bench = Bench::new(Router::new()).await;
    let config = GatherConfig {
        own: bench.own.clone(),
        egress: EgressConfig::loopback(),
        national: bench.config.clone(),
        authorisation: Default::default(),
        fanout: Default::default(),
    };
    Gather::new(
        &config,
        Material::default(),
        bench.clock,
        bench.random,
        bench.ledger,
    )
    .unwrap()
}

fn authorised() -> Query<Authorised> {
    Query::new(question()).authorise(&Anyone).unwrap()
}

#[tokio::test]
async fn f31_services_that_do_not_work_are_never_an_empty_answer() {
    let gather = gather().await;
    assert!(!gather.is_ready());
    assert!(gather.refresh_directory().await.is_err() || !gather.is_ready());
    let recorded = Recording::new(async { Ok(()) });
    let error = gather.localise(authorised(), recorded, soon()).await.err();
    assert!(
        matches!(error, Some(GatherError::NotLocalised { .. })),
        "{error:?}"
    );
}

#[test]
fn the_configuration_refuses_what_it_does_not_know() {
    let with = |fanout: &str| {
        read(&format!(
            r#"{{"own":{{"ura":"900900","name":"West","organisation_type":"Z3","oin":"1","source_id":"s"}},
            "national":{{"oauth":{{"token_url":"https://a.example/t"}},"prs":{{"url":"https://b.example"}},
            "nvi":{{"url":"https://c.example"}},"directory":{{"url":"https://d.example"}},
            "mitz":{{"url":"https://e.example"}}}},"fanout":{fanout}}}"#
        ))
    };
    let config = with(r#"{"max_holders": 8}"#).unwrap();
    assert_eq!(
        (config.fanout.max_holders, config.fanout.interactive_seconds),
        (8, 10)
    );
    assert!(with(r#"{"max_holder": 8}"#).is_err());
    assert!(Material::load(&config).is_ok(), "no files are named");
}

fn read(text: &str) -> Result<GatherConfig, serde_json::Error> {
    serde_json::from_str(text)
}

#[tokio::test]
async fn nobody_localised_is_an_answer_with_no_rows() {
    let gather = gather().await;
    let deadline = Instant::now() + Duration::from_secs(5);
    let question = Arc::new(question());
    let mut events = gather
        .fan_out
        .ask(question, Vec::new(), Vec::new(), Arc::new(Anyone), deadline);
    assert!(matches!(
        events.next_event().await,
        Some(crate::fanout::Event::Done)
    ));
    assert!(events.next_event().await.is_none());
}

#[tokio::test]
async fn c40_an_unsafe_address_of_the_directory_is_not_a_source() {
    let gather = gather().await;
    for address in [
        "http://192.0.2.1/r4",
        "https://user@oost.example/r4",
        "ftp://oost.example",
        "https://169.254.169.254",
    ] {
        let endpoint = DataEndpoint {
            id: "e".to_owned(),
            address: address.to_owned(),
            fhir: samenhang_profiles::FhirVersion::R4,
            json: true,
            authorization: None,
        };
        assert!(
            gather.source(&"00700700".parse().unwrap(), &endpoint).is_err(),
            "{address}"
        );
    }
}
