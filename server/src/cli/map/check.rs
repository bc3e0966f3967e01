//! `samenhang map check`: what is wrong with a pack.

use super::CheckArgs;
use crate::cli::{Failure, output};
use crate::mapping::Choice;
use crate::mapping::check::{self, CheckError};

/// Judges the pack. Exit status 1 when something is an error.
pub(super) fn check(args: &CheckArgs) -> Result<u8, Failure> {
    let name = match (&args.folder, &args.pack) {
        (Some(folder), _) => {
            super::is_folder(folder)?;
            folder.display().to_string()
        }
        (None, name) => name.clone().unwrap_or_default(),
    };
    let faults =
        check::check(&Choice::Named(name), &super::packages(&args.packages)?).map_err(
            |error| match &error {
                CheckError::Pack(error) => super::misuse(error),
                CheckError::Definitions(_) => Failure::finding(format!("{}: {error}", error.code())),
            },
        )?;
    for fault in &faults {
        output::write_line(fault).map_err(|error| super::unwritten(&error))?;
    }
    Ok(u8::from(faults.iter().any(check::Fault::is_error)))
}
