//! Files that people write or edit, through the one door for them.

use std::path::Path;

use server::error::Failure;
use wire::edited;
use zeroize::Zeroizing;

/// Most bytes of such a file.
const LARGEST: u64 = 16 << 20;

/// The text of a file; `what` names the file in an error.
pub(crate) fn read(path: &Path, what: &str) -> Result<Zeroizing<String>, Failure> {
    let failed = || {
        Failure::new(format!(
            "{what} cannot be read: check its path and permissions"
        ))
    };
    if std::fs::metadata(path).map_err(|_| failed())?.len() > LARGEST {
        return Err(Failure::new(format!("{what} is larger than any such file")));
    }
    let bytes = Zeroizing::new(std::fs::read(path).map_err(|_| failed())?);
    edited::text(&bytes).map_err(|e| Failure::of(what, e))
}
