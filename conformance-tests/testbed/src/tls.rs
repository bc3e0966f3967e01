//! The certificate authority of the simulated country and the certificates it gives out.
//!
//! Keys come from the seed and signatures are deterministic, so that a fingerprint stays the same from run to run.

use std::sync::Arc;

use p256::ecdsa::signature::Signer as _;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, OtherNameValue, PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256, PublicKeyData,
    SanType, SerialNumber, SignatureAlgorithm, SigningKey,
};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use sha2::{Digest as _, Sha256};

use crate::error::TestbedError;
use crate::keys::{EcKey, RsaKey, base64url, failed};

mod server;

/// Object identifier of the other name in which a UZI certificate carries its numbers.
const UZI_OTHER_NAME: [u64; 4] = [2, 5, 5, 5];

/// The other name of a UZI server certificate of an organisation: the URA is its fifth part.
#[must_use]
pub fn uzi_server_name(ura: &str) -> String {
    format!("2.16.528.1.1007.99.2110-1-900000017-S-{ura}-00.000-01000009")
}

/// A certificate with its key, in PEM.
#[derive(Clone)]
pub struct Identity {
    /// The certificate.
    pub certificate_pem: String,
    /// The same in DER.
    pub certificate_der: Vec<u8>,
    /// PKCS #8.
    pub key_pem: String,
}

impl Identity {
    /// SHA-256 of the certificate in base64url: `x5t#S256`.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        fingerprint(&self.certificate_der)
    }
}

/// SHA-256 of a certificate in DER, in base64url: `x5t#S256`.
#[must_use]
pub fn fingerprint(certificate_der: &[u8]) -> String {
    base64url(&Sha256::digest(certificate_der))
}

/// Signs as `rcgen` asks, without random numbers (RFC 6979).
struct Deterministic {
    key: p256::ecdsa::SigningKey,
    public: Vec<u8>,
}

impl Deterministic {
    fn new(key: &EcKey) -> Self {
        use p256::elliptic_curve::sec1::ToEncodedPoint as _;
        Deterministic {
            key: p256::ecdsa::SigningKey::from(key.secret()),
            public: key
                .secret()
                .public_key()
                .to_encoded_point(false)
                .as_bytes()
                .to_vec(),
        }
    }
}

impl PublicKeyData for Deterministic {
    fn der_bytes(&self) -> &[u8] {
        &self.public
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_ECDSA_P256_SHA256
    }
}

impl SigningKey for Deterministic {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        let signature: p256::ecdsa::DerSignature = self.key.sign(message);
        Ok(signature.as_bytes().to_vec())
    }
}

/// A certificate authority.
pub struct Authority {
    issuer: Issuer<'static, Deterministic>,
    certificate_pem: String,
    certificate_der: Vec<u8>,
}

impl Authority {
    /// Makes the authority for this seed and purpose.
    ///
    /// # Errors
    /// [`TestbedError::Key`] when no certificate could be made.
    pub fn from_seed(seed: u64, purpose: &str) -> Result<Self, TestbedError> {
        let key = EcKey::from_seed(seed, purpose)?;
        let mut params = params("Samenhang testbed CA", "Samenhang testbed");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let signer = Deterministic::new(&key);
        let certificate = params
            .self_signed(&signer)
            .map_err(|error| failed("CA certificate", error))?;
        Ok(Authority {
            certificate_pem: certificate.pem(),
            certificate_der: certificate.der().to_vec(),
            issuer: Issuer::new(params, signer),
        })
    }

    /// Its certificate in PEM.
    #[must_use]
    pub fn pem(&self) -> &str {
        &self.certificate_pem
    }

