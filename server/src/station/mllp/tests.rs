use std::sync::Arc;

use samenhang_gather::clock::SystemClock;
use samenhang_station::config::SourceConfig;
use samenhang_station::lift::ByFormat;
use samenhang_station::seal::SourceKey;
use samenhang_station::surroundings::System;
use samenhang_station::{Config, Format, SourceId, Station};
use samenhang_testbed::tls::Authority;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::{MllpConfig, MllpTlsConfig, Receiver, acceptor, converse, listen};
use crate::app::Drain;

const LIMIT: usize = 4_096;

struct Scene {
    folder: tempfile::TempDir,
    station: Arc<Station>,
    receiver: Arc<Receiver>,
}

impl Scene {
    async fn new(change: impl FnOnce(&mut MllpConfig)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut source = SourceConfig::new("lab".parse().unwrap(), "00000001".parse().unwrap());
        source.key_file = "lab.key".into();
        source.format = Format::Hl7v2;
        source.max_message_bytes = LIMIT;
        SourceKey::create(&folder.path().join("lab.key"), &System).unwrap();
        let config = Config {
            sources: vec![source],
            folder: folder.path().to_owned(),
            ..Config::default()
        };
        let station = Station::open(&config, Arc::new(ByFormat::default()), Arc::new(System));
        let station = Arc::new(station.await.unwrap());
        let mut config: MllpConfig =
            serde_json::from_str(r#"{"source": "lab", "listen": "127.0.0.1:0"}"#).unwrap();
        change(&mut config);
        let receiver = Receiver::new(Arc::clone(&station), config, Arc::new(SystemClock)).unwrap();
        Scene {
            folder,
            station,
            receiver: Arc::new(receiver),
        }
    }

    /// A connection: what the sender holds of it, and how it ends.
    fn connect(&self) -> (DuplexStream, JoinHandle<std::io::Result<()>>) {
        let (theirs, ours) = duplex(64 << 10);
        let receiver = Arc::clone(&self.receiver);
        let ended = tokio::spawn(async move { converse(ours, &receiver, &Drain::default()).await });
        (theirs, ended)
    }

    /// How many messages the station has, in any state.
    async fn kept(&self) -> i64 {
        let lab: SourceId = "lab".parse().unwrap();
        let scope = self.station.scope(&lab).unwrap();
        self.station.status(&scope).await.unwrap().messages.values().sum()
    }

    /// Works, and says how many are held.
    async fn held(&self) -> u64 {
        self.station.work(&"lab".parse().unwrap()).await.unwrap().held
    }
}

fn oru(id: &str) -> String {
    format!(
        "MSH|^~\\&|LAB|HOSP|||20260105103000+0100||ORU^R01^ORU_R01|{id}|P|2.5||||||UNICODE UTF-8\r\
         PID|1||999990019^^^NLMINBIZA^NNNLD||Voorbeeld^Anna||19610203|F\r\
         OBR|1||O1^LAB|2951-2^Na^LN\rOBX|1|NM|2951-2^Na^LN||140|mmol/L||N|||F|||20260105\r"
    )
}

fn framed(message: &str) -> Vec<u8> {
    samenhang_conform::hl7v2::frame(message.as_bytes())
}

/// The next answer, without its frame.
async fn answer(stream: &mut (impl tokio::io::AsyncRead + Unpin)) -> String {
    let mut text = Vec::new();
    loop {
        let byte = stream.read_u8().await.expect("an answer");
        match byte {
            0x0b => {}
            0x1c => {
                assert_eq!(stream.read_u8().await.unwrap(), b'\r');
                return String::from_utf8(text).unwrap();
            }
            byte => text.push(byte),
        }
    }
}

#[tokio::test]
async fn a_message_in_pieces_and_two_in_one_piece_are_each_answered_when_they_are_on_disk() {
    let scene = Scene::new(|_| {}).await;
    let (mut stream, ended) = scene.connect();
    for piece in framed(&oru("1")).chunks(7) {
        stream.write_all(piece).await.unwrap();
        tokio::task::yield_now().await;
    }
    assert!(answer(&mut stream).await.contains("\rMSA|AA|1\r"));
    assert_eq!(scene.kept().await, 1);
    let both = [framed(&oru("2")), b"\r\n".to_vec(), framed(&oru("3"))].concat();
    stream.write_all(&both).await.unwrap();
    assert!(answer(&mut stream).await.contains("\rMSA|AA|2\r"));
    let last = answer(&mut stream).await;
    assert!(
        last.starts_with("MSH|^~\\&|||LAB|HOSP|") && last.contains("\rMSA|AA|3\r"),
        "{last}"
    );
    assert_eq!(scene.kept().await, 3);
    drop(stream);
    ended.await.unwrap().unwrap();
    assert_eq!(scene.held().await, 0);
}

#[tokio::test]
async fn what_was_not_answered_comes_again_and_is_there_once() {
    let scene = Scene::new(|_| {}).await;
    let (mut stream, ended) = scene.connect();
    stream.write_all(&framed(&oru("1"))).await.unwrap();
    // The sender goes before it has its answer.
    while scene.kept().await == 0 {
        tokio::task::yield_now().await;
    }
    drop(stream);
    drop(ended.await);
    let (mut stream, _) = scene.connect();
    stream.write_all(&framed(&oru("1"))).await.unwrap();
    assert!(answer(&mut stream).await.contains("\rMSA|AA|1\r"));
    assert_eq!(scene.kept().await, 1);
    // Without an end it was never a message.
    let cut = &framed(&oru("2"))[..40];
    stream.write_all(cut).await.unwrap();
    drop(stream);
    assert_eq!(scene.kept().await, 1);
}

#[tokio::test]
async fn each_fault_has_its_answer_and_only_what_is_on_disk_is_accepted() {
    let scene = Scene::new(|config| config.senders = vec!["LAB|HOSP".to_owned()]).await;
    let latin = oru("8").replace("Anna", "Ren\u{e9}").replace("UNICODE UTF-8", "");
    let cases = [
        ("PID|1\r".to_owned(), "MSA|AR|", "SAM-STA-021", 0),
        ("MSH".to_owned(), "MSA|AR|", "SAM-STA-021", 0),
        (oru(""), "MSA|AR|", "SAM-STA-021", 0),
        (oru("4").replace("|P|2.5", "|T|2.5"), "MSA|AR|4", "SAM-STA-022", 0),
        (oru("5").replace("|P|2.5", "|P|3"), "MSA|AR|5", "SAM-STA-022", 0),
        (oru("6").replace("|LAB|", "|OTHER|"), "MSA|AR|6", "SAM-STA-022", 0),
        (latin, "MSA|AE|8", "SAM-CNF-", 1),
        (oru("9").replace("|P|2.5|||", "|P|2.5|||AL|NE"), "MSA|CA|9", "", 2),
    ];
    let (mut stream, _) = scene.connect();
    for (message, said, reason, kept) in cases {
        stream.write_all(&framed(&message)).await.unwrap();
        let text = answer(&mut stream).await;
        assert!(text.contains(said) && text.contains(reason), "{message}\n{text}");
        assert!(!text.contains("999990019") && !text.contains("Voorbeeld"));
        assert_eq!(scene.kept().await, kept, "{message}");
    }
    assert_eq!(scene.held().await, 1);
}

#[tokio::test]
async fn a_source_that_is_stopped_keeps_its_messages() {
    let scene = Scene::new(|_| {}).await;
    scene
        .station
        .stop(&"lab".parse().unwrap(), "drill")
        .await
        .unwrap();
    let (mut stream, _) = scene.connect();
    stream.write_all(&framed(&oru("1"))).await.unwrap();
    let text = answer(&mut stream).await;
    assert!(
        text.contains("\rMSA|AR|1\r") && text.contains("SAM-STA-003"),
        "{text}"
    );
}

#[tokio::test]
async fn who_sends_too_much_too_slowly_or_no_frames_loses_the_connection() {
    let scene = Scene::new(|config| config.message_s = 1).await;
    let (mut stream, ended) = scene.connect();
    let mut huge = vec![0x0b];
    huge.extend(vec![b'x'; LIMIT + 1]);
    for _ in 0..3 {
        stream.write_all(&huge).await.unwrap();
        stream.write_all(&[0x1c, b'\r']).await.unwrap();
    }
    assert_eq!(
        ended.await.unwrap().unwrap_err().kind(),
        std::io::ErrorKind::InvalidData
    );
    let (mut stream, ended) = scene.connect();
    stream.write_all(&[0x0b, b'M', b'S', b'H']).await.unwrap();
    // The rest never comes.
    assert_eq!(
        ended.await.unwrap().unwrap_err().kind(),
        std::io::ErrorKind::TimedOut
    );
    assert_eq!(scene.kept().await, 0);
}

#[tokio::test]
async fn over_tls_only_who_shows_a_certificate_that_is_known_is_heard() {
    provider();
    let authority = Authority::from_seed(1, "mllp authority").unwrap();
    let own = authority.server(1, None, None).unwrap();
    let sender = samenhang_testbed::client::certificate(1, &authority, 1).unwrap();
    let scene = Scene::new(|_| {}).await;
    let folder = scene.folder.path();
    for (name, text) in [
        ("own.pem", &own.certificate_pem),
        ("own.key", &own.key_pem),
        ("ca.pem", &authority.pem().to_owned()),
    ] {
        std::fs::write(folder.join(name), text).unwrap();
    }
    let tls = |fingerprints: Vec<String>| MllpTlsConfig {
        certificate_file: folder.join("own.pem"),
        key_file: folder.join("own.key"),
        client_ca_file: folder.join("ca.pem"),
        client_fingerprints: fingerprints,
    };
    let other = "00".repeat(32);
    for (fingerprints, shows, is_heard) in [
        (vec![], true, true),
        (vec![], false, false),
        (vec![other], true, false),
    ] {
        let config = MllpConfig {
            tls: Some(tls(fingerprints)),
            ..scene.receiver.config().clone()
        };
        let acceptor = acceptor(config.tls.as_ref().unwrap()).unwrap();
        let receiver = Receiver::new(Arc::clone(&scene.station), config, Arc::new(SystemClock)).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let drain = Drain::default();
        let listening = tokio::spawn(listen(
            listener,
            Arc::new(receiver),
            Some(acceptor),
            drain.clone(),
        ));
        let identity = shows.then_some((&*sender.certificate_pem, &*sender.key_pem));
        let heard = send_over_tls(address, authority.pem(), identity).await;
        assert_eq!(heard.is_some(), is_heard, "{heard:?}");
        drain.begin();
        listening.await.unwrap();
    }
}

fn provider() {
    // Another test may have been first; either way there is one.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// Sends a message; the answer, unless the connection is refused.
async fn send_over_tls(
    address: std::net::SocketAddr,
    authority: &str,
    identity: Option<(&str, &str)>,
) -> Option<String> {
    use rustls::pki_types::pem::PemObject as _;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
    let mut roots = rustls::RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_slice(authority.as_bytes()).unwrap())
        .unwrap();
    let builder = rustls::ClientConfig::builder().with_root_certificates(roots);
    let config = match identity {
        Some((certificate, key)) => {
            let certificate = CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap();
            let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
            builder.with_client_auth_cert(vec![certificate], key).unwrap()
        }
        None => builder.with_no_client_auth(),
    };
    let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
    let stream = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let mut stream = connector.connect(name, stream).await.ok()?;
    stream.write_all(&framed(&oru("1"))).await.ok()?;
    let mut text = vec![0; 4096];
    let read = stream.read(&mut text).await.ok()?;
    text.truncate(read);
    let text = String::from_utf8_lossy(&text).into_owned();
    text.contains("MSA|AA").then_some(text)
}
