//! The arithmetic of a pseudonym: JCS, HKDF-SHA256 and OPRF(ristretto255, SHA-512) in base mode (RFC 9497).

use hkdf::Hkdf;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use sha2::Sha256;
use voprf::{OprfClient, OprfClientBlindResult, Ristretto255};
use zeroize::Zeroizing;

use crate::clock::Random;

/// For whom a pseudonym is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Recipient {
    /// `oin:...` in generation C, `ura:...` in B.
    pub(super) organisation: String,
    /// `nvi` or `nationale-verwijsindex`.
    pub(super) scope: String,
}

/// A blinded number and the blind that the recipient needs.
pub(super) struct Blinded {
    /// The blinded element, 32 bytes.
    pub(super) element: Vec<u8>,
    /// The blind: a scalar, 32 bytes, little endian.
    pub(super) blind: Zeroizing<Vec<u8>>,
}

impl Recipient {
    /// Blinds a number with a fresh scalar.
    pub(super) fn blind(&self, bsn: &str, random: &dyn Random) -> Option<Blinded> {
        let input = self.input(bsn)?;
        let mut seed = Zeroizing::new([0; 32]);
        random.fill(&mut *seed);
        let mut rng = ChaCha20Rng::from_seed(*seed);
        OprfClient::<Ristretto255>::blind(&*input, &mut rng)
            .ok()
            .map(|result| blinded(&result))
    }

    /// The input of the OPRF: the number's canonical JSON, hashed for this recipient.
    pub(super) fn input(&self, bsn: &str) -> Option<Zeroizing<[u8; 32]>> {
        let info = format!("{}|{}|v1", self.organisation, self.scope);
        let mut input = Zeroizing::new([0; 32]);
        Hkdf::<Sha256>::new(None, canonical(bsn).as_bytes())
            .expand(info.as_bytes(), &mut *input)
            .ok()?;
        Some(input)
    }
}

pub(super) fn blinded(result: &OprfClientBlindResult<Ristretto255>) -> Blinded {
    Blinded {
        element: result.message.serialize().to_vec(),
        blind: Zeroizing::new(result.state.serialize().to_vec()),
    }
}

/// The number in the form of RFC 8785. `BSN` is in upper case: lower case gives another pseudonym.
fn canonical(bsn: &str) -> Zeroizing<String> {
    Zeroizing::new(format!(r#"{{"landCode":"NL","type":"BSN","value":"{bsn}"}}"#))
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE;
    use hkdf::Hkdf;
    use sha2::Sha256;
    use voprf::{Group, OprfClient, OprfServer, Ristretto255};

    use super::{Recipient, blinded};
    use crate::clock::SeededRandom;

    const R: &str = "ZNN67SKif1GR3hwdafrbiZ2IYrWOtCIAKeA27EwfZwY=";
    const K: &str = "5ebcea5ee37023ccb9fc2d2019f9d7737be85591ae8652ffa9ef0f4d37063b0e";
    /// The number of the published vectors. It fails the 11-proef, so it exists here only.
    const BSN: &str = "999940003";

    struct Vector {
        organisation: &'static str,
        scope: &'static str,
        x: &'static str,
        b: &'static str,
        z: &'static str,
        n: &'static str,
    }

    const VECTORS: [Vector; 2] = [
        Vector {
            organisation: "oin:00000099000000001000",
            scope: "nvi",
            x: "b788d775430a7f7bc73f7003b73ce15233d30534d776c87a92819e570647930d",
            b: "gGc4jxAEFlfnThlfPVasHPcYaGga82scXSzrB8BZsD8=",
            z: "PtczrKQcsYEi5QIy4pg_J_v26R5EH2695BixtGNEtn8=",
            n: "FK_iMS2_rIAX2133xC_0KgUHics6hdD8UKqrfxUStH8=",
        },
        Vector {
            organisation: "ura:90000901",
            scope: "nationale-verwijsindex",
            x: "e96ce9a92e6b5fdf3ba6810b25c152c49c2969f6194e3e43fb050365a7104d9f",
            b: "yvhLF_vz8R5C6O6Y2uNrs0Qo49RPqWSZz6UaGVgHWk0=",
            z: "OONddNyI06dXIUsGZJLxvvX2SsNXAhm9SqjgPNztegM=",
            n: "jErbAyAWAfJn1y6qTuVZZehUeemRY60J-Q3_YuEUCTs=",
        },
    ];

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn unhex(text: &str) -> Vec<u8> {
        (0..text.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
            .collect()
    }

    #[test]
    fn the_published_vectors_pass() {
        for vector in VECTORS {
            let recipient = Recipient {
                organisation: vector.organisation.to_owned(),
                scope: vector.scope.to_owned(),
            };
            let input = recipient.input(BSN).unwrap();
            assert_eq!(hex(&*input), vector.x);
            let r = Ristretto255::deserialize_scalar(&URL_SAFE.decode(R).unwrap()).unwrap();
            let result = OprfClient::<Ristretto255>::deterministic_blind_unchecked(&*input, r).unwrap();
            let ours = blinded(&result);
            assert_eq!(URL_SAFE.encode(&ours.element), vector.b);
            assert_eq!(URL_SAFE.encode(&*ours.blind), R);
            // What the service and the recipient make of it.
            let server = OprfServer::<Ristretto255>::new_with_key(&unhex(K)).unwrap();
            let z = server.blind_evaluate(&result.message);
            assert_eq!(URL_SAFE.encode(z.serialize()), vector.z);
            let z = Ristretto255::deserialize_elem(&z.serialize()).unwrap();
            let n = z * Ristretto255::invert_scalar(r);
            assert_eq!(URL_SAFE.encode(Ristretto255::serialize_elem(n)), vector.n);
        }
    }

    #[test]
    fn lower_case_is_another_number() {
        let mut x = [0; 32];
        Hkdf::<Sha256>::new(None, br#"{"landCode":"NL","type":"bsn","value":"999940003"}"#)
            .expand(b"oin:00000099000000001000|nvi|v1", &mut x)
            .unwrap();
        assert_eq!(
            hex(&x),
            "871bf68a7ab3dc7de3b284d7fb783523d500206d7a79eb5c6bfa9f37f38ae7e4"
        );
        let recipient = Recipient {
            organisation: "oin:00000099000000001000".to_owned(),
            scope: "nvi".to_owned(),
        };
        assert_ne!(*recipient.input(BSN).unwrap(), x);
    }

    #[test]
    fn every_blind_is_fresh() {
        let recipient = Recipient {
            organisation: "oin:00000099000000001000".to_owned(),
            scope: "nvi".to_owned(),
        };
        let random = SeededRandom::new(1);
        let one = recipient.blind("999990019", &random).unwrap();
        let two = recipient.blind("999990019", &random).unwrap();
        assert_ne!(one.element, two.element);
        assert_ne!(*one.blind, *two.blind);
    }
}