    /// Its certificate in DER.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.certificate_der
    }

    /// A certificate for a client, with the numbers of the organisation in its names.
    ///
    /// # Errors
    /// [`TestbedError::Key`] when no certificate could be made.
    pub fn client(&self, key: &RsaKey, subject: &Subject<'_>) -> Result<Identity, TestbedError> {
        let pair = KeyPair::from_pem_and_sign_algo(key.pem(), &PKCS_RSA_SHA256)
            .map_err(|error| failed("client key", error))?;
        let mut params = params(subject.common_name, subject.organisation);
        // Serial number of the subject: where a PKIoverheid certificate carries the OIN.
        params
            .distinguished_name
            .push(DnType::CustomDnType(vec![2, 5, 4, 5]), subject.oin);
        params.subject_alt_names = vec![SanType::OtherName((
            UZI_OTHER_NAME.to_vec(),
            OtherNameValue::Utf8String(subject.uzi_name.to_owned()),
        ))];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        if subject.number > 1 {
            params.serial_number = Some(SerialNumber::from(subject.number));
        }
        self.issue(&params, &pair, key.pem())
    }

    fn issue(
        &self,
        params: &CertificateParams,
        pair: &KeyPair,
        key_pem: &str,
    ) -> Result<Identity, TestbedError> {
        let certificate = params
            .signed_by(pair, &self.issuer)
            .map_err(|error| failed("certificate", error))?;
        Ok(Identity {
            certificate_pem: certificate.pem(),
            certificate_der: certificate.der().to_vec(),
            key_pem: key_pem.to_owned(),
        })
    }

    /// How a service of the testbed speaks TLS. `client_certificate` demands one of this authority.
    ///
    /// # Errors
    /// [`TestbedError::Key`] when the parts do not fit.
    pub fn server_config(
        &self,
        server: &Identity,
        client_certificate: bool,
    ) -> Result<Arc<ServerConfig>, TestbedError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut roots = RootCertStore::empty();
        roots
            .add(CertificateDer::from(self.certificate_der.clone()))
            .map_err(|error| failed("trust store", error))?;
        let mut verifier =
            WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
        if !client_certificate {
            verifier = verifier.allow_unauthenticated();
        }
        let verifier = verifier
            .build()
            .map_err(|error| failed("client verifier", error))?;
        let key = PrivatePkcs8KeyDer::from_pem_slice(server.key_pem.as_bytes())
            .map_err(|error| failed("server key", error))?;
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| failed("TLS versions", error))?
            .with_client_cert_verifier(verifier)
            .with_single_cert(
                vec![CertificateDer::from(server.certificate_der.clone())],
                PrivateKeyDer::Pkcs8(key),
            )
            .map_err(|error| failed("server certificate", error))?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }
}

/// Who a client certificate is for.
pub struct Subject<'a> {
    /// Common name.
    pub common_name: &'a str,
    /// Organisation.
    pub organisation: &'a str,
    /// Number of the organisation for digital government (OIN).
    pub oin: &'a str,
    /// Other name in the form of a UZI server certificate, which holds the URA.
    pub uzi_name: &'a str,
    /// 1, or more for a later certificate of the same key.
    pub number: u64,
}

fn params(common_name: &str, organisation: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common_name);
    name.push(DnType::OrganizationName, organisation);
    params.distinguished_name = name;
    params.not_before = rcgen::date_time_ymd(2020, 1, 1);
    params.not_after = rcgen::date_time_ymd(2099, 1, 1);
    params.use_authority_key_identifier_extension = true;
    params
}

#[cfg(test)]
mod tests {
    use super::{Authority, Subject};
    use crate::keys::RsaKey;

    #[test]
    fn the_same_seed_gives_the_same_certificates() {
        let key = RsaKey::from_seed(1, "client").unwrap();
        let subject = Subject {
            common_name: "west.example",
            organisation: "West",
            oin: "00000099000000002000",
            uzi_name: "1-2-3",
            number: 1,
        };
        let first = Authority::from_seed(1, "ca")
            .unwrap()
            .client(&key, &subject)
            .unwrap();
        let second = Authority::from_seed(1, "ca")
            .unwrap()
            .client(&key, &subject)
            .unwrap();
        assert_eq!(first.fingerprint(), second.fingerprint());
        let other = Authority::from_seed(2, "ca")
            .unwrap()
            .client(&key, &subject)
            .unwrap();
        assert_ne!(first.fingerprint(), other.fingerprint());
    }
}
