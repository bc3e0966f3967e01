//! The key of the log: it makes patient pseudonyms and seals the chain, and names what a person corrected.
//!
//! One secret from a file, from which three keys are derived, so that no use can serve another. The key is
//! never printed and is wiped on drop.

use std::io::{Read, Write};
use std::path::Path;

use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use rand_core::{OsRng, RngCore};
use samenhang_profiles::Bsn;
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::audit::AuditError;
use crate::audit::store::private_file;

/// Fewest bytes of secret.
const SHORTEST: usize = 32;
/// Most bytes of secret that are read.
const LONGEST: u64 = 4096;

/// The key of one log.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Key {
    patient: [u8; 32],
    seal: [u8; 32],
    correction: [u8; 32],
}

impl Key {
    /// Derives the keys from a secret.
    ///
    /// # Errors
    /// [`AuditError::Key`] when the secret has fewer than 32 bytes.
    pub fn new(secret: &[u8]) -> Result<Self, AuditError> {
        if secret.len() < SHORTEST {
            return Err(AuditError::Key("the secret has fewer than 32 bytes"));
        }
        let derive = |purpose: &[u8]| {
            let mut key = [0_u8; 32];
            Hkdf::<Sha256>::new(None, secret)
                .expand(purpose, &mut key)
                .map_err(|_| AuditError::Key("the key could not be derived"))?;
            Ok::<_, AuditError>(key)
        };
        Ok(Key {
            patient: derive(b"samenhang audit: patient pseudonym, version 1")?,
            seal: derive(b"samenhang audit: chain seal, version 1")?,
            correction: derive(b"samenhang corrections: reference, version 1")?,
        })
    }

    /// Reads the secret from a file.
    ///
    /// # Errors
    /// [`AuditError::File`] when it cannot be read, [`AuditError::Key`] when it is too short or readable for
    /// others than its owner.
    pub fn read(path: &Path) -> Result<Self, AuditError> {
        let file = std::fs::File::open(path)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            if file.metadata()?.mode() & 0o077 != 0 {
                return Err(AuditError::Key("the file is readable for others than its owner"));
            }
        }
        let mut secret = Zeroizing::new(Vec::new());
        file.take(LONGEST).read_to_end(&mut secret)?;
        Key::new(&secret)
    }

    /// Reads the secret from a file, or makes a new random one when there is no such file.
    ///
    /// # Errors
    /// As [`Key::read`].
    pub fn read_or_create(path: &Path) -> Result<Self, AuditError> {
        match private_file(path, true) {
            Ok(mut file) => {
                let mut secret = Zeroizing::new([0_u8; SHORTEST]);
                OsRng.fill_bytes(secret.as_mut());
                file.write_all(secret.as_ref())?;
                file.sync_all()?;
                Key::new(secret.as_ref())
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Key::read(path),
            Err(error) => Err(error.into()),
        }
    }

    /// The pseudonym under which a patient stands in the log: 64 hexadecimal digits, the same for the same patient
    /// under the same key, and of no use to anyone without it.
    #[must_use]
    pub fn pseudonym(&self, patient: &Bsn) -> String {
        crate::audit::chain::hex(&mac(&self.patient, &[b"bsn:", patient.expose().as_bytes()]))
    }

    /// How a correction refers to a patient, or to a record of a patient by its address: of no use to anyone without the
    /// key.
    pub(crate) fn reference(&self, patient: &Bsn, record: Option<&str>) -> [u8; 32] {
        let digits = patient.expose().as_bytes();
        match record {
            Some(address) => mac(&self.correction, &[b"record:", digits, b":", address.as_bytes()]),
            None => mac(&self.correction, &[b"patient:", digits]),
        }
    }

    /// The seal of a chain that ends with this event.
    pub(super) fn seal(&self, sequence: i64, hash: &[u8; 32]) -> [u8; 32] {
        mac(&self.seal, &[&sequence.to_be_bytes(), hash])
    }
}

/// HMAC-SHA-256 over the parts. The key has a fixed length, which the algorithm always accepts.
fn mac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    let mut block = [0_u8; 64];
    block[..32].copy_from_slice(key);
    let mut mac = Hmac::<Sha256>::new(&block.into());
    block.zeroize();
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}
