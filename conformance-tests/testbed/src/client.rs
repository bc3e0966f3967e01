//! What the asker of the testbed holds: the certificate, keys and numbers by which the simulated country knows it.

use jsonwebtoken::Algorithm;
use p384::pkcs8::{EncodePrivateKey as _, EncodePublicKey as _, LineEnding};
use samenhang_profiles::Ura;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::clock::SimClock;
use crate::error::TestbedError;
use crate::keys::{EcKey, RsaKey, base64url, failed, rng};
use crate::tls::{Authority, Identity, Subject, uzi_server_name};

/// URA of the asker.
pub const ASKER_URA: &str = "00900900";
/// OIN of the asker.
pub const ASKER_OIN: &str = "00000099000000002000";
/// Name of the asker.
const NAME: &str = "Huisartsenpraktijk West";
/// Number of the demo user.
pub const USER_NUMBER: &str = "900000009";

/// Everything the asker needs to speak with the simulated country.
#[derive(Clone)]
pub struct ClientMaterial {
    /// Its URA.
    pub ura: Ura,
    /// Its name.
    pub name: String,
    /// Its organisation type, in the code system that Mitz uses.
    pub organisation_type: String,
    /// Its OIN, in the certificate.
    pub oin: String,
    /// Its device identifier at the NVI.
    pub source_id: String,
    /// Certificate of the simulated country's authority.
    pub ca_pem: String,
    /// Client certificate (RSA), for mutual TLS and as the key of generation B client assertions.
    pub client_cert_pem: String,
    /// Its key, PKCS #8.
    pub client_key_pem: String,
    /// `x5t#S256` of the client certificate.
    pub client_cert_fingerprint: String,
    /// Key of the DID (ES256), PKCS #8.
    pub signing_key_es256_pem: String,
    /// Public half of it.
    pub signing_public_pem: String,
    /// Its key id: the DID with a fragment.
    pub signing_kid: String,
    /// Decentralised identifier.
    pub did: String,
    /// Credential about the certificate's URA (JWT, PS256, `x5c` in the header).
    pub x509_credential: String,
    /// Client id at SMART authorization servers.
    pub smart_client_id: String,
    /// Client id of its viewer at its own EHR, which starts it with a patient. The same key.
    pub viewer_client_id: String,
    /// Key for `private_key_jwt` (ES384), PKCS #8.
    pub smart_key_es384_pem: String,
    /// Public half of it.
    pub smart_public_pem: String,
    /// Its key id.
    pub smart_kid: String,
    /// Client id at Dezi.
    pub dezi_client_id: String,
    /// Key to which Dezi encrypts (RSA), PKCS #8. The same as of the certificate.
    pub dezi_jwe_key_pem: String,
}

impl ClientMaterial {
    /// Makes the asker of this seed.
    ///
    /// # Errors
    /// [`TestbedError::Key`] when keys or certificates cannot be made.
    pub fn from_seed(seed: u64, authority: &Authority, clock: &SimClock) -> Result<Self, TestbedError> {
        let certificate_key = client_key(seed)?;
        let uzi_name = uzi_server_name(ASKER_URA);
        let identity = certificate(seed, authority, 1)?;
        let did = "did:web:west.example".to_owned();
        let signing = EcKey::from_seed(seed, "client signing")?;
        let smart = p384::SecretKey::random(&mut rng(seed, "client smart"));
        let smart_public_pem = smart
            .public_key()
            .to_public_key_pem(LineEnding::LF)
            .map_err(|error| failed("P-384 key", error))?;
        let x509_credential = credential(&certificate_key, &identity, authority, &did, &uzi_name, clock)?;
        Ok(ClientMaterial {
            ura: ASKER_URA.parse().map_err(|error| failed("URA", error))?,
            name: NAME.to_owned(),
            organisation_type: "Z3".to_owned(),
            oin: ASKER_OIN.to_owned(),
            source_id: "samenhang-west-1".to_owned(),
            ca_pem: authority.pem().to_owned(),
            client_cert_fingerprint: identity.fingerprint(),
            client_cert_pem: identity.certificate_pem,
            client_key_pem: identity.key_pem,
            signing_key_es256_pem: signing.pem().to_owned(),
            signing_public_pem: signing.public_pem()?,
            signing_kid: format!("{did}#0"),
            did,
            x509_credential,
            smart_client_id: "samenhang-west".to_owned(),
            viewer_client_id: "samenhang-west-viewer".to_owned(),
            smart_key_es384_pem: smart
                .to_pkcs8_pem(LineEnding::LF)
                .map_err(|error| failed("P-384 key", error))?
                .to_string(),
            smart_kid: base64url(&Sha256::digest(smart_public_pem.as_bytes())),
            smart_public_pem,
            dezi_client_id: "samenhang-west".to_owned(),
            dezi_jwe_key_pem: certificate_key.pem().to_owned(),
        })
    }
}

/// A client certificate of the asker, the first or a later one; all for the same key.
///
/// # Errors
/// [`TestbedError::Key`] when it cannot be made.
pub fn certificate(seed: u64, authority: &Authority, number: u64) -> Result<Identity, TestbedError> {
    authority.client(
        &client_key(seed)?,
        &Subject {
            common_name: "west.example",
            organisation: NAME,
            oin: ASKER_OIN,
            uzi_name: &uzi_server_name(ASKER_URA),
            number,
        },
    )
}

/// The asker's RSA key.
///
/// # Errors
/// [`TestbedError::Key`] when it cannot be made.
pub fn client_key(seed: u64) -> Result<RsaKey, TestbedError> {
    RsaKey::from_seed(seed, "client certificate")
}

/// A verifiable credential that says, signed with the certificate's key, which URA stands in the certificate.
fn credential(
    key: &RsaKey,
    identity: &Identity,
    authority: &Authority,
    did: &str,
    uzi_name: &str,
    clock: &SimClock,
) -> Result<String, TestbedError> {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    let issuer = format!(
        "did:x509:0:sha256:{}::san:otherName:{uzi_name}",
        crate::tls::fingerprint(authority.der())
    );
    let now = clock.seconds();
    let claims = json!({
        "iss": issuer, "sub": did, "jti": format!("{issuer}#1"), "nbf": now - 86_400, "exp": now + 365 * 86_400,
        "vc": {
            "@context": ["https://www.w3.org/2018/credentials/v1", "https://nuts.nl/credentials/2024"],
            "type": ["VerifiableCredential", "X509Credential"],
            "credentialSubject": {"id": did, "san": {"otherName": uzi_name}},
        },
    });
    key.sign(Algorithm::PS256, &claims, |header| {
        header.kid = Some(format!("{issuer}#0"));
        header.x5c = Some(vec![
            STANDARD.encode(&identity.certificate_der),
            STANDARD.encode(authority.der()),
        ]);
    })
}
