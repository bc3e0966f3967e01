//! Reading signed tokens (JWT): strict, with the algorithm and the keys fixed beforehand.
//!
//! The header of a token chooses nothing but one of the keys that are already trusted. Whatever else it offers
//! (`jwk`, `x5u`, `x5c`, `crit`, and `jku` unless the caller checks it) makes the token refused. Controls C06 to C09.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use crate::access::keys::{Algorithm, KeySet};

/// Longest token, in bytes.
pub(super) const LONGEST: usize = 16 << 10;
/// Tolerance between two clocks, in seconds.
pub(super) const TOLERANCE: i64 = 60;

/// Why a token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JwtError {
    /// More than 16 KiB.
    #[error("the token is too large")]
    TooLarge,
    /// Not three parts of base64url with JSON objects in them.
    #[error("the token is malformed")]
    Malformed,
    /// The header brings keys or addresses of keys, or demands what is not understood.
    #[error("the token's header has a field that is not accepted")]
    Header,
    /// The algorithm is not on the list.
    #[error("the token's algorithm is not accepted")]
    Algorithm,
    /// The key is not one of those that are trusted.
    #[error("the token's key is not known")]
    Key,
    /// The signature does not fit.
    #[error("the token's signature does not fit")]
    Signature,
    /// A claim is missing or has another form.
    #[error("the token lacks a claim")]
    Claim,
    /// Issued by someone else.
    #[error("the token's issuer is another")]
    Issuer,
    /// Meant for someone else.
    #[error("the token is meant for another audience")]
    Audience,
    /// About someone else.
    #[error("the token's subject is another")]
    Subject,
    /// Expired.
    #[error("the token has expired")]
    Expired,
    /// Not valid yet.
    #[error("the token is not valid yet")]
    Early,
    /// Valid for longer than is accepted.
    #[error("the token is valid for too long")]
    TooLong,
    /// Seen before.
    #[error("the token was used before")]
    Replayed,
    /// Not the nonce of this login.
    #[error("the token belongs to another login")]
    Nonce,
}

/// The header of a token. Unknown fields are of no use to anyone and are ignored.
#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    cty: Option<String>,
    jku: Option<String>,
    jwk: Option<IgnoredAny>,
    x5u: Option<IgnoredAny>,
    x5c: Option<IgnoredAny>,
    crit: Option<IgnoredAny>,
    enc: Option<IgnoredAny>,
    zip: Option<IgnoredAny>,
    b64: Option<IgnoredAny>,
}

/// A token whose form is right and whose signature has not been checked: its claims cannot be read yet.
pub(super) struct Unverified<'a> {
    header: Header,
    algorithm: Algorithm,
    signed: &'a str,
    payload: &'a str,
    signature: &'a str,
}

/// The audience of a token: one or several.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Audience {
    One(String),
    Many(Vec<String>),
}

impl Audience {
    pub(super) fn contains(&self, wanted: &str) -> bool {
        match self {
            Audience::One(one) => one == wanted,
            Audience::Many(many) => many.iter().any(|one| one == wanted),
        }
    }
}

/// Reads a token's form.
pub(super) fn read(token: &str) -> Result<Unverified<'_>, JwtError> {
    if token.len() > LONGEST {
        return Err(JwtError::TooLarge);
    }
    let (signed, signature) = token.rsplit_once('.').ok_or(JwtError::Malformed)?;
    let (head, payload) = signed.split_once('.').ok_or(JwtError::Malformed)?;
    if payload.contains('.') || signature.is_empty() {
        return Err(JwtError::Malformed);
    }
    let header: Header = parse(head)?;
    let foreign = header.jwk.is_some()
        || header.x5u.is_some()
        || header.x5c.is_some()
        || header.crit.is_some()
        || header.enc.is_some()
        || header.zip.is_some()
        || header.b64.is_some();
    // A token in a token (`cty: JWT`) is never asked for.
    let typed = header
        .typ
        .as_deref()
        .is_none_or(|typ| typ.eq_ignore_ascii_case("jwt"));
    if foreign || !typed || header.cty.is_some() {
        return Err(JwtError::Header);
    }
    Ok(Unverified {
        algorithm: Algorithm::from_name(&header.alg).ok_or(JwtError::Algorithm)?,
        header,
        signed,
        payload,
        signature,
    })
}

impl Unverified<'_> {
    /// Where the token says its keys are. For a list of allowed addresses to compare with, never to follow.
    pub(super) fn key_address(&self) -> Option<&str> {
        self.header.jku.as_deref()
    }

    /// Who issued the token, as it says itself: to choose whose keys must fit, for nothing else.
    pub(super) fn claimed_issuer(&self) -> Option<String> {
        #[derive(Deserialize)]
        struct Issuer {
            iss: String,
        }
        self.claimed::<Issuer>().map(|claims| claims.iss)
    }

    /// What the token says of itself, not proven: to choose how it is checked, for nothing else.
    pub(super) fn claimed<T: DeserializeOwned>(&self) -> Option<T> {
        parse(self.payload).ok()
    }

    /// Checks the signature with a check of the caller's own, which gets the algorithm, the text and the signature, and
    /// gives the claims. A token that names the address of its key does not pass.
    pub(super) fn verify_by<T: DeserializeOwned>(
        &self,
        fits: impl FnOnce(Algorithm, &[u8], &[u8]) -> Result<(), JwtError>,
    ) -> Result<T, JwtError> {
        if self.header.jku.is_some() {
            return Err(JwtError::Header);
        }
        let signature = URL_SAFE_NO_PAD
            .decode(self.signature)
            .map_err(|_| JwtError::Malformed)?;
        fits(self.algorithm, self.signed.as_bytes(), &signature)?;
        parse(self.payload).map_err(|_| JwtError::Claim)
    }

    /// Checks the signature with the trusted key that the header names, and gives the claims. A token without `jku`
    /// passes with `key_address` `None` only.
    pub(super) fn verify<T: DeserializeOwned>(
        &self,
        keys: &KeySet,
        allowed: &[Algorithm],
        key_address: Option<&str>,
    ) -> Result<T, JwtError> {
        if self.header.jku.as_deref() != key_address {
            return Err(JwtError::Header);
        }
        if !allowed.contains(&self.algorithm) {
            return Err(JwtError::Algorithm);
        }
        let kid = self.header.kid.as_deref().ok_or(JwtError::Key)?;
        let key = keys.find(kid, self.algorithm).ok_or(JwtError::Key)?;
        let fits = jsonwebtoken::crypto::verify(
            self.signature,
            self.signed.as_bytes(),
            key,
            self.algorithm.implementation(),
        );
        if !fits.unwrap_or(false) {
            return Err(JwtError::Signature);
        }
        parse(self.payload).map_err(|_| JwtError::Claim)
    }
}

fn parse<T: DeserializeOwned>(part: &str) -> Result<T, JwtError> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| JwtError::Malformed)?;
    serde_json::from_slice(&bytes).map_err(|_| JwtError::Malformed)
}

/// Checks the period of a token, in seconds since 1970.
pub(super) fn check_period(now: Timestamp, not_before: Option<i64>, expires: i64) -> Result<(), JwtError> {
    let now = now.as_second();
    if expires.saturating_add(TOLERANCE) <= now {
        return Err(JwtError::Expired);
    }
    match not_before {
        Some(from) if from.saturating_sub(TOLERANCE) > now => Err(JwtError::Early),
        _ => Ok(()),
    }
}
