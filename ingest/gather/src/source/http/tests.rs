use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::Request;
use axum::http::HeaderMap;
use axum::response::IntoResponse;
use samenhang_profiles::FhirVersion;

use super::HttpSource;
use crate::clock::{SeededRandom, SystemClock};
use crate::config::EgressConfig;
use crate::fixtures::{question, serve, soon};
use crate::http::{Http, HttpError, TlsMaterial};
use crate::source::{Ask, Reply, SourceApi};
use crate::token::{NoAuthorisation, Token};

type Seen = Arc<Mutex<Vec<(String, String, HeaderMap, String)>>>;

async fn source() -> (HttpSource, Seen) {
    let seen: Seen = Arc::default();
    let kept = Arc::clone(&seen);
    let router = Router::new().fallback(async move |request: Request| {
        let (parts, body) = request.into_parts();
        let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
        let body = String::from_utf8(body.to_vec()).unwrap();
        kept.lock().unwrap().push((
            parts.method.to_string(),
            parts.uri.to_string(),
            parts.headers,
            body,
        ));
        (
            [
                ("content-type", "application/FHIR+json; charset=utf-8"),
                ("retry-after", "7"),
            ],
            "{}",
        )
            .into_response()
    });
    let base = serve(router).await;
    let http = Http::new(&EgressConfig::loopback(), &TlsMaterial::default()).unwrap();
    let peer = http.peer(&format!("{base}/r4")).unwrap();
    let authoriser = Arc::new(NoAuthorisation);
    let (clock, random) = (Arc::new(SystemClock), Arc::new(SeededRandom::new(1)));
    (
        HttpSource::new(http, peer, FhirVersion::R4, true, authoriser, clock, random),
        seen,
    )
}

async fn send(source: &HttpSource, ask: Ask<'_>) -> Result<Reply, HttpError> {
    let token = Token::new("abc".to_owned());
    source.send(&question(), ask, Some(&token), 1 << 20, soon()).await
}

#[tokio::test]
async fn p9_the_number_is_in_bodies_only() {
    let (source, seen) = source().await;
    let question = question();
    let bsn = &question.patient;
    let base = source.base().to_owned();
    let link = format!("{base}?page=2");
    let asks = [
        Ask::FindPatient(bsn),
        Ask::MatchPatient(bsn),
        Ask::Search("Condition?patient=p1&category=http://snomed.info/sct%7C1"),
        Ask::Next(&link),
        Ask::Read("Practitioner/a"),
    ];
    for ask in asks {
        let reply = send(&source, ask).await.unwrap();
        assert_eq!(reply.media_type.as_deref(), Some("application/fhir+json"));
        assert_eq!(reply.retry_after.map(|after| after.as_secs()), Some(7));
    }
    let seen = seen.lock().unwrap();
    let lines: Vec<_> = seen
        .iter()
        .map(|(method, uri, ..)| format!("{method} {uri}"))
        .collect();
    assert_eq!(
        lines,
        [
            "POST /r4/Patient/_search",
            "POST /r4/Patient/$match",
            "GET /r4/Condition?patient=p1&category=http://snomed.info/sct%7C1",
            "GET /r4?page=2",
            "GET /r4/Practitioner/a",
        ]
    );
    for (_, uri, headers, _) in &*seen {
        assert!(!uri.contains("999990019") && !format!("{headers:?}").contains("999990019"));
        assert_eq!(headers["authorization"], "Bearer abc");
        assert_eq!(headers["accept"], "application/fhir+json; fhirVersion=4.0");
        assert_eq!(headers["x-correlation-id"], question.correlation.to_string());
    }
    assert_eq!(
        seen[0].3,
        "identifier=http%3A%2F%2Ffhir%2Enl%2Ffhir%2FNamingSystem%2Fbsn%7C999990019"
    );
    let parameters: serde_json::Value = serde_json::from_str(&seen[1].3).unwrap();
    assert_eq!(
        parameters["parameter"][0]["resource"]["identifier"][0]["value"],
        "999990019"
    );
    assert_ne!(seen[0].2["x-request-id"], seen[1].2["x-request-id"]);
}

#[tokio::test]
async fn a_statement_is_asked_for_without_telling_who_asks() {
    let (source, seen) = source().await;
    source
        .send(&question(), Ask::Capabilities, None, 1 << 20, soon())
        .await
        .unwrap();
    let seen = seen.lock().unwrap();
    assert_eq!(seen[0].1, "/r4/metadata");
    assert!(!seen[0].2.contains_key("authorization") && !seen[0].2.contains_key("x-correlation-id"));
}

#[tokio::test]
async fn f22_a_next_link_elsewhere_is_refused() {
    let (source, seen) = source().await;
    for link in [
        "http://127.0.0.1:1/r4?page=2",
        "https://evil.example/r4",
        "//evil.example/r4",
        "/other?page=2",
    ] {
        let error = send(&source, Ask::Next(link)).await.err();
        assert!(matches!(error, Some(HttpError::OffPin(_))), "{link}: {error:?}");
    }
    assert!(seen.lock().unwrap().is_empty());
}
