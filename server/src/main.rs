//! The binary `samenhang`. Everything is in the library, so that tests can reach it.

use std::process::ExitCode;

/// Memory of one question is taken on the threads that receive it and given back on another, thousands of small pieces at a
/// time: what comes with the system makes those wait for each other.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    samenhang_server::cli::main(std::env::args_os())
}
