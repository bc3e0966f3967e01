//! A corpus of forged assertions: none gets a token. Each differs from a good one in the one way that its name says.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};

use super::fixture::{BASE, SCOPE, Signer, assertion, client, es256, es384, form, now, rsa};
use crate::access::systems::{Systems, TokenRequest};

fn b64(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(text)
}

fn with(mut value: Value, name: &str, to: impl Into<Value>) -> Value {
    value[name] = to.into();
    value
}

fn without(mut value: Value, name: &str) -> Value {
    value.as_object_mut().unwrap().remove(name);
    value
}

/// Signs with a shared secret that an attacker knows: the public key.
fn hmac(secret: &[u8], header: &Value, claims: &Value) -> String {
    let signed = format!("{}.{}", b64(&header.to_string()), b64(&claims.to_string()));
    let key = EncodingKey::from_secret(secret);
    let algorithm = match header["alg"].as_str() {
        Some("HS384") => Algorithm::HS384,
        Some("HS512") => Algorithm::HS512,
        _ => Algorithm::HS256,
    };
    let signature = jsonwebtoken::crypto::sign(signed.as_bytes(), &key, algorithm).unwrap();
    format!("{signed}.{signature}")
}

struct Corpus {
    good: Signer,
    rsa: Signer,
    forged: Vec<(&'static str, String)>,
}

impl Corpus {
    fn add(&mut self, name: &'static str, token: impl Into<String>) {
        self.forged.push((name, token.into()));
    }

    fn claims(&mut self, name: &'static str, claims: &Value) {
        let token = self.good.sign(claims);
        self.add(name, token);
    }

    fn header(&mut self, name: &'static str, header: &Value) {
        let token = self.good.sign_parts(header, &assertion(name));
        self.add(name, token);
    }

    /// The algorithm is not what was registered.
    fn algorithms(&mut self) {
        let base = assertion("algorithm");
        for (name, alg) in [
            ("none", "none"),
            ("none in capitals", "NONE"),
            ("none in mixed case", "nOnE"),
            ("an empty algorithm", ""),
        ] {
            let header = with(self.good.header(), "alg", alg);
            let unsigned = format!("{}.{}.", b64(&header.to_string()), b64(&base.to_string()));
            self.add(name, unsigned.clone());
            self.add(name, format!("{unsigned}AAAA"));
            let signed = self.good.sign_parts(&header, &base);
            self.add(name, signed);
        }
        let pem = self.good.pem.clone();
        let point = self.good.jwk["x"].as_str().unwrap().to_owned();
        let modulus = self.rsa.jwk["n"].as_str().unwrap().to_owned();
        for alg in ["HS256", "HS384", "HS512"] {
            let header = with(self.good.header(), "alg", alg);
            let jwk = self.good.jwk.to_string();
            for secret in [pem.as_bytes(), jwk.as_bytes(), point.as_bytes(), b"", b"secret"] {
                self.add("a public key as a shared secret", hmac(secret, &header, &base));
            }
            let rsa = with(self.rsa.header(), "alg", alg);
            self.add(
                "an RSA modulus as a shared secret",
                hmac(modulus.as_bytes(), &rsa, &base),
            );
        }
        for alg in [
            "ES384", "ES512", "EdDSA", "RS256", "RS384", "PS256", "es256", "ES256 ", "ES256K",
        ] {
            let header = with(self.good.header(), "alg", alg);
            self.header("another algorithm for the same key", &header);
        }
        let number = with(self.good.header(), "alg", 256);
        self.header("a number as algorithm", &number);
        let list = with(self.good.header(), "alg", json!(["ES256"]));
        self.header("a list of algorithms", &list);
        let missing = without(self.good.header(), "alg");
        self.header("no algorithm", &missing);
        // RS384 fits the key, but this client registered PS256 for it.
        let unregistered = Signer {
            algorithm: Algorithm::RS384,
            ..self.rsa.clone()
        };
        let token = unregistered.sign(&base);
        self.add("an algorithm that is not registered", token);
        let rs256 = Signer {
            algorithm: Algorithm::RS256,
            ..self.rsa.clone()
        };
        let token = rs256.sign(&base);
        self.add("an algorithm that nobody may register", token);
    }

