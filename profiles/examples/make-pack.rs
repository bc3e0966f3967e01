//! Makes the packs that the binary carries from the published packages.
//!
//! `cargo run -p samenhang-profiles --example make-pack -- OUT.pack PACKAGE.tgz ...`
//!
//! The packages of one version of FHIR go in whole, the core package first. What a pack holds, and what it leaves out,
//! is told at `profiles/src/pack.rs`. The same packages always give the same file.

use std::error::Error;
use std::fs::File;

use samenhang_profiles::pack::{compile, select};
use samenhang_profiles::package::{ArchiveLimits, Package};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [out, files @ ..] = arguments.as_slice() else {
        return Err("usage: make-pack OUT.pack CORE.tgz PACKAGE.tgz ...".into());
    };
    let mut packages = Vec::new();
    for file in files {
        packages.push(Package::read(File::open(file)?, &ArchiveLimits::default())?);
    }
    let version = packages.first().ok_or("no package")?.fhir_version();
    std::fs::write(out, compile(version, &select(&packages)?)?)?;
    Ok(())
}
