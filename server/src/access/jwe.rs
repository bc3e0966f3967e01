//! Decrypting Dezi's answer: compact JWE, RSA-OAEP, AES-256-GCM, one private key.

use aes_gcm::aead::{AeadInPlace, KeyInit};
use aes_gcm::{Aes256Gcm, Nonce, Tag};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand_core::OsRng;
use rsa::{Oaep, RsaPrivateKey};
use serde::Deserialize;
use serde::de::IgnoredAny;
use zeroize::Zeroizing;

/// Longest message, in bytes: a signed token in it has its own limit.
const LONGEST: usize = 64 << 10;

#[derive(Deserialize)]
struct Header {
    alg: String,
    enc: String,
    zip: Option<IgnoredAny>,
    crit: Option<IgnoredAny>,
}

/// Decrypts a message. Every failure looks the same, so that nothing can be learnt from it.
pub(super) fn decrypt(message: &str, key: &RsaPrivateKey) -> Option<Zeroizing<String>> {
    if message.len() > LONGEST {
        return None;
    }
    let parts: Vec<&str> = message.split('.').collect();
    let [head, sealed_key, nonce, sealed, tag] = parts.as_slice() else {
        return None;
    };
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).ok();
    let header: Header = serde_json::from_slice(&decode(head)?).ok()?;
    if header.enc != "A256GCM" || header.zip.is_some() || header.crit.is_some() {
        return None;
    }
    let padding = match header.alg.as_str() {
        "RSA-OAEP" => Oaep::new::<sha1::Sha1>(),
        "RSA-OAEP-256" => Oaep::new::<sha2::Sha256>(),
        _ => return None,
    };
    let content_key = Zeroizing::new(
        key.decrypt_blinded(&mut OsRng, padding, &decode(sealed_key)?)
            .ok()?,
    );
    let cipher = Aes256Gcm::new_from_slice(&content_key).ok()?;
    let nonce: [u8; 12] = decode(nonce)?.try_into().ok()?;
    let tag: [u8; 16] = decode(tag)?.try_into().ok()?;
    let mut text = Zeroizing::new(decode(sealed)?);
    cipher
        .decrypt_in_place_detached(&Nonce::from(nonce), head.as_bytes(), &mut text, &Tag::from(tag))
        .ok()?;
    std::str::from_utf8(&text)
        .ok()
        .map(|text| Zeroizing::new(text.to_owned()))
}
