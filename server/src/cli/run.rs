//! Runs a command.

use super::{AuditCommand, Command, ConfigCommand, Failure};

/// Runs a command; the exit status, or why it failed.
pub(super) fn run(command: Command) -> Result<u8, Failure> {
    match command {
        Command::Demo(_) => Err(Failure::finding("not yet")),
        Command::Serve(_) => Err(Failure::finding("not yet")),
        Command::Testbed(_) => Err(Failure::finding("not yet")),
        Command::Config(ConfigCommand::Schema) => Err(Failure::finding("not yet")),
        Command::Config(ConfigCommand::Check { .. }) => Err(Failure::finding("not yet")),
        Command::Audit(AuditCommand::Verify { .. }) => Err(Failure::finding("not yet")),
    }
}
