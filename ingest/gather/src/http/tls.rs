//! Certificates and keys: whom we trust and how we show who we are. TLS 1.2 and 1.3 by rustls with ring.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};
use samenhang_profiles::Ura;
use zeroize::Zeroizing;

use super::holder::HolderVerifier;
use crate::config::EgressConfig;

/// Why certificates or keys cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A file cannot be read.
    #[error("failed to read {path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Not PEM, or nothing in it.
    #[error("no usable {0} in the PEM text")]
    Pem(&'static str),
    /// A certificate without its key, or the other way round.
    #[error("a client certificate and its key belong together")]
    Incomplete,
    /// The certificate and the key cannot be used together.
    #[error("the client certificate and key cannot be used: {0}")]
    Identity(rustls::Error),
}

/// Certificates and keys in PEM. No `Debug`: it holds a private key.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct TlsMaterial {
    /// Certificate authorities that other parties are trusted by.
    pub ca_pem: Option<String>,
    /// Our client certificate and its chain.
    pub client_certificate_pem: Option<String>,
    /// The private key of the client certificate.
    pub client_key_pem: Option<Zeroizing<String>>,
}

impl TlsMaterial {
    /// Reads the configured files.
    ///
    /// # Errors
    /// [`TlsError::File`].
    pub fn load(config: &EgressConfig) -> Result<Self, TlsError> {
        let read = |path: &Option<PathBuf>| path.as_deref().map(read).transpose();
        Ok(TlsMaterial {
            ca_pem: read(&config.ca_file)?,
            client_certificate_pem: read(&config.client_certificate_file)?,
            client_key_pem: read(&config.client_key_file)?.map(Zeroizing::new),
        })
    }

    /// Our own certificate in DER, the first of the chain.
    ///
    /// # Errors
    /// [`TlsError::Pem`] when there is none.
    pub fn own_certificate(&self) -> Result<Vec<u8>, TlsError> {
        let pem = self
            .client_certificate_pem
            .as_deref()
            .ok_or(TlsError::Pem("client certificate"))?;
        let first = CertificateDer::pem_slice_iter(pem.as_bytes())
            .next()
            .and_then(Result::ok)
            .ok_or(TlsError::Pem("client certificate"))?;
        Ok(first.as_ref().to_vec())
    }
}

/// Reads a text file.
pub(crate) fn read(path: &Path) -> Result<String, TlsError> {
    std::fs::read_to_string(path).map_err(|source| TlsError::File {
        path: path.to_owned(),
        source,
    })
}

/// Whose certificates a client trusts.
#[derive(Clone, Copy)]
pub(super) enum Whose<'a> {
    /// That of any party that our authorities vouch for.
    Anyone,
    /// That of one holder only.
    Holder(&'a Ura, &'a EgressConfig),
}

/// The rustls configuration of a client.
pub(super) fn client_config(material: &TlsMaterial, whose: Whose<'_>) -> Result<ClientConfig, TlsError> {
    let mut roots = RootCertStore::empty();
    if let Some(pem) = &material.ca_pem {
        for certificate in certificates(pem, "certificate authority")? {
            roots
                .add(certificate)
                .map_err(|_| TlsError::Pem("certificate authority"))?;
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let roots = Arc::new(roots);
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .map_err(TlsError::Identity)?;
    let builder = match whose {
        Whose::Holder(holder, config) if !roots.is_empty() => {
            let verifier = WebPkiServerVerifier::builder_with_provider(roots, provider)
                .build()
                .map_err(|_| TlsError::Pem("certificate authority"))?;
            let verifier = HolderVerifier::new(verifier, holder, config);
            // It checks all that the usual one does, and then whose the certificate is.
            builder
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(verifier))
        }
        // Without an authority nobody is trusted, whoever it is.
        _ => builder.with_root_certificates(roots),
    };
    let mut config = match (&material.client_certificate_pem, &material.client_key_pem) {
        (Some(chain), Some(key)) => {
            let chain = certificates(chain, "client certificate")?;
            let key =
                PrivateKeyDer::from_pem_slice(key.as_bytes()).map_err(|_| TlsError::Pem("client key"))?;
            builder
                .with_client_auth_cert(chain, key)
                .map_err(TlsError::Identity)?
        }
        (None, None) => builder.with_no_client_auth(),
        _ => return Err(TlsError::Incomplete),
    };
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

fn certificates(pem: &str, what: &'static str) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let all: Vec<_> = CertificateDer::pem_slice_iter(pem.as_bytes())
        .collect::<Result<_, _>>()
        .map_err(|_| TlsError::Pem(what))?;
    if all.is_empty() {
        return Err(TlsError::Pem(what));
    }
    Ok(all)
}
