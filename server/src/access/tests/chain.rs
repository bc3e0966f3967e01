//! Login with a statement of 2024 that brings certificates along.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey};
use samenhang_testbed::keys::RsaKey;
use samenhang_testbed::tls::{Authority, Subject};
use serde_json::{Value, json};

use super::fixture::Signer;
use super::login::login;
use super::relations::{changed, claims, issuer_keys, start, tell};
use crate::access::dezi::chain::{Anchors, Chain};
use crate::access::jwt::JwtError;
use crate::access::keys::Algorithm as Signed;
use crate::access::{Form2024Config, KeyPlace};

/// Dezi with certificates: the signer, its chain, and a file with the authority.
struct Certified {
    signer: Signer,
    chain: Vec<String>,
    authority: Authority,
}

fn certified(purpose: &str) -> Certified {
    let key = RsaKey::from_seed(7, "dezi with a certificate").unwrap();
    let authority = Authority::from_seed(7, purpose).unwrap();
    let subject = Subject {
        common_name: "dezi.example",
        organisation: "Dezi",
        oin: "00000099000000001000",
        uzi_name: "",
        number: 7,
    };
    let certificate = authority.client(&key, &subject).unwrap();
    Certified {
        chain: vec![
            STANDARD.encode(&certificate.certificate_der),
            STANDARD.encode(authority.der()),
        ],
        signer: Signer {
            jwk: json!({"kid": "c1"}),
            algorithm: Algorithm::RS256,
            key: EncodingKey::from_rsa_pem(key.pem().as_bytes()).unwrap(),
            pem: key.pem().to_owned(),
        },
        authority,
    }
}

#[tokio::test]
async fn a_chain_leads_to_a_configured_authority() {
    let (good, foreign) = (certified("dezi authority"), certified("another authority"));
    let pem = good.authority.pem().to_owned();
    let (dezi, gate) = start(|folder| {
        let file = folder.join("dezi-ca.pem");
        std::fs::write(&file, pem).unwrap();
        Form2024Config {
            key: KeyPlace::CertificateChain,
            anchors_file: Some(file),
            ..issuer_keys()
        }
    })
    .await;
    let with = |chain: Value| changed(&dezi, |claims| claims["x5c"] = chain);
    let [leaf, root] = good.chain.as_slice() else {
        panic!("two certificates")
    };
    let folded: Vec<String> = leaf
        .as_bytes()
        .chunks(64)
        .map(|line| String::from_utf8(line.to_vec()).unwrap())
        .collect();
    for chain in [
        json!(good.chain),
        json!([leaf]),
        json!(leaf),
        json!(folded.join("\n")),
    ] {
        tell(&dezi, good.signer.sign(&with(chain)));
        assert!(login(&dezi, &gate).await.is_ok());
    }
    let sessions = gate.sessions.len();
    let mut header = good.signer.header();
    header["jku"] = json!(format!("{}/dezi/jwks.json", dezi.base));
    let ec = Signer {
        algorithm: Algorithm::RS384,
        ..good.signer.clone()
    };
    for (words, statement) in [
        ("key is not known", good.signer.sign(&with(json!(foreign.chain)))),
        (
            "key is not known",
            good.signer.sign(&with(json!([foreign.chain[0], root]))),
        ),
        ("key is not known", good.signer.sign(&claims(&dezi))),
        ("key is not known", good.signer.sign(&with(json!([])))),
        ("key is not known", good.signer.sign(&with(json!(7)))),
        ("key is not known", good.signer.sign(&with(json!([root])))),
        ("malformed", good.signer.sign(&with(json!(["!"])))),
        ("malformed", good.signer.sign(&with(json!(["MIIB"])))),
        (
            "malformed",
            good.signer
                .sign(&with(json!([leaf, root, root, root, root, root]))),
        ),
        (
            "signature does not fit",
            dezi.signer.sign(&with(json!(good.chain))),
        ),
        ("algorithm is not accepted", ec.sign(&with(json!(good.chain)))),
        (
            "field that is not accepted",
            good.signer.sign_parts(&header, &with(json!(good.chain))),
        ),
    ] {
        tell(&dezi, statement);
        let page = login(&dezi, &gate).await.expect_err(words);
        assert!(page.contains(words), "{words}: {page}");
    }
    assert_eq!(gate.sessions.len(), sessions);
}

#[test]
fn a_certificate_that_has_expired_proves_nothing() {
    let good = certified("dezi authority");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("dezi-ca.pem");
    std::fs::write(&file, good.authority.pem()).unwrap();
    let anchors = Anchors::read(&file).unwrap();
    let signature = jsonwebtoken::crypto::sign(b"text", &good.signer.key, Algorithm::RS256).unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let chain = Chain::Many(good.chain);
    let check = |time: &str| anchors.check(&chain, time.parse().unwrap(), Signed::Rs256, b"text", &signature);
    assert_eq!(check("2026-09-01T08:15:02Z"), Ok(()));
    // It holds from 2020 to 2099.
    for time in ["2019-01-01T00:00:00Z", "2100-01-01T00:00:00Z"] {
        assert_eq!(check(time), Err(JwtError::Key), "{time}");
    }
}
