//! Packages: an archive is read within its limits or refused.

use samenhang_profiles::package::{ArchiveLimits, Package};

pub(crate) fn run(data: &[u8]) {
    let limits = ArchiveLimits {
        max_total: 16 << 20,
        ..ArchiveLimits::default()
    };
    if let Ok(package) = Package::read(data, &limits) {
        let content: usize = package.resources.iter().map(|resource| resource.body.len()).sum();
        assert!(content as u64 <= limits.max_total);
        assert!(
            package
                .resources
                .iter()
                .all(|resource| !resource.file.contains('/'))
        );
    }
}
