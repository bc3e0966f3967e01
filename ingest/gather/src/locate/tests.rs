mod further;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use axum::body::Bytes;
use axum::extract::RawQuery;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use samenhang_profiles::{Bsn, Ura};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::{CareTeam, Found, Localiser, Locate, Names, Origin, Partners};
use crate::config::{NviInterface, Partner};
use crate::error::{GatherError, Service};
use crate::fixtures::{Bench, question, soon};
use crate::ledger::{LedgerClosed, Outcome, Recording, Step};
use crate::query::Question;

/// What a simulated service saw.
#[derive(Default)]
struct Seen {
    tokens: AtomicUsize,
    blinds: Mutex<Vec<String>>,
    localised: Mutex<Vec<(String, String)>>,
}

type Answers = Arc<dyn Fn(usize) -> Response + Send + Sync>;

/// OAuth server, pseudonym service and referral index. `prs` and `nvi` answer their n-th call.
fn country(prs: Answers, nvi: Answers) -> (Router, Arc<Seen>) {
    let seen = Arc::new(Seen::default());
    let token = {
        let seen = seen.clone();
        move || async move {
            let number = seen.tokens.fetch_add(1, Ordering::SeqCst);
            Json(json!({"access_token": format!("t{number}"), "expires_in": 600}))
        }
    };
    let eval = {
        let seen = seen.clone();
        move |Json(body): Json<Value>| async move {
            let mut blinds = seen.blinds.lock().unwrap();
            blinds.push(body["encryptedPersonalId"].as_str().unwrap().to_owned());
            assert_eq!(body["recipientOrganization"], "oin:00000099000000001000");
            assert_eq!(body["recipientScope"], "nvi");
            prs(blinds.len() - 1)
        }
    };
    let note = {
        let seen = seen.clone();
        move |headers: &HeaderMap, what: String| {
            let token = headers["authorization"].to_str().unwrap().to_owned();
            let mut localised = seen.localised.lock().unwrap();
            localised.push((token, what));
            nvi(localised.len() - 1)
        }
    };
    let rest = {
        let note = note.clone();
        move |headers: HeaderMap, body: Bytes| async move {
            note(&headers, String::from_utf8(body.to_vec()).unwrap())
        }
    };
    let fhir =
        move |headers: HeaderMap, RawQuery(query): RawQuery| async move { note(&headers, query.unwrap()) };
    let router = Router::new()
        .route("/oauth/token", post(token))
        .route("/prs/oprf/eval", post(eval))
        .route("/nvi/localize", post(rest))
        .route("/nvi/fhir/List", get(fhir));
    (router, seen)
}

fn evaluated(_: usize) -> Response {
    Json(json!({"jwe": "aGVhZGVy.a2V5.aXY.dGV4dA.dGFn"})).into_response()
}

/// Fails the first time, and then answers.
fn once(status: StatusCode, later: fn(usize) -> Response) -> Answers {
    Arc::new(move |n| if n == 0 { status.into_response() } else { later(n) })
}

fn two_holders(_: usize) -> Response {
    Json(json!([
        {"ura_number": "00700700", "source_id": "a", "created_at": "2026-01-01T00:00:00Z"},
        {"ura_number": "700701", "source_id": "b"},
        {"ura_number": "00700700", "source_id": "c"},
    ]))
    .into_response()
}

