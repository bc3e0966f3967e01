//! The binary `samenhang`. Everything is in the library, so that tests can reach it.

use std::process::ExitCode;

fn main() -> ExitCode {
    samenhang_server::cli::main(std::env::args_os())
}
