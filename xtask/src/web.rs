//! The module that a page loads: built for wasm32, given its JavaScript, and asked under Node.

use std::process::Command;

use crate::step::{cargo, root};
use crate::wasm::{Compiler, TARGET, folder};

/// Builds `web/core`, writes `target/web/` and runs `web/core/tests/verify.mjs` over it.
pub(crate) fn run(compiler: &Compiler) -> Result<(), String> {
    finish(compiler.cargo(
        "build",
        &["--quiet", "--profile", "web", "--lib", "-p", "web-core"],
    ))?;
    let mut glue = cargo(&[
        "run",
        "--quiet",
        "--locked",
        "--manifest-path",
        "web/glue/Cargo.toml",
        "--target-dir",
        "target/tools",
        "--",
    ]);
    glue.arg(folder().join(TARGET).join("web/web_core.wasm"))
        .arg(root().join("target/web"));
    finish(glue)?;
    let mut node = Command::new("node");
    node.args(["--test", "web/core/tests/verify.mjs"])
        .current_dir(root());
    finish(node)
}

/// Runs a command to its end; an error names its program when it fails.
fn finish(mut command: Command) -> Result<(), String> {
    let name = command.get_program().to_string_lossy().into_owned();
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{name}: {status}")),
        Err(error) => Err(format!("{name} cannot be started: {error}")),
    }
}
