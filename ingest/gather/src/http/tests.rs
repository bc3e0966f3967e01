use std::io::Write;
use std::time::Duration;

use axum::Router;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::time::Instant;

use super::{Http, HttpError, Outgoing, Target, TlsMaterial};
use crate::config::EgressConfig;
use crate::fixtures::serve;

fn config() -> EgressConfig {
    EgressConfig {
        max_answer_bytes: 1 << 20,
        throughput_grace_ms: 200,
        connect_timeout_ms: 2000,
        ..EgressConfig::loopback()
    }
}

fn http() -> Http {
    Http::new(&config(), &TlsMaterial::default()).unwrap()
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(20)
}

async fn fetch(base: &str, path: &str) -> Result<super::Answer, HttpError> {
    let http = http();
    let peer = http.peer(base)?;
    http.send(&peer, Outgoing::get(Target::Path(path)), soon()).await
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A server that answers every connection with the same bytes and then does as told.
async fn raw(answer: &'static [u8], after: After) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut buffer = [0; 4096];
                let _ = socket.read(&mut buffer).await;
                let _ = socket.write_all(answer).await;
                match after {
                    After::Close => {}
                    After::Reset => {
                        let _ = socket.set_zero_linger();
                    }
                    After::Drip => loop {
                        tokio::time::sleep(Duration::from_millis(50)).await;
                        if socket.write_all(b"x").await.is_err() {
                            break;
                        }
                    },
                    After::Hang => tokio::time::sleep(Duration::from_secs(600)).await,
                }
            });
        }
    });
    format!("http://{address}")
}

#[derive(Clone, Copy)]
enum After {
    Close,
    Reset,
    Drip,
    Hang,
}

#[tokio::test]
async fn an_answer_is_read_whatever_its_status() {
    let base = serve(Router::new().route(
        "/fhir/Patient/_search",
        post(|body: String| async move { (axum::http::StatusCode::IM_A_TEAPOT, body) }),
    ))
    .await;
    let http = http();
    let peer = http.peer(&format!("{base}/fhir/")).unwrap();
    let outgoing = Outgoing::post(Target::Path("Patient/_search"), "text/plain", "hello");
    let answer = http.send(&peer, outgoing, soon()).await.unwrap();
    assert_eq!((answer.status, &answer.body[..]), (418, &b"hello"[..]));
    assert_eq!(answer.media_type().as_deref(), Some("text/plain"));
}

#[tokio::test]
async fn a_redirect_is_never_followed() {
    let base =
        serve(Router::new().route("/a", get(|| async { axum::response::Redirect::temporary("/b") }))).await;
    assert_eq!(fetch(&base, "a").await.err(), Some(HttpError::Redirect(307)));
}

#[tokio::test]
async fn a_body_is_capped_with_and_without_a_length() {
    let base = serve(
        Router::new()
            .route("/sized", get(|| async { vec![b'x'; (1 << 20) + 1] }))
            .route(
                "/chunked",
                get(|| async {
                    let chunks =
                        futures::stream::iter((0..40).map(|_| Ok::<_, std::io::Error>(vec![b'x'; 64 << 10])));
                    axum::body::Body::from_stream(chunks)
                }),
            ),
    )
    .await;
    for path in ["sized", "chunked"] {
        let error = fetch(&base, path).await.err();
        assert_eq!(
            error,
            Some(HttpError::TooLarge {
                what: "bytes",
                limit: 1 << 20
            }),
            "{path}"
        );
    }
}

#[tokio::test]
async fn gzip_is_read_within_bounds() {
    let encoded = |bytes: Vec<u8>, name: &'static str| ([("content-encoding", name)], bytes).into_response();
    let honest = gzip(b"{\"resourceType\":\"Bundle\"}");
    let bomb = gzip(&vec![0; 900 << 10]);
    let large = gzip(
        &(0..500_000_u32)
            .flat_map(|n| (n ^ (n >> 3)).to_le_bytes())
            .collect::<Vec<_>>(),
    );
    let mut cut = gzip(&(0..50_000_u32).flat_map(u32::to_le_bytes).collect::<Vec<_>>());
    cut.truncate(cut.len() / 2);
    let base = serve(
        Router::new()
            .route("/honest", get(move || async move { encoded(honest, "gzip") }))
            .route("/bomb", get(move || async move { encoded(bomb, "gzip") }))
            .route("/large", get(move || async move { encoded(large, "gzip") }))
            .route("/cut", get(move || async move { encoded(cut, "gzip") }))
            .route(
                "/lie",
                get(move || async move { encoded(b"a plain text that is no gzip".to_vec(), "gzip") }),
            )
            .route(
                "/other",
                get(move || async move { encoded(b"plain".to_vec(), "br") }),
            ),
    )
    .await;
    let answer = fetch(&base, "honest").await.unwrap();
    assert_eq!(&answer.body[..], b"{\"resourceType\":\"Bundle\"}");
    let error = fetch(&base, "bomb").await.err();
    assert_eq!(
        error,
        Some(HttpError::TooLarge {
            what: "times its compressed size",
            limit: 100
        })
    );
    assert!(matches!(
        fetch(&base, "large").await.err(),
        Some(HttpError::TooLarge { what: "bytes", .. })
    ));
    assert_eq!(fetch(&base, "cut").await.err(), Some(HttpError::Truncated));
    assert_eq!(fetch(&base, "lie").await.err(), Some(HttpError::Encoding));
    assert_eq!(fetch(&base, "other").await.err(), Some(HttpError::Encoding));
}

