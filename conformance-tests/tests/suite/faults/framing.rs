//! Abuse of HTTP/2 against our own listener (F11), and a reader that never reads (F45).
//!
//! The frames are written here byte by byte: no client library would send them.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::scene::{Scene, tuned};
use crate::country::{Country, P1, parameters};

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
/// The code of an error for "you do too much" (RFC 9113, section 7).
const ENHANCE_YOUR_CALM: u32 = 0xb;

/// A frame of HTTP/2 (RFC 9113, section 4.1).
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len())
        .expect("a short payload")
        .to_be_bytes();
    let mut frame = vec![length[1], length[2], length[3], kind, flags];
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

/// A header field that is not put in the table (RFC 7541, section 6.2.2).
fn field(name: &str, value: &str) -> Vec<u8> {
    let text = |text: &str| {
        let length = text.len();
        let mut bytes = if length < 127 {
            vec![u8::try_from(length).expect("a length")]
        } else {
            let (mut rest, mut bytes) = (length - 127, vec![127]);
            while rest >= 128 {
                bytes.push(u8::try_from(rest % 128).expect("a part") | 128);
                rest /= 128;
            }
            bytes.push(u8::try_from(rest).expect("a part"));
            bytes
        };
        bytes.extend(text.as_bytes());
        bytes
    };
    [vec![0], text(name), text(value)].concat()
}

/// The headers of a request.
fn request(method: &str, path: &str, more: &[(&str, &str)]) -> Vec<u8> {
    let mut block = Vec::new();
    for (name, value) in [
        (":method", method),
        (":scheme", "http"),
        (":authority", "localhost"),
        (":path", path),
    ]
    .iter()
    .chain(more)
    {
        block.extend(field(name, value));
    }
    block
}

/// A connection on which anything can be sent.
struct Rogue(TcpStream);

impl Rogue {
    /// Connects and says that it speaks HTTP/2, with these settings (identifier and value).
    async fn connect(country: &Country, settings: &[(u16, u32)]) -> Self {
        let address = country.demo.base().trim_start_matches("http://").to_owned();
        let mut rogue = Rogue(TcpStream::connect(address).await.expect("a connection"));
        let mut payload = Vec::new();
        for (identifier, value) in settings {
            payload.extend(identifier.to_be_bytes());
            payload.extend(value.to_be_bytes());
        }
        rogue.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await;
        rogue.send(&frame(SETTINGS, 0, 0, &payload)).await;
        rogue
    }

    /// Sends; says whether the other side still took it.
    async fn send(&mut self, bytes: &[u8]) -> bool {
        self.0.write_all(bytes).await.is_ok()
    }

    /// Everything that comes until the server ends the connection.
    async fn read_all(mut self) -> Vec<(u8, u32, Vec<u8>)> {
        let mut bytes = Vec::new();
        // A reset is an end too.
        let _ = self.0.read_to_end(&mut bytes).await;
        let mut frames = Vec::new();
        let mut rest = &bytes[..];
        while rest.len() >= 9 {
            let length = u32::from_be_bytes([0, rest[0], rest[1], rest[2]]);
            let stream = u32::from_be_bytes([rest[5], rest[6], rest[7], rest[8]]);
            let end = (9 + usize::try_from(length).expect("a length")).min(rest.len());
            frames.push((rest[3], stream, rest[9..end].to_vec()));
            rest = &rest[end..];
        }
        frames
    }
}

/// The code with which the server said goodbye.
fn goodbye(frames: &[(u8, u32, Vec<u8>)]) -> Option<u32> {
    let (_, _, payload) = frames.iter().find(|(kind, _, _)| *kind == GOAWAY)?;
    Some(u32::from_be_bytes(payload.get(4..8)?.try_into().ok()?))
}

/// Another asker gets what it always gets.
async fn others_are_served(scene: &Scene) {
    let answer = scene.ask().await;
    scene.rest_is_whole(&answer, &[]);
}

#[tokio::test]
async fn fault_f11_rapid_reset() {
    let scene = Scene::start().await;
    let mut rogue = Rogue::connect(&scene.country, &[]).await;
    let block = request("GET", "/fhir/R4/metadata", &[]);
    for number in 0..5_000 {
        let stream = number * 2 + 1;
        let mut pair = frame(HEADERS, END_HEADERS | END_STREAM, stream, &block);
        pair.extend(frame(RST_STREAM, 0, stream, &8_u32.to_be_bytes()));
        if !rogue.send(&pair).await {
            break;
        }
    }
    let frames = rogue.read_all().await;
    assert!(matches!(goodbye(&frames), Some(ENHANCE_YOUR_CALM) | None));
    others_are_served(&scene).await;
    scene.stop().await;
}

