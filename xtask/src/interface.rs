//! The interface as its own description says it, tried by somebody else's program: schemathesis makes requests from
//! `/v1/openapi.json`, right and wrong ones, and holds every answer against it.
//!
//! It is Python and comes by pip into a folder of its own under `target/tools`, in the versions of `schemathesis.txt`. Where there is no Python, or
//! nothing to fetch it from, this is not run, and the summary says so: the workspace's own test of the description needs neither.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::step::root;
use crate::web::finish;

/// What is installed, with everything it needs.
const PINS: &str = "xtask/schemathesis.txt";
/// What is held against each answer. Not whether every request that fits is taken: a day, an id or a proof can fit and be wrong.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance";

/// Finds it, else fetches it.
///
/// # Errors
/// Why there is none.
pub(crate) fn provide() -> Result<PathBuf, String> {
    let folder = root().join("target/tools/schemathesis");
    let (program, kept) = (folder.join("bin/schemathesis"), folder.join("pins"));
    let pins = fs::read(root().join(PINS)).map_err(|error| format!("{PINS}: {error}"))?;
    if program.is_file() && fs::read(&kept).is_ok_and(|kept| kept == pins) {
        return Ok(program);
    }
    fetch(&folder).map_err(|error| {
        format!("{error} (python3 with its venv, and a package registry, are needed)")
    })?;
    fs::write(&kept, pins).map_err(|error| format!("{}: {error}", kept.display()))?;
    Ok(program)
}

fn fetch(folder: &Path) -> Result<(), String> {
    println!("installing schemathesis");
    let mut python = Command::new("python3");
    finish({
        python.args(["-m", "venv", "--clear"]).arg(folder);
        python
    })?;
    let mut pip = Command::new(folder.join("bin/pip"));
    pip.args(["install", "--quiet", "--requirement"])
        .arg(root().join(PINS));
    finish(pip)
}

/// Tries the service at `address`: the same requests each time.
///
/// # Errors
/// When an answer is none of those that the description names, or none at all.
pub(crate) fn try_out(program: &Path, address: &str) -> Result<(), String> {
    let mut command = Command::new(program);
    command
        .args(["run", "--seed", "1", "--max-examples", "5"])
        .args(["--phases", "examples,coverage,fuzzing"])
        .args(["--checks", CHECKS])
        .args(["--suppress-health-check", "all", "--no-color"])
        .arg(format!("{address}/v1/openapi.json"))
        .current_dir(root().join("target"));
    finish(command)
}
