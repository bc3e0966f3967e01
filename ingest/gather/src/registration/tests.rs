use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Form, RawQuery};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::routing::{any, post};
use samenhang_profiles::{Bsn, Ura};
use serde_json::{Value, json};

use super::{Registration, Registrations};
use crate::config::{Generation, NviInterface, RegistrationConfig};
use crate::error::GatherError;
use crate::fixtures::Bench;
use crate::http::TlsMaterial;
use crate::ledger::{Outcome, Step};

/// What the simulated index saw: method, query and body; and the token forms.
#[derive(Default)]
struct Seen {
    calls: Mutex<Vec<(Method, String, String)>>,
    tokens: Mutex<Vec<Vec<(String, String)>>>,
}

/// A country whose index answers with one status after the other, and then with 200.
fn country(statuses: &[u16]) -> (Router, Arc<Seen>) {
    let seen = Arc::new(Seen::default());
    let statuses = Arc::new(Mutex::new(statuses.to_vec()));
    let token = {
        let seen = seen.clone();
        move |Form(form): Form<Vec<(String, String)>>| async move {
            seen.tokens.lock().unwrap().push(form);
            axum::Json(json!({"access_token": "t", "expires_in": 600}))
        }
    };
    let index = {
        let seen = seen.clone();
        move |method: Method, RawQuery(query): RawQuery, headers: HeaderMap, body: Bytes| async move {
            assert_eq!(headers["authorization"], "Bearer t");
            let body = String::from_utf8(body.to_vec()).unwrap();
            let mut calls = seen.calls.lock().unwrap();
            calls.push((method, query.unwrap_or_default(), body));
            let mut statuses = statuses.lock().unwrap();
            let status = if statuses.is_empty() {
                200
            } else {
                statuses.remove(0)
            };
            StatusCode::from_u16(status).unwrap()
        }
    };
    let router = Router::new()
        .route("/oauth/token", post(token))
        .route(
            "/prs/oprf/eval",
            post(async || axum::Json(json!({"jwe": "a.b.c.d.e"}))),
        )
        .route("/nvi/registrations", any(index.clone()))
        .route("/nvi/fhir/List", any(index));
    (router, seen)
}

async fn client(bench: &Bench, generation: Generation, interface: NviInterface) -> Registrations {
    let mut config = RegistrationConfig {
        generation,
        oauth: bench.config.oauth.clone(),
        prs: bench.config.prs.clone(),
        nvi: bench.config.nvi.clone(),
        devices: std::collections::BTreeMap::default(),
    };
    config.nvi.interface = interface;
    Registrations::new(
        bench.http.clone(),
        &config,
        &bench.own,
        &TlsMaterial::default(),
        bench.clock.clone(),
        bench.random.clone(),
        bench.ledger.clone(),
    )
    .unwrap()
}

struct Subject(Ura, Bsn);

impl Subject {
    fn new() -> Self {
        Subject("00000001".parse().unwrap(), Bsn::parse("999990019").unwrap())
    }

    fn registration(&self) -> Registration<'_> {
        Registration {
            holder: &self.0,
            device: "west-1-umc",
            patient: &self.1,
        }
    }
}

