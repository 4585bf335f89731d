//! The pages: the core and the reader of codes built for wasm32, given their JavaScript, made small, and bundled with what people see; and
//! beside them the check of published files and the check of vectors, which go the same way but for the last step.
//!
//! ```text
//! web/core --cargo--> wasm --glue--> target/web --wasm-opt--> target/web --vite--> target/pages (+ .br)
//! ```
//!
//! What was made from the same bytes before is not made again where that takes long.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::step::{cargo, root};
use crate::tool::{Tool, provide};
use crate::wasm::{Compiler, TARGET, folder};

/// Features that every browser has in which the pages run (2022 and later), and that the compiler uses.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-multivalue",
];

/// The modules that people load, by the names of their crates: the core of the pages, the check of published files, and the reader of codes.
const MODULES: [&str; 3] = ["web-core", "web-verify", "web-reader"];
/// The module that checks the vectors of `crypto` in a browser. Nobody else loads it, and it is built apart: beside the others it
/// would give them the feature that it asks for.
const CHECK: [&str; 1] = ["web-vectors"];

/// `cargo xtask web`: everything, into `target/pages`, from where a build of the service takes it.
pub(crate) fn run() -> Result<(), String> {
    provide(&[Tool::Wasm])?;
    let compiler = Compiler::find().ok_or("no compiler for wasm32 was found")?;
    core(&compiler)?;
    pages()
}

/// Builds the modules and writes `target/web`.
pub(crate) fn core(compiler: &Compiler) -> Result<(), String> {
    packages()?;
    build(compiler, &MODULES)?;
    build(compiler, &CHECK)
}

/// Builds modules together.
fn build(compiler: &Compiler, names: &[&str]) -> Result<(), String> {
    let mut arguments = vec!["--quiet", "--profile", "web", "--lib"];
    arguments.extend(names.iter().flat_map(|name| ["-p", name]));
    finish(compiler.cargo("build", &arguments))?;
    names
        .iter()
        .try_for_each(|name| module(&name.replace('-', "_")))
}

/// Gives a module that was built its JavaScript, and makes it small.
fn module(name: &str) -> Result<(), String> {
    let built = folder().join(TARGET).join(format!("web/{name}.wasm"));
    // What is in `target/web` was made of this, so that it is not made again of the same.
    let seen = root().join(format!("target/web/{name}_made_of.wasm"));
    if same(&built, &seen) {
        return Ok(());
    }
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
    glue.arg(&built).arg(root().join("target/web"));
    finish(glue)?;
    shrink(&root().join(format!("target/web/{name}_bg.wasm")))?;
    let kept = fs::copy(&built, &seen);
    kept.map(drop)
        .map_err(|error| format!("target/web cannot be written: {error}"))
}

/// Makes a module small and quick, in place.
fn shrink(module: &Path) -> Result<(), String> {
    let mut optimise = Command::new("node");
    optimise
        .arg(root().join("web/node_modules/binaryen/bin/wasm-opt"))
        .args(FEATURES)
        .args(["-Os", "--strip-debug", "--strip-producers"])
        .arg(module)
        .arg("-o")
        .arg(module);
    finish(optimise)
}

/// Bundles the pages and compresses them.
pub(crate) fn pages() -> Result<(), String> {
    finish(npm(&["run", "--silent", "check"]))?;
    bundle("pages")
}

/// Bundles them into this folder of `target`.
fn bundle(folder: &str) -> Result<(), String> {
    let out = format!("../target/{folder}");
    finish(npm(&["run", "--silent", "build", "--", "--outDir", &out]))?;
    let mut brotli = Command::new("node");
    brotli
        .arg(root().join("web/build/brotli.mjs"))
        .arg(root().join("target").join(folder));
    finish(brotli)
}

/// Bundles them once more: whoever builds a commit must get the bytes that others got.
pub(crate) fn again() -> Result<(), String> {
    bundle("pages-again")?;
    let (first, second) = (
        root().join("target/pages"),
        root().join("target/pages-again"),
    );
    let difference = difference(&first, &second)?;
    fs::remove_dir_all(&second).map_err(|error| format!("target cannot be written: {error}"))?;
    match difference {
        None => Ok(()),
        Some(file) => Err(format!("two builds differ: {}", file.display())),
    }
}

/// A file that only one of two folders has, or that is not the same in both.
fn difference(one: &Path, other: &Path) -> Result<Option<PathBuf>, String> {
    let (ours, theirs) = (files(one)?, files(other)?);
    if let Some(missing) = ours.symmetric_difference(&theirs).next() {
        return Ok(Some(missing.clone()));
    }
    let mut all = ours.into_iter();
    Ok(all.find(|file| !same(&one.join(file), &other.join(file))))
}

/// Every file below a folder, by its path from there.
fn files(folder: &Path) -> Result<BTreeSet<PathBuf>, String> {
    let unreadable = |error| format!("{}: {error}", folder.display());
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let name = PathBuf::from(entry.file_name());
        if entry.path().is_dir() {
            found.extend(
                files(&entry.path())?
                    .into_iter()
                    .map(|file| name.join(file)),
            );
        } else {
            found.insert(name);
        }
    }
    Ok(found)
}

/// What Node runs of `web`, as its lock file says.
fn packages() -> Result<(), String> {
    let lock = root().join("web/package-lock.json");
    let kept = root().join("web/node_modules/lock-that-was-installed.json");
    if same(&lock, &kept) {
        return Ok(());
    }
    finish(npm(&["ci", "--ignore-scripts", "--no-audit", "--no-fund"]))?;
    let copied = fs::copy(&lock, &kept);
    copied
        .map(drop)
        .map_err(|error| format!("web/node_modules cannot be written: {error}"))
}

fn npm(arguments: &[&str]) -> Command {
    let mut npm = Command::new("npm");
    npm.args(arguments).current_dir(root().join("web"));
    npm
}

fn same(one: &Path, other: &Path) -> bool {
    let (one, other) = (fs::read(one), fs::read(other));
    matches!((one, other), (Ok(one), Ok(other)) if one == other)
}

/// Runs the tests of the modules that need no browser.
pub(crate) fn tests() -> Result<(), String> {
    let mut node = Command::new("node");
    node.args(["--test", "web/verify/tests/"])
        .current_dir(root());
    finish(node)
}

/// Runs a command to its end; an error names its program when it fails.
pub(crate) fn finish(mut command: Command) -> Result<(), String> {
    let name = command.get_program().to_string_lossy().into_owned();
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{name}: {status}")),
        Err(error) => Err(format!("{name} cannot be started: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_differs_or_is_missing_is_found() {
        let folder = root().join(format!("target/tmp/twice-{}", std::process::id()));
        let write = |name: &str, text: &str| {
            let path = folder.join(name);
            let made = path.parent().map_or(Ok(()), fs::create_dir_all);
            made.and_then(|()| fs::write(path, text)).is_ok()
        };
        assert!(write("one/a/b.js", "1") && write("other/a/b.js", "1"));
        let found = || difference(&folder.join("one"), &folder.join("other"));
        assert_eq!(found(), Ok(None));
        assert!(write("other/a/b.js", "2"));
        assert_eq!(found(), Ok(Some(PathBuf::from("a/b.js"))));
        assert!(write("other/a/b.js", "1") && write("other/c.css", ""));
        assert_eq!(found(), Ok(Some(PathBuf::from("c.css"))));
        assert!(fs::remove_dir_all(&folder).is_ok());
    }
}
