//! Whose certificate it is: a holder's server states the URA of its organisation, and one that states another is
//! refused before anything is sent (fault F34).
//!
//! A UZI server certificate carries the URA in an other name (2.5.5.5) of its subject alternative names, as the fifth
//! part of `2.16.528.1.1007.99.2110-1-<number>-S-<URA>-00.000-<AGB>` (generic functions, section 4.3). A certificate
//! of the `PKIoverheid` for servers states none. So what a certificate must state is the operator's choice.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, OtherError, SignatureScheme};
use samenhang_profiles::Ura;
use x509_parser::extensions::{GeneralName, ParsedExtension};

use super::error::HttpError;
use crate::config::{EgressConfig, HolderCertificates};

/// Object identifier of the other name in which a UZI certificate carries its numbers.
const UZI_OTHER_NAME: &str = "2.5.5.5";
/// Other names of one certificate that are read.
const MAX_NAMES: usize = 64;
/// Clients that are kept; more means that all are made anew.
const MAX_CLIENTS: usize = 512;

/// Checks what every certificate must pass, and then whose it is.
#[derive(Debug)]
pub(super) struct HolderVerifier {
    inner: Arc<WebPkiServerVerifier>,
    accepted: BTreeSet<Ura>,
    required: bool,
}

impl HolderVerifier {
    /// For one holder, and those that stand in for it.
    pub(super) fn new(inner: Arc<WebPkiServerVerifier>, holder: &Ura, config: &EgressConfig) -> Self {
        let hosts = config.hosted_by.get(holder).into_iter().flatten();
        HolderVerifier {
            inner,
            accepted: hosts.chain([holder]).cloned().collect(),
            required: config.holder_certificates == HolderCertificates::Required,
        }
    }

    fn check(&self, certificate: &[u8]) -> Result<(), HttpError> {
        let stated = stated(certificate).ok_or(HttpError::Tls)?;
        let is_theirs = if stated.is_empty() {
            !self.required
        } else {
            stated.iter().any(|ura| self.accepted.contains(ura))
        };
        is_theirs.then_some(()).ok_or(HttpError::OtherOrganisation)
    }
}

impl ServerCertVerifier for HolderVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let verified =
            self.inner
                .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)?;
        self.check(end_entity).map_err(|error| {
            rustls::Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(error))))
        })?;
        Ok(verified)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}

/// Every URA that a certificate states; `None` when it cannot be read.
fn stated(certificate: &[u8]) -> Option<BTreeSet<Ura>> {
    let (rest, certificate) = x509_parser::parse_x509_certificate(certificate).ok()?;
    if !rest.is_empty() {
        return None;
    }
    let mut found = BTreeSet::new();
    for extension in certificate.extensions() {
        let ParsedExtension::SubjectAlternativeName(names) = extension.parsed_extension() else {
            continue;
        };
        for name in names.general_names.iter().take(MAX_NAMES) {
            if let GeneralName::OtherName(kind, value) = name
                && kind.to_id_string() == UZI_OTHER_NAME
            {
                found.extend(ura(text(value)?));
            }
        }
    }
    Some(found)
}

/// The text of an other name: a string within an explicit tag. `None` when it is neither.
fn text(value: &[u8]) -> Option<&str> {
    use x509_parser::der_parser::asn1_rs::{Any, FromDer};
    let (_, outer) = Any::from_der(value).ok()?;
    let inner = if outer.class() == x509_parser::der_parser::asn1_rs::Class::ContextSpecific {
        Any::from_der(outer.data).ok()?.1
    } else {
        outer
    };
    std::str::from_utf8(inner.data).ok()
}

/// The URA in a name of the form `<OID>-<version>-<number>-<type>-<URA>-<role>-<AGB>`; other forms state none.
fn ura(name: &str) -> Option<Ura> {
    let parts: Vec<&str> = name.split('-').collect();
    match parts[..] {
        [_, _, _, _, ura, _, _] => ura.parse().ok(),
        _ => None,
    }
}

/// The clients of holders, each with its own connections and its own view on certificates.
#[derive(Default)]
pub(super) struct HolderClients(Mutex<HashMap<Ura, reqwest::Client>>);

impl HolderClients {
    /// The client of a holder, made when it is not there.
    pub(super) fn of<E>(
        &self,
        holder: &Ura,
        make: impl FnOnce() -> Result<reqwest::Client, E>,
    ) -> Result<reqwest::Client, E> {
        let mut clients = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get(holder) {
            return Ok(client.clone());
        }
        if clients.len() >= MAX_CLIENTS {
            clients.clear();
        }
        let client = make()?;
        clients.insert(holder.clone(), client.clone());
        Ok(client)
    }
}

#[cfg(test)]
mod tests {
    use super::{stated, ura};

    #[test]
    fn the_ura_is_the_fifth_part_of_a_uzi_name() {
        let name = "2.16.528.1.1007.99.2110-1-900000017-S-00700700-00.000-01000009";
        assert_eq!(ura(name).map(|ura| ura.to_string()), Some("00700700".to_owned()));
        for other in [
            "",
            "00700700",
            "1-2-3-S-x-00.000-1",
            "1-2-3-S-00700700-00.000",
            "1-2-3-S-00700700-00.000-1-2",
        ] {
            assert_eq!(ura(other), None, "{other}");
        }
    }

    #[test]
    fn what_is_no_certificate_states_nothing_that_counts() {
        assert_eq!(stated(b""), None);
        assert_eq!(stated(b"\x30\x84\xff\xff\xff\xff"), None);
    }
}
