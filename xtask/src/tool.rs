//! Tools that tests need and that cargo does not bring: found, else installed where that is possible.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::path::on_path;
use crate::wasm;

/// The package of the PostgreSQL server.
const POSTGRES: &str = "postgresql";

/// Something outside the workspace that part of the tests needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tool {
    /// The PostgreSQL server's programs (`initdb`, `postgres`, `pg_isready`).
    Postgres,
    /// `zbarimg`: a reader of printed codes that shares no line with ours.
    Zbar,
    /// A compiler for wasm32, and Node with npm for what is made of it.
    Wasm,
    /// Chromium, in which the pages are tried.
    Chromium,
}

impl Tool {
    /// All of them.
    pub(crate) const ALL: [Self; 4] = [Self::Postgres, Self::Zbar, Self::Wasm, Self::Chromium];

    /// The name on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Zbar => "zbar",
            Self::Wasm => "wasm",
            Self::Chromium => "chromium",
        }
    }

    /// Parses a name of the command line.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tool| tool.name() == name)
    }

    /// The folder (PostgreSQL) or the program (zbar, the compiler), when it is there.
    pub(crate) fn find(self) -> Option<PathBuf> {
        match self {
            Self::Postgres => postgres_folder(),
            Self::Zbar => on_path("zbarimg"),
            Self::Wasm => on_path("node")
                .and(on_path("npm"))
                .and(wasm::Compiler::find().map(|found| found.rustc())),
            Self::Chromium => on_path("chromium").or_else(|| on_path("chromium-browser")),
        }
    }

    /// Debian's packages that bring what is missing of it.
    fn packages(self) -> Vec<&'static str> {
        match self {
            Self::Postgres => vec![POSTGRES],
            Self::Zbar => vec!["zbar-tools"],
            Self::Wasm => wasm::packages(),
            Self::Chromium => vec!["chromium"],
        }
    }
}

/// Makes sure that `wanted` are there; tells the line to type when they cannot be installed from here.
pub(crate) fn provide(wanted: &[Tool]) -> Result<(), String> {
    if missing(wanted).contains(&Tool::Wasm) {
        wasm::add_target();
    }
    let packages = packages(&missing(wanted));
    if !packages.is_empty() && may_install() {
        println!("installing {}", packages.join(" "));
        install(&packages)?;
    }
    let missing = missing(wanted);
    match missing.first() {
        None => Ok(()),
        Some(tool) => Err(advice(tool.name(), &packages.join(" "))),
    }
}

fn missing(wanted: &[Tool]) -> Vec<Tool> {
    let absent = |tool: &&Tool| tool.find().is_none();
    wanted.iter().filter(absent).copied().collect()
}

fn packages(tools: &[Tool]) -> Vec<&'static str> {
    tools.iter().flat_map(|tool| tool.packages()).collect()
}

fn advice(name: &str, packages: &str) -> String {
    format!(
        "{name} is missing. Install it:\n\n    sudo apt-get update && sudo apt-get install --yes {packages}\n\n\
         (other systems: the packages that bring `initdb`, `zbarimg`, `chromium`, and Node 20 with npm; the compiler for a browser by `rustup \
         target add {target}`), or leave it out: cargo xtask test --without {name}",
        target = wasm::TARGET
    )
}

fn may_install() -> bool {
    on_path("apt-get").is_some() && is_root()
}

/// Whether this process runs as root.
pub(crate) fn is_root() -> bool {
    Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|out| out.stdout.trim_ascii() == b"0")
}

fn install(packages: &[&str]) -> Result<(), String> {
    // Debian's package would otherwise make and start a cluster of its own.
    let settings = Path::new("/etc/postgresql-common/createcluster.conf");
    if !settings.exists() && packages.contains(&POSTGRES) {
        let write = std::fs::create_dir_all("/etc/postgresql-common")
            .and_then(|()| std::fs::write(settings, "create_main_cluster = false\n"));
        write.map_err(|error| format!("cannot write {}: {error}", settings.display()))?;
    }
    apt_get(&["update", "--quiet"])?;
    let mut arguments = vec!["install", "--quiet", "--yes", "--no-install-recommends"];
    arguments.extend(packages);
    apt_get(&arguments)
}

fn apt_get(arguments: &[&str]) -> Result<(), String> {
    let status = Command::new("apt-get")
        .args(arguments)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdin(Stdio::null())
        .status()
        .map_err(|error| format!("apt-get cannot be started: {error}"))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("apt-get {}: {status}", arguments.join(" ")))
    }
}

/// Debian keeps the server's programs out of the search path, one folder for each major version: the newest wins.
fn postgres_folder() -> Option<PathBuf> {
    let debian = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    let versioned = debian.filter_map(|entry| {
        let version: u32 = entry.file_name().to_str()?.parse().ok()?;
        Some((version, entry.path().join("bin")))
    });
    let newest = versioned
        .filter(|(_, folder)| is_server(folder))
        .max_by_key(|(version, _)| *version);
    newest.map(|(_, folder)| folder).or_else(|| {
        let folder = on_path("initdb")?
            .canonicalize()
            .ok()?
            .parent()?
            .to_path_buf();
        is_server(&folder).then_some(folder)
    })
}

fn is_server(folder: &Path) -> bool {
    ["initdb", "postgres", "pg_isready"]
        .iter()
        .all(|program| folder.join(program).is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_parse_back() {
        for tool in Tool::ALL {
            assert_eq!(Tool::parse(tool.name()), Some(tool));
        }
        assert_eq!(Tool::parse("mysql"), None);
    }
}
