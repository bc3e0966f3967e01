//! Decrypting: what was sealed for us opens, everything else does not.

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::aes::Aes128;
use aes_gcm::aes::cipher::{Block, BlockEncrypt};
use aes_gcm::{Aes256Gcm, Nonce};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
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

/// Seals with AES-128-CBC and HMAC-SHA-256 (RFC 7518, section 5.2).
pub(super) fn seal_cbc(text: &str, key: &rsa::RsaPrivateKey) -> String {
    seal_blocks(text.as_bytes(), key, true)
}

fn seal_blocks(text: &[u8], key: &rsa::RsaPrivateKey, padded: bool) -> String {
    let b64 = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let head = b64(br#"{"alg":"RSA-OAEP","enc":"A128CBC-HS256","typ":"JWT","cty":"JWT"}"#);
    let content_key: [u8; 32] = std::array::from_fn(|index| index as u8);
    let sealed_key = key
        .to_public_key()
        .encrypt(&mut rand_core::OsRng, Oaep::new::<sha1::Sha1>(), &content_key)
        .unwrap();
    let nonce = [9u8; 16];
    let mut sealed = text.to_vec();
    if padded {
        let padding = 16 - sealed.len() % 16;
        sealed.extend(std::iter::repeat_n(padding as u8, padding));
    }
    let cipher = Aes128::new_from_slice(&content_key[16..]).unwrap();
    let mut previous = nonce;
    for block in sealed.chunks_exact_mut(16) {
        let masked: [u8; 16] = std::array::from_fn(|index| block[index] ^ previous[index]);
        let mut closed = Block::<Aes128>::from(masked);
        cipher.encrypt_block(&mut closed);
        block.copy_from_slice(&closed);
        previous = closed.into();
    }
    let mut mac = <Hmac<sha2::Sha256> as Mac>::new_from_slice(&content_key[..16]).unwrap();
    mac.update(head.as_bytes());
    mac.update(&nonce);
    mac.update(&sealed);
    mac.update(&(8 * head.len() as u64).to_be_bytes());
    let tag = mac.finalize().into_bytes();
    format!(
        "{head}.{}.{}.{}.{}",
        b64(&sealed_key),
        b64(&nonce),
        b64(&sealed),
        b64(&tag[..16])
    )
}

#[test]
fn the_sealing_of_2024_opens_and_nothing_else() {
    let key = rsa_key(0);
    for text in ["hello", "sixteen letters.", &"x".repeat(3000)] {
        let sealed = seal_cbc(text, &key);
        assert_eq!(
            decrypt(&sealed, &key).map(|text| text.to_string()),
            Some(text.to_owned())
        );
        assert!(decrypt(&sealed, &rsa_key(1)).is_none(), "another key");
        let parts: Vec<&str> = sealed.split('.').collect();
        for index in 0..5 {
            let mut changed: Vec<String> = parts.iter().map(|&part| part.to_owned()).collect();
            let flipped = if changed[index].starts_with('A') { "B" } else { "A" };
            changed[index].replace_range(..1, flipped);
            assert!(decrypt(&changed.join("."), &key).is_none(), "part {index}");
        }
        let short = sealed.len() - 4;
        assert!(decrypt(&sealed[..short], &key).is_none(), "a cut tag");
    }
    // Authentic, but its padding is none.
    for text in [[0u8; 16], [17; 16], *b"no padding here!"] {
        assert!(decrypt(&seal_blocks(&text, &key, false), &key).is_none());
    }
    assert!(decrypt(&seal_blocks(b"", &key, false), &key).is_none());
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
