//! Takes in the built pages, so that the service carries them: `target/pages` by `cargo xtask web`, or the folder that `PAYUNG_PAGES` names.
//! Without them nothing is listed, and the service says how they are built.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

#[allow(
    clippy::disallowed_methods,
    reason = "cargo says in its environment where a build script writes"
)]
fn main() -> io::Result<()> {
    println!("cargo::rerun-if-env-changed=PAYUNG_PAGES");
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/pages");
    let folder = env::var_os("PAYUNG_PAGES").map_or(own, PathBuf::from);
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut files = Vec::new();
    if folder.is_dir() {
        collect(&folder, &mut files)?;
    }
    // Two builds of the same pages are the same bytes.
    files.sort();
    let taken = out.join("taken");
    fs::create_dir_all(&taken)?;
    let mut list = String::from("&[\n");
    for (at, file) in files.iter().enumerate() {
        let name = file.strip_prefix(&folder).unwrap_or(file);
        let name = name.to_string_lossy().replace('\\', "/");
        // A copy: the pages may be built anew while this is compiled.
        let copy = taken.join(at.to_string());
        fs::copy(file, &copy)?;
        let copy = copy.display().to_string();
        let _ = writeln!(list, "    ({name:?}, include_bytes!({copy:?})),");
    }
    list.push_str("]\n");
    fs::write(out.join("pages.rs"), list)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        match path.is_dir() {
            true => collect(&path, files)?,
            false => files.push(path),
        }
    }
    Ok(())
}
