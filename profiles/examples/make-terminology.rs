//! Makes the terminology that the binary carries from the published packages.
//!
//! `cargo run -p samenhang-profiles --example make-terminology -- OUT.terms CORE.tgz PACKAGE.tgz ...`
//!
//! The packages of one version of FHIR, the core package first; for STU3 also the core package of R4, which has the
//! systems of HL7 version 2 and 3 that STU3's own has not. The same packages always give the same file.

use std::error::Error;
use std::fs::File;

use samenhang_profiles::pack::compile_terminology;
use samenhang_profiles::package::{ArchiveLimits, Package};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [out, files @ ..] = arguments.as_slice() else {
        return Err("usage: make-terminology OUT.terms CORE.tgz PACKAGE.tgz ...".into());
    };
    let mut packages = Vec::new();
    for file in files {
        packages.push(Package::read(File::open(file)?, &ArchiveLimits::default())?);
    }
    let version = packages.first().ok_or("no package")?.fhir_version();
    std::fs::write(out, compile_terminology(version, &packages)?)?;
    Ok(())
}
