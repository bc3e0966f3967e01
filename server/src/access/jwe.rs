//! Decrypting Dezi's answer: compact JWE, RSA-OAEP, AES-256-GCM or (as the statements of 2024 come) AES-128-CBC with
//! HMAC-SHA-256, one private key.

use aes_gcm::aead::{AeadInPlace, KeyInit};
use aes_gcm::aes::Aes128;
use aes_gcm::aes::cipher::{Block, BlockDecrypt};
use aes_gcm::{Aes256Gcm, Nonce, Tag};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use rand_core::OsRng;
use rsa::{Oaep, RsaPrivateKey};
use serde::Deserialize;
use serde::de::IgnoredAny;
use sha2::Sha256;
use zeroize::Zeroizing;

/// Longest message, in bytes: a signed token in it has its own limit.
const LONGEST: usize = 64 << 10;
/// Bytes of a block of AES.
const BLOCK: usize = 16;

#[derive(Deserialize)]
struct Header {
    alg: String,
    enc: String,
    zip: Option<IgnoredAny>,
    crit: Option<IgnoredAny>,
}

/// What is sealed with the content key.
struct Sealed<'a> {
    /// The header as it was sent, which is authenticated too.
    head: &'a [u8],
    nonce: Vec<u8>,
    text: Zeroizing<Vec<u8>>,
    tag: Vec<u8>,
}

/// Decrypts a message. Every failure looks the same, so that nothing can be learnt from it.
pub(super) fn decrypt(message: &str, key: &RsaPrivateKey) -> Option<Zeroizing<String>> {
    if message.len() > LONGEST {
        return None;
    }
    let parts: Vec<&str> = message.split('.').collect();
    let [head, sealed_key, nonce, text, tag] = parts.as_slice() else {
        return None;
    };
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).ok();
    let header: Header = serde_json::from_slice(&decode(head)?).ok()?;
    if header.zip.is_some() || header.crit.is_some() {
        return None;
    }
    let open = match header.enc.as_str() {
        "A256GCM" => gcm,
        "A128CBC-HS256" => cbc,
        _ => return None,
    };
    let padding = match header.alg.as_str() {
        "RSA-OAEP" => Oaep::new::<sha1::Sha1>(),
        "RSA-OAEP-256" => Oaep::new::<Sha256>(),
        _ => return None,
    };
    let content_key = Zeroizing::new(
        key.decrypt_blinded(&mut OsRng, padding, &decode(sealed_key)?)
            .ok()?,
    );
    let sealed = Sealed {
        head: head.as_bytes(),
        nonce: decode(nonce)?,
        text: Zeroizing::new(decode(text)?),
        tag: decode(tag)?,
    };
    let text = open(&content_key, sealed)?;
    std::str::from_utf8(&text)
        .ok()
        .map(|text| Zeroizing::new(text.to_owned()))
}

fn gcm(key: &[u8], sealed: Sealed<'_>) -> Option<Zeroizing<Vec<u8>>> {
    let cipher = Aes256Gcm::new_from_slice(key).ok()?;
    let nonce: [u8; 12] = sealed.nonce.try_into().ok()?;
    let tag: [u8; 16] = sealed.tag.try_into().ok()?;
    let mut text = sealed.text;
    cipher
        .decrypt_in_place_detached(&Nonce::from(nonce), sealed.head, &mut text, &Tag::from(tag))
        .ok()?;
    Some(text)
}

/// RFC 7518, section 5.2: half of the key authenticates, half encrypts. What was not authenticated is not decrypted.
fn cbc(key: &[u8], sealed: Sealed<'_>) -> Option<Zeroizing<Vec<u8>>> {
    let (authenticates, encrypts) = (key.len() == 2 * BLOCK).then(|| key.split_at(BLOCK))?;
    let mut previous: [u8; BLOCK] = sealed.nonce.as_slice().try_into().ok()?;
    let bits = u64::try_from(sealed.head.len()).ok()?.checked_mul(8)?;
    let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(authenticates).ok()?;
    for part in [sealed.head, &sealed.nonce, &sealed.text, &bits.to_be_bytes()] {
        mac.update(part);
    }
    if sealed.tag.len() != BLOCK {
        return None;
    }
    mac.verify_truncated_left(&sealed.tag).ok()?;
    let cipher = Aes128::new_from_slice(encrypts).ok()?;
    let mut text = sealed.text;
    if text.is_empty() || !text.len().is_multiple_of(BLOCK) {
        return None;
    }
    for block in text.chunks_exact_mut(BLOCK) {
        let before: [u8; BLOCK] = (&*block).try_into().ok()?;
        let mut opened = Block::<Aes128>::from(before);
        cipher.decrypt_block(&mut opened);
        for ((byte, plain), mask) in block.iter_mut().zip(opened).zip(previous) {
            *byte = plain ^ mask;
        }
        previous = before;
    }
    let padding = usize::from(*text.last()?);
    let kept = text.len().checked_sub(padding)?;
    let padded =
        (1..=BLOCK).contains(&padding) && text.iter().skip(kept).all(|byte| usize::from(*byte) == padding);
    padded.then(|| {
        text.truncate(kept);
        text
    })
}