    /// The header points at other keys.
    fn keys(&mut self) {
        let stranger = es256(self.good.kid());
        let claims = assertion("key");
        self.add("a stranger's key under a known id", stranger.sign(&claims));
        let own = with(stranger.header(), "jwk", stranger.jwk.clone());
        self.add(
            "a stranger's key in the header",
            stranger.sign_parts(&own, &claims),
        );
        for (name, field, value) in [
            ("keys at an address", "jku", json!("http://127.0.0.1:1/keys.json")),
            (
                "keys at our own address",
                "jku",
                json!(format!("{BASE}/keys.json")),
            ),
            (
                "a certificate at an address",
                "x5u",
                json!("https://attacker.example/cert.pem"),
            ),
            ("a certificate", "x5c", json!(["MIIB"])),
            ("an empty key", "jwk", json!({})),
            ("something critical", "crit", json!(["exp"])),
            ("an unencoded payload", "b64", json!(false)),
            ("compression", "zip", json!("DEF")),
            ("encryption", "enc", json!("A256GCM")),
            ("a token in a token", "cty", json!("JWT")),
            ("another type", "typ", json!("at+jwt")),
            ("an unknown key id", "kid", json!("other")),
            ("an empty key id", "kid", json!("")),
            ("a path as key id", "kid", json!("../../../../dev/null")),
            ("a query as key id", "kid", json!("k1' OR '1'='1")),
            (
                "an address as key id",
                "kid",
                json!("https://attacker.example/k1"),
            ),
            ("a number as key id", "kid", json!(1)),
            ("the key id of another algorithm", "kid", json!("k2")),
        ] {
            let header = with(self.good.header(), field, value);
            self.header(name, &header);
        }
        let missing = without(self.good.header(), "kid");
        self.header("no key id", &missing);
    }

    /// The claims are not those of this client, now, for us.
    fn statements(&mut self) {
        let now = now().as_second();
        let good = |jti: &str| assertion(jti);
        let wrong: Vec<(&'static str, Value)> = vec![
            ("another issuer", with(good("c1"), "iss", "other")),
            ("an issuer in capitals", with(good("c2"), "iss", "Portal")),
            ("a list of issuers", with(good("c3"), "iss", json!(["portal"]))),
            ("no issuer", without(good("c4"), "iss")),
            ("another subject", with(good("c5"), "sub", "other")),
            ("no subject", without(good("c6"), "sub")),
            (
                "another audience",
                with(good("c7"), "aud", "https://other.example/oauth/token"),
            ),
            ("our base as audience", with(good("c8"), "aud", BASE)),
            (
                "an audience that begins like ours",
                with(good("c9"), "aud", format!("{BASE}/oauth/token/x")),
            ),
            ("an empty list of audiences", with(good("c10"), "aud", json!([]))),
            ("other audiences", with(good("c11"), "aud", json!(["a", "b"]))),
            ("no audience", without(good("c12"), "aud")),
            ("expired", with(good("c13"), "exp", now - 61)),
            ("expired long ago", with(good("c14"), "exp", 0)),
            ("expired before time began", with(good("c15"), "exp", i64::MIN)),
            ("valid for an hour", with(good("c16"), "exp", now + 3600)),
            ("valid for ever", with(good("c17"), "exp", i64::MAX)),
            ("an end as text", with(good("c18"), "exp", (now + 60).to_string())),
            ("an end as a fraction", with(good("c19"), "exp", 1.5e300)),
            ("no end", without(good("c20"), "exp")),
            ("an empty end", with(good("c21"), "exp", Value::Null)),
            ("not valid yet", with(good("c22"), "nbf", now + 120)),
            ("issued in the future", with(good("c23"), "iat", now + 120)),
            ("issued an hour ago", with(good("c24"), "iat", now - 3600)),
            ("no id", without(good("c25"), "jti")),
            ("an empty id", with(good("c26"), "jti", "")),
            ("a long id", with(good("c27"), "jti", "x".repeat(300))),
            ("a number as id", with(good("c28"), "jti", 1)),
            ("a list of claims", json!([good("c29")])),
            ("nothing", json!({})),
        ];
        for (name, claims) in wrong {
            self.claims(name, &claims);
        }
    }

