//! `cargo xtask mutants`: breaks the statistics on purpose, one known way at a time, and demands that a test notices.
//!
//! The source tree is copied below the target folder and built there with a target folder of its own, so that nothing broken
//! ever meets a real build. First the unchanged copy must pass. Then each mutant of the list is put in, built (one that does
//! not compile proves nothing and fails the task) and tried with the tests named for it; it counts as caught when at least
//! one of them fails. A mutant that survives is a hole in the tests.

mod list;
mod mutant;
mod tree;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::time::Instant;

use crate::path::on_path;
use crate::step::cargo;
use list::MUTANTS;
use mutant::Mutant;
use tree::Tree;

/// What became of a mutant.
enum Outcome {
    /// These tests failed.
    Caught(BTreeSet<String>),
    Survived,
}

/// Parses `[--only NAME]...`: all mutants, or those named.
pub(crate) fn chosen(words: &[&str]) -> Result<Vec<&'static Mutant>, String> {
    if words.is_empty() {
        return Ok(MUTANTS.iter().collect());
    }
    let usage = "usage: cargo xtask mutants [--only NAME]...";
    let mut found = Vec::new();
    for pair in words.chunks(2) {
        let ["--only", name] = pair else {
            return Err(usage.to_owned());
        };
        let mutant = MUTANTS.iter().find(|mutant| mutant.name == *name);
        found.push(mutant.ok_or_else(|| format!("no such mutant; there are: {}", names()))?);
    }
    Ok(found)
}

/// The packages with mutants: a mistake in one is often noticed by the tests of another.
fn packages() -> BTreeSet<&'static str> {
    let folders = MUTANTS.iter().map(|mutant| mutant.file.split('/').next());
    folders.flatten().collect()
}

fn names() -> String {
    let names: Vec<&str> = MUTANTS.iter().map(|mutant| mutant.name).collect();
    names.join(", ")
}

/// Tries the mutants; an error when one survives.
pub(crate) fn run(mutants: &[&Mutant]) -> Result<(), String> {
    if on_path("cargo-nextest").is_none() {
        return Err(
            "cargo-nextest is missing. Install it:\n\n    cargo install --locked cargo-nextest\n"
                .to_owned(),
        );
    }
    let laboratory = Laboratory::new()?;
    laboratory.unchanged(mutants)?;
    println!("| mutant | caught by | seconds |\n|---|---|---|");
    let mut survivors = Vec::new();
    for mutant in mutants {
        let start = Instant::now();
        let word = match laboratory.try_out(mutant)? {
            Outcome::Caught(tests) => told(&tests),
            Outcome::Survived => {
                survivors.push(mutant.name);
                "NOTHING".to_owned()
            }
        };
        let seconds = start.elapsed().as_secs();
        println!("| `{}` | {word} | {seconds} |", mutant.name);
    }
    if survivors.is_empty() {
        Ok(())
    } else {
        Err(format!("no test notices: {}", survivors.join(", ")))
    }
}

/// Two names, and how many more there are.
fn told(tests: &BTreeSet<String>) -> String {
    let names: Vec<String> = tests
        .iter()
        .take(2)
        .map(|name| format!("`{name}`"))
        .collect();
    match tests.len() {
        0..=2 => names.join(", "),
        more => format!("{} and {} more", names.join(", "), more - 2),
    }
}

/// The copy and the target folder in which it is built.
struct Laboratory {
    tree: Tree,
    build: PathBuf,
}

impl Laboratory {
    fn new() -> Result<Self, String> {
        let folder = tree::target().join("mutants");
        Ok(Self {
            tree: Tree::copy(folder.join("tree"))?,
            build: folder.join("build"),
        })
    }

    /// The tests must pass before a failure means anything.
    fn unchanged(&self, mutants: &[&Mutant]) -> Result<(), String> {
        self.compiles("the unchanged copy")?;
        let tests: BTreeSet<&str> = mutants
            .iter()
            .flat_map(|mutant| mutant.tests.iter().copied())
            .collect();
        let output = self.tests(tests.iter().copied(), "pass")?;
        if output.status.success() {
            let report = text(&output);
            let missing = tests.into_iter().find(|part| !report.contains(part));
            return missing.map_or(Ok(()), |part| {
                Err(format!(
                    "the list of mutants is out of date: there is no test {part}"
                ))
            });
        }
        let failed: Vec<String> = failed(&text(&output)).into_iter().collect();
        Err(format!(
            "the unchanged copy fails its tests ({}): {}",
            output.status,
            failed.join(", ")
        ))
    }

    fn try_out(&self, mutant: &Mutant) -> Result<Outcome, String> {
        let _changed = self.tree.change(mutant)?;
        self.compiles(mutant.name)?;
        let output = self.tests(mutant.tests.iter().copied(), "fail")?;
        let failed = failed(&text(&output));
        match (output.status.success(), failed.is_empty()) {
            (true, _) => Ok(Outcome::Survived),
            (false, false) => Ok(Outcome::Caught(failed)),
            (false, true) => Err(format!(
                "{}: {} and no failed test:\n{}",
                mutant.name,
                output.status,
                text(&output)
            )),
        }
    }

    fn compiles(&self, name: &str) -> Result<(), String> {
        let output = finished(self.nextest().arg("--no-run"))?;
        if output.status.success() {
            Ok(())
        } else {
            Err(format!("{name} does not compile:\n{}", text(&output)))
        }
    }

    /// Runs the tests whose names have one of these parts; the report names those up to `level`.
    fn tests<'a>(
        &self,
        parts: impl Iterator<Item = &'a str>,
        level: &str,
    ) -> Result<Output, String> {
        let parts: Vec<String> = parts.map(|part| format!("test({part})")).collect();
        let mut command = self.nextest();
        command.args(["--no-fail-fast", "--status-level", level]);
        finished(command.args(["--filter-expr", &parts.join(" | ")]))
    }

    fn nextest(&self) -> Command {
        let mut command = cargo(&["nextest", "run", "--lib", "--color", "never"]);
        for package in packages() {
            command.args(["--package", package]);
        }
        command.current_dir(self.tree.folder());
        command.env("CARGO_TARGET_DIR", &self.build);
        // Seeds that caught one mutant must not be tried on the next.
        command.env("PROPTEST_DISABLE_FAILURE_PERSISTENCE", "1");
        command.env("RUST_BACKTRACE", "0");
        command
    }
}

fn finished(command: &mut Command) -> Result<Output, String> {
    let output = command.output();
    output.map_err(|error| format!("cargo cannot be started: {error}"))
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The tests that failed; not those that were killed or ran out of time, which may have had other reasons.
fn failed(report: &str) -> BTreeSet<String> {
    let lines = report.lines().map(str::trim_start);
    lines
        .filter(|line| line.starts_with("FAIL ["))
        .filter_map(|line| line.split_whitespace().last())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests;
