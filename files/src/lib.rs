//! Files and folders that only their owner can read, written whole or not at all.
//!
//! A server and a desk both keep sealed keys on a disk, and neither knows the other: what they have in common lies here,
//! below both, and knows nothing of what it writes. Atomic by a new file beside, flush, rename, and a flush of the folder
//! (rename(2)). Limits: the modes are those of Unix; elsewhere the folder's own rights count. Two writers of one file at
//! once may lose one of the two contents, never mix them with an older one.
#![forbid(unsafe_code)]

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// Writes a file that only its owner can read, and flushes it to the disk. A file that is there keeps its rights; a symbolic
/// link in its place is refused, because whoever put it there chose what would be overwritten or where secrets would lie.
///
/// # Errors
/// The operating system's.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        let no_link = rustix::fs::OFlags::NOFOLLOW.bits() as i32;
        options.mode(0o600).custom_flags(no_link);
    }
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Puts a file in the place of the one that may be there: afterwards `path` holds all of `bytes` or what it held before.
///
/// # Errors
/// The operating system's; the file before stays whole.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    write(beside.as_ref(), bytes)?;
    std::fs::rename(&beside, path)?;
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    match folder {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

/// Makes a folder, and those above it, that only its owner can read, also when it is there already with wider rights.
///
/// # Errors
/// The operating system's.
pub fn folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)?;
    // A folder of somebody else's (a mounted volume) keeps its rights: each file in it is private by itself.
    #[cfg(unix)]
    let _ = std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o700));
    Ok(())
}

#[cfg(test)]
mod tests;