    /// The form is not that of a token.
    fn forms(&mut self) {
        let token = self.good.sign(&assertion("form"));
        let parts: Vec<String> = token.split('.').map(str::to_owned).collect();
        let [head, body, signature] = parts.as_slice() else {
            panic!("three parts")
        };
        let other = self.good.sign(&assertion("another"));
        let foreign = other.rsplit('.').next().unwrap();
        let header = self.good.header().to_string();
        let doubled = b64(&header.replacen('{', "{\"alg\":\"none\",", 1));
        let twice = assertion("twice")
            .to_string()
            .replacen('{', "{\"iss\":\"other\",", 1);
        let twice = format!("{head}.{}", b64(&twice));
        let twice_signature =
            jsonwebtoken::crypto::sign(twice.as_bytes(), &self.good.key, self.good.algorithm).unwrap();
        for (name, forged) in [
            ("empty", String::new()),
            ("dots", "..".to_owned()),
            ("one part", head.clone()),
            ("two parts", format!("{head}.{body}")),
            ("four parts", format!("{token}.{signature}")),
            ("five parts", format!("{token}.a.b")),
            ("no signature", format!("{head}.{body}.")),
            ("another token's signature", format!("{head}.{body}.{foreign}")),
            ("a cut signature", token[..token.len() - 4].to_owned()),
            (
                "a signature of zeros",
                format!("{head}.{body}.{}", URL_SAFE_NO_PAD.encode([0; 64])),
            ),
            (
                "an empty signature of the right length",
                format!("{head}.{body}.{}", "A".repeat(86)),
            ),
            ("padding", format!("{head}.{body}.{signature}==")),
            ("white space", format!(" {token}")),
            ("a new line", format!("{token}\n")),
            (
                "a changed claim",
                format!("{head}.{}.{signature}", b64(&assertion("x").to_string())),
            ),
            ("two algorithms", format!("{doubled}.{body}.{signature}")),
            ("two issuers", format!("{twice}.{twice_signature}")),
            ("plain JSON", assertion("plain").to_string()),
            ("a token within", self.good.sign(&json!(token))),
            (
                "the other alphabet",
                format!("{}.{body}.{signature}", STANDARD.encode(&header)),
            ),
            ("huge", format!("{head}.{}.{signature}", "A".repeat(17 << 10))),
            ("huge but signed", {
                let claims = with(assertion("huge"), "extra", "x".repeat(17 << 10));
                self.good.sign(&claims)
            }),
            ("deep", {
                let deep = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
                format!("{head}.{}.{signature}", b64(&deep))
            }),
            (
                "not UTF-8",
                format!("{head}.{}.{signature}", URL_SAFE_NO_PAD.encode([0xff, 0xfe])),
            ),
        ] {
            self.add(name, forged);
        }
    }
}

fn request(token: &str) -> TokenRequest {
    TokenRequest::read(form(token, SCOPE).as_bytes()).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn no_forged_assertion_gets_a_token() {
    let folder = tempfile::tempdir().unwrap();
    let (good, strong) = (es256("k1"), es384("k2"));
    let rsa = rsa("k3", 0, Algorithm::PS256);
    let config = client(
        folder.path(),
        &[&good, &strong, &rsa],
        &["ES256", "ES384", "PS256"],
    );
    let systems = Systems::new(&[config], format!("{BASE}/oauth/token")).unwrap();
    // The good ones are good, or the corpus proves nothing.
    for (index, signer) in [&good, &strong, &rsa].into_iter().enumerate() {
        let token = signer.sign(&assertion(&format!("good {index}")));
        assert!(systems.check(&request(&token), now()).is_ok(), "{index}");
        let replayed = systems.check(&request(&token), now());
        assert_eq!(
            replayed.unwrap_err().to_string(),
            "failed to accept the client assertion: the token was used before"
        );
    }
    let mut corpus = Corpus {
        good,
        rsa,
        forged: Vec::new(),
    };
    corpus.algorithms();
    corpus.keys();
    corpus.statements();
    corpus.forms();
    assert!(corpus.forged.len() >= 60, "{} forged tokens", corpus.forged.len());
    for (name, token) in &corpus.forged {
        let outcome = systems.check(&request(token), now());
        assert!(outcome.is_err(), "{name}: {}", token.get(..200).unwrap_or(token));
        assert_eq!(outcome.unwrap_err().code(), "SAM-ACC-010", "{name}");
    }
}

#[test]
fn a_failed_assertion_does_not_use_up_the_id_of_a_good_one() {
    let folder = tempfile::tempdir().unwrap();
    let good = es256("k1");
    let systems = Systems::new(
        &[client(folder.path(), &[&good], &["ES256"])],
        format!("{BASE}/oauth/token"),
    )
    .unwrap();
    let stranger = es256("k1");
    assert!(
        systems
            .check(&request(&stranger.sign(&assertion("id"))), now())
            .is_err()
    );
    assert!(
        systems
            .check(&request(&good.sign(&assertion("id"))), now())
            .is_ok()
    );
}

#[test]
fn what_is_registered_wrongly_is_refused_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let good = es256("k1");
    let refused = |config| {
        Systems::new(&[config], String::new())
            .err()
            .map(|error| error.code())
    };
    for algorithm in ["none", "HS256", "RS256", "ES512"] {
        let config = client(folder.path(), &[&good], &[algorithm]);
        assert_eq!(refused(config), Some("SAM-ACC-015"), "{algorithm}");
    }
    let twins = client(folder.path(), &[&good, &es384("k1")], &["ES256"]);
    assert_eq!(refused(twins), Some("SAM-ACC-013"));
    let mut nameless = es256("x");
    nameless.jwk = without(nameless.jwk, "kid");
    assert_eq!(
        refused(client(folder.path(), &[&nameless], &["ES256"])),
        Some("SAM-ACC-013")
    );
    let mut weak = rsa("k", 0, Algorithm::PS256);
    weak.jwk["n"] = json!(URL_SAFE_NO_PAD.encode([0xff; 128]));
    assert_eq!(
        refused(client(folder.path(), &[&weak], &["PS256"])),
        Some("SAM-ACC-013")
    );
}
