//! The key of a source: what is kept is encrypted under it, and what is compared is hashed under it.
//!
//! One secret from a file, from which a key for each use is derived. Each object has a key of its own, drawn at random
//! and wrapped by the source's (envelope encryption): destroying the key file makes everything of the source unreadable.
//! Numbers and names of patients stand in the database as keyed hashes only.
//!
//! The key that wraps can be replaced ([`rotation`]): what is new is wrapped by the first key of the file, what is old is
//! read by whichever key opens it until it is sealed anew. The key of the hashes stays: what is compared must stay equal.

pub(crate) mod rotation;

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

use aes_gcm::Aes256Gcm;
use aes_gcm::aead::{Aead, KeyInit, Payload};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use samenhang_profiles::Bsn;
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::error::StationError;
use crate::surroundings::Surroundings;

/// Bytes of a secret.
const SECRET: usize = 32;
/// Bytes of a nonce.
const NONCE: usize = 12;
/// Bytes that sealing adds: nonce and tag.
pub(crate) const OVERHEAD: usize = NONCE + 16;

/// The keys of one source.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct SourceKey {
    /// The first wraps what is new; the others only open what is not sealed anew yet.
    wraps: Vec<[u8; 32]>,
    name: [u8; 32],
    receipt: [u8; 32],
}

/// The key of one object.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub(crate) struct ObjectKey([u8; 32]);

impl SourceKey {
    /// Derives the keys from a secret.
    ///
    /// # Errors
    /// [`StationError::Key`] when the secret has not 32 bytes.
    pub fn new(secret: &[u8]) -> Result<Self, StationError> {
        if secret.len() != SECRET {
            return Err(StationError::Key("the secret has not 32 bytes"));
        }
        let derive = |purpose: &[u8]| {
            let mut key = [0_u8; 32];
            Hkdf::<Sha256>::new(None, secret)
                .expand(purpose, &mut key)
                .map_err(|_| StationError::Key("the key could not be derived"))?;
            Ok::<_, StationError>(key)
        };
        Ok(SourceKey {
            wraps: vec![derive(b"samenhang station: wrap, version 1")?],
            name: derive(b"samenhang station: keyed names, version 1")?,
            receipt: derive(b"samenhang station: receipts, version 1")?,
        })
    }

    /// Reads the key file.
    ///
    /// # Errors
    /// [`StationError::File`] or [`StationError::Key`].
    pub fn read(path: &Path) -> Result<Self, StationError> {
        let file = File::open(path)?;
        only_owner_reads(&file)?;
        let mut secret = Zeroizing::new(Vec::new());
        file.take(rotation::LONGEST).read_to_end(&mut secret)?;
        if secret.len() == SECRET {
            return SourceKey::new(&secret);
        }
        SourceKey::of_text(&secret)
    }

    /// Makes a new key file. One that is there is left alone.
    ///
    /// # Errors
    /// [`StationError::File`] when it is there or cannot be written.
    pub fn create(path: &Path, surroundings: &dyn Surroundings) -> Result<(), StationError> {
        let mut options = File::options();
        options.write(true).create_new(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;
            options.mode(0o600);
        }
        let mut secret = Zeroizing::new([0_u8; SECRET]);
        surroundings.fill(secret.as_mut());
        let mut file = options.open(path)?;
        file.write_all(secret.as_ref())?;
        file.sync_all()?;
        Ok(())
    }

    /// A keyed hash, 64 hexadecimal digits: the same for the same purpose and parts, and of no use without the key.
    pub(crate) fn tag(&self, purpose: &str, parts: &[&[u8]]) -> String {
        hex(&mac(&self.name, purpose, parts))
    }

    /// The seal of a receipt.
    pub(crate) fn receipt(&self, body: &[u8]) -> String {
        hex(&mac(&self.receipt, "receipt", &[body]))
    }

    /// The pseudonym under which a patient stands in this source's part of the database.
    pub(crate) fn patient(&self, bsn: &Bsn) -> String {
        self.tag("bsn", &[bsn.expose().as_bytes()])
    }

    /// Seals a patient's number, bound to the pseudonym under which it stands.
    pub(crate) fn seal_number(
        &self,
        bsn: &Bsn,
        patient: &str,
        surroundings: &dyn Surroundings,
    ) -> Result<Vec<u8>, StationError> {
        self.seal(bsn.expose().as_bytes(), patient.as_bytes(), surroundings)
    }

    /// Opens a number that was sealed.
    pub(crate) fn open_number(&self, sealed: &str, patient: &str) -> Result<Bsn, StationError> {
        let damaged = StationError::Damaged("a sealed number cannot be read");
        let sealed = unhex(sealed).ok_or(damaged.clone())?;
        let digits = self.open(&sealed, patient.as_bytes())?;
        let digits = std::str::from_utf8(&digits).map_err(|_| damaged.clone())?;
        Bsn::parse(digits).map_err(|_| damaged)
    }