#[tokio::test]
async fn fault_f11_continuation_flood() {
    let scene = Scene::start().await;
    let mut rogue = Rogue::connect(&scene.country, &[]).await;
    rogue
        .send(&frame(
            HEADERS,
            END_STREAM,
            1,
            &request("GET", "/fhir/R4/metadata", &[]),
        ))
        .await;
    let filler = field("x-filler", &"x".repeat(4_000));
    // Without an end: it must be the server that stops.
    while rogue.send(&frame(CONTINUATION, 0, 1, &filler)).await {}
    rogue.read_all().await;
    others_are_served(&scene).await;
    scene.stop().await;
}

#[tokio::test]
async fn fault_f11_huge_header_list() {
    let scene = Scene::start().await;
    let many: Vec<(String, String)> = (0..150).map(|n| (format!("x-{n}"), "x".to_owned())).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let large = "x".repeat(8_000);
    let large: Vec<(&str, &str)> = vec![("x-large", large.as_str()); 6];
    for more in [many, large] {
        let mut rogue = Rogue::connect(&scene.country, &[]).await;
        let block = request("GET", "/fhir/R4/metadata", &more);
        let parts: Vec<&[u8]> = block.chunks(16_000).collect();
        for (at, part) in parts.iter().enumerate() {
            let kind = if at == 0 { HEADERS } else { CONTINUATION };
            let ends = if at + 1 == parts.len() { END_HEADERS } else { 0 };
            let stream_ends = if at == 0 { END_STREAM } else { 0 };
            rogue.send(&frame(kind, ends | stream_ends, 1, part)).await;
        }
        // A goodbye from us, so that the server ends the connection when it has answered.
        rogue.send(&frame(GOAWAY, 0, 0, &[0; 8])).await;
        let frames = rogue.read_all().await;
        assert!(
            frames.iter().all(|(kind, _, _)| *kind != DATA),
            "the statement is not given"
        );
    }
    others_are_served(&scene).await;
    scene.stop().await;
}

#[tokio::test]
async fn fault_f11_many_streams() {
    let scene = Scene::start().await;
    let mut rogue = Rogue::connect(&scene.country, &[]).await;
    let block = request(
        "POST",
        "/fhir/R4/Patient/$overview",
        &[("content-type", "application/fhir+json")],
    );
    // Each says that a body follows, which never does.
    for number in 0..1_000 {
        if !rogue
            .send(&frame(HEADERS, END_HEADERS, number * 2 + 1, &block))
            .await
        {
            break;
        }
    }
    others_are_served(&scene).await;
    drop(rogue);
    scene.stop().await;
}

#[tokio::test]
async fn fault_f11_ten_thousand_settings() {
    let scene = Scene::start().await;
    let mut rogue = Rogue::connect(&scene.country, &[]).await;
    for _ in 0..10_000 {
        if !rogue.send(&frame(SETTINGS, 0, 0, &[0, 3, 0, 0, 0, 9])).await {
            break;
        }
    }
    others_are_served(&scene).await;
    drop(rogue);
    scene.stop().await;
}

/// A reader that keeps its window shut: the server ends the connection by itself, and nothing of the answer stays.
#[tokio::test]
async fn fault_f45_reader_that_never_reads() {
    let country = tuned("[server]\nwrite_timeout_ms = 500\n").await;
    // SETTINGS_INITIAL_WINDOW_SIZE is 4.
    let mut rogue = Rogue::connect(&country, &[(4, 0)]).await;
    let head = request(
        "POST",
        "/fhir/R4/Patient/$overview",
        &[
            ("content-type", "application/fhir+json"),
            ("accept", "application/fhir+json"),
        ],
    );
    rogue.send(&frame(HEADERS, END_HEADERS, 1, &head)).await;
    let body = parameters(P1, &[]).to_string();
    rogue.send(&frame(DATA, END_STREAM, 1, body.as_bytes())).await;
    let frames = rogue.read_all().await;
    let answered = frames
        .iter()
        .any(|(kind, stream, _)| (*kind, *stream) == (HEADERS, 1));
    assert!(answered, "the answer was there to be read");
    assert!(
        frames.iter().all(|(kind, _, _)| *kind != DATA),
        "nothing of it left"
    );
    let answer = country.ask(P1).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    country.stop().await;
}
