//! Certificates that a statement brings along (claim `x5c`): their chain must lead to an authority that was configured.
//!
//! What a chain proves is whose key it is; that the key made the signature is checked with it. Certificate
//! revocation is not: no address of a list is configured, and none that a certificate offers is followed.

use std::path::Path;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, SignatureVerificationAlgorithm, TrustAnchor, UnixTime};
use serde::Deserialize;
use webpki::ring as algorithms;
use webpki::{EndEntityCert, ExtendedKeyUsageValidator, KeyPurposeIdIter, anchor_from_trusted_cert};

use crate::access::error::AccessError;
use crate::access::jwt::JwtError;
use crate::access::keys::Algorithm;

/// Most certificates in one chain.
const MOST: usize = 5;
/// Most authorities in one file.
const MOST_ANCHORS: usize = 64;

/// Algorithms with which certificates may be signed.
const SIGNED_WITH: &[&dyn SignatureVerificationAlgorithm] = &[
    algorithms::RSA_PKCS1_2048_8192_SHA256,
    algorithms::RSA_PKCS1_2048_8192_SHA384,
    algorithms::RSA_PKCS1_2048_8192_SHA512,
    algorithms::ECDSA_P256_SHA256,
    algorithms::ECDSA_P384_SHA384,
];

/// A chain as a statement brings it: one certificate or several, the signer's first.
#[derive(Deserialize)]
#[serde(untagged)]
pub(in crate::access) enum Chain {
    One(String),
    Many(Vec<String>),
}

/// The authorities that are trusted.
pub(in crate::access) struct Anchors(Vec<TrustAnchor<'static>>);

/// Any use of a key: which one Dezi's certificates state is not published.
struct AnyUse;

impl ExtendedKeyUsageValidator for AnyUse {
    fn validate(&self, mut uses: KeyPurposeIdIter<'_, '_>) -> Result<(), webpki::Error> {
        // Malformed ones are refused all the same.
        uses.try_for_each(|purpose| purpose.map(drop))
    }
}

impl Anchors {
    /// Reads certificates of authorities (PEM).
    pub(in crate::access) fn read(path: &Path) -> Result<Self, AccessError> {
        let wrong = |reason| AccessError::KeyFile {
            file: path.display().to_string(),
            reason,
        };
        let mut anchors = Vec::new();
        let certificates = CertificateDer::pem_file_iter(path).map_err(|_| wrong("it cannot be read"))?;
        for certificate in certificates {
            let certificate = certificate.map_err(|_| wrong("it is not PEM"))?;
            let anchor =
                anchor_from_trusted_cert(&certificate).map_err(|_| wrong("it holds no certificate"))?;
            anchors.push(anchor.to_owned());
        }
        if anchors.is_empty() || anchors.len() > MOST_ANCHORS {
            return Err(wrong("it holds no certificate, or more than 64"));
        }
        Ok(Anchors(anchors))
    }

    /// Checks that a chain leads to an authority, now, and that its first key made a signature.
    pub(in crate::access) fn check(
        &self,
        chain: &Chain,
        now: Timestamp,
        algorithm: Algorithm,
        text: &[u8],
        signature: &[u8],
    ) -> Result<(), JwtError> {
        let algorithm = match algorithm {
            Algorithm::Rs256 => algorithms::RSA_PKCS1_2048_8192_SHA256,
            Algorithm::Ps256 => algorithms::RSA_PSS_2048_8192_SHA256_LEGACY_KEY,
            _ => return Err(JwtError::Algorithm),
        };
        let certificates = chain.certificates().ok_or(JwtError::Malformed)?;
        let (signer, between) = certificates.split_first().ok_or(JwtError::Key)?;
        let signer = EndEntityCert::try_from(signer).map_err(|_| JwtError::Malformed)?;
        let seconds = u64::try_from(now.as_second()).map_err(|_| JwtError::Key)?;
        signer
            .verify_for_usage(
                SIGNED_WITH,
                &self.0,
                between,
                UnixTime::since_unix_epoch(Duration::from_secs(seconds)),
                AnyUse,
                None,
                None,
            )
            .map_err(|_| JwtError::Key)?;
        signer
            .verify_signature(algorithm, text, signature)
            .map_err(|_| JwtError::Signature)
    }
}

impl Chain {
    /// The certificates in DER. Line breaks in the base64 are let pass: they are in examples.
    fn certificates(&self) -> Option<Vec<CertificateDer<'static>>> {
        let texts = match self {
            Chain::One(one) => std::slice::from_ref(one),
            Chain::Many(many) => many.as_slice(),
        };
        if texts.len() > MOST {
            return None;
        }
        let decode = |text: &String| {
            let text: String = text
                .chars()
                .filter(|letter| !letter.is_ascii_whitespace())
                .collect();
            STANDARD.decode(text).ok().map(CertificateDer::from)
        };
        texts.iter().map(decode).collect()
    }
}
