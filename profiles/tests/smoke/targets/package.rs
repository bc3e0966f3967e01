//! Packages: an archive is read within its limits or refused.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use samenhang_profiles::package::{ArchiveLimits, Package};

pub(crate) fn run(data: &[u8]) {
    read(data);
    // The same as what is compressed, so that damage reaches it without having to fit a checksum.
    let mut packed = GzEncoder::new(Vec::new(), Compression::none());
    if packed.write_all(data).is_ok()
        && let Ok(packed) = packed.finish()
    {
        read(&packed);
    }
}

fn read(archive: &[u8]) {
    let limits = ArchiveLimits {
        max_total: 16 << 20,
        max_kept: 8 << 20,
        ..ArchiveLimits::default()
    };
    match Package::read(archive, &limits) {
        Ok(package) => {
            let content: usize = package.resources.iter().map(|resource| resource.body.len()).sum();
            assert!(content as u64 <= limits.max_kept);
            let within = |file: &str| !file.is_empty() && !file.contains('/');
            assert!(package.resources.iter().all(|resource| within(&resource.file)));
            assert!(package.unread.iter().all(|(file, _)| within(file)));
        }
        Err(error) => assert!(!error.to_string().is_empty() && !error.code().is_empty()),
    }
}
