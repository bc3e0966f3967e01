//! RSA keys of the simulated country, kept between processes. A key that cannot be read is made again, one that cannot be
//! written is not kept: only time is lost.

use std::path::{Path, PathBuf};

use rsa::RsaPrivateKey;
use rsa::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _, LineEnding};
use sha2::{Digest as _, Sha256};

/// The key that was kept for a seed and a purpose.
pub(super) fn find(folder: &Path, seed: u64, purpose: &str) -> Option<RsaPrivateKey> {
    let pem = std::fs::read_to_string(place(folder, seed, purpose)).ok()?;
    RsaPrivateKey::from_pkcs8_pem(&pem).ok()
}

/// Keeps a key. Other processes see all of it or nothing.
pub(super) fn keep(folder: &Path, seed: u64, purpose: &str, key: &RsaPrivateKey) {
    let Ok(pem) = key.to_pkcs8_pem(LineEnding::LF) else {
        return;
    };
    let path = place(folder, seed, purpose);
    let part = path.with_extension(format!("part-{}", std::process::id()));
    let kept = std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(&part, pem.as_bytes()))
        .and_then(|()| std::fs::rename(&part, &path));
    if kept.is_err() {
        let _ = std::fs::remove_file(&part);
    }
}

/// A file per seed and purpose. Its name changes with what makes the keys, which may then make others.
fn place(folder: &Path, seed: u64, purpose: &str) -> PathBuf {
    let name: String = Sha256::digest(format!("rsa 0.9 of 2048 bits, {seed}, {purpose}"))
        .iter()
        .take(12)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    folder.join(format!("{name}.pem"))
}

#[cfg(test)]
mod tests {
    use super::{find, keep, place};

    #[test]
    fn a_key_is_found_again_and_a_broken_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        assert!(find(folder.path(), 1, "x").is_none());
        let key = crate::keys::RsaKey::from_seed(1, "x").unwrap();
        keep(folder.path(), 1, "x", key.private());
        assert!(find(folder.path(), 1, "x").as_ref() == Some(key.private()));
        assert!(find(folder.path(), 2, "x").is_none());
        std::fs::write(place(folder.path(), 1, "x"), "-----BEGIN").unwrap();
        assert!(find(folder.path(), 1, "x").is_none());
    }
}
