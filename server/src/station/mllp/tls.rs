//! TLS of a listener, with a client certificate.

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio_rustls::TlsAcceptor;

use super::MllpTlsConfig;

/// Why a listener cannot be secured. It names files, never what is in them.
#[derive(Debug, thiserror::Error)]
pub(in crate::station) enum MllpTlsError {
    /// A file that cannot be used.
    #[error("{0} cannot be used")]
    File(String),
    /// Certificate, key and authorities do not go together.
    #[error("the certificate, its key or the authorities cannot be used")]
    Material,
}

fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, MllpTlsError> {
    let wrong = || MllpTlsError::File(file.display().to_string());
    let read: Result<Vec<_>, _> = CertificateDer::pem_file_iter(file)
        .map_err(|_| wrong())?
        .collect();
    let read = read.map_err(|_| wrong())?;
    if read.is_empty() { Err(wrong()) } else { Ok(read) }
}

/// What secures the connections of a listener.
pub(in crate::station) fn acceptor(config: &MllpTlsConfig) -> Result<TlsAcceptor, MllpTlsError> {
    let mut roots = RootCertStore::empty();
    for authority in certificates(&config.client_ca_file)? {
        roots.add(authority).map_err(|_| MllpTlsError::Material)?;
    }
    let verifier = WebPkiClientVerifier::builder(Arc::new(roots))
        .build()
        .map_err(|_| MllpTlsError::Material)?;
    let key = PrivateKeyDer::from_pem_file(&config.key_file)
        .map_err(|_| MllpTlsError::File(config.key_file.display().to_string()))?;
    let server = ServerConfig::builder()
        .with_client_cert_verifier(verifier)
        .with_single_cert(certificates(&config.certificate_file)?, key)
        .map_err(|_| MllpTlsError::Material)?;
    Ok(TlsAcceptor::from(Arc::new(server)))
}
