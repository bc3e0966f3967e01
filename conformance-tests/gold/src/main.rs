//! The command `samenhang-gold`. Everything is in the library, so that tests can reach it.

use std::process::ExitCode;

fn main() -> ExitCode {
    samenhang_gold::cli::main(std::env::args_os())
}
