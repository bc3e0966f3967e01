//! Public keys that are trusted beforehand, and the few algorithms that are accepted.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::DecodingKey;
use serde::Deserialize;

/// Most keys of one party.
const MOST: usize = 32;
/// Shortest RSA modulus, in bytes (2048 bits).
const SHORTEST_RSA: usize = 256;
/// Longest RSA modulus, in bytes (8192 bits): a longer one costs more than it brings.
const LONGEST_RSA: usize = 1024;

/// A signature algorithm that is accepted somewhere. There is no `none` and no shared secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    Es256,
    Es384,
    Ps256,
    Rs256,
    Rs384,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    P256,
    P384,
    Rsa,
}

impl Algorithm {
    /// By its registered name, which is case-sensitive.
    pub(super) fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "ES256" => Algorithm::Es256,
            "ES384" => Algorithm::Es384,
            "PS256" => Algorithm::Ps256,
            "RS256" => Algorithm::Rs256,
            "RS384" => Algorithm::Rs384,
            _ => return None,
        })
    }

    pub(super) fn implementation(self) -> jsonwebtoken::Algorithm {
        match self {
            Algorithm::Es256 => jsonwebtoken::Algorithm::ES256,
            Algorithm::Es384 => jsonwebtoken::Algorithm::ES384,
            Algorithm::Ps256 => jsonwebtoken::Algorithm::PS256,
            Algorithm::Rs256 => jsonwebtoken::Algorithm::RS256,
            Algorithm::Rs384 => jsonwebtoken::Algorithm::RS384,
        }
    }

    fn family(self) -> Family {
        match self {
            Algorithm::Es256 => Family::P256,
            Algorithm::Es384 => Family::P384,
            Algorithm::Ps256 | Algorithm::Rs256 | Algorithm::Rs384 => Family::Rsa,
        }
    }
}

/// One public key.
struct PublicKey {
    kid: String,
    family: Family,
    /// The only algorithm that this key is for, when it says so.
    algorithm: Option<Algorithm>,
    key: DecodingKey,
}

/// The public keys of one party.
#[derive(Default)]
pub(super) struct KeySet(Vec<PublicKey>);

#[derive(Deserialize)]
struct Set {
    keys: Vec<Jwk>,
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
    n: Option<String>,
    e: Option<String>,
}

impl KeySet {
    /// Reads a JWK Set. Keys that are not for signatures, have no `kid`, or are of another kind are left out.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, &'static str> {
        let set: Set = serde_json::from_slice(bytes).map_err(|_| "not a JWK Set")?;
        if set.keys.len() > MOST {
            return Err("too many keys");
        }
        let mut keys: Vec<PublicKey> = Vec::with_capacity(set.keys.len());
        for jwk in set.keys {
            let Some(key) = jwk.public_key() else { continue };
            if keys.iter().any(|known| known.kid == key.kid) {
                return Err("two keys with one kid");
            }
            keys.push(key);
        }
        if keys.is_empty() {
            return Err("no usable key");
        }
        Ok(KeySet(keys))
    }

    /// The key with this id, when it is for this algorithm.
    pub(super) fn find(&self, kid: &str, algorithm: Algorithm) -> Option<&DecodingKey> {
        self.0
            .iter()
            .find(|key| {
                key.kid == kid
                    && key.family == algorithm.family()
                    && key.algorithm.is_none_or(|only| only == algorithm)
            })
            .map(|key| &key.key)
    }
}

impl Jwk {
    fn public_key(self) -> Option<PublicKey> {
        if self.usage.as_deref().is_some_and(|usage| usage != "sig") {
            return None;
        }
        let algorithm = match &self.alg {
            Some(name) => Some(Algorithm::from_name(name)?),
            None => None,
        };
        let (family, key) = match (self.kty.as_str(), self.crv.as_deref()) {
            ("EC", Some("P-256")) => (Family::P256, self.point(32)?),
            ("EC", Some("P-384")) => (Family::P384, self.point(48)?),
            ("RSA", None) => (Family::Rsa, self.modulus()?),
            _ => return None,
        };
        Some(PublicKey {
            kid: self.kid.filter(|kid| !kid.is_empty())?,
            family,
            algorithm,
            key,
        })
    }

    fn point(&self, length: usize) -> Option<DecodingKey> {
        let (x, y) = (self.x.as_deref()?, self.y.as_deref()?);
        let fits = |part: &str| {
            URL_SAFE_NO_PAD
                .decode(part)
                .is_ok_and(|bytes| bytes.len() == length)
        };
        (fits(x) && fits(y))
            .then(|| DecodingKey::from_ec_components(x, y).ok())
            .flatten()
    }

    fn modulus(&self) -> Option<DecodingKey> {
        let modulus = URL_SAFE_NO_PAD.decode(self.n.as_deref()?).ok()?;
        let exponent = URL_SAFE_NO_PAD.decode(self.e.as_deref()?).ok()?;
        ((SHORTEST_RSA..=LONGEST_RSA).contains(&modulus.len()) && (1..=4).contains(&exponent.len()))
            .then(|| DecodingKey::from_rsa_raw_components(&modulus, &exponent))
    }
}
