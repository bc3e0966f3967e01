//! Decrypting: what was sealed for us opens, everything else does not.

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rsa::Oaep;
use serde_json::{Value, json};

use super::fixture::rsa_key;
use crate::access::jwe::decrypt;

pub(super) fn seal(header: &Value, text: &str, key: &rsa::RsaPrivateKey) -> String {
    let b64 = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let head = b64(header.to_string().as_bytes());
    let content_key = [7; 32];
    let padding = match header["alg"].as_str() {
        Some("RSA-OAEP-256") => Oaep::new::<sha2::Sha256>(),
        _ => Oaep::new::<sha1::Sha1>(),
    };
    let sealed_key = key
        .to_public_key()
        .encrypt(&mut rand_core::OsRng, padding, &content_key)
        .unwrap();
    let nonce = [9; 12];
    let payload = Payload {
        msg: text.as_bytes(),
        aad: head.as_bytes(),
    };
    let sealed = Aes256Gcm::new_from_slice(&content_key)
        .unwrap()
        .encrypt(&Nonce::from(nonce), payload)
        .unwrap();
    let (text, tag) = sealed.split_at(sealed.len() - 16);
    format!(
        "{head}.{}.{}.{}.{}",
        b64(&sealed_key),
        b64(&nonce),
        b64(text),
        b64(tag)
    )
}

#[test]
fn what_was_sealed_for_us_opens_and_nothing_else() {
    let key = rsa_key(0);
    for alg in ["RSA-OAEP", "RSA-OAEP-256"] {
        let header = json!({"alg": alg, "enc": "A256GCM", "kid": "k"});
        let sealed = seal(&header, "hello", &key);
        assert_eq!(
            decrypt(&sealed, &key).map(|text| text.to_string()),
            Some("hello".to_owned())
        );
        assert!(decrypt(&sealed, &rsa_key(1)).is_none(), "another key");
        let parts: Vec<&str> = sealed.split('.').collect();
        for index in 0..5 {
            let mut changed: Vec<String> = parts.iter().map(|&part| part.to_owned()).collect();
            let flipped = if changed[index].starts_with('A') { "B" } else { "A" };
            changed[index].replace_range(..1, flipped);
            assert!(
                decrypt(&changed.join("."), &key).is_none(),
                "part {index} was changed"
            );
        }
    }
    for header in [
        json!({"alg": "RSA1_5", "enc": "A256GCM"}),
        json!({"alg": "dir", "enc": "A256GCM"}),
        json!({"alg": "RSA-OAEP", "enc": "A128CBC-HS256"}),
        json!({"alg": "RSA-OAEP", "enc": "A256GCM", "zip": "DEF"}),
        json!({"alg": "RSA-OAEP", "enc": "A256GCM", "crit": ["x"]}),
        json!({"enc": "A256GCM"}),
    ] {
        assert!(decrypt(&seal(&header, "hello", &key), &key).is_none(), "{header}");
    }
    for text in ["", "....", "a.b.c", &"A".repeat(70_000)] {
        assert!(decrypt(text, &key).is_none());
    }
}
