//! `samenhang serve` against `samenhang testbed`, as two processes.

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use crate::process::{Running, command, run};

/// A simulated country and a server that asks it, each in its own process.
pub(crate) struct Pair {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) testbed: Running,
    pub(crate) server: Running,
    pub(crate) base: String,
    pub(crate) internal: String,
    pub(crate) http: reqwest::Client,
    key: String,
}

impl Pair {
    pub(crate) async fn start(more: &[(&str, &str)]) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("samenhang.toml");
        let mut testbed = Running::start(command(&["testbed", "--write-config", file.to_str().unwrap()]));
        let said: Value = serde_json::from_str(&testbed.first_line()).unwrap();
        assert!(said["addresses"]["nvi"].is_string(), "{said}");
        let key = register(&file);
        let check = run(&["config", "check", file.to_str().unwrap()]);
        assert_eq!(check.status, Some(0), "{}{}", check.out, check.err);
        let temporary = folder.path().join("tmp");
        std::fs::create_dir(&temporary).unwrap();
        let mut serve = command(&["serve", "--config", file.to_str().unwrap()]);
        serve
            .env("SAMENHANG__SERVER__LISTEN", "127.0.0.1:0")
            .env("SAMENHANG__SERVER__INTERNAL_LISTEN", "127.0.0.1:0")
            .env("TMPDIR", &temporary)
            .envs(more.iter().copied());
        let mut server = Running::start(serve);
        let said = server.told("samenhang serves ");
        let (base, rest) = said.split_once(' ').unwrap();
        let internal = rest.rsplit(' ').next().unwrap().trim_end_matches(')').to_owned();
        let pair = Pair {
            folder,
            testbed,
            base: base.to_owned(),
            internal,
            server,
            http: reqwest::Client::builder()
                .no_proxy()
                .redirect(reqwest::redirect::Policy::none())
                .build()
                .unwrap(),
            key,
        };
        pair.ready().await;
        pair
    }

    /// Waits until a question can be asked.
    async fn ready(&self) {
        for _ in 0..600 {
            let answer = self.http.get(format!("{}/readyz", self.internal)).send().await;
            if answer.is_ok_and(|answer| answer.status() == 200) {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        panic!("the server is not ready: {}", self.server.err());
    }

    pub(crate) fn audit_log(&self) -> PathBuf {
        self.folder.path().join("audit.sqlite")
    }

    /// A token for the registered system.
    pub(crate) async fn token(&self) -> String {
        let seconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let id = uuid::Uuid::new_v4().to_string();
        let claims = json!({ "iss": "proefsysteem", "sub": "proefsysteem", "aud": format!("{}/oauth/token", self.base),
                             "iat": seconds, "exp": seconds + 120, "jti": id });
        let header = Header {
            kid: Some("k1".to_owned()),
            ..Header::new(Algorithm::ES384)
        };
        let key = EncodingKey::from_ec_pem(self.key.as_bytes()).unwrap();
        let assertion = jsonwebtoken::encode(&header, &claims, &key).unwrap();
        let response = self
            .http
            .post(format!("{}/oauth/token", self.base))
            .form(&[
                ("grant_type", "client_credentials"),
                ("scope", "system/*.read"),
                (
                    "client_assertion_type",
                    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                ),
                ("client_assertion", &assertion),
            ])
            .send()
            .await
            .unwrap();
        let status = response.status();
        let answer: Value = response.json().await.unwrap();
        assert_eq!(status, 200, "{answer}");
        assert_eq!(
            (answer["token_type"].as_str(), answer["expires_in"].as_i64()),
            (Some("Bearer"), Some(300))
        );
        // An assertion is used once.
        answer["access_token"].as_str().unwrap().to_owned()
    }

    /// Logs in as a person does in a browser, and gives the cookie of the session.
    pub(crate) async fn login(&self) -> String {
        let visit = async |url: String, cookie: &str| {
            let response = self.http.get(url).header("cookie", cookie).send().await.unwrap();
            let text = |name: &str| {
                let value = response.headers().get(name).and_then(|value| value.to_str().ok());
                value.unwrap_or_default().to_owned()
            };
            let cookie = text("set-cookie")
                .split(';')
                .next()
                .unwrap_or_default()
                .to_owned();
            (text("location"), cookie)
        };
        let (dezi, pending) = visit(format!("{}/auth/login", self.base), "").await;
        let (back, _) = visit(dezi, "").await;
        assert!(back.starts_with(&self.base), "{back}");
        let response = self
            .http
            .get(back)
            .header("cookie", pending)
            .send()
            .await
            .unwrap();
        let cookies = response.headers().get_all("set-cookie").iter();
        let mut pairs = cookies.filter_map(|value| value.to_str().ok()?.split(';').next());
        pairs
            .find(|pair| pair.starts_with("samenhang_session=") && pair.len() > 40)
            .expect("a session")
            .to_owned()
    }

    /// Asks about a patient, with headers that say who asks.
    pub(crate) async fn ask(&self, bsn: &str, who: &[(&str, &str)], accept: &str) -> reqwest::Response {
        let mut request = self
            .http
            .post(format!("{}/fhir/R4/Patient/$overview", self.base))
            .header("content-type", "application/fhir+json")
            .header("accept", accept)
            .body(question(bsn));
        for (name, value) in who {
            request = request.header(*name, *value);
        }
        request.send().await.unwrap()
    }
}

pub(crate) fn question(bsn: &str) -> String {
    json!({ "resourceType": "Parameters", "parameter": [
        { "name": "identifier", "valueIdentifier": { "system": "http://fhir.nl/fhir/NamingSystem/bsn", "value": bsn } },
        { "name": "purpose", "valueCode": "TREAT" }
    ] })
    .to_string()
}

/// Registers a system with a new key; gives its private half.
fn register(file: &std::path::Path) -> String {
    use p384::pkcs8::EncodePrivateKey;
    let secret = p384::SecretKey::random(&mut rand_core::OsRng);
    let mut jwk: Value = serde_json::from_str(&secret.public_key().to_jwk_string()).unwrap();
    jwk["kid"] = "k1".into();
    let folder = file.parent().unwrap();
    std::fs::write(folder.join("system.json"), json!({ "keys": [jwk] }).to_string()).unwrap();
    let mut text = std::fs::read_to_string(file).unwrap();
    text.push_str(
        "\n[[access.clients]]\nclient_id = \"proefsysteem\"\nkeys_file = \"system.json\"\nalgorithms = [\"ES384\"]\n\
         scopes = [\"system/*.read\"]\norganisation = \"00900900\"\norganisation_name = \"Huisartsenpraktijk West\"\n\
         organisation_type = \"Z3\"\nresponsible = { number = \"900000009\", role = \"01.015\", name = \"A.B. Voorbeeld\" }\n",
    );
    std::fs::write(file, text).unwrap();
    secret
        .to_pkcs8_pem(p384::pkcs8::LineEnding::LF)
        .unwrap()
        .to_string()
}

#[tokio::test]
async fn a_system_asks_with_its_key_and_nobody_without() {
    let mut pair = Pair::start(&[]).await;
    // Nobody.
    let refused = pair.ask("999990019", &[], "application/fhir+json").await;
    assert_eq!(refused.status(), 401);
    assert!(
        refused.headers().contains_key("www-authenticate"),
        "{:?}",
        refused.headers()
    );
    assert!(!refused.headers().contains_key("samenhang-demo"));
    let outcome: Value = refused.json().await.unwrap();
    assert_eq!(outcome["resourceType"], "OperationOutcome");
    assert_eq!(outcome["issue"][0]["code"], "login");
    let hint = outcome["issue"][0]["diagnostics"].as_str().unwrap_or_default();
    assert!(hint.contains("token"), "{outcome}");
    // A token that was never given.
    let refused = pair
        .ask(
            "999990019",
            &[("authorization", "Bearer made-up")],
            "application/fhir+json",
        )
        .await;
    assert_eq!(refused.status(), 401);
    // A person is sent to the login.
    let page = pair
        .http
        .get(format!("{}/viewer", pair.base))
        .send()
        .await
        .unwrap();
    assert_eq!(
        (
            page.status().as_u16(),
            page.headers()["location"].to_str().unwrap()
        ),
        (303, "/auth/login")
    );
    // The person, from a page of this server and from nowhere else.
    let cookie = pair.login().await;
    let own = [("cookie", cookie.as_str()), ("origin", pair.base.as_str())];
    let answer = pair.ask("999990019", &own, "application/fhir+json").await;
    assert_eq!(answer.status(), 200);
    let bundle: Value = answer.json().await.unwrap();
    assert!(
        bundle["entry"]
            .as_array()
            .is_some_and(|entries| entries.len() > 100)
    );
    let other = [
        ("cookie", cookie.as_str()),
        ("origin", "http://elsewhere.example"),
    ];
    let refused = pair.ask("999990019", &other, "application/fhir+json").await;
    assert_eq!(refused.status(), 403);
    // The system.
    let bearer = format!("Bearer {}", pair.token().await);
    let who = [("authorization", bearer.as_str())];
    let answer = pair.ask("999990019", &who, "application/fhir+json").await;
    assert_eq!(answer.status(), 200);
    let bundle: Value = answer.json().await.unwrap();
    assert!(
        bundle["entry"]
            .as_array()
            .is_some_and(|entries| entries.len() > 100),
        "{bundle}"
    );
    let both = [("authorization", bearer.as_str()), ("cookie", cookie.as_str())];
    let refused = pair.ask("999990019", &both, "application/fhir+json").await;
    assert_eq!(refused.status(), 400);
    // Told to stop, both stop with success, and the log is whole.
    let stopped = pair.server.terminate();
    assert_eq!(stopped.code(), Some(0), "{}", pair.server.err());
    assert!(
        pair.server.err().contains("samenhang stops"),
        "{}",
        pair.server.err()
    );
    assert_eq!(pair.testbed.terminate().code(), Some(0));
    let verified = run(&["audit", "verify", pair.audit_log().to_str().unwrap()]);
    assert_eq!(verified.status, Some(0), "{}{}", verified.out, verified.err);
}

#[tokio::test]
async fn a_taken_port_is_a_finding_that_names_it() {
    let pair = Pair::start(&[]).await;
    let file = pair.folder.path().join("samenhang.toml");
    let port = pair.base.rsplit(':').next().unwrap().to_owned();
    let mut second = command(&["serve", "--config", file.to_str().unwrap()]);
    second
        .env("SAMENHANG__SERVER__LISTEN", format!("127.0.0.1:{port}"))
        .env("SAMENHANG__SERVER__INTERNAL_LISTEN", "127.0.0.1:0");
    let done = crate::process::done(&second.output().unwrap());
    assert_eq!((done.status, done.out.as_str()), (Some(1), ""), "{}", done.err);
    assert!(
        done.err.contains(&port) && done.err.contains("server.listen"),
        "{}",
        done.err
    );
}
