//! `samenhang map test`: holds a pack to its cases.

use super::TestArgs;
use crate::cli::{Failure, output};
use crate::mapping::{Choice, cases};

/// Runs the cases and prints a line each. Exit status 1 when one is not as expected.
pub(super) fn test(args: &TestArgs) -> Result<u8, Failure> {
    super::is_folder(&args.folder)?;
    let loaded = super::load(&Choice::Named(args.folder.display().to_string()))?;
    let outcomes = cases::test(&loaded.pack, &args.folder, args.bless)
        .map_err(|error| super::misuse(&error).hint("a case is a folder DIR/cases/NAME with an input.*"))?;
    for outcome in &outcomes {
        output::write_line(outcome).map_err(|error| super::unwritten(&error))?;
    }
    let good = |outcome: &&cases::Outcome| ["passed", "blessed"].contains(&outcome.result);
    let passed = outcomes.iter().filter(good).count();
    output::notice(&format!("{passed} of {} cases are as expected", outcomes.len()));
    Ok(u8::from(passed < outcomes.len()))
}
