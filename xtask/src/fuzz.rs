//! Runs every fuzz target for a while. Optional: needs cargo-fuzz and a nightly compiler.

use crate::path::on_path;
use crate::step::{Report, cargo, root};

const DEFAULT_SECONDS: u32 = 60;

/// Parses `[--seconds N]`.
pub(crate) fn seconds(words: &[&str]) -> Result<u32, String> {
    match words {
        [] => Ok(DEFAULT_SECONDS),
        ["--seconds", count] => count
            .parse()
            .map_err(|_| "--seconds wants a whole number".to_owned()),
        _ => Err("usage: cargo xtask fuzz [--seconds N]".to_owned()),
    }
}

/// Runs each target of `fuzz/fuzz_targets` for so many seconds.
pub(crate) fn run(seconds: u32) -> Result<(), String> {
    if on_path("cargo-fuzz").is_none() {
        return Err(
            "cargo-fuzz is missing. Install it:\n\n    cargo install --locked cargo-fuzz\n"
                .to_owned(),
        );
    }
    let mut report = Report::default();
    for target in targets()? {
        let mut command = cargo(&["+nightly", "fuzz", "run", &target]);
        command.args(["--", &format!("-max_total_time={seconds}")]);
        println!("\n-- {target}");
        report.command("fuzz", command);
    }
    report.finish()
}

fn targets() -> Result<Vec<String>, String> {
    let folder = root().join("fuzz/fuzz_targets");
    let files = std::fs::read_dir(folder).map_err(|_| "there are no fuzz targets".to_owned())?;
    let mut names: Vec<String> = files
        .flatten()
        .filter_map(|entry| {
            entry
                .file_name()
                .to_str()?
                .strip_suffix(".rs")
                .map(str::to_owned)
        })
        .collect();
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_seconds() {
        assert_eq!(seconds(&[]), Ok(DEFAULT_SECONDS));
        assert_eq!(seconds(&["--seconds", "5"]), Ok(5));
        assert!(seconds(&["--seconds", "-1"]).is_err());
        assert!(seconds(&["5"]).is_err());
    }
}
