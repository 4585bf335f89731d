//! The binary `payung`: parse the command line, run one command, say in one line what failed.
#![forbid(unsafe_code)]

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    payung::run(payung::cli::Cli::parse())
}
