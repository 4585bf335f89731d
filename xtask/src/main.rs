//! Development tasks: `cargo xtask help` lists them.
//!
//! `cargo xtask test` is the one command that says whether a change is good; the continuous integration calls it and
//! nothing else. This crate has no dependencies, so that the first thing a fresh clone builds takes seconds.
#![forbid(unsafe_code)]
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a development tool talks to a person, reads its environment and times its steps"
)]

mod advisories;
mod browser;
mod demo;
mod deps;
mod fuzz;
mod interface;
mod mutants;
mod path;
mod postgres;
mod step;
mod test;
mod tool;
mod wasm;
mod web;

use std::process::ExitCode;

const HELP: &str = "\
cargo xtask TASK

  test [--without NAME]...   format, lints, documentation, all tests on SQLite and PostgreSQL and in a browser
                             NAME is postgres, zbar, wasm or chromium: run what does not need it
  web                        builds the pages: target/pages, carried by the next build of the service
  demo [ARGUMENT]...         builds the pages and the service and runs `payung demo` with these arguments
  deps [--advisories]        one curve25519-dalek, one TLS stack, nothing forbidden in Cargo.lock; published advisories, when a
                             copy of RustSec's advisory-db lies in target/advisory-db or where PAYUNG_ADVISORIES says;
                             with --advisories it must
  fuzz [--seconds N]         every fuzz target for N seconds (60); needs cargo-fuzz
  mutants [--only NAME]...   breaks the statistics on purpose; a test must notice each time; needs cargo-nextest
  help                       this text
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match words.split_first() {
        Some((&"test", rest)) => test::Options::parse(rest).and_then(|options| test::run(&options)),
        Some((&"web", [])) => web::run(),
        Some((&"demo", rest)) => demo::run(rest),
        Some((&"deps", rest)) => deps::Options::parse(rest).and_then(deps::run),
        Some((&"fuzz", rest)) => fuzz::seconds(rest).and_then(fuzz::run),
        Some((&"mutants", rest)) => mutants::chosen(rest).and_then(|chosen| mutants::run(&chosen)),
        None | Some((&("help" | "--help" | "-h"), _)) => {
            print!("{HELP}");
            Ok(())
        }
        Some(_) => Err(format!("unknown task or option\n\n{HELP}")),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}
