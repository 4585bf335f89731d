//! Steps: one command each, timed, all run, all reported at the end.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// The workspace's root folder.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// A `cargo` command in the root folder, with the environment a person's shell would give it.
///
/// `cargo run` leaves its own package's variables behind; build scripts that watch them (ring's does) would make
/// every change between `cargo xtask test` and `cargo test` rebuild half the tree.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new("cargo");
    command.args(arguments).current_dir(root());
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(is_left_behind) {
            command.env_remove(&name);
        }
    }
    command
}

fn is_left_behind(name: &str) -> bool {
    const PREFIXES: [&str; 4] = [
        "CARGO_PKG_",
        "CARGO_MANIFEST_",
        "CARGO_BIN_",
        "CARGO_CRATE_",
    ];
    name == "CARGO" || name == "OUT_DIR" || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// What became of one step.
struct Done {
    name: &'static str,
    failure: Option<String>,
    took: Duration,
}

/// Runs steps one after another and keeps what became of each; a failed step does not stop the next.
#[derive(Default)]
pub(crate) struct Report {
    done: Vec<Done>,
    left_out: Vec<String>,
}

impl Report {
    /// Runs `command` as the step `name`.
    pub(crate) fn command(&mut self, name: &'static str, mut command: Command) {
        self.step(name, || match command.status() {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(status.to_string()),
            Err(error) => Err(format!("cannot be started: {error}")),
        });
    }

    /// Runs `work` as the step `name`.
    pub(crate) fn step(&mut self, name: &'static str, work: impl FnOnce() -> Result<(), String>) {
        println!("\n== {name}");
        let start = Instant::now();
        let failure = work().err();
        if let Some(message) = &failure {
            eprintln!("{name}: {message}");
        }
        self.done.push(Done {
            name,
            failure,
            took: start.elapsed(),
        });
    }

    /// Notes that something was not run because the caller asked for that.
    pub(crate) fn leave_out(&mut self, what: String) {
        self.left_out.push(what);
    }

    /// Prints the table of all steps; an error when one failed.
    pub(crate) fn finish(self) -> Result<(), String> {
        println!("\n== summary");
        for step in &self.done {
            let word = step.failure.as_deref().unwrap_or("ok");
            println!(
                "{:<16} {:>6.1} s  {word}",
                step.name,
                step.took.as_secs_f64()
            );
        }
        for what in &self.left_out {
            println!("not run: {what}");
        }
        let failed: Vec<&str> = self
            .done
            .iter()
            .filter(|step| step.failure.is_some())
            .map(|step| step.name)
            .collect();
        if failed.is_empty() {
            Ok(())
        } else {
            Err(format!("failed: {}", failed.join(", ")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_variables_of_cargo_run_are_taken_away() {
        assert!(is_left_behind("CARGO_PKG_VERSION"));
        assert!(is_left_behind("CARGO_MANIFEST_DIR"));
        assert!(!is_left_behind("CARGO_HOME"));
        assert!(!is_left_behind("CARGO_TARGET_DIR"));
    }

    #[test]
    fn one_failed_step_fails_the_report_and_stops_nothing() {
        let mut report = Report::default();
        let mut second = false;
        report.step("first", || Err("no".to_owned()));
        report.step("second", || {
            second = true;
            Ok(())
        });
        assert!(second);
        assert_eq!(report.finish(), Err("failed: first".to_owned()));
    }
}