fn numbers(found: &Found) -> Vec<String> {
    found.holders.iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn the_index_is_asked_over_rest() {
    let (router, seen) = country(Arc::new(evaluated), Arc::new(two_holders));
    let bench = Bench::new(router).await;
    let found = bench.nvi().localise(&question(), soon()).await.unwrap();
    assert_eq!(numbers(&found), ["00700700", "00700701"]);
    let body: Value = serde_json::from_str(&seen.localised.lock().unwrap()[0].1).unwrap();
    assert_eq!(body["pseudonym"], "aGVhZGVy.a2V5.aXY.dGV4dA.dGFn");
    assert_eq!(body["oprf_key"].as_str().map(str::len), Some(44));
    let steps: Vec<_> = bench
        .ledger
        .facts()
        .iter()
        .map(|fact| (fact.step, fact.outcome, fact.count))
        .collect();
    assert_eq!(
        steps,
        [
            (Step::Pseudonymise, Outcome::Success, None),
            (Step::Localise, Outcome::Success, Some(2))
        ]
    );
}

fn list(system: &str, value: &str) -> Value {
    json!({"resource": {"resourceType": "List", "status": "current", "mode": "working", "extension": [{
        "url": "http://minvws.github.io/generiekefuncties-docs/StructureDefinition/nl-gf-localization-custodian",
        "valueReference": {"identifier": {"system": system, "value": value}}}]}})
}

#[tokio::test]
async fn the_index_is_asked_over_fhir() {
    let answer = |_| {
        let ura = "http://fhir.nl/fhir/NamingSystem/ura";
        Json(
            json!({"resourceType": "Bundle", "type": "searchset", "total": 3, "entry": [
            list(ura, "00700700"), list("urn:other", "00700702"), list(ura, "00700701")]}),
        )
        .into_response()
    };
    let (router, seen) = country(Arc::new(evaluated), Arc::new(answer));
    let mut bench = Bench::new(router).await;
    bench.config.nvi.interface = NviInterface::Fhir;
    let found = bench.nvi().localise(&question(), soon()).await.unwrap();
    assert_eq!(numbers(&found), ["00700700", "00700701"]);
    assert_eq!(found.unreadable, 1);
    let query = seen.localised.lock().unwrap()[0].1.clone();
    let token = query
        .strip_prefix("subject:identifier=")
        .unwrap()
        .split("%7C")
        .nth(1)
        .unwrap();
    let token = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, token).unwrap();
    let token: Value = serde_json::from_slice(&token).unwrap();
    assert_eq!(token["evaluated_output"], "aGVhZGVy.a2V5.aXY.dGV4dA.dGFn");
    assert!(token["blind_factor"].is_string());
}

#[tokio::test]
async fn a_refused_token_is_renewed_once() {
    let nvi = once(StatusCode::UNAUTHORIZED, two_holders);
    let (router, seen) = country(Arc::new(evaluated), nvi);
    let bench = Bench::new(router).await;
    assert!(bench.nvi().localise(&question(), soon()).await.is_ok());
    let tokens: Vec<_> = seen
        .localised
        .lock()
        .unwrap()
        .iter()
        .map(|(token, _)| token.clone())
        .collect();
    assert_eq!(tokens, ["Bearer t0", "Bearer t2"]);
    let (router, seen) = country(
        Arc::new(evaluated),
        Arc::new(|_| StatusCode::UNAUTHORIZED.into_response()),
    );
    let bench = Bench::new(router).await;
    let error = bench.nvi().localise(&question(), soon()).await.err();
    assert_eq!(
        error,
        Some(GatherError::Status {
            service: Service::Nvi,
            status: 401
        })
    );
    assert_eq!(seen.localised.lock().unwrap().len(), 2);
    assert_eq!(
        bench.ledger.facts().last().map(|fact| fact.outcome),
        Some(Outcome::Refused)
    );
}

#[tokio::test]
async fn an_expired_pseudonym_is_made_anew_once() {
    for status in [StatusCode::BAD_REQUEST, StatusCode::BAD_GATEWAY] {
        let (router, seen) = country(Arc::new(evaluated), once(status, two_holders));
        let bench = Bench::new(router).await;
        assert!(bench.nvi().localise(&question(), soon()).await.is_ok());
        let blinds = seen.blinds.lock().unwrap().clone();
        assert_eq!(blinds.len(), 2);
        assert_ne!(blinds[0], blinds[1], "a blind is never used twice");
        let always = move |_| status.into_response();
        let (router, seen) = country(Arc::new(evaluated), Arc::new(always));
        let bench = Bench::new(router).await;
        assert!(bench.nvi().localise(&question(), soon()).await.is_err());
        assert_eq!(seen.localised.lock().unwrap().len(), 2);
    }
}