#[tokio::test]
async fn f03_a_dripping_body_is_given_up() {
    let base = raw(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n", After::Drip).await;
    assert_eq!(fetch(&base, "a").await.err(), Some(HttpError::Timeout));
}

#[tokio::test]
async fn f02_a_hanging_server_is_given_up_at_the_deadline() {
    let base = raw(b"", After::Hang).await;
    let http = http();
    let peer = http.peer(&base).unwrap();
    let deadline = Instant::now() + Duration::from_millis(100);
    let error = http
        .send(&peer, Outgoing::get(Target::Path("a")), deadline)
        .await
        .err();
    assert_eq!(error, Some(HttpError::Timeout));
}

#[tokio::test]
async fn f04_a_broken_answer_is_an_error() {
    let cut = raw(
        b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf",
        After::Close,
    )
    .await;
    assert_eq!(fetch(&cut, "a").await.err(), Some(HttpError::Truncated));
    let chunked = raw(
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n",
        After::Close,
    )
    .await;
    assert_eq!(fetch(&chunked, "a").await.err(), Some(HttpError::Truncated));
    let reset = raw(b"", After::Reset).await;
    assert_eq!(fetch(&reset, "a").await.err(), Some(HttpError::Reset));
}

#[tokio::test]
async fn many_or_large_headers_are_refused() {
    let base = serve(
        Router::new()
            .route(
                "/many",
                get(|| async {
                    let mut headers = axum::http::HeaderMap::new();
                    for n in 0..150 {
                        headers.insert(
                            axum::http::HeaderName::try_from(format!("x-{n}")).unwrap(),
                            axum::http::HeaderValue::from_static("y"),
                        );
                    }
                    headers
                }),
            )
            .route("/large", get(|| async { [("x-large", "y".repeat(40 << 10))] })),
    )
    .await;
    assert!(fetch(&base, "many").await.is_err());
    let error = fetch(&base, "large").await.err();
    assert!(
        matches!(
            error,
            Some(HttpError::TooLarge {
                what: "bytes of headers",
                ..
            })
        ),
        "{error:?}"
    );
}

#[tokio::test]
async fn nobody_there_is_refused() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    assert_eq!(fetch(&base, "a").await.err(), Some(HttpError::Refused));
}

#[tokio::test]
async fn f10_forbidden_networks_are_not_called() {
    let base = serve(Router::new().route("/a", get(|| async { "x" }))).await;
    let port = base.rsplit(':').next().unwrap();
    let strict = Http::new(&EgressConfig::default(), &TlsMaterial::default()).unwrap();
    assert!(
        matches!(strict.peer(&base), Err(HttpError::OffPin(_))),
        "http is not allowed by default"
    );
    for address in [
        "https://127.0.0.1/",
        "https://10.0.0.1/",
        "https://169.254.169.254/",
        "https://[::1]/",
        "https://[::ffff:8.8.8.8]/",
    ] {
        let error = strict.peer(address).err();
        assert!(
            matches!(error, Some(HttpError::ForbiddenAddress | HttpError::OffPin(_))),
            "{address}"
        );
    }
    // A name that leads to a forbidden address is found out when it is resolved.
    let peer = strict.peer(&format!("https://localhost:{port}/")).unwrap();
    let error = strict
        .send(&peer, Outgoing::get(Target::Path("a")), soon())
        .await
        .err();
    assert_eq!(error, Some(HttpError::ForbiddenAddress));
    // Plain http goes to loopback only, whatever else is allowed.
    let wide = EgressConfig {
        allowed_networks: vec!["0.0.0.0/0".parse().unwrap()],
        ..EgressConfig::loopback()
    };
    let wide = Http::new(&wide, &TlsMaterial::default()).unwrap();
    assert_eq!(
        wide.peer("http://10.1.2.3/").err(),
        Some(HttpError::ForbiddenAddress)
    );
    let peer = wide.peer(&format!("http://localhost:{port}/")).unwrap();
    assert!(
        wide.send(&peer, Outgoing::get(Target::Path("a")), soon())
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn an_untrusted_certificate_is_refused() {
    let base = raw(b"not tls at all", After::Close)
        .await
        .replace("http:", "https:");
    assert_eq!(fetch(&base, "a").await.err(), Some(HttpError::Tls));
}

#[test]
fn retry_after_is_read_in_seconds_and_as_a_date() {
    let mut answer = super::Answer {
        status: 429,
        headers: axum::http::HeaderMap::new(),
        body: bytes::Bytes::new(),
    };
    let now = "2026-09-01T08:00:00Z".parse().unwrap();
    assert_eq!(answer.retry_after(now), None);
    answer
        .headers
        .insert("retry-after", axum::http::HeaderValue::from_static("7"));
    assert_eq!(answer.retry_after(now), Some(Duration::from_secs(7)));
    answer.headers.insert(
        "retry-after",
        axum::http::HeaderValue::from_static("Tue, 01 Sep 2026 08:00:30 GMT"),
    );
    assert_eq!(answer.retry_after(now), Some(Duration::from_secs(30)));
}
