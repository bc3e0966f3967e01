//! The command line, on the binary itself.

mod audit;
mod config;
mod demo;
mod help;
mod misuse;
mod privacy;
mod process;
mod serve;
