//! JWE in compact form with `RSA-OAEP`: with `A256GCM` what PRS sends to a recipient and Dezi to its client, with
//! `A128CBC-HS256` what Dezi sent in 2024.

use aes_gcm::aead::{Aead as _, KeyInit as _, Payload};
use aes_gcm::aes::Aes128;
use aes_gcm::aes::cipher::{Block, BlockEncrypt as _};
use aes_gcm::{Aes256Gcm, Nonce};
use hmac::{Hmac, Mac};
use rand_core::{CryptoRng, RngCore};
use rsa::traits::PaddingScheme as _;
use rsa::{Oaep, RsaPublicKey};
use serde_json::Value;
use sha1::Sha1;
use sha2::Sha256;

use crate::error::TestbedError;
use crate::keys::{RsaKey, base64_any, base64url, failed};

/// Bytes of a block of AES.
const BLOCK: usize = 16;

/// Encrypts a payload to a key. `header` must name `alg`, and `enc` (`A256GCM` or `A128CBC-HS256`).
///
/// # Errors
/// [`TestbedError::Key`] when encryption fails.
pub fn encrypt(
    header: &Value,
    payload: &[u8],
    recipient: &RsaPublicKey,
    mut rng: impl RngCore + CryptoRng,
) -> Result<String, TestbedError> {
    let mut content_key = [0u8; 32];
    rng.fill_bytes(&mut content_key);
    let wrapped = Oaep::new::<Sha1>()
        .encrypt(&mut rng, recipient, &content_key)
        .map_err(|error| failed("key wrap", error))?;
    let head = base64url(header.to_string().as_bytes());
    let (nonce, text, tag) = if header["enc"] == "A128CBC-HS256" {
        cbc(&head, payload, content_key, &mut rng)?
    } else {
        gcm(&head, payload, content_key, &mut rng)?
    };
    Ok(format!(
        "{head}.{}.{}.{}.{}",
        base64url(&wrapped),
        base64url(&nonce),
        base64url(&text),
        base64url(&tag)
    ))
}

/// Nonce, text and tag.
type Sealed = (Vec<u8>, Vec<u8>, Vec<u8>);

fn gcm(head: &str, payload: &[u8], key: [u8; 32], rng: &mut impl RngCore) -> Result<Sealed, TestbedError> {
    let mut nonce = [0u8; 12];
    rng.fill_bytes(&mut nonce);
    let mut text = Aes256Gcm::new(&key.into())
        .encrypt(
            &Nonce::from(nonce),
            Payload {
                msg: payload,
                aad: head.as_bytes(),
            },
        )
        .map_err(|error| failed("content encryption", error))?;
    let tag = text.split_off(text.len().saturating_sub(16));
    Ok((nonce.to_vec(), text, tag))
}

/// RFC 7518, section 5.2.
fn cbc(head: &str, payload: &[u8], key: [u8; 32], rng: &mut impl RngCore) -> Result<Sealed, TestbedError> {
    let (authenticates, encrypts) = key.split_at(BLOCK);
    let mut nonce = [0u8; BLOCK];
    rng.fill_bytes(&mut nonce);
    let padding = BLOCK - payload.len() % BLOCK;
    let mut text = payload.to_vec();
    text.resize(payload.len() + padding, u8::try_from(padding).unwrap_or_default());
    let cipher = Aes128::new_from_slice(encrypts).map_err(|error| failed("content encryption", error))?;
    let mut previous = nonce;
    for block in text.chunks_exact_mut(BLOCK) {
        for (byte, mask) in previous.iter_mut().zip(&*block) {
            *byte ^= mask;
        }
        let mut closed = Block::<Aes128>::from(previous);
        cipher.encrypt_block(&mut closed);
        block.copy_from_slice(&closed);
        previous = closed.into();
    }
    let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(authenticates)
        .map_err(|error| failed("content authentication", error))?;
    let bits = u64::try_from(head.len()).unwrap_or_default() * 8;
    for part in [head.as_bytes(), &nonce, &text, &bits.to_be_bytes()] {
        mac.update(part);
    }
    let mut tag = mac.finalize().into_bytes().to_vec();
    tag.truncate(BLOCK);
    Ok((nonce.to_vec(), text, tag))
}

/// Opens a JWE with `A256GCM`: its header and payload, or `None` when it is not for this key or was changed.
#[must_use]
pub fn decrypt(token: &str, recipient: &RsaKey) -> Option<(Value, Vec<u8>)> {
    let parts: Vec<&str> = token.split('.').collect();
    let [head, wrapped, nonce, text, tag] = parts.as_slice() else {
        return None;
    };
    let header: Value = serde_json::from_slice(&base64_any(head)?).ok()?;
    if header["alg"] != "RSA-OAEP" || header["enc"] != "A256GCM" {
        return None;
    }
    let content_key: [u8; 32] = Oaep::new::<Sha1>()
        .decrypt(
            None::<&mut rand_chacha::ChaCha20Rng>,
            recipient.private(),
            &base64_any(wrapped)?,
        )
        .ok()?
        .try_into()
        .ok()?;
    let nonce: [u8; 12] = base64_any(nonce)?.try_into().ok()?;
    let mut sealed = base64_any(text)?;
    sealed.extend(base64_any(tag)?);
    let payload = Aes256Gcm::new(&content_key.into())
        .decrypt(
            &Nonce::from(nonce),
            Payload {
                msg: &sealed,
                aad: head.as_bytes(),
            },
        )
        .ok()?;
    Some((header, payload))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{decrypt, encrypt};
    use crate::keys::{RsaKey, rng};

    #[test]
    fn what_is_sealed_is_opened_by_its_recipient_only() {
        let key = RsaKey::from_seed(1, "jwe").unwrap();
        let header = json!({"alg": "RSA-OAEP", "enc": "A256GCM", "kid": key.kid()});
        let token = encrypt(&header, b"hello", &key.private().to_public_key(), rng(1, "nonce")).unwrap();
        let (head, payload) = decrypt(&token, &key).unwrap();
        assert_eq!(head["kid"], key.kid());
        assert_eq!(payload, b"hello");
        assert!(decrypt(&token, &RsaKey::from_seed(2, "jwe").unwrap()).is_none());
        let changed = format!("{}A", token);
        assert!(decrypt(&changed, &key).is_none());
        assert!(decrypt("a.b.c", &key).is_none());
    }
}
