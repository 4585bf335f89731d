//! `cargo xtask test`: everything that a change must pass.

use std::process::Command;

use crate::browser;
use crate::deps;
use crate::interface;
use crate::path::on_path;
use crate::postgres::Server;
use crate::step::{Report, cargo};
use crate::tool::{Tool, provide};
use crate::wasm::Compiler;
use crate::web;

/// What the caller leaves out.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Options {
    without: Vec<Tool>,
}

impl Options {
    /// Parses `[--without NAME]...`.
    pub(crate) fn parse(words: &[&str]) -> Result<Self, String> {
        let mut without = Vec::new();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let name = match word.strip_prefix("--without") {
                Some("") => words.next().copied(),
                Some(rest) => rest.strip_prefix('='),
                None => None,
            };
            let usage = "usage: cargo xtask test [--without postgres|zbar|wasm|chromium]...";
            without.push(name.and_then(Tool::parse).ok_or(usage)?);
        }
        Ok(Self { without })
    }

    fn wants(&self, tool: Tool) -> bool {
        !self.without.contains(&tool)
    }
}

/// The crates that a browser's pages are made of.
const BROWSER: [&str; 17] = [
    "--profile",
    "web",
    "--lib",
    "-p",
    "crypto",
    "-p",
    "wire",
    "-p",
    "privacy",
    "-p",
    "indicators",
    "-p",
    "release",
    "-p",
    "exports",
    "-p",
    "terminal",
];

/// Runs all steps and prints what became of them.
pub(crate) fn run(options: &Options) -> Result<(), String> {
    let wanted: Vec<Tool> = Tool::ALL
        .into_iter()
        .filter(|tool| options.wants(*tool))
        .collect();
    provide(&wanted)?;
    let server = if options.wants(Tool::Postgres) {
        Some(Server::start()?)
    } else {
        None
    };
    let mut report = Report::default();
    for tool in &options.without {
        report.leave_out(format!("what needs {}", tool.name()));
    }
    let compiler = Compiler::find().filter(|_| options.wants(Tool::Wasm));
    // First: the service that is tested carries the pages.
    if let Some(compiler) = &compiler {
        report.command("wasm builds", compiler.cargo("check", &BROWSER));
        report.step("web core", || web::core(compiler));
        report.step("pages", web::pages);
        report.step("pages again", web::again);
        report.step("core tests", web::tests);
    }
    report.step("dependencies", deps::check);
    report.command("format", cargo(&["fmt", "--all", "--check"]));
    report.command("lints", lints());
    report.command("documentation", documentation());
    report.command("tests", with_tools(tests(), server.as_ref(), options));
    report.command(
        "doc tests",
        with_tools(
            cargo(&["test", "--workspace", "--doc"]),
            server.as_ref(),
            options,
        ),
    );
    drop(server);
    if compiler.is_some() && options.wants(Tool::Chromium) {
        in_a_browser(&mut report);
    }
    report.finish()
}

/// The pages as people use them, and the interface as somebody else's program does.
fn in_a_browser(report: &mut Report) {
    let schemathesis = interface::provide();
    report.step("browser", || browser::run(schemathesis.as_deref().ok()));
    if let Err(why) = schemathesis {
        report.leave_out(format!("schemathesis over the interface: {why}"));
    }
}

fn lints() -> Command {
    cargo(&[
        "clippy",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ])
}

fn documentation() -> Command {
    let mut command = cargo(&[
        "doc",
        "--workspace",
        "--keep-going",
        "--no-deps",
        "--document-private-items",
    ]);
    command.env("RUSTDOCFLAGS", "-D warnings");
    command
}

fn tests() -> Command {
    if on_path("cargo-nextest").is_some() {
        cargo(&["nextest", "run", "--workspace"])
    } else {
        cargo(&[
            "test",
            "--workspace",
            "--lib",
            "--bins",
            "--tests",
            "--no-fail-fast",
        ])
    }
}

/// Tells the tests where the tools are: `PAYUNG_TEST_POSTGRES` (a URL) and `PAYUNG_TEST_ZBAR` (a program).
fn with_tools(mut command: Command, server: Option<&Server>, options: &Options) -> Command {
    command
        .env_remove("PAYUNG_TEST_POSTGRES")
        .env_remove("PAYUNG_TEST_ZBAR");
    if let Some(server) = server {
        command.env("PAYUNG_TEST_POSTGRES", server.url());
    }
    if let Some(program) = Tool::Zbar.find().filter(|_| options.wants(Tool::Zbar)) {
        command.env("PAYUNG_TEST_ZBAR", program);
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_of_writing_an_option() {
        let both = Options {
            without: vec![Tool::Postgres, Tool::Wasm],
        };
        assert_eq!(
            Options::parse(&["--without", "postgres", "--without=wasm"]),
            Ok(both)
        );
        assert_eq!(Options::parse(&[]), Ok(Options::default()));
        assert!(Options::parse(&["--without"]).is_err());
        assert!(Options::parse(&["--without", "mysql"]).is_err());
        assert!(Options::parse(&["fast"]).is_err());
    }
}
