//! The arithmetic of the pseudonym protocol on ristretto255 (RFC 9497, mode 0x00, without its last step).

use hkdf::Hkdf;
use rand_core::{CryptoRng, RngCore};
use sha2::{Sha256, Sha512};
use voprf::{Group as _, Ristretto255};

type Scalar = <Ristretto255 as voprf::Group>::Scalar;
type Point = <Ristretto255 as voprf::Group>::Elem;

/// Domain separation of the hash to the group.
const DOMAIN: [&[u8]; 1] = [b"HashToGroup-OPRFV1-\x00-ristretto255-SHA512"];

/// The input of the protocol for a number: 32 bytes from its canonical JSON, for one recipient.
///
/// `info` is `<organisation>|<scope>|v1`. The number is not checked: the vectors use one that fails the 11-proef.
#[must_use]
pub fn personal_input(number: &str, info: &str) -> Option<[u8; 32]> {
    // Keys sorted, no spaces, as RFC 8785 says.
    let canonical = format!(r#"{{"landCode":"NL","type":"BSN","value":"{number}"}}"#);
    let mut input = [0; 32];
    Hkdf::<Sha256>::new(None, canonical.as_bytes())
        .expand(info.as_bytes(), &mut input)
        .ok()?;
    Some(input)
}

/// An element of the group: a blinded, evaluated or plain pseudonym.
#[derive(Clone, Copy)]
pub struct Element(Point);

impl Element {
    /// The element that an input hashes to.
    #[must_use]
    pub fn hash(input: &[u8]) -> Option<Self> {
        Ristretto255::hash_to_curve::<Sha512>(&[input], &DOMAIN)
            .ok()
            .map(Element)
    }

    /// Reads 32 bytes; `None` when they are no element, or the neutral one.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        if bytes.len() != 32 {
            return None;
        }
        Ristretto255::deserialize_elem(bytes).ok().map(Element)
    }

    /// Its 32 bytes.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 32] {
        Ristretto255::serialize_elem(self.0).into()
    }

    /// Blinds with a factor, or undoes it with [`Blind::inverse`].
    #[must_use]
    pub fn times(self, blind: &Blind) -> Self {
        Element(self.0 * blind.0)
    }
}

/// A blinding factor.
#[derive(Clone, Copy)]
pub struct Blind(Scalar);

impl Blind {
    /// Reads 32 bytes, little endian; `None` when they are no factor.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        if bytes.len() != 32 {
            return None;
        }
        Ristretto255::deserialize_scalar(bytes).ok().map(Blind)
    }

    /// A random factor.
    pub fn random(rng: &mut (impl RngCore + CryptoRng)) -> Self {
        Blind(Ristretto255::random_scalar(rng))
    }

    /// Its 32 bytes.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 32] {
        Ristretto255::serialize_scalar(self.0).into()
    }

    /// The factor that undoes this one.
    #[must_use]
    pub fn inverse(self) -> Self {
        Blind(Ristretto255::invert_scalar(self.0))
    }
}

/// One version of the secret of the pseudonym service.
pub struct ServerKey(Scalar);

impl ServerKey {
    /// Reads 32 bytes, little endian.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        Blind::read(bytes).map(|scalar| ServerKey(scalar.0))
    }

    /// A random secret.
    pub fn random(rng: &mut (impl RngCore + CryptoRng)) -> Self {
        ServerKey(Ristretto255::random_scalar(rng))
    }

    /// Evaluates an element.
    #[must_use]
    pub fn evaluate(&self, element: &Element) -> Element {
        Element(element.0 * self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::{Blind, Element, ServerKey, personal_input};
    use crate::keys::{base64_any, base64url};

    fn hex(text: &str) -> Vec<u8> {
        (0..text.len() / 2)
            .map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap())
            .collect()
    }

    fn vector(info: &str, input: &str, blinded: &str, evaluated: &str, pseudonym: &str) {
        let found = personal_input("999940003", info).unwrap();
        assert_eq!(found.to_vec(), hex(input));
        let blind =
            Blind::read(&base64_any("ZNN67SKif1GR3hwdafrbiZ2IYrWOtCIAKeA27EwfZwY=").unwrap()).unwrap();
        let key = ServerKey::read(&hex(
            "5ebcea5ee37023ccb9fc2d2019f9d7737be85591ae8652ffa9ef0f4d37063b0e",
        ))
        .unwrap();
        let element = Element::hash(&found).unwrap();
        let sent = element.times(&blind);
        assert_eq!(format!("{}=", base64url(&sent.to_bytes())), blinded);
        let answered = key.evaluate(&sent);
        assert_eq!(format!("{}=", base64url(&answered.to_bytes())), evaluated);
        let plain = answered.times(&blind.inverse());
        assert_eq!(format!("{}=", base64url(&plain.to_bytes())), pseudonym);
        assert_eq!(key.evaluate(&element).to_bytes(), plain.to_bytes());
    }

    #[test]
    fn the_vector_of_generation_c_holds() {
        vector(
            "oin:00000099000000001000|nvi|v1",
            "b788d775430a7f7bc73f7003b73ce15233d30534d776c87a92819e570647930d",
            "gGc4jxAEFlfnThlfPVasHPcYaGga82scXSzrB8BZsD8=",
            "PtczrKQcsYEi5QIy4pg_J_v26R5EH2695BixtGNEtn8=",
            "FK_iMS2_rIAX2133xC_0KgUHics6hdD8UKqrfxUStH8=",
        );
    }

    #[test]
    fn the_vector_of_generation_b_holds() {
        vector(
            "ura:90000901|nationale-verwijsindex|v1",
            "e96ce9a92e6b5fdf3ba6810b25c152c49c2969f6194e3e43fb050365a7104d9f",
            "yvhLF_vz8R5C6O6Y2uNrs0Qo49RPqWSZz6UaGVgHWk0=",
            "OONddNyI06dXIUsGZJLxvvX2SsNXAhm9SqjgPNztegM=",
            "jErbAyAWAfJn1y6qTuVZZehUeemRY60J-Q3_YuEUCTs=",
        );
    }

    #[test]
    fn bytes_that_are_no_element_or_factor_are_refused() {
        assert!(Element::read(&[0; 32]).is_none());
        assert!(Element::read(&[0xff; 32]).is_none());
        assert!(Element::read(&[1; 31]).is_none());
        assert!(Blind::read(&[0; 32]).is_none());
        assert!(Blind::read(&[0xff; 32]).is_none());
    }
}