#[tokio::test]
async fn the_pseudonym_service_is_tried_once_more_with_a_fresh_blind() {
    let prs = once(StatusCode::INTERNAL_SERVER_ERROR, evaluated);
    let (router, seen) = country(prs, Arc::new(two_holders));
    let bench = Bench::new(router).await;
    assert!(bench.nvi().localise(&question(), soon()).await.is_ok());
    let blinds: BTreeSet<_> = seen.blinds.lock().unwrap().iter().cloned().collect();
    assert_eq!(blinds.len(), 2);
    for answer in [
        json!({"jwe": "a.b.c"}),
        json!({"jwe": "a.b.c.d. "}),
        json!({"error": "x"}),
        json!([]),
    ] {
        let (router, _) = country(
            Arc::new(move |_| Json(answer.clone()).into_response()),
            Arc::new(two_holders),
        );
        let error = Bench::new(router)
            .await
            .nvi()
            .localise(&question(), soon())
            .await
            .err();
        assert!(
            matches!(
                error,
                Some(GatherError::Answer {
                    service: Service::Prs,
                    ..
                })
            ),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn f31_garbage_is_never_nobody() {
    for answer in [
        json!({}),
        json!("x"),
        json!([{"ura_number": "none"}]),
        json!([{"source_id": "x"}]),
        json!([{"ura_number": 7}]),
    ] {
        let (router, _) = country(
            Arc::new(evaluated),
            Arc::new(move |_| Json(answer.clone()).into_response()),
        );
        let error = Bench::new(router)
            .await
            .nvi()
            .localise(&question(), soon())
            .await
            .err();
        assert!(
            matches!(
                error,
                Some(GatherError::Answer {
                    service: Service::Nvi,
                    ..
                })
            ),
            "{error:?}"
        );
    }
    let (router, _) = country(Arc::new(evaluated), Arc::new(|_| Json(json!([])).into_response()));
    let found = Bench::new(router)
        .await
        .nvi()
        .localise(&question(), soon())
        .await
        .unwrap();
    assert_eq!(found, Found::default());
}

#[tokio::test]
async fn f36_a_closed_ledger_stops_localising() {
    let (router, seen) = country(Arc::new(evaluated), Arc::new(two_holders));
    let bench = Bench::new(router).await;
    bench.ledger.close();
    let error = bench.nvi().localise(&question(), soon()).await.err();
    assert_eq!(error, Some(GatherError::Ledger(LedgerClosed)));
    assert!(seen.localised.lock().unwrap().is_empty());
}

struct Fixed(Origin, Result<Found, GatherError>);

#[async_trait]
impl Localiser for Fixed {
    fn origin(&self) -> Origin {
        self.0
    }

    async fn localise(&self, _: &Question, _: Instant) -> Result<Found, GatherError> {
        self.1.clone()
    }
}

/// A question that is on record already.
fn recorded() -> Recording {
    Recording::new(async { Ok(()) })
}

/// A localiser that counts how often it is asked, and tells it.
#[derive(Clone, Default)]
struct Counting(Arc<AtomicUsize>, Arc<tokio::sync::Notify>);

#[async_trait]
impl Localiser for Counting {
    fn origin(&self) -> Origin {
        Origin::MitzOpen
    }

    async fn localise(&self, _: &Question, _: Instant) -> Result<Found, GatherError> {
        self.0.fetch_add(1, Ordering::SeqCst);
        self.1.notify_one();
        Ok(Found::default())
    }
}

struct Nobody;

impl Names for Nobody {
    fn name_of(&self, ura: &Ura) -> Option<Arc<str>> {
        (ura.as_str() == "00700700").then(|| "Ziekenhuis Oost".into())
    }
}

fn found(numbers: &[&str]) -> Result<Found, GatherError> {
    Ok(Found {
        holders: numbers.iter().map(|number| number.parse().unwrap()).collect(),
        unreadable: 0,
        ..Found::default()
    })
}

fn locate(index: Result<Found, GatherError>, further: Vec<Box<dyn Localiser>>) -> Locate {
    Locate::new(
        Box::new(Fixed(Origin::Nvi, index)),
        further,
        "00900900".parse().unwrap(),
        Arc::new(Nobody),
    )
}

#[tokio::test]
async fn localisers_are_united_and_keep_their_origin() {
    let partner = Partner {
        ura: "00700705".parse().unwrap(),
        basis: "contract".to_owned(),
    };
    let patient = Bsn::parse("999990019").unwrap();
    let further: Vec<Box<dyn Localiser>> = vec![
        Box::new(Partners::new(&[partner])),
        Box::new(CareTeam::new([(patient, "00700700".parse().unwrap())])),
        Box::new(Fixed(Origin::MitzOpen, Err(GatherError::Deadline))),
    ];
    let located = locate(found(&["00900900", "00700701", "00700700"]), further)
        .locate(&question(), recorded(), soon())
        .await
        .unwrap();
    let holders: Vec<_> = located
        .holders()
        .iter()
        .map(|holder| {
            (
                holder.ura().to_string(),
                holder.name().to_string(),
                holder.origins().iter().copied().collect(),
            )
        })
        .collect();
    let expected: Vec<(String, String, Vec<Origin>)> = vec![
        (
            "00700700".into(),
            "Ziekenhuis Oost".into(),
            vec![Origin::Nvi, Origin::CareTeam],
        ),
        ("00700701".into(), "00700701".into(), vec![Origin::Nvi]),
        ("00700705".into(), "00700705".into(), vec![Origin::Partner]),
    ];
    assert_eq!(holders, expected, "our own organisation is not asked");
    assert_eq!(located.warnings().len(), 1);
    assert_eq!(located.warnings()[0].origin, Origin::MitzOpen);
}

#[tokio::test]
async fn f31_the_index_failing_is_an_error_whatever_others_found() {
    let further: Vec<Box<dyn Localiser>> = vec![Box::new(Fixed(Origin::MitzOpen, found(&["00700700"])))];
    let error = locate(Err(GatherError::Deadline), further)
        .locate(&question(), recorded(), soon())
        .await
        .err();
    assert_eq!(
        error,
        Some(GatherError::NotLocalised {
            origin: Origin::Nvi,
            source: Box::new(GatherError::Deadline)
        })
    );
    let closed: Vec<Box<dyn Localiser>> = vec![Box::new(Fixed(Origin::MitzOpen, Err(LedgerClosed.into())))];
    let error = locate(found(&[]), closed)
        .locate(&question(), recorded(), soon())
        .await
        .err();
    assert_eq!(error, Some(GatherError::Ledger(LedgerClosed)));
}

#[tokio::test]
async fn only_the_index_is_asked_before_the_question_is_on_record_and_nothing_is_located() {
    let (index, further) = (Counting::default(), Counting::default());
    let locate = Locate::new(
        Box::new(index.clone()),
        vec![Box::new(further.clone())],
        "00900900".parse().unwrap(),
        Arc::new(Nobody),
    );
    let (durable, disk) = tokio::sync::oneshot::channel();
    let recording = Recording::new(async move { disk.await.unwrap_or(Err(LedgerClosed)) });
    let asked = question();
    let mut locating = std::pin::pin!(locate.locate(&asked, recording, soon()));
    tokio::select! {
        biased;
        _ = &mut locating => panic!("it is not on record yet"),
        () = index.1.notified() => {}
    }
    assert!(futures::poll!(&mut locating).is_pending());
    assert_eq!(
        further.0.load(Ordering::SeqCst),
        0,
        "it would be told which patient it is"
    );
    durable.send(Ok(())).unwrap();
    locating.await.unwrap();
    assert_eq!(further.0.load(Ordering::SeqCst), 1);
    // What cannot be recorded goes no further.
    let recording = Recording::new(async { Err(LedgerClosed) });
    let error = locate.locate(&asked, recording, soon()).await.err();
    assert_eq!(error, Some(GatherError::Ledger(LedgerClosed)));
    assert_eq!(further.0.load(Ordering::SeqCst), 1);
}