    /// Seals a few bytes under the source's own key. `about` binds them to their place.
    pub(crate) fn seal(
        &self,
        plain: &[u8],
        about: &[u8],
        surroundings: &dyn Surroundings,
    ) -> Result<Vec<u8>, StationError> {
        let mut nonce = [0_u8; NONCE];
        surroundings.fill(&mut nonce);
        let mut sealed = nonce.to_vec();
        let wrap = self
            .wraps
            .first()
            .ok_or(StationError::Key("it has no key to wrap by"))?;
        sealed.extend(encrypt(wrap, &nonce, plain, about)?);
        Ok(sealed)
    }

    /// Opens what [`SourceKey::seal`] sealed.
    pub(crate) fn open(&self, sealed: &[u8], about: &[u8]) -> Result<Zeroizing<Vec<u8>>, StationError> {
        let (nonce, sealed) = sealed
            .split_first_chunk::<NONCE>()
            .ok_or(StationError::Damaged("what was sealed is cut short"))?;
        let mut opened = Err(StationError::Key("it has no key to wrap by"));
        for wrap in &self.wraps {
            opened = decrypt(wrap, nonce, sealed, about);
            if opened.is_ok() {
                break;
            }
        }
        opened.map(Zeroizing::new)
    }
}

impl ObjectKey {
    /// A new key.
    pub(crate) fn draw(surroundings: &dyn Surroundings) -> Self {
        let mut key = [0_u8; 32];
        surroundings.fill(&mut key);
        ObjectKey(key)
    }

    /// The key as it stands in its object.
    pub(crate) fn wrapped(
        &self,
        by: &SourceKey,
        about: &[u8],
        surroundings: &dyn Surroundings,
    ) -> Result<Vec<u8>, StationError> {
        by.seal(&self.0, about, surroundings)
    }

    /// Reads a wrapped key.
    pub(crate) fn unwrap_from(wrapped: &[u8], by: &SourceKey, about: &[u8]) -> Result<Self, StationError> {
        let key = by.open(wrapped, about)?;
        let key = key
            .as_slice()
            .try_into()
            .map_err(|_| StationError::Damaged("the key of an object has not 32 bytes"))?;
        Ok(ObjectKey(key))
    }

    /// Seals the record of a number. A number is used once under a key.
    pub(crate) fn seal(&self, number: u64, plain: &[u8], about: &[u8]) -> Result<Vec<u8>, StationError> {
        encrypt(&self.0, &nonce(number), plain, about)
    }

    /// Opens the record of a number.
    pub(crate) fn open(&self, number: u64, sealed: &[u8], about: &[u8]) -> Result<Vec<u8>, StationError> {
        decrypt(&self.0, &nonce(number), sealed, about)
    }
}

fn nonce(number: u64) -> [u8; NONCE] {
    let mut nonce = [0_u8; NONCE];
    nonce[NONCE - 8..].copy_from_slice(&number.to_be_bytes());
    nonce
}

fn encrypt(key: &[u8; 32], nonce: &[u8; NONCE], msg: &[u8], aad: &[u8]) -> Result<Vec<u8>, StationError> {
    Aes256Gcm::new(key.into())
        .encrypt(nonce.into(), Payload { msg, aad })
        .map_err(|_| StationError::Key("what is to be kept could not be encrypted"))
}

fn decrypt(key: &[u8; 32], nonce: &[u8; NONCE], msg: &[u8], aad: &[u8]) -> Result<Vec<u8>, StationError> {
    Aes256Gcm::new(key.into())
        .decrypt(nonce.into(), Payload { msg, aad })
        .map_err(|_| StationError::Damaged("it was changed, or sealed under another key"))
}

/// HMAC-SHA-256 over a purpose and parts, each with its length. The key has a fixed length, which the algorithm always
/// accepts.
fn mac(key: &[u8; 32], purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
    let mut block = [0_u8; 64];
    block[..32].copy_from_slice(key);
    let mut mac = <Hmac<Sha256> as Mac>::new(&block.into());
    block.zeroize();
    for part in std::iter::once(&purpose.as_bytes()).chain(parts) {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// Refuses a file with a secret that others than its owner may read.
pub(crate) fn only_owner_reads(file: &File) -> Result<(), StationError> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        if file.metadata()?.mode() & 0o077 != 0 {
            return Err(StationError::Key(
                "the file is readable for others than its owner",
            ));
        }
    }
    Ok(())
}

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
    ];
    bytes
        .iter()
        .flat_map(|byte| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]])
        .collect()
}

/// Hexadecimal digits as bytes.
pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text
        .chars()
        .map(|digit| digit.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0)?;
    Some(
        digits
            .chunks_exact(2)
            .map(|pair| pair[0] << 4 | pair[1])
            .collect(),
    )
}
