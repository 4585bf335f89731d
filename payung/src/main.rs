//! The binary `payung`: close the memory, parse the command line, run one command, say in one line what failed.
#![forbid(unsafe_code)]

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    payung::log::tell_only_where_it_panicked();
    match payung::memory::close() {
        Ok(()) => payung::run(payung::cli::Cli::parse()),
        Err(reason) => payung::refuse(reason),
    }
}
