//! What compiles for a browser: the shell's own toolchain where it has the target's standard library, else Debian's
//! compiler, which brings that library's source and builds it along.
//!
//! Everything is built under `target/wasm`: the two compilers may differ in version, and neither may throw away what
//! the other has built for this machine.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::path::on_path;
use crate::step::{cargo, root};

/// The target: WebAssembly without an operating system.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";
/// Where Debian puts them.
const RUSTC: &str = "/usr/bin/rustc";
const SOURCE: &str = "/usr/lib/rustlib/src/rust/library";

/// The oldest of Debian's that will do, major and minor: what the sources need (`rust-version` of the workspace), and what knows
/// `immediate-abort`. A list of packages that was not brought up to date offers an older one.
const OLDEST: (u32, u32) = (1, 94);

/// What is built with its standard library says nothing when it panics: in a browser nobody hears it, and the words are a tenth of a
/// module. It stops where it would have stopped.
const FLAGS: &str = "-Zunstable-options -Cpanic=immediate-abort -Zlocation-detail=none";

/// A compiler for [`TARGET`].
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Compiler {
    /// The shell's own.
    Own,
    /// Debian's, with the linker of the shell's toolchain.
    Debian {
        /// `rust-lld`.
        linker: PathBuf,
    },
}

impl Compiler {
    /// The one that is there; the shell's own first.
    pub(crate) fn find() -> Option<Self> {
        let library = PathBuf::from(ask(
            "rustc",
            &["--print", "target-libdir", "--target", TARGET],
        )?);
        if holds_core(&library) {
            return Some(Self::Own);
        }
        let version = ask(RUSTC, &["--version"]).and_then(|line| version(&line))?;
        if version < OLDEST || !Path::new(SOURCE).is_dir() {
            return None;
        }
        // Beside the libraries of this machine: LIB/../bin/rust-lld.
        let own = PathBuf::from(ask("rustc", &["--print", "target-libdir"])?);
        let linker = own.parent()?.join("bin/rust-lld");
        linker.is_file().then_some(Self::Debian { linker })
    }

    /// Its program.
    pub(crate) fn rustc(&self) -> PathBuf {
        match self {
            Self::Own => PathBuf::from("rustc"),
            Self::Debian { .. } => PathBuf::from(RUSTC),
        }
    }

    /// `cargo SUBCOMMAND` for this target with `arguments`.
    pub(crate) fn cargo(&self, subcommand: &str, arguments: &[&str]) -> Command {
        let mut command = cargo(&[subcommand, "--target", TARGET, "--target-dir"]);
        command.arg(folder());
        if let Self::Debian { linker } = self {
            command
                .arg("-Zbuild-std=std,panic_abort")
                .arg("-Zbuild-std-features=optimize_for_size")
                .env("RUSTC", RUSTC)
                // The standard library's source may only be built by a compiler that is told so.
                .env("RUSTC_BOOTSTRAP", "1")
                .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", FLAGS)
                .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
        }
        command.args(arguments);
        command
    }
}

/// Where everything for a browser is built.
pub(crate) fn folder() -> PathBuf {
    root().join("target/wasm")
}

/// Asks rustup for the target, where there is rustup; what comes of it is seen by [`Compiler::find`].
pub(crate) fn add_target() {
    if on_path("rustup").is_none() {
        return;
    }
    let added = Command::new("rustup")
        .args(["target", "add", TARGET])
        .current_dir(root())
        .status();
    if !added.is_ok_and(|status| status.success()) {
        println!("rustup cannot fetch {TARGET}");
    }
}

/// Debian's packages that bring what is missing: its compiler with the source of the standard library, and Node.
pub(crate) fn packages() -> Vec<&'static str> {
    let mut packages = Vec::new();
    if Compiler::find().is_none() {
        packages.extend(["rustc-web", "rust-web-src"]);
    }
    if on_path("node").is_none() {
        packages.push("nodejs");
    }
    if on_path("npm").is_none() {
        packages.push("npm");
    }
    packages
}

/// Major and minor of a line such as `rustc 1.96.0 (ac68faa20 2026-05-25)`.
fn version(line: &str) -> Option<(u32, u32)> {
    let mut parts = line.split_ascii_whitespace().nth(1)?.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// One line that a compiler answers.
fn ask(compiler: &str, arguments: &[&str]) -> Option<String> {
    let answer = Command::new(compiler)
        .args(arguments)
        .current_dir(root())
        .output()
        .ok()?;
    let text = String::from_utf8(answer.stdout).ok()?;
    answer.status.success().then(|| text.trim().to_owned())
}

/// Whether a folder of libraries is more than a name.
fn holds_core(folder: &Path) -> bool {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    files
        .filter_map(|file| file.file_name().into_string().ok())
        .any(|name| name.starts_with("libcore-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debians_compiler_is_told_what_to_build() {
        let linker = PathBuf::from("/rust-lld");
        let command = Compiler::Debian { linker }.cargo("check", &["-p", "crypto"]);
        let arguments: Vec<_> = command.get_args().collect();
        assert!(arguments.contains(&"-Zbuild-std=std,panic_abort".as_ref()));
        assert_eq!(arguments[arguments.len() - 2..], ["-p", "crypto"]);
        let set: Vec<_> = command
            .get_envs()
            .filter(|(_, value)| value.is_some())
            .map(|(name, _)| name.to_string_lossy().into_owned())
            .collect();
        let wanted = [
            "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER",
            "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS",
            "RUSTC",
            "RUSTC_BOOTSTRAP",
        ];
        assert!(wanted.iter().all(|name| set.iter().any(|one| one == name)));
    }

    #[test]
    fn the_shells_own_compiler_is_left_as_it_is() {
        let command = Compiler::Own.cargo("check", &[]);
        assert!(command.get_envs().all(|(_, value)| value.is_none()));
    }

    #[test]
    fn an_old_compiler_is_told_from_one_that_will_do() {
        let old = version("rustc 1.85.0 (4d91de4e4 2025-02-17) (built from a source tarball)");
        assert_eq!(old, Some((1, 85)));
        assert!(old < Some(OLDEST));
        assert!(version("rustc 1.96.0 (ac68faa20 2026-05-25)") > Some(OLDEST));
        assert_eq!(version("rustc"), None);
    }

    #[test]
    fn a_folder_without_libraries_is_no_target() {
        assert!(!holds_core(&root().join("xtask")));
        assert!(!holds_core(Path::new("/nowhere")));
    }
}