#[tokio::test]
async fn the_plain_interface_is_told_by_pseudonym_as_the_holder_and_its_device() {
    let (router, seen) = country(&[]);
    let bench = Bench::new(router).await;
    let client = client(&bench, Generation::C, NviInterface::Rest).await;
    let subject = Subject::new();
    client.register(&subject.registration()).await.unwrap();
    client.deregister(&subject.registration()).await.unwrap();
    let calls = seen.calls.lock().unwrap();
    assert_eq!(calls[0].0, Method::POST);
    let body: Value = serde_json::from_str(&calls[0].2).unwrap();
    assert_eq!(body["pseudonym"], "a.b.c.d.e");
    assert_eq!(calls[1].0, Method::DELETE);
    assert!(calls[1].1.starts_with("pseudonym=a.b.c.d.e&oprf_key="));
    let blind = body["oprf_key"].as_str().unwrap();
    assert!(
        !calls[1].1.contains(blind.trim_end_matches('=')),
        "a fresh pseudonym"
    );
    let tokens = seen.tokens.lock().unwrap();
    let wanted: Vec<Vec<&str>> = tokens
        .iter()
        .map(|form| {
            let of = |name: &str| {
                form.iter()
                    .find(|(key, _)| key == name)
                    .map_or("", |(_, value)| value)
            };
            vec![of("scope"), of("organization_id"), of("source_id")]
        })
        .collect();
    assert_eq!(
        wanted,
        [
            ["nvi:create", "00000001", "west-1-umc"],
            ["prs:read", "00000099000000002000", "west-1"],
            ["nvi:delete", "00000001", "west-1-umc"],
        ]
    );
    let facts = bench.ledger.facts();
    let steps: Vec<_> = facts.iter().map(|fact| (fact.step, fact.outcome)).collect();
    assert_eq!(
        steps,
        [
            Step::Pseudonymise,
            Step::Register,
            Step::Pseudonymise,
            Step::Deregister
        ]
        .map(|step| (step, Outcome::Success))
    );
    assert_eq!(facts[1].asker.organisation.as_str(), "00000001");
}

#[tokio::test]
async fn a_list_names_holder_and_device_and_is_taken_away_by_both_subject_and_device() {
    let (router, seen) = country(&[]);
    let bench = Bench::new(router).await;
    let client = client(&bench, Generation::C, NviInterface::Fhir).await;
    let subject = Subject::new();
    client.register(&subject.registration()).await.unwrap();
    client.deregister(&subject.registration()).await.unwrap();
    let calls = seen.calls.lock().unwrap();
    let list: Value = serde_json::from_str(&calls[0].2).unwrap();
    assert_eq!(
        list["extension"][0]["valueReference"]["identifier"]["value"],
        "00000001"
    );
    assert_eq!(list["source"]["identifier"]["value"], "west-1-umc");
    assert_eq!(list["emptyReason"]["coding"][0]["code"], "withheld");
    assert!(list.get("date").is_none() && list.get("code").is_none());
    let pairs: Vec<(String, String)> = url::form_urlencoded::parse(calls[1].1.as_bytes())
        .into_owned()
        .collect();
    assert_eq!((calls[1].0.clone(), pairs.len()), (Method::DELETE, 2));
    assert_eq!(pairs[0].0, "subject:identifier");
    assert!(
        pairs[0]
            .1
            .split_once('|')
            .is_some_and(|(_, token)| token.len() > 20)
    );
    assert_eq!(
        pairs[1],
        (
            "source:identifier".to_owned(),
            "urn:ietf:rfc:3986|west-1-umc".to_owned()
        )
    );
}

#[tokio::test]
async fn what_was_so_already_is_done_and_what_is_refused_is_told() {
    let subject = Subject::new();
    type Case = (&'static [u16], bool, Result<(), u16>, usize);
    let cases: [Case; 7] = [
        (&[409], false, Ok(()), 1),
        (&[404], true, Ok(()), 1),
        (&[401, 200], false, Ok(()), 2),
        (&[400, 200], false, Ok(()), 2),
        (&[503, 200], true, Ok(()), 2),
        (&[503, 503], false, Err(503), 2),
        (&[403], false, Err(403), 1),
    ];
    for (statuses, removes, expected, calls) in cases {
        let (router, seen) = country(statuses);
        let bench = Bench::new(router).await;
        let client = client(&bench, Generation::C, NviInterface::Rest).await;
        let done = if removes {
            client.deregister(&subject.registration()).await
        } else {
            client.register(&subject.registration()).await
        };
        let done = done.map_err(|error| match error {
            GatherError::Status { status, .. } => status,
            other => panic!("{other}"),
        });
        assert_eq!(done, expected, "{statuses:?}");
        assert_eq!(seen.calls.lock().unwrap().len(), calls, "{statuses:?}");
    }
}
