//! The key under which an authorisation server knows us, from its file.

use std::path::Path;

use samenhang_gather::token::ClientKey;
use zeroize::Zeroizing;

use crate::access::error::AccessError;

/// Reads a private key (P-384, PKCS#8 PEM).
///
/// # Errors
/// [`AccessError::KeyFile`].
pub(super) fn read(client_id: &str, path: &Path, key_id: &str) -> Result<ClientKey, AccessError> {
    let wrong = |reason| AccessError::KeyFile {
        file: path.display().to_string(),
        reason,
    };
    let pem = Zeroizing::new(std::fs::read(path).map_err(|_| wrong("it cannot be read"))?);
    ClientKey::new(client_id, &pem, key_id)
        .map_err(|_| wrong("it is not a private key on P-384 in PKCS#8 PEM"))
}
